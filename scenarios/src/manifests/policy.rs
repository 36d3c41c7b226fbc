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
use crate::spec::{Amounts, CO_SCHEDULER, ClusterKind, Placement, PreemptPolicy, ResourcePolicy, Scenario, Service, ShortOr, Unit, WhenTryNextUnits};
use crate::tree::Node;
use crate::wording::quote;

/// A policy and the pods it is for.
#[expect(clippy::struct_field_names, reason = "what a document holds, and what it is called there")]
pub(super) struct Policy {
    document: usize,
    name: String,
    namespace: String,
    selector: BTreeMap<String, String>,
    policy: ResourcePolicy,
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
    preempt_policy: Option<PreemptPolicy>,
    ignore_previous_pod: Option<bool>,
    ignore_terminating_pod: Option<bool>,
    #[serde(default)]
    match_label_keys: Vec<String>,
    when_try_next_units: Option<WhenTryNextUnits>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyUnit {
    resource: String,
    max: Option<u32>,
    max_resources: Option<Amounts>,
    #[serde(default)]
    node_selector: BTreeMap<String, String>,
    #[serde(default)]
    pod_labels: BTreeMap<String, String>,
    #[serde(default)]
    pod_annotations: BTreeMap<String, String>,
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
    let unit = |unit: PolicyUnit| {
        ShortOr::Full(Unit {
            tier: unit.resource,
            max: unit.max,
            max_resources: unit.max_resources,
            node_selector: unit.node_selector,
            pod_labels: unit.pod_labels,
            pod_annotations: unit.pod_annotations,
        })
    };
    let policy = ResourcePolicy {
        units: spec.units.into_iter().map(unit).collect(),
        when_try_next_units: spec.when_try_next_units,
        preempt_policy: spec.preempt_policy,
        ignore_previous_pod: spec.ignore_previous_pod,
        ignore_terminating_pod: spec.ignore_terminating_pod,
        match_label_keys: spec.match_label_keys,
        counted_with: Some(document as u32),
    };
    Some(Policy { document, name: object.metadata.name.clone(), namespace: object.namespace().to_owned(), selector: spec.selector, policy })
}

/// Gives a policy to the pods it selects in its namespace, unless the scenario has a placement for them.
pub(super) fn attach(scenario: &mut Scenario, policy: Policy, origins: &mut Origins, known: &Known, issues: &mut Issues) {
    let mut used = false;
    let Policy { document, name: policy_name, namespace, selector, policy } = policy;
    let kind = scenario.cluster.kind;
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
        let scheduler = service.scheduler_name.clone();
        if service.placement.is_some() {
            let message = format!("{} has another placement, so the policy {} does not count for it", quote(name), quote(&policy_name));
            issues.warning(code::UNUSED_POLICY, path("metadata.name"), message).at(span);
            continue;
        }
        match scheduler.as_deref() {
            Some(CO_SCHEDULER) => {}
            // The default scheduler of ACK reads policies too.
            None | Some("default-scheduler") if matches!(kind, Some(ClusterKind::Ack | ClusterKind::Ask)) => {}
            None | Some("default-scheduler") if kind == Some(ClusterKind::Registered) => {
                let message = format!(
                    "in a registered cluster the policy {} counts only for pods with `schedulerName: {CO_SCHEDULER}`, so it does not count for {}",
                    quote(&policy_name),
                    quote(name)
                );
                issues.warning(code::UNUSED_POLICY, path("metadata.name"), message).at(span);
                continue;
            }
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
        service.placement = Some(Placement::ResourcePolicy(Box::new(policy.clone())));
        let place = Path::root().key("services").key(name.as_str()).key("placement").key("resourcePolicy");
        for i in 0..policy.units.len() {
            origins.add(place.key("units").index(i).key("tier"), document, path("spec.units").index(i).key("resource"));
        }
        origins.add(place, document, path("spec"));
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
