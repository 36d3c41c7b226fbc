//! The life of a pod: created, bound, started, ready, terminated.

use super::workload::Meter;
use super::{Simulation, place};
use crate::cluster::{Cause, Counters, Interruptions, Owner, Phase, Pod};
use crate::engine::Event;
use crate::id::Id;
use crate::metrics::{Note, Notes};
use crate::observe::Decision;
use crate::plan::{Balancing, Market, Node, NodeKind, Service, Traffic};
use crate::scheduling::policy::resource_policy::Passed;
use crate::traffic::{Endpoint, Plane, Slot};
use crate::units::{Span, Time};

/// How long until a terminating pod that waits for others is looked at again.
const LOOKS_AGAIN: Span = Span::from_millis(100);

impl Simulation<'_> {
    /// Creates a pod of a class without a node; `revision` is its Deployment's.
    pub(super) fn create_pod(&mut self, owner: Owner, base: usize, revision: u32) -> Id<Pod> {
        let (class, subset) = self.form_of_new_pod(base);
        let mut pod = Pod {
            owner,
            number: 0,
            class,
            revision,
            index: 0,
            phase: Phase::Pending,
            runs_unready: false,
            preexisting: self.warming_up,
            node: None,
            counted: None,
            subset,
            spec: None,
            market: Market::OnDemand,
            vswitch: None,
            created: self.now,
            scheduled: None,
            starting: None,
            ready: None,
            ready_since: None,
            due: None,
            terminating: None,
            ended: None,
            cause: None,
            interruptions: Interruptions::default(),
            uid: 0,
            slot: None,
            counters: Counters::default(),
            scrapes: Notes::default(),
        };
        let workload = place(self.plan, &pod);
        let state = &mut self.workloads[workload];
        pod.number = state.created;
        pod.uid = rand::Rng::next_u64(&mut state.uids.stream(u64::from(pod.number)));
        state.created += 1;
        state.in_phase[Phase::Pending as usize] += 1;
        let id = self.pods.push(pod);
        self.pending.push(class, id, self.now);
        self.watch_new_pod(id);
        self.request_cycle();
        id
    }

    /// Moves a pod on and keeps the counts.
    pub(super) fn enter(&mut self, id: Id<Pod>, phase: Phase) {
        if let Owner::Service(service) = self.pods[id].owner {
            self.catch_up(service);
            self.services[service.index()].alike.forget();
        }
        let workload = self.place_of(id);
        let pod = &mut self.pods[id];
        let counts = &mut self.workloads[workload].in_phase;
        counts[pod.phase as usize] -= 1;
        counts[phase as usize] += 1;
        let (was_ready, is_ready) = (pod.phase == Phase::Ready, phase == Phase::Ready);
        let was_active = pod.is_active();
        pod.enter(phase, self.now);
        if was_active && !pod.is_active() {
            self.forms.left(workload, pod.subset);
        }
        if let Some(node) = pod.node {
            let tier = &mut self.tiers[self.plan.nodes[node].tier.index()];
            tier.ready = tier.ready + u32::from(is_ready) - u32::from(was_ready);
        }
    }

    /// Binds a pending pod to `node` in the `unit`-th unit of its policy, and starts it.
    pub(super) fn bind(&mut self, id: Id<Pod>, node: Id<Node>, unit: usize, passed: Option<Passed>) {
        let workload = self.place_of(id);
        let class = self.pods[id].class;
        let template = self.plan.template(class);
        let counted = self.counted_in(class, unit);
        let node_plan = &self.plan.nodes[node];
        self.nodes[node.index()].bind(template);
        self.node_changed(node);
        self.neighbours.arrived(class, node);
        self.fleet.arrived(node, id);
        let tier = &mut self.tiers[node_plan.tier.index()];
        tier.bound += 1;
        tier.peak = tier.peak.max(tier.bound);
        tier.cpu_requested += template.requests.cpu.0;
        let state = &mut self.workloads[workload];
        let (bound, peak) = &mut state.in_tier[node_plan.tier.index()];
        *bound += 1;
        *peak = (*peak).max(*bound);
        let pod = &mut self.pods[id];
        pod.node = Some(node);
        pod.counted = counted;
        self.units.bound(pod, template.requests);
        self.count_placed(id, true);
        self.enter(id, Phase::Scheduled);
        self.decide(Decision::Placed { pod: id, node, unit, passed });
        match &node_plan.kind {
            NodeKind::Machine(_) => {
                if !self.is_bound_to_silence(id) {
                    self.begin_start(id);
                }
            }
            NodeKind::Virtual(virtual_node) => self.request_instance(id, virtual_node),
        }
    }

    pub(super) fn pod_ready(&mut self, id: Id<Pod>) {
        let pod = &self.pods[id];
        if !matches!(pod.phase, Phase::Starting | Phase::Unready) || pod.due != Some(self.now) {
            return;
        }
        if self.faults.is_silent(id) {
            // Nobody hears of it.
            return;
        }
        let is_back = self.pods[id].runs_unready;
        self.pods[id].due = None;
        self.enter(id, Phase::Ready);
        match self.pods[id].owner {
            Owner::Service(service) => {
                let endpoint = self.endpoint_of(service, id);
                let ready = self.workloads[service.index()].count(Phase::Ready);
                let state = &mut self.services[service.index()];
                let pod = &mut self.pods[id];
                match &mut state.meter {
                    Meter::None => {}
                    Meter::Requests(kernel) => match pod.slot {
                        Some(slot) => kernel.restore_endpoint(slot, endpoint),
                        None => pod.slot = Some(kernel.add_endpoint(endpoint)),
                    },
                    Meter::Demand(demand) => {
                        demand.set_pods(ready as usize);
                        pod.counters.change().demand_base = demand.accumulated();
                    }
                }
                // One that answered all the time goes on counting.
                let held = if is_back && pod.slot.is_some() { pod.counters.get().requests_base } else { 0 };
                pod.counters.change().requests_base = state.requests_each - held;
                state.note_ready(ready, self.now);
                if self.warming_up {
                    // The pipeline has watched this pod since before the run.
                    pod.scrapes.list().push_back(Note { at: self.now, ..Note::default() });
                }
            }
            Owner::Job { job, run } => self.job_pod_started(job, run, id),
        }
        if let Owner::Service(service) = self.pods[id].owner {
            self.await_availability(service);
        }
    }

    /// The pod as a service's requests see it.
    fn endpoint_of(&self, service: Id<Service>, id: Id<Pod>) -> Endpoint {
        let pod = &self.pods[id];
        let (Traffic::Requests(requests), Some(node)) = (&self.plan.services[service].traffic, pod.node) else { return Endpoint::PLAIN };
        let tier = self.plan.nodes[node].tier.index();
        let weight = if let Balancing::Weighted(weights) = &requests.balancing { weights.get(tier).copied().unwrap_or(1.0) } else { 1.0 };
        let speed = requests.speed.get(tier).copied().unwrap_or(1.0) * self.plan.template(pod.class).speed;
        Endpoint { ready: self.now.as_nanos(), warm: pod.preexisting, speed, weight, node: node.index() as u32, tier: tier as u16 }
    }

    /// Asks a pod to go, which its controller knows: it ends at once if it serves nobody, else when its last request is finished or its grace
    /// period is over. The caller takes it out of its controller's list, and out of the queue if it was Pending.
    pub(super) fn terminate(&mut self, id: Id<Pod>, cause: Cause) {
        self.catch_up_owner(id);
        self.decide(Decision::Evicted { pod: id, cause });
        self.pods[id].cause = Some(cause);
        self.stop_counting(id);
        match self.pods[id].phase {
            Phase::Pending => self.enter(id, Phase::Terminated),
            Phase::Scheduled | Phase::Starting => {
                self.drop_requests(id);
                self.enter(id, Phase::Terminated);
                self.unbind(id);
            }
            Phase::Ready | Phase::Unready => {
                // One whose probe fails runs on, and gets its time to stop like any other.
                let runs = self.pods[id].phase == Phase::Ready || self.pods[id].runs_unready;
                let busy_until = self.leave_service(id);
                self.enter(id, Phase::Terminating);
                let gone = match self.pods[id].owner {
                    Owner::Service(service) if runs => {
                        let own = self.plan.services[service].termination_grace;
                        let grace = if cause == Cause::NodeScaleIn { own.min(self.plan.node_scaling.shrink.max_grace) } else { own };
                        self.plan.services[service].gone_at(self.now, busy_until, grace)
                    }
                    Owner::Service(_) | Owner::Job { .. } => self.now,
                };
                if self.faults.is_silent(id) && !self.faults.is_off(id) {
                    // Its node does not know that it is to go.
                    if let Owner::Service(service) = self.pods[id].owner {
                        self.services[service.index()].draining.push(id);
                    }
                } else if gone > self.now {
                    if let Owner::Service(service) = self.pods[id].owner {
                        self.services[service.index()].draining.push(id);
                    }
                    self.push_in_run(gone, Event::PodGone(id));
                } else {
                    self.pod_gone(id);
                }
            }
            Phase::Terminating | Phase::Terminated | Phase::Succeeded | Phase::Failed => unreachable!("the pod has left its controller already"),
        }
    }

    /// Asks a pod to go for another reason than its controller's: the controller puts another one in its place at once.
    pub(super) fn evict(&mut self, id: Id<Pod>, cause: Cause) {
        if self.pods[id].is_active() {
            self.forget(id);
            self.terminate(id, cause);
            self.replace(id);
        }
    }

    /// A pod is gone at once, with the requests that it has: its node or instance failed, or was taken away. Its controller puts another one in
    /// its place.
    pub(super) fn lose(&mut self, id: Id<Pod>, cause: Cause) {
        let pod = &self.pods[id];
        let was_active = pod.is_active();
        if !was_active && pod.phase != Phase::Terminating {
            return;
        }
        self.catch_up_owner(id);
        self.decide(Decision::Lost { pod: id, cause });
        self.pods[id].cause = Some(cause);
        if was_active {
            self.stop_counting(id);
            self.forget(id);
            if self.pods[id].phase == Phase::Ready {
                self.leave_service(id);
            }
        }
        self.drop_requests(id);
        let is_bound = self.pods[id].node.is_some();
        self.enter(id, Phase::Failed);
        if is_bound {
            self.unbind(id);
        }
        if was_active {
            self.replace(id);
        }
    }

    /// Takes an active pod out of its controller's list and of the scheduler's queue.
    pub(super) fn forget(&mut self, id: Id<Pod>) {
        if self.pods[id].phase == Phase::Pending && !self.leaves_gang(id) {
            self.pending.retain(self.pods[id].class, |pod| pod != id);
        }
        if let Owner::Service(service) = self.pods[id].owner {
            self.services[service.index()].active.retain(|pod| *pod != id);
        }
    }

    /// Has the controller of a pod that went make up for it.
    pub(super) fn replace(&mut self, id: Id<Pod>) {
        match self.pods[id].owner {
            Owner::Service(service) => self.fill_up(service),
            Owner::Job { job, run } => self.job_pod_lost(job, run, id),
        }
    }

    /// An active pod no longer counts against its unit and where pods are spread.
    pub(super) fn stop_counting(&mut self, id: Id<Pod>) {
        let pod = &self.pods[id];
        self.units.leaving(pod, self.plan.template(pod.class).requests);
        let Some(node) = pod.node else { return };
        self.node_changes.push(node, self.nodes.len());
        if self.neighbours.leaving(pod.class, node) || !self.pending.is_empty() {
            self.wake_scheduler();
        }
    }

    /// A pod that may be ready takes no more requests. Returns when its last one is finished.
    pub(super) fn leave_service(&mut self, id: Id<Pod>) -> Time {
        let pod = &self.pods[id];
        let Owner::Service(service) = pod.owner else { return Time::ZERO };
        if pod.phase != Phase::Ready {
            // One whose probe fails has left, and may still have requests.
            let Meter::Requests(kernel) = &mut self.services[service.index()].meter else { return Time::ZERO };
            let in_chain = self.chains.has(service);
            return pod.slot.map_or(Time::ZERO, |slot| last_finish(kernel, slot, in_chain, self.now));
        }
        let ready = self.workloads[service.index()].count(Phase::Ready) - 1;
        let state = &mut self.services[service.index()];
        match &mut state.meter {
            Meter::None => Time::ZERO,
            Meter::Requests(kernel) => last_finish(kernel, pod.slot.expect("a ready pod takes requests"), self.chains.has(service), self.now),
            Meter::Demand(demand) => {
                let used = demand.accumulated() - pod.counters.get().demand_base;
                state.cpu_retired += used;
                self.pods[id].counters.change().cpu_used += used;
                demand.set_pods(ready as usize);
                Time::ZERO
            }
        }
    }

    /// A pod works on nothing any more: requests that it still has fail.
    pub(super) fn drop_requests(&mut self, id: Id<Pod>) {
        let Owner::Service(service) = self.pods[id].owner else { return };
        if let Some(slot) = self.pods[id].slot.take() {
            let state = &mut self.services[service.index()];
            if let Meter::Requests(kernel) = &mut state.meter {
                let used = u128::from(kernel.busy(slot, self.now)) * state.cpu_per_worker;
                state.cpu_retired += used;
                self.pods[id].counters.change().cpu_used += used;
                if self.chains.has(service) {
                    self.release_in_chain(service, slot);
                } else {
                    kernel.release(slot, self.now);
                }
            }
        }
        self.retire_own_cpu(service, id);
        self.services[service.index()].draining.retain(|other| *other != id);
    }

    pub(super) fn catch_up_owner(&mut self, id: Id<Pod>) {
        if let Owner::Service(service) = self.pods[id].owner {
            self.catch_up(service);
        }
    }

    pub(super) fn pod_gone(&mut self, id: Id<Pod>) {
        // It may have been lost while it finished its requests.
        if self.pods[id].phase != Phase::Terminating {
            return;
        }
        self.catch_up_owner(id);
        if self.is_waited_for(id) {
            return;
        }
        self.drop_requests(id);
        self.enter(id, Phase::Terminated);
        self.unbind(id);
        if let Owner::Service(service) = self.pods[id].owner {
            self.wake_deployment(service);
        }
    }

    /// Whether a terminating pod stays a while, because it waits for other services or has taken requests since: nobody knows ahead for how long.
    fn is_waited_for(&mut self, id: Id<Pod>) -> bool {
        let pod = &self.pods[id];
        let (Owner::Service(service), Some(slot), Some(since)) = (pod.owner, pod.slot, pod.terminating) else { return false };
        let own = self.plan.services[service].termination_grace;
        let grace = if pod.cause == Some(Cause::NodeScaleIn) { own.min(self.plan.node_scaling.shrink.max_grace) } else { own };
        let last = since.saturating_add(grace);
        let Meter::Requests(kernel) = &self.services[service.index()].meter else { return false };
        let takes_more = matches!(&self.plan.services[service].traffic, Traffic::Requests(requests) if requests.endpoint_delay.remove > Span::ZERO);
        let stays = (takes_more || self.chains.has(service)) && self.now < last && kernel.has_work(slot, self.now);
        if stays {
            self.push_in_run((self.now + LOOKS_AGAIN).min(last), Event::PodGone(id));
        }
        stays
    }

    /// Keeps the CPU that a pod has used whatever its requests were, now that it goes.
    fn retire_own_cpu(&mut self, service: Id<Service>, id: Id<Pod>) {
        if self.pods[id].phase == Phase::Unready && !self.pods[id].runs_unready {
            return;
        }
        let state = &mut self.services[service.index()];
        let used = state.own_counter(&self.plan.services[service].usage, &self.pods[id], self.now);
        state.cpu_retired += used;
        self.pods[id].counters.change().cpu_used += used;
    }

    /// A pod has done its work.
    pub(super) fn pod_succeeded(&mut self, id: Id<Pod>) {
        let node = self.pods[id].node.expect("a running pod is bound");
        self.units.leaving(&self.pods[id], self.plan.template(self.pods[id].class).requests);
        // Its place is free at once, which wakes the scheduler anyway.
        self.neighbours.leaving(self.pods[id].class, node);
        self.enter(id, Phase::Succeeded);
        self.unbind(id);
    }

    /// Gives the pod's place on its node back.
    pub(super) fn unbind(&mut self, id: Id<Pod>) {
        self.faults.forget(id);
        self.release_instance(id);
        self.count_placed(id, false);
        let workload = self.place_of(id);
        let pod = &mut self.pods[id];
        pod.scrapes.clear();
        let node = pod.node.expect("only bound pods are unbound");
        let template = self.plan.template(pod.class);
        self.nodes[node.index()].unbind(template);
        self.units.gone(pod, template.requests);
        self.neighbours.gone(pod.class, node);
        self.node_changed(node);
        let tier_index = self.plan.nodes[node].tier.index();
        let tier = &mut self.tiers[tier_index];
        tier.bound -= 1;
        tier.cpu_requested -= template.requests.cpu.0;
        self.workloads[workload].in_tier[tier_index].0 -= 1;
        self.fleet.left(node, id);
        self.wake_scheduler();
        self.release_if_empty(node);
    }
}

/// Takes a pod out of its service and returns when its last request is finished. One that waits for other services is looked at again and again.
fn last_finish(kernel: &mut Plane, slot: Slot, in_chain: bool, now: Time) -> Time {
    let last = kernel.remove_endpoint(slot);
    match (in_chain, kernel.has_work(slot, now)) {
        (false, _) => last,
        (true, true) => now + LOOKS_AGAIN,
        (true, false) => Time::ZERO,
    }
}
