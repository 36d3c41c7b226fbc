//! Containers that are started again in their pods, at longer and longer intervals.

use super::Simulation;
use crate::cluster::{Cause, Owner, Phase, Pod};
use crate::engine::Event;
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{NodeKind, StartUp};
use crate::units::{Span, Time};

/// The kubelet's pause before the second restart; each further one is twice as long. The first restart is at once.
const BACKOFF: Span = Span::from_secs(10);
/// Longest pause (`CrashLoopBackOff`).
const BACKOFF_MAX: Span = Span::from_secs(300);
/// A container that has run for this long starts over without a pause.
const RESET: Span = Span::from_secs(600);

impl Simulation<'_> {
    /// The containers of a ready pod end with an error: its requests fail, and the kubelet starts them again.
    pub(super) fn restart(&mut self, id: Id<Pod>, cause: Cause) {
        if let Owner::Service(service) = self.pods[id].owner {
            self.catch_up(service);
        }
        self.leave_service(id);
        self.drop_requests(id);
        let now = self.now;
        let pod = &mut self.pods[id];
        let ran = pod.ready_since.map_or(Span::ZERO, |since| now.since(since));
        let pause = if ran >= RESET || pod.is_long_ready() { Span::ZERO } else { pod.interruptions.backoff };
        let interrupted = pod.interruptions.change();
        interrupted.backoff = if pause.is_zero() { BACKOFF } else { (pause * 2).min(BACKOFF_MAX) };
        interrupted.restarts += 1;
        pod.scrapes.clear();
        pod.counters.run_from(None);
        self.enter(id, Phase::Unready);
        self.decide(Decision::Restarted { pod: id, cause, pause });
        let at = now.saturating_add(pause).saturating_add(self.start_again(id));
        self.pods[id].due = Some(at);
        self.push_in_run(at, Event::PodReady(id));
        if let Owner::Service(service) = self.pods[id].owner {
            self.wake_deployment(service);
        }
    }

    /// How long containers take to get ready in a pod whose image is there. A job's work goes on at once.
    pub(super) fn start_again(&mut self, id: Id<Pod>) -> Span {
        let pod = &self.pods[id];
        let (Owner::Service(_), Some(node)) = (pod.owner, pod.node) else { return Span::ZERO };
        let plan = self.plan;
        let start_up = match &plan.nodes[node].kind {
            NodeKind::Machine(machine) => &machine.start_up,
            NodeKind::Virtual(virtual_node) => &virtual_node.start_up,
        };
        let application = match start_up {
            StartUp::Whole(whole) => Some(whole),
            StartUp::Stages(_) => plan.template(pod.class).supply.application.as_ref(),
        };
        let draw = u64::from(pod.number) << 32 | u64::from(pod.interruptions.restarts);
        let mut stream = self.streams.indexed(&format!("{}/restart", self.plan.workload_name(self.place_of(id))), draw);
        application.map_or(Span::ZERO, |distribution| Span::from_secs_f64(distribution.sample(&mut stream)))
    }

    /// Ends the containers of pods of a service that need more memory than their limit, as the kernel does.
    pub(super) fn kill_hogs(&mut self, service: Id<crate::plan::Service>) {
        let plan = self.plan;
        let usage = &plan.services[service].usage;
        let (Some(limit), true) = (usage.memory_limit, usage.memory.is_some()) else { return };
        self.catch_up(service);
        let ready: Vec<Id<Pod>> = self.services[service.index()].active.iter().copied().filter(|pod| self.pods[*pod].phase == Phase::Ready).collect();
        for pod in ready {
            if self.memory_demand(pod).is_some_and(|demand| demand > limit) {
                self.services[service.index()].oom_kills += 1;
                self.restart(pod, Cause::OutOfMemory);
            }
        }
    }

    /// Looks at the memory of every service whose pods may be killed, again and again.
    pub(super) fn watch_memory(&mut self) {
        for service in self.plan.services.ids() {
            self.kill_hogs(service);
        }
        self.push_in_run(self.now + MEMORY_CHECK, Event::MemoryCheck);
    }

    /// Starts to watch memory if any service has a limit on it.
    pub(super) fn start_memory_watch(&mut self) {
        if self.plan.services.values().any(|service| service.usage.memory.is_some() && service.usage.memory_limit.is_some()) {
            self.push_in_run(Time::ZERO + MEMORY_CHECK, Event::MemoryCheck);
        }
    }
}

/// How often memory is compared with its limit. A peak that comes and goes in between is not seen.
const MEMORY_CHECK: Span = Span::from_secs(1);
