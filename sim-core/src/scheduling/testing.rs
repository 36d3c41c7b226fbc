//! Nodes and pods for the tests of this folder.

use crate::id::{Id, Table};
use crate::plan::{LabelSelector, Node, NodeKind, Operator, Placement, PodAffinity, PodAffinityTerm, PodSupply, PodTemplate, Requirement, VirtualNode};
use crate::random::Distribution;
use crate::units::Resources;

use super::labels::Labels;

pub(super) fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// Nodes with these labels.
pub(super) fn nodes<const N: usize>(all: [&[(&str, &str)]; N]) -> Table<Node> {
    let node = |(i, pairs): (usize, &[(&str, &str)])| Node {
        name: format!("n-{i}"),
        tier: Id::new(0),
        zone: String::new(),
        labels: labels(pairs),
        taints: Vec::new(),
        unschedulable: false,
        kind: NodeKind::Virtual(VirtualNode::new(Id::new(0), 1, Distribution::Constant(0.0))),
    };
    all.into_iter().enumerate().map(node).collect()
}

/// A pod that says nothing but its labels.
pub(super) fn pod(pairs: &[(&str, &str)]) -> PodTemplate {
    PodTemplate {
        moving: crate::plan::Moving::default(),
        has_scheduler: true,
        namespace: "default".to_owned(),
        labels: labels(pairs),
        requests: Resources::default(),
        scored: Resources::default(),
        priority: 0,
        preempts: true,
        cpu_limit: None,
        tolerations: Vec::new(),
        node_selector: Labels::new(),
        required_affinity: None,
        preferred_affinity: Vec::new(),
        spread: Vec::new(),
        pod_affinity: PodAffinity::default(),
        pod_anti_affinity: PodAffinity::default(),
        speed: 1.0,
        placement: Placement::Scheduler,
        supply: PodSupply::default(),
    }
}

/// Pods whose label `key` has this value.
pub(super) fn selector(key: &str, value: &str) -> LabelSelector {
    LabelSelector { requirements: vec![Requirement { key: key.to_owned(), operator: Operator::In, values: vec![value.to_owned()] }] }
}

/// Such pods in the same domain.
pub(super) fn term(key: &str, value: &str, topology_key: &str) -> PodAffinityTerm {
    PodAffinityTerm { selector: Some(selector(key, value)), topology_key: topology_key.to_owned(), namespaces: Vec::new(), namespace_selector: None }
}
