//! The scheduling cycle: every pod that has a place gets it, in the order of the queue.

use super::Simulation;
use crate::cluster::{NodeState, Pod};
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{Node, NodeKind, Placement, Plan, PodTemplate};
use crate::random::below;
use crate::scheduling::{
    Ranking, Refusal, ScoreWeights, affinity_raw, balanced_allocation, least_allocated, normalise, static_refusal, untolerated_preferences,
};
use crate::units::{Bytes, MilliCpu, Resources};

/// What a virtual node claims to have, for scores only: the quotas of the documented example `eci-profile`.
const VIRTUAL_CLAIM: Resources = Resources::new(MilliCpu(192_000_000), Bytes::from_gib(640 << 10));

/// Where pods of one template may go at all: what does not change during a run.
#[derive(Clone, Debug)]
pub(super) struct Candidates {
    /// Units of the policy, most preferred first; a single one without a policy.
    units: Vec<CandidateUnit>,
    /// Why the other nodes are out.
    refusals: Vec<(Id<Node>, Refusal)>,
}

#[derive(Clone, Debug)]
struct CandidateUnit {
    max: Option<u32>,
    /// In the order of the plan.
    nodes: Vec<Candidate>,
    /// Scores of the nodes as of the first `seen` changes of nodes. Only where preferences of the pod do not tell the nodes apart: those are
    /// scaled by the best node that has room, so that one change can move every score.
    ranking: Option<Ranking>,
    seen: usize,
}

impl CandidateUnit {
    fn new(max: Option<u32>, nodes: Vec<Candidate>) -> Self {
        let alike = nodes.windows(2).all(|pair| (pair[0].affinity, pair[0].avoided) == (pair[1].affinity, pair[1].avoided));
        let ranking = alike.then(|| Ranking::new(nodes.len()));
        // Nothing is known yet: the first look at the ranking scores every node.
        Self { max, nodes, ranking, seen: usize::MAX }
    }
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    node: Id<Node>,
    affinity: i64,
    avoided: i64,
}

impl Candidates {
    pub(super) fn of(plan: &Plan, template: &PodTemplate) -> Self {
        let mut candidates = Self { units: Vec::new(), refusals: Vec::new() };
        let candidate = |node: Id<Node>| Candidate {
            node,
            affinity: affinity_raw(template, &plan.nodes[node]),
            avoided: untolerated_preferences(template, &plan.nodes[node]),
        };
        match &template.placement {
            Placement::Scheduler => {
                let mut nodes = Vec::new();
                for (id, node) in plan.nodes.iter() {
                    match static_refusal(template, node, false) {
                        Some(refusal) => candidates.refusals.push((id, refusal)),
                        None => nodes.push(candidate(id)),
                    }
                }
                candidates.units.push(CandidateUnit::new(None, nodes));
            }
            Placement::Prefer { units, .. } => {
                let mut seen = vec![Some(Refusal::Policy); plan.nodes.len()];
                for unit in units {
                    let mut nodes = Vec::new();
                    for (id, node) in plan.nodes.iter() {
                        let selected = unit.node_selector.iter().all(|(key, value)| node.labels.get(key) == Some(value));
                        if node.tier == unit.tier && selected {
                            let tolerate_virtual = matches!(node.kind, NodeKind::Virtual(_));
                            seen[id.index()] = static_refusal(template, node, tolerate_virtual);
                            if seen[id.index()].is_none() {
                                nodes.push(candidate(id));
                            }
                        }
                    }
                    candidates.units.push(CandidateUnit::new(unit.max, nodes));
                }
                candidates.refusals.extend(plan.nodes.ids().filter_map(|id| seen[id.index()].map(|refusal| (id, refusal))));
            }
        }
        candidates
    }
}

impl Simulation<'_> {
    /// One cycle over the queue. A workload whose first pod finds no place is passed over until something changes: its pods are alike.
    pub(super) fn schedule(&mut self) {
        self.cycle_due = false;
        let mut stuck = vec![false; self.workloads.len()];
        while let Some((workload, pod)) = self.pending.first(&stuck) {
            if let Some((unit, node)) = self.choose(workload) {
                self.pending.pop(workload);
                self.workloads[workload].refused = None;
                self.bind(pod, node, unit);
            } else {
                stuck[workload] = true;
                self.refuse(workload, pod);
            }
        }
    }

    /// The unit and node for the next pod of a workload.
    fn choose(&mut self, workload: usize) -> Option<(usize, Id<Node>)> {
        let units = self.candidates[workload].units.len();
        (0..units).find_map(|unit| {
            let candidates = &self.candidates[workload].units[unit];
            let full = candidates.max.is_some_and(|max| self.workloads[workload].in_unit[unit] >= max);
            if full { None } else { self.best(workload, unit).map(|node| (unit, node)) }
        })
    }

    /// The feasible node with the highest score in a unit; ties are broken at random, as kube-scheduler does.
    fn best(&mut self, workload: usize, unit: usize) -> Option<Id<Node>> {
        if self.candidates[workload].units[unit].ranking.is_some() { self.best_ranked(workload, unit) } else { self.best_scanned(workload, unit) }
    }

    /// The best node by a ranking that is brought up to date first.
    fn best_ranked(&mut self, workload: usize, unit: usize) -> Option<Id<Node>> {
        let requests = self.plan.template(workload).requests;
        let entry = &mut self.candidates[workload].units[unit];
        let ranking = entry.ranking.as_mut().expect("the caller looked");
        let score = |node: Id<Node>| {
            let state = &self.nodes[node.index()];
            refusal(self.plan, node, state, requests).is_none().then(|| resource_score(self.weights, state, requests) as u32)
        };
        let changed = self.node_changes.len().checked_sub(entry.seen).filter(|changes| *changes < entry.nodes.len());
        match changed {
            Some(_) => {
                for node in &self.node_changes[entry.seen..] {
                    if let Some(place) = place_of(&entry.nodes, *node) {
                        ranking.set(place, score(*node));
                    }
                }
            }
            None => entry.nodes.iter().enumerate().for_each(|(place, candidate)| ranking.set(place, score(candidate.node))),
        }
        entry.seen = self.node_changes.len();
        let place = match ranking.tied() {
            0 => return None,
            1 => ranking.best(0),
            ties => ranking.best(below(&mut self.ties, u64::from(ties)) as u32),
        };
        Some(entry.nodes[place].node)
    }

    /// The best node by scoring all of them.
    fn best_scanned(&mut self, workload: usize, unit: usize) -> Option<Id<Node>> {
        let requests = self.plan.template(workload).requests;
        let nodes = &self.candidates[workload].units[unit].nodes;
        let fits = |candidate: &&Candidate| refusal(self.plan, candidate.node, &self.nodes[candidate.node.index()], requests).is_none();
        let feasible: Vec<Candidate> = nodes.iter().filter(fits).copied().collect();
        let most_affine = feasible.iter().map(|candidate| candidate.affinity).max()?;
        let most_avoided = feasible.iter().map(|candidate| candidate.avoided).max()?;
        let score = |candidate: &Candidate| {
            resource_score(self.weights, &self.nodes[candidate.node.index()], requests)
                + self.weights.affinity * normalise(candidate.affinity, most_affine, false)
                + self.weights.taints * normalise(candidate.avoided, most_avoided, true)
        };
        let top = feasible.iter().map(score).max()?;
        let best: Vec<Id<Node>> = feasible.iter().filter(|candidate| score(candidate) == top).map(|candidate| candidate.node).collect();
        let place = if best.len() > 1 { below(&mut self.ties, best.len() as u64) as usize } else { 0 };
        Some(best[place])
    }

    /// Notes why no node takes the next pod of a workload, once until the reason changes.
    fn refuse(&mut self, workload: usize, pod: Id<Pod>) {
        let reason = self.why_not(workload);
        if self.workloads[workload].refused.as_ref() != Some(&reason) {
            self.workloads[workload].refused = Some(reason.clone());
            self.decide(Decision::Refused { pod, reason });
        }
    }

    /// The reason in the words of kube-scheduler: `0/3 nodes are available: 1 Insufficient cpu, 2 had untolerated taint.`
    fn why_not(&self, workload: usize) -> String {
        let template = self.plan.template(workload);
        let candidates = &self.candidates[workload];
        let mut reasons: Vec<Refusal> = candidates.refusals.iter().map(|entry| entry.1).collect();
        for (unit, entry) in candidates.units.iter().enumerate() {
            let full = entry.max.is_some_and(|max| self.workloads[workload].in_unit[unit] >= max);
            for candidate in &entry.nodes {
                let state = &self.nodes[candidate.node.index()];
                reasons.extend(if full { Some(Refusal::UnitMax) } else { refusal(self.plan, candidate.node, state, template.requests) });
            }
        }
        reasons.sort_unstable();
        let parts: Vec<String> = reasons.chunk_by(|a, b| a == b).map(|same| format!("{} {}", same.len(), same[0].message())).collect();
        if parts.is_empty() { "there are no nodes".to_owned() } else { format!("0/{} nodes are available: {}.", self.plan.nodes.len(), parts.join(", ")) }
    }
}

/// Where a node stands among candidates, which are in the order of the plan.
fn place_of(candidates: &[Candidate], node: Id<Node>) -> Option<usize> {
    // Mostly all nodes are candidates, and then its place is its index.
    let first = candidates.first()?.node.index();
    let guess = node.index().checked_sub(first)?;
    if candidates.get(guess).is_some_and(|candidate| candidate.node == node) {
        return Some(guess);
    }
    candidates.binary_search_by_key(&node, |candidate| candidate.node).ok()
}

/// Fit and balance of a node with one more pod, weighted.
fn resource_score(weights: ScoreWeights, state: &NodeState, requests: Resources) -> i64 {
    let allocatable = state.allocatable.unwrap_or(VIRTUAL_CLAIM);
    let used = state.requested + requests;
    weights.fit * least_allocated(used, allocatable) + weights.balanced * balanced_allocation(used, allocatable)
}

/// Why a node has no room for `requests` now; none if it has.
fn refusal(plan: &Plan, node: Id<Node>, state: &NodeState, requests: Resources) -> Option<Refusal> {
    if state.pods >= state.max_pods {
        return Some(Refusal::TooManyPods);
    }
    let Some(allocatable) = state.allocatable else {
        let NodeKind::Virtual(virtual_node) = &plan.nodes[node].kind else { unreachable!("a machine has allocatable resources") };
        return plan.providers[virtual_node.provider].spec_for(requests).is_none().then_some(Refusal::NoSpec);
    };
    let free = allocatable.saturating_sub(state.requested);
    if requests.cpu > free.cpu {
        Some(Refusal::Cpu)
    } else if requests.memory > free.memory {
        Some(Refusal::Memory)
    } else if requests.extended.iter().zip(free.extended).any(|(want, have)| *want > have) {
        Some(Refusal::Extended)
    } else {
        None
    }
}
