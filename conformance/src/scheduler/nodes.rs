//! Nodes and pods as the scheduler's vectors write them.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::id::{Id, Table};
use sim_core::plan::{
    LabelSelector, Node, NodeKind, NodeSelectorTerm, Operator, Placement, PodAffinity, PodSupply, PodTemplate, Preferred, Requirement, Taint, TaintEffect,
    Toleration, TolerationOperator, VirtualNode,
};
use sim_core::random::Distribution;
use sim_core::units::Resources;

#[derive(Clone, Deserialize)]
pub(crate) struct NodeJson {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) taints: Vec<TaintJson>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct TaintJson {
    key: String,
    value: String,
    effect: EffectJson,
}

#[derive(Clone, Deserialize)]
pub(crate) struct TolerationJson {
    key: String,
    operator: TolerationOperatorJson,
    value: String,
    effect: ToleratedJson,
}

#[derive(Clone, Copy, Deserialize)]
enum EffectJson {
    NoSchedule,
    PreferNoSchedule,
    NoExecute,
}

/// An effect, or all of them.
#[derive(Clone, Copy, Deserialize)]
enum ToleratedJson {
    #[serde(rename = "")]
    Any,
    NoSchedule,
    PreferNoSchedule,
    NoExecute,
}

#[derive(Clone, Copy, Deserialize)]
enum TolerationOperatorJson {
    #[serde(alias = "")]
    Equal,
    Exists,
    Gt,
    Lt,
}

#[derive(Clone, Deserialize)]
pub(crate) struct TermJson {
    #[serde(default)]
    match_expressions: Vec<RequirementJson>,
    #[serde(default)]
    match_fields: Vec<RequirementJson>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct RequirementJson {
    key: String,
    operator: OperatorJson,
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Clone, Copy, Deserialize)]
enum OperatorJson {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    Gt,
    Lt,
}

#[derive(Clone, Deserialize)]
pub(crate) struct PreferredJson {
    weight: i64,
    preference: TermJson,
}

#[derive(Clone, Deserialize)]
pub(crate) struct SelectorJson {
    match_labels: BTreeMap<String, String>,
    match_expressions: Vec<RequirementJson>,
}

impl NodeJson {
    /// The node; what stands behind it does not matter.
    pub(crate) fn node(&self) -> Node {
        Node {
            name: self.name.clone(),
            tier: Id::new(0),
            zone: String::new(),
            labels: self.labels.clone(),
            taints: self.taints.iter().map(TaintJson::taint).collect(),
            unschedulable: false,
            kind: NodeKind::Virtual(VirtualNode::new(Id::new(0), 1, Distribution::Constant(0.0))),
        }
    }
}

pub(crate) fn table<'n>(nodes: impl IntoIterator<Item = &'n NodeJson>) -> Table<Node> {
    nodes.into_iter().map(NodeJson::node).collect()
}

impl TaintJson {
    pub(crate) fn taint(&self) -> Taint {
        let effect = match self.effect {
            EffectJson::NoSchedule => TaintEffect::NoSchedule,
            EffectJson::PreferNoSchedule => TaintEffect::PreferNoSchedule,
            EffectJson::NoExecute => TaintEffect::NoExecute,
        };
        Taint { key: self.key.clone(), value: self.value.clone(), effect }
    }
}

impl TolerationJson {
    pub(crate) fn toleration(&self) -> Toleration {
        let operator = match self.operator {
            TolerationOperatorJson::Equal => TolerationOperator::Equal,
            TolerationOperatorJson::Exists => TolerationOperator::Exists,
            TolerationOperatorJson::Gt => TolerationOperator::Gt,
            TolerationOperatorJson::Lt => TolerationOperator::Lt,
        };
        let effect = match self.effect {
            ToleratedJson::Any => None,
            ToleratedJson::NoSchedule => Some(TaintEffect::NoSchedule),
            ToleratedJson::PreferNoSchedule => Some(TaintEffect::PreferNoSchedule),
            ToleratedJson::NoExecute => Some(TaintEffect::NoExecute),
        };
        Toleration { key: self.key.clone(), operator, value: self.value.clone(), effect, seconds: None }
    }
}

impl TermJson {
    pub(crate) fn term(&self) -> NodeSelectorTerm {
        NodeSelectorTerm { expressions: requirements(&self.match_expressions), fields: requirements(&self.match_fields) }
    }
}

pub(crate) fn terms(terms: &[TermJson]) -> Vec<NodeSelectorTerm> {
    terms.iter().map(TermJson::term).collect()
}

pub(crate) fn requirements(requirements: &[RequirementJson]) -> Vec<Requirement> {
    let requirement = |json: &RequirementJson| {
        let operator = match json.operator {
            OperatorJson::In => Operator::In,
            OperatorJson::NotIn => Operator::NotIn,
            OperatorJson::Exists => Operator::Exists,
            OperatorJson::DoesNotExist => Operator::DoesNotExist,
            OperatorJson::Gt => Operator::Gt,
            OperatorJson::Lt => Operator::Lt,
        };
        Requirement { key: json.key.clone(), operator, values: json.values.clone() }
    };
    requirements.iter().map(requirement).collect()
}

pub(crate) fn preferred(preferred: &[PreferredJson]) -> Vec<Preferred> {
    preferred.iter().map(|json| Preferred { weight: json.weight, term: json.preference.term() }).collect()
}

impl SelectorJson {
    pub(crate) fn selector(&self) -> LabelSelector {
        let is = |(key, value): (&String, &String)| Requirement { key: key.clone(), operator: Operator::In, values: vec![value.clone()] };
        LabelSelector { requirements: self.match_labels.iter().map(is).chain(requirements(&self.match_expressions)).collect() }
    }
}

/// A pod that says nothing but its labels.
pub(crate) fn pod(namespace: &str, labels: &BTreeMap<String, String>) -> PodTemplate {
    PodTemplate {
        moving: sim_core::plan::Moving::default(),
        has_scheduler: true,
        speed: 1.0,
        namespace: namespace.to_owned(),
        labels: labels.clone(),
        requests: Resources::default(),
        scored: Resources::default(),
        priority: 0,
        preempts: true,
        cpu_limit: None,
        tolerations: Vec::new(),
        node_selector: BTreeMap::new(),
        required_affinity: None,
        preferred_affinity: Vec::new(),
        spread: Vec::new(),
        pod_affinity: PodAffinity::default(),
        pod_anti_affinity: PodAffinity::default(),
        placement: Placement::Scheduler,
        supply: PodSupply::default(),
    }
}
