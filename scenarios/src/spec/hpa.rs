//! The HorizontalPodAutoscaler, short or in Kubernetes' words.

use serde::Deserialize;

use crate::text::{Amount, Percent, Text};

/// A HorizontalPodAutoscaler.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Hpa {
    /// Fewest replicas.
    #[schemars(extend("default" = 1))]
    pub min: Option<u32>,
    /// Most replicas.
    pub max: u32,
    /// Target CPU utilisation in percent of the request, averaged over pods: `60`. Default, without `metrics`: 80, as in Kubernetes.
    pub cpu: Option<Text<Percent>>,
    /// Metrics in the words of `autoscaling/v2`, besides `cpu`. The largest proposal wins.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// `spec.behavior` of `autoscaling/v2`: rate limits and stabilisation.
    pub behavior: Option<Behavior>,
}

/// A metric of `autoscaling/v2`.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Metric {
    /// Only `Resource` has an effect.
    pub r#type: String,
    /// The resource and its target.
    pub resource: Option<ResourceMetric>,
}

/// A resource that the metrics API reports, and its target.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ResourceMetric {
    /// `cpu`; `memory` is accepted and left out, because memory use is not simulated.
    pub name: String,
    /// Target.
    pub target: MetricTarget,
}

/// Target of a metric.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct MetricTarget {
    /// `Utilization` or `AverageValue`.
    pub r#type: Option<String>,
    /// Percent of the request, averaged over pods.
    pub average_utilization: Option<Text<Percent>>,
    /// Amount averaged over pods, for instance `300m`.
    pub average_value: Option<Amount>,
}

/// `spec.behavior` of `autoscaling/v2`. Its presence alone changes how scaling is limited.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Behavior {
    /// Rules for growing.
    pub scale_up: Option<ScalingRules>,
    /// Rules for shrinking.
    pub scale_down: Option<ScalingRules>,
}

/// Rules of one direction.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ScalingRules {
    /// Seconds over which proposals are remembered, 0 to 3600. Default: 0 for growing, the controller's `downscaleStabilization` for shrinking.
    pub stabilization_window_seconds: Option<u32>,
    /// `Max`, `Min` or `Disabled`. Default: `Max`.
    pub select_policy: Option<String>,
    /// Rate limits. Default: for growing the larger of 4 pods and 100 percent in 15 s, for shrinking 100 percent in 15 s.
    pub policies: Option<Vec<ScalingPolicy>>,
    /// Relative deviation from the target that is left alone in this direction, for instance `0.05`. Default: the controller's `tolerance`.
    pub tolerance: Option<Amount>,
}

/// At most `value` in each period.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ScalingPolicy {
    /// `Pods` or `Percent`.
    pub r#type: String,
    /// Pods, or percent of the current number.
    pub value: u32,
    /// Seconds, 1 to 1800.
    pub period_seconds: u32,
}
