//! Which requests find a queue of limited length full, where nothing else asks for its length.
//!
//! Requests leave a queue in the order in which they came. So it is full exactly if the one that came as many places before as there is room has not left, and a
//! ring of when each left or will leave tells that at a glance: nothing is taken out, and nothing depends on a branch that cannot be predicted.

/// Whether a pod has room for one more that waits.
pub(super) trait Room {
    /// Takes in a request that arrives at `arrival`, and that leaves the queue at `leaves` if it `waits`; false if it is refused.
    fn take(&mut self, slot: u32, arrival: u64, leaves: u64, waits: bool) -> bool;

    /// Reads what the next request to the pod will need, so that it is near.
    fn read_ahead(&self, slot: u32, waits: bool) -> u64;
}

/// Room for all.
pub(super) struct Endless;

impl Room for Endless {
    #[inline(always)]
    fn take(&mut self, _: u32, _: u64, _: u64, _: bool) -> bool {
        true
    }

    #[inline(always)]
    fn read_ahead(&self, _: u32, _: bool) -> u64 {
        0
    }
}

/// The rings of all pods. A ring begins anew whenever a request does not wait, so that most requests are at the first places, and those of all pods lie together:
/// a queue of a hundred costs no more memory than has ever been in use.
#[derive(Clone, Debug)]
pub(super) struct Rings {
    /// The length of each ring.
    limit: u16,
    /// By slot, the place that is written next. With [`ROUND`], the ring is written for the second time or more: there stands who came `limit` places before.
    next: Vec<u16>,
    /// When requests leave: the first places of each slot, so many slots, then the next places of each. Places that were never needed are not there. Before
    /// them is what nobody reads, for requests that do not wait.
    leaves: Vec<Places>,
    slots: usize,
}

/// Some places of a ring, in one line of the cache.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Places([u64; PLACES]);

const PLACES: usize = 8;

/// Added to a place where all places have been written since the ring began.
const ROUND: u16 = 1 << 15;

impl Rings {
    /// Longer queues would take more memory than is good.
    pub(super) const LONGEST: usize = 4096;

    /// Queues of at most this length, from 1 to [`Self::LONGEST`].
    pub(super) const fn new(limit: usize) -> Self {
        assert!(0 < limit && limit <= Self::LONGEST, "rings are for some length");
        Self { limit: limit as u16, next: Vec::new(), leaves: Vec::new(), slots: 0 }
    }

    /// An empty queue in a slot that is new or was another pod's.
    pub(super) fn reset(&mut self, slot: u32) {
        let slot = slot as usize;
        if slot >= self.next.len() {
            self.next.resize(slot + 1, 0);
        }
        self.next[slot] = 0;
        if slot >= self.slots {
            self.make_room(slot + 1 + slot / 4);
        }
    }

    /// Makes room for so many slots.
    fn make_room(&mut self, slots: usize) {
        let old = self.leaves.get(1..).unwrap_or_default();
        let mut leaves = Vec::with_capacity(1 + old.len() / self.slots.max(1) * slots);
        leaves.push(Places::default());
        for part in old.chunks(self.slots.max(1)) {
            leaves.extend_from_slice(part);
            leaves.resize(leaves.len() + slots - self.slots, Places::default());
        }
        (self.leaves, self.slots) = (leaves, slots);
    }

    /// Adds places to all rings.
    #[cold]
    fn lengthen(&mut self) {
        self.leaves.reserve_exact(self.slots);
        self.leaves.resize(self.leaves.len() + self.slots, Places::default());
    }

    /// Where the place is that a request takes.
    #[inline(always)]
    fn index(&self, slot: u32, place: usize, waits: bool) -> (usize, usize) {
        // Where compilers see a choice, they jump.
        ((1 + place / PLACES * self.slots + slot as usize) & usize::from(waits).wrapping_neg(), place % PLACES)
    }
}

impl Room for Rings {
    #[inline(always)]
    fn take(&mut self, slot: u32, arrival: u64, leaves: u64, waits: bool) -> bool {
        let next = self.next[slot as usize];
        let place = (next & !ROUND) as usize;
        let (line, of_line) = self.index(slot, place, waits);
        if line >= self.leaves.len() {
            self.lengthen();
        }
        let oldest = &mut self.leaves[line].0[of_line];
        // Whether it waits cannot be predicted; whether a queue gets as long as it may mostly can. Nobody who came before without waiting leaves later than now.
        if next >= ROUND && *oldest > arrival {
            return false;
        }
        *oldest = leaves;
        let after = if place + 1 == self.limit as usize { ROUND } else { next + 1 };
        // Where one does not wait, all before have left.
        self.next[slot as usize] = after & u16::from(waits).wrapping_neg();
        true
    }

    #[inline(always)]
    fn read_ahead(&self, slot: u32, waits: bool) -> u64 {
        let (line, of_line) = self.index(slot, (self.next[slot as usize] & !ROUND) as usize, waits);
        self.leaves.get(line).map_or(0, |places| places.0[of_line])
    }
}

#[cfg(test)]
mod tests {
    use super::{Rings, Room};
    use proptest::prelude::*;
    use std::collections::VecDeque;

    proptest! {
        #[test]
        fn a_ring_refuses_what_a_queue_of_that_length_refuses(
            limit in 1..25_usize,
            requests in prop::collection::vec((0..4_u64, 0..8_u64, 1..40_u64), 1..400),
        ) {
            let (mut ring, mut queue) = (Rings::new(limit), VecDeque::new());
            (0..3).for_each(|slot| ring.reset(slot));
            let mut pods = 3;
            // One worker, whose clients give up.
            let (mut now, mut free) = (0, 0_u64);
            for (gap, work, patience) in requests {
                now += gap;
                // Other pods come, and have queues of their own.
                if work == 0 {
                    ring.reset(pods);
                    pods += 1;
                }
                ring.take(pods - 1, now, now + 100, true);
                let start = free.max(now);
                let leaves = start.min(queue.back().copied().unwrap_or(0).max(now + patience));
                while queue.front().is_some_and(|left| *left <= now) {
                    queue.pop_front();
                }
                let has_room = start <= now || queue.len() < limit;
                prop_assert_eq!(ring.take(1, now, leaves, start > now), has_room);
                if has_room && start > now {
                    queue.push_back(leaves);
                }
                if has_room && leaves == start {
                    free = start + work;
                }
            }
            // Another pod finds nothing of that.
            ring.reset(1);
            prop_assert!((0..limit).all(|_| ring.take(1, 0, 9, true)) && !ring.take(1, 0, 9, true));
        }
    }
}
