//! HorizontalPodAutoscalers, checked as the API server does.

use sim_core::autoscaling::hpa::{Behavior, HpaSpec, MetricSpec, PolicyKind, ResourceName, ScalingPolicy, ScalingRules, SelectPolicy, Target};
use sim_core::units::{Resources, Span};

use super::{Context, code};
use crate::issue::{Path, Severity};
use crate::spec;
use crate::wording::quote;

/// Target of an HPA without metrics.
const DEFAULT_UTILIZATION: u32 = 80;

/// The plan's HPA for pods with these requests.
pub(super) fn read(cx: &mut Context<'_>, written: &spec::Hpa, requests: Resources, path: &Path) -> HpaSpec {
    let min = written.min.unwrap_or(1);
    if min == 0 {
        cx.issues.error(code::TOO_SMALL, path.key("min"), "an HPA keeps at least one replica");
    }
    if written.max < min {
        let message = format!("`max` is {} while `min` is {min}", written.max);
        cx.issues.error(code::ORDER, path.key("max"), message);
    }
    let mut metrics = Vec::new();
    let found = cx.issues.len();
    if let Some(cpu) = written.cpu {
        metrics.push(utilization(cx, cpu.0.0, &path.key("cpu")));
    }
    for (i, metric) in written.metrics.iter().enumerate() {
        metrics.extend(read_metric(cx, metric, &path.key("metrics").index(i)));
    }
    if metrics.is_empty() && !written.metrics.is_empty() && !cx.issues.iter().skip(found).any(|issue| issue.severity == Severity::Error) {
        cx.issues.error(code::UNSUPPORTED, path.key("metrics"), "none of the metrics can be simulated").with_help("give a target for `cpu`");
    }
    if metrics.is_empty() {
        metrics.push(MetricSpec::Resource { resource: ResourceName::Cpu, target: Target::Utilization(DEFAULT_UTILIZATION) });
    }
    let relative = metrics.iter().any(|metric| matches!(metric, MetricSpec::Resource { target: Target::Utilization(_), .. }));
    if relative && requests.cpu.0 == 0 {
        cx.issues
            .error(code::NO_CPU_REQUEST, path, "the HPA cannot compute CPU utilisation: the pods have no CPU request")
            .on_key()
            .with_help("give `requests: {cpu: …}`, which utilisation is relative to");
    }
    let behavior = written.behavior.as_ref().map(|behavior| {
        let path = path.key("behavior");
        Behavior {
            scale_up: behavior.scale_up.as_ref().map(|rules| read_rules(cx, rules, &path.key("scaleUp"))),
            scale_down: behavior.scale_down.as_ref().map(|rules| read_rules(cx, rules, &path.key("scaleDown"))),
        }
    });
    HpaSpec { min, max: written.max, metrics, behavior }
}

fn utilization(cx: &mut Context<'_>, percent: u32, path: &Path) -> MetricSpec {
    if percent == 0 {
        cx.issues.error(code::TOO_SMALL, path, "a target utilisation is at least 1 percent");
    }
    MetricSpec::Resource { resource: ResourceName::Cpu, target: Target::Utilization(percent) }
}

fn read_metric(cx: &mut Context<'_>, metric: &spec::Metric, path: &Path) -> Option<MetricSpec> {
    if metric.r#type != "Resource" {
        let message = format!("metrics of type {} are not simulated: this one is left out", quote(&metric.r#type));
        cx.issues.warning(code::NOT_SIMULATED, path.key("type"), message);
        return None;
    }
    let Some(resource) = &metric.resource else {
        cx.issues.error(code::MISSING, path, "a metric of type `Resource` needs `resource`");
        return None;
    };
    let path = path.key("resource");
    if resource.name == "memory" {
        cx.issues.warning(code::NOT_SIMULATED, path.key("name"), "memory use is not simulated: this metric is left out");
        return None;
    }
    if resource.name != "cpu" {
        cx.issues
            .error(code::REFUSED, path.key("name"), format!("the metrics API has no resource {}", quote(&resource.name)))
            .with_help("it has `cpu` and `memory`");
        return None;
    }
    let path = path.key("target");
    match (resource.target.average_utilization, resource.target.average_value) {
        (Some(percent), None) => Some(utilization(cx, percent.0.0, &path.key("averageUtilization"))),
        (None, Some(value)) => {
            let milli = value.0.as_milli();
            if milli <= 0 || milli > 1_000_000_000 {
                cx.issues.error(code::TOO_SMALL, path.key("averageValue"), "a target is more than 0 and at most a million cores");
            }
            Some(MetricSpec::Resource { resource: ResourceName::Cpu, target: Target::AverageValue(milli.clamp(1, 1_000_000_000) as i64) })
        }
        (Some(_), Some(_)) => {
            cx.issues.error(code::CONFLICT, &path, "a target has either `averageUtilization` or `averageValue`");
            None
        }
        (None, None) => {
            cx.issues.error(code::MISSING, &path, "a target needs `averageUtilization` or `averageValue`");
            None
        }
    }
}

fn read_rules(cx: &mut Context<'_>, rules: &spec::ScalingRules, path: &Path) -> ScalingRules {
    if rules.stabilization_window_seconds.is_some_and(|seconds| seconds > 3600) {
        cx.issues.error(code::REFUSED, path.key("stabilizationWindowSeconds"), "a stabilisation window lasts at most 3600 seconds");
    }
    let select_policy = rules.select_policy.as_ref().and_then(|policy| match policy.as_str() {
        "Max" => Some(SelectPolicy::Max),
        "Min" => Some(SelectPolicy::Min),
        "Disabled" => Some(SelectPolicy::Disabled),
        other => {
            cx.issues.error(code::REFUSED, path.key("selectPolicy"), format!("expected `Max`, `Min` or `Disabled`, found {}", quote(other)));
            None
        }
    });
    if rules.policies.as_ref().is_some_and(Vec::is_empty) {
        cx.issues.error(code::EMPTY, path.key("policies"), "a list of policies holds at least one");
    }
    let policies = rules
        .policies
        .as_ref()
        .map(|policies| policies.iter().enumerate().filter_map(|(i, policy)| read_policy(cx, policy, &path.key("policies").index(i))).collect());
    let tolerance = rules.tolerance.map(|tolerance| {
        if tolerance.0.as_nano() < 0 {
            cx.issues.error(code::TOO_SMALL, path.key("tolerance"), "a tolerance is not negative");
        }
        tolerance.0.as_f64()
    });
    ScalingRules {
        stabilization_window: rules.stabilization_window_seconds.map(|seconds| Span::from_secs(u64::from(seconds))),
        select_policy,
        policies,
        tolerance,
    }
}

fn read_policy(cx: &mut Context<'_>, policy: &spec::ScalingPolicy, path: &Path) -> Option<ScalingPolicy> {
    if policy.value == 0 {
        cx.issues.error(code::REFUSED, path.key("value"), "a policy allows more than 0");
    }
    if !(1..=1800).contains(&policy.period_seconds) {
        cx.issues.error(code::REFUSED, path.key("periodSeconds"), "a period lasts 1 to 1800 seconds");
    }
    let kind = match policy.r#type.as_str() {
        "Pods" => PolicyKind::Pods,
        "Percent" => PolicyKind::Percent,
        other => {
            cx.issues.error(code::REFUSED, path.key("type"), format!("expected `Pods` or `Percent`, found {}", quote(other)));
            return None;
        }
    };
    Some(ScalingPolicy { kind, value: policy.value, period: Span::from_secs(u64::from(policy.period_seconds)) })
}
