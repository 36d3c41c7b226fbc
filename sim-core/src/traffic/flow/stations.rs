//! The pods of a service as stations: which group each belongs to, and what it has done.

mod leaving;
mod passing;
mod pool;

use std::collections::BTreeSet;

use super::chain::Chain;
use super::grid::Grid;
use super::group::{Capacity, Group, Kind};
use super::rules::Rules;
use super::shares::Shares;
use crate::random::Stream;
use crate::traffic::kernel::Endpoint;
pub(super) use passing::Flows;

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
    /// Requests that waited in a queue whose last pod has gone.
    left_behind: f64,
    /// The speeds of all pods, summed, if they are one station.
    pool_speed: f64,
}

/// A place for a pod.
#[derive(Clone, Copy, Debug)]
struct Slot {
    place: Place,
    endpoint: Endpoint,
    /// Worker-nanoseconds in groups that it has left, less those of its group before it came.
    busy: f64,
    /// Time that a unit of work takes there, if all pods are one station.
    slow: f64,
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
            left_behind: 0.0,
            pool_speed: 0.0,
        }
    }

    /// Requests that waited in a queue whose last pod has gone, once.
    pub(super) const fn take_left_behind(&mut self) -> f64 {
        std::mem::replace(&mut self.left_behind, 0.0)
    }

    /// Adds a pod without requests.
    pub(super) fn add(&mut self, endpoint: Endpoint, now: u64) -> u32 {
        let slot = self.unused.pop().unwrap_or_else(|| {
            self.slots.push(Slot { place: Place::Unused, endpoint, busy: 0.0, slow: 1.0 });
            (self.slots.len() - 1) as u32
        });
        self.slots[slot as usize] = Slot { place: Place::Unused, endpoint, busy: 0.0, slow: 1.0 };
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
            let fates = self.rules.fates(&grid, &capacity, group.kind.slow);
            let mut found = vec![0.0; grid.x.len()];
            for (node, requests) in group.found.iter().enumerate().filter(|(_, requests)| **requests > 0.0) {
                found[grid.below(self.grid.x[node])] += requests;
            }
            group.chain = group.chain.moved(&self.grid, &grid, |x| x);
            group.bias.clear();
            (group.found, group.fates) = (found, fates);
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
        group.count_tier(endpoint.tier, 1.0);
        group.refresh(&self.grid, &self.capacity);
        let state = &mut self.slots[slot as usize];
        state.busy -= group.busy;
        state.place = Place::Group(place);
        self.count();
    }

    fn group_of(&mut self, kind: Kind) -> usize {
        self.groups.iter().position(|group| group.kind == kind).unwrap_or_else(|| {
            let fates = self.rules.fates(&self.grid, &self.capacity, kind.slow);
            self.groups.push(Group::new(kind, &self.grid, fates));
            self.groups.len() - 1
        })
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
                if self.rules.pooled {
                    let old = std::mem::replace(&mut self.slots[slot as usize].slow, new.slow);
                    self.pool_speed += 1.0 / new.slow - 1.0 / old;
                    self.resize_pool(self.pool(), self.pool() / self.pool_speed, |x| x);
                    changed = true;
                } else if new != kind {
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
}
