//! Services: their replica count, and who changes it.

use super::Simulation;
use super::rollouts::SetState;
use crate::autoscaling::hpa;
use crate::cluster::victims::{VictimPhase, VictimRules, VictimView};
use crate::cluster::{Owner, Phase, Pod};
use crate::engine::Event;
use crate::id::Id;
use crate::metrics;
use crate::observe::Decision;
use crate::plan::{InitialPods, Phase as PeriodPhase, Placement, Service};
use crate::units::{MilliCpu, Span, Time};

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
        let tiered = matches!(self.plan.services[service].template.placement, Placement::Prefer { .. });
        let mut rules = VictimRules::of(self.plan.kubernetes);
        // A policy's scale-in in reverse does not wait for the release that made deletion costs a default.
        rules.deletion_cost |= tiered;
        let views: Vec<VictimView> = of_set.iter().map(|pod| self.victim_view(*pod, &on_node, tiered)).collect();
        rules.deletion_order(&views, signed(self.now)).into_iter().take(surplus).map(|place| of_set[place]).collect()
    }

    fn victim_view(&self, id: Id<Pod>, on_node: &[u32], tiered: bool) -> VictimView {
        let pod = &self.pods[id];
        VictimView {
            assigned: pod.node.is_some(),
            phase: if matches!(pod.phase, Phase::Ready | Phase::Unready) { VictimPhase::Running } else { VictimPhase::Pending },
            ready: pod.phase == Phase::Ready,
            // The policy gives the pods of later units lower deletion costs, so that scale-in goes in reverse.
            deletion_cost: if tiered { pod.counted.map_or(0, |(_, unit)| -100 * unit as i32) } else { 0 },
            rank: pod.node.map_or(0, |node| on_node[node.index()]),
            ready_since_ns: pod.ready_since.map(|ready| instant(ready, pod.preexisting && pod.restarts == 0)),
            created_ns: Some(instant(pod.created, pod.preexisting)),
            restarts: pod.restarts,
            uid: pod.uid,
        }
    }

    /// Reads every running pod's CPU counter.
    pub(super) fn scrape(&mut self) {
        for (id, service) in self.plan.services.iter() {
            if service.hpa.is_none() {
                continue;
            }
            self.scrape_service(id);
        }
        self.push_in_run(self.now + self.plan.metrics.scrape_interval, Event::Scrape);
    }

    /// Lets the HPA of a service look at its pods and decide.
    pub(super) fn autoscale(&mut self, service: Id<Service>) {
        let plan = self.plan;
        let spec = plan.services[service].hpa.as_ref().expect("only services with an HPA are evaluated");
        let mut memory = std::mem::take(&mut self.services[service.index()].hpa_memory);
        let state = &self.services[service.index()];
        let pods: Vec<hpa::PodView<'_>> = state.active.iter().map(|pod| self.hpa_view(service, *pod)).collect();
        let input = hpa::HpaInput { spec_replicas: state.desired, status_replicas: pods.len() as u32, pods: &pods, ..hpa::HpaInput::default() };
        let decision = hpa::reconcile(&plan.hpa, spec, signed(self.now), &input, &mut memory);
        self.services[service.index()].hpa_memory = memory;
        let reason = decision.reason.to_string();
        if decision.scaled {
            self.services[service.index()].last_verdict.clear();
            self.scale(service, decision.desired, "hpa", reason);
        } else {
            self.note_kept(service, reason);
        }
        self.push_in_run(self.now + plan.hpa.sync_period, Event::Autoscale(service));
    }

    /// Notes that an HPA left its service alone, once until the verdict changes: a year has two million syncs, most of which say the same with
    /// another percentage.
    fn note_kept(&mut self, service: Id<Service>, reason: String) {
        self.digest.text(&reason);
        let verdict: String = reason.chars().filter(|c| !c.is_ascii_digit()).collect();
        let state = &mut self.services[service.index()];
        if state.last_verdict != verdict {
            state.last_verdict = verdict;
            self.decide(Decision::Kept { service, reason });
        }
    }

    /// A pod as the HPA controller sees it. Until its containers run, its Kubernetes phase is Pending.
    fn hpa_view(&self, service: Id<Service>, id: Id<Pod>) -> hpa::PodView<'_> {
        let pod = &self.pods[id];
        let sample = metrics::sample(&pod.scrapes, &self.plan.metrics, self.now, self.services[service.index()].cpu_scale);
        let template = self.plan.template(pod.class);
        let request = template.requests.cpu.0 as i64;
        // A container is throttled at its limit: nobody ever measures more.
        let limit = template.cpu_limit.unwrap_or(MilliCpu(u64::MAX));
        hpa::PodView {
            phase: if matches!(pod.phase, Phase::Ready | Phase::Unready) { hpa::PodPhaseView::Running } else { hpa::PodPhaseView::Pending },
            deleting: false,
            start_ns: pod.starting.map(|at| instant(at, pod.preexisting)),
            ready: match pod.phase {
                Phase::Unready => pod.unready_since.map(|at| hpa::ReadyCondition { ready: false, since_ns: signed(at) }),
                _ => pod.ready_since.map(|at| hpa::ReadyCondition { ready: true, since_ns: instant(at, pod.preexisting && pod.restarts == 0) }),
            },
            requests: if request > 0 { hpa::Amounts::cpu(request) } else { hpa::Amounts::default() },
            sample: sample.map(|sample| hpa::Sample {
                at_ns: signed(sample.timestamp),
                window_ns: sample.window.as_nanos() as i64,
                usage: hpa::Amounts::cpu(sample.cpu.min(limit).0 as i64),
            }),
            containers: &[],
        }
    }
}

/// How long before the start of a run a pod that was there already is taken to have started.
const LONG_AGO: Span = Span::from_secs(30 * 86400);

/// An instant of a pod's life as controllers see it, in nanoseconds since the start of the run.
fn instant(at: Time, preexisting: bool) -> i64 {
    if preexisting { -(LONG_AGO.as_nanos() as i64) } else { signed(at) }
}

/// An instant as controllers calculate with it.
const fn signed(at: Time) -> i64 {
    at.as_nanos() as i64
}
