//! The scheduling cycle: every pod that has a place gets it, in the order of the queue. A *workload* is here a class of pods that are alike.

use super::Simulation;
use super::candidates::{Candidate, CandidateUnit};
use super::gangs::Place;
use super::neighbours::Demands;
use super::preempting::Preemption;
use super::units::Choice;
use crate::cluster::{NodeState, NodeStatus, Pod};
use crate::engine::Event;
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{Balance, Node, PodTemplate, Scheduler};
use crate::random::{Stream, below};
use crate::scheduling::{Ignored, Level, Refusal, ScoreWeights, SpreadScore, balanced_score, fit_score, fits, normalise, shortages};
use crate::units::{Bytes, MilliCpu, Resources};

/// What a virtual node claims to have, for scores only: the quotas of the documented example `eci-profile`.
const VIRTUAL_CLAIM: Resources = Resources::new(MilliCpu(192_000_000), Bytes::from_gib(640 << 10));

impl Simulation<'_> {
    /// Works through the queue: every pod that has a place gets it. When one finds none, neither do its like.
    pub(super) fn schedule(&mut self) {
        self.cycle_due = false;
        self.tidy_nominations();
        loop {
            if self.scheduler_free > self.now && !self.warming_up {
                if !self.pending.is_empty() {
                    self.cycle_due = true;
                    self.push_in_run(self.scheduler_free, Event::Schedule);
                }
                break;
            }
            let Some(waiting) = self.pending.pop() else { break };
            self.scheduler_free = self.now.saturating_add(self.plan.scheduler.time_per_pod);
            let workload = waiting.workload;
            if self.gang_forbids(waiting) {
                continue;
            }
            let kept = self.nominated_place(waiting.pod).map(|(unit, node)| Choice::Place(unit, node, None));
            let choice = kept.unwrap_or_else(|| self.choose(workload, waiting.pod));
            if self.watching.is_some() {
                self.look_at_placement(workload, waiting.pod, &choice);
            }
            if let Choice::Place(unit, node, passed) = choice {
                self.refused[workload] = None;
                self.nominated.remove(&waiting.pod);
                if self.holds_for_gang(waiting, Place { node, unit, passed }) {
                    continue;
                }
                self.bind(waiting.pod, node, unit, passed);
                for helped in self.neighbours.helped_by(workload) {
                    self.pending.wake(*helped, self.now);
                }
            } else if !self.take_over(workload, waiting.pod, choice) {
                self.refuse(workload, waiting.pod, choice);
                self.pending.fail(waiting, self.now);
                let makes_room = match choice {
                    Choice::Nowhere => self.preempt(waiting.pod, None) == Preemption::Made,
                    Choice::Preempting(what) => {
                        if what == Preemption::Made {
                            // Who left at once left before the pod had failed, so that it was not told.
                            self.pending.wake(workload, self.now);
                        }
                        true
                    }
                    Choice::Wait(..) | Choice::Place(..) => false,
                };
                if makes_room || self.gang_lacks(waiting.pod) {
                    continue;
                }
                if self.plan.scheduler.time_per_pod.is_zero() {
                    let (created, by_age) = (self.pods[waiting.pod].created, self.waits_by_age(workload));
                    let (pods, nominated) = (&self.pods, &self.nominated);
                    if !nominated.contains_key(&waiting.pod) {
                        let is_special = |pod: Id<Pod>| by_age && pods[pod].created < created || nominated.contains_key(&pod);
                        self.pending.fail_alike(workload, self.now, is_special);
                    }
                }
            }
        }
        self.watch_queue();
        self.watch_unschedulable();
    }

    /// A pause of some pods is over.
    pub(super) fn queue_due(&mut self) {
        self.queue_due = None;
        self.pending.advance(self.now);
        self.request_cycle();
    }

    /// Makes sure that the queue is looked at when the next pause is over.
    fn watch_queue(&mut self) {
        if let Some(due) = self.pending.next_due().filter(|due| self.queue_due.is_none_or(|known| *due < known)) {
            self.queue_due = Some(due);
            self.push_in_run(due.max(self.now), Event::QueueDue);
        }
    }

    /// The feasible node with the highest score in a unit; ties are broken at random, as kube-scheduler does.
    pub(super) fn best(&mut self, workload: usize, unit: usize, pod: Id<Pod>) -> Option<Id<Node>> {
        self.rank(workload, unit);
        let entry = &mut self.candidates[workload].units[unit];
        let enough = self.plan.scheduler.enough_of(self.registered_nodes);
        let demands = self.neighbours.of(workload);
        if !entry.are_alike || !self.nominated.is_empty() || enough.is_some() {
            return self.best_by_all(workload, unit, pod, enough);
        }
        if let Some(demands) = demands {
            return match demands.only_preference() {
                Some(preference) if entry.counted(preference).is_some() => best_by_pods(entry, preference, self.weights.spread, &mut self.ties),
                Some(preference) => best_spread(entry, preference, self.weights.spread, &mut self.ties),
                None => self.best_by_all(workload, unit, pod, enough),
            };
        }
        let best = entry.ranking.best();
        let count = best.count();
        (count > 0).then(|| entry.nodes[best.nth(one_of(count.into(), &mut self.ties) as u32)].node)
    }

    /// Brings the ranking of a unit's nodes by their resources up to date.
    fn rank(&mut self, workload: usize, unit: usize) {
        let template = self.plan.template(workload);
        let plain = self.plain_score(template);
        let mut entry = std::mem::take(&mut self.candidates[workload].units[unit]);
        let score = |node: Id<Node>| self.score_of(workload, template, plain.as_ref(), node);
        let changes = self.node_changes.since(entry.seen).filter(|changes| changes.len() < entry.nodes.len());
        match changes {
            Some(changes) => {
                for node in changes {
                    if let Some(place) = entry.run.place_of(&entry.nodes, *node) {
                        entry.ranking.set(place, score(*node));
                    }
                }
            }
            None => entry.nodes.iter().enumerate().for_each(|(place, candidate)| entry.ranking.set(place, score(candidate.node))),
        }
        let preference = self.neighbours.of(workload).and_then(Demands::only_preference);
        if let Some(pods) = preference.and_then(|preference| entry.counted(preference)) {
            let ranking = &entry.ranking;
            let mut set = |place: usize| entry.by_pods.set(place, pods[place], ranking.score(place).map_or(0, |score| score + 1));
            match changes {
                Some(changes) => changes.iter().filter_map(|node| entry.run.place_of(&entry.nodes, *node)).for_each(set),
                None => (0..entry.nodes.len()).for_each(&mut set),
            }
        }
        entry.seen = Some(self.node_changes.now());
        self.candidates[workload].units[unit] = entry;
    }

    /// Notes that the use of a node changed, the pods that count there, or whether it takes pods.
    pub(super) fn node_changed(&mut self, node: Id<Node>) {
        self.rooms.changed(node, &self.nodes[node.index()]);
        self.node_changes.push(node, self.nodes.len());
    }

    /// The best node by everything that matters, of all or of the first `enough` that take the pod.
    fn best_by_all(&mut self, workload: usize, unit: usize, pod: Id<Pod>, enough: Option<usize>) -> Option<Id<Node>> {
        let demands = self.neighbours.of(workload);
        let entry = &self.candidates[workload].units[unit];
        let judged = |place: usize| {
            let candidate = entry.nodes[place];
            let resources = entry.ranking.score(place)?;
            let is_wanted = demands.is_none_or(|demands| demands.refusal(candidate.node).is_none());
            (is_wanted && (self.nominated.is_empty() || self.is_feasible(pod, workload, candidate.node))).then_some((candidate, i64::from(resources)))
        };
        let (feasible, search_from) = match enough {
            None => ((0..entry.nodes.len()).filter_map(judged).collect::<Vec<(Candidate, i64)>>(), self.search_from),
            Some(enough) => {
                // The search goes round, from where the last one ended.
                let from = entry.nodes.partition_point(|candidate| candidate.node.index() < self.search_from);
                let found: Vec<(Candidate, i64)> = (from..entry.nodes.len()).chain(0..from).filter_map(judged).take(enough).collect();
                let next = if found.len() < enough { self.search_from } else { found.last().map_or(0, |last| last.0.node.index() + 1) };
                (found, next)
            }
        };
        self.search_from = search_from;
        let most_affine = feasible.iter().map(|found| found.0.affinity).max()?;
        let most_avoided = feasible.iter().map(|found| found.0.avoided).max()?;
        let score = |(candidate, resources): &(Candidate, i64)| {
            resources
                + self.weights.affinity * normalise(candidate.affinity, most_affine, false)
                + self.weights.taints * normalise(candidate.avoided, most_avoided, true)
        };
        let mut scores: Vec<i64> = feasible.iter().map(score).collect();
        if let Some(demands) = demands {
            let nodes: Vec<Id<Node>> = feasible.iter().map(|found| found.0.node).collect();
            for (more, weight) in [(demands.spread_scores(&nodes), self.weights.spread), (demands.affinity_scores(&nodes), self.weights.pod_affinity)] {
                scores.iter_mut().zip(more.into_iter().flatten()).for_each(|(score, more)| *score += weight * more);
            }
        }
        one_of_best(&scores, &mut self.ties).map(|place| feasible[place].0.node)
    }

    /// Whether a node has room for a pod of this class now.
    pub(super) fn has_room_for(&self, class: usize) -> bool {
        let requests = self.plan.template(class).requests;
        let has_room = |candidate: &Candidate| {
            let state = &self.nodes[candidate.node.index()];
            has_room(candidate.node, state, requests, |node| self.supply.refusal(self.plan, class, node, self.now))
        };
        self.candidates[class].units.iter().any(|unit| unit.nodes.iter().any(has_room))
    }

    /// Has virtual-kubelet-autoscaler send a pod that no node takes to virtual nodes, if it runs.
    fn take_over(&mut self, class: usize, pod: Id<Pod>, choice: Choice) -> bool {
        if !self.plan.scheduler.takes_over_unschedulable || !matches!(choice, Choice::Nowhere) {
            return false;
        }
        let Some(instance) = self.as_instance(class) else { return false };
        let reason = self.why_not(class, choice);
        self.decide(Decision::Policy { workload: self.plan.workload_of(class), what: "pod taken over to virtual nodes".to_owned(), reason });
        self.pods[pod].class = instance;
        self.pending.push(instance, pod, self.now);
        true
    }

    /// Notes why no node takes the next pod of a workload, once until the reason changes.
    fn refuse(&mut self, workload: usize, pod: Id<Pod>, choice: Choice) {
        let reason = self.why_not(workload, choice);
        self.note_refusal(workload, pod, reason);
    }

    /// Notes why a pod is not placed, once until the reason changes.
    pub(super) fn note_refusal(&mut self, workload: usize, pod: Id<Pod>, reason: String) {
        if self.refused[workload].as_ref() != Some(&reason) {
            self.refused[workload] = Some(reason.clone());
            self.decide(Decision::Refused { pod, reason });
        }
    }

    /// The reason in the words of kube-scheduler: `0/3 nodes are available: 1 Insufficient cpu, 2 had untolerated taint.`
    fn why_not(&self, workload: usize, choice: Choice) -> String {
        let template = self.plan.template(workload);
        let candidates = &self.candidates[workload];
        let is_there = |node: Id<Node>| self.nodes[node.index()].status.is_registered();
        let mut reasons: Vec<Refusal> = candidates.refusals.iter().filter(|entry| is_there(entry.0)).map(|entry| entry.1).collect();
        for (unit, entry) in candidates.units.iter().enumerate() {
            let full = self.units.is_at_max(self.plan, workload, unit);
            for candidate in entry.nodes.iter().filter(|candidate| is_there(candidate.node)) {
                if full {
                    reasons.push(Refusal::UnitMax);
                    continue;
                }
                let lacks = lacks(candidate.node, &self.nodes[candidate.node.index()], template.requests, |node| {
                    self.supply.refusal(self.plan, workload, node, self.now)
                });
                // A filter is asked only about nodes that passed those before it.
                let unwanted = if lacks.is_empty() { self.neighbours.of(workload).and_then(|demands| demands.refusal(candidate.node)) } else { None };
                reasons.extend(lacks.into_iter().chain(unwanted));
            }
        }
        reasons.sort_unstable();
        let extended = &self.plan.extended_resources;
        let parts: Vec<String> = reasons.chunk_by(|a, b| a == b).map(|same| format!("{} {}", same.len(), same[0].message(extended))).collect();
        let mut reason =
            if parts.is_empty() { "there are no nodes".to_owned() } else { format!("0/{} nodes are available: {}.", self.registered_nodes, parts.join(", ")) };
        match choice {
            Choice::Wait(unit, wait) => reason = format!("{reason} The pod {} (unit {}).", wait.words(), unit + 1),
            Choice::Nowhere if !self.units.has_all_labels(self.plan, workload) => reason.push_str(" The pod lacks a label of `matchLabelKeys`."),
            Choice::Nowhere | Choice::Preempting(_) | Choice::Place(..) => {}
        }
        reason
    }
}

/// The best node of a unit whose nodes differ in resources and in the spread of pods.
fn best_spread(unit: &CandidateUnit, preference: &SpreadScore, weight: i64, ties: &mut Stream) -> Option<Id<Node>> {
    let (mut nodes, mut scores) = (Vec::with_capacity(unit.nodes.len()), Vec::with_capacity(unit.nodes.len()));
    for (candidate, score) in unit.nodes.iter().zip(unit.ranking.scores()) {
        if let Some(score) = score {
            nodes.push(candidate.node);
            scores.push(i64::from(score));
        }
    }
    scores.iter_mut().zip(preference.scores(&nodes)).for_each(|(score, more)| *score += weight * more);
    one_of_best(&scores, ties).map(|place| nodes[place])
}

/// The same where nothing but the number of pods that count on each node tells the nodes apart, as under the default spreading on nodes without a zone.
fn best_by_pods(unit: &mut CandidateUnit, preference: &SpreadScore, weight: i64, ties: &mut Stream) -> Option<Id<Node>> {
    let live = unit.by_pods.live();
    let each = unit.by_pods.each();
    let fewest = each.iter().position(|level| level.live > 0)?;
    let most = each.iter().rposition(|level| level.live > 0)?;
    let scores = preference.by_pods(live, fewest as u32, most as u32);
    let total = |(level, score): (&Level, &i64)| (level.live > 0).then(|| i64::from(level.rank) + weight * score);
    let totals: Vec<Option<i64>> = each.iter().zip(&scores).map(total).collect();
    let top = totals.iter().copied().max()?;
    let wins: Vec<bool> = totals.into_iter().map(|total| total == top).collect();
    let place = one_of(unit.by_pods.count(&wins), ties);
    unit.by_pods.nth(&wins, place).map(|place| unit.nodes[place].node)
}

/// The place of one of the highest scores: ties are broken at random.
fn one_of_best(scores: &[i64], ties: &mut Stream) -> Option<usize> {
    let (mut top, mut count) = (*scores.first()?, 0u64);
    for score in scores {
        if *score > top {
            (top, count) = (*score, 0);
        }
        count += u64::from(*score == top);
    }
    scores.iter().enumerate().filter(|(_, score)| **score == top).nth(one_of(count, ties)).map(|best| best.0)
}

/// One of so many that are equal, at random where there is a choice.
fn one_of(count: u64, ties: &mut Stream) -> usize {
    if count > 1 { below(ties, count) as usize } else { 0 }
}

/// Fit and balance of a node with one more pod, weighted and added up.
#[inline]
pub(super) fn resource_score(scheduler: &Scheduler, weights: ScoreWeights, state: &NodeState, pod: &PodTemplate) -> i64 {
    let [fit, balanced] = resource_scores(scheduler, weights, state, pod);
    fit + balanced
}

/// Fit and balance of a node with one more pod, weighted.
#[inline]
pub(super) fn resource_scores(scheduler: &Scheduler, weights: ScoreWeights, state: &NodeState, pod: &PodTemplate) -> [i64; 2] {
    let allocatable = state.allocatable.unwrap_or(VIRTUAL_CLAIM);
    let scored = state.scored + pod.scored;
    let balanced = match scheduler.balance {
        // Stand-ins counted here too.
        Balance::Difference => balanced_score(scheduler.balance, &scheduler.balanced, pod.scored, scored, allocatable),
        Balance::Deviation => balanced_score(scheduler.balance, &scheduler.balanced, pod.requests, state.requested + pod.requests, allocatable),
    };
    let fit = fit_score(&scheduler.strategy, &scheduler.scored, pod.scored, scored, allocatable);
    [weights.fit * fit, weights.balanced * balanced.unwrap_or(0)]
}

/// Whether a node has room for `requests` now; `no_instance` tells why a virtual node has no instance.
#[inline]
pub(super) fn has_room(node: Id<Node>, state: &NodeState, requests: Resources, no_instance: impl FnOnce(Id<Node>) -> Option<Refusal>) -> bool {
    state.status.takes_pods()
        && !state.is_closed
        && !state.is_full()
        && match state.allocatable {
            Some(allocatable) => fits(requests, state.requested, allocatable),
            None => no_instance(node).is_none(),
        }
}

/// Why it has none.
pub(super) fn lacks(node: Id<Node>, state: &NodeState, requests: Resources, no_instance: impl FnOnce(Id<Node>) -> Option<Refusal>) -> Vec<Refusal> {
    match state.status {
        NodeStatus::NotReady => return vec![Refusal::NotReady],
        NodeStatus::Leaving => return vec![Refusal::Leaving],
        NodeStatus::Absent | NodeStatus::Provisioning | NodeStatus::Ready => {}
    }
    if state.is_closed {
        return vec![Refusal::Unreachable];
    }
    let mut lacks = Vec::new();
    if state.is_full() {
        lacks.push(Refusal::TooManyPods);
    }
    match state.allocatable {
        Some(allocatable) => lacks.extend(shortages(requests, state.requested, allocatable, Ignored::default()).map(Refusal::from)),
        None => lacks.extend(no_instance(node)),
    }
    lacks
}
