//! ResourcePolicies (`scheduling.alibabacloud.com/v1alpha1`).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Known;
use super::object::Object;
use super::origins::{Origins, path};
use crate::check::code;
use crate::decode;
use crate::issue::{Issues, Path};
use crate::locate;
use crate::spec::{Placement, Scenario, Service, ShortOr, Unit, Unmodelled};
use crate::tree::Node;
use crate::wording::quote;

/// The scheduler that reads policies in registered clusters.
const CO_SCHEDULER: &str = "ack-co-scheduler";

/// A policy and the pods it is for.
pub(super) struct Policy {
    document: usize,
    name: String,
    namespace: String,
    selector: BTreeMap<String, String>,
    units: Vec<Unit>,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    spec: PolicySpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicySpec {
    #[serde(default)]
    selector: BTreeMap<String, String>,
    strategy: Option<String>,
    units: Vec<PolicyUnit>,
    preempt_policy: Option<Unmodelled>,
    ignore_previous_pod: Option<Unmodelled>,
    ignore_terminating_pod: Option<Unmodelled>,
    match_label_keys: Option<Unmodelled>,
    when_try_next_units: Option<Unmodelled>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyUnit {
    resource: String,
    max: Option<u32>,
    #[serde(default)]
    node_selector: BTreeMap<String, String>,
    max_resources: Option<Unmodelled>,
    pod_labels: Option<Unmodelled>,
    pod_annotations: Option<Unmodelled>,
}

/// Reads a policy.
pub(super) fn read(document: usize, object: &Object, root: &Node, issues: &mut Issues) -> Option<Policy> {
    let manifest: Manifest = decode::decode_known(root, issues)?;
    let spec = manifest.spec;
    let place = path("spec");
    if let Some(strategy) = spec.strategy.as_ref().filter(|strategy| *strategy != "prefer") {
        let message = format!("there is no strategy {}", quote(strategy));
        issues.error(code::UNSUPPORTED, place.key("strategy"), message).with_help("`prefer` is the only one");
    }
    let settings = [
        (spec.preempt_policy, "preemptPolicy"),
        (spec.ignore_previous_pod, "ignorePreviousPod"),
        (spec.ignore_terminating_pod, "ignoreTerminatingPod"),
        (spec.match_label_keys, "matchLabelKeys"),
        (spec.when_try_next_units, "whenTryNextUnits"),
    ];
    warn_of(&settings, &place, issues);
    for (i, unit) in spec.units.iter().enumerate() {
        let settings = [(unit.max_resources, "maxResources"), (unit.pod_labels, "podLabels"), (unit.pod_annotations, "podAnnotations")];
        warn_of(&settings, &place.key("units").index(i), issues);
    }
    let units = spec.units.into_iter().map(|unit| Unit { tier: unit.resource, max: unit.max, node_selector: unit.node_selector }).collect();
    Some(Policy { document, name: object.metadata.name.clone(), namespace: object.namespace().to_owned(), selector: spec.selector, units })
}

fn warn_of(settings: &[(Option<Unmodelled>, &str)], place: &Path, issues: &mut Issues) {
    for (given, key) in settings {
        if given.is_some() {
            issues.warning(code::NOT_SIMULATED, place.key(*key), format!("`{key}` is not simulated")).on_key();
        }
    }
}

/// Gives a policy to the pods it selects in its namespace, unless the scenario has a placement for them.
pub(super) fn attach(scenario: &mut Scenario, policy: Policy, origins: &mut Origins, known: &Known, issues: &mut Issues) {
    let mut used = false;
    let Policy { document, name: policy_name, namespace, selector, units } = policy;
    for (name, service) in &mut scenario.services.0 {
        let in_namespace = service.namespace.as_deref().unwrap_or("default") == namespace;
        if !in_namespace || !selects(&selector, name, service) {
            continue;
        }
        used = true;
        if known.placed.contains(name.as_str()) {
            continue;
        }
        let span = locate::span(origins.document(document), &path("metadata.name"), false);
        let scheduler = known.schedulers.get(name.as_str()).and_then(Option::as_deref);
        if service.placement.is_some() {
            let message = format!("{} has another placement, so the policy {} does not count for it", quote(name), quote(&policy_name));
            issues.warning(code::UNUSED_POLICY, path("metadata.name"), message).at(span);
            continue;
        }
        match scheduler {
            Some(CO_SCHEDULER) => {}
            // The default scheduler of ACK reads policies too.
            None | Some("default-scheduler") => {
                let message = format!(
                    "in a registered cluster the policy {} counts only for pods with `schedulerName: {CO_SCHEDULER}`, unlike those of {}",
                    quote(&policy_name),
                    quote(name)
                );
                issues
                    .warning(code::UNUSED_POLICY, path("metadata.name"), message)
                    .at(span)
                    .with_help("it is simulated as in ACK, whose default scheduler reads policies");
            }
            Some(other) => {
                let message =
                    format!("the scheduler {} of {} does not read policies, so {} does not count for it", quote(other), quote(name), quote(&policy_name));
                issues.warning(code::UNUSED_POLICY, path("metadata.name"), message).at(span);
                continue;
            }
        }
        service.policy = Some(policy_name.clone());
        service.placement = Some(Placement::Prefer(units.iter().cloned().map(ShortOr::Full).collect()));
        let place = Path::root().key("services").key(name.as_str()).key("placement").key("prefer");
        for i in 0..units.len() {
            let unit = path("spec.units").index(i);
            origins.add(place.index(i).key("tier"), document, unit.key("resource"));
            origins.add(place.index(i), document, unit);
        }
        origins.add(place, document, path("spec.units"));
    }
    if !used {
        let span = locate::span(origins.document(document), &path("spec.selector"), true);
        let message = format!("the policy {} selects no pods in the namespace {}", quote(&policy_name), quote(&namespace));
        issues.warning(code::UNUSED_POLICY, path("spec.selector"), message).at(span);
    }
}

/// Whether the pods of a service carry these labels; no labels select all pods.
fn selects(selector: &BTreeMap<String, String>, name: &str, service: &Service) -> bool {
    // Pods without labels of their own are labelled with the service's name.
    let usual = BTreeMap::from([("app".to_owned(), name.to_owned())]);
    let labels = if service.labels.is_empty() { &usual } else { &service.labels };
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}
