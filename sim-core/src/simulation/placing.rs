//! The scheduling cycle: every pod that has a place gets it, in the order of the queue.

use super::Simulation;
use crate::cluster::{NodeState, Pod};
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{Node, NodeKind, Placement, Plan, PodTemplate};
use crate::random::below;
use crate::scheduling::{Refusal, affinity_raw, balanced_allocation, least_allocated, normalise, static_refusal, untolerated_preferences};
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
    nodes: Vec<Candidate>,
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
                candidates.units.push(CandidateUnit { max: None, nodes });
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
                    candidates.units.push(CandidateUnit { max: unit.max, nodes });
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
            match self.choose(workload) {
                Some((unit, node)) => {
                    self.pending.pop(workload);
                    self.workloads[workload].refused = None;
                    self.bind(pod, node, unit);
                }
                None => {
                    stuck[workload] = true;
                    self.refuse(workload, pod);
                }
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
        let template = self.plan.template(workload);
        let nodes = &self.candidates[workload].units[unit].nodes;
        let fits = |candidate: &&Candidate| refusal(self.plan, candidate.node, &self.nodes[candidate.node.index()], template.requests).is_none();
        let (mut most_affine, mut most_avoided) = (0, 0);
        if nodes.iter().any(|candidate| candidate.affinity != 0 || candidate.avoided != 0) {
            for candidate in nodes.iter().filter(fits) {
                most_affine = most_affine.max(candidate.affinity);
                most_avoided = most_avoided.max(candidate.avoided);
            }
        }
        let mut best: Option<(i64, Id<Node>)> = None;
        let mut ties = 1;
        for candidate in nodes.iter().filter(fits) {
            let state = &self.nodes[candidate.node.index()];
            let allocatable = state.allocatable.unwrap_or(VIRTUAL_CLAIM);
            let used = state.requested + template.requests;
            let score = self.weights.fit * least_allocated(used, allocatable)
                + self.weights.balanced * balanced_allocation(used, allocatable)
                + self.weights.affinity * normalise(candidate.affinity, most_affine, false)
                + self.weights.taints * normalise(candidate.avoided, most_avoided, true);
            match best {
                Some((top, _)) if score < top => {}
                Some((top, _)) if score == top => {
                    ties += 1;
                    if below(&mut self.ties, ties) == 0 {
                        best = Some((score, candidate.node));
                    }
                }
                _ => {
                    best = Some((score, candidate.node));
                    ties = 1;
                }
            }
        }
        best.map(|(_, node)| node)
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
