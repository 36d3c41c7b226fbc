//! WorkloadSpreads of OpenKruise (`apps.kruise.io/v1alpha1`).

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::plan::{WANTS_INSTANCE, wants_instance};
use sim_core::units::{IntOrPercent, Span};

use super::Known;
use super::object::Object;
use super::origins::{Origins, path};
use super::target::Target;
use crate::check::code;
use crate::decode;
use crate::issue::{Issues, Path};
use crate::locate;
use crate::spec::{self, AdaptiveTimes, NodeSelectorTerm, Placement, PreferredTerm, Scenario, Toleration, Unmodelled, WorkloadSpread};
use crate::text::Text;
use crate::tree::Node;
use crate::wording::quote;

/// A WorkloadSpread and the Deployment it is for.
#[expect(clippy::struct_field_names, reason = "what a document holds, and what it is called there")]
pub(super) struct Spread {
    document: usize,
    name: String,
    namespace: String,
    target: Target,
    spread: WorkloadSpread,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    spec: SpreadSpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SpreadSpec {
    target_ref: Target,
    subsets: Vec<SubsetSpec>,
    #[serde(default)]
    schedule_strategy: Strategy,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SubsetSpec {
    name: String,
    max_replicas: Option<Text<IntOrPercent>>,
    required_node_selector_term: Option<NodeSelectorTerm>,
    #[serde(default)]
    preferred_node_selector_terms: Vec<PreferredTerm>,
    #[serde(default)]
    tolerations: Vec<Toleration>,
    patch: Option<Patch>,
}

/// What the pods of a subset have besides the template.
#[derive(Debug, Deserialize)]
pub(super) struct Patch {
    #[serde(default)]
    metadata: PatchMetadata,
    spec: Option<Unmodelled>,
}

#[derive(Debug, Default, Deserialize)]
struct PatchMetadata {
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

impl Patch {
    /// The labels that it gives; the annotation that sends pods to virtual nodes has the effect of the label.
    pub(super) fn labels(self, place: &Path, issues: &mut Issues) -> BTreeMap<String, String> {
        let PatchMetadata { mut labels, mut annotations } = self.metadata;
        let (key, value) = WANTS_INSTANCE;
        if wants_instance(&annotations) {
            annotations.remove(key);
            labels.insert(key.to_owned(), value.to_owned());
        }
        if !annotations.is_empty() {
            issues.warning(code::NOT_SIMULATED, place.key("metadata").key("annotations"), "annotations of a `patch` are not simulated").on_key();
        }
        if self.spec.is_some() {
            issues.warning(code::NOT_SIMULATED, place.key("spec"), "a `patch` of the pod's `spec` is not simulated").on_key();
        }
        labels
    }
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
    disable_simulation_schedule: Option<bool>,
}

/// Reads a WorkloadSpread.
pub(super) fn read(document: usize, object: &Object, root: &Node, issues: &mut Issues) -> Option<Spread> {
    let manifest: Manifest = decode::decode_known(root, issues)?;
    let SpreadSpec { target_ref, subsets, schedule_strategy } = manifest.spec;
    let is_adaptive = match schedule_strategy.r#type.as_str() {
        "" | "Fixed" => false,
        "Adaptive" => true,
        other => {
            let message = format!("there is no strategy {}", quote(other));
            issues.error(code::UNSUPPORTED, path("spec.scheduleStrategy.type"), message).with_help("there are `Fixed` and `Adaptive`");
            false
        }
    };
    let times = AdaptiveTimes {
        reschedule_critical: schedule_strategy.adaptive.reschedule_critical_seconds.map(|seconds| Text(Span::from_secs(u64::from(seconds)))),
        unschedulable: None,
        disable_simulation_schedule: schedule_strategy.adaptive.disable_simulation_schedule,
    };
    let subset = |(i, subset): (usize, SubsetSpec)| spec::Subset {
        labels: subset.patch.map(|patch| patch.labels(&path("spec.subsets").index(i).key("patch"), issues)).unwrap_or_default(),
        name: subset.name,
        max_replicas: subset.max_replicas,
        required: subset.required_node_selector_term.into_iter().collect(),
        preferred: subset.preferred_node_selector_terms,
        tolerations: subset.tolerations,
        ..spec::Subset::default()
    };
    let spread =
        WorkloadSpread { subsets: subsets.into_iter().enumerate().map(subset).collect(), adaptive: is_adaptive.then_some(times), deletion_costs: None };
    Some(Spread { document, name: object.metadata.name.clone(), namespace: object.namespace().to_owned(), target: target_ref, spread })
}

/// Gives a spread to its Deployment, unless the scenario has a placement for it.
pub(super) fn attach(scenario: &mut Scenario, spread: Spread, origins: &mut Origins, known: &Known, issues: &mut Issues) {
    let Spread { document, name, namespace, target, spread } = spread;
    let found = scenario.services.0.iter_mut().find(|(service, own)| {
        *service == target.name && own.namespace.as_deref().unwrap_or("default") == namespace && matches!(target.kind.as_str(), "Deployment" | "CloneSet")
    });
    let Some((service, own)) = found else {
        let span = locate::span(origins.document(document), &path("spec.targetRef"), false);
        let message =
            format!("there is no {} {} in the namespace {}, so {} spreads nothing", target.kind, quote(&target.name), quote(&namespace), quote(&name));
        issues.warning(code::UNUSED_POLICY, path("spec.targetRef"), message).at(span);
        return;
    };
    if known.placed.contains(service.as_str()) {
        return;
    }
    if own.placement.is_some() {
        let span = locate::span(origins.document(document), &path("metadata.name"), false);
        let message = format!("{} has another placement, so {} does not count for it", quote(service), quote(&name));
        issues.warning(code::UNUSED_POLICY, path("metadata.name"), message).at(span);
        return;
    }
    own.policy = Some(name);
    own.placement = Some(Placement::WorkloadSpread(Box::new(spread)));
    let place = Path::root().key("services").key(service.as_str()).key("placement").key("workloadSpread");
    origins.add(place, document, path("spec"));
}
