//! Kubernetes manifests, used as they are: Deployments become services, Jobs and CronJobs jobs; autoscalers and policies attach to them.
//!
//! What a manifest says becomes part of the scenario as if it had been written there, so that one set of checks serves both; [`Origins`] remembers where
//! each piece came from, so that problems are shown in the manifest.

mod ahpa;
mod autoscaler;
mod cron_hpa;
mod deployment;
mod eci_profile;
mod elastic;
mod guards;
mod hpa;
mod job;
mod keda;
mod kube_scheduler;
mod namespace;
mod object;
mod origins;
mod pod;
mod pod_group;
mod policy;
mod requests;
mod slashes;
mod spread;
mod target;
mod united;
mod unmodelled;

use std::collections::{BTreeMap, BTreeSet};

use self::object::Object;
pub use self::origins::Origins;
use crate::check::code;
use crate::issue::{Issues, Path};
use crate::locate;
use crate::source::Sources;
use crate::spec::{DaemonSet, EciProfile, Scenario, Service};
use crate::tree::{self, Node};
use crate::wording::quote;

/// Reads the manifests that a scenario names, and adds what they say to it. `root` is the scenario's document.
pub fn apply(scenario: &mut Scenario, root: &Node, sources: &mut Sources, issues: &mut Issues) -> Origins {
    let documents = read(scenario, root, sources, issues);
    let mut origins = Origins::default();
    let mut found = Found::default();
    for document in documents {
        let mut own = Issues::default();
        let id = origins.keep(document);
        let united = sort(&mut found, id, origins.document(id), &mut own);
        own.locate(origins.document(id));
        issues.append(own);
        if let Some(united) = united {
            // Its template is a document of its own, so that places in it are those of a Deployment.
            let mut own = Issues::default();
            let id = origins.keep(united.template.clone());
            found.deployments.extend(united.deployment(id, origins.document(id), &mut own));
            own.locate(origins.document(id));
            issues.append(own);
        }
    }
    for guard in found.guards {
        guards::add(scenario, guard, &mut origins);
    }
    let mut known = Known::of(scenario);
    for deployment in found.deployments {
        deployment::add(scenario, deployment, &mut origins, &mut known, issues);
    }
    let mut jobs = BTreeSet::new();
    for job in found.jobs {
        job::add(scenario, job, &mut origins, &mut jobs, issues);
    }
    pod_group::attach(scenario, &found.pod_groups, &mut origins, issues);
    for namespace in found.namespaces {
        namespace.add(scenario, &mut origins);
    }
    for elastic in found.elastic {
        elastic::attach(scenario, elastic, &mut origins, &mut known, issues);
    }
    let targets: Vec<(String, String)> = found.hpas.iter().map(|hpa| hpa.names(&known)).collect();
    // What the scenario says itself wins.
    for (name, daemon_set) in found.daemon_sets {
        if scenario.daemon_sets.get(&name).is_none() {
            scenario.daemon_sets.0.push((name, daemon_set));
        }
    }
    if scenario.eci_profile.is_none() {
        scenario.eci_profile = found.profile;
    }
    for hpa in found.hpas {
        hpa::attach(scenario, hpa, &mut origins, &known, issues);
    }
    for scaled in found.scaled_objects {
        keda::attach(scenario, scaled, &mut origins, &known, issues);
    }
    for ahpa in found.ahpas {
        ahpa::attach(scenario, ahpa, &mut origins, &known, issues);
    }
    if let Some(scheduler) = found.scheduler {
        kube_scheduler::attach(scenario, scheduler, &mut origins);
    }
    for cron in found.cron_hpas {
        cron_hpa::attach(scenario, cron, &targets, &mut origins, issues);
    }
    for policy in found.policies {
        policy::attach(scenario, policy, &mut origins, &known, issues);
    }
    for spread in found.spreads {
        spread::attach(scenario, spread, &mut origins, &known, issues);
    }
    origins
}

/// What is known about services beyond what the scenario holds.
#[derive(Default)]
struct Known {
    /// Services that the scenario itself scales; it wins without a word.
    scaled: BTreeSet<String>,
    /// Services that the scenario itself places; it wins without a word.
    placed: BTreeSet<String>,
    /// Services whose number of pods the scenario itself says.
    sized: BTreeSet<String>,
    /// Deployments that were found.
    deployments: BTreeSet<String>,
    /// Services behind ElasticWorkloads, by the name of those.
    elastic: BTreeMap<String, String>,
}

impl Known {
    fn of(scenario: &Scenario) -> Self {
        let names = |test: fn(&Service) -> bool| scenario.services.0.iter().filter(|(_, service)| test(service)).map(|(name, _)| name.clone()).collect();
        Self {
            scaled: names(|service| service.autoscaler.is_some()),
            placed: names(|service| service.placement.is_some()),
            sized: names(|service| service.replicas.is_some()),
            deployments: BTreeSet::new(),
            elastic: BTreeMap::new(),
        }
    }

    /// The service that an object with replicas stands for.
    fn behind<'a>(&'a self, kind: &str, name: &'a str) -> &'a str {
        if kind == "ElasticWorkload" { self.elastic.get(name).map_or(name, String::as_str) } else { name }
    }
}

/// The objects that are simulated, by kind, and what was said about the others.
#[derive(Default)]
struct Found {
    deployments: Vec<deployment::Deployment>,
    hpas: Vec<hpa::Hpa>,
    scaled_objects: Vec<keda::ScaledObject>,
    ahpas: Vec<ahpa::Ahpa>,
    scheduler: Option<kube_scheduler::Configuration>,
    cron_hpas: Vec<cron_hpa::CronHpa>,
    policies: Vec<policy::Policy>,
    spreads: Vec<spread::Spread>,
    elastic: Vec<elastic::Elastic>,
    namespaces: Vec<namespace::Named>,
    guards: Vec<guards::Guard>,
    daemon_sets: Vec<(String, DaemonSet)>,
    jobs: Vec<job::Job>,
    pod_groups: Vec<pod_group::PodGroup>,
    profile: Option<EciProfile>,
    skipped: BTreeSet<String>,
}

/// Every document of every manifest file.
fn read(scenario: &Scenario, root: &Node, sources: &mut Sources, issues: &mut Issues) -> Vec<Node> {
    let mut documents = Vec::new();
    for (i, name) in scenario.manifests.iter().enumerate() {
        let path = Path::root().key("manifests").index(i);
        // An included file names its manifests relative to itself.
        let from = locate::span(root, &path, false).source;
        match sources.open_from(from, name) {
            Ok(id) => {
                let mut own = Issues::default();
                for mut document in tree::parse_all(sources, id, &mut own) {
                    slashes::strip(&mut document, sources, &mut own);
                    documents.extend(object::split_list(document));
                }
                issues.append(own);
            }
            Err(problem) => {
                problem.report(issues, &path);
            }
        }
    }
    documents
}

/// Reads a document; a UnitedDeployment is handed back, because its template is read on its own.
fn sort(found: &mut Found, id: usize, document: &Node, issues: &mut Issues) -> Option<united::United> {
    if kube_scheduler::is_configuration(document) {
        found.scheduler = kube_scheduler::read(id, document, issues).or_else(|| found.scheduler.take());
        return None;
    }
    let object = Object::read(document, issues)?;
    match (object.kind.as_str(), object.group()) {
        ("Deployment", "apps") => found.deployments.extend(deployment::read(id, &object, document, issues)),
        ("DaemonSet", "apps") => found.daemon_sets.extend(deployment::read_daemon_set(&object, document, issues)),
        ("HorizontalPodAutoscaler", "autoscaling") => found.hpas.extend(hpa::read(id, &object, document, issues)),
        ("ScaledObject", "keda.sh") => found.scaled_objects.extend(keda::read(id, &object, document, issues)),
        ("CronHorizontalPodAutoscaler", "autoscaling.alibabacloud.com") => found.cron_hpas.extend(cron_hpa::read(id, &object, document, issues)),
        ("AdvancedHorizontalPodAutoscaler", "autoscaling.alibabacloud.com") => found.ahpas.extend(ahpa::read(id, &object, document, issues)),
        ("UnitedDeployment", "apps.kruise.io") => return united::read(&object, document, issues),
        ("ElasticWorkload", "autoscaling.alibabacloud.com") => found.elastic.extend(elastic::read(id, &object, document, issues)),
        ("Namespace", "") => found.namespaces.extend(namespace::read(id, &object, document, issues)),
        ("WorkloadSpread", "apps.kruise.io") => found.spreads.extend(spread::read(id, &object, document, issues)),
        ("ResourcePolicy", "scheduling.alibabacloud.com") => found.policies.extend(policy::read(id, &object, document, issues)),
        ("Job", "batch") => found.jobs.extend(job::read(id, &object, document, issues)),
        ("CronJob", "batch") => found.jobs.extend(job::read_cron(id, &object, document, issues)),
        ("PodGroup", "scheduling.x-k8s.io" | "scheduling.sigs.k8s.io") => found.pod_groups.extend(pod_group::read(id, &object, document, issues)),
        ("PriorityClass", "scheduling.k8s.io") => found.guards.extend(guards::read_class(id, &object, document, issues)),
        ("PodDisruptionBudget", "policy") => found.guards.extend(guards::read_budget(id, &object, document, issues)),
        ("ConfigMap", "") if eci_profile::is_profile(&object) => found.profile = eci_profile::read(document, issues).or_else(|| found.profile.take()),
        (kind, _) => {
            if found.skipped.insert(kind.to_owned()) {
                let message = format!("objects of kind {} are not simulated", quote(kind));
                let issue = issues.warning(code::NOT_SIMULATED, Path::root().key("kind"), message);
                if matches!(kind, "StatefulSet" | "ReplicaSet" | "Pod") {
                    issue.with_help("describe their pods under `services` or `jobs`");
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests;
