//! The loop that every request passes through.

use std::collections::VecDeque;

use super::carry::{Carry, Pending, TIMED_OUT};
use super::customers::Arrived;
use super::instant::{NEVER, later};
use super::pods::Blocks;
use crate::traffic::meter::Recorder;

/// What ends a request other than its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The client gives up after this long.
    pub(super) timeout: Option<u64>,
    /// Most requests waiting at a pod.
    pub(super) queue: Option<usize>,
}

/// Requests on their way to the pods.
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

impl Segment<'_> {
    /// Serves the requests.
    pub(super) fn serve<B: Blocks>(self, pods: B, queues: &mut [VecDeque<u64>]) {
        if self.limits.timeout.is_some() || self.limits.queue.is_some() { self.serve_within_limits(pods, queues) } else { self.serve_all(pods) }
    }

    /// For patient clients and queues of any length.
    fn serve_all<B: Blocks>(self, mut pods: B) {
        let mut page = self.recorder.page();
        for ((&arrival, &service), &slot) in self.arrived.arrivals.iter().zip(self.arrived.services).zip(self.slots) {
            let pod = pods.pod(slot);
            let start = later(pod[1], arrival);
            let finish = (start + service).min(NEVER);
            B::accept(pod, start, finish);
            if finish <= self.until {
                page.complete(finish - arrival, start - arrival);
            } else {
                self.carry.push(Pending { outcome: finish, arrival, wait: start - arrival, slot });
            }
        }
        page.close();
    }

    /// For clients that give up, or queues that can be full.
    fn serve_within_limits<B: Blocks>(self, mut pods: B, queues: &mut [VecDeque<u64>]) {
        let timeout = self.limits.timeout.unwrap_or(NEVER);
        let mut page = self.recorder.page();
        for ((&arrival, &service), &slot) in self.arrived.arrivals.iter().zip(self.arrived.services).zip(self.slots) {
            let pod = pods.pod(slot);
            let start = later(pod[1], arrival);
            let given_up = (arrival + timeout).min(NEVER);
            if let Some(limit) = self.limits.queue
                && start > arrival
                && !enqueue(&mut queues[slot as usize], limit, arrival, start.min(given_up))
            {
                page.reject();
                continue;
            }
            let mut pending = Pending { outcome: given_up, arrival, wait: TIMED_OUT, slot };
            // A request whose client gives up first never gets to a worker; once it has got there, the worker does not notice.
            if start - arrival < timeout {
                let finish = (start + service).min(NEVER);
                B::accept(pod, start, finish);
                if finish - arrival <= timeout {
                    (pending.outcome, pending.wait) = (finish, start - arrival);
                }
            }
            if pending.outcome <= self.until {
                pending.record(&mut page);
            } else {
                self.carry.push(pending);
            }
        }
        page.close();
    }
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
