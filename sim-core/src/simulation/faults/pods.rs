//! Pods that are switched off, cut off or unready, and what becomes of them.

use super::super::Simulation;
use super::super::workload::Meter;
use super::state::Silence;
use crate::cluster::{Cause, Owner, Phase, Pod};
use crate::engine::{Event, FaultEvent};
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::NodeKind;
use crate::units::Time;

impl Simulation<'_> {
    /// When a pod of a silent node is evicted.
    fn evicted_at(&self, id: Id<Pod>, since: Time) -> Option<Time> {
        let tolerated = self.plan.faults.tolerated_by(self.plan.template(self.pods[id].class))?;
        Some(since.saturating_add(self.plan.faults.grace).saturating_add(tolerated))
    }

    /// Notes that nobody hears of a pod any more.
    fn fall_silent(&mut self, id: Id<Pod>, fault: u32, is_off: bool, since: Time) {
        let since = self.faults.silent.get(&id).map_or(since, |silence| silence.since);
        let evicted = self.evicted_at(id, since);
        self.faults.silent.insert(id, Silence { fault, since, is_off, evicted });
        if let Some(at) = evicted {
            self.push_in_run(at.max(self.now), Event::Fault(FaultEvent::Evict(id)));
        }
    }

    /// A pod was bound to a node that nobody hears from, which the scheduler did not know. Returns whether that is so.
    pub(crate) fn is_bound_to_silence(&mut self, id: Id<Pod>) -> bool {
        let Some(node) = self.pods[id].node.filter(|_| !self.faults.active.is_empty()) else { return false };
        let Some(health) = self.faults.nodes.get(node.index()).copied() else { return false };
        let Some(since) = health.since else { return false };
        self.hit(health.fault);
        self.fall_silent(id, health.fault, true, since);
        true
    }

    /// A pod's containers stop because its machine or instance does. What it works on is lost; its controller does not know yet.
    pub(super) fn switch_off(&mut self, id: Id<Pod>, fault: u32) {
        self.hit(fault);
        if self.pods[id].phase == Phase::Terminating {
            self.faults.count_lost(fault);
            return self.lose(id, self.failure_of(id));
        }
        self.catch_up_owner(id);
        if self.pods[id].phase == Phase::Ready {
            self.leave_service(id);
        }
        self.drop_requests(id);
        self.pods[id].runs_unready = false;
        if self.pods[id].phase == Phase::Ready {
            self.enter(id, Phase::Unready);
        }
        let pod = &mut self.pods[id];
        pod.due = None;
        pod.counters.run_from(None);
        // Its counters start anew, if it does.
        pod.scrapes.clear();
        self.cancel_pull(id);
        if self.pods[id].spec.is_some() && self.pods[id].starting.is_some() {
            self.give_instance_back(id);
        }
        if self.pods[id].starting.is_some() {
            self.faults.stopped.insert(id, self.now);
        }
        self.fall_silent(id, fault, true, self.now);
        if let Owner::Service(service) = self.pods[id].owner {
            self.wake_deployment(service);
        }
    }

    /// A pod can no longer be heard. It runs on; `is_mute` tells that its clients do not reach it either.
    pub(super) fn cut_off(&mut self, id: Id<Pod>, fault: u32, is_mute: bool) {
        self.hit(fault);
        self.fall_silent(id, fault, false, self.now);
        if self.pods[id].phase != Phase::Ready {
            return;
        }
        let Owner::Service(_) = self.pods[id].owner else { return };
        if is_mute {
            self.catch_up_owner(id);
            self.leave_service(id);
            self.drop_requests(id);
            self.pods[id].scrapes.clear();
            self.enter(id, Phase::Unready);
        } else {
            self.push_in_run(self.now.saturating_add(self.plan.faults.grace), Event::Fault(FaultEvent::PodSilent(id)));
        }
    }

    /// Kubernetes takes a pod that it has not heard of out of its service.
    pub(super) fn pod_silent(&mut self, id: Id<Pod>) {
        let is_due = |silence: &Silence| silence.since.saturating_add(self.plan.faults.grace) == self.now && !silence.is_off;
        if self.pods[id].phase == Phase::Ready && self.faults.silent.get(&id).is_some_and(is_due) {
            self.go_quiet(id);
        }
    }

    /// A ready pod takes no more requests, and goes on with those that it has.
    pub(super) fn go_quiet(&mut self, id: Id<Pod>) {
        let Owner::Service(service) = self.pods[id].owner else { return };
        self.catch_up(service);
        self.leave_service(id);
        let state = &self.services[service.index()];
        let pod = &mut self.pods[id];
        match state.meter {
            // Held until it is ready again.
            Meter::Requests(_) => pod.counters.change().requests_base = state.requests_each - pod.counters.get().requests_base,
            Meter::None | Meter::Demand(_) => pod.scrapes.clear(),
        }
        pod.runs_unready = true;
        pod.counters.run_from(pod.counters.get().running_from.or(pod.ready_since));
        self.enter(id, Phase::Unready);
        self.wake_deployment(service);
    }

    /// An unready pod whose containers run turns ready, unless something else keeps it from that.
    pub(super) fn speak_again(&mut self, id: Id<Pod>) {
        if self.pods[id].phase == Phase::Unready && !self.faults.is_silent(id) && !self.faults.flapping.contains_key(&id) {
            self.pods[id].due = Some(self.now);
            self.pod_ready(id);
        }
    }

    /// The toleration of a pod on a silent node has run out: its controller replaces it.
    pub(super) fn evict_silent(&mut self, id: Id<Pod>) {
        let Some(silence) = self.faults.silent.get(&id).copied().filter(|silence| silence.evicted == Some(self.now)) else { return };
        let runs = matches!(self.pods[id].phase, Phase::Ready | Phase::Unready) && !silence.is_off;
        if self.pods[id].phase == Phase::Terminating {
            return;
        }
        self.faults.count_lost(silence.fault);
        if !runs {
            return self.lose(id, self.failure_of(id));
        }
        // It goes on until its node hears of it.
        self.catch_up_owner(id);
        self.forget(id);
        self.decide(Decision::Evicted { pod: id, cause: Cause::NodeFailure });
        self.pods[id].cause = Some(Cause::NodeFailure);
        self.stop_counting(id);
        self.leave_service(id);
        self.enter(id, Phase::Terminating);
        if let Owner::Service(service) = self.pods[id].owner {
            self.services[service.index()].draining.push(id);
        }
        self.replace(id);
    }

    /// A pod can be heard again, or its machine is back.
    pub(super) fn come_back(&mut self, id: Id<Pod>) {
        let Some(silence) = self.faults.silent.remove(&id) else { return };
        let phase = self.pods[id].phase;
        if silence.is_off {
            return self.restart_machine_of(id, silence.fault);
        }
        match phase {
            // It was deleted meanwhile.
            Phase::Terminating => self.pod_gone(id),
            Phase::Starting if self.pods[id].due.is_some_and(|due| due <= self.now) => {
                self.pods[id].due = Some(self.now);
                self.pod_ready(id);
            }
            Phase::Unready => self.speak_again(id),
            Phase::Ready if matches!(self.pods[id].owner, Owner::Job { .. }) && self.pods[id].due.is_some_and(|due| due <= self.now) => {
                self.pods[id].due = Some(self.now);
                self.job_pod_ended(id);
            }
            _ => {}
        }
    }

    /// What was on a machine that was off starts again. An instance that stopped is lost, which its provider reports now.
    fn restart_machine_of(&mut self, id: Id<Pod>, fault: u32) {
        let node = self.pods[id].node.expect("a pod on a node was switched off");
        let is_machine = matches!(self.plan.nodes[node].kind, NodeKind::Machine(_));
        let can_restart = match self.pods[id].owner {
            Owner::Service(_) => true,
            Owner::Job { job, .. } => self.plan.jobs[job].steps[self.step_of(job, id)].rules.restarts_in_place,
        };
        match self.pods[id].phase {
            Phase::Scheduled if is_machine => self.begin_start(id),
            Phase::Scheduled => self.call_provider(id),
            Phase::Starting if is_machine => {
                self.faults.stopped.remove(&id);
                self.start_containers(id);
            }
            Phase::Unready if is_machine && can_restart => {
                self.faults.stopped.remove(&id);
                self.pods[id].interruptions.change().restarts += 1;
                self.pods[id].scrapes.clear();
                let at = self.now.saturating_add(self.start_again(id));
                self.pods[id].due = Some(at);
                self.push_in_run(at, Event::PodReady(id));
            }
            Phase::Starting | Phase::Unready => {
                self.faults.count_lost(fault);
                self.lose(id, self.failure_of(id));
            }
            _ => {}
        }
    }
}
