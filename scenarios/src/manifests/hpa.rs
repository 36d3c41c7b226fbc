//! HorizontalPodAutoscalers.

use serde::Deserialize;

use super::Known;
use super::object::Object;
use super::origins::{Origins, path};
use super::target::Target;
use crate::check::code;
use crate::decode;
use crate::issue::{Issues, Path};
use crate::locate;
use crate::spec::{self, Autoscaler, Behavior, Metric, Scenario};
use crate::suggest;
use crate::text::{Percent, Text};
use crate::tree::Node;
use crate::wording::quote;

/// An HPA and the Deployment it is for.
pub(super) struct Hpa {
    document: usize,
    name: String,
    namespace: String,
    target: Target,
    spec: spec::Hpa,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    spec: HpaSpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HpaSpec {
    scale_target_ref: Target,
    min_replicas: Option<u32>,
    max_replicas: u32,
    #[serde(rename = "targetCPUUtilizationPercentage")]
    target_cpu: Option<Text<Percent>>,
    #[serde(default)]
    metrics: Vec<Metric>,
    behavior: Option<Behavior>,
}

impl Hpa {
    /// Its name and that of its target.
    pub(super) fn names(&self, known: &Known) -> (String, String) {
        (self.name.clone(), known.behind(&self.target.kind, &self.target.name).to_owned())
    }
}

/// Reads an HPA of one of the versions that mean the same.
pub(super) fn read(document: usize, object: &Object, root: &Node, issues: &mut Issues) -> Option<Hpa> {
    if !matches!(object.version(), "v1" | "v2" | "v2beta2") {
        let message = format!("the version {} of HorizontalPodAutoscaler cannot be read", quote(object.version()));
        issues.error(code::UNSUPPORTED, path("apiVersion"), message).with_help("write it as `autoscaling/v2`");
        return None;
    }
    let manifest: Manifest = decode::decode_known(root, issues)?;
    let HpaSpec { scale_target_ref, min_replicas, max_replicas, target_cpu, metrics, behavior } = manifest.spec;
    let hpa = spec::Hpa { min: min_replicas, max: max_replicas, cpu: target_cpu, memory: None, metrics, behavior };
    Some(Hpa { document, name: object.metadata.name.clone(), namespace: object.namespace().to_owned(), target: scale_target_ref, spec: hpa })
}

/// Gives an HPA to its Deployment, unless the scenario has an autoscaler for it.
pub(super) fn attach(scenario: &mut Scenario, hpa: Hpa, origins: &mut Origins, known: &Known, issues: &mut Issues) {
    let Hpa { document, name, namespace, target, spec: hpa } = hpa;
    let warn = |issues: &mut Issues, keys: &str, message: String, help: Option<String>| {
        let span = locate::span(origins.document(document), &path(keys), false);
        issues.warning(code::UNUSED_POLICY, path(keys), message).at(span).help = help;
    };
    let scaled = known.behind(&target.kind, &target.name);
    if !matches!(target.kind.as_str(), "Deployment" | "UnitedDeployment" | "ElasticWorkload" | "CloneSet") {
        return warn(issues, "spec.scaleTargetRef.kind", format!("only Deployments are scaled, not objects of kind {}", quote(&target.kind)), None);
    }
    let matches = |service: &spec::Service| service.namespace.as_deref().unwrap_or("default") == namespace;
    let Some(position) = scenario.services.0.iter().position(|(other, service)| other == scaled && matches(service)) else {
        let message = format!("there is no {} {} in the namespace {}, so this HPA scales nothing", target.kind, quote(&target.name), quote(&namespace));
        let help = suggest::nearest(&target.name, scenario.services.names()).map(|near| format!("did you mean {}?", quote(near)));
        return warn(issues, "spec.scaleTargetRef.name", message, help);
    };
    let (service, own) = &mut scenario.services.0[position];
    let place = Path::root().key("services").key(service.as_str()).key("autoscaler");
    if known.scaled.contains(service.as_str()) {
        return;
    }
    if own.autoscaler.is_some() {
        let message = format!("{} has another autoscaler, so the HPA {} scales nothing", quote(service), quote(&name));
        return warn(issues, "spec.scaleTargetRef.name", message, None);
    }
    own.autoscaler = Some(Autoscaler::Hpa(Box::new(hpa)));
    let place = place.key("hpa");
    for (field, manifest) in
        [("min", "minReplicas"), ("max", "maxReplicas"), ("cpu", "targetCPUUtilizationPercentage"), ("metrics", "metrics"), ("behavior", "behavior")]
    {
        origins.add(place.key(field), document, path("spec").key(manifest));
    }
    origins.add(place, document, path("spec"));
}
