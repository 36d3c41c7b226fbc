//! From bound to ready, stage by stage: sandbox, image, application, probe, load balancer.

use super::Simulation;
use super::supply::{Luck, OnNode};
use super::usage::running_from;
use crate::cluster::{Owner, Phase, Pod};
use crate::engine::{Event, SupplyEvent};
use crate::id::Id;
use crate::observe::SupplyNote;
use crate::plan::{Image, NodeKind, Stages, StartUp};
use crate::random::unit;
use crate::units::{Span, Time};

impl Simulation<'_> {
    /// What a pod draws for its stages, always in this order: the n-th pod of a workload draws the same luck in every variant of a scenario.
    pub(super) fn luck(&self, id: Id<Pod>, stages: &Stages) -> Luck {
        let workload = self.place_of(id);
        let supply = &self.plan.template(self.pods[id].class).supply;
        let mut rng = self.streams.indexed(&format!("{}/stages", self.plan.workload_name(workload)), u64::from(self.pods[id].number));
        let mut draw = |distribution: &crate::random::Distribution| Span::from_secs_f64(distribution.sample(&mut rng));
        let [scheduling, sandbox, cached, load_balancer] = [&stages.scheduling, &stages.sandbox, &stages.cached, &stages.load_balancer].map(&mut draw);
        let application = supply.application.as_ref().map_or(Span::ZERO, &mut draw);
        Luck { scheduling, sandbox, cache: unit(&mut rng), cached, application, load_balancer }
    }

    /// A pod's containers start to be created: on a virtual node the provider has accepted the call.
    pub(super) fn begin_start(&mut self, id: Id<Pod>) {
        self.enter(id, Phase::Starting);
        self.plan_reclaim(id);
        self.plan_failure(id);
        if self.warming_up {
            self.pods[id].due = Some(self.now);
            self.pod_ready(id);
        } else {
            self.start_containers(id);
        }
    }

    /// Sandbox, image, application: what has to happen on a node before a pod is ready there.
    pub(super) fn start_containers(&mut self, id: Id<Pod>) {
        let node = self.pods[id].node.expect("a starting pod is bound");
        let (start_up, is_machine) = match &self.plan.nodes[node].kind {
            NodeKind::Machine(machine) => (&machine.start_up, true),
            NodeKind::Virtual(virtual_node) => (&virtual_node.start_up, false),
        };
        match start_up {
            StartUp::Whole(whole) => {
                // A stream per pod: the n-th pod of a workload draws the same luck in every variant of a scenario.
                let mut stream = self.workloads[self.place_of(id)].start_ups.stream(u64::from(self.pods[id].number));
                let ready = self.now.saturating_add(Span::from_secs_f64(whole.sample(&mut stream)));
                self.await_ready(id, ready);
            }
            StartUp::Stages(stages) => {
                if is_machine {
                    let luck = self.luck(id, stages);
                    let instance = self.supply.instances.entry(id).or_default();
                    (instance.luck, instance.is_staged, instance.stages.scheduling) = (luck, true, luck.scheduling);
                }
                let instance = self.supply.instances.entry(id).or_default();
                let before = if is_machine { instance.luck.scheduling } else { Span::ZERO };
                instance.stages.sandbox = instance.luck.sandbox;
                let at = self.now.saturating_add(before).saturating_add(instance.luck.sandbox);
                self.push_in_run(at, Event::Supply(SupplyEvent::Sandbox(id)));
            }
        }
    }

    /// The sandbox is there; the image comes next.
    pub(super) fn sandbox_created(&mut self, id: Id<Pod>) {
        if self.pods[id].phase != Phase::Starting || self.faults.is_off(id) {
            return;
        }
        let plan = self.plan;
        let node = self.pods[id].node.expect("a starting pod is bound");
        let Some(image) = &plan.template(self.pods[id].class).supply.image else { return self.container_started(id) };
        let instance = self.supply.instances.get_mut(&id).expect("a pod that starts by stages has a record");
        instance.pulling_since = self.now;
        let luck = instance.luck;
        let is_there = match &plan.nodes[node].kind {
            NodeKind::Virtual(_) => {
                let is_cached = luck.cache < image.cached;
                if image.cached > 0.0 {
                    self.note_supply(id, if is_cached { SupplyNote::ImageCacheHit } else { SupplyNote::ImageCacheMissed });
                }
                is_cached
            }
            NodeKind::Machine(_) => match self.supply.images.get_mut(&(node, image.key)) {
                Some(OnNode::Present) => true,
                Some(OnNode::Pulling(others)) => {
                    others.push(id);
                    return;
                }
                None => {
                    self.supply.images.insert((node, image.key), OnNode::Pulling(Vec::new()));
                    false
                }
            },
        };
        if is_there {
            let at = self.now.saturating_add(luck.cached);
            self.push_in_run(at, Event::Supply(SupplyEvent::Cached(id)));
        } else {
            self.start_pull(id, image);
        }
    }

    pub(super) fn start_pull(&mut self, id: Id<Pod>, image: &Image) {
        let place = image.registry.index();
        if self.is_registry_failing(place) {
            return self.pull_failed(id);
        }
        self.faults.pulls.remove(&id);
        let pull = self.supply.links[place].start(self.now, image.size, id);
        self.supply.instances.get_mut(&id).expect("a pod that pulls has a record").pull = Some((place, pull));
        self.await_pull(place);
    }

    /// Schedules the end of the next pull of a registry.
    pub(super) fn await_pull(&mut self, link: usize) {
        if let Some((at, version)) = self.supply.links[link].next_end() {
            self.push_in_run(at, Event::Supply(SupplyEvent::Pulled(link as u16, version)));
        }
    }

    pub(super) fn pulled(&mut self, link: usize, version: u32) {
        let ended = self.supply.links[link].end(self.now, version);
        if ended.is_empty() {
            return;
        }
        self.await_pull(link);
        for id in ended {
            self.supply.instances.get_mut(&id).expect("a pod that pulls has a record").pull = None;
            self.image_there(id);
        }
    }

    /// A pod's image is there: for it, and on a machine for those that waited for the same.
    pub(super) fn image_there(&mut self, id: Id<Pod>) {
        if self.pods[id].phase == Phase::Starting && !self.faults.is_off(id) {
            let instance = self.supply.instances.get_mut(&id).expect("a pod that starts by stages has a record");
            instance.stages.pull = self.now.since(instance.pulling_since);
            self.container_started(id);
        }
        let (Some(node), Some(image)) = (self.pods[id].node, &self.plan.template(self.pods[id].class).supply.image) else { return };
        if let NodeKind::Machine(_) = self.plan.nodes[node].kind
            && let Some(OnNode::Pulling(others)) = self.supply.images.insert((node, image.key), OnNode::Present)
        {
            for other in others {
                self.image_there(other);
            }
        }
    }

    /// Gives up the pull of a pod that is removed; on a machine one of those that wait for the same image goes on with it.
    pub(super) fn cancel_pull(&mut self, id: Id<Pod>) {
        let pull = self.supply.instances.get_mut(&id).and_then(|instance| instance.pull.take());
        let pauses = self.faults.pulls.remove(&id).is_some();
        if let Some((link, pull)) = pull {
            self.supply.links[link].cancel(self.now, pull);
            self.await_pull(link);
        } else if !pauses {
            return;
        }
        let plan = self.plan;
        let (Some(node), Some(image)) = (self.pods[id].node, &plan.template(self.pods[id].class).supply.image) else { return };
        if let Some(OnNode::Pulling(others)) = self.supply.images.remove(&(node, image.key)) {
            let mut others = others.into_iter().filter(|other| self.pods[*other].phase == Phase::Starting).collect::<std::collections::VecDeque<_>>();
            if let Some(next) = others.pop_front() {
                self.supply.images.insert((node, image.key), OnNode::Pulling(others.into()));
                self.start_pull(next, image);
            }
        }
    }

    /// The container runs: the application starts, the probe finds out, the load balancer learns of it.
    fn container_started(&mut self, id: Id<Pod>) {
        let probe = self.plan.template(self.pods[id].class).supply.probe;
        let instance = self.supply.instances.get_mut(&id).expect("a pod that starts by stages has a record");
        let luck = instance.luck;
        let answered = probe.map_or(luck.application, |probe| probe.ready_after(luck.application));
        instance.stages.application = luck.application;
        instance.stages.readiness = Span::from_nanos(answered.as_nanos().saturating_sub(luck.application.as_nanos()));
        instance.stages.load_balancer = luck.load_balancer;
        let ready = self.now.saturating_add(answered).saturating_add(luck.load_balancer);
        self.await_ready(id, ready);
    }

    /// The pod's containers run from now on or soon, and it gets ready then.
    fn await_ready(&mut self, id: Id<Pod>, ready: Time) {
        self.pods[id].due = Some(ready);
        if let Owner::Service(service) = self.pods[id].owner {
            let from = running_from(&self.plan.services[service].usage, self.now, ready);
            self.pods[id].counters.run_from(from);
        }
        self.push_in_run(ready, Event::PodReady(id));
    }
}
