//! What a service does with the requests of clients that come one by one.

use super::balancer::Balancer;
use super::carry::{Carry, Pending};
use super::pods::Pods;
use super::serve::{Fate, Limits};
use super::sharing::{Ended, Sharing};
use crate::traffic::meter::Recorder;

/// The pods of a service, the way to them, and where is recorded what happens.
pub(super) struct Site<'a> {
    pub(super) balancer: &'a mut Balancer,
    pub(super) pods: &'a mut Pods,
    /// The pods instead, if they share their cores among requests.
    pub(super) sharing: Option<&'a mut Sharing>,
    pub(super) limits: Limits,
    pub(super) window: &'a mut Recorder,
    pub(super) carry: &'a mut Carry,
    /// The end of the segment.
    pub(super) until: u64,
}

impl Site<'_> {
    /// Sends a request of a client to a pod; none if there is no pod or its queue is full.
    pub(super) fn send(&mut self, at: u64, work: u64, client: u32) -> Option<(u32, Sent)> {
        let mut choice = self.balancer.choose(1)?;
        if let Some(sharing) = &mut self.sharing {
            let slot = sharing.pick(&mut choice, 0, at, self.window);
            return sharing.offer(slot, at, work, client, self.window).map(|_| (slot, Sent::Open));
        }
        let slot = self.pods.pick(choice, at);
        self.pods.offer(slot, self.limits, at, work).map(|fate| (slot, Sent::Known(fate)))
    }

    /// When the next request ends whose fate is open.
    pub(super) fn next_end(&self) -> u64 {
        self.sharing.as_ref().map_or(u64::MAX, |sharing| sharing.next_event())
    }

    /// Lets that happen.
    pub(super) fn take_end(&mut self) -> Vec<Ended> {
        self.sharing.as_mut().map(|sharing| sharing.take_event()).unwrap_or_default()
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

/// What is known of a request that a pod has taken.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sent {
    /// All, unless the pod goes.
    Known(Fate),
    /// It depends on those that come after it.
    Open,
}
