//! The HorizontalPodAutoscaler, short or in Kubernetes' words.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::neighbours::LabelSelector;
use crate::text::{Amount, Percent, Text};

/// A HorizontalPodAutoscaler.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Hpa {
    /// Fewest replicas. 0 needs the feature gate `HPAScaleToZero` and a metric of an object or from outside.
    #[schemars(extend("default" = 1))]
    pub min: Option<u32>,
    /// Most replicas.
    pub max: u32,
    /// Target CPU utilisation in percent of the request, averaged over pods: `60`. Default, without `metrics`: 80, as in Kubernetes.
    pub cpu: Option<Text<Percent>>,
    /// Target memory utilisation in percent of the request, averaged over pods; needs the service's `memory`.
    pub memory: Option<Text<Percent>>,
    /// Metrics in the words of `autoscaling/v2`, besides `cpu`. The largest proposal wins.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// `spec.behavior` of `autoscaling/v2`: rate limits and stabilisation.
    pub behavior: Option<Behavior>,
}

/// A metric of `autoscaling/v2`.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Metric {
    /// `Resource`, `ContainerResource`, `Pods`, `Object` or `External`.
    pub r#type: String,
    /// The resource and its target.
    pub resource: Option<ResourceMetric>,
    /// A resource of one container of each pod, and its target.
    pub container_resource: Option<ContainerResourceMetric>,
    /// A metric of each pod, from `customMetrics`, and its target.
    pub pods: Option<PodsMetric>,
    /// A metric of an object, from `customMetrics`, and its target.
    pub object: Option<ObjectMetric>,
    /// A metric from outside the cluster, from `customMetrics`, and its target.
    pub external: Option<ExternalMetric>,
}

/// A resource of one container of each pod, and its target.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ContainerResourceMetric {
    /// `cpu` or `memory`.
    pub name: String,
    /// The container, one of the service's `containers`.
    pub container: String,
    /// Target.
    pub target: MetricTarget,
}

/// A metric of each pod, and its target.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PodsMetric {
    /// Which.
    pub metric: MetricName,
    /// Target: an `averageValue`.
    pub target: MetricTarget,
}

/// A metric of an object, and its target.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ObjectMetric {
    /// The object; only the metric's name decides what it shows.
    #[serde(default)]
    pub described_object: BTreeMap<String, String>,
    /// Which.
    pub metric: MetricName,
    /// Target: a `value`, or an `averageValue` for each replica.
    pub target: MetricTarget,
}

/// A metric from outside the cluster, and its target.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ExternalMetric {
    /// Which.
    pub metric: MetricName,
    /// Target: a `value`, or an `averageValue` for each replica.
    pub target: MetricTarget,
}

/// The name of a metric.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct MetricName {
    /// Name in `customMetrics`.
    pub name: String,
    /// Labels; only the name decides what the metric shows.
    pub selector: Option<LabelSelector>,
}

/// A resource that the metrics API reports, and its target.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ResourceMetric {
    /// `cpu`, or `memory`, which needs the service's `memory`.
    pub name: String,
    /// Target.
    pub target: MetricTarget,
}

/// Target of a metric.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct MetricTarget {
    /// `Utilization`, `AverageValue` or `Value`.
    pub r#type: Option<String>,
    /// Percent of the request, averaged over pods.
    pub average_utilization: Option<Text<Percent>>,
    /// Amount averaged over pods, for instance `300m`.
    pub average_value: Option<Amount>,
    /// The whole of a metric of an object or from outside.
    pub value: Option<Amount>,
}

/// `spec.behavior` of `autoscaling/v2`. Its presence alone changes how scaling is limited.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Behavior {
    /// Rules for growing.
    pub scale_up: Option<ScalingRules>,
    /// Rules for shrinking.
    pub scale_down: Option<ScalingRules>,
}

/// Rules of one direction.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
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
