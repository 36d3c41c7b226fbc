//! Which requests find a queue of limited length full, where nothing else asks for its length.
//!
//! Requests leave a queue in the order in which they came. So it is full exactly if the one that came as many places before as there is room has not left, and a
//! ring of when each left or will leave tells that at a glance: nothing is taken out, and nothing depends on a branch that cannot be predicted.

use std::hint::select_unpredictable;

/// Whether a pod has room for one more that waits.
pub(super) trait Room {
    /// Takes in a request that arrives at `arrival`, and that leaves the queue at `leaves` if it `waits`; false if it is refused.
    fn take(&mut self, slot: u32, arrival: u64, leaves: u64, waits: bool) -> bool;
}

/// Room for all.
pub(super) struct Endless;

impl Room for Endless {
    #[inline(always)]
    fn take(&mut self, _: u32, _: u64, _: u64, _: bool) -> bool {
        true
    }
}

/// A block for each pod: the place of the ring that is written next, which is that of the oldest, and the ring.
#[derive(Clone, Debug)]
pub(super) struct Rings {
    words: Vec<u64>,
    stride: usize,
}

impl Rings {
    /// Longer queues would take more memory than is good.
    pub(super) const LONGEST: usize = 4096;

    /// Queues of at most this length, from 1 to [`Self::LONGEST`].
    pub(super) const fn new(limit: usize) -> Self {
        assert!(0 < limit && limit <= Self::LONGEST, "rings are for some length");
        Self { words: Vec::new(), stride: 1 + limit }
    }

    /// An empty queue in a slot that is new or was another pod's.
    pub(super) fn reset(&mut self, slot: u32) {
        let start = slot as usize * self.stride;
        if start == self.words.len() {
            self.words.resize(start + self.stride, 0);
        } else {
            self.words[start..start + self.stride].fill(0);
        }
    }
}

impl Room for Rings {
    #[inline(always)]
    fn take(&mut self, slot: u32, arrival: u64, leaves: u64, waits: bool) -> bool {
        let block = &mut self.words[slot as usize * self.stride..][..self.stride];
        let place = block[0] as usize;
        let oldest = &mut block[1 + place];
        // Whether it waits cannot be predicted, whether it is refused mostly can.
        if select_unpredictable(waits, *oldest > arrival, false) {
            return false;
        }
        *oldest = leaves;
        // Where one does not wait, all before have left: the ring begins anew, so that short queues touch little memory.
        let next = if place + 2 == self.stride { 0 } else { place as u64 + 1 };
        block[0] = select_unpredictable(waits, next, 0);
        true
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
            limit in 1..5_usize,
            requests in prop::collection::vec((0..4_u64, 0..8_u64, 1..10_u64), 1..200),
        ) {
            let (mut ring, mut queue) = (Rings::new(limit), VecDeque::new());
            (0..2).for_each(|slot| ring.reset(slot));
            // One worker, whose clients give up.
            let (mut now, mut free) = (0, 0_u64);
            for (gap, work, patience) in requests {
                now += gap;
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
