//! The pods of a service: when their workers get free.

use std::collections::VecDeque;

/// Up to this many workers, the earliest is found by looking at all of them; more are kept in a heap.
pub(super) const SCAN_MAX: usize = 8;

/// One block of words a pod: the work that it has accepted, in worker-nanoseconds, then when each worker gets free.
///
/// Blocks for a scan have room for 1, 2, 4 or 8 workers, so that four loops do; workers that are not there never get free. From [`SCAN_MAX`] on,
/// the workers are a binary heap with the earliest on top.
#[derive(Clone, Debug)]
pub(super) struct Pods {
    pub(super) words: Vec<u64>,
    /// Words a pod.
    pub(super) stride: usize,
    workers: usize,
    /// When requests leave the queue of each pod, for a limited queue.
    pub(super) queues: Vec<VecDeque<u64>>,
    free: Vec<u32>,
}

impl Pods {
    pub(super) fn new(workers: usize) -> Self {
        let room = if workers <= SCAN_MAX { workers.next_power_of_two() } else { workers };
        Self { words: Vec::new(), stride: 1 + room, workers, queues: Vec::new(), free: Vec::new() }
    }

    /// Adds an idle pod.
    pub(super) fn add(&mut self) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.words.resize(self.words.len() + self.stride, 0);
            self.queues.push(VecDeque::new());
            (self.queues.len() - 1) as u32
        });
        let (workers, range) = (self.workers, self.range(slot));
        let (present, absent) = self.words[range].split_at_mut(1 + workers);
        present.fill(0);
        absent.fill(u64::MAX);
        self.queues[slot as usize].clear();
        slot
    }

    /// Gives the slot back.
    pub(super) fn release(&mut self, slot: u32) {
        self.free.push(slot);
    }

    /// When the pod will have done all that it accepted; zero if it never had work.
    pub(super) fn last_finish(&self, slot: u32) -> u64 {
        self.workers_of(slot).iter().copied().max().unwrap_or(0)
    }

    /// Worker-nanoseconds spent until `at`, if all accepted work arrived before.
    pub(super) fn busy(&self, slot: u32, at: u64) -> u64 {
        let to_come = self.workers_of(slot).iter().fold(0_u64, |sum, &free| sum.wrapping_add(free.saturating_sub(at)));
        // Service times without end may wrap both sums, but not what lies before `at`.
        self.words[self.range(slot).start].wrapping_sub(to_come)
    }

    fn range(&self, slot: u32) -> std::ops::Range<usize> {
        let start = slot as usize * self.stride;
        start..start + self.stride
    }

    fn workers_of(&self, slot: u32) -> &[u64] {
        let start = self.range(slot).start + 1;
        &self.words[start..start + self.workers]
    }
}
