//! Pod templates, which Deployments, Jobs and DaemonSets have alike.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::units::Span;

use super::requests::{self, Container, Resources};
use crate::check::code;
use crate::issue::{Issues, Path};
use crate::spec::{self, Affinity, Amounts, NeedsHost, PreemptionPolicy, Priority, Readiness, Toleration, TopologySpreadConstraint, Unmodelled};
use crate::text::{Duration, Text};

/// What a template says about its pods, in the words of a scenario.
#[derive(Debug)]
pub(super) struct Pod {
    pub(super) labels: BTreeMap<String, String>,
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) readiness: Option<Readiness>,
    pub(super) needs_host: Option<NeedsHost>,
    /// Whether it keeps data in volumes of its node.
    pub(super) local_storage: bool,
    pub(super) requests: Amounts,
    pub(super) limits: Amounts,
    /// What scores count of the requests.
    pub(super) scored: Amounts,
    pub(super) requests_are_a_sum: bool,
    pub(super) containers: Vec<spec::Container>,
    pub(super) priority: Option<Text<Priority>>,
    pub(super) preemption_policy: Option<PreemptionPolicy>,
    pub(super) scheduler_name: Option<String>,
    pub(super) tolerations: Vec<Toleration>,
    pub(super) node_selector: BTreeMap<String, String>,
    pub(super) affinity: Option<Affinity>,
    pub(super) topology_spread_constraints: Vec<TopologySpreadConstraint>,
    pub(super) termination_grace_period: Option<Duration>,
    /// How long its `preStop` hooks run, which they do at the same time.
    pub(super) pre_stop: Option<Duration>,
    pub(super) restart_policy: Option<String>,
}

impl Pod {
    /// The pods of the template at `place`.
    pub(super) fn of(template: Template, place: &Path, issues: &mut Issues) -> Self {
        let Template { metadata, spec: pod } = template;
        if pod.containers.is_empty() {
            issues.error(code::EMPTY, place.key("spec").key("containers"), "a pod has at least one container");
        }
        let sidecars = pod.init_containers.iter().filter(|container| container.is_sidecar());
        let mut pre_stop = None;
        for (i, container) in pod.containers.iter().chain(sidecars).enumerate() {
            match container.pre_stop() {
                Some(Ok(hook)) => pre_stop = pre_stop.max(Some(hook)),
                Some(Err(())) => {
                    let message = format!("how long the `preStop` hook of container {} takes is not known: it takes no time here", i + 1);
                    let issue = issues.warning(code::NOT_SIMULATED, place.key("spec").key("containers"), message);
                    issue.with_help("say it in the scenario, as `preStop` of the service");
                }
                None => {}
            }
        }
        Self {
            pre_stop: pre_stop.map(Text),
            labels: metadata.labels,
            annotations: metadata.annotations,
            readiness: pod.containers.iter().find_map(Container::readiness),
            needs_host: pod.needs_host(),
            local_storage: pod.has_local_storage(),
            requests: requests::requests(&pod.containers, &pod.init_containers, pod.resources.as_ref(), &pod.overhead),
            limits: requests::limits(&pod.containers, &pod.init_containers, pod.resources.as_ref()),
            scored: requests::scored(&pod.containers, &pod.init_containers, pod.resources.as_ref(), &pod.overhead),
            requests_are_a_sum: pod.resources.is_none(),
            containers: requests::containers(&pod.containers, &pod.init_containers),
            priority: pod.priority_class_name.or(pod.priority),
            preemption_policy: pod.preemption_policy,
            scheduler_name: pod.scheduler_name,
            tolerations: pod.tolerations,
            node_selector: pod.node_selector,
            affinity: pod.affinity,
            topology_spread_constraints: pod.topology_spread_constraints,
            termination_grace_period: pod.termination_grace_period_seconds.map(|seconds| Text(Span::from_secs(u64::from(seconds)))),
            restart_policy: pod.restart_policy,
        }
    }
}

/// A pod template.
#[derive(Debug, Deserialize)]
pub(super) struct Template {
    #[serde(default)]
    metadata: TemplateMetadata,
    spec: PodSpec,
}

#[derive(Debug, Default, Deserialize)]
struct TemplateMetadata {
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodSpec {
    containers: Vec<Container>,
    #[serde(default)]
    init_containers: Vec<Container>,
    resources: Option<Resources>,
    #[serde(default)]
    overhead: Amounts,
    #[serde(default)]
    host_network: bool,
    #[serde(default)]
    volumes: Vec<Volume>,
    #[serde(default)]
    tolerations: Vec<Toleration>,
    #[serde(default)]
    node_selector: BTreeMap<String, String>,
    affinity: Option<Affinity>,
    #[serde(default)]
    topology_spread_constraints: Vec<TopologySpreadConstraint>,
    restart_policy: Option<String>,
    scheduler_name: Option<String>,
    priority_class_name: Option<Text<Priority>>,
    priority: Option<Text<Priority>>,
    preemption_policy: Option<PreemptionPolicy>,
    termination_grace_period_seconds: Option<u32>,
}

/// A volume, as far as it keeps a pod off virtual nodes, or on its node.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Volume {
    host_path: Option<Unmodelled>,
    empty_dir: Option<EmptyDir>,
}

/// An `emptyDir`: one in memory is no local storage.
#[derive(Debug, Default, Deserialize)]
struct EmptyDir {
    #[serde(default)]
    medium: String,
}

impl PodSpec {
    /// Whether the pod keeps data in volumes of its node.
    fn has_local_storage(&self) -> bool {
        self.volumes.iter().any(|volume| volume.host_path.is_some() || volume.empty_dir.as_ref().is_some_and(|dir| dir.medium != "Memory"))
    }

    /// What of a host the pod needs.
    fn needs_host(&self) -> Option<NeedsHost> {
        if self.host_network {
            Some(NeedsHost::HostNetwork)
        } else if self.volumes.iter().any(|volume| volume.host_path.is_some()) {
            Some(NeedsHost::HostPath)
        } else {
            self.containers.iter().chain(&self.init_containers).any(Container::is_privileged).then_some(NeedsHost::Privileged)
        }
    }
}
