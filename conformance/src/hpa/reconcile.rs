//! Whole evaluations.

use serde::Deserialize;
use sim_core::autoscaling::hpa::{
    Amounts, Behavior, ContainerView, HpaConfig, HpaDecision, HpaInput, HpaMemory, HpaSpec, MetricSpec, MetricValues, PodView, Reason, ResourceName, Sample,
    Stabilization, Target, ValueTarget, reconcile as evaluate,
};
use sim_core::units::Span;

use super::calculator::metric_of;
use super::flags::{RecommendationJson, RulesJson, ToleranceJson, config_with, memory_of};
use super::pods::{PodJson, seconds};
use crate::report::{Difference, same};

/// What the files write for a time that is not set.
const UNSET_S: i64 = -1_000_000_000;

#[derive(Deserialize)]
pub(crate) struct Evaluation {
    min_replicas: u32,
    max_replicas: u32,
    spec_replicas: u32,
    status_replicas: u32,
    metric: MetricJson,
    #[serde(default)]
    pods: Vec<PodJson>,
    tolerance: ToleranceJson,
    cpu_initialization_period_s: u64,
    delay_of_initial_readiness_status_s: u64,
    recommendations: Option<Vec<RecommendationJson>>,
    downscale_stabilization_window_s: u64,
    scale_up_rules: Option<RulesJson>,
    scale_down_rules: Option<RulesJson>,
    second_metric_errors: bool,
    /// Without consequence: the simulator obeys `minReplicas: 0` without a feature gate, and so do these cases.
    #[serde(rename = "scale_to_zero_enabled")]
    _scale_to_zero_enabled: bool,
}

#[derive(Deserialize)]
struct MetricJson {
    kind: String,
    target_percent: Option<u32>,
    #[serde(default)]
    pod_usage_milli: Vec<i64>,
    #[serde(default)]
    target_milli: i64,
    #[serde(default)]
    values_milli: Vec<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Evaluated {
    desired_replicas: u32,
    scale_updated: Option<bool>,
    #[serde(default)]
    conditions: Vec<Condition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition {
    r#type: String,
    status: String,
    reason: String,
}

pub(crate) fn reconcile(input: &Evaluation, expect: &Evaluated) -> Result<(), Difference> {
    same("tolerances, which reach the controller as one flag", &input.tolerance.scale_down, &input.tolerance.scale_up)?;
    let config = HpaConfig {
        tolerance: input.tolerance.scale_up,
        downscale_stabilization: Span::from_secs(input.downscale_stabilization_window_s),
        ..config_with(input.cpu_initialization_period_s, input.delay_of_initial_readiness_status_s)
    };
    let rules = |rules: &Option<RulesJson>| rules.as_ref().map(RulesJson::rules);
    let behavior = Behavior { scale_up: rules(&input.scale_up_rules), scale_down: rules(&input.scale_down_rules) };
    let behavior = Some(behavior).filter(|b| *b != Behavior::default());
    let spec = HpaSpec { min: input.min_replicas, max: input.max_replicas, metrics: input.metrics()?, behavior };

    // Samples belong to the pods in order. Their time is not given, so it is the unset one of the other files: older than any pod, and
    // with it, a pod that is still starting is not believed.
    let containers: Vec<Vec<ContainerView<'_>>> = input.pods.iter().map(|pod| pod.containers(None)).collect();
    let usage = |place: usize| input.metric.pod_usage_milli.get(place).map(|milli| Amounts::cpu(*milli));
    let sample = |place| usage(place).map(|usage| Sample { at_ns: seconds(UNSET_S), window_ns: seconds(60), usage });
    let pods: Vec<PodView<'_>> =
        (input.pods.iter().enumerate()).map(|(place, pod)| PodView { sample: sample(place), containers: &containers[place], ..pod.view(false) }).collect();

    let by_pod: Vec<Option<i64>> = (0..pods.len()).map(|place| input.metric.values_milli.get(place).copied()).collect();
    let values = [match input.metric.kind.as_str() {
        "cpu_utilization" => MetricValues::FromPods,
        "pods" => MetricValues::PerPod(&by_pod),
        _ => MetricValues::Series(&input.metric.values_milli),
    }];
    let seen = HpaInput { spec_replicas: input.spec_replicas, status_replicas: input.status_replicas, pods: &pods, values: &values, ..HpaInput::default() };
    let mut memory = input.recommendations.as_ref().map_or_else(HpaMemory::default, |past| memory_of(past));
    let decision = evaluate(&config, &spec, 0, &seen, &mut memory);

    same("size", &decision.desired, &expect.desired_replicas)?;
    expect.scale_updated.map_or(Ok(()), |updated| same("whether it scaled", &decision.scaled, &updated))?;
    expect.conditions.iter().try_for_each(|condition| condition.holds(&decision))
}

impl Evaluation {
    fn metrics(&self) -> Result<Vec<MetricSpec>, Difference> {
        let first = match self.metric.target_percent {
            Some(percent) => MetricSpec::Resource { resource: ResourceName::Cpu, target: Target::Utilization(percent) },
            None => metric_of(&self.metric.kind, self.metric.target_milli)?,
        };
        let silent = MetricSpec::External { name: "silent".to_owned(), target: ValueTarget::Value(1) };
        Ok(if self.second_metric_errors { vec![first, silent] } else { vec![first] })
    }
}

impl Condition {
    fn holds(&self, decision: &HpaDecision) -> Result<(), Difference> {
        let actual = match self.r#type.as_str() {
            "AbleToScale" => Some(("True", able_to_scale(decision))),
            "ScalingActive" => scaling_active(decision),
            "ScalingLimited" => scaling_limited(decision),
            _ => None,
        };
        same(&format!("condition {}", self.r#type), &actual, &Some((self.status.as_str(), self.reason.as_str())))
    }
}

fn able_to_scale(decision: &HpaDecision) -> &'static str {
    match (decision.scaled, decision.stabilized_by(), &decision.reason) {
        (true, ..) => "SucceededRescale",
        (_, Some(Stabilization::ScaleUpStabilized), _) => "ScaleUpStabilized",
        (_, Some(Stabilization::ScaleDownStabilized), _) => "ScaleDownStabilized",
        (_, None, Reason::Metrics(_)) => "ReadyForNewScale",
        (_, None, _) => "SucceededGetScale",
    }
}

fn scaling_active(decision: &HpaDecision) -> Option<(&'static str, &'static str)> {
    match &decision.reason {
        Reason::ScalingDisabled => Some(("False", "ScalingDisabled")),
        Reason::AboveMaximum { .. } | Reason::BelowMinimum { .. } => None,
        Reason::Metrics(_) => Some(("True", "ValidMetricFound")),
        Reason::FailedMetrics { failures, .. } => Some((
            "False",
            match failures.metric {
                MetricSpec::Resource { .. } => "FailedGetResourceMetric",
                MetricSpec::ContainerResource { .. } => "FailedGetContainerResourceMetric",
                MetricSpec::Pods { .. } => "FailedGetPodsMetric",
                MetricSpec::Object { .. } => "FailedGetObjectMetric",
                MetricSpec::External { .. } => "FailedGetExternalMetric",
            },
        )),
    }
}

fn scaling_limited(decision: &HpaDecision) -> Option<(&'static str, &'static str)> {
    match (&decision.reason, decision.limited_by()) {
        (Reason::Metrics(_), Some(limit)) => Some(("True", limit.as_str())),
        (Reason::Metrics(_), None) => Some(("False", "DesiredWithinRange")),
        _ => None,
    }
}
