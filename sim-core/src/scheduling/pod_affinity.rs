//! Which pods want to be near each other, and which do not (kube-scheduler's `InterPodAffinity`).

use std::collections::BTreeMap;
use std::rc::Rc;

use super::filter::Refusal;
use super::labels::{Labels, selects};
use super::score::normalise_between;
use super::topology::{Topologies, Topology};
use crate::id::Id;
use crate::plan::{Node, PodAffinityTerm, PodTemplate};

/// The label that every namespace has.
const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// What a pod demands of the pods around it, and they of it, with the counts that decide.
#[derive(Clone, Debug)]
pub struct PodAffinityRules {
    /// By term of required affinity: pods that match all terms.
    near: Vec<Weighed>,
    /// Those pods, once for each term whose label their node has.
    near_total: u64,
    /// Whether the pod matches its own terms, so that it can be the first of a series.
    is_near_itself: bool,
    /// By topology: pods that the pod is to be away from.
    away: Vec<Weighed>,
    /// By topology: pods that want to be away from the pod.
    shunned: Vec<Weighed>,
    /// By topology: how welcome the pod is.
    wishes: Vec<Weighed>,
}

/// Sums over the pods of each domain.
#[derive(Clone, Debug)]
struct Weighed {
    topology: Rc<Topology>,
    /// What a pod adds, by the place of its template, in order; the others add nothing.
    weights: Vec<(usize, i64)>,
    /// By domain.
    sums: Vec<i64>,
}

impl PodAffinityRules {
    /// The rules between `pod` and pods of `others`, none of which are there yet; none if there is no rule. Required affinity of a pod that is
    /// there makes its domain better by `hard_weight`.
    pub fn new(pod: &PodTemplate, others: &[&PodTemplate], hard_weight: i64, topologies: &mut Topologies<'_>) -> Option<Self> {
        let (near, away) = (&pod.pod_affinity, &pod.pod_anti_affinity);
        let is_near = |other: &PodTemplate| near.required.iter().all(|term| reaches(term, pod, other));
        let all_near: Vec<(usize, i64)> = (0..others.len()).filter(|place| is_near(others[*place])).map(|place| (place, 1)).collect();
        let mut own = ByTopology::default();
        let mut theirs = ByTopology::default();
        let mut wishes = ByTopology::default();
        for (place, other) in others.iter().enumerate() {
            away.required.iter().filter(|term| reaches(term, pod, other)).for_each(|term| own.add(term, place, 1));
            other.pod_anti_affinity.required.iter().filter(|term| reaches(term, other, pod)).for_each(|term| theirs.add(term, place, 1));
            for (wanted, sign) in [(&near.preferred, 1), (&away.preferred, -1)] {
                wanted.iter().filter(|wish| reaches(&wish.term, pod, other)).for_each(|wish| wishes.add(&wish.term, place, sign * wish.weight));
            }
            other.pod_affinity.required.iter().filter(|term| reaches(term, other, pod)).for_each(|term| wishes.add(term, place, hard_weight));
            for (wanted, sign) in [(&other.pod_affinity.preferred, 1), (&other.pod_anti_affinity.preferred, -1)] {
                wanted.iter().filter(|wish| reaches(&wish.term, other, pod)).for_each(|wish| wishes.add(&wish.term, place, sign * wish.weight));
            }
        }
        let rules = Self {
            near: near.required.iter().map(|term| Weighed::new(&term.topology_key, all_near.clone(), topologies)).collect(),
            near_total: 0,
            is_near_itself: is_near(pod),
            away: own.finish(topologies),
            shunned: theirs.finish(topologies),
            wishes: wishes.finish(topologies),
        };
        let has_any = [&rules.near, &rules.away, &rules.shunned, &rules.wishes].into_iter().any(|list| !list.is_empty());
        has_any.then_some(rules)
    }

    /// Whether pods of the `other`-th template are counted at all.
    pub fn feels(&self, other: usize) -> bool {
        [&self.near, &self.away, &self.shunned, &self.wishes].into_iter().flatten().any(|weighed| weighed.weight(other) != 0)
    }

    /// Whether a pod of the `other`-th template can make room for the pod by being there.
    pub fn attracted_by(&self, other: usize) -> bool {
        self.near.iter().any(|weighed| weighed.weight(other) != 0)
    }

    /// Counts a pod of the `other`-th template that is now on a node.
    pub fn add(&mut self, other: usize, node: Id<Node>) {
        self.near_total += self.near.iter_mut().filter_map(|weighed| weighed.change(other, node, 1)).count() as u64;
        for weighed in [&mut self.away, &mut self.shunned, &mut self.wishes].into_iter().flatten() {
            weighed.change(other, node, 1);
        }
    }

    /// Counts a pod no more: it is gone. One that is about to go still counts.
    pub fn remove(&mut self, other: usize, node: Id<Node>) {
        self.near_total -= self.near.iter_mut().filter_map(|weighed| weighed.change(other, node, -1)).count() as u64;
        for weighed in [&mut self.away, &mut self.shunned, &mut self.wishes].into_iter().flatten() {
            weighed.change(other, node, -1);
        }
    }

    /// Why a node does not take the next pod; none if it does.
    pub fn refusal(&self, node: Id<Node>) -> Option<Refusal> {
        if !self.is_near_enough(node) {
            Some(Refusal::PodAffinity)
        } else if self.away.iter().any(|weighed| weighed.sum(node) != 0) {
            Some(Refusal::PodAntiAffinity)
        } else {
            self.shunned.iter().any(|weighed| weighed.sum(node) != 0).then_some(Refusal::ExistingAntiAffinity)
        }
    }

    fn is_near_enough(&self, node: Id<Node>) -> bool {
        let has_labels = self.near.iter().all(|weighed| weighed.topology.domain(node).is_some());
        let is_first = self.near_total == 0 && self.is_near_itself;
        has_labels && (is_first || self.near.iter().all(|weighed| weighed.sum(node) != 0))
    }

    /// The scores, 0..=100, of the nodes that could take the next pod; none if all are alike.
    pub fn scores(&self, nodes: &[Id<Node>]) -> Option<Vec<i64>> {
        if self.wishes.is_empty() {
            return None;
        }
        let mut scores: Vec<i64> = nodes.iter().map(|node| self.wishes.iter().map(|weighed| weighed.sum(*node)).sum()).collect();
        normalise_between(&mut scores);
        Some(scores)
    }
}

impl Weighed {
    fn new(key: &str, weights: Vec<(usize, i64)>, topologies: &mut Topologies<'_>) -> Self {
        let topology = topologies.get(key);
        Self { sums: vec![0; topology.len()], weights, topology }
    }

    fn weight(&self, other: usize) -> i64 {
        self.weights.binary_search_by_key(&other, |entry| entry.0).map_or(0, |place| self.weights[place].1)
    }

    /// Adds or takes away a pod; the new sum of its domain, if it counts there.
    fn change(&mut self, other: usize, node: Id<Node>, sign: i64) -> Option<i64> {
        let weight = Some(self.weight(other)).filter(|weight| *weight != 0)?;
        let sum = &mut self.sums[self.topology.domain(node)?];
        *sum += sign * weight;
        Some(*sum)
    }

    /// The sum over the domain that a node is in.
    fn sum(&self, node: Id<Node>) -> i64 {
        self.topology.domain(node).map_or(0, |domain| self.sums[domain])
    }
}

/// Weights by topology key, then by template in rising order.
#[derive(Default)]
struct ByTopology(BTreeMap<String, Vec<(usize, i64)>>);

impl ByTopology {
    fn add(&mut self, term: &PodAffinityTerm, place: usize, weight: i64) {
        let weights = self.0.entry(term.topology_key.clone()).or_default();
        match weights.last_mut().filter(|last| last.0 == place) {
            Some(last) => last.1 += weight,
            None => weights.push((place, weight)),
        }
    }

    fn finish(self, topologies: &mut Topologies<'_>) -> Vec<Weighed> {
        self.0.into_iter().map(|(key, weights)| Weighed::new(&key, weights, topologies)).collect()
    }
}

/// Whether a term of `owner` is about pods of `other`.
pub fn reaches(term: &PodAffinityTerm, owner: &PodTemplate, other: &PodTemplate) -> bool {
    let is_own = term.namespaces.is_empty() && term.namespace_selector.is_none();
    let is_listed = || term.namespaces.contains(&other.namespace);
    let is_selected = || {
        let labels = || Labels::from([(NAMESPACE_NAME.to_owned(), other.namespace.clone())]);
        term.namespace_selector.as_ref().is_some_and(|selector| selects(selector, &labels()))
    };
    let in_reach = if is_own { other.namespace == owner.namespace } else { is_listed() || is_selected() };
    in_reach && term.selector.as_ref().is_some_and(|selector| selects(selector, &other.labels))
}

#[cfg(test)]
mod tests {
    use super::PodAffinityRules;
    use crate::id::{Id, Table};
    use crate::plan::{LabelSelector, Node, PodTemplate, WeightedTerm};
    use crate::scheduling::testing::{nodes, pod, selector, term};
    use crate::scheduling::{Refusal, Topologies};

    fn zones() -> Table<Node> {
        nodes([&[("zone", "a")], &[("zone", "a")], &[("zone", "b")], &[]])
    }

    fn rules(pod: &PodTemplate, others: &[&PodTemplate], nodes: &Table<Node>) -> PodAffinityRules {
        PodAffinityRules::new(pod, others, 1, &mut Topologies::new(nodes)).unwrap()
    }

    fn all(rules: &PodAffinityRules) -> Vec<Option<Refusal>> {
        (0..4).map(|node| rules.refusal(Id::new(node))).collect()
    }

    #[test]
    fn a_series_starts_where_the_label_is_and_stays_there() {
        let mut web = pod(&[("app", "web")]);
        web.pod_affinity.required = vec![term("app", "web", "zone")];
        let nodes = zones();
        let mut rules = rules(&web, &[&web], &nodes);
        assert_eq!(all(&rules), [None, None, None, Some(Refusal::PodAffinity)]);
        // A pod on a node without the label is in no domain: the series has not started.
        rules.add(0, Id::new(3));
        assert_eq!(rules.refusal(Id::new(2)), None);
        rules.add(0, Id::new(2));
        assert_eq!(all(&rules), [Some(Refusal::PodAffinity), Some(Refusal::PodAffinity), None, Some(Refusal::PodAffinity)]);
        rules.remove(0, Id::new(2));
        assert_eq!(rules.refusal(Id::new(0)), None);
    }

    #[test]
    fn wishes_of_both_sides_add_up() {
        let wish = |weight, app| WeightedTerm { weight, term: term("app", app, "zone") };
        let mut web = pod(&[("app", "web")]);
        web.pod_affinity.preferred = vec![wish(30, "cache")];
        web.pod_anti_affinity.preferred = vec![wish(5, "web")];
        let mut cache = pod(&[("app", "cache")]);
        cache.pod_affinity.required = vec![term("app", "web", "zone")];
        cache.pod_anti_affinity.preferred = vec![wish(11, "web")];
        let nodes = zones();
        let mut rules = rules(&web, &[&web, &cache], &nodes);
        let every: Vec<Id<Node>> = nodes.ids().collect();
        assert_eq!(rules.scores(&every), Some(vec![0; 4]));
        // Zone a: a cache is 30 + 1 - 11 = 20. Zone b: two of web, -5 from each side, are -20. Nowhere: 0.
        rules.add(1, Id::new(0));
        rules.add(0, Id::new(2));
        rules.add(0, Id::new(2));
        assert_eq!(rules.scores(&every), Some(vec![100, 100, 0, 50]));
        assert_eq!(rules.refusal(Id::new(2)), None, "wishes forbid nothing");
    }

    #[test]
    fn terms_reach_the_namespaces_that_they_name() {
        let mut shy = pod(&[("app", "web")]);
        shy.pod_anti_affinity.required = vec![term("app", "web", "zone")];
        let foreign = PodTemplate { namespace: "other".into(), ..pod(&[("app", "web")]) };
        let nodes = zones();
        let repels = |pod: &PodTemplate| {
            PodAffinityRules::new(pod, &[&foreign], 1, &mut Topologies::new(&nodes)).is_some_and(|mut rules| {
                rules.add(0, Id::new(0));
                rules.refusal(Id::new(1)) == Some(Refusal::PodAntiAffinity)
            })
        };
        assert!(!repels(&shy));
        let with = |change: fn(&mut crate::plan::PodAffinityTerm)| {
            let mut pod = shy.clone();
            change(&mut pod.pod_anti_affinity.required[0]);
            repels(&pod)
        };
        assert!(with(|term| term.namespaces = vec!["other".into()]));
        assert!(!with(|term| term.namespaces = vec!["third".into()]));
        assert!(with(|term| term.namespace_selector = Some(LabelSelector::default())));
        assert!(with(|term| term.namespace_selector = Some(selector("kubernetes.io/metadata.name", "other"))));
        assert!(!with(|term| term.namespace_selector = Some(selector("team", "x"))));
        assert!(!with(|term| (term.namespace_selector, term.selector) = (Some(LabelSelector::default()), None)), "no selector matches no pod");
    }
}
