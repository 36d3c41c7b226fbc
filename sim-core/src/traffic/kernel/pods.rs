//! The pods of a service: when their workers get free.

use std::collections::VecDeque;

use super::instant::{NEVER, earlier, later};
use super::pick::{Choice, Least, Pairs, Pick};
use super::rings::Rings;
use super::serve::{Fate, Limits, Segment, offer, offer_with_traits};
use super::traits::{Endpoint, Traits};

/// Up to this many workers are kept sorted; more in a heap.
const SORTED_MAX: usize = 16;

/// One block of words a pod: the work that it has accepted, in worker-nanoseconds, then when each worker gets free, the earliest first.
///
/// Sorted blocks have room for 1, 2, 4, 8 or 16 workers, so that five loops do; workers that are not there never get free.
#[derive(Clone, Debug)]
pub(super) struct Pods {
    words: Vec<u64>,
    /// Words a pod.
    stride: usize,
    workers: usize,
    /// When requests leave the queue of each pod, for a limited queue and for choices by it.
    queues: Vec<VecDeque<u64>>,
    /// The same, where only whether they are full is asked for.
    rings: Option<Rings>,
    /// What tells pods from each other, if something does.
    traits: Option<Box<Traits>>,
    unused: Vec<u32>,
}

impl Pods {
    /// Pods with so many workers. Requests come to them in batches if `limits` are given here, and one by one otherwise.
    pub(super) fn new(workers: usize, traits: Option<Traits>, limits: Option<Limits>) -> Self {
        assert!(workers > 0, "a pod without workers");
        let room = if workers <= SORTED_MAX { workers.next_power_of_two() } else { workers };
        let rings = limits.filter(|_| traits.is_none()).and_then(Limits::ring).map(Rings::new);
        Self { words: Vec::new(), stride: 1 + room, workers, queues: Vec::new(), rings, traits: traits.map(Box::new), unused: Vec::new() }
    }

    /// Adds an idle pod.
    pub(super) fn add(&mut self, endpoint: Endpoint) -> u32 {
        let slot = self.unused.pop().unwrap_or_else(|| {
            self.words.resize(self.words.len() + self.stride, 0);
            self.queues.push(VecDeque::new());
            (self.queues.len() - 1) as u32
        });
        let start = slot as usize * self.stride;
        let (present, absent) = self.words[start..start + self.stride].split_at_mut(1 + self.workers);
        present.fill(0);
        absent.fill(NEVER);
        self.queues[slot as usize].clear();
        if let Some(rings) = &mut self.rings {
            rings.reset(slot);
        }
        if let Some(traits) = &mut self.traits {
            traits.add(slot, endpoint);
        }
        slot
    }

    /// Empties a slot whose pod is gone, and lets it refuse what still comes.
    pub(super) fn clear(&mut self, slot: u32) {
        let start = slot as usize * self.stride;
        self.words[start..start + 1 + self.workers].fill(0);
        self.queues[slot as usize].clear();
        if let Some(traits) = &mut self.traits {
            traits.close(slot);
        }
    }

    /// Gives the slot back.
    pub(super) fn release(&mut self, slot: u32) {
        debug_assert!(!self.unused.contains(&slot), "a slot released twice");
        self.unused.push(slot);
    }

    /// When the pod will have done all that it accepted; zero if it never had work.
    pub(super) fn last_finish(&self, slot: u32) -> u64 {
        self.workers(slot).iter().copied().max().unwrap_or(0)
    }

    /// Worker-nanoseconds spent until `at`, if all accepted work arrived before.
    pub(super) fn busy(&self, slot: u32, at: u64) -> u64 {
        // Service times without end may wrap both sums, but not what lies before `at`.
        let to_come = self.workers(slot).iter().fold(0_u64, |sum, &free| sum.wrapping_add(free.saturating_sub(at)));
        self.words[slot as usize * self.stride].wrapping_sub(to_come)
    }

    /// Slots ever given out.
    pub(super) const fn slots(&self) -> usize {
        self.queues.len()
    }

    /// Workers that are busy at `at`, if all accepted work arrived before; none of a slot that nobody has.
    pub(super) fn busy_workers(&self, slot: u32, at: u64) -> u32 {
        self.workers(slot).iter().filter(|&&free| free > at && free != NEVER).count() as u32
    }

    fn workers(&self, slot: u32) -> &[u64] {
        let start = slot as usize * self.stride + 1;
        &self.words[start..start + self.workers]
    }

    /// The pod of a request that arrives alone.
    pub(super) fn pick(&mut self, choice: Choice<'_>, at: u64) -> u32 {
        let (mut pods, queues, workers) = (Heaps { words: &mut self.words, stride: self.stride }, &mut self.queues, self.workers);
        match choice {
            Choice::Given(slots) => slots[0],
            Choice::Pairs(pairs) => Pairs(pairs).pick(0, &mut pods, queues, workers, at),
            Choice::Least(fewest) => Least(fewest).pick(0, &mut pods, queues, workers, at),
        }
    }

    /// Gives one request to a pod; none if its queue is full.
    pub(super) fn offer(&mut self, slot: u32, limits: Limits, arrival: u64, service: u64) -> Option<Fate> {
        let (pod, queue) = (&mut self.words[slot as usize * self.stride..][..self.stride], &mut self.queues[slot as usize]);
        if let Some(traits) = &mut self.traits {
            return if self.workers <= SORTED_MAX {
                offer_with_traits::<Sorted<'_, 0>>(pod, queue, limits, (arrival, service), slot, traits)
            } else {
                offer_with_traits::<Heaps<'_>>(pod, queue, limits, (arrival, service), slot, traits)
            };
        }
        if self.workers <= SORTED_MAX {
            // The size is for blocks that are looked up.
            offer::<Sorted<'_, 0>>(pod, queue, limits, arrival, service)
        } else {
            offer::<Heaps<'_>>(pod, queue, limits, arrival, service)
        }
    }

    /// Serves requests, in the loop made for the number of workers.
    pub(super) fn serve(&mut self, segment: Segment<'_>, choice: Choice<'_>) {
        let (words, queues, workers, traits) = (&mut self.words, &mut self.queues, self.workers, self.traits.as_deref_mut());
        let queues = Queues { lines: queues, rings: self.rings.as_mut() };
        match self.stride {
            2 => segment.serve(choice, Sorted(words.as_chunks_mut::<2>().0), queues, workers, traits),
            3 => segment.serve(choice, Sorted(words.as_chunks_mut::<3>().0), queues, workers, traits),
            5 => segment.serve(choice, Sorted(words.as_chunks_mut::<5>().0), queues, workers, traits),
            9 => segment.serve(choice, Sorted(words.as_chunks_mut::<9>().0), queues, workers, traits),
            17 => segment.serve(choice, Sorted(words.as_chunks_mut::<17>().0), queues, workers, traits),
            stride => segment.serve(choice, Heaps { words, stride }, queues, workers, traits),
        }
    }
}

/// The queues of pods.
pub(super) struct Queues<'a> {
    pub(super) lines: &'a mut [VecDeque<u64>],
    pub(super) rings: Option<&'a mut Rings>,
}

/// A way to keep the workers of a pod in its block of words.
pub(super) trait Blocks {
    /// The block of a pod.
    fn pod(&mut self, slot: u32) -> &mut [u64];

    /// Whether most pods have to come from beyond the nearest cache.
    fn are_far(&self) -> bool;

    /// Puts another instant in the place of the earliest.
    fn replace_first(workers: &mut [u64], finish: u64);

    /// Lets the worker that gets free first be busy from `start` to `finish`.
    #[inline(always)]
    fn accept(pod: &mut [u64], start: u64, finish: u64) {
        pod[0] = pod[0].wrapping_add(finish - start);
        Self::replace_first(&mut pod[1..], finish);
    }
}

/// Words that are more than the nearest cache holds.
const FAR: usize = 1 << 12;

/// Blocks of `S` words with the workers sorted.
struct Sorted<'a, const S: usize>(&'a mut [[u64; S]]);

impl<const S: usize> Blocks for Sorted<'_, S> {
    #[inline(always)]
    fn pod(&mut self, slot: u32) -> &mut [u64] {
        &mut self.0[slot as usize]
    }

    #[inline(always)]
    fn are_far(&self) -> bool {
        self.0.len() * S > FAR
    }

    /// Moves every worker, because where to stop is not predictable: those after the new one stay where they are.
    #[inline(always)]
    fn replace_first(workers: &mut [u64], finish: u64) {
        let Some(&second) = workers.get(1) else {
            workers[0] = finish;
            return;
        };
        workers[0] = earlier(second, finish);
        let (mut before, last) = (second, workers.len() - 1);
        for index in 1..last {
            let after = workers[index + 1];
            workers[index] = later(before, earlier(after, finish));
            before = after;
        }
        workers[last] = later(before, finish);
    }
}

/// Blocks of `stride` words with the workers in a binary heap.
struct Heaps<'a> {
    words: &'a mut [u64],
    stride: usize,
}

impl Blocks for Heaps<'_> {
    #[inline(always)]
    fn pod(&mut self, slot: u32) -> &mut [u64] {
        &mut self.words[slot as usize * self.stride..][..self.stride]
    }

    #[inline(always)]
    fn are_far(&self) -> bool {
        self.words.len() > FAR
    }

    /// Sifts down to the bottom, because where to stop is not predictable: below the new one, each is taken up and put back where it was.
    #[inline(always)]
    fn replace_first(heap: &mut [u64], finish: u64) {
        let (mut hole, mut child, mut carried) = (0, 1, finish);
        while child + 1 < heap.len() {
            let (left, right) = (heap[child], heap[child + 1]);
            let first = earlier(left, right);
            heap[hole] = earlier(first, carried);
            carried = later(first, carried);
            hole = child + usize::from(right < left);
            child = 2 * hole + 1;
        }
        if child < heap.len() {
            let only = heap[child];
            heap[hole] = earlier(only, carried);
            heap[child] = later(only, carried);
        } else {
            heap[hole] = carried;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Blocks, Heaps, NEVER, Sorted};
    use proptest::prelude::*;

    fn check<B: Blocks>(count: usize, finishes: &[u64]) -> Result<(), TestCaseError> {
        let mut workers = vec![0; count];
        let mut expected = workers.clone();
        for &finish in finishes {
            B::replace_first(&mut workers, finish);
            expected[0] = finish;
            expected.sort_unstable();
            prop_assert_eq!(workers[0], expected[0]);
        }
        workers.sort_unstable();
        prop_assert_eq!(workers, expected);
        Ok(())
    }

    proptest! {
        #[test]
        fn the_earliest_worker_is_first(count in 1..40_usize, finishes in prop::collection::vec(prop_oneof![0..50_u64, 0..=NEVER], 0..200)) {
            check::<Sorted<'_, 2>>(count, &finishes)?;
            check::<Heaps<'_>>(count, &finishes)?;
        }
    }
}
