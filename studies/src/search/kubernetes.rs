//! The Kubernetes objects that realise a plan: Deployment, HorizontalPodAutoscaler and ResourcePolicy of each service, as JSON values.

use serde_json::{Map, Value, json};
use sim_core::autoscaling::hpa::{Behavior, HpaSpec, MetricSpec, PolicyKind, ResourceName, ScalingRules, SelectPolicy, Target};
use sim_core::plan::{Placement, Plan, Service, TolerationOperator, Unit};

/// The objects of every service, by the service's name, and what could not be said in them.
pub fn manifests(plan: &Plan) -> Vec<(String, Vec<Value>)> {
    plan.services.values().map(|service| (service.name.clone(), objects(plan, service))).collect()
}

fn objects(plan: &Plan, service: &Service) -> Vec<Value> {
    let mut objects = vec![deployment(service)];
    objects.extend(service.hpa.as_ref().map(|hpa| autoscaler(service, hpa)));
    if let Placement::Prefer { units, .. } = &service.template.placement {
        objects.push(policy(plan, service, units));
    }
    objects
}

/// Labels by which a service's pods are found: its own, or one with its name.
fn labels(service: &Service) -> Value {
    let labels = &service.template.labels;
    if labels.is_empty() { json!({ "app": service.name }) } else { json!(labels) }
}

fn metadata(service: &Service) -> Value {
    json!({ "name": service.name, "namespace": service.template.namespace, "labels": labels(service) })
}

fn deployment(service: &Service) -> Value {
    let template = &service.template;
    let requests = json!({ "cpu": template.requests.cpu.to_string(), "memory": template.requests.memory.to_string() });
    let mut resources = json!({ "requests": requests });
    if let Some(limit) = template.cpu_limit {
        resources["limits"] = json!({ "cpu": limit.to_string() });
    }
    // The simulator does not know what runs in the pod.
    let mut spec = json!({ "containers": [{ "name": service.name, "image": format!("{}:CHANGE-ME", service.name), "resources": resources }] });
    spec["terminationGracePeriodSeconds"] = json!(service.termination_grace.as_secs_f64() as u64);
    if !template.node_selector.is_empty() {
        spec["nodeSelector"] = json!(template.node_selector);
    }
    let tolerations: Vec<Value> = template
        .tolerations
        .iter()
        .map(|toleration| {
            let mut value = Map::new();
            let mut set = |key: &str, text: &str| {
                if !text.is_empty() {
                    value.insert(key.to_owned(), json!(text));
                }
            };
            set("key", &toleration.key);
            set("operator", operator(toleration.operator));
            set("value", &toleration.value);
            set("effect", toleration.effect.map_or("", |effect| effect.name()));
            Value::Object(value)
        })
        .collect();
    if !tolerations.is_empty() {
        spec["tolerations"] = json!(tolerations);
    }
    let mut deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata(service),
        "spec": { "selector": { "matchLabels": labels(service) }, "template": { "metadata": { "labels": labels(service) }, "spec": spec } },
    });
    // Replicas in the manifest would undo the autoscaler's with every `kubectl apply`.
    if service.hpa.is_none() {
        deployment["spec"]["replicas"] = json!(service.replicas);
    }
    deployment
}

const fn operator(operator: TolerationOperator) -> &'static str {
    match operator {
        TolerationOperator::Equal => "Equal",
        TolerationOperator::Exists => "Exists",
        TolerationOperator::Gt => "Gt",
        TolerationOperator::Lt => "Lt",
    }
}

fn autoscaler(service: &Service, hpa: &HpaSpec) -> Value {
    let mut spec = json!({
        "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": service.name },
        "minReplicas": hpa.min, "maxReplicas": hpa.max,
        "metrics": hpa.effective_metrics().iter().filter_map(metric).collect::<Vec<_>>(),
    });
    if let Some(behavior) = &hpa.behavior {
        spec["behavior"] = behaviour(behavior);
    }
    json!({ "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata(service), "spec": spec })
}

/// A metric; none of one whose object or selector the simulator has not kept.
fn metric(metric: &MetricSpec) -> Option<Value> {
    let name = |resource: &ResourceName| match resource {
        ResourceName::Cpu => "cpu",
        ResourceName::Memory => "memory",
    };
    let aim = |resource: &ResourceName, target: &Target| match target {
        Target::Utilization(percent) => json!({ "type": "Utilization", "averageUtilization": percent }),
        // Memory is counted in milli-bytes.
        Target::AverageValue(milli) if *resource == ResourceName::Memory => json!({ "type": "AverageValue", "averageValue": (milli / 1000).to_string() }),
        Target::AverageValue(milli) => json!({ "type": "AverageValue", "averageValue": format!("{milli}m") }),
    };
    Some(match metric {
        MetricSpec::Resource { resource, target } => json!({ "type": "Resource", "resource": { "name": name(resource), "target": aim(resource, target) } }),
        MetricSpec::ContainerResource { resource, container, target } => {
            json!({ "type": "ContainerResource", "containerResource": { "name": name(resource), "container": container, "target": aim(resource, target) } })
        }
        MetricSpec::Pods { name, average } => {
            json!({ "type": "Pods", "pods": { "metric": { "name": name }, "target": { "type": "AverageValue", "averageValue": format!("{average}m") } } })
        }
        MetricSpec::Object { .. } | MetricSpec::External { .. } => return None,
    })
}

fn behaviour(behavior: &Behavior) -> Value {
    let mut value = Map::new();
    for (key, rules) in [("scaleUp", &behavior.scale_up), ("scaleDown", &behavior.scale_down)] {
        if let Some(rules) = rules {
            value.insert(key.to_owned(), direction(rules));
        }
    }
    Value::Object(value)
}

fn direction(rules: &ScalingRules) -> Value {
    let mut value = Map::new();
    if let Some(window) = rules.stabilization_window {
        value.insert("stabilizationWindowSeconds".to_owned(), json!(window.as_secs_f64() as u64));
    }
    if let Some(select) = rules.select_policy {
        let name = match select {
            SelectPolicy::Max => "Max",
            SelectPolicy::Min => "Min",
            SelectPolicy::Disabled => "Disabled",
        };
        value.insert("selectPolicy".to_owned(), json!(name));
    }
    if let Some(policies) = &rules.policies {
        let policy = |policy: &sim_core::autoscaling::hpa::ScalingPolicy| {
            let kind = match policy.kind {
                PolicyKind::Pods => "Pods",
                PolicyKind::Percent => "Percent",
            };
            json!({ "type": kind, "value": policy.value, "periodSeconds": policy.period.as_secs_f64() as u64 })
        };
        value.insert("policies".to_owned(), policies.iter().map(policy).collect());
    }
    if let Some(tolerance) = rules.tolerance {
        value.insert("tolerance".to_owned(), json!(tolerance.to_string()));
    }
    Value::Object(value)
}

fn policy(plan: &Plan, service: &Service, units: &[Unit]) -> Value {
    let unit = |unit: &Unit| {
        let mut value = json!({ "resource": plan.tiers[unit.tier].name });
        if let Some(max) = unit.max {
            value["max"] = json!(max);
        }
        if !unit.node_selector.is_empty() {
            value["nodeSelector"] = json!(unit.node_selector);
        }
        value
    };
    json!({
        "apiVersion": "scheduling.alibabacloud.com/v1alpha1", "kind": "ResourcePolicy",
        "metadata": { "name": service.name, "namespace": service.template.namespace },
        "spec": { "selector": labels(service), "strategy": "prefer", "units": units.iter().map(unit).collect::<Vec<_>>() },
    })
}

/// A JSON value as YAML in blocks.
pub fn yaml(value: &Value) -> String {
    let mut text = String::new();
    block(value, 0, &mut text);
    text
}

fn block(value: &Value, depth: usize, text: &mut String) {
    let start = |text: &mut String| {
        if text.is_empty() || text.ends_with('\n') {
            text.extend(std::iter::repeat_n("  ", depth));
        }
    };
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                start(text);
                text.push_str(&word(key));
                text.push(':');
                if matches!(value, Value::Object(inner) if !inner.is_empty()) || matches!(value, Value::Array(inner) if !inner.is_empty()) {
                    text.push('\n');
                } else {
                    text.push(' ');
                }
                block(value, depth + 1, text);
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            for element in elements {
                start(text);
                text.push_str("- ");
                block(element, depth + 1, text);
            }
        }
        Value::String(plain) => {
            text.push_str(&word(plain));
            text.push('\n');
        }
        other => {
            text.push_str(&other.to_string());
            text.push('\n');
        }
    }
}

/// Text without quotes where it cannot be taken for anything else.
fn word(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "-./".contains(c));
    let other = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if plain && !other { text.to_owned() } else { Value::from(text).to_string() }
}
