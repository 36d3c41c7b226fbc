//! Every request of one service, pushed through its pods.
//!
//! A pod is first come, first served with *c* workers, so it is no more than the *c* instants when its workers get free: a request starts at
//! the later of its arrival and the earliest of these. What will become of a request is thus known when it arrives, and nothing but the loss
//! of its pod can change it; what happens before the end of the segment is recorded at once, the rest is carried over.

mod balancer;
mod carry;
mod customers;
mod pods;
mod serve;

#[cfg(test)]
mod tests;

use crate::plan::Requests;
use crate::random::Streams;
use crate::traffic::Meter;
use crate::traffic::meter::Recorder;
use crate::units::{Span, Time};
use balancer::Balancer;
use carry::Carry;
use customers::{BATCH, Customers};
use pods::Pods;
use serve::{Limits, Segment};

/// The place of a pod in its service's kernel, given back when the pod is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u32);

/// The requests of one service and the pods that serve them.
///
/// Each request takes one draw for its gap, one for its service time and one for its pod, each from a stream of its own and in the order of
/// arrival, whatever becomes of it: variants of a scenario that share a seed meet the same customers.
#[derive(Clone, Debug)]
pub struct RequestKernel {
    customers: Customers,
    balancer: Balancer,
    pods: Pods,
    limits: Limits,
    carry: Carry,
    /// The current window, the one before it, and all before the current one.
    window: Recorder,
    taken: Meter,
    total: Meter,
    now: Time,
}

impl RequestKernel {
    /// The kernel of a service without pods, at time zero. It draws from the streams `{name}/arrivals`, `{name}/service` and `{name}/balancer`.
    pub fn new(plan: &Requests, streams: Streams, name: &str) -> Self {
        Self {
            customers: Customers::new(plan, streams, name),
            balancer: Balancer::new(plan.balancing),
            pods: Pods::new(plan.concurrency as usize),
            limits: Limits { timeout: plan.timeout.map_or(u64::MAX, Span::as_nanos), queue: plan.queue_limit.map(|limit| limit as usize) },
            carry: Carry::default(),
            window: Recorder::default(),
            taken: Meter::default(),
            total: Meter::default(),
            now: Time::ZERO,
        }
    }

    /// Adds a pod that takes requests from now on.
    pub fn add_endpoint(&mut self) -> Slot {
        let slot = self.pods.add();
        self.balancer.add(slot);
        Slot(slot)
    }

    /// Lets the pod take no more requests. Returns when it will have finished those that it accepted; [`Time::ZERO`] if it never had one.
    pub fn remove_endpoint(&mut self, slot: Slot) -> Time {
        self.balancer.remove(slot.0);
        Time::from_nanos(self.pods.last_finish(slot.0))
    }

    /// Takes the pod away: requests that it has accepted but not finished fail. Returns how many. The slot can be given to another pod.
    pub fn release(&mut self, slot: Slot, now: Time) -> u64 {
        self.balancer.remove(slot.0);
        // Most pods have drained when they go, and then there is nothing to look for.
        let failed = if self.pods.last_finish(slot.0) > now.as_nanos() { self.carry.take_all_of(slot.0) } else { 0 };
        self.pods.release(slot.0);
        self.window.counts().failed += failed;
        failed
    }

    /// Consumes every arrival in the segment from the previous call's `until` to this one's and records everything that happens up to `until`,
    /// which is included. Costs next to nothing when nothing happens.
    pub fn advance(&mut self, until: Time) {
        self.carry.settle(until.as_nanos(), &mut self.window);
        while self.customers.next() < until.as_nanos() {
            self.serve_batch(until.as_nanos());
        }
        self.now = until;
    }

    /// Consumes the next arrivals before `until`, as many as are drawn.
    fn serve_batch(&mut self, until: u64) {
        let arrived = self.customers.before(until);
        let count = arrived.arrivals.len();
        self.window.counts().offered += count as u64;
        if self.balancer.is_empty() {
            self.window.counts().rejected += count as u64;
        } else {
            let mut slots = [0; BATCH];
            let slots = &mut slots[..count];
            self.balancer.choose(arrived.choices, slots);
            let segment = Segment { arrived, slots, limits: self.limits, until, recorder: &mut self.window, carry: &mut self.carry };
            self.pods.serve(segment);
        }
        self.customers.pass(count);
    }

    /// How long the pod's workers have been busy, summed over them, from when it was added until `at`: the instant of the last advance, or
    /// later if nothing arrives before.
    ///
    /// Exact: all work accepted so far less the work still to be done. A worker that is busy at `at` stays so without a gap until it gets free.
    pub fn busy(&self, slot: Slot, at: Time) -> Span {
        Span::from_nanos(self.pods.busy(slot.0, at.as_nanos()))
    }

    /// Requests that have arrived and of which nothing has become yet.
    pub const fn in_flight(&self) -> u64 {
        self.carry.len()
    }

    /// When the next request arrives; [`Time::MAX`] if none does.
    pub const fn next_arrival(&self) -> Time {
        Time::from_nanos(self.customers.next())
    }

    /// Ends the window: what was recorded since the last call. Checks that no request was lost or counted twice since the start.
    pub fn take_window(&mut self) -> &Meter {
        let window = self.window.meter();
        self.total.merge(window);
        assert_eq!(self.total.offered, self.total.settled() + self.carry.len(), "requests offered are not those settled and in flight");
        std::mem::swap(window, &mut self.taken);
        window.clear();
        &self.taken
    }

    /// The sum of all windows taken.
    pub const fn total(&self) -> &Meter {
        &self.total
    }
}
