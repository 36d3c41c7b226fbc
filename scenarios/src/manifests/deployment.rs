//! Deployments.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::units::Span;

use super::Known;
use super::object::Object;
use super::origins::{Origins, path};
use super::pod::{Pod, Template};
use super::unmodelled;
use crate::check::code;
use crate::decode;
use crate::issue::{Issues, Path};
use crate::locate;
use crate::spec::{self, DaemonSet, Placement, RollingUpdate, Scenario, Service};
use crate::text::Text;
use crate::tree::Node;
use crate::wording::quote;

/// A Deployment, as a service.
pub(super) struct Deployment {
    document: usize,
    name: String,
    service: Service,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    spec: DeploymentSpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeploymentSpec {
    replicas: Option<u32>,
    strategy: Option<Strategy>,
    min_ready_seconds: Option<u32>,
    progress_deadline_seconds: Option<u32>,
    #[serde(default)]
    paused: bool,
    template: Template,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Strategy {
    r#type: Option<StrategyType>,
    rolling_update: Option<RollingUpdate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum StrategyType {
    RollingUpdate,
    Recreate,
}

/// Where in the manifest the fields of a service are written.
const FIELDS: [(&str, &str); 19] = [
    ("priority", "spec.template.spec.priorityClassName"),
    ("namespace", "metadata.namespace"),
    ("labels", "spec.template.metadata.labels"),
    ("annotations", "spec.template.metadata.annotations"),
    ("readiness", "spec.template.spec.containers"),
    ("needsHost", "spec.template.spec"),
    ("replicas", "spec.replicas"),
    ("requests", "spec.template.spec.containers"),
    ("limits", "spec.template.spec.containers"),
    ("tolerations", "spec.template.spec.tolerations"),
    ("nodeSelector", "spec.template.spec.nodeSelector"),
    ("affinity", "spec.template.spec.affinity"),
    ("topologySpreadConstraints", "spec.template.spec.topologySpreadConstraints"),
    ("terminationGracePeriod", "spec.template.spec.terminationGracePeriodSeconds"),
    ("preStop", "spec.template.spec.containers"),
    ("strategy", "spec.strategy"),
    ("minReady", "spec.minReadySeconds"),
    ("progressDeadline", "spec.progressDeadlineSeconds"),
    ("", "metadata.name"),
];

/// Reads a DaemonSet: what its pods request of every machine that matches.
pub(super) fn read_daemon_set(object: &Object, root: &Node, issues: &mut Issues) -> Option<(String, DaemonSet)> {
    let manifest: Manifest = decode::decode_known(root, issues)?;
    let pod = Pod::of(manifest.spec.template, &path("spec.template"), issues);
    Some((object.metadata.name.clone(), DaemonSet { requests: pod.requests, node_selector: pod.node_selector, tolerations: pod.tolerations }))
}

/// Reads a Deployment.
pub(super) fn read(document: usize, object: &Object, root: &Node, issues: &mut Issues) -> Option<Deployment> {
    let manifest: Manifest = decode::decode_known(root, issues)?;
    unmodelled::warn(root, &path("spec"), issues);
    let pod = Pod::of(manifest.spec.template, &path("spec.template"), issues);
    let seconds = |seconds: u32| Text(Span::from_secs(u64::from(seconds)));
    let service = Service {
        strategy: manifest.spec.strategy.map(|strategy| strategy.read(issues)),
        min_ready: manifest.spec.min_ready_seconds.map(seconds),
        progress_deadline: manifest.spec.progress_deadline_seconds.map(seconds),
        namespace: object.metadata.namespace.clone(),
        labels: pod.labels,
        annotations: pod.annotations,
        readiness: pod.readiness,
        needs_host: pod.needs_host,
        local_storage: pod.local_storage,
        replicas: manifest.spec.replicas,
        requests: pod.requests,
        limits: pod.limits,
        priority: pod.priority,
        preemption_policy: pod.preemption_policy,
        scheduler_name: pod.scheduler_name,
        containers: pod.containers,
        requests_are_a_sum: pod.requests_are_a_sum,
        tolerations: pod.tolerations,
        node_selector: pod.node_selector,
        affinity: pod.affinity,
        topology_spread_constraints: pod.topology_spread_constraints,
        scored: pod.scored,
        termination_grace_period: pod.termination_grace_period,
        pre_stop: pod.pre_stop,
        paused: manifest.spec.paused,
        ..Service::default()
    };
    Some(Deployment { document, name: object.metadata.name.clone(), service })
}

impl Deployment {
    /// The same with another number of pods and a place for them, both of which another object sets.
    pub(super) fn governed(mut self, replicas: Option<u32>, policy: String, placement: Placement) -> Self {
        self.service.replicas = replicas;
        self.service.policy = Some(policy);
        self.service.placement = Some(placement);
        self
    }
}

impl Strategy {
    fn read(self, issues: &mut Issues) -> spec::Strategy {
        if self.r#type == Some(StrategyType::Recreate) {
            if self.rolling_update.is_some() {
                issues.error(code::REFUSED, path("spec.strategy.rollingUpdate"), "Kubernetes refuses `rollingUpdate` with the type `Recreate`").on_key();
            }
            return spec::Strategy::Recreate;
        }
        spec::Strategy::RollingUpdate(self.rolling_update.unwrap_or_default())
    }
}

/// Adds a Deployment to the scenario: what the scenario says itself about a service of this name wins.
pub(super) fn add(scenario: &mut Scenario, deployment: Deployment, origins: &mut Origins, known: &mut Known, issues: &mut Issues) {
    let Deployment { document, name, service } = deployment;
    if !known.deployments.insert(name.clone()) {
        let span = locate::span(origins.document(document), &path("metadata.name"), false);
        let message = format!("there are two Deployments named {}", quote(&name));
        issues.error(code::DUPLICATE_NAME, path("metadata.name"), message).at(span).with_help("names are unique over namespaces here");
        return;
    }
    let place = Path::root().key("services").key(&name);
    let Some(position) = scenario.services.0.iter().position(|(other, _)| *other == name) else {
        for (field, manifest) in FIELDS {
            let place = if field.is_empty() { place.clone() } else { place.key(field) };
            origins.add(place, document, path(manifest));
        }
        scenario.services.0.push((name, service));
        return;
    };
    let own = &mut scenario.services.0[position].1;
    let overridden: Vec<(&str, bool)> = vec![
        ("namespace", own.namespace.is_some()),
        ("labels", !own.labels.is_empty()),
        ("annotations", !own.annotations.is_empty()),
        ("readiness", own.readiness.is_some()),
        ("needsHost", own.needs_host.is_some()),
        ("replicas", own.replicas.is_some()),
        ("requests", !own.requests.0.is_empty()),
        ("limits", !own.limits.0.is_empty()),
        ("tolerations", !own.tolerations.is_empty()),
        ("nodeSelector", !own.node_selector.is_empty()),
        ("affinity", own.affinity.is_some()),
        ("priority", own.priority.is_some()),
        ("topologySpreadConstraints", !own.topology_spread_constraints.is_empty()),
        ("terminationGracePeriod", own.termination_grace_period.is_some()),
        ("preStop", own.pre_stop.is_some()),
        ("strategy", own.strategy.is_some()),
        ("minReady", own.min_ready.is_some()),
        ("progressDeadline", own.progress_deadline.is_some()),
    ];
    for (field, is_own) in overridden {
        let manifest = FIELDS.iter().find(|(name, _)| *name == field).map(|(_, manifest)| *manifest);
        if let Some(manifest) = manifest.filter(|_| !is_own) {
            origins.add(place.key(field), document, path(manifest));
        }
    }
    merge(own, service);
}

fn merge(own: &mut Service, manifest: Service) {
    fn fill<K: Ord, V>(own: &mut BTreeMap<K, V>, manifest: BTreeMap<K, V>) {
        for (key, value) in manifest {
            own.entry(key).or_insert(value);
        }
    }
    own.requests_are_a_sum = own.requests.0.is_empty() && manifest.requests_are_a_sum;
    // What the scenario says about a container adds to the manifest's.
    for container in manifest.containers {
        match own.containers.iter_mut().find(|known| known.name == container.name) {
            Some(known) => fill(&mut known.requests.0, container.requests.0),
            None => own.containers.push(container),
        }
    }
    own.namespace = own.namespace.take().or(manifest.namespace);
    fill(&mut own.labels, manifest.labels);
    fill(&mut own.annotations, manifest.annotations);
    own.readiness = own.readiness.or(manifest.readiness);
    own.needs_host = own.needs_host.or(manifest.needs_host);
    own.local_storage |= manifest.local_storage;
    own.replicas = own.replicas.or(manifest.replicas);
    own.scored = manifest.scored;
    own.scored.0.retain(|name, _| !own.requests.0.contains_key(name) && !own.limits.0.contains_key(name));
    fill(&mut own.requests.0, manifest.requests.0);
    fill(&mut own.limits.0, manifest.limits.0);
    if own.tolerations.is_empty() {
        own.tolerations = manifest.tolerations;
    }
    if own.node_selector.is_empty() {
        own.node_selector = manifest.node_selector;
    }
    own.affinity = own.affinity.take().or(manifest.affinity);
    own.priority = own.priority.take().or(manifest.priority);
    own.preemption_policy = own.preemption_policy.or(manifest.preemption_policy);
    own.scheduler_name = own.scheduler_name.take().or(manifest.scheduler_name);
    if own.placement.is_none() {
        own.placement = manifest.placement;
        own.policy = own.policy.take().or(manifest.policy);
    }
    if own.topology_spread_constraints.is_empty() {
        own.topology_spread_constraints = manifest.topology_spread_constraints;
    }
    own.termination_grace_period = own.termination_grace_period.or(manifest.termination_grace_period);
    own.pre_stop = own.pre_stop.or(manifest.pre_stop);
    own.paused |= manifest.paused;
    own.strategy = own.strategy.or(manifest.strategy);
    own.min_ready = own.min_ready.or(manifest.min_ready);
    own.progress_deadline = own.progress_deadline.or(manifest.progress_deadline);
}
