//! ElasticWorkloads (`autoscaling.alibabacloud.com/v1beta1`).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Known;
use super::object::Object;
use super::origins::{Origins, path};
use crate::check::code;
use crate::decode;
use crate::issue::{Issues, Path};
use crate::locate;
use crate::spec::{ElasticPart, ElasticWorkload, Placement, Scenario, Toleration};
use crate::tree::Node;
use crate::wording::quote;

/// An ElasticWorkload and the Deployment it extends.
pub(super) struct Elastic {
    document: usize,
    name: String,
    namespace: String,
    target: String,
    replicas: Option<u32>,
    workload: ElasticWorkload,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    spec: ElasticSpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ElasticSpec {
    source_target: Source,
    replicas: Option<u32>,
    #[serde(default)]
    elastic_unit: Vec<Unit>,
}

#[derive(Debug, Deserialize)]
struct Source {
    name: String,
    min: Option<u32>,
    max: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Unit {
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    node_selector: BTreeMap<String, String>,
    #[serde(default)]
    tolerations: Vec<Toleration>,
    min: Option<u32>,
    max: Option<u32>,
}

/// Reads an ElasticWorkload.
pub(super) fn read(document: usize, object: &Object, root: &Node, issues: &mut Issues) -> Option<Elastic> {
    let ElasticSpec { source_target, replicas, elastic_unit } = decode::decode_known::<Manifest>(root, issues)?.spec;
    let source = ElasticPart { min_replicas: source_target.min, max_replicas: source_target.max, ..ElasticPart::default() };
    let unit = |unit: Unit| ElasticPart {
        tier: None,
        node_selector: unit.node_selector,
        tolerations: unit.tolerations,
        min_replicas: unit.min,
        max_replicas: unit.max,
        labels: unit.labels,
        annotations: unit.annotations,
    };
    let workload = ElasticWorkload { source, elastic_units: elastic_unit.into_iter().map(unit).collect() };
    let (name, namespace) = (object.metadata.name.clone(), object.namespace().to_owned());
    Some(Elastic { document, name, namespace, target: source_target.name, replicas, workload })
}

/// Gives it to its Deployment, unless the scenario has a placement for that.
pub(super) fn attach(scenario: &mut Scenario, elastic: Elastic, origins: &mut Origins, known: &mut Known, issues: &mut Issues) {
    let Elastic { document, name, namespace, target, replicas, workload } = elastic;
    let found = scenario.services.0.iter_mut().find(|(service, own)| *service == target && own.namespace.as_deref().unwrap_or("default") == namespace);
    let Some((service, own)) = found else {
        let span = locate::span(origins.document(document), &path("spec.sourceTarget"), false);
        let message = format!("there is no Deployment {} in the namespace {}, so {} extends nothing", quote(&target), quote(&namespace), quote(&name));
        issues.warning(code::UNUSED_POLICY, path("spec.sourceTarget"), message).at(span);
        return;
    };
    known.elastic.insert(name.clone(), service.clone());
    if !known.sized.contains(service.as_str()) {
        own.replicas = replicas.or(own.replicas);
    }
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
    own.placement = Some(Placement::ElasticWorkload(Box::new(workload)));
    let place = Path::root().key("services").key(service.as_str()).key("placement").key("elasticWorkload");
    origins.add(place.key("source"), document, path("spec.sourceTarget"));
    origins.add(place.key("elasticUnits"), document, path("spec.elasticUnit"));
    origins.add(place, document, path("spec"));
}
