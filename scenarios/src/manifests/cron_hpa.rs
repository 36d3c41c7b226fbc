//! CronHorizontalPodAutoscalers (`autoscaling.alibabacloud.com/v1beta1`).

use serde::Deserialize;

use super::object::Object;
use super::origins::{Origins, path};
use super::target::Target;
use crate::calendar::CronHpaSchedule;
use crate::check::code;
use crate::decode;
use crate::issue::{Issues, Path};
use crate::locate;
use crate::spec::{self, CronHpaJob, CronTarget, Scenario};
use crate::text::Text;
use crate::tree::Node;
use crate::wording::quote;

/// A CronHPA and what it works on.
pub(super) struct CronHpa {
    document: usize,
    name: String,
    namespace: String,
    target: Target,
    spec: spec::CronHpa,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    spec: CronSpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CronSpec {
    scale_target_ref: Target,
    #[serde(default)]
    exclude_dates: Vec<Text<CronHpaSchedule>>,
    jobs: Vec<CronHpaJob>,
}

/// Reads a CronHPA.
pub(super) fn read(document: usize, object: &Object, root: &Node, issues: &mut Issues) -> Option<CronHpa> {
    let manifest: Manifest = decode::decode_known(root, issues)?;
    let CronSpec { scale_target_ref, exclude_dates, jobs } = manifest.spec;
    let target = (scale_target_ref.kind == "HorizontalPodAutoscaler").then_some(CronTarget::Hpa);
    let spec = spec::CronHpa { target: Some(target.unwrap_or(CronTarget::Deployment)), exclude_dates, time_zone: None, jobs };
    Some(CronHpa { document, name: object.metadata.name.clone(), namespace: object.namespace().to_owned(), target: scale_target_ref, spec })
}

/// Gives a CronHPA to the Deployment that it scales, itself or through its HPA; `hpas` says which HPA is for which Deployment.
pub(super) fn attach(scenario: &mut Scenario, cron: CronHpa, hpas: &[(String, String)], origins: &mut Origins, issues: &mut Issues) {
    let CronHpa { document, name, namespace, target, spec } = cron;
    let deployment = match target.kind.as_str() {
        "HorizontalPodAutoscaler" => hpas.iter().find(|(hpa, _)| *hpa == target.name).map(|(_, deployment)| deployment.clone()),
        _ => Some(target.name.clone()),
    };
    let matches = |service: &spec::Service| service.namespace.as_deref().unwrap_or("default") == namespace;
    let service = deployment.and_then(|deployment| scenario.services.0.iter_mut().find(|(other, service)| *other == deployment && matches(service)));
    let Some((service, own)) = service else {
        let place = path("spec.scaleTargetRef.name");
        let message = format!("there is no {} {} in the namespace {}, so this CronHPA scales nothing", target.kind, quote(&target.name), quote(&namespace));
        issues.warning(code::UNUSED_POLICY, place.clone(), message).at(locate::span(origins.document(document), &place, false));
        return;
    };
    if own.cron_hpa.is_some() {
        let place = path("metadata.name");
        let message = format!("{} has another CronHPA, so {} scales nothing", quote(service), quote(&name));
        issues.warning(code::UNUSED_POLICY, place.clone(), message).at(locate::span(origins.document(document), &place, false));
        return;
    }
    own.cron_hpa = Some(spec);
    let place = Path::root().key("services").key(service.as_str()).key("cronHpa");
    origins.add(place, document, path("spec"));
}
