//! Node selectors and node affinity (kube-scheduler's NodeAffinity).

use std::collections::BTreeSet;
use std::fmt;

use super::labels::{BadPart, bad_part, holds};
use crate::plan::{Node, NodeSelectorTerm, Operator, PodTemplate, Preferred, Requirement};

/// The only field of a node that a term can look at.
const NAME_FIELD: &str = "metadata.name";

/// Whether one of `terms` matches: terms are alternatives, an empty term and an empty list match nothing.
pub fn matches_terms(terms: &[NodeSelectorTerm], node: &Node) -> bool {
    terms.iter().any(|term| matches_term(term, node))
}

/// Whether a node suits a pod's selector and its required affinity.
pub fn suits(pod: &PodTemplate, node: &Node) -> bool {
    pod.node_selector.iter().all(|(key, value)| node.labels.get(key) == Some(value))
        && pod.required_affinity.as_ref().is_none_or(|terms| matches_terms(terms, node))
}

/// NodeAffinity's score before normalisation: the sum of weights of preferred terms that match.
pub fn preference(preferred: &[Preferred], node: &Node) -> i64 {
    preferred.iter().filter(|preferred| matches_term(&preferred.term, node)).map(|preferred| preferred.weight).sum()
}

/// The only nodes that can match, by name, if every term names some: the others need not be looked at.
pub fn pinned_nodes(terms: &[NodeSelectorTerm]) -> Option<BTreeSet<&str>> {
    let mut names = None;
    for term in terms {
        let lists = term.fields.iter().filter(|field| field.key == NAME_FIELD && field.operator == Operator::In);
        let sets = lists.map(|field| field.values.iter().map(String::as_str).collect::<BTreeSet<&str>>());
        let pinned = sets.reduce(|all, more| all.intersection(&more).copied().collect())?;
        names.get_or_insert_with(BTreeSet::new).extend(pinned);
    }
    names
}

fn matches_term(term: &NodeSelectorTerm, node: &Node) -> bool {
    !is_empty(term)
        && bad_parts(term).next().is_none()
        && term.expressions.iter().all(|requirement| holds(requirement, node.labels.get(&requirement.key).map(String::as_str)))
        && term.fields.iter().all(|requirement| holds(requirement, Some(&node.name)))
}

const fn is_empty(term: &NodeSelectorTerm) -> bool {
    term.expressions.is_empty() && term.fields.is_empty()
}

/// Where Kubernetes would refuse a requirement of a term. Written out it is a path: `matchFields[0].values`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadRequirement {
    /// Whether it is a requirement on a field of the node rather than on a label.
    pub of_field: bool,
    /// Its place.
    pub place: usize,
    /// What is wrong.
    pub part: BadPart,
}

impl fmt::Display for BadRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}].{}", if self.of_field { "matchFields" } else { "matchExpressions" }, self.place, self.part)
    }
}

/// The requirements of a term that Kubernetes would refuse. With any of them the term matches nothing.
pub fn bad_parts(term: &NodeSelectorTerm) -> impl Iterator<Item = BadRequirement> {
    let find = |of_field, check: fn(&Requirement) -> Option<BadPart>| {
        move |(place, requirement)| check(requirement).map(|part| BadRequirement { of_field, place, part })
    };
    let expressions = term.expressions.iter().enumerate().filter_map(find(false, bad_part));
    expressions.chain(term.fields.iter().enumerate().filter_map(find(true, bad_field)))
}

/// The same for preferred terms, with the place of the term. One without weight, or without requirements, is never read.
pub fn bad_preferences(preferred: &[Preferred]) -> impl Iterator<Item = (usize, BadRequirement)> {
    let read = preferred.iter().enumerate().filter(|(_, preferred)| preferred.weight != 0);
    read.flat_map(|(place, preferred)| bad_parts(&preferred.term).map(move |bad| (place, bad)))
}

fn bad_field(requirement: &Requirement) -> Option<BadPart> {
    if requirement.key != NAME_FIELD {
        Some(BadPart::Key)
    } else if !matches!(requirement.operator, Operator::In | Operator::NotIn) {
        Some(BadPart::Operator)
    } else {
        (requirement.values.len() != 1).then_some(BadPart::Values)
    }
}

#[cfg(test)]
mod tests {
    use super::pinned_nodes;
    use crate::plan::{NodeSelectorTerm, Operator, Requirement};

    #[test]
    fn names_intersect_within_a_term_and_unite_across_terms() {
        let field =
            |names: &[&str]| Requirement { key: "metadata.name".into(), operator: Operator::In, values: names.iter().map(|name| (*name).into()).collect() };
        let term = |fields| NodeSelectorTerm { expressions: Vec::new(), fields };
        let both = [term(vec![field(&["a", "b"]), field(&["b", "c"])]), term(vec![field(&["d"])])];
        assert_eq!(pinned_nodes(&both), Some(["b", "d"].into()));
        assert_eq!(pinned_nodes(&[term(vec![field(&["a"]), field(&["b"])])]), Some([].into()));
        assert_eq!(pinned_nodes(&[both[1].clone(), term(Vec::new())]), None, "a term that names none may match any");
        assert_eq!(pinned_nodes(&[]), None);
    }
}
