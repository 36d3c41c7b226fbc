//! Choosing a pod by how many requests it has.
//!
//! A request is outstanding at a pod while it waits there or keeps a worker busy; one whose client has given up waiting is not. As requests are taken in
//! order, they wait only while all workers are busy, and none is assigned ahead while one is free: the busy workers and the queue say it all.

use std::collections::VecDeque;

use super::fewest::Fewest;
use super::pods::Blocks;

/// How the pods of some requests are chosen.
pub(super) enum Choice<'a> {
    /// This pod for each.
    Given(&'a [u32]),
    /// The one of these two with fewer outstanding requests, for each; the first if there are as many.
    Pairs(&'a [[u32; 2]]),
    /// The one of all with the fewest; in turn among those with as many.
    Least(&'a mut Fewest),
}

/// Chooses the pod of each request when it arrives.
pub(super) trait Pick {
    /// The pod of the `index`-th request, which arrives at `at`, among pods with this many workers.
    fn pick<B: Blocks>(&mut self, index: usize, pods: &mut B, queues: &mut [VecDeque<u64>], workers: usize, at: u64) -> u32;
}

/// The pod is known.
pub(super) struct Given<'a>(pub(super) &'a [u32]);

/// Two pods to compare.
pub(super) struct Pairs<'a>(pub(super) &'a [[u32; 2]]);

/// All pods to compare.
pub(super) struct Least<'a>(pub(super) &'a mut Fewest);

impl Pick for Given<'_> {
    #[inline(always)]
    fn pick<B: Blocks>(&mut self, index: usize, _: &mut B, _: &mut [VecDeque<u64>], _: usize, _: u64) -> u32 {
        self.0[index]
    }
}

impl Pick for Pairs<'_> {
    #[inline(always)]
    fn pick<B: Blocks>(&mut self, index: usize, pods: &mut B, queues: &mut [VecDeque<u64>], workers: usize, at: u64) -> u32 {
        let [first, second] = self.0[index];
        let loads = [first, second].map(|slot| outstanding(&pods.pod(slot)[1..=workers], &mut queues[slot as usize], at));
        std::hint::select_unpredictable(loads[1] < loads[0], second, first)
    }
}

impl Pick for Least<'_> {
    #[inline(always)]
    fn pick<B: Blocks>(&mut self, _: usize, pods: &mut B, queues: &mut [VecDeque<u64>], workers: usize, at: u64) -> u32 {
        self.0.pick(at, |slot| {
            let (workers, queue) = (&pods.pod(slot)[1..=workers], &mut queues[slot as usize]);
            let count = outstanding(workers, queue, at);
            let next_end = workers.iter().copied().filter(|free| *free > at).min();
            (count as u32, next_end.into_iter().chain(queue.front().copied()).min().unwrap_or(u64::MAX))
        })
    }
}

/// Requests at a pod with these workers that are waiting or in work at `at`; its queue must have been kept.
#[inline(always)]
fn outstanding(workers: &[u64], queue: &mut VecDeque<u64>, at: u64) -> usize {
    leave(queue, at);
    workers.iter().map(|&free| usize::from(free > at)).sum::<usize>() + queue.len()
}

/// Lets requests leave a queue for a worker or for good. They do so in the order in which they came: both the start and the moment of giving up grow with
/// the arrival.
#[inline(always)]
pub(super) fn leave(queue: &mut VecDeque<u64>, at: u64) {
    while queue.front().is_some_and(|&leaves| leaves <= at) {
        queue.pop_front();
    }
}
