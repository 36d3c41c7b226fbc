//! Tiered preference with all settings of a ResourcePolicy.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::short::ShortOr;
use super::workload::Amounts;
use crate::text::Duration;

/// A step of a preference: the nodes of a tier.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Unit {
    /// Tier.
    pub tier: String,
    /// Most pods of the workload here. Default: no limit.
    pub max: Option<u32>,
    /// Most that pods of the workload request here together, for instance `{cpu: 40, memory: 80Gi}`. Default: no limit.
    pub max_resources: Option<Amounts>,
    /// Labels that a node must carry. Has no effect on the tier `idc` and on virtual nodes, as in ResourcePolicy.
    #[serde(default)]
    pub node_selector: BTreeMap<String, String>,
    /// Labels that pods get here. If there are any, only pods that carry them count for `max`. With
    /// `k8s.aliyun.com/resource-policy-wait-for-ecs-scaling: "true"` pods wait here for node scale-out.
    #[serde(default)]
    pub pod_labels: BTreeMap<String, String>,
    /// Annotations that pods get here.
    #[serde(default)]
    pub pod_annotations: BTreeMap<String, String>,
}

/// Tiers in order, and when to go on to the next one.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ResourcePolicy {
    /// Tiers, most preferred first.
    pub units: Vec<ShortOr<String, Unit>>,
    /// When a pod goes on to the next unit.
    pub when_try_next_units: Option<WhenTryNextUnits>,
    /// When pods of lower priority are preempted.
    #[schemars(extend("default" = "AfterAllUnits"))]
    pub preempt_policy: Option<PreemptPolicy>,
    /// Whether pods that are older than the policy are left out when pods are counted for `max`.
    #[schemars(extend("default" = false))]
    pub ignore_previous_pod: Option<bool>,
    /// Whether terminating pods are left out when pods are counted for `max`.
    #[schemars(extend("default" = true))]
    pub ignore_terminating_pod: Option<bool>,
    /// Pods are counted apart by the values of these labels, for instance `[pod-template-hash]`; a pod that lacks one of them is rejected.
    #[serde(default)]
    pub match_label_keys: Vec<String>,
    /// The number of the ResourcePolicy in `manifests` that this comes from: the pods that it selects are counted together.
    #[serde(skip)]
    pub counted_with: Option<u32>,
}

/// When a pod goes on to the next unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct WhenTryNextUnits {
    /// The rule.
    #[serde(default)]
    pub policy: TryNextPolicy,
    /// How long a pod waits for a unit under `TimeoutOrExceedMax`.
    #[schemars(extend("default" = "15m"))]
    pub timeout: Option<Duration>,
}

/// Rules by which a pod goes on to the next unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum TryNextPolicy {
    /// The unit is at its maximum, or it lacks room and has no maximum.
    ExceedMax,
    /// The unit is at its maximum, or it has lacked room for the timeout.
    TimeoutOrExceedMax,
    /// The unit is at its maximum or lacks room.
    #[default]
    LackResourceOrExceedMax,
    /// The unit is at its maximum or lacks room, and none of the pods is terminating in it.
    LackResourceAndNoTerminating,
}

/// When pods of lower priority are preempted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum PreemptPolicy {
    /// In each unit before the next one is tried.
    BeforeNextUnit,
    /// When no unit has room.
    #[default]
    AfterAllUnits,
}
