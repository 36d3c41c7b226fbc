//! The loop that every request passes through.

use std::collections::VecDeque;

use std::hint::select_unpredictable;
use super::customers::Arrived;
use super::carry::{Carry, Pending, TIMED_OUT};
use super::pods::Pods;
use crate::traffic::meter::Recorder;

/// What ends a request other than its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The client gives up after this long; `u64::MAX` if never.
    pub(super) timeout: u64,
    /// Most requests waiting at a pod.
    pub(super) queue: Option<usize>,
}

/// A batch on its way through the pods.
pub(super) struct Segment<'a> {
    pub(super) arrived: Arrived<'a>,
    /// The pod of each.
    pub(super) slots: &'a [u32],
    pub(super) limits: Limits,
    /// Outcomes up to this instant are recorded at once.
    pub(super) until: u64,
    pub(super) recorder: &'a mut Recorder,
    pub(super) carry: &'a mut Carry,
}

impl Pods {
    /// Serves a batch, in the loop made for the number of workers.
    pub(super) fn serve(&mut self, segment: Segment<'_>) {
        let limited = segment.limits.timeout != u64::MAX || segment.limits.queue.is_some();
        match (self.stride, limited) {
            (2, false) => self.serve_by::<2, false>(segment),
            (3, false) => self.serve_by::<3, false>(segment),
            (5, false) => self.serve_by::<5, false>(segment),
            (9, false) => self.serve_by::<9, false>(segment),
            (_, false) => self.serve_by::<0, false>(segment),
            (2, true) => self.serve_by::<2, true>(segment),
            (3, true) => self.serve_by::<3, true>(segment),
            (5, true) => self.serve_by::<5, true>(segment),
            (9, true) => self.serve_by::<9, true>(segment),
            (_, true) => self.serve_by::<0, true>(segment),
        }
    }

    /// `S` is the number of words a pod, or 0 for a heap of any size.
    fn serve_by<const S: usize, const LIMITED: bool>(&mut self, segment: Segment<'_>) {
        let Segment { arrived, slots, limits, until, recorder, carry } = segment;
        let stride = if S == 0 { self.stride } else { S };
        let requests = arrived.arrivals.iter().zip(arrived.services).zip(slots);
        for ((&arrival, &service), &slot) in requests {
            let pod = &mut self.words[slot as usize * stride..][..stride];
            let (free, worker) = if S == 0 { (pod[1], 1) } else { earliest::<S>(pod) };
            let start = select_unpredictable((free.wrapping_sub(arrival) as i64) < 0, arrival, free);
            let wait = start - arrival;
            let finish = (start + service).min(i64::MAX as u64);
            pod[0] = pod[0].wrapping_add(finish - start);
            if S == 0 {
                replace_top(&mut pod[1..], finish);
            } else {
                pod[worker] = finish;
            }
            if finish > until {
                carry.push(Pending { outcome: finish, arrival, wait, slot });
            } else {
                recorder.complete(finish - arrival, wait);
            }
        }
    }
}

/// When the worker that gets free first does so, and which word is its.
#[inline(always)]
fn earliest<const S: usize>(pod: &[u64]) -> (u64, usize) {
    let (mut free, mut worker) = (pod[1], 1);
    for index in 2..S {
        let earlier = pod[index] < free;
        free = if earlier { pod[index] } else { free };
        worker = if earlier { index } else { worker };
    }
    (free, worker)
}

/// Replaces the least of a binary heap.
#[inline(always)]
fn replace_top(heap: &mut [u64], value: u64) {
    let mut hole = 0;
    let mut child = 1;
    while child + 1 < heap.len() {
        child += usize::from(heap[child + 1] < heap[child]);
        if value <= heap[child] {
            heap[hole] = value;
            return;
        }
        heap[hole] = heap[child];
        hole = child;
        child = 2 * hole + 1;
    }
    if child < heap.len() && heap[child] < value {
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = value;
}

/// Puts a request that has to wait into a queue of at most `limit`, until it leaves for a worker or for good; false if there is no room at `arrival`.
fn enqueue(queue: &mut VecDeque<u64>, limit: usize, arrival: u64, leaves: u64) -> bool {
    // Requests leave in the order in which they came: both the start and the moment of giving up grow with the arrival.
    while queue.front().is_some_and(|&leaves| leaves <= arrival) {
        queue.pop_front();
    }
    let room = queue.len() < limit;
    if room {
        queue.push_back(leaves);
    }
    room
}
