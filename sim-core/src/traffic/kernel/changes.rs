//! Changes of the endpoints of which those who send requests learn late.
//!
//! Until then requests go where they went: a pod that is ready gets none, and one that is gone refuses them.

use std::collections::VecDeque;

use super::RequestKernel;
use super::instant::NEVER;
use super::traits::Endpoint;
use crate::plan::EndpointDelay;

/// What is still to come, by service.
#[derive(Clone, Debug)]
pub(super) struct Changes {
    /// From readiness to being known, and from the end to being forgotten.
    add: u64,
    remove: u64,
    joining: VecDeque<(u64, u32, Endpoint)>,
    leaving: VecDeque<(u64, u32)>,
    /// Pods that are gone and still known.
    gone: Vec<u32>,
    now: u64,
}

impl Changes {
    /// None if everybody knows everything at once.
    pub(super) fn of(delay: EndpointDelay) -> Option<Box<Self>> {
        let [add, remove] = [delay.add, delay.remove].map(|span| span.as_nanos().min(NEVER / 2));
        let none = add == 0 && remove == 0;
        (!none).then(|| Box::new(Self { add, remove, joining: VecDeque::new(), leaving: VecDeque::new(), gone: Vec::new(), now: 0 }))
    }

    /// When the next change is known.
    fn next(&self) -> Option<u64> {
        let [joins, leaves] = [self.joining.front().map(|join| join.0), self.leaving.front().map(|leave| leave.0)];
        joins.into_iter().chain(leaves).min()
    }
}

impl RequestKernel {
    /// When a change of the endpoints becomes known next, up to `until`.
    pub(crate) fn next_change(&self, until: u64) -> Option<u64> {
        self.changes.as_ref()?.next().filter(|at| *at <= until)
    }

    /// Notes that requests have been simulated up to `now`, and lets those who send learn of changes up to then.
    pub(crate) fn learn(&mut self, now: u64) {
        let Some(mut changes) = self.changes.take() else { return };
        changes.now = now;
        while let Some(&(_, slot, endpoint)) = changes.joining.front().filter(|join| join.0 <= now) {
            changes.joining.pop_front();
            self.balancer.add(slot, endpoint);
        }
        while let Some(&(_, slot)) = changes.leaving.front().filter(|leave| leave.0 <= now) {
            changes.leaving.pop_front();
            self.balancer.remove(slot);
            if let Some(place) = changes.gone.iter().position(|gone| *gone == slot) {
                changes.gone.swap_remove(place);
                self.give_back(slot);
            }
        }
        self.changes = Some(changes);
    }

    /// A pod takes requests from now on: those who send learn of it.
    pub(super) fn join(&mut self, slot: u32, endpoint: Endpoint) {
        let Some(changes) = &mut self.changes else { return self.balancer.add(slot, endpoint) };
        changes.now = changes.now.max(endpoint.ready);
        if let Some(place) = changes.leaving.iter().position(|leave| leave.1 == slot) {
            // It is back before anybody knew that it had left.
            changes.leaving.remove(place);
        } else if changes.add == 0 || endpoint.warm {
            self.balancer.add(slot, endpoint);
        } else {
            changes.joining.push_back((endpoint.ready + changes.add, slot, endpoint));
        }
    }

    /// A pod takes no more requests: those who send learn of it.
    pub(super) fn leave(&mut self, slot: u32) {
        let Some(changes) = self.changes.as_mut() else { return self.balancer.remove(slot) };
        if let Some(place) = changes.joining.iter().position(|join| join.1 == slot) {
            changes.joining.remove(place);
        } else if changes.remove == 0 {
            self.balancer.remove(slot);
        } else if self.balancer.has(slot) && !changes.leaving.iter().any(|leave| leave.1 == slot) {
            changes.leaving.push_back((changes.now + changes.remove, slot));
        }
    }

    /// The pod in a slot is gone. Returns whether somebody may still send requests there: then it refuses them, and the slot is given back when all know.
    pub(super) fn is_still_known(&mut self, slot: u32) -> bool {
        let Some(changes) = &mut self.changes else { return false };
        let is_known = changes.leaving.iter().any(|leave| leave.1 == slot);
        if is_known {
            changes.gone.push(slot);
        }
        is_known
    }

    /// Gives the slot of a pod that is gone to whoever comes next.
    pub(super) fn give_back(&mut self, slot: u32) {
        match &mut self.sharing {
            Some(sharing) => sharing.give_back(slot),
            None => self.pods.release(slot),
        }
    }
}
