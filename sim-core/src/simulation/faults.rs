//! What breaks: zones, machines, networks, instances, registries, provider APIs and probes.
//!
//! A fault that is in force changes the state of nodes and pods; when it ends, what is still there recovers as far as it can.

mod machines;
mod nodes;
mod pods;
mod provider;
mod state;

pub(super) use state::FaultState;

use self::state::Active;
use super::Simulation;
use crate::cluster::{Cause, Phase, Pod};
use crate::engine::{Event, FaultEvent};
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{Fault, FaultBegins, FaultKind, InstanceScope, PodsHit, Repair, Service};
use crate::record::FaultSummary;
use crate::supply::CreateLimiter;
use crate::units::{Span, Time};

impl<'p> Simulation<'p> {
    /// Schedules the first time that everything breaks.
    pub(super) fn start_faults(&mut self) {
        for place in 0..self.plan.faults.list.len() {
            self.await_fault(place as u32);
        }
    }

    pub(super) fn fault_event(&mut self, event: FaultEvent) {
        match event {
            FaultEvent::Begins(place) => self.fault_begins(place),
            FaultEvent::Ends(place) => self.fault_ends(place),
            FaultEvent::NodeSilent(node) => self.node_silent(node),
            FaultEvent::PodSilent(pod) => self.pod_silent(pod),
            FaultEvent::Evict(pod) => self.evict_silent(pod),
            FaultEvent::InstanceFails(pod) => {
                if matches!(self.pods[pod].phase, Phase::Starting | Phase::Ready | Phase::Unready | Phase::Terminating) && !self.faults.is_off(pod) {
                    self.lose(pod, Cause::InstanceFailure);
                }
            }
            FaultEvent::PullAgain(pod) => self.pull_again(pod),
        }
    }

    fn fault(&self, place: u32) -> &'p Fault {
        &self.plan.faults.list[place as usize]
    }

    fn await_fault(&mut self, place: u32) {
        let at = match &self.fault(place).begins {
            FaultBegins::At(at) => *at,
            FaultBegins::Every(distribution) => {
                let seconds = distribution.sample(&mut self.faults.streams[place as usize]);
                self.now.saturating_add(Span::from_secs_f64(seconds).max(Span::from_nanos(1)))
            }
        };
        self.push_in_run(at, Event::Fault(FaultEvent::Begins(place)));
    }

    fn fault_begins(&mut self, place: u32) {
        let fault = self.fault(place);
        let is_spent = self.is_nothing_there(&fault.kind);
        if is_spent && matches!(fault.begins, FaultBegins::Every(_)) {
            return self.await_fault(place);
        }
        let until = match &fault.repair {
            Repair::Never => None,
            Repair::After(span) => Some(self.now.saturating_add(*span)),
            Repair::Random(distribution) => Some(self.now.saturating_add(Span::from_secs_f64(distribution.sample(&mut self.faults.streams[place as usize])))),
        };
        if let Some(until) = until {
            self.push_in_run(until, Event::Fault(FaultEvent::Ends(place)));
        }
        let limiter = if let FaultKind::Api { limit: Some(limit), .. } = fault.kind { Some(CreateLimiter::new(limit)) } else { None };
        self.faults.active.insert(place, Active { row: self.faults.rows.len(), limiter, is_spent });
        self.faults.rows.push(FaultSummary {
            fault: place,
            kind: fault.kind.name().to_owned(),
            target: fault.target.clone(),
            from_s: self.now.as_secs_f64(),
            to_s: until.filter(|until| *until <= self.plan.end()).map(Time::as_secs_f64),
            pods_hit: 0,
            pods_lost: 0,
        });
        self.decide(Decision::Fault { place, begins: true, until });
        match &fault.kind {
            FaultKind::Zone { .. } | FaultKind::Node { .. } | FaultKind::Partition { .. } => self.look_at_nodes(),
            FaultKind::Instances { of, count } => self.lose_instances(place, *of, *count),
            FaultKind::Registry { registry, .. } => self.look_at_registry(*registry),
            FaultKind::Api { .. } => {}
            FaultKind::Readiness { service, pods } => self.fail_probes(place, *service, *pods),
        }
    }

    fn fault_ends(&mut self, place: u32) {
        let fault = self.fault(place);
        let Some(active) = self.faults.active.remove(&place) else { return };
        if !active.is_spent {
            self.decide(Decision::Fault { place, begins: false, until: None });
        }
        match &fault.kind {
            FaultKind::Zone { .. } | FaultKind::Node { .. } | FaultKind::Partition { .. } => self.look_at_nodes(),
            FaultKind::Registry { registry, .. } => self.look_at_registry(*registry),
            FaultKind::Instances { .. } | FaultKind::Api { .. } => {}
            FaultKind::Readiness { .. } => self.pass_probes(place),
        }
        if matches!(fault.begins, FaultBegins::Every(_)) {
            self.await_fault(place);
        }
    }

    /// Whether an instance is one of those meant.
    fn is_in(&self, scope: InstanceScope, id: Id<Pod>) -> bool {
        let pod = &self.pods[id];
        let Some(node) = pod.node.filter(|_| pod.spec.is_some()) else { return false };
        scope.workload.is_none_or(|workload| workload == self.place_of(id)) && scope.tier.is_none_or(|tier| self.plan.nodes[node].tier == tier)
    }

    /// The oldest running instances that match fail, each by itself.
    fn lose_instances(&mut self, place: u32, of: InstanceScope, count: u32) {
        let runs = |(id, pod): &(Id<Pod>, &Pod)| matches!(pod.phase, Phase::Starting | Phase::Ready | Phase::Unready) && self.is_in(of, *id);
        let hit: Vec<Id<Pod>> = self.pods.iter().filter(runs).map(|(id, _)| id).take(count as usize).collect();
        for id in hit {
            self.hit(place);
            self.faults.count_lost(place);
            self.lose(id, Cause::InstanceFailure);
        }
        // They are gone: nothing is left to repair.
        self.faults.active.remove(&place);
        if matches!(self.fault(place).begins, FaultBegins::Every(_)) {
            self.await_fault(place);
        }
    }

    /// Draws when an instance that starts now will fail by itself.
    pub(super) fn plan_failure(&mut self, id: Id<Pod>) {
        let plan = self.plan;
        for (place, rule) in plan.faults.instances.iter().enumerate() {
            if self.is_in(rule.of, id) {
                let name = format!("{}/instance-failure/{place}", plan.workload_name(self.place_of(id)));
                let mut stream = self.streams.indexed(&name, u64::from(self.pods[id].number));
                let lifetime = Span::from_secs_f64(rule.lifetime.sample(&mut stream));
                self.push_in_run(self.now.saturating_add(lifetime), Event::Fault(FaultEvent::InstanceFails(id)));
            }
        }
    }

    /// The readiness probes of ready pods fail. Their containers run on and finish the requests that they have.
    fn fail_probes(&mut self, place: u32, service: Id<Service>, pods: PodsHit) {
        let is_ready = |id: &&Id<Pod>| self.pods[**id].phase == Phase::Ready;
        let ready: Vec<Id<Pod>> = self.services[service.index()].active.iter().filter(is_ready).copied().collect();
        let count = match pods {
            PodsHit::Count(count) => count as usize,
            PodsHit::Share(share) => (ready.len() as f64 * share).ceil() as usize,
        };
        for id in ready.into_iter().take(count) {
            self.hit(place);
            self.go_quiet(id);
            self.faults.flapping.insert(id, place);
        }
    }

    fn pass_probes(&mut self, place: u32) {
        let passing: Vec<Id<Pod>> = self.faults.flapping.iter().filter(|(_, fault)| **fault == place).map(|(id, _)| *id).collect();
        for id in passing {
            self.faults.flapping.remove(&id);
            self.speak_again(id);
        }
    }

    /// Counts a pod that a fault has an effect on.
    fn hit(&mut self, place: u32) {
        if let Some(active) = self.faults.active.get(&place) {
            self.faults.rows[active.row].pods_hit += 1;
        }
    }
}
