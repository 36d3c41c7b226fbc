//! HorizontalPodAutoscalers, checked as the API server does.

use sim_core::autoscaling::hpa::{Behavior, HpaSpec, MetricSpec, PolicyKind, ResourceName, ScalingPolicy, ScalingRules, SelectPolicy, Target, ValueTarget};
use sim_core::plan::MetricSource;
use sim_core::units::Span;

use super::scaling::{Pods, positive_milli};
use super::{Context, code, custom_metrics, names};
use crate::issue::{Path, Severity};
use crate::spec;
use crate::wording::quote;

/// Target of an HPA without metrics.
const DEFAULT_UTILIZATION: u32 = 80;

/// The plan's HPA of a service, and where each of its metrics comes from.
pub(super) fn read(cx: &mut Context<'_>, service: &str, written: &spec::Hpa, pods: &Pods<'_>, path: &Path) -> (HpaSpec, Vec<Option<MetricSource>>) {
    let min = written.min.unwrap_or(1);
    if written.max < min.max(1) {
        let message = format!("`max` is {} while `min` is {min}", written.max);
        cx.issues.error(code::ORDER, path.key("max"), message);
    }
    let mut metrics = Vec::new();
    let mut sources = Vec::new();
    let found = cx.issues.len();
    for (percent, resource, key) in [(written.cpu, ResourceName::Cpu, "cpu"), (written.memory, ResourceName::Memory, "memory")] {
        if let Some(percent) = percent {
            let place = if resource == ResourceName::Memory { path.key(key) } else { path.clone() };
            let target = utilization(cx, percent.0.0, &path.key(key));
            if check_resource(cx, resource, true, pods, &place) {
                metrics.push(MetricSpec::Resource { resource, target });
                sources.push(None);
            }
        }
    }
    for (i, metric) in written.metrics.iter().enumerate() {
        if let Some((metric, source)) = read_metric(cx, service, metric, pods, &path.key("metrics").index(i)) {
            metrics.push(metric);
            sources.push(source);
        }
    }
    if metrics.is_empty() && !written.metrics.is_empty() && !cx.issues.iter().skip(found).any(|issue| issue.severity == Severity::Error) {
        cx.issues.error(code::UNSUPPORTED, path.key("metrics"), "none of the metrics can be simulated").with_help("give a target for `cpu`");
    }
    if metrics.is_empty() {
        check_resource(cx, ResourceName::Cpu, true, pods, path);
        metrics.push(MetricSpec::Resource { resource: ResourceName::Cpu, target: Target::Utilization(DEFAULT_UTILIZATION) });
        sources.push(None);
    }
    if min == 0 {
        scale_to_zero(cx, &metrics, &path.key("min"));
    }
    let behavior = written.behavior.as_ref().map(|written| behavior(cx, written, &path.key("behavior")));
    (HpaSpec { min, max: written.max, metrics, behavior }, sources)
}

/// The API server takes `minReplicas: 0` only behind a gate and with a metric that exists without pods.
fn scale_to_zero(cx: &mut Context<'_>, metrics: &[MetricSpec], path: &Path) {
    if !cx.gates.has("HPAScaleToZero") {
        cx.issues
            .error(code::TOO_SMALL, path, "an HPA keeps at least one replica")
            .with_help("0 needs `kubernetes: {featureGates: {HPAScaleToZero: true}}` and a metric that exists without pods");
    } else if !metrics.iter().any(|metric| matches!(metric, MetricSpec::Object { .. } | MetricSpec::External { .. })) {
        cx.issues.error(code::REFUSED, path, "an HPA that scales to zero needs a metric of type `Object` or `External`: no pod is there to be measured");
    }
}

/// The plan's `spec.behavior`.
pub(super) fn behavior(cx: &mut Context<'_>, written: &spec::Behavior, path: &Path) -> Behavior {
    Behavior {
        scale_up: written.scale_up.as_ref().map(|rules| read_rules(cx, rules, &path.key("scaleUp"))),
        scale_down: written.scale_down.as_ref().map(|rules| read_rules(cx, rules, &path.key("scaleDown"))),
    }
}

fn utilization(cx: &mut Context<'_>, percent: u32, path: &Path) -> Target {
    if percent == 0 {
        cx.issues.error(code::TOO_SMALL, path, "a target utilisation is at least 1 percent");
    }
    Target::Utilization(percent)
}

/// Checks that the pods have what a metric on a resource needs; `relative`: whether it is in percent of the request. False if it is left out.
pub(super) fn check_resource(cx: &mut Context<'_>, resource: ResourceName, relative: bool, pods: &Pods<'_>, path: &Path) -> bool {
    if resource == ResourceName::Memory && !pods.simulates_memory {
        cx.issues
            .warning(code::NOT_SIMULATED, path, "memory use is not simulated: this metric is left out")
            .with_help("say how much the pods of the service hold, for instance `memory: {base: 200Mi, perRequest: 4Mi}`");
        return false;
    }
    let (request, name) = match resource {
        ResourceName::Cpu => (pods.requests.cpu.0, "CPU"),
        ResourceName::Memory => (pods.requests.memory.0, "memory"),
    };
    if relative && request == 0 {
        cx.issues
            .error(code::NO_CPU_REQUEST, path, format!("the HPA cannot compute {name} utilisation: the pods have no {name} request"))
            .on_key()
            .with_help(format!("give `requests: {{{resource}: …}}`, which utilisation is relative to"));
    } else if relative && pods.containers.len() > 1 {
        let key = resource.to_string();
        if let Some(container) = pods.containers.iter().find(|container| !container.requests.0.contains_key(&key)) {
            let message = format!("the container {} has no {name} request, so this metric fails at every evaluation", quote(&container.name));
            cx.issues.warning(code::NO_EFFECT, path, message).with_help("Kubernetes needs the request of every container, even to scale by the others");
        }
    }
    true
}

type Sourced = (MetricSpec, Option<MetricSource>);

fn read_metric(cx: &mut Context<'_>, service: &str, metric: &spec::Metric, pods: &Pods<'_>, path: &Path) -> Option<Sourced> {
    fn given<'m, T>(cx: &mut Context<'_>, field: Option<&'m T>, kind: &str, key: &str, path: &Path) -> Option<(&'m T, Path)> {
        if field.is_none() {
            cx.issues.error(code::MISSING, path, format!("a metric of type {} needs {}", quote(kind), quote(key)));
        }
        field.map(|field| (field, path.key(key)))
    }
    match metric.r#type.as_str() {
        "Resource" => {
            let (metric, path) = given(cx, metric.resource.as_ref(), "Resource", "resource", path)?;
            let resource = resource_name(cx, &metric.name, &path)?;
            let target = resource_target(cx, resource, &metric.target, &path.key("target"))?;
            let relative = matches!(target, Target::Utilization(_));
            let place = if resource == ResourceName::Memory { path.key("name") } else { path };
            check_resource(cx, resource, relative, pods, &place).then_some((MetricSpec::Resource { resource, target }, None))
        }
        "ContainerResource" => {
            let (metric, path) = given(cx, metric.container_resource.as_ref(), "ContainerResource", "containerResource", path)?;
            if !cx.gates.has("HPAContainerMetrics") {
                cx.issues.warning(code::NOT_SIMULATED, &path, "this release ignores metrics of containers: the feature gate `HPAContainerMetrics` is off");
                return None;
            }
            let resource = resource_name(cx, &metric.name, &path)?;
            let target = resource_target(cx, resource, &metric.target, &path.key("target"))?;
            let Some(container) = pods.containers.iter().find(|container| container.name == metric.container) else {
                let known: Vec<&str> = pods.containers.iter().map(|container| container.name.as_str()).collect();
                names::unknown(cx, "container", &metric.container, known, &path.key("container"));
                return None;
            };
            if matches!(target, Target::Utilization(_)) && !container.requests.0.contains_key(&resource.to_string()) {
                cx.issues.error(code::NO_CPU_REQUEST, path.key("container"), format!("the container has no {resource} request to be relative to"));
            }
            if resource == ResourceName::Memory && !check_resource(cx, resource, false, pods, &path.key("name")) {
                return None;
            }
            Some((MetricSpec::ContainerResource { resource, container: metric.container.clone(), target }, None))
        }
        "Pods" => {
            let (metric, path) = given(cx, metric.pods.as_ref(), "Pods", "pods", path)?;
            let name = path.key("metric").key("name");
            let source = custom_metrics::known(cx, &metric.metric.name, &name)?;
            custom_metrics::check_per_pod(cx, service, &source, &name);
            let target = path.key("target");
            let ValueTarget::AverageValue(average) = value_target(cx, &metric.target, &target)? else {
                cx.issues.error(code::REFUSED, target, "a metric of pods has an `averageValue`");
                return None;
            };
            Some((MetricSpec::Pods { name: metric.metric.name.clone(), average }, Some(source)))
        }
        "Object" => {
            let (metric, path) = given(cx, metric.object.as_ref(), "Object", "object", path)?;
            let source = custom_metrics::known(cx, &metric.metric.name, &path.key("metric").key("name"))?;
            let target = value_target(cx, &metric.target, &path.key("target"))?;
            Some((MetricSpec::Object { name: metric.metric.name.clone(), target }, Some(source)))
        }
        "External" => {
            let (metric, path) = given(cx, metric.external.as_ref(), "External", "external", path)?;
            let source = custom_metrics::known(cx, &metric.metric.name, &path.key("metric").key("name"))?;
            let target = value_target(cx, &metric.target, &path.key("target"))?;
            Some((MetricSpec::External { name: metric.metric.name.clone(), target }, Some(source)))
        }
        other => {
            let message = format!("expected `Resource`, `ContainerResource`, `Pods`, `Object` or `External`, found {}", quote(other));
            cx.issues.error(code::REFUSED, path.key("type"), message);
            None
        }
    }
}

fn resource_name(cx: &mut Context<'_>, name: &str, path: &Path) -> Option<ResourceName> {
    match name {
        "cpu" => Some(ResourceName::Cpu),
        "memory" => Some(ResourceName::Memory),
        other => {
            let message = format!("the metrics API has no resource {}", quote(other));
            cx.issues.error(code::REFUSED, path.key("name"), message).with_help("it has `cpu` and `memory`");
            None
        }
    }
}

fn resource_target(cx: &mut Context<'_>, resource: ResourceName, target: &spec::MetricTarget, path: &Path) -> Option<Target> {
    match (target.average_utilization, target.average_value) {
        (Some(percent), None) => Some(utilization(cx, percent.0.0, &path.key("averageUtilization"))),
        (None, Some(value)) => {
            // An exbibyte in thousandths does not fit 64 bits.
            let most = if resource == ResourceName::Cpu { 1_000_000_000 } else { 1000 << 50 };
            let milli = value.0.as_milli();
            if milli <= 0 || milli > most {
                let limit = if resource == ResourceName::Cpu { "a million cores" } else { "1Pi" };
                cx.issues.error(code::TOO_SMALL, path.key("averageValue"), format!("a target is more than 0 and at most {limit}"));
            }
            Some(Target::AverageValue(milli.clamp(1, most) as i64))
        }
        (Some(_), Some(_)) => {
            cx.issues.error(code::CONFLICT, path, "a target has either `averageUtilization` or `averageValue`");
            None
        }
        (None, None) => {
            cx.issues.error(code::MISSING, path, "a target needs `averageUtilization` or `averageValue`");
            None
        }
    }
}

fn value_target(cx: &mut Context<'_>, target: &spec::MetricTarget, path: &Path) -> Option<ValueTarget> {
    match (target.value, target.average_value) {
        (Some(value), None) => Some(ValueTarget::Value(positive_milli(cx, value, &path.key("value")))),
        (None, Some(value)) => Some(ValueTarget::AverageValue(positive_milli(cx, value, &path.key("averageValue")))),
        (Some(_), Some(_)) => {
            cx.issues.error(code::CONFLICT, path, "a target has either `value` or `averageValue`");
            None
        }
        (None, None) => {
            cx.issues.error(code::MISSING, path, "a target needs `value` or `averageValue`");
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
    let tolerance = rules.tolerance.and_then(|tolerance| {
        if tolerance.0.as_nano() < 0 {
            cx.issues.error(code::TOO_SMALL, path.key("tolerance"), "a tolerance is not negative");
        }
        if !cx.gates.has("HPAConfigurableTolerance") {
            cx.issues
                .warning(code::NO_EFFECT, path.key("tolerance"), "this release ignores the field: the feature gate `HPAConfigurableTolerance` is off")
                .with_help("it exists from 1.33 on");
            return None;
        }
        Some(tolerance.0.as_f64())
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
