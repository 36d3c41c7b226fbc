//! Pod templates of services and jobs.

use std::collections::BTreeMap;

use sim_core::plan::{Moving, PodTemplate, wants_instance};
use sim_core::scheduling::{STAND_IN_CPU, STAND_IN_MEMORY};
use sim_core::units::{Bytes, MilliCpu, Resources};

use super::estate::Estate;
use super::{Context, affinity, code, names, neighbours, placement, priority, resources};
use crate::issue::Path;
use crate::spec::{self, Amounts, CO_SCHEDULER};
use crate::text::Text;
use crate::wording::quote;

/// What services and jobs say about their pods.
pub(super) struct Written<'a> {
    pub(super) namespace: Option<&'a String>,
    pub(super) labels: &'a BTreeMap<String, String>,
    pub(super) requests: &'a Amounts,
    pub(super) limits: &'a Amounts,
    pub(super) placement: Option<&'a spec::Placement>,
    pub(super) policy: Option<&'a String>,
    pub(super) tolerations: &'a [spec::Toleration],
    pub(super) node_selector: &'a BTreeMap<String, String>,
    pub(super) affinity: Option<&'a spec::Affinity>,
    pub(super) spread: &'a [spec::TopologySpreadConstraint],
    pub(super) scored: Option<&'a Amounts>,
    pub(super) priority: Option<&'a Text<spec::Priority>>,
    pub(super) preemption_policy: Option<spec::PreemptionPolicy>,
    pub(super) scheduler: Option<&'a String>,
    pub(super) annotations: &'a BTreeMap<String, String>,
    pub(super) local_storage: bool,
}

impl<'a> From<&'a spec::Service> for Written<'a> {
    fn from(service: &'a spec::Service) -> Self {
        Self {
            namespace: service.namespace.as_ref(),
            labels: &service.labels,
            requests: &service.requests,
            limits: &service.limits,
            placement: service.placement.as_ref(),
            policy: service.policy.as_ref(),
            tolerations: &service.tolerations,
            node_selector: &service.node_selector,
            affinity: service.affinity.as_ref(),
            spread: &service.topology_spread_constraints,
            scored: Some(&service.scored),
            priority: service.priority.as_ref(),
            preemption_policy: service.preemption_policy,
            scheduler: service.scheduler_name.as_ref(),
            annotations: &service.annotations,
            local_storage: service.local_storage,
        }
    }
}

impl<'a> From<&'a spec::Job> for Written<'a> {
    fn from(job: &'a spec::Job) -> Self {
        Self {
            namespace: job.namespace.as_ref(),
            labels: &job.labels,
            requests: &job.requests,
            limits: &job.limits,
            placement: job.placement.as_ref(),
            policy: None,
            tolerations: &job.tolerations,
            node_selector: &job.node_selector,
            affinity: job.affinity.as_ref(),
            spread: &job.topology_spread_constraints,
            scored: None,
            priority: job.priority.as_ref(),
            preemption_policy: job.preemption_policy,
            scheduler: job.scheduler_name.as_ref(),
            annotations: &job.annotations,
            local_storage: job.local_storage,
        }
    }
}

/// The template of the workload at `path`.
pub(super) fn template(cx: &mut Context<'_>, name: &str, written: &Written<'_>, estate: &mut Estate, path: &Path) -> PodTemplate {
    let namespace = written.namespace.map_or("default", String::as_str);
    if written.namespace.is_some() {
        names::object(cx, "namespace", namespace, &path.key("namespace"));
    }
    names::labels(cx, written.labels, &path.key("labels"));
    let mut labels = written.labels.clone();
    if labels.is_empty() {
        labels.insert("app".to_owned(), name.to_owned());
    }
    let (requests, cpu_limit) = requests(cx, written, path);
    names::labels(cx, written.node_selector, &path.key("nodeSelector"));
    let (required_affinity, preferred_affinity) = affinity::node_affinity(cx, written.affinity, &path.key("affinity"));
    let (near, away) = written.affinity.map_or((None, None), |all| (all.pod_affinity.as_ref(), all.pod_anti_affinity.as_ref()));
    let (priority, preempts) = priority::read(cx, written.priority, written.preemption_policy, path);
    let has_weights = !preferred_affinity.is_empty();
    let placement = placement::followed(cx, written.placement, written.scheduler.map(String::as_str), &path.key("placement"));
    let template = PodTemplate {
        namespace: namespace.to_owned(),
        requests,
        scored: scored(written, requests),
        priority,
        preempts,
        cpu_limit,
        tolerations: affinity::tolerations(cx, written.tolerations, &path.key("tolerations")),
        node_selector: written.node_selector.clone(),
        required_affinity,
        preferred_affinity,
        spread: neighbours::spread(cx, written.spread, &labels, &path.key("topologySpreadConstraints")),
        pod_affinity: neighbours::pod_affinity(cx, near, &labels, &path.key("affinity").key("podAffinity")),
        pod_anti_affinity: neighbours::pod_affinity(cx, away, &labels, &path.key("affinity").key("podAntiAffinity")),
        speed: 1.0,
        placement: placement::read(cx, placement, estate, written.policy.map_or("placement", String::as_str), has_weights, &path.key("placement")),
        labels,
        supply: sim_core::plan::PodSupply::default(),
        moving: moving(cx, written, path),
        has_scheduler: cx.has_co_scheduler || written.scheduler.map(String::as_str) != Some(CO_SCHEDULER),
    };
    // ACK sends a pod with this label to a virtual node, whatever else it says.
    if wants_instance(&template.labels) { template.as_instance() } else { template }
}

/// Whether an autoscaler of nodes may move the pods.
fn moving(cx: &mut Context<'_>, written: &Written<'_>, path: &Path) -> Moving {
    let mut is_true = |key: &str| {
        let value = written.annotations.get(key)?;
        if !matches!(value.as_str(), "true" | "false") {
            let message = format!("{} is neither `true` nor `false`", quote(value));
            cx.issues.error(code::UNSUPPORTED, path.key("annotations").key(key), message);
        }
        Some(value == "true")
    };
    let must_stay = is_true("karpenter.sh/do-not-disrupt") == Some(true);
    let safe_to_evict = is_true("cluster-autoscaler.kubernetes.io/safe-to-evict");
    Moving { safe_to_evict: if must_stay { Some(false) } else { safe_to_evict }, local_storage: written.local_storage }
}

/// What the score for free resources counts: the requests, with stand-ins for what is left open.
fn scored(written: &Written<'_>, requests: Resources) -> Resources {
    let known = |name| written.scored.and_then(|scored| scored.0.get(name));
    let is_open = |name| !written.requests.0.contains_key(name) && !written.limits.0.contains_key(name);
    let cpu = match known("cpu") {
        Some(amount) => MilliCpu(amount.0.as_milli().max(0) as u64),
        None if is_open("cpu") => STAND_IN_CPU,
        None => requests.cpu,
    };
    let memory = match known("memory") {
        Some(amount) => Bytes(amount.0.as_units().max(0) as u64),
        None if is_open("memory") => STAND_IN_MEMORY,
        None => requests.memory,
    };
    Resources { cpu, memory, ..requests }
}

/// Requests, which default to limits, and the CPU limit.
fn requests(cx: &mut Context<'_>, written: &Written<'_>, path: &Path) -> (Resources, Option<MilliCpu>) {
    let limits = resources::read(cx, written.limits, &path.key("limits"));
    let has_cpu_limit = written.limits.0.contains_key("cpu");
    let mut amounts = written.requests.clone();
    for (name, amount) in &written.limits.0 {
        amounts.0.entry(name.clone()).or_insert(*amount);
    }
    let place = path.key("requests");
    let requests = resources::read(cx, &amounts, &place);
    for (given, key) in [(requests.pods, &place), (limits.pods, &path.key("limits"))] {
        if given.is_some() {
            cx.issues.error(code::UNKNOWN_RESOURCE, key.key("pods"), "a pod cannot request pods");
        }
    }
    let over = [("cpu", requests.resources.cpu.0, limits.resources.cpu.0), ("memory", requests.resources.memory.0, limits.resources.memory.0)];
    for (key, request, limit) in over {
        if written.limits.0.contains_key(key) && request > limit {
            cx.issues.error(code::ORDER, place.key(key), format!("a pod requests more {key} than its limit"));
        }
    }
    (requests.resources, has_cpu_limit.then_some(limits.resources.cpu))
}
