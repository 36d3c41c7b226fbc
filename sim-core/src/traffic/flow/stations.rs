//! The pods of a service as stations: which group each belongs to, and what they do in a step of time.

use std::collections::BTreeSet;

use super::chain::Chain;
use super::grid::Grid;
use super::group::{Capacity, Group, Kind};
use super::rules::Rules;
use super::shares::Shares;
use crate::math;
use crate::random::{Stream, unit};
use crate::traffic::kernel::Endpoint;

/// The pods of a service.
#[derive(Clone, Debug)]
pub(super) struct Stations {
    pub(super) rules: Rules,
    pub(super) grid: Grid,
    pub(super) capacity: Capacity,
    pub(super) groups: Vec<Group>,
    slots: Vec<Slot>,
    unused: Vec<u32>,
    /// Pods that take requests, in the order in which they were added.
    members: u32,
    /// When pods change their kind: instant and slot.
    timers: BTreeSet<(u64, u32)>,
    draining: Vec<u32>,
    shares: Option<Shares>,
    /// The rate of all arrivals at the last step.
    total_rate: f64,
    luck: Stream,
    /// Worker-nanoseconds of a pod on average.
    mean_busy: f64,
    /// Requests inside, summed over stations.
    inside: f64,
    waiting: f64,
}

/// A place for a pod.
#[derive(Clone, Copy, Debug)]
struct Slot {
    place: Place,
    endpoint: Endpoint,
    /// Worker-nanoseconds in groups that it has left, less those of its group before it came.
    busy: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Unused,
    Group(usize),
    /// Finishes its requests: how many there were, when it began and when it ends, and what work that is.
    Drains {
        requests: f64,
        from: u64,
        until: u64,
        work: f64,
    },
}

/// What becomes of requests in a step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flows {
    pub(super) arrived: f64,
    pub(super) answered: f64,
    pub(super) timed_out: f64,
    pub(super) rejected: f64,
}

impl Stations {
    pub(super) fn new(rules: Rules, shares: Option<Shares>, luck: Stream) -> Self {
        let grid = rules.grid(1);
        let capacity = rules.capacity(&grid, 1);
        Self {
            rules,
            grid,
            capacity,
            groups: Vec::new(),
            slots: Vec::new(),
            unused: Vec::new(),
            members: 0,
            timers: BTreeSet::new(),
            draining: Vec::new(),
            shares,
            luck,
            mean_busy: 0.0,
            total_rate: 0.0,
            inside: 0.0,
            waiting: 0.0,
        }
    }

    /// Adds a pod without requests.
    pub(super) fn add(&mut self, endpoint: Endpoint, now: u64) -> u32 {
        let slot = self.unused.pop().unwrap_or_else(|| {
            self.slots.push(Slot { place: Place::Unused, endpoint, busy: 0.0 });
            (self.slots.len() - 1) as u32
        });
        self.slots[slot as usize] = Slot { place: Place::Unused, endpoint, busy: 0.0 };
        let weight = self.shares.as_ref().map_or(1.0, |_| 0.0);
        self.enter(slot, weight, now, None);
        self.members += 1;
        self.reshare(now);
        self.regrid();
        slot
    }

    /// Lets a pod that finishes its requests take others again.
    pub(super) fn restore(&mut self, slot: u32, endpoint: Endpoint, now: u64) {
        let (requests, work) = self.left(slot, now);
        self.draining.retain(|other| *other != slot);
        let state = &mut self.slots[slot as usize];
        (state.place, state.endpoint) = (Place::Unused, endpoint);
        state.busy += work;
        let weight = self.shares.as_ref().map_or(1.0, |_| 0.0);
        let chain = Chain::idle(&self.grid).moved(&self.grid, &self.grid, |_| requests);
        self.enter(slot, weight, now, Some(chain));
        self.members += 1;
        self.reshare(now);
        self.regrid();
    }

    /// Takes another grid where arrivals are more or less variable with the present number of pods.
    fn regrid(&mut self) {
        if !self.rules.outgrows(&self.grid, self.members) {
            return;
        }
        let grid = self.rules.grid(self.members);
        let capacity = self.rules.capacity(&grid, self.members);
        for group in &mut self.groups {
            group.settle();
            let (in_time, patience) = self.rules.patience(&grid, &capacity, group.kind.slow);
            let mut found = vec![0.0; grid.x.len()];
            for (node, requests) in group.found.iter().enumerate().filter(|(_, requests)| **requests > 0.0) {
                found[grid.below(self.grid.x[node])] += requests;
            }
            group.chain = group.chain.moved(&self.grid, &grid, |x| x);
            group.bias.clear();
            (group.found, group.in_time, group.patience) = (found, in_time, patience);
            group.refresh(&grid, &capacity);
        }
        (self.grid, self.capacity) = (grid, capacity);
        self.count();
    }

    /// Puts a pod into the group of its kind; `with` is what it brings.
    fn enter(&mut self, slot: u32, weight: f64, now: u64, with: Option<Chain>) {
        let endpoint = self.slots[slot as usize].endpoint;
        let (kind, next) = self.rules.kind(&endpoint, weight, now);
        if let Some(at) = next {
            self.timers.insert((at, slot));
        }
        if self.rules.pooled {
            return self.join_pool(slot, kind);
        }
        let place = self.group_of(kind);
        let group = &mut self.groups[place];
        group.settle();
        let chain = with.unwrap_or_else(|| Chain::idle(&self.grid));
        if group.stations < 0.5 {
            group.chain = chain;
        } else {
            group.chain.mix(&chain, 1.0 / (group.stations + 1.0));
        }
        group.stations += 1.0;
        group.refresh(&self.grid, &self.capacity);
        let state = &mut self.slots[slot as usize];
        state.busy -= group.busy;
        state.place = Place::Group(place);
        self.count();
    }

    fn group_of(&mut self, kind: Kind) -> usize {
        self.groups.iter().position(|group| group.kind == kind).unwrap_or_else(|| {
            let (in_time, patience) = self.rules.patience(&self.grid, &self.capacity, kind.slow);
            self.groups.push(Group::new(kind, &self.grid, in_time, patience));
            self.groups.len() - 1
        })
    }

    /// All pods of a service with the least outstanding requests first are one station with all their workers.
    fn join_pool(&mut self, slot: u32, kind: Kind) {
        let pods = self.pool() + 1.0;
        let slow = self.groups.first().map_or(0.0, |group| (pods - 1.0) / group.kind.slow) + 1.0 / kind.slow;
        self.resize_pool(pods, pods / slow, 1.0);
        let state = &mut self.slots[slot as usize];
        state.busy -= self.groups[0].busy;
        state.place = Place::Group(0);
    }

    fn pool(&self) -> f64 {
        self.groups.first().map_or(0.0, |group| if group.stations > 0.0 { self.pool_size() } else { 0.0 })
    }

    fn pool_size(&self) -> f64 {
        (self.grid.x[self.grid.full] / f64::from(self.rules.workers)).round()
    }

    fn resize_pool(&mut self, pods: f64, slow: f64, keep: f64) {
        let kind = Kind { slow, weight: 1.0, deaf: false };
        let grid = self.rules.grid(pods as u32);
        let capacity = self.rules.capacity(&grid, pods as u32);
        let (in_time, patience) = self.rules.patience(&grid, &capacity, slow);
        let mut group = Group::new(kind, &grid, in_time, patience);
        if let Some(old) = self.groups.first_mut() {
            old.settle();
            group.chain = old.chain.moved(&self.grid, &grid, |x| x * keep);
            group.busy = old.busy;
            for (node, found) in old.found.iter().enumerate().filter(|(_, found)| **found > 0.0) {
                let place = grid.below(self.grid.x[node] * keep);
                group.found[place] += found;
            }
        }
        group.stations = f64::from(u8::from(pods > 0.5));
        (self.grid, self.capacity) = (grid, capacity);
        group.refresh(&self.grid, &self.capacity);
        self.groups = vec![group];
        self.count();
    }

    /// Takes a pod out of its group. Returns the requests that it has, and the distribution of their number if it has a station of its own.
    fn leave(&mut self, slot: u32) -> (f64, Option<Chain>) {
        let Place::Group(place) = self.slots[slot as usize].place else { return (0.0, None) };
        if self.rules.pooled {
            let pods = self.pool();
            let group = &self.groups[0];
            let (inside, slow, busy) = (group.moments.inside / pods, group.kind.slow, group.busy);
            if pods > 1.5 {
                self.resize_pool(pods - 1.0, slow, (pods - 1.0) / pods);
            } else {
                self.groups[0].settle();
                self.groups[0].stations = 0.0;
                self.groups[0].chain = Chain::idle(&self.grid);
                self.groups[0].refresh(&self.grid, &self.capacity);
                self.count();
            }
            self.slots[slot as usize].busy += busy;
            return (inside, None);
        }
        let group = &mut self.groups[place];
        group.settle();
        group.stations -= 1.0;
        let inside = group.moments.inside;
        self.slots[slot as usize].busy += group.busy;
        let chain = group.chain.clone();
        self.count();
        (inside, Some(chain))
    }

    /// Lets a pod take no more requests; returns when it will be done with those that it has, of which there are as many as chance has it.
    pub(super) fn remove(&mut self, slot: u32, now: u64) -> u64 {
        let Place::Group(place) = self.slots[slot as usize].place else {
            return if let Place::Drains { until, .. } = self.slots[slot as usize].place { until } else { 0 };
        };
        let group = &self.groups[place];
        let speed = self.capacity.departures[self.grid.full] / group.kind.slow;
        let lasts = self.rules.law.residual() * group.kind.slow;
        let (workers, pods) = (f64::from(self.rules.workers), if self.rules.pooled { self.pool() } else { 1.0 });
        // The last of n services that are in work takes about the n-th harmonic number times as long as one.
        let last = |x: f64| if x < 1.0 { x } else { 1.0 + math::ln(x.min(workers)) };
        // A pod has a whole number of requests, and one without any can go at once.
        let mut place = unit(&mut self.luck);
        let chain = &group.chain;
        let drawn = (chain.low..chain.high).find(|node| {
            place -= chain.p[*node];
            place < 0.0
        });
        let node = drawn.unwrap_or(chain.high);
        let requests = self.grid.x[node] / pods;
        let seconds = self.grid.waiting(node) / speed + lasts * last(requests);
        self.leave(slot);
        self.members -= 1;
        let until = now + (seconds * 1e9) as u64;
        let work = requests * lasts * 1e9;
        self.slots[slot as usize].place = Place::Drains { requests, from: now, until, work };
        self.draining.push(slot);
        self.reshare(now);
        self.regrid();
        until
    }

    /// Takes a pod away; returns the requests that it had left.
    pub(super) fn release(&mut self, slot: u32, now: u64) -> f64 {
        if let Place::Group(_) = self.slots[slot as usize].place {
            let (requests, _) = self.leave(slot);
            self.members -= 1;
            self.slots[slot as usize].place = Place::Unused;
            self.unused.push(slot);
            self.reshare(now);
            self.regrid();
            return requests;
        }
        let lost = self.left(slot, now).0;
        self.draining.retain(|other| *other != slot);
        self.slots[slot as usize].place = Place::Unused;
        self.unused.push(slot);
        lost
    }

    /// Whether a pod has requests left at `now`.
    pub(super) fn has_work(&self, slot: u32, now: u64) -> bool {
        match self.slots[slot as usize].place {
            Place::Unused => false,
            Place::Group(_) => true,
            Place::Drains { until, .. } => until > now,
        }
    }

    /// What a draining pod has left of its requests, and what work it has done.
    fn left(&self, slot: u32, now: u64) -> (f64, f64) {
        let Place::Drains { requests, from, until, work } = self.slots[slot as usize].place else { return (0.0, 0.0) };
        let share = if until > from { (now.saturating_sub(from) as f64 / (until - from) as f64).min(1.0) } else { 1.0 };
        (requests * (1.0 - share), work * share)
    }

    /// Worker-nanoseconds that a pod has spent.
    pub(super) fn busy(&self, slot: u32, at: u64) -> u64 {
        let state = &self.slots[slot as usize];
        let since = match state.place {
            Place::Unused => 0.0,
            Place::Group(place) => self.groups[place].busy,
            Place::Drains { .. } => self.left(slot, at).1,
        };
        (state.busy + since).max(0.0) as u64
    }

    /// When pods change their kind next.
    pub(super) fn next_change(&self) -> u64 {
        self.timers.first().map_or(u64::MAX, |timer| timer.0)
    }

    /// Moves pods whose kind has changed by `now`; returns whether there were any.
    pub(super) fn change_kinds(&mut self, now: u64) -> bool {
        let mut changed = false;
        while let Some(&(at, slot)) = self.timers.first().filter(|timer| timer.0 <= now) {
            self.timers.remove(&(at, slot));
            if let Place::Group(place) = self.slots[slot as usize].place {
                let kind = self.groups[place].kind;
                let (new, next) = self.rules.kind(&self.slots[slot as usize].endpoint, kind.weight, now);
                if let Some(next) = next {
                    self.timers.insert((next, slot));
                }
                if new != kind && !self.rules.pooled {
                    let (_, chain) = self.leave(slot);
                    self.enter(slot, kind.weight, now, chain);
                    changed = true;
                }
            }
        }
        changed
    }

    /// Gives pods their shares of requests again, where those depend on which pods there are.
    fn reshare(&mut self, now: u64) {
        let Some(shares) = &mut self.shares else { return };
        let present: Vec<(u32, Endpoint)> = self
            .slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| matches!(slot.place, Place::Group(_)))
            .map(|(index, slot)| (index as u32, slot.endpoint))
            .collect();
        for (slot, weight) in shares.of(&present) {
            let Place::Group(place) = self.slots[slot as usize].place else { continue };
            if self.groups[place].kind.weight != weight {
                let (_, chain) = self.leave(slot);
                self.enter(slot, weight, now, chain);
            }
        }
    }

    /// Worker-nanoseconds that a pod has spent on average.
    pub(super) const fn mean_busy(&self) -> f64 {
        self.mean_busy
    }

    /// Whether no pod takes requests.
    pub(super) const fn is_empty(&self) -> bool {
        self.members == 0
    }

    /// Whether all requests go to one station.
    pub(super) const fn is_one(&self) -> bool {
        self.members == 1 || self.rules.pooled
    }

    /// Requests at pods, those that drain included.
    pub(super) fn inside(&self, now: u64) -> f64 {
        self.inside + self.draining.iter().map(|slot| self.left(*slot, now).0).sum::<f64>()
    }

    /// Requests that wait for a worker.
    pub(super) const fn waiting(&self) -> f64 {
        self.waiting
    }

    /// Requests at each pod, by slot; fractions are rounded so that the sum is right.
    pub(super) fn outstanding(&self, now: u64) -> Vec<u32> {
        let mut due = 0.5;
        let each = |slot: &Slot, index: usize| match slot.place {
            Place::Unused => 0.0,
            Place::Group(place) => self.groups[place].moments.inside / if self.rules.pooled { self.pool() } else { 1.0 },
            Place::Drains { .. } => self.left(index as u32, now).0,
        };
        self.slots
            .iter()
            .enumerate()
            .map(|(index, slot)| {
                due += each(slot, index);
                let whole = due as u32;
                due -= f64::from(whole);
                whole
            })
            .collect()
    }

    fn count(&mut self) {
        let groups = || self.groups.iter().filter(|group| !group.kind.deaf);
        (self.inside, self.waiting) =
            (groups().map(|group| group.stations * group.moments.inside).sum(), groups().map(|group| group.stations * group.moments.waiting).sum());
    }

    /// Finds the step of `dt` seconds at this rate of all arrivals, of users who think for some seconds and how many they are. Returns by how much distributions would change.
    pub(super) fn try_step(&mut self, total: f64, dt: f64, users: Option<(f64, f64)>) -> f64 {
        let weight: f64 = self.groups.iter().map(|group| group.stations * group.kind.weight).sum();
        let tails = self.rules.two_choices.then(|| self.tails());
        let pods: f64 = self.groups.iter().map(|group| group.stations).sum();
        self.total_rate = total;
        let one = self.is_one();
        let mut change = 0.0;
        for group in self.groups.iter_mut().filter(|group| group.stations > 0.0) {
            let share = if weight > 0.0 { group.kind.weight / weight } else { 1.0 / pods };
            group.bias.clear();
            if let Some(tails) = &tails {
                group.bias.extend(tails.windows(2).map(|pair| pair[0] + pair[1]));
            }
            if let Some((think, present)) = users.filter(|_| total > 0.0) {
                // Users who are here are not among those who will come: of one station, exactly so; of several, as many fewer come to each as are here.
                let inside = group.moments.inside;
                let others = if one { think * total } else { present };
                let fewer = |x: f64| (1.0 + (inside - x) / others).max(0.0);
                if group.bias.is_empty() {
                    group.bias.extend(self.grid.x.iter().map(|x| fewer(*x)));
                } else {
                    group.bias.iter_mut().zip(&self.grid.x).for_each(|(bias, x)| *bias *= fewer(*x));
                }
            }
            if group.kind.deaf {
                group.rate = total * share;
            } else {
                change += group.stations / pods * group.try_step(&self.grid, &self.capacity, total * share, dt);
            }
        }
        change
    }

    /// Probability that a pod has at least as many requests as each node, and zero at the end.
    fn tails(&self) -> Vec<f64> {
        let pods: f64 = self.groups.iter().map(|group| group.stations).sum();
        let mut tails = vec![0.0; self.grid.x.len() + 1];
        if pods < 1.5 {
            // The only pod gets every request: its tails add up to one at each node.
            tails.fill(0.5);
            return tails;
        }
        for group in self.groups.iter().filter(|group| group.stations > 0.0) {
            let chain = &group.chain;
            for (tail, p) in tails[chain.low..=chain.high].iter_mut().zip(&chain.p[chain.low..=chain.high]) {
                *tail += group.stations / pods * p;
            }
        }
        for node in (0..self.grid.x.len()).rev() {
            tails[node] += tails[node + 1];
        }
        tails
    }

    /// Requests at pods after the step that was found last.
    pub(super) fn inside_next(&self) -> f64 {
        let groups = self.groups.iter().filter(|group| group.stations > 0.0 && !group.kind.deaf);
        groups.map(|group| group.stations * group.inside_next(&self.grid)).sum()
    }

    /// Makes that step.
    pub(super) fn take_step(&mut self) {
        for group in self.groups.iter_mut().filter(|group| group.stations > 0.0 && !group.kind.deaf) {
            group.take_step(&self.grid, &self.capacity);
        }
        self.count();
    }

    /// Lets `dt` seconds go by with the present distributions at this rate of all arrivals, `more` times as many as expected.
    pub(super) fn pass(&mut self, total: f64, dt: f64, more: f64) -> Flows {
        let change = if self.total_rate > 0.0 { total / self.total_rate } else { 1.0 };
        let mut flows = Flows::default();
        for group in self.groups.iter_mut().filter(|group| group.stations > 0.0) {
            let requests = group.rate * change * group.stations * dt * more;
            let moments = group.moments;
            if group.kind.deaf {
                let all = requests * group.bias_at(0);
                flows.arrived += all;
                flows.rejected += all;
                continue;
            }
            let work = moments.work * (1.0 + moments.idle * (change - 1.0)) * dt;
            group.worked += work;
            self.mean_busy += work * group.stations * 1e9 / f64::from(self.members);
            group.busy += work * 1e9 / self.rules.each(&self.grid);
            group.arrive(requests);
            flows.answered += requests * moments.answered;
            let refused = requests * moments.refused;
            let hopeless = requests * moments.hopeless;
            let turned_away = self.rules.turned_away(group.rate * change, self.grid.x[self.grid.full]);
            flows.rejected += refused + hopeless * turned_away;
            flows.timed_out += requests * moments.late + hopeless * (1.0 - turned_away);
            flows.arrived += requests * (moments.answered + moments.late) + refused + hopeless;
        }
        flows
    }

    /// Does worker-seconds more than since the last call, or fewer; returns how many. Each pod gets its part of them, and none works backwards.
    pub(super) fn work_more(&mut self, seconds: f64) -> f64 {
        let worked: f64 = self.groups.iter().map(|group| group.worked * group.stations).sum();
        let share = if worked > 0.0 { (seconds / worked).clamp(-0.9, 1.0) } else { 0.0 };
        let each = self.rules.each(&self.grid);
        for group in &mut self.groups {
            group.busy += group.worked * share * 1e9 / each;
            group.worked = 0.0;
        }
        self.mean_busy += worked * share * 1e9 / f64::from(self.members.max(1));
        worked * share
    }

    /// Probability that a pod has an idle worker, over all pods.
    pub(super) fn idle(&self) -> f64 {
        let (sum, count) = self
            .groups
            .iter()
            .filter(|group| !group.kind.deaf)
            .fold((0.0, 0.0), |(sum, count), group| (sum + group.stations * group.moments.idle, count + group.stations));
        if count > 0.0 { sum / count } else { 0.0 }
    }

    /// By how much the rate of all arrivals differs from the last step's, as a share.
    pub(super) fn drift(&self, total: f64) -> f64 {
        if self.total_rate > 0.0 { (total / self.total_rate - 1.0).abs() } else { f64::from(u8::from(total > 0.0)) }
    }

    /// Puts requests that all come at this instant among the pods.
    pub(super) fn burst(&mut self, requests: f64) {
        let stations: f64 = self.groups.iter().filter(|group| !group.kind.deaf).map(|group| group.stations).sum();
        if stations == 0.0 {
            return;
        }
        for group in self.groups.iter_mut().filter(|group| group.stations > 0.0 && !group.kind.deaf) {
            group.settle();
            let each = requests / stations;
            for node in group.chain.low..=group.chain.high {
                group.found[node] += requests * group.stations / stations * group.chain.p[node];
            }
            group.chain = group.chain.moved(&self.grid, &self.grid, |x| x + each);
            group.refresh(&self.grid, &self.capacity);
        }
        self.count();
    }
}
