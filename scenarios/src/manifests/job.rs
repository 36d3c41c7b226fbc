//! Jobs and CronJobs (`batch/v1`). A manifest does not say how long its pods run: the scenario's entry of the same name under `jobs` does.

use std::collections::BTreeSet;

use serde::Deserialize;
use sim_core::units::Span;

use super::object::Object;
use super::origins::{Origins, path};
use super::pod::{Pod, Template};
use super::unmodelled;
use crate::calendar::{Cron, Zone};
use crate::check::code;
use crate::decode;
use crate::issue::{Issues, Path};
use crate::locate;
use crate::spec::{self};
use crate::spec::{CompletionMode, ConcurrencyPolicy, ExitCodes, FailureAction, PodFailureRule, RestartPolicy, Scenario, Unmodelled};
use crate::text::Text;
use crate::tree::Node;
use crate::wording::quote;

/// A Job or CronJob, as a job.
pub(super) struct Job {
    document: usize,
    name: String,
    /// Where its `JobSpec` is.
    spec: Path,
    entry: spec::Job,
}

#[derive(Debug, Deserialize)]
struct JobManifest {
    spec: JobSpec,
}

#[derive(Debug, Deserialize)]
struct CronManifest {
    spec: CronSpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CronSpec {
    schedule: Text<Cron>,
    time_zone: Option<Text<Zone>>,
    concurrency_policy: Option<ConcurrencyPolicy>,
    starting_deadline_seconds: Option<u32>,
    #[serde(default)]
    suspend: bool,
    job_template: JobManifest,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct JobSpec {
    parallelism: Option<u32>,
    completions: Option<u32>,
    completion_mode: Option<CompletionMode>,
    backoff_limit: Option<u32>,
    backoff_limit_per_index: Option<u32>,
    max_failed_indexes: Option<u32>,
    active_deadline_seconds: Option<u32>,
    #[serde(default)]
    suspend: bool,
    pod_failure_policy: Option<FailurePolicy>,
    success_policy: Option<Unmodelled>,
    managed_by: Option<String>,
    template: Template,
}

#[derive(Debug, Deserialize)]
struct FailurePolicy {
    rules: Vec<FailureRule>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FailureRule {
    action: FailureAction,
    on_exit_codes: Option<OnExitCodes>,
    #[serde(default)]
    on_pod_conditions: Vec<OnPodCondition>,
}

#[derive(Debug, Deserialize)]
struct OnExitCodes {
    operator: ExitOperator,
    values: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum ExitOperator {
    In,
    NotIn,
}

#[derive(Debug, Deserialize)]
struct OnPodCondition {
    r#type: String,
    status: Option<String>,
}

/// Where in a `JobSpec` the fields of a job are written.
const FIELDS: [(&str, &str); 22] = [
    ("pods", "completions"),
    ("parallelism", "parallelism"),
    ("completionMode", "completionMode"),
    ("backoffLimit", "backoffLimit"),
    ("backoffLimitPerIndex", "backoffLimitPerIndex"),
    ("maxFailedIndexes", "maxFailedIndexes"),
    ("activeDeadline", "activeDeadlineSeconds"),
    ("suspend", "suspend"),
    ("podFailurePolicy", "podFailurePolicy.rules"),
    ("restartPolicy", "template.spec.restartPolicy"),
    ("priority", "template.spec.priorityClassName"),
    ("labels", "template.metadata.labels"),
    ("annotations", "template.metadata.annotations"),
    ("readiness", "template.spec.containers"),
    ("needsHost", "template.spec"),
    ("requests", "template.spec.containers"),
    ("limits", "template.spec.containers"),
    ("tolerations", "template.spec.tolerations"),
    ("nodeSelector", "template.spec.nodeSelector"),
    ("affinity", "template.spec.affinity"),
    ("topologySpreadConstraints", "template.spec.topologySpreadConstraints"),
    ("gang", "template.metadata.labels"),
];

/// Where in a CronJob the fields of a job are written that a Job does not have.
const CRON_FIELDS: [(&str, &str); 4] = [
    ("schedule", "spec.schedule"),
    ("timeZone", "spec.timeZone"),
    ("concurrencyPolicy", "spec.concurrencyPolicy"),
    ("startingDeadline", "spec.startingDeadlineSeconds"),
];

const fn seconds(seconds: u32) -> Text<Span> {
    Text(Span::from_secs(seconds as u64))
}

/// Reads a Job, which is there from the start of the run.
pub(super) fn read(document: usize, object: &Object, root: &Node, issues: &mut Issues) -> Option<Job> {
    let manifest: JobManifest = decode::decode_known(root, issues)?;
    let spec = path("spec");
    let job = spec::Job { at: Some(vec![Text(Span::ZERO)]), ..manifest.spec.job(object, root, &spec, issues) };
    Some(Job { document, name: object.metadata.name.clone(), spec, entry: job })
}

/// Reads a CronJob. Its limits of history are about finished objects, which use nothing.
pub(super) fn read_cron(document: usize, object: &Object, root: &Node, issues: &mut Issues) -> Option<Job> {
    let CronSpec { schedule, time_zone, concurrency_policy, starting_deadline_seconds, suspend, job_template } =
        decode::decode_known::<CronManifest>(root, issues)?.spec;
    let spec = path("spec.jobTemplate.spec");
    let job = job_template.spec.job(object, root, &spec, issues);
    let job = spec::Job {
        schedule: Some(schedule),
        time_zone,
        concurrency_policy,
        starting_deadline: starting_deadline_seconds.map(seconds),
        suspend: suspend || job.suspend,
        ..job
    };
    Some(Job { document, name: object.metadata.name.clone(), spec, entry: job })
}

impl JobSpec {
    fn job(self, object: &Object, root: &Node, place: &Path, issues: &mut Issues) -> spec::Job {
        unmodelled::warn(root, place, issues);
        if self.success_policy.is_some() {
            let message = "`successPolicy` is not simulated: the job goes on until all its completions are there";
            issues.warning(code::NOT_SIMULATED, place.key("successPolicy"), message).on_key();
        }
        if self.managed_by.as_deref().is_some_and(|by| by != "kubernetes.io/job-controller") {
            issues.warning(code::NOT_SIMULATED, place.key("managedBy"), "other controllers of Jobs are not simulated: the usual one takes care of it").on_key();
        }
        let template = place.key("template");
        let pod = Pod::of(self.template, &template, issues);
        // Parallel pods without a number of completions share a queue of work.
        let shares_queue = self.completions.is_none() && self.parallelism.is_some_and(|pods| pods != 1);
        let rules = self.pod_failure_policy.map_or_else(Vec::new, |policy| policy.rules);
        spec::Job {
            namespace: object.metadata.namespace.clone(),
            labels: pod.labels,
            annotations: pod.annotations,
            readiness: pod.readiness,
            needs_host: pod.needs_host,
            local_storage: pod.local_storage,
            requests: pod.requests,
            limits: pod.limits,
            priority: pod.priority,
            preemption_policy: pod.preemption_policy,
            scheduler_name: pod.scheduler_name,
            tolerations: pod.tolerations,
            node_selector: pod.node_selector,
            affinity: pod.affinity,
            topology_spread_constraints: pod.topology_spread_constraints,
            pods: if shares_queue { None } else { Some(self.completions.unwrap_or(1)) },
            parallelism: Some(self.parallelism.unwrap_or(1)),
            work_queue: shares_queue,
            completion_mode: self.completion_mode,
            backoff_limit: self.backoff_limit,
            backoff_limit_per_index: self.backoff_limit_per_index,
            max_failed_indexes: self.max_failed_indexes,
            active_deadline: self.active_deadline_seconds.map(seconds),
            suspend: self.suspend,
            pod_failure_policy: rules
                .into_iter()
                .enumerate()
                .filter_map(|(i, rule)| rule.read(&place.key("podFailurePolicy").key("rules").index(i), issues))
                .collect(),
            restart_policy: match pod.restart_policy.as_deref() {
                Some("OnFailure") => Some(RestartPolicy::OnFailure),
                Some("Never") => Some(RestartPolicy::Never),
                other => {
                    let message = format!("a Job's pods are restarted `Never` or `OnFailure`, not {}", quote(other.unwrap_or("Always")));
                    issues.error(code::REFUSED, template.key("spec").key("restartPolicy"), message);
                    None
                }
            },
            ..spec::Job::default()
        }
    }
}

impl FailureRule {
    fn read(self, place: &Path, issues: &mut Issues) -> Option<PodFailureRule> {
        let mut on_disruption = false;
        for (i, condition) in self.on_pod_conditions.iter().enumerate() {
            if condition.r#type == "DisruptionTarget" && condition.status.as_deref().unwrap_or("True") == "True" {
                on_disruption = true;
            } else {
                let message = format!("the condition {} never holds here: only `DisruptionTarget` is simulated", quote(&condition.r#type));
                issues.warning(code::NOT_SIMULATED, place.key("onPodConditions").index(i), message);
            }
        }
        if !on_disruption && self.on_exit_codes.is_none() && !self.on_pod_conditions.is_empty() {
            return None;
        }
        let codes = self.on_exit_codes.map(|on| match on.operator {
            ExitOperator::In => ExitCodes::In(on.values),
            ExitOperator::NotIn => ExitCodes::NotIn(on.values),
        });
        Some(PodFailureRule { action: self.action, on_exit_codes: codes, on_disruption })
    }
}

/// Adds a job to the scenario: what the scenario says itself about a job of this name wins.
pub(super) fn add(scenario: &mut Scenario, found: Job, origins: &mut Origins, known: &mut BTreeSet<String>, issues: &mut Issues) {
    let Job { document, name, spec, entry: job } = found;
    if !known.insert(name.clone()) {
        let span = locate::span(origins.document(document), &path("metadata.name"), false);
        let message = format!("there are two Jobs or CronJobs named {}", quote(&name));
        issues.error(code::DUPLICATE_NAME, path("metadata.name"), message).at(span).with_help("names are unique over namespaces here");
        return;
    }
    let place = Path::root().key("jobs").key(&name);
    let position = scenario.jobs.0.iter().position(|(other, _)| *other == name);
    let fields = FIELDS.iter().map(|(field, manifest)| (*field, manifest.split('.').fold(spec.clone(), |path, key| path.key(key))));
    let cron = CRON_FIELDS.iter().map(|(field, manifest)| (*field, path(manifest)));
    let own = position.map(|position| &scenario.jobs.0[position].1);
    for (field, manifest) in fields.chain(cron) {
        if own.is_none_or(|own| !says(own, field)) {
            origins.add(place.key(field), document, manifest);
        }
    }
    if let Some(position) = position {
        merge(&mut scenario.jobs.0[position].1, job);
    } else {
        origins.add(place, document, path("metadata.name"));
        scenario.jobs.0.push((name, job));
    }
}

/// Whether a job in the scenario says something about this field itself.
fn says(own: &spec::Job, field: &str) -> bool {
    match field {
        "pods" => own.pods.is_some() || own.work_queue,
        "parallelism" => own.parallelism.is_some(),
        "completionMode" => own.completion_mode.is_some(),
        "backoffLimit" => own.backoff_limit.is_some(),
        "backoffLimitPerIndex" => own.backoff_limit_per_index.is_some(),
        "maxFailedIndexes" => own.max_failed_indexes.is_some(),
        "activeDeadline" => own.active_deadline.is_some(),
        "suspend" => own.suspend,
        "podFailurePolicy" => !own.pod_failure_policy.is_empty(),
        "restartPolicy" => own.restart_policy.is_some(),
        "priority" => own.priority.is_some(),
        "labels" => !own.labels.is_empty(),
        "annotations" => !own.annotations.is_empty(),
        "readiness" => own.readiness.is_some(),
        "needsHost" => own.needs_host.is_some(),
        "requests" => !own.requests.0.is_empty(),
        "limits" => !own.limits.0.is_empty(),
        "tolerations" => !own.tolerations.is_empty(),
        "nodeSelector" => !own.node_selector.is_empty(),
        "affinity" => own.affinity.is_some(),
        "topologySpreadConstraints" => !own.topology_spread_constraints.is_empty(),
        "gang" => own.gang.is_some(),
        "schedule" | "timeZone" => is_submitted(own),
        "concurrencyPolicy" => own.concurrency_policy.is_some(),
        "startingDeadline" => own.starting_deadline.is_some(),
        _ => false,
    }
}

/// Whether the scenario itself says when a job is submitted.
const fn is_submitted(own: &spec::Job) -> bool {
    own.at.is_some() || own.every.is_some() || own.rate.is_some() || own.schedule.is_some()
}

fn merge(own: &mut spec::Job, manifest: spec::Job) {
    if !is_submitted(own) {
        (own.at, own.schedule, own.time_zone) = (manifest.at, manifest.schedule, own.time_zone.take().or(manifest.time_zone));
    }
    if own.steps.0.is_empty() && own.pods.is_none() && !own.work_queue {
        (own.pods, own.work_queue) = (manifest.pods, manifest.work_queue);
    }
    if own.steps.0.is_empty() {
        own.parallelism = own.parallelism.or(manifest.parallelism);
    }
    own.namespace = own.namespace.take().or(manifest.namespace);
    for (mine, theirs) in [(&mut own.labels, manifest.labels), (&mut own.annotations, manifest.annotations), (&mut own.node_selector, manifest.node_selector)] {
        for (key, value) in theirs {
            mine.entry(key).or_insert(value);
        }
    }
    for (mine, theirs) in [(&mut own.requests.0, manifest.requests.0), (&mut own.limits.0, manifest.limits.0)] {
        for (name, amount) in theirs {
            mine.entry(name).or_insert(amount);
        }
    }
    own.readiness = own.readiness.or(manifest.readiness);
    own.needs_host = own.needs_host.or(manifest.needs_host);
    own.completion_mode = own.completion_mode.or(manifest.completion_mode);
    own.backoff_limit = own.backoff_limit.or(manifest.backoff_limit);
    own.backoff_limit_per_index = own.backoff_limit_per_index.or(manifest.backoff_limit_per_index);
    own.max_failed_indexes = own.max_failed_indexes.or(manifest.max_failed_indexes);
    own.active_deadline = own.active_deadline.or(manifest.active_deadline);
    own.restart_policy = own.restart_policy.or(manifest.restart_policy);
    own.suspend |= manifest.suspend;
    own.local_storage |= manifest.local_storage;
    if own.pod_failure_policy.is_empty() {
        own.pod_failure_policy = manifest.pod_failure_policy;
    }
    own.concurrency_policy = own.concurrency_policy.or(manifest.concurrency_policy);
    own.starting_deadline = own.starting_deadline.or(manifest.starting_deadline);
    own.priority = own.priority.take().or(manifest.priority);
    own.preemption_policy = own.preemption_policy.or(manifest.preemption_policy);
    own.scheduler_name = own.scheduler_name.take().or(manifest.scheduler_name);
    if own.tolerations.is_empty() {
        own.tolerations = manifest.tolerations;
    }
    own.affinity = own.affinity.take().or(manifest.affinity);
    if own.topology_spread_constraints.is_empty() {
        own.topology_spread_constraints = manifest.topology_spread_constraints;
    }
}
