//! Services: their replica count, and who changes it.

use super::Simulation;
use super::rollouts::SetState;
use crate::cluster::victims::{VictimPhase, VictimRules, VictimView};
use crate::cluster::{Owner, Phase, Pod};
use crate::engine::Event;
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{InitialPods, Phase as PeriodPhase, Service};
use crate::units::{Span, Time};

impl Simulation<'_> {
    /// Creates the first replicas, and schedules manual steps and HPAs.
    pub(super) fn start_services(&mut self) {
        self.warming_up = true;
        for (id, _) in self.plan.services.iter().filter(|(_, service)| service.initial == InitialPods::Ready) {
            self.fill_up(id);
            self.schedule();
        }
        self.warming_up = false;
        for pod in self.pods.values_mut().filter(|pod| pod.phase != Phase::Ready) {
            pod.preexisting = false;
        }
        for (id, service) in self.plan.services.iter() {
            if service.initial == InitialPods::Created {
                self.fill_up(id);
            }
            for (step, (at, _)) in service.scale_steps.iter().enumerate() {
                self.push_in_run(*at, Event::Scale(id, step as u32));
            }
            if service.hpa.is_some() {
                let config = &self.plan.hpa;
                let first = match config.phase {
                    // An HPA that exists since the start was last evaluated then.
                    PeriodPhase::Fixed(phase) if phase.is_zero() => Time::ZERO + config.sync_period,
                    phase => self.first_of(phase, config.sync_period, &format!("{}/hpa-phase", service.name)),
                };
                self.push_in_run(first, Event::Autoscale(id));
            }
            let scaling = &service.scaling;
            if let Some(first) = scaling.cron.as_ref().and_then(|cron| cron.firings.first()) {
                self.push_in_run(first.at, Event::CronFires(id, 0));
            }
            if scaling.keda.is_some() {
                self.push_in_run(Time::ZERO, Event::KedaPolls(id));
            }
            if scaling.predictive.is_some() {
                self.push_in_run(Time::ZERO, Event::Predicts(id));
            }
        }
    }

    pub(super) fn create_replicas(&mut self, service: Id<Service>, set: SetState, count: u32) {
        for _ in 0..count {
            let pod = self.create_pod(Owner::Service(service), set.class, set.revision);
            self.services[service.index()].active.push(pod);
        }
    }

    pub(super) fn manual_step(&mut self, service: Id<Service>, step: u32) {
        let (_, replicas) = self.plan.services[service].scale_steps[step as usize];
        self.scale(service, replicas, "scale", "kubectl scale".to_owned());
    }

    /// Changes the replica count: creates pods, or removes those that the ReplicaSet controller would.
    pub(super) fn scale(&mut self, service: Id<Service>, to: u32, controller: &'static str, reason: String) {
        let ready = self.workloads[service.index()].count(Phase::Ready);
        let state = &mut self.services[service.index()];
        let from = state.desired;
        if from == to {
            return;
        }
        state.desired = to;
        match state.steps.last_mut().filter(|step| step.0 == self.now) {
            Some(step) => step.1 = to,
            None => state.steps.push((self.now, to)),
        }
        state.note_desired(to, ready, self.now);
        self.decide(Decision::Scaled { service, controller, from, to, reason });
        self.sync_deployment(service);
        self.wake_deployment(service);
    }

    /// The first `surplus` of the pods of a `ReplicaSet` in its controller's order of deletion.
    pub(super) fn victims(&self, service: Id<Service>, of_set: &[Id<Pod>], surplus: usize) -> Vec<Id<Pod>> {
        let active = &self.services[service.index()].active;
        let mut on_node = vec![0u32; self.nodes.len()];
        for node in active.iter().filter_map(|pod| self.pods[*pod].node) {
            on_node[node.index()] += 1;
        }
        let mut rules = VictimRules::of(self.plan.kubernetes);
        let mut views: Vec<VictimView> = of_set.iter().map(|pod| self.victim_view(*pod, &on_node)).collect();
        let order = |pods: &[Id<Pod>]| {
            let views: Vec<VictimView> = pods.iter().map(|pod| self.victim_view(*pod, &on_node)).collect();
            rules.deletion_order(&views, signed(self.now))
        };
        let costs = self.deletion_costs(service, of_set, order);
        // A policy's scale-in in reverse does not wait for the release that made deletion costs a default.
        rules.deletion_cost |= costs.iter().any(|cost| *cost != 0);
        views.iter_mut().zip(costs).for_each(|(view, cost)| view.deletion_cost = cost);
        rules.deletion_order(&views, signed(self.now)).into_iter().take(surplus).map(|place| of_set[place]).collect()
    }

    fn victim_view(&self, id: Id<Pod>, on_node: &[u32]) -> VictimView {
        let pod = &self.pods[id];
        VictimView {
            assigned: pod.node.is_some(),
            phase: if matches!(pod.phase, Phase::Ready | Phase::Unready) { VictimPhase::Running } else { VictimPhase::Pending },
            ready: pod.phase == Phase::Ready,
            deletion_cost: 0,
            rank: pod.node.map_or(0, |node| on_node[node.index()]),
            ready_since_ns: pod.ready_since.map(|ready| instant(ready, pod.is_long_ready())),
            created_ns: Some(instant(pod.created, pod.preexisting)),
            restarts: pod.interruptions.restarts,
            uid: pod.uid,
        }
    }

    /// Reads every running pod that an autoscaler looks at.
    pub(super) fn scrape(&mut self) {
        self.last_scrape = self.now;
        for (id, service) in self.plan.services.iter() {
            if service.hpa.is_some() {
                self.scrape_service(id);
            }
            self.note_requests(id);
        }
        self.push_in_run(self.now + self.plan.metrics.scrape_interval, Event::Scrape);
    }
}

/// How long before the start of a run a pod that was there already is taken to have started.
const LONG_AGO: Span = Span::from_secs(30 * 86400);

/// An instant of a pod's life as controllers see it, in nanoseconds since the start of the run.
pub(super) fn instant(at: Time, preexisting: bool) -> i64 {
    if preexisting { -(LONG_AGO.as_nanos() as i64) } else { signed(at) }
}

/// An instant as controllers calculate with it.
pub(super) const fn signed(at: Time) -> i64 {
    at.as_nanos() as i64
}
