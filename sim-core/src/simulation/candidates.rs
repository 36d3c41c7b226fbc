//! Where pods may go at all: what of the scheduler's filters does not change during a run.

use std::collections::BTreeSet;
use std::ops::Range;

use super::rooms::Moment;
use crate::id::{Id, Table};
use crate::plan::{AddedAffinity, Node, NodeKind, Placement, Plan, PodTemplate, Unit};
use crate::scheduling::{ByPods, Ranking, Refusal, SpreadScore, is_excluded, pinned_nodes, preference, static_refusal, untolerated_preferences};

/// Where pods of one template may go at all.
#[derive(Clone, Debug)]
pub(super) struct Candidates {
    /// Units of the policy, most preferred first; a single one without a policy.
    pub units: Vec<CandidateUnit>,
    /// Why the other nodes are out.
    pub refusals: Vec<(Id<Node>, Refusal)>,
}

/// The nodes of one unit.
#[derive(Clone, Debug, Default)]
pub(super) struct CandidateUnit {
    /// In the order of the plan.
    pub nodes: Vec<Candidate>,
    /// Their scores by resources, as they were at `seen`; at none of them at first.
    pub ranking: Ranking,
    /// The same by the number of pods that count on them, where nothing else tells them apart.
    pub by_pods: Box<ByPods>,
    pub seen: Option<Moment>,
    /// Whether preferences of the pod, which are scaled by the best node that has room, tell none of the nodes apart.
    pub are_alike: bool,
    /// The index of the first of its nodes, if they follow each other in the plan, as they mostly do: then a node's place needs no search.
    pub run: Run,
}

/// The index of the first of a row of nodes that follow each other in the plan.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Run(Option<usize>);

impl Run {
    fn of(nodes: &[Candidate]) -> Self {
        let bounds = nodes.first().zip(nodes.last()).map(|(first, last)| (first.node.index(), last.node.index()));
        Self(bounds.filter(|(first, last)| last - first + 1 == nodes.len()).map(|(first, _)| first))
    }

    /// The indices of these nodes, if they follow each other.
    pub(super) fn span(self, nodes: &[Candidate]) -> Option<Range<usize>> {
        self.0.map(|first| first..first + nodes.len())
    }

    /// Where a node stands among these nodes.
    pub(super) fn place_of(self, nodes: &[Candidate], node: Id<Node>) -> Option<usize> {
        match self.0 {
            Some(first) => node.index().checked_sub(first).filter(|place| *place < nodes.len()),
            None => nodes.binary_search_by_key(&node, |candidate| candidate.node).ok(),
        }
    }
}

/// A node that pods may go to, with its scores before they are scaled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub node: Id<Node>,
    pub affinity: i64,
    pub avoided: i64,
}

impl CandidateUnit {
    fn new(nodes: Vec<Candidate>) -> Self {
        let are_alike = nodes.windows(2).all(|pair| (pair[0].affinity, pair[0].avoided) == (pair[1].affinity, pair[1].avoided));
        Self { run: Run::of(&nodes), ranking: Ranking::new(nodes.len()), by_pods: Box::default(), seen: None, are_alike, nodes }
    }

    /// Whether a node is among its nodes.
    pub(super) fn holds(&self, node: Id<Node>) -> bool {
        self.run.place_of(&self.nodes, node).is_some()
    }

    /// The pods that count on each of its nodes, where nothing but these and resources tell the nodes apart.
    pub(super) fn counted<'p>(&self, preference: &'p SpreadScore) -> Option<&'p [u32]> {
        Some(&preference.pods()?[self.run.span(&self.nodes)?])
    }
}

impl Candidates {
    /// Whether pods may go to a node at all.
    pub(super) fn holds(&self, node: Id<Node>) -> bool {
        self.units.iter().any(|unit| unit.holds(node))
    }

    /// Where pods of a template may go among all nodes.
    pub(super) fn of(plan: &Plan, all: &Table<Node>, template: &PodTemplate) -> Self {
        let mut candidates = Self { units: Vec::new(), refusals: Vec::new() };
        let added = &plan.scheduler.added_affinity;
        let pinned = template.required_affinity.as_deref().and_then(pinned_nodes);
        let candidate = |node: Id<Node>| Candidate {
            node,
            affinity: weight_of(plan, template, &all[node]),
            avoided: untolerated_preferences(&template.tolerations, &all[node].taints),
        };
        match &template.placement {
            // A pod without a subset is an ordinary one.
            Placement::Scheduler | Placement::Weights | Placement::Subsets(_) => {
                let mut nodes = Vec::new();
                for (id, node) in all.iter() {
                    match refusal(template, node, false, pinned.as_ref(), added) {
                        Some(refusal) => candidates.refusals.push((id, refusal)),
                        None => nodes.push(candidate(id)),
                    }
                }
                let weights = if template.placement == Placement::Weights { distinct_weights(&nodes) } else { Vec::new() };
                if weights.is_empty() {
                    candidates.units.push(CandidateUnit::new(nodes));
                } else {
                    let of_weight = |weight| nodes.iter().filter(|candidate| candidate.affinity == weight).copied().collect();
                    candidates.units.extend(weights.into_iter().map(|weight| CandidateUnit::new(of_weight(weight))));
                }
            }
            Placement::Prefer { units, .. } => {
                let mut seen = vec![Some(Refusal::Policy); all.len()];
                for unit in units {
                    let mut nodes = Vec::new();
                    for (id, node) in all.iter() {
                        if holds(unit, node) {
                            let tolerate_virtual = matches!(node.kind, NodeKind::Virtual(_));
                            seen[id.index()] = refusal(template, node, tolerate_virtual, pinned.as_ref(), added);
                            if seen[id.index()].is_none() {
                                nodes.push(candidate(id));
                            }
                        }
                    }
                    candidates.units.push(CandidateUnit::new(nodes));
                }
                candidates.refusals.extend(all.ids().filter_map(|id| seen[id.index()].map(|refusal| (id, refusal))));
            }
        }
        candidates
    }
}

/// Whether a node belongs to a unit.
pub(super) fn holds(unit: &Unit, node: &Node) -> bool {
    node.tier == unit.tier && unit.node_selector.iter().all(|(key, value)| node.labels.get(key) == Some(value))
}

/// Why a node never takes a pod; `pinned` are the only nodes worth a look, if there are such.
fn refusal(template: &PodTemplate, node: &Node, tolerate_virtual: bool, pinned: Option<&BTreeSet<&str>>, added: &AddedAffinity) -> Option<Refusal> {
    if !template.has_scheduler {
        return Some(Refusal::NoScheduler);
    }
    if pinned.is_some_and(|names| !names.contains(node.name.as_str())) {
        return Some(Refusal::Affinity);
    }
    if let (Some(rejection), NodeKind::Virtual(_)) = (template.supply.rejected, &node.kind) {
        return Some(Refusal::Rejected(rejection));
    }
    match static_refusal(template, node, tolerate_virtual) {
        None | Some(Refusal::Affinity) if is_excluded(added, node) => Some(Refusal::AddedAffinity),
        other => other,
    }
}

/// What preferred node affinity, the pod's and the scheduler's, gives a node.
fn weight_of(plan: &Plan, template: &PodTemplate, node: &Node) -> i64 {
    preference(&template.preferred_affinity, node) + preference(&plan.scheduler.added_affinity.preferred, node)
}

/// The different weights that nodes have for a pod, greatest first.
fn distinct_weights(nodes: &[Candidate]) -> Vec<i64> {
    let weights: BTreeSet<i64> = nodes.iter().map(|candidate| candidate.affinity).collect();
    weights.into_iter().rev().collect()
}
