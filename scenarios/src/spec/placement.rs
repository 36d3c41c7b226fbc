//! Who may go where: the scenario's own `placement`, and what pods and policies say in Kubernetes.

use serde::Deserialize;

use super::estate::TaintEffect;
use super::neighbours::PodAffinity;
use super::policy::{ResourcePolicy, Unit};
use super::short::ShortOr;
use super::subsets::{ElasticWorkload, UnitedDeployment, WorkloadSpread};

/// How the node of a pod is chosen.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum Placement {
    /// By filters and scores of the default scheduler: the same as `{preference: kube-score}`.
    Scheduler,
    /// What weights of preferred node affinity mean.
    Preference(Preference),
    /// In the first of several tiers that has room, as a ResourcePolicy with strategy `prefer` does: `{prefer: [idc, {tier: ecs, max: 22}, eci]}`.
    /// Pods are removed in the reverse order.
    Prefer(Vec<ShortOr<String, Unit>>),
    /// The same with all settings of a ResourcePolicy: `{resourcePolicy: {units: [{tier: ecs, max: 22}, eci], whenTryNextUnits: {policy: ExceedMax}}}`.
    ResourcePolicy(Box<ResourcePolicy>),
    /// By subset, as an OpenKruise WorkloadSpread does: `{workloadSpread: {subsets: [{name: ecs, tier: ecs, maxReplicas: 30%}, {name: eci, tier: eci}]}}`.
    WorkloadSpread(Box<WorkloadSpread>),
    /// By subset, as an OpenKruise UnitedDeployment does: `{unitedDeployment: {subsets: [{name: ecs, tier: ecs, replicas: 70%}, {name: eci, tier: eci}]}}`.
    UnitedDeployment(Box<UnitedDeployment>),
    /// As an ElasticWorkload does: `{elasticWorkload: {source: {tier: ecs, maxReplicas: 4}, elasticUnits: [{tier: eci}]}}`.
    ElasticWorkload(Box<ElasticWorkload>),
}

/// What weights of preferred node affinity mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preference {
    /// The greater weight comes first, as long as one of its nodes has room: what documents of cloud providers say.
    #[default]
    Strict,
    /// A part of the scores of the default scheduler, besides those for free and balanced resources: what Kubernetes does.
    KubeScore,
}

/// What holds for the placement of all pods that say nothing about it.
#[derive(Clone, Copy, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PlacementDefaults {
    /// What weights of preferred node affinity mean.
    #[serde(default)]
    pub preference: Preference,
}

/// A toleration, as in Kubernetes.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Toleration {
    /// Key of the taint; left out, with operator `Exists`, it tolerates everything.
    #[serde(default)]
    pub key: String,
    /// How the value is compared.
    #[serde(default)]
    pub operator: TolerationOperator,
    /// Value of the taint.
    #[serde(default)]
    pub value: String,
    /// Effect of the taint. Default: every effect.
    pub effect: Option<TaintEffect>,
    /// How long a pod may stay on a node with a `NoExecute` taint, in seconds: counts for `node.kubernetes.io/unreachable`, which a silent node gets. Default: for ever.
    pub toleration_seconds: Option<i64>,
}

/// How a toleration compares values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum TolerationOperator {
    /// Values are equal.
    #[default]
    Equal,
    /// Any value.
    Exists,
    /// The value of the taint is a greater integer (alpha in Kubernetes 1.35).
    Gt,
    /// The value of the taint is a smaller integer (alpha in Kubernetes 1.35).
    Lt,
}

/// Affinity, as in Kubernetes.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Affinity {
    /// Node affinity.
    pub node_affinity: Option<NodeAffinity>,
    /// Which pods to be near.
    pub pod_affinity: Option<PodAffinity>,
    /// Which pods to be away from.
    pub pod_anti_affinity: Option<PodAffinity>,
}

/// A part of Kubernetes that is accepted and not simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, schemars::JsonSchema)]
#[schemars(with = "serde_json::Value")]
pub struct Unmodelled;

impl<'de> Deserialize<'de> for Unmodelled {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// Node affinity, as in Kubernetes.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct NodeAffinity {
    /// The node must satisfy one of the terms.
    pub required_during_scheduling_ignored_during_execution: Option<NodeSelector>,
    /// Nodes that satisfy a term score higher by its weight.
    #[serde(default)]
    pub preferred_during_scheduling_ignored_during_execution: Vec<PreferredTerm>,
}

/// Alternatives of required node affinity.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct NodeSelector {
    /// One of these must hold.
    pub node_selector_terms: Vec<NodeSelectorTerm>,
}

/// Requirements that must all hold.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct NodeSelectorTerm {
    /// Requirements on labels.
    #[serde(default)]
    pub match_expressions: Vec<Requirement>,
    /// Requirements on `metadata.name`.
    #[serde(default)]
    pub match_fields: Vec<Requirement>,
}

/// A requirement on one label.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Requirement {
    /// Key of the label.
    pub key: String,
    /// How it is compared.
    pub operator: Operator,
    /// What it is compared with.
    #[serde(default)]
    pub values: Vec<String>,
}

/// Operators of node affinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum Operator {
    /// The label is present and its value is listed.
    In,
    /// The label is absent or its value is not listed.
    NotIn,
    /// The label is present.
    Exists,
    /// The label is absent.
    DoesNotExist,
    /// The label is an integer greater than the value.
    Gt,
    /// The label is an integer less than the value.
    Lt,
}

/// A preferred term and its weight.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PreferredTerm {
    /// Weight, 1 to 100.
    pub weight: i64,
    /// Term.
    pub preference: NodeSelectorTerm,
}
