//! Pods that take no more requests.

use super::super::chain::Chain;
use super::{Place, Stations};
use crate::math;
use crate::random::unit;

impl Stations {
    /// Takes a pod out of its group. Returns the requests that it has, and the distribution of their number if it has a station of its own.
    pub(super) fn leave(&mut self, slot: u32) -> (f64, Option<Chain>) {
        let Place::Group(place) = self.slots[slot as usize].place else { return (0.0, None) };
        if self.rules.pooled {
            let pods = self.pool();
            let group = &self.groups[0];
            let moments = group.moments;
            let busy = group.busy;
            self.pool_speed -= 1.0 / self.slots[slot as usize].slow;
            // What waits in a queue that pods take from does not go with one.
            let (pulls, workers) = (self.rules.pulls, self.grid.x[self.grid.full]);
            let inside = if pulls { moments.inside - moments.waiting } else { moments.inside } / pods;
            self.groups[0].count_tier(self.slots[slot as usize].endpoint.tier, -1.0);
            if pods > 1.5 {
                self.resize_pool(pods - 1.0, (pods - 1.0) / self.pool_speed, |x| if pulls { x - x.min(workers) / pods } else { x * (pods - 1.0) / pods });
            } else {
                self.pool_speed = 0.0;
                self.left_behind += if pulls { moments.waiting } else { 0.0 };
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
        group.count_tier(self.slots[slot as usize].endpoint.tier, -1.0);
        let inside = group.moments.inside;
        self.slots[slot as usize].busy += group.busy;
        let chain = group.chain.clone();
        self.count();
        (inside, Some(chain))
    }

    /// Lets a pod take no more requests; returns when it will be done with those that it has, of which there are as many as chance has it.
    pub(in super::super) fn remove(&mut self, slot: u32, now: u64) -> u64 {
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
        let (there, waiting) = (self.grid.x[node], self.grid.waiting(node));
        let (requests, waiting) = if self.rules.pulls { ((there - waiting) / pods, 0.0) } else { (there / pods, waiting) };
        let seconds = waiting / speed + lasts * last(requests);
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
    pub(in super::super) fn release(&mut self, slot: u32, now: u64) -> f64 {
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
    pub(in super::super) fn has_work(&self, slot: u32, now: u64) -> bool {
        match self.slots[slot as usize].place {
            Place::Unused => false,
            Place::Group(_) => true,
            Place::Drains { until, .. } => until > now,
        }
    }

    /// What a draining pod has left of its requests, and what work it has done.
    pub(super) fn left(&self, slot: u32, now: u64) -> (f64, f64) {
        let Place::Drains { requests, from, until, work } = self.slots[slot as usize].place else { return (0.0, 0.0) };
        let share = if until > from { (now.saturating_sub(from) as f64 / (until - from) as f64).min(1.0) } else { 1.0 };
        (requests * (1.0 - share), work * share)
    }
}
