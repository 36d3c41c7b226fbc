//! Constraints that a node must keep.

use std::rc::Rc;

use super::{SpreadRules, Tally, merged};
use crate::id::Id;
use crate::plan::{Node, PodTemplate, WhenUnsatisfiable};
use crate::scheduling::filter::Refusal;
use crate::scheduling::labels::selects;
use crate::scheduling::topology::{Topologies, Topology};

/// The constraints of a pod that a node must keep, with the counts that decide.
#[derive(Clone, Debug)]
pub struct SpreadFilter {
    constraints: Vec<Constraint>,
}

#[derive(Clone, Debug)]
struct Constraint {
    tally: Tally,
    max_skew: u32,
    min_domains: u32,
    /// 1 if the pod itself is counted once it is there.
    own: u32,
    levels: Levels,
    /// By domain: counted nodes that are there. A domain without any does not exist.
    nodes: Vec<u32>,
}

/// How many of the domains that have a counted node hold 0, 1, 2, … pods, so that the least is known at once.
#[derive(Clone, Debug)]
struct Levels {
    domains: u32,
    at: Vec<u32>,
    least: u32,
}

impl SpreadFilter {
    /// The constraints of `pod` among pods of `others`, none of which are there yet; none if there is no constraint.
    pub fn new(rules: &SpreadRules<'_>, pod: &PodTemplate, others: &[&PodTemplate], topologies: &mut Topologies<'_>) -> Option<Self> {
        let keys: Vec<Rc<Topology>> = rules.with(WhenUnsatisfiable::DoNotSchedule).map(|constraint| topologies.get(&constraint.topology_key)).collect();
        let constraints: Vec<Constraint> = (rules.with(WhenUnsatisfiable::DoNotSchedule).zip(&keys))
            .map(|(constraint, topology)| {
                let tally = Tally::new(constraint, Rc::clone(topology), &keys, pod, others, topologies);
                let mut nodes = vec![0; topology.len()];
                for (node, _) in topologies.nodes().iter().filter(|(node, _)| tally.counted[node.index()]) {
                    topology.domain(node).into_iter().for_each(|domain| nodes[domain] += 1);
                }
                Constraint {
                    max_skew: constraint.max_skew,
                    min_domains: constraint.min_domains.unwrap_or(1),
                    own: u32::from(merged(constraint, pod).is_some_and(|selector| selects(&selector, &pod.labels))),
                    levels: Levels::new(nodes.iter().filter(|nodes| **nodes > 0).count() as u32),
                    nodes,
                    tally,
                }
            })
            .collect();
        (!constraints.is_empty()).then_some(Self { constraints })
    }

    /// Whether pods of the `other`-th template are counted at all.
    pub fn feels(&self, other: usize) -> bool {
        self.constraints.iter().any(|constraint| constraint.tally.selects(other))
    }

    /// Counts a pod of the `other`-th template that is now on a node.
    pub fn add(&mut self, other: usize, node: Id<Node>) {
        for constraint in &mut self.constraints {
            constraint.add(other, node);
        }
    }

    /// Counts a pod no more: it is gone or about to go.
    pub fn remove(&mut self, other: usize, node: Id<Node>) {
        for constraint in &mut self.constraints {
            constraint.remove(other, node);
        }
    }

    /// A node is there that was not.
    pub fn node_came(&mut self, node: Id<Node>) {
        for constraint in &mut self.constraints {
            constraint.node_came(node);
        }
    }

    /// A node is gone, and its pods before it.
    pub fn node_left(&mut self, node: Id<Node>) {
        for constraint in &mut self.constraints {
            constraint.node_left(node);
        }
    }

    /// Why a node does not take the next pod; none if it does.
    pub fn refusal(&self, node: Id<Node>) -> Option<Refusal> {
        self.constraints.iter().find_map(|constraint| constraint.refusal(node))
    }
}

impl Constraint {
    fn add(&mut self, other: usize, node: Id<Node>) {
        if let Some(domain) = self.tally.domain_of(other, node) {
            self.levels.rise(self.tally.pods[domain]);
            self.tally.pods[domain] += 1;
        }
    }

    fn remove(&mut self, other: usize, node: Id<Node>) {
        if let Some(domain) = self.tally.domain_of(other, node) {
            self.levels.fall(self.tally.pods[domain]);
            self.tally.pods[domain] -= 1;
        }
    }

    fn node_came(&mut self, node: Id<Node>) {
        if let Some(domain) = self.tally.home_of(node) {
            self.nodes[domain] += 1;
            if self.nodes[domain] == 1 {
                self.levels.enter(self.tally.pods[domain]);
            }
        }
    }

    fn node_left(&mut self, node: Id<Node>) {
        if let Some(domain) = self.tally.home_of(node) {
            self.nodes[domain] -= 1;
            if self.nodes[domain] == 0 {
                self.levels.leave(self.tally.pods[domain]);
            }
        }
    }

    fn refusal(&self, node: Id<Node>) -> Option<Refusal> {
        let Some(domain) = self.tally.topology.domain(node) else { return Some(Refusal::NoDomain) };
        let least = if self.levels.domains < self.min_domains { 0 } else { self.levels.least };
        (u64::from(self.tally.pods[domain] + self.own) > u64::from(least) + u64::from(self.max_skew)).then_some(Refusal::Skew)
    }
}

impl Levels {
    fn new(domains: u32) -> Self {
        Self { domains, at: vec![domains], least: 0 }
    }

    /// A domain with so many pods comes into being.
    fn enter(&mut self, pods: u32) {
        self.at.resize(self.at.len().max(pods as usize + 1), 0);
        self.at[pods as usize] += 1;
        self.least = if self.domains == 0 { pods } else { self.least.min(pods) };
        self.domains += 1;
    }

    /// A domain with so many pods is no more.
    fn leave(&mut self, pods: u32) {
        self.at[pods as usize] -= 1;
        self.domains -= 1;
        self.least = self.at.iter().position(|domains| *domains > 0).unwrap_or(0) as u32;
    }

    /// A domain that held so many pods gets one more.
    fn rise(&mut self, from: u32) {
        let from = from as usize;
        if self.at.len() == from + 1 {
            self.at.push(0);
        }
        self.at[from] -= 1;
        self.at[from + 1] += 1;
        if self.at[self.least as usize] == 0 {
            self.least += 1;
        }
    }

    /// A domain that held so many pods loses one.
    fn fall(&mut self, from: u32) {
        self.at[from as usize] -= 1;
        self.at[from as usize - 1] += 1;
        self.least = self.least.min(from - 1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Levels;

    proptest! {
        #[test]
        fn the_least_agrees_with_a_scan(domains in 1usize..5, changes in prop::collection::vec((0usize..5, 0u8..3), 1..60)) {
            let mut levels = Levels::new(domains as u32);
            let mut pods = vec![Some(0u32); domains];
            for (domain, change) in changes {
                let held = &mut pods[domain % domains];
                match (change, *held) {
                    (0, Some(count)) => {
                        levels.rise(count);
                        *held = Some(count + 1);
                    }
                    (1, Some(count)) if count > 0 => {
                        levels.fall(count);
                        *held = Some(count - 1);
                    }
                    (2, Some(count)) => {
                        levels.leave(count);
                        *held = None;
                    }
                    (2, None) => {
                        levels.enter(1);
                        *held = Some(1);
                    }
                    _ => {}
                }
                let there = pods.iter().flatten();
                prop_assert_eq!((levels.domains as usize, levels.least), (there.clone().count(), there.copied().min().unwrap_or(0)));
            }
        }
    }
}
