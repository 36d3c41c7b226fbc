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
    all_scored: bool,
    /// Whether all are, every node is a domain, and no other constraint tells any apart.
    by_node_alone: bool,
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
        let scored: Vec<bool> = topologies.nodes().ids().map(|node| !rules.needs_all_keys || keys.iter().all(|key| key.domain(node).is_some())).collect();
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
            .collect::<Vec<Constraint>>();
        let all_scored = scored.iter().all(|scored| *scored);
        let tells_apart = |constraint: &&Constraint| !constraint.tally.topology.is_empty();
        let is_whole = |constraint: &Constraint| constraint.by_node && constraint.tally.topology.has_every_node();
        let by_node_alone = all_scored && constraints.iter().filter(tells_apart).map(is_whole).eq([true]);
        Some(Self { constraints, scored, all_scored, by_node_alone })
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

    /// The pods that count on each node, if nothing but these tells nodes apart: see [`Self::by_pods`].
    pub fn pods(&self) -> Option<&[u32]> {
        self.by_node_alone.then(|| self.constraints.iter().find(|constraint| constraint.by_node)).flatten().map(|constraint| &constraint.tally.pods[..])
    }

    /// The scores, 0..=100, of nodes by the pods that count there, where `live` nodes could take the next pod and have between `fewest` and `most`.
    pub fn by_pods(&self, live: usize, fewest: u32, most: u32) -> Vec<i64> {
        let weight = math::ln((live + 2) as f64);
        let skew = self.constraints.iter().find(|constraint| constraint.by_node).map_or(0.0, |constraint| f64::from(constraint.max_skew - 1));
        let against = |pods: u32| rounded(f64::from(pods) * weight + skew);
        let (min, max) = (against(fewest), against(most));
        (0..=most).map(|pods| if max == 0 { 100 } else { 100 * (max + min - against(pods)) / max }).collect()
    }

    /// The scores, 0..=100, of the nodes that could take the next pod.
    pub fn scores(&self, nodes: &[Id<Node>]) -> Vec<i64> {
        let is_scored = |node: &Id<Node>| self.scored[node.index()];
        if self.all_scored {
            return self.scores_of_scored(nodes);
        }
        let live: Vec<Id<Node>> = nodes.iter().copied().filter(is_scored).collect();
        let mut scores = self.scores_of_scored(&live).into_iter();
        nodes.iter().map(|node| if is_scored(node) { scores.next().unwrap_or(0) } else { 0 }).collect()
    }

    fn scores_of_scored(&self, nodes: &[Id<Node>]) -> Vec<i64> {
        // What speaks against each of them.
        let mut against = vec![0.0; nodes.len()];
        for constraint in self.constraints.iter().filter(|constraint| !constraint.tally.topology.is_empty()) {
            let weight = math::ln((constraint.domains(nodes) + 2) as f64);
            let (tally, skew) = (&constraint.tally, f64::from(constraint.max_skew - 1));
            for (sum, node) in against.iter_mut().zip(nodes) {
                if let Some(domain) = tally.topology.domain(*node) {
                    *sum += f64::from(tally.pods[domain]) * weight + skew;
                }
            }
        }
        let (mut min, mut max) = (i64::MAX, 0);
        let raw = |against: f64| {
            let raw = rounded(against);
            (min, max) = (min.min(raw), max.max(raw));
            raw
        };
        let mut scores: Vec<i64> = against.into_iter().map(raw).collect();
        // Most nodes have one of a few values.
        let mut last = (i64::MIN, 100);
        for score in &mut scores {
            if *score != last.0 && max > 0 {
                last = (*score, 100 * (max + min - *score) / max);
            }
            *score = last.1;
        }
        scores
    }
}

/// To the nearest whole number, halves away from zero, of what is not negative and far below 2^52.
fn rounded(value: f64) -> i64 {
    let whole = value as i64;
    whole + i64::from(value - whole as f64 >= 0.5)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{HOSTNAME, SpreadRules, SpreadScore};
    use crate::id::{Id, Table};
    use crate::plan::{DefaultSpread, Node};
    use crate::scheduling::Topologies;
    use crate::scheduling::testing::{nodes, pod};

    proptest! {
        #[test]
        fn scores_by_pods_are_those_one_by_one(pods in prop::collection::vec((0usize..6, any::<bool>()), 1..12)) {
            let all: Table<Node> = pods.iter().flat_map(|_| nodes([&[(HOSTNAME, "a")]]).into_values()).collect();
            let web = pod(&[("app", "web")]);
            let rules = SpreadRules::of(&web, &DefaultSpread::System, true);
            let mut preference = SpreadScore::new(&rules, &web, &[&web], &mut Topologies::new(&all)).unwrap();
            for (place, (count, _)) in pods.iter().enumerate() {
                (0..*count).for_each(|_| preference.add(0, Id::new(place)));
            }
            let counts = preference.pods().expect("only names tell the nodes apart");
            let live: Vec<Id<Node>> = (0..pods.len()).filter(|place| pods[*place].1).map(Id::new).collect();
            let of_live = || live.iter().map(|node| counts[node.index()]);
            if let (Some(fewest), Some(most)) = (of_live().min(), of_live().max()) {
                let scores = preference.by_pods(live.len(), fewest, most);
                prop_assert_eq!(of_live().map(|count| scores[count as usize]).collect::<Vec<_>>(), preference.scores(&live));
            }
        }
    }
}
