//! How many requests pods have: what queue lengths and memory use are measured by.

use super::{RequestKernel, Slot};
use crate::units::Time;

impl RequestKernel {
    /// Attempts so far, that is requests and every further time that one was sent.
    pub fn attempts(&self) -> u64 {
        let window = self.window.counts_so_far();
        self.forgotten + self.total.offered + self.total.retried + window.offered + window.retried
    }

    /// Requests that wait at each pod or are in work there, by slot, at the instant of the last advance. Looks at every request in flight.
    ///
    /// A request that its client has given up counts as long as a worker is busy with it; before that only in services that keep queues.
    pub fn outstanding(&self, at: Time) -> Vec<u32> {
        if let Some(sharing) = &self.sharing {
            return sharing.outstanding_of_all();
        }
        if let Some(pulling) = &self.pulling {
            return pulling.outstanding();
        }
        let mut counts = vec![0; self.pods.slots()];
        self.carry.count(&mut counts);
        if let Some(feedback) = &self.feedback {
            feedback.count(&mut counts);
        }
        for (slot, count) in counts.iter_mut().enumerate() {
            *count = (*count).max(self.pods.busy_workers(slot as u32, at.as_nanos()));
        }
        counts
    }

    /// The same for one pod.
    pub fn outstanding_of(&self, slot: Slot, at: Time) -> u32 {
        self.outstanding(at)[slot.index()]
    }

    /// Requests that wait for a worker, at the instant of the last advance.
    pub fn waiting(&self, at: Time) -> u64 {
        if let Some(sharing) = &self.sharing {
            return sharing.waiting();
        }
        if let Some(pulling) = &self.pulling {
            return pulling.waiting();
        }
        let busy = |slot: usize| self.pods.busy_workers(slot as u32, at.as_nanos());
        self.outstanding(at).iter().enumerate().map(|(slot, count)| u64::from(count - busy(slot))).sum()
    }
}
