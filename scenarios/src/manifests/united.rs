//! UnitedDeployments of OpenKruise (`apps.kruise.io/v1alpha1`).

use serde::Deserialize;
use sim_core::units::{IntOrPercent, Span};

use super::deployment::{self, Deployment};
use super::object::{Metadata, Object};
use super::origins::path;
use super::spread::Patch;
use crate::check::code;
use crate::decode;
use crate::issue::Issues;
use crate::locate;
use crate::spec::{self, AdaptiveTimes, NodeSelectorTerm, Placement, Toleration, UnitedDeployment};
use crate::text::Text;
use crate::tree::Node;
use crate::wording::quote;

/// The templates that it can have. Pods of all of them are simulated alike.
const TEMPLATES: [&str; 4] = ["deploymentTemplate", "cloneSetTemplate", "statefulSetTemplate", "advancedStatefulSetTemplate"];

/// A UnitedDeployment, which becomes a service with subsets.
pub(super) struct United {
    /// What looks like a Deployment in it.
    pub(super) template: Node,
    metadata: Metadata,
    replicas: Option<u32>,
    placement: UnitedDeployment,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    spec: UnitedSpec,
}

#[derive(Debug, Deserialize)]
struct UnitedSpec {
    replicas: Option<u32>,
    topology: Topology,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Topology {
    subsets: Vec<SubsetSpec>,
    #[serde(default)]
    schedule_strategy: Strategy,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SubsetSpec {
    name: String,
    node_selector_term: Option<NodeSelectorTerm>,
    #[serde(default)]
    tolerations: Vec<Toleration>,
    replicas: Option<Text<IntOrPercent>>,
    min_replicas: Option<Text<IntOrPercent>>,
    max_replicas: Option<Text<IntOrPercent>>,
    patch: Option<Patch>,
}

#[derive(Debug, Default, Deserialize)]
struct Strategy {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    adaptive: AdaptiveSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AdaptiveSpec {
    reschedule_critical_seconds: Option<u32>,
    #[serde(alias = "unschedulableLastSeconds")]
    unschedulable_duration: Option<u32>,
    #[serde(default)]
    reserve_unschedulable_pods: bool,
}

/// Reads a UnitedDeployment.
pub(super) fn read(object: &Object, root: &Node, issues: &mut Issues) -> Option<United> {
    let UnitedSpec { replicas, topology } = decode::decode_known::<Manifest>(root, issues)?.spec;
    let Some(template) = TEMPLATES.iter().find_map(|kind| locate::value(root, &path("spec.template").key(*kind))) else {
        issues.error(code::EMPTY, path("spec.template"), format!("a template is one of {}", TEMPLATES.map(quote).join(", ")));
        return None;
    };
    let strategy = topology.schedule_strategy;
    let is_adaptive = match strategy.r#type.as_str() {
        "" | "Fixed" => false,
        "Adaptive" => true,
        other => {
            let message = format!("there is no strategy {}", quote(other));
            issues.error(code::UNSUPPORTED, path("spec.topology.scheduleStrategy.type"), message).with_help("there are `Fixed` and `Adaptive`");
            false
        }
    };
    if strategy.adaptive.reserve_unschedulable_pods {
        let place = path("spec.topology.scheduleStrategy.adaptive.reserveUnschedulablePods");
        issues.warning(code::NOT_SIMULATED, place, "pods without a node are not kept: others replace them").on_key();
    }
    let seconds = |seconds: Option<u32>| seconds.map(|seconds| Text(Span::from_secs(u64::from(seconds))));
    let times = AdaptiveTimes {
        reschedule_critical: seconds(strategy.adaptive.reschedule_critical_seconds),
        unschedulable: seconds(strategy.adaptive.unschedulable_duration),
        disable_simulation_schedule: None,
    };
    let subset = |(i, subset): (usize, SubsetSpec)| spec::Subset {
        labels: subset.patch.map(|patch| patch.labels(&path("spec.topology.subsets").index(i).key("patch"), issues)).unwrap_or_default(),
        name: subset.name,
        replicas: subset.replicas,
        min_replicas: subset.min_replicas,
        max_replicas: subset.max_replicas,
        required: subset.node_selector_term.into_iter().collect(),
        tolerations: subset.tolerations,
        ..spec::Subset::default()
    };
    let placement = UnitedDeployment { subsets: topology.subsets.into_iter().enumerate().map(subset).collect(), adaptive: is_adaptive.then_some(times) };
    let metadata = Metadata { name: object.metadata.name.clone(), namespace: object.metadata.namespace.clone() };
    Some(United { template: template.clone(), metadata, replicas, placement })
}

impl United {
    /// The service that it stands for; `document` is its template.
    pub(super) fn deployment(self, document: usize, template: &Node, issues: &mut Issues) -> Option<Deployment> {
        let policy = self.metadata.name.clone();
        let object = Object { api_version: "apps/v1".to_owned(), kind: "Deployment".to_owned(), metadata: self.metadata };
        let deployment = deployment::read(document, &object, template, issues)?;
        Some(deployment.governed(self.replicas, policy, Placement::UnitedDeployment(Box::new(self.placement))))
    }
}
