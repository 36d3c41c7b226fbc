//! All pods of a service as one station, whose queue they share.

use super::super::group::{Group, Kind};
use super::{Place, Stations};

impl Stations {
    /// All pods of a service with the least outstanding requests first are one station with all their workers.
    pub(super) fn join_pool(&mut self, slot: u32, kind: Kind) {
        let pods = self.pool() + 1.0;
        self.slots[slot as usize].slow = kind.slow;
        self.pool_speed += 1.0 / kind.slow;
        self.resize_pool(pods, pods / self.pool_speed, |x| x);
        self.groups[0].count_tier(self.slots[slot as usize].endpoint.tier, 1.0);
        let state = &mut self.slots[slot as usize];
        state.busy -= self.groups[0].busy;
        state.place = Place::Group(0);
    }

    pub(super) fn pool(&self) -> f64 {
        self.groups.first().map_or(0.0, |group| if group.stations > 0.0 { self.pool_size() } else { 0.0 })
    }

    pub(super) fn pool_size(&self) -> f64 {
        (self.grid.x[self.grid.full] / f64::from(self.rules.workers)).round()
    }

    /// Gives the station of all pods the workers of so many; `change` is what becomes of the number of its requests.
    pub(super) fn resize_pool(&mut self, pods: f64, slow: f64, change: impl Fn(f64) -> f64) {
        let kind = Kind { slow, weight: 1.0, deaf: false, is_new: false };
        let grid = self.rules.grid(pods as u32);
        let capacity = self.rules.capacity(&grid, pods as u32);
        let fates = self.rules.fates(&grid, &capacity, slow);
        let mut group = Group::new(kind, &grid, fates);
        if let Some(old) = self.groups.first_mut() {
            old.settle();
            group.chain = old.chain.moved(&self.grid, &grid, &change);
            (group.busy, group.tiers) = (old.busy, std::mem::take(&mut old.tiers));
            for (node, found) in old.found.iter().enumerate().filter(|(_, found)| **found > 0.0) {
                let place = grid.below(change(self.grid.x[node]));
                group.found[place] += found;
            }
        }
        group.stations = f64::from(u8::from(pods > 0.5));
        (self.grid, self.capacity) = (grid, capacity);
        group.refresh(&self.grid, &self.capacity);
        self.groups = vec![group];
        self.count();
    }
}
