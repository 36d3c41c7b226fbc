//! A run looked at more closely than its record can: what every node said to a pod, and every evaluation of an HPA.
//!
//! Looking changes nothing: the run draws, decides and does what it did without.

use std::collections::BTreeMap;

use super::placing::{has_room, lacks, resource_scores};
use super::services::signed;
use super::units::Choice;
use super::{Progress, Simulation, drive};
use crate::autoscaling::hpa::{HpaConfig, HpaDecision, HpaInput, HpaMemory, HpaSpec, MetricSpec, PodGroup, PodView, ResourceName, classify};
use crate::cluster::{Phase, Pod};
use crate::id::Id;
use crate::plan::{Node, Plan, Service};
use crate::scheduling::normalise;
use crate::units::Time;

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watch {
    /// The scheduling of a pod, by its name.
    Pod(String),
    /// Evaluations of a service's HPA.
    Scaling {
        /// Its name.
        service: String,
        /// From when.
        from: Time,
        /// Until when.
        until: Time,
    },
}

/// What was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Each time that the scheduler looked for a node, unless it saw the same as before.
    pub attempts: Vec<Attempt>,
    /// Each evaluation.
    pub syncs: Vec<Sync>,
}

/// The scheduler's look at all nodes for a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: Time,
    /// The pod: the one asked about, or one like it that was tried in its stead.
    pub pod: String,
    /// What each node said, in the order of the scenario.
    pub nodes: Vec<NodeSeen>,
    /// Where the pod went.
    pub chosen: Option<String>,
    /// Whether only a part of the nodes was scored (`percentageOfNodesToScore`).
    pub is_sampled: bool,
}

/// What a node said to a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeSeen {
    /// Its name.
    pub node: String,
    /// The filters that refused it, in kube-scheduler's words.
    pub refusals: Vec<String>,
    /// Its score by part, each with its weight; empty if the node was refused or not asked.
    pub scores: Vec<(&'static str, i64)>,
}

impl NodeSeen {
    /// The score.
    pub fn total(&self) -> i64 {
        self.scores.iter().map(|part| part.1).sum()
    }
}

/// An evaluation of an HPA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sync {
    /// When.
    pub at: Time,
    /// Replicas asked for before.
    pub current: u32,
    /// Replicas asked for after.
    pub desired: u32,
    /// Pods by how they took part in the first metric: measured, not trusted, without a sample.
    pub groups: [u32; 3],
    /// What the metrics asked for in the stabilisation windows: lowest, highest, how many.
    pub recommendations: Option<(u32, u32, usize)>,
    /// What was decided, step by step.
    pub decision: HpaDecision,
}

/// Runs `plan` with `seed` as far as there is something to see.
pub fn watch(plan: &Plan, seed: u64, what: Watch, progress: impl FnMut(&Progress<'_>)) -> Watched {
    let mut simulation = Simulation::new(plan, seed);
    simulation.watching = Some(Box::new(Watcher { what, pod: None, seen: Watched::default() }));
    drive(&mut simulation, progress, Simulation::has_seen_all);
    simulation.watching.map(|watching| watching.seen).unwrap_or_default()
}

/// Who looks, and what has been seen so far.
#[derive(Clone, Debug)]
pub(super) struct Watcher {
    what: Watch,
    /// The pod, once it is there.
    pod: Option<Id<Pod>>,
    seen: Watched,
}

impl Simulation<'_> {
    fn has_seen_all(&self) -> bool {
        let Some(watching) = &self.watching else { return false };
        match &watching.what {
            Watch::Pod(_) => watching.pod.is_some_and(|pod| self.pods[pod].ended.is_some() || self.pods[pod].phase == Phase::Ready),
            Watch::Scaling { until, .. } => self.now > *until,
        }
    }

    /// Notes what the scheduler saw for the next pod of a class, before its choice is carried out.
    pub(super) fn look_at_placement(&mut self, class: usize, pod: Id<Pod>, choice: &Choice) {
        let Some(watching) = &self.watching else { return };
        let Watch::Pod(name) = &watching.what else { return };
        let known = watching.pod.or_else(|| self.pods.iter().find(|(_, pod)| self.pod_name(pod) == *name).map(|(id, _)| id));
        let Some(asked) = known else { return };
        let place = match choice {
            Choice::Place(unit, node, _) => Some((*unit, *node)),
            Choice::Wait(..) | Choice::Preempting(_) | Choice::Nowhere => None,
        };
        // When one finds no node, neither do its like, which then are not asked.
        let is_like = self.pods[asked].class == class && self.pods[asked].phase == Phase::Pending && place.is_none();
        let attempt = (asked == pod || is_like).then(|| self.attempt(class, pod, place));
        let watching = self.watching.as_mut().expect("it was there");
        watching.pod = Some(asked);
        let is_new = |attempt: &Attempt| watching.seen.attempts.last().is_none_or(|last| last.nodes != attempt.nodes || attempt.chosen.is_some());
        watching.seen.attempts.extend(attempt.filter(is_new));
    }

    fn attempt(&self, class: usize, pod: Id<Pod>, place: Option<(usize, Id<Node>)>) -> Attempt {
        let mut seen: BTreeMap<usize, NodeSeen> = BTreeMap::new();
        let plan = self.plan;
        let mut note = |node: Id<Node>, refusals: Vec<String>, scores: Vec<(&'static str, i64)>| {
            let name = &plan.nodes[node].name;
            seen.insert(node.index(), NodeSeen { node: name.clone(), refusals, scores });
        };
        let candidates = &self.candidates[class];
        for (node, refusal) in &candidates.refusals {
            note(*node, vec![refusal.message(&plan.extended_resources).into_owned()], Vec::new());
        }
        for unit in 0..candidates.units.len() {
            let scores = if place.is_some_and(|place| place.0 == unit) { self.scores(class, unit, pod) } else { BTreeMap::new() };
            for candidate in &candidates.units[unit].nodes {
                note(candidate.node, self.refusals(class, unit, pod, candidate.node), scores.get(&candidate.node.index()).cloned().unwrap_or_default());
            }
        }
        Attempt {
            at: self.now,
            pod: self.pod_name(&self.pods[pod]),
            nodes: seen.into_values().collect(),
            chosen: place.map(|(_, node)| plan.nodes[node].name.clone()),
            is_sampled: plan.scheduler.enough_of(plan.nodes.len()).is_some(),
        }
    }

    /// The filters by which a node refuses a pod now.
    fn refusals(&self, class: usize, unit: usize, pod: Id<Pod>, node: Id<Node>) -> Vec<String> {
        let extended = &self.plan.extended_resources;
        if self.units.is_at_max(self.plan, class, unit) {
            return vec![crate::scheduling::Refusal::UnitMax.message(extended).into_owned()];
        }
        let no_instance = |node| self.supply.refusal(self.plan, class, node, self.now);
        let mut refusals = lacks(node, &self.nodes[node.index()], self.plan.template(class).requests, no_instance);
        if refusals.is_empty() {
            refusals.extend(self.neighbours.of(class).and_then(|demands| demands.refusal(node)));
        }
        let mut refusals: Vec<String> = refusals.into_iter().map(|refusal| refusal.message(extended).into_owned()).collect();
        if refusals.is_empty() && !self.nominated.is_empty() && !self.is_feasible(pod, class, node) {
            refusals.push("room is kept for nominated pods".to_owned());
        }
        refusals
    }

    /// The scores of the nodes of a unit that take a pod, by their index: what kube-scheduler's plugins give, times their weights.
    fn scores(&self, class: usize, unit: usize, pod: Id<Pod>) -> BTreeMap<usize, Vec<(&'static str, i64)>> {
        let template = self.plan.template(class);
        let demands = self.neighbours.of(class);
        let takes = |node: Id<Node>| {
            demands.is_none_or(|demands| demands.refusal(node).is_none())
                && has_room(node, &self.nodes[node.index()], template.requests, |node| self.supply.refusal(self.plan, class, node, self.now))
                && (self.nominated.is_empty() || self.is_feasible(pod, class, node))
        };
        let feasible: Vec<_> = self.candidates[class].units[unit].nodes.iter().filter(|candidate| takes(candidate.node)).copied().collect();
        let most = |value: fn(&super::candidates::Candidate) -> i64| feasible.iter().map(value).max().unwrap_or(0);
        let (most_affine, most_avoided) = (most(|candidate| candidate.affinity), most(|candidate| candidate.avoided));
        let nodes: Vec<Id<Node>> = feasible.iter().map(|candidate| candidate.node).collect();
        let spread = demands.and_then(|demands| demands.spread_scores(&nodes));
        let pod_affinity = demands.and_then(|demands| demands.affinity_scores(&nodes));
        let weights = self.weights;
        let parts = |(place, candidate): (usize, &super::candidates::Candidate)| {
            let [fit, balanced] = resource_scores(&self.plan.scheduler, weights, &self.nodes[candidate.node.index()], template);
            let mut parts = vec![("NodeResourcesFit", fit), ("NodeResourcesBalancedAllocation", balanced)];
            parts.push(("NodeAffinity", weights.affinity * normalise(candidate.affinity, most_affine, false)));
            parts.push(("TaintToleration", weights.taints * normalise(candidate.avoided, most_avoided, true)));
            parts.extend(spread.as_ref().map(|scores| ("PodTopologySpread", weights.spread * scores[place])));
            parts.extend(pod_affinity.as_ref().map(|scores| ("InterPodAffinity", weights.pod_affinity * scores[place])));
            (candidate.node.index(), parts)
        };
        feasible.iter().enumerate().map(parts).collect()
    }

    /// What there is to see of an evaluation of an HPA, if somebody looks; `memory` is as it was left.
    pub(super) fn look_at_sync(&self, service: Id<Service>, spec: &HpaSpec, input: &HpaInput<'_>, decision: &HpaDecision, memory: &HpaMemory) -> Option<Sync> {
        let Watch::Scaling { service: name, from, until } = &self.watching.as_ref()?.what else { return None };
        if self.plan.services[service].name != *name || self.now < *from || self.now > *until {
            return None;
        }
        let recommended = || memory.recommendations.iter().flatten().map(|recommendation| recommendation.replicas);
        let recommendations = recommended().min().zip(recommended().max()).map(|(low, high)| (low, high, recommended().count()));
        let groups = groups(&self.plan.hpa, spec, input.pods, signed(self.now));
        Some(Sync { at: self.now, current: input.spec_replicas, desired: decision.desired, groups, recommendations, decision: decision.clone() })
    }

    /// Notes what was seen.
    pub(super) fn note_sync(&mut self, seen: Option<Sync>) {
        if let Some(watching) = &mut self.watching {
            watching.seen.syncs.extend(seen);
        }
    }
}

/// Pods by how they take part in the first metric: measured, not trusted yet, without a sample.
fn groups(config: &HpaConfig, spec: &HpaSpec, pods: &[PodView<'_>], now_ns: i64) -> [u32; 3] {
    let resource: Option<ResourceName> = spec.effective_metrics().first().and_then(|metric| match metric {
        MetricSpec::Resource { resource, .. } | MetricSpec::ContainerResource { resource, .. } => Some(*resource),
        MetricSpec::Pods { .. } | MetricSpec::Object { .. } | MetricSpec::External { .. } => None,
    });
    let mut counts = [0; 3];
    for pod in pods {
        match classify(config, pod, resource, pod.sample.is_some(), now_ns) {
            PodGroup::Ready => counts[0] += 1,
            PodGroup::Unready => counts[1] += 1,
            PodGroup::Missing => counts[2] += 1,
            PodGroup::Ignored => {}
        }
    }
    counts
}
