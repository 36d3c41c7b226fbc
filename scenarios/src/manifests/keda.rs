//! ScaledObjects of KEDA (`keda.sh/v1alpha1`).

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::units::{Quantity, Span};

use super::Known;
use super::autoscaler::{self, Scaler};
use super::object::Object;
use super::origins::{Origins, path};
use crate::check::code;
use crate::decode;
use crate::issue::{Issues, Path};
use crate::spec::{self, Autoscaler, Behavior, KedaCron, KedaMetric, KedaTrigger, Scenario};
use crate::text::{Amount, Percent, Text};
use crate::tree::Node;
use crate::wording::quote;

/// A ScaledObject and the Deployment it is for.
pub(super) struct ScaledObject {
    document: usize,
    name: String,
    namespace: String,
    target: String,
    spec: spec::Keda,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    spec: ScaledSpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScaledSpec {
    scale_target_ref: Target,
    polling_interval: Option<u32>,
    cooldown_period: Option<u32>,
    idle_replica_count: Option<u32>,
    min_replica_count: Option<u32>,
    max_replica_count: Option<u32>,
    triggers: Vec<Trigger>,
    advanced: Option<Advanced>,
}

#[derive(Debug, Deserialize)]
struct Target {
    kind: Option<String>,
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trigger {
    r#type: String,
    name: Option<String>,
    metric_type: Option<String>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Advanced {
    horizontal_pod_autoscaler_config: Option<HpaConfig>,
}

#[derive(Debug, Deserialize)]
struct HpaConfig {
    behavior: Option<Behavior>,
}

/// What scalers call the value that one replica is for, and the value from which on they are active.
const THRESHOLDS: [&str; 8] = ["threshold", "value", "queueLength", "lagThreshold", "listLength", "targetQueueSize", "targetValue", "messageCount"];
const ACTIVATIONS: [&str; 6] =
    ["activationThreshold", "activationValue", "activationQueueLength", "activationLagThreshold", "activationListLength", "activationTargetValue"];
/// What names the metric of a trigger without a name.
const NAMES: [&str; 6] = ["metricName", "queueName", "listName", "topic", "stream", "subscriptionName"];

/// Reads a ScaledObject.
pub(super) fn read(document: usize, object: &Object, root: &Node, issues: &mut Issues) -> Option<ScaledObject> {
    let manifest: Manifest = decode::decode_known(root, issues)?;
    let written = manifest.spec;
    if written.scale_target_ref.kind.as_deref().is_some_and(|kind| kind != "Deployment") {
        issues.warning(code::UNUSED_POLICY, path("spec.scaleTargetRef.kind"), "only Deployments are scaled");
        return None;
    }
    let triggers = written.triggers.iter().enumerate();
    let triggers: Vec<KedaTrigger> = triggers.filter_map(|(i, written)| trigger(written, &path("spec.triggers").index(i), issues)).collect();
    let seconds = |seconds: Option<u32>| seconds.map(|seconds| Text(Span::from_secs(u64::from(seconds))));
    let spec = spec::Keda {
        min: written.min_replica_count.unwrap_or(0),
        max: written.max_replica_count,
        idle: written.idle_replica_count,
        polling_interval: seconds(written.polling_interval),
        cooldown_period: seconds(written.cooldown_period),
        triggers,
        behavior: written.advanced.and_then(|advanced| advanced.horizontal_pod_autoscaler_config).and_then(|config| config.behavior),
    };
    Some(ScaledObject { document, name: object.metadata.name.clone(), namespace: object.namespace().to_owned(), target: written.scale_target_ref.name, spec })
}

fn trigger(written: &Trigger, path: &Path, issues: &mut Issues) -> Option<KedaTrigger> {
    let place = path.key("metadata");
    let text = |keys: &[&'static str], issues: &mut Issues| -> Option<(&'static str, &String)> {
        let found = keys.iter().find_map(|key| Some((*key, written.metadata.get(*key)?)));
        if found.is_none() {
            issues.error(code::MISSING, &place, format!("a trigger of type {} needs {}", quote(&written.r#type), quote(keys[0])));
        }
        found
    };
    match written.r#type.as_str() {
        "cron" => {
            let [timezone, start, end, replicas] = ["timezone", "start", "end", "desiredReplicas"].map(|key| text(&[key], issues));
            Some(KedaTrigger::Cron(KedaCron {
                timezone: Text(parse(timezone?, &place, issues)?),
                start: Text(parse(start?, &place, issues)?),
                end: Text(parse(end?, &place, issues)?),
                desired_replicas: parse(replicas?, &place, issues)?,
            }))
        }
        "cpu" | "memory" => {
            let percent: Percent = parse(text(&["value"], issues)?, &place, issues)?;
            Some(if written.r#type == "cpu" { KedaTrigger::Cpu(Text(percent)) } else { KedaTrigger::Memory(Text(percent)) })
        }
        kind => {
            let name = written.name.clone().or_else(|| NAMES.iter().find_map(|key| written.metadata.get(*key).cloned())).unwrap_or_else(|| kind.to_owned());
            let threshold: Quantity = parse(text(&THRESHOLDS, issues)?, &place, issues)?;
            let activation = ACTIVATIONS.iter().find_map(|key| Some((*key, written.metadata.get(*key)?)));
            let activation: Option<Quantity> = activation.and_then(|found| parse(found, &place, issues));
            let amount = |quantity: Quantity| -> Amount { Text(quantity) };
            Some(KedaTrigger::Metric(KedaMetric {
                name,
                threshold: amount(threshold),
                activation_threshold: activation.map(amount),
                per_replica: Some(written.metric_type.as_deref() != Some("Value")),
            }))
        }
    }
}

/// Reads a value of the trigger at `place`.
fn parse<T: std::str::FromStr<Err: std::fmt::Display>>((key, text): (&str, &String), place: &Path, issues: &mut Issues) -> Option<T> {
    let read: Result<T, T::Err> = text.parse();
    if let Err(error) = &read {
        issues.error(code::REFUSED, place.key(key), error.to_string());
    }
    read.ok()
}

/// Gives a ScaledObject to its Deployment, unless the scenario has an autoscaler for it.
pub(super) fn attach(scenario: &mut Scenario, scaled: ScaledObject, origins: &mut Origins, known: &Known, issues: &mut Issues) {
    let ScaledObject { document, name, namespace, target, spec } = scaled;
    let scaler = Scaler { what: "ScaledObject", document, name: &name, namespace: &namespace, target: ("Deployment", &target) };
    let fields = [("min", "minReplicaCount"), ("max", "maxReplicaCount"), ("idle", "idleReplicaCount"), ("triggers", "triggers")];
    autoscaler::attach(scenario, &scaler, ("keda", Autoscaler::Keda(Box::new(spec))), &fields, origins, known, issues);
}
