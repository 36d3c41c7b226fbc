//! How autoscalers find the service that they are for.

use super::Known;
use super::origins::{Origins, path};
use crate::check::code;
use crate::issue::{Issues, Path};
use crate::locate;
use crate::spec::{self, Autoscaler, Scenario};
use crate::wording::quote;

/// An autoscaler in a manifest.
pub(super) struct Scaler<'a> {
    /// What it is, in messages.
    pub(super) what: &'a str,
    /// The manifest that it stands in.
    pub(super) document: usize,
    pub(super) name: &'a str,
    pub(super) namespace: &'a str,
    /// Kind and name of what it scales.
    pub(super) target: (&'a str, &'a str),
}

/// Gives an autoscaler to its Deployment, unless the scenario has one for it. In the scenario it is called `key`; `fields` are what parts of it are called there
/// and in the manifest.
pub(super) fn attach(
    scenario: &mut Scenario,
    scaler: &Scaler<'_>,
    (key, autoscaler): (&str, Autoscaler),
    fields: &[(&str, &str)],
    origins: &mut Origins,
    known: &Known,
    issues: &mut Issues,
) {
    let Scaler { what, document, name, namespace, target: (kind, target) } = *scaler;
    let mut warn = |keys: &str, message: String| {
        let span = locate::span(origins.document(document), &path(keys), false);
        issues.warning(code::UNUSED_POLICY, path(keys), message).at(span);
    };
    let matches = |service: &spec::Service| service.namespace.as_deref().unwrap_or("default") == namespace;
    let found = scenario.services.0.iter_mut().find(|(other, service)| kind == "Deployment" && other == target && matches(service));
    let Some((service, own)) = found else {
        let message = format!("there is no {kind} {} in the namespace {}, so this {what} scales nothing", quote(target), quote(namespace));
        return warn("spec.scaleTargetRef.name", message);
    };
    if known.scaled.contains(service.as_str()) {
        return;
    }
    if own.autoscaler.is_some() {
        return warn("metadata.name", format!("{} has another autoscaler, so the {what} {} scales nothing", quote(service), quote(name)));
    }
    own.autoscaler = Some(autoscaler);
    let place = Path::root().key("services").key(service.as_str()).key("autoscaler").key(key);
    for (field, manifest) in fields.iter().copied() {
        origins.add(place.key(field), document, path("spec").key(manifest));
    }
    origins.add(place, document, path("spec"));
}
