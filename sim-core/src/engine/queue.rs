//! A queue of events ordered by (time, rank, sequence).

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::Event;
use crate::units::Time;

/// Pending events. Events of one instant come out by rank, and those of one rank in the order in which they were pushed.
#[derive(Debug, Default)]
pub struct EventQueue {
    heap: BinaryHeap<Reverse<Entry>>,
    now: Time,
    pushed: u64,
}

/// Bits of the sequence number within a key; the rank stands above them.
const SEQUENCE_BITS: u32 = 56;

#[derive(Debug)]
struct Entry {
    /// Time in the upper 64 bits, then the rank, then the sequence number.
    key: u128,
    event: Event,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl Eq for Entry {}
impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl EventQueue {
    /// An empty queue at time zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event at `at`, which must not have passed.
    pub fn push(&mut self, at: Time, event: Event) {
        let turn = self.reserve(1);
        self.push_in_turn(at, event, turn);
    }

    /// Keeps the places in the order of pushing for `count` events that are pushed later, one at a time, so that a long list of them does not lie in the
    /// queue. Returns the first.
    pub fn reserve(&mut self, count: usize) -> u64 {
        let first = self.pushed;
        self.pushed += count as u64;
        assert!(self.pushed < 1 << SEQUENCE_BITS, "more than 2^56 events");
        first
    }

    /// Adds an event at `at`, which must not have passed, as if it had been pushed in this turn.
    pub fn push_in_turn(&mut self, at: Time, event: Event, turn: u64) {
        assert!(at >= self.now, "{event:?} at {at} lies before {}", self.now);
        let key = u128::from(at.as_nanos()) << 64 | u128::from(event.rank()) << SEQUENCE_BITS | u128::from(turn);
        self.heap.push(Reverse(Entry { key, event }));
    }

    /// Removes the next event; time moves on to it.
    pub fn pop(&mut self) -> Option<(Time, Event)> {
        let Reverse(entry) = self.heap.pop()?;
        self.now = Time::from_nanos((entry.key >> 64) as u64);
        Some((self.now, entry.event))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Event, EventQueue};
    use crate::id::Id;
    use crate::units::Time;

    fn event(kind: u8, n: usize) -> Event {
        match kind {
            0 => Event::PodReady(Id::new(n)),
            1 => Event::Autoscale(Id::new(n)),
            2 => Event::Schedule,
            _ => Event::WindowEnd,
        }
    }

    proptest! {
        #[test]
        fn events_come_out_by_time_then_rank_then_sequence(input in prop::collection::vec((0u64..20, 0u8..4), 1..200), in_turn: bool) {
            let mut queue = EventQueue::new();
            let mut expected: Vec<(u64, u8, usize)> = Vec::new();
            let first = if in_turn { queue.reserve(input.len()) } else { 0 };
            for (n, &(t, kind)) in input.iter().enumerate() {
                if in_turn {
                    // Pushed in another order, they come out as if in this one.
                    let other = input.len() - 1 - n;
                    queue.push_in_turn(Time::from_secs(input[other].0), event(input[other].1, other), first + other as u64);
                } else {
                    queue.push(Time::from_secs(t), event(kind, n));
                }
                expected.push((t, event(kind, n).rank(), n));
            }
            expected.sort_unstable();
            for (t, rank, n) in expected {
                let (at, popped) = queue.pop().unwrap();
                prop_assert_eq!((at, popped.rank()), (Time::from_secs(t), rank));
                if let Event::PodReady(id) = popped {
                    prop_assert_eq!(id.index(), n);
                }
            }
            prop_assert!(queue.pop().is_none());
        }
    }
}
