//! Constraints that are preferences.

use std::rc::Rc;

use super::{HOSTNAME, SpreadRules, Tally};
use crate::id::Id;
use crate::math;
use crate::plan::{Node, PodTemplate, WhenUnsatisfiable};
use crate::scheduling::topology::{Topologies, Topology};

/// The constraints of a pod that make nodes better or worse, with the counts that decide.
#[derive(Clone, Debug)]
pub struct SpreadScore {
    constraints: Vec<Constraint>,
    /// By node: whether it is scored at all.
    scored: Vec<bool>,
}

#[derive(Clone, Debug)]
struct Constraint {
    tally: Tally,
    max_skew: u32,
    /// Whether every node is its own domain.
    by_node: bool,
}

impl SpreadScore {
    /// The preferences of `pod` among pods of `others`, none of which are there yet; none if it has no preference.
    pub fn new(rules: &SpreadRules<'_>, pod: &PodTemplate, others: &[&PodTemplate], topologies: &mut Topologies<'_>) -> Option<Self> {
        let soft: Vec<_> = rules.with(WhenUnsatisfiable::ScheduleAnyway).collect();
        if soft.is_empty() {
            return None;
        }
        let mut keys: Vec<Rc<Topology>> = soft.iter().map(|constraint| topologies.get(&constraint.topology_key)).collect();
        let scored = topologies.nodes().ids().map(|node| !rules.needs_all_keys || keys.iter().all(|key| key.domain(node).is_some())).collect();
        if !rules.needs_all_keys {
            keys.clear();
        }
        let constraints = soft
            .into_iter()
            .map(|constraint| {
                let by_node = constraint.topology_key == HOSTNAME;
                let topology = if by_node { topologies.nodes_with(HOSTNAME) } else { topologies.get(&constraint.topology_key) };
                let mut tally = Tally::new(constraint, topology, &keys, pod, others, topologies);
                if by_node {
                    // A node is scored by its own pods, whether or not it suits the pod.
                    tally.counted.fill(true);
                }
                Constraint { tally, max_skew: constraint.max_skew, by_node }
            })
            .collect();
        Some(Self { constraints, scored })
    }

    /// Whether pods of the `other`-th template are counted at all.
    pub fn feels(&self, other: usize) -> bool {
        self.constraints.iter().any(|constraint| constraint.tally.selects(other))
    }

    /// Counts a pod of the `other`-th template that is now on a node.
    pub fn add(&mut self, other: usize, node: Id<Node>) {
        for tally in self.constraints.iter_mut().map(|constraint| &mut constraint.tally) {
            tally.domain_of(other, node).into_iter().for_each(|domain| tally.pods[domain] += 1);
        }
    }

    /// Counts a pod no more: it is gone or about to go.
    pub fn remove(&mut self, other: usize, node: Id<Node>) {
        for tally in self.constraints.iter_mut().map(|constraint| &mut constraint.tally) {
            tally.domain_of(other, node).into_iter().for_each(|domain| tally.pods[domain] -= 1);
        }
    }

    /// The scores, 0..=100, of the nodes that could take the next pod.
    pub fn scores(&self, nodes: &[Id<Node>]) -> Vec<i64> {
        let live: Vec<Id<Node>> = nodes.iter().copied().filter(|node| self.scored[node.index()]).collect();
        let weights: Vec<f64> = self.constraints.iter().map(|constraint| math::ln((constraint.domains(&live) + 2) as f64)).collect();
        let raw: Vec<i64> = live.iter().map(|node| self.raw(*node, &weights)).collect();
        let (min, max) = raw.iter().fold((i64::MAX, 0), |(min, max), raw| (min.min(*raw), max.max(*raw)));
        let mut raw = raw.into_iter();
        let score = |node: &Id<Node>| {
            if !self.scored[node.index()] {
                return 0;
            }
            raw.next().map_or(0, |raw| if max == 0 { 100 } else { 100 * (max + min - raw) / max })
        };
        nodes.iter().map(score).collect()
    }

    /// What speaks against a node.
    fn raw(&self, node: Id<Node>, weights: &[f64]) -> i64 {
        let part = |(constraint, weight): (&Constraint, &f64)| {
            let domain = constraint.tally.topology.domain(node)?;
            Some(f64::from(constraint.tally.pods[domain]) * weight + f64::from(constraint.max_skew - 1))
        };
        self.constraints.iter().zip(weights).filter_map(part).sum::<f64>().round() as i64
    }
}

impl Constraint {
    /// In how many domains these nodes are. Nodes without the label, where that is allowed, make one of their own.
    fn domains(&self, nodes: &[Id<Node>]) -> usize {
        if self.by_node {
            return nodes.len();
        }
        let mut seen = vec![false; self.tally.topology.len() + 1];
        for node in nodes {
            seen[self.tally.topology.domain(*node).unwrap_or(self.tally.topology.len())] = true;
        }
        seen.into_iter().filter(|seen| *seen).count()
    }
}
