//! The data plane of a service in either fidelity, as the control plane sees it.

use super::{Endpoint, FlowKernel, Histogram, Meter, RequestKernel, Slot};
use crate::plan::{Fidelity, Requests};
use crate::random::Streams;
use crate::units::Time;

/// The requests of one service: each of them, or rates. What the methods mean is said at [`RequestKernel`].
#[derive(Clone, Debug)]
pub enum Plane {
    /// Every request.
    Request(Box<RequestKernel>),
    /// Rates.
    Flow(Box<FlowKernel>),
}

/// Calls a method of whichever kernel it is.
macro_rules! either {
    ($plane:expr, $kernel:ident => $call:expr) => {
        match $plane {
            Plane::Request($kernel) => $call,
            Plane::Flow($kernel) => $call,
        }
    };
}

impl Plane {
    /// The kernel of a service without pods, at time zero.
    pub fn new(fidelity: Fidelity, plan: &Requests, streams: Streams, name: &str) -> Self {
        match fidelity {
            Fidelity::Request => Self::Request(Box::new(RequestKernel::new(plan, streams, name))),
            Fidelity::Flow => Self::Flow(Box::new(FlowKernel::new(plan, streams, name))),
        }
    }

    /// Adds a pod that takes requests from now on.
    pub fn add_endpoint(&mut self, endpoint: Endpoint) -> Slot {
        either!(self, kernel => kernel.add_endpoint(endpoint))
    }

    /// Lets a pod that was removed take requests again.
    pub fn restore_endpoint(&mut self, slot: Slot, endpoint: Endpoint) {
        either!(self, kernel => kernel.restore_endpoint(slot, endpoint));
    }

    /// Lets the pod take no more requests; returns when it will have finished those that it accepted.
    pub fn remove_endpoint(&mut self, slot: Slot) -> Time {
        either!(self, kernel => kernel.remove_endpoint(slot))
    }

    /// Takes the pod away, and returns how many requests it had left.
    pub fn release(&mut self, slot: Slot, now: Time) -> u64 {
        either!(self, kernel => kernel.release(slot, now))
    }

    /// Lets everything happen up to `until`.
    pub fn advance(&mut self, until: Time) {
        either!(self, kernel => kernel.advance(until));
    }

    /// Worker-nanoseconds that a pod has spent until `at`.
    pub fn busy(&self, slot: Slot, at: Time) -> u64 {
        either!(self, kernel => kernel.busy(slot, at))
    }

    /// Worker-nanoseconds that a pod has spent on average since the start, where pods are not told apart.
    pub fn mean_busy(&self) -> Option<u64> {
        match self {
            Self::Request(_) => None,
            Self::Flow(kernel) => Some(kernel.mean_busy()),
        }
    }

    /// Requests of which nothing has become yet.
    pub fn in_flight(&self) -> u64 {
        either!(self, kernel => kernel.in_flight())
    }

    /// Attempts so far.
    pub fn attempts(&self) -> u64 {
        either!(self, kernel => kernel.attempts())
    }

    /// Requests at each pod, by slot, at the instant of the last advance.
    pub fn outstanding(&self, at: Time) -> Vec<u32> {
        match self {
            Self::Request(kernel) => kernel.outstanding(at),
            Self::Flow(kernel) => kernel.outstanding(),
        }
    }

    /// Requests at one pod.
    pub fn outstanding_of(&self, slot: Slot, at: Time) -> u32 {
        match self {
            Self::Request(kernel) => kernel.outstanding_of(slot, at),
            Self::Flow(kernel) => kernel.outstanding().get(slot.index()).copied().unwrap_or(0),
        }
    }

    /// Requests that wait for a worker.
    pub fn waiting(&self, at: Time) -> u64 {
        match self {
            Self::Request(kernel) => kernel.waiting(at),
            Self::Flow(kernel) => kernel.waiting(),
        }
    }

    /// Ends the window.
    pub fn take_window(&mut self) -> &Meter {
        either!(self, kernel => kernel.take_window())
    }

    /// Forgets all windows taken.
    pub fn restart(&mut self) {
        either!(self, kernel => kernel.restart());
    }

    /// The latencies of a meter of this kernel in one tier; none if it never had a pod there.
    pub fn latency_in<'a>(&self, meter: &'a Meter, tier: usize) -> Option<&'a Histogram> {
        either!(self, kernel => kernel.latency_in(meter, tier))
    }

    /// What became of requests of the service's load, without calls by other services.
    pub fn entries(&self) -> &Meter {
        match self {
            Self::Request(kernel) => kernel.entries(),
            Self::Flow(kernel) => kernel.total(),
        }
    }

    /// Requests of the service's load of which nothing has become yet.
    pub fn entries_in_flight(&self) -> u64 {
        match self {
            Self::Request(kernel) => kernel.entries_in_flight(),
            Self::Flow(kernel) => kernel.in_flight(),
        }
    }

    /// Whether the pod has work at `now`, as far as is known.
    pub(crate) fn has_work(&self, slot: Slot, now: Time) -> bool {
        match self {
            Self::Request(kernel) => kernel.has_work(slot, now),
            Self::Flow(kernel) => kernel.has_work(slot, now),
        }
    }

    /// The window that was taken last.
    pub const fn last_window(&self) -> &Meter {
        either!(self, kernel => kernel.last_window())
    }

    /// The sum of all windows taken.
    pub const fn total(&self) -> &Meter {
        either!(self, kernel => kernel.total())
    }
}
