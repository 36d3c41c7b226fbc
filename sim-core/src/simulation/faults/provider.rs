//! Provider APIs that refuse calls, and registries that are slow or fail.

use super::super::Simulation;
use crate::cluster::{Phase, Pod};
use crate::engine::{Event, FaultEvent, SupplyEvent};
use crate::id::Id;
use crate::observe::SupplyNote;
use crate::plan::{Backoff, FaultKind, Provider, Registry};
use crate::random::unit;

impl Simulation<'_> {
    /// Whether a creation call is refused now: then its client pauses and calls again.
    pub(crate) fn is_call_throttled(&mut self, id: Id<Pod>, provider: Id<Provider>) -> bool {
        let plan = self.plan;
        let now = self.now;
        let mut refused = None;
        for (place, active) in &mut self.faults.active {
            if let FaultKind::Api { provider: of, backoff, .. } = &plan.faults.list[*place as usize].kind
                && *of == provider
                && active.limiter.as_mut().is_some_and(|limiter| !limiter.try_accept(now))
            {
                refused = Some(*backoff);
            }
        }
        refused.is_some_and(|backoff| self.call_later(id, backoff, SupplyNote::Throttled))
    }

    /// Whether a creation call that was accepted ends with an error: then its client pauses and calls again.
    pub(crate) fn is_call_failing(&mut self, id: Id<Pod>, provider: Id<Provider>) -> bool {
        if self.faults.active.is_empty() || self.warming_up {
            return false;
        }
        let failures = u64::from(self.faults.calls.get(&id).copied().unwrap_or(0));
        let mut failed = None;
        for place in self.faults.active.keys().copied() {
            if let FaultKind::Api { provider: of, errors, backoff, .. } = &self.fault(place).kind
                && *of == provider
                && *errors > 0.0
            {
                let name = format!("{}/api-errors/{place}", self.plan.workload_name(self.place_of(id)));
                let mut stream = self.streams.indexed(&name, u64::from(self.pods[id].number) << 32 | failures);
                if unit(&mut stream) < *errors {
                    failed = Some(*backoff);
                }
            }
        }
        failed.is_some_and(|backoff| self.call_later(id, backoff, SupplyNote::ApiError))
    }

    fn call_later(&mut self, id: Id<Pod>, backoff: Backoff, note: SupplyNote) -> bool {
        let failures = self.faults.calls.entry(id).or_insert(0);
        *failures += 1;
        let pause = backoff.pause(*failures);
        self.note_supply(id, note);
        self.push_in_run(self.now.saturating_add(pause), Event::Supply(SupplyEvent::Call(id)));
        true
    }

    /// Brings a registry in line with the faults that are in force.
    pub(super) fn look_at_registry(&mut self, registry: Id<Registry>) {
        let link = registry.index();
        let shares = self.faults.active.keys().filter_map(|place| match self.fault(*place).kind {
            FaultKind::Registry { registry: of, share, .. } if of == registry => Some(share),
            _ => None,
        });
        let share = shares.fold(1.0, f64::min);
        self.supply.links[link].set_share(self.now, share);
        if self.is_registry_failing(link) {
            for id in self.supply.links[link].stop_all(self.now) {
                if let Some(instance) = self.supply.instances.get_mut(&id) {
                    instance.pull = None;
                }
                self.pull_failed(id);
            }
        }
        self.await_pull(link);
    }

    /// Whether pulls of a registry end with an error now.
    pub(crate) fn is_registry_failing(&self, link: usize) -> bool {
        let fails = |place: &u32| matches!(self.fault(*place).kind, FaultKind::Registry { registry, fails: true, .. } if registry.index() == link);
        self.faults.active.keys().any(fails)
    }

    /// The pull of a pod's image ended with an error; the kubelet pauses, and tries again.
    pub(crate) fn pull_failed(&mut self, id: Id<Pod>) {
        let failures = self.faults.pulls.entry(id).or_insert(0);
        *failures += 1;
        let pause = Backoff::PULL.pause(*failures);
        self.note_supply(id, SupplyNote::ErrImagePull);
        self.push_in_run(self.now.saturating_add(pause), Event::Fault(FaultEvent::PullAgain(id)));
    }

    pub(super) fn pull_again(&mut self, id: Id<Pod>) {
        let is_idle = self.supply.instances.get(&id).is_some_and(|instance| instance.pull.is_none());
        if self.pods[id].phase == Phase::Starting && self.faults.pulls.contains_key(&id) && is_idle {
            let plan = self.plan;
            if let Some(image) = &plan.template(self.pods[id].class).supply.image {
                self.start_pull(id, image);
            }
        }
    }
}
