//! Jobs in the order in which something happens to them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Most jobs that are kept sorted.
const SORTED: usize = 32;

/// Jobs by a number, the least first, and by place among equals.
///
/// A pod has few of them most of the time, and few are faster kept sorted than in a heap, whose comparisons nobody can predict. What is beyond them is in one.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// The first ones, the very first last; none of them is after any of the others.
    sorted: Vec<u128>,
    others: BinaryHeap<Reverse<u128>>,
}

const fn key(number: u64, job: u32) -> u128 {
    ((number as u128) << 32) | job as u128
}

const fn parts(key: u128) -> (u64, u32) {
    ((key >> 32) as u64, key as u32)
}

impl Line {
    pub(super) fn len(&self) -> usize {
        self.sorted.len() + self.others.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sorted.is_empty() && self.others.is_empty()
    }

    /// The first one: its number and the job.
    #[inline(always)]
    pub(super) fn first(&self) -> Option<(u64, u32)> {
        match self.sorted.last() {
            Some(first) => Some(parts(*first)),
            None => self.others.peek().map(|first| parts(first.0)),
        }
    }

    /// Takes the first one out.
    #[inline(always)]
    pub(super) fn pop(&mut self) -> Option<(u64, u32)> {
        self.sorted.pop().or_else(|| self.others.pop().map(|first| first.0)).map(parts)
    }

    pub(super) fn push(&mut self, number: u64, job: u32) {
        let new = key(number, job);
        if self.others.peek().is_some_and(|other| other.0 < new) {
            return self.others.push(Reverse(new));
        }
        let place: usize = self.sorted.iter().map(|other| usize::from(*other > new)).sum();
        self.sorted.insert(place, new);
        if self.sorted.len() > SORTED {
            let last = self.sorted.remove(0);
            self.others.push(Reverse(last));
        }
    }

    /// All jobs, in no order.
    pub(super) fn jobs(&self) -> impl Iterator<Item = u32> {
        self.sorted.iter().copied().chain(self.others.iter().map(|other| other.0)).map(|key| parts(key).1)
    }
}

#[cfg(test)]
mod tests {
    use super::Line;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_an_ordered_set(steps in prop::collection::vec(prop_oneof![3 => (0..60_u64).prop_map(Some), 2 => Just(None)], 0..400)) {
            let (mut line, mut expected) = (Line::default(), BTreeSet::new());
            for (job, step) in steps.into_iter().enumerate() {
                if let Some(number) = step {
                    line.push(number, job as u32);
                    expected.insert((number, job as u32));
                } else {
                    prop_assert_eq!(line.pop(), expected.pop_first());
                }
                prop_assert_eq!((line.len(), line.is_empty()), (expected.len(), expected.is_empty()));
                prop_assert_eq!(line.first(), expected.first().copied());
                let jobs: BTreeSet<u32> = line.jobs().collect();
                prop_assert_eq!(jobs, expected.iter().map(|entry| entry.1).collect());
            }
        }
    }
}
