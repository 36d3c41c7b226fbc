//! Workloads that are split into subsets: WorkloadSpread, UnitedDeployment and ElasticWorkload.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::placement::{NodeSelectorTerm, PreferredTerm, Toleration};
use sim_core::units::IntOrPercent;

use crate::text::{Duration, Text};

/// A WorkloadSpread of OpenKruise: new pods go to the first subset that misses some.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct WorkloadSpread {
    /// Subsets, in order: `[{name: ecs, tier: ecs, maxReplicas: 30%}, {name: eci, tier: eci}]`.
    pub subsets: Vec<Subset>,
    /// Moves pods that find no node to other subsets: `{}`, or with times. Default: they wait.
    pub adaptive: Option<AdaptiveTimes>,
    /// Which deletion costs the pods get.
    #[schemars(extend("default" = "bySubset"))]
    pub deletion_costs: Option<DeletionCosts>,
}

/// A UnitedDeployment of OpenKruise: each subset is a workload with replicas of its own.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct UnitedDeployment {
    /// Subsets. Those with `replicas` get as many, those without share the rest evenly; or they have `minReplicas` and `maxReplicas`, which are filled in
    /// order: `[{name: ecs, tier: ecs, replicas: 70%}, {name: eci, tier: eci}]`.
    pub subsets: Vec<Subset>,
    /// Moves pods that find no node to other subsets: `{}`, or with times. Default: they wait.
    pub adaptive: Option<AdaptiveTimes>,
}

/// An ElasticWorkload: the source up to its maximum, then elastic units in order.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ElasticWorkload {
    /// The workload that is extended, for instance `{tier: ecs, maxReplicas: 4}`.
    pub source: ElasticPart,
    /// Where further pods go, for instance `[{tier: eci}]`.
    pub elastic_units: Vec<ElasticPart>,
}

/// A part of an ElasticWorkload.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ElasticPart {
    /// Tier that the pods go to. Default: where their template says.
    pub tier: Option<String>,
    /// Labels that a node must carry.
    #[serde(default)]
    pub node_selector: BTreeMap<String, String>,
    /// Taints that the pods tolerate besides those of the workload.
    #[serde(default)]
    pub tolerations: Vec<Toleration>,
    /// Fewest pods.
    pub min_replicas: Option<u32>,
    /// Most pods.
    pub max_replicas: Option<u32>,
    /// Labels that the pods get; `alibabacloud.com/eci: "true"` sends them to virtual nodes.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Annotations that the pods get; `alibabacloud.com/eci: "true"` has the same effect as the label.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// A part of a workload.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Subset {
    /// Name.
    pub name: String,
    /// Number of pods, or their share of all, for instance `70%` (UnitedDeployment).
    pub replicas: Option<Text<IntOrPercent>>,
    /// Fewest pods (UnitedDeployment).
    pub min_replicas: Option<Text<IntOrPercent>>,
    /// Most pods.
    pub max_replicas: Option<Text<IntOrPercent>>,
    /// Tier that the pods go to.
    pub tier: Option<String>,
    /// Labels that a node must carry.
    #[serde(default)]
    pub node_selector: BTreeMap<String, String>,
    /// The node must match one of these, as in Kubernetes.
    #[serde(default)]
    pub required: Vec<NodeSelectorTerm>,
    /// Nodes that match score higher, as in Kubernetes.
    #[serde(default)]
    pub preferred: Vec<PreferredTerm>,
    /// Taints that the pods tolerate besides those of the workload.
    #[serde(default)]
    pub tolerations: Vec<Toleration>,
    /// Labels that the pods get besides those of the workload.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// How long pods and subsets wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AdaptiveTimes {
    /// A pod without a node for this long gives way to one in another subset.
    #[schemars(extend("default" = "30s"))]
    pub reschedule_critical: Option<Duration>,
    /// How long its subset gets no new pods then.
    #[schemars(extend("default" = "5m"))]
    pub unschedulable: Option<Duration>,
    /// Whether new pods of a WorkloadSpread go to subsets that have no room for them now.
    #[schemars(extend("default" = false))]
    pub disable_simulation_schedule: Option<bool>,
}

/// Which deletion costs a WorkloadSpread gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DeletionCosts {
    /// 100 for each subset from the last to its own; negative for pods above a subset's maximum.
    #[default]
    BySubset,
    /// Those of the first release: 100 within a subset's maximum, 0 without one, -100 above.
    #[serde(rename = "v0.10")]
    First,
}
