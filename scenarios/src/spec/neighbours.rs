//! What pods demand of the pods around them, in Kubernetes' own words.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A bound on how unevenly pods may be spread, as in Kubernetes.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct TopologySpreadConstraint {
    /// How many more pods than the emptiest domain a domain may hold.
    #[schemars(range(min = 1))]
    pub max_skew: u32,
    /// Nodes with the same value of this label are one domain, for instance `topology.kubernetes.io/zone`.
    pub topology_key: String,
    /// What happens when no node keeps the bound.
    pub when_unsatisfiable: WhenUnsatisfiable,
    /// The pods that are counted. Without it, no pod is.
    pub label_selector: Option<LabelSelector>,
    /// Labels whose value a counted pod must share with the new one.
    #[serde(default)]
    pub match_label_keys: Vec<String>,
    /// With fewer domains than this, the emptiest one counts as empty.
    #[schemars(extend("default" = 1))]
    pub min_domains: Option<u32>,
    /// Whether nodes that the pod's selector and affinity exclude are left out of the count.
    #[serde(default = "honor")]
    #[schemars(extend("default" = "Honor"))]
    pub node_affinity_policy: InclusionPolicy,
    /// Whether nodes whose taints the pod does not tolerate are left out of the count.
    #[serde(default = "ignore")]
    #[schemars(extend("default" = "Ignore"))]
    pub node_taints_policy: InclusionPolicy,
}

const fn honor() -> InclusionPolicy {
    InclusionPolicy::Honor
}

const fn ignore() -> InclusionPolicy {
    InclusionPolicy::Ignore
}

/// What happens when no node keeps a bound on the spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum WhenUnsatisfiable {
    /// The pod waits.
    DoNotSchedule,
    /// The bound is a preference.
    ScheduleAnyway,
}

/// Whether a property of the new pod decides which nodes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum InclusionPolicy {
    /// Only nodes that suit the pod are counted.
    Honor,
    /// All nodes are counted.
    Ignore,
}

/// Pods by their labels, as in Kubernetes. An empty selector stands for all pods.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct LabelSelector {
    /// Labels with their values.
    #[serde(default)]
    pub match_labels: BTreeMap<String, String>,
    /// Further requirements on labels.
    #[serde(default)]
    pub match_expressions: Vec<LabelRequirement>,
}

/// A requirement on a label of a pod.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct LabelRequirement {
    /// Key of the label.
    pub key: String,
    /// How it is compared.
    pub operator: LabelOperator,
    /// What it is compared with.
    #[serde(default)]
    pub values: Vec<String>,
}

/// Operators of label selectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum LabelOperator {
    /// The label is present and its value is listed.
    In,
    /// The label is absent or its value is not listed.
    NotIn,
    /// The label is present.
    Exists,
    /// The label is absent.
    DoesNotExist,
}

/// Which pods a pod is to be near, or away from, as in Kubernetes.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PodAffinity {
    /// All of these must hold.
    #[serde(default)]
    pub required_during_scheduling_ignored_during_execution: Vec<PodAffinityTerm>,
    /// Nodes for which one of these holds score higher by its weight, for anti-affinity lower.
    #[serde(default)]
    pub preferred_during_scheduling_ignored_during_execution: Vec<WeightedPodAffinityTerm>,
}

/// Pods in the same domain of a topology.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PodAffinityTerm {
    /// The pods. Without it, none.
    pub label_selector: Option<LabelSelector>,
    /// Nodes with the same value of this label are one domain, for instance `kubernetes.io/hostname`.
    pub topology_key: String,
    /// Namespaces of the pods. Default: the pod's own, unless there is a `namespaceSelector`.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// Further namespaces, by their labels: `{}` stands for all. The only label that a namespace has here is `kubernetes.io/metadata.name`.
    pub namespace_selector: Option<LabelSelector>,
    /// Labels whose value the pods must share with the new one.
    #[serde(default)]
    pub match_label_keys: Vec<String>,
    /// Labels whose value the pods must not share with the new one.
    #[serde(default)]
    pub mismatch_label_keys: Vec<String>,
}

/// A preferred term and its weight.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct WeightedPodAffinityTerm {
    /// Weight, 1 to 100.
    pub weight: i64,
    /// Term.
    pub pod_affinity_term: PodAffinityTerm,
}
