//! What a service does with the requests of clients that come one by one.

use super::balancer::Balancer;
use super::carry::{Carry, Pending};
use super::pods::Pods;
use super::serve::{Fate, Limits};
use crate::traffic::meter::Recorder;

/// The pods of a service, the way to them, and where is recorded what happens.
pub(super) struct Site<'a> {
    pub(super) balancer: &'a mut Balancer,
    pub(super) pods: &'a mut Pods,
    pub(super) limits: Limits,
    pub(super) window: &'a mut Recorder,
    pub(super) carry: &'a mut Carry,
    /// The end of the segment.
    pub(super) until: u64,
}

impl Site<'_> {
    /// Sends a request to a pod; none if there is no pod or its queue is full.
    pub(super) fn send(&mut self, at: u64, work: u64) -> Option<(u32, Fate)> {
        let slot = self.pods.pick(self.balancer.choose(1)?, at);
        self.pods.offer(slot, self.limits, at, work).map(|fate| (slot, fate))
    }

    /// Records a request that will be answered, now or when that happens.
    pub(super) fn answer(&mut self, pending: Pending) {
        if pending.outcome > self.until {
            self.carry.push(pending);
        } else {
            let mut page = self.window.page();
            pending.record(&mut page);
            page.close();
        }
    }
}
