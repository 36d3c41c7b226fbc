//! `PodGroups` of the coscheduling plugin (`scheduling.x-k8s.io/v1alpha1`), and the labels by which pods belong to one.

use std::collections::BTreeSet;

use serde::Deserialize;
use sim_core::units::Span;

use super::object::Object;
use super::origins::{Origins, path};
use crate::check::code;
use crate::decode;
use crate::issue::{Issues, Path};
use crate::locate;
use crate::spec::{Gang, Scenario, Unmodelled};
use crate::text::Text;
use crate::tree::Node;
use crate::wording::quote;

/// Labels that name a group, today's first. The last one is ACK's, where the next label says how many pods it needs.
const GROUP: [&str; 3] = ["scheduling.x-k8s.io/pod-group", "pod-group.scheduling.sigs.k8s.io", "pod-group.scheduling.sigs.k8s.io/name"];
const MIN_AVAILABLE: &str = "pod-group.scheduling.sigs.k8s.io/min-available";

/// A `PodGroup`.
pub(super) struct PodGroup {
    document: usize,
    name: String,
    namespace: String,
    gang: Gang,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    spec: GroupSpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupSpec {
    min_member: u32,
    schedule_timeout_seconds: Option<u32>,
    min_resources: Option<Unmodelled>,
}

/// Reads a `PodGroup`.
pub(super) fn read(document: usize, object: &Object, root: &Node, issues: &mut Issues) -> Option<PodGroup> {
    let GroupSpec { min_member, schedule_timeout_seconds, min_resources } = decode::decode_known::<Manifest>(root, issues)?.spec;
    if min_resources.is_some() {
        let message = "`minResources` is not simulated: pods are tried although the cluster may have less than that";
        issues.warning(code::NOT_SIMULATED, path("spec.minResources"), message).on_key();
    }
    let timeout = schedule_timeout_seconds.map(|seconds| Text(Span::from_secs(u64::from(seconds))));
    let gang = Gang { min_member: Some(min_member), timeout, backoff: None };
    Some(PodGroup { document, name: object.metadata.name.clone(), namespace: object.namespace().to_owned(), gang })
}

/// Gives jobs whose pods carry the label of a group its gang, unless the scenario says something itself.
pub(super) fn attach(scenario: &mut Scenario, groups: &[PodGroup], origins: &mut Origins, issues: &mut Issues) {
    let mut used = BTreeSet::new();
    let mut own = Issues::default();
    for (name, job) in &mut scenario.jobs.0 {
        let Some(group) = GROUP.iter().find_map(|label| job.labels.get(*label)) else { continue };
        let namespace = job.namespace.as_deref().unwrap_or("default");
        let place = Path::root().key("jobs").key(name.as_str()).key("gang");
        let found = groups.iter().position(|known| known.name == *group && known.namespace == namespace);
        used.extend(found);
        if job.gang.is_some() {
            continue;
        }
        if let Some(found) = found {
            job.gang = Some(groups[found].gang);
            for (field, manifest) in [("minMember", "spec.minMember"), ("timeout", "spec.scheduleTimeoutSeconds"), ("", "metadata.name")] {
                let place = if field.is_empty() { place.clone() } else { place.key(field) };
                origins.add(place, groups[found].document, path(manifest));
            }
        } else if let Some(pods) = job.labels.get(MIN_AVAILABLE) {
            match pods.parse() {
                Ok(pods) => job.gang = Some(Gang { min_member: Some(pods), ..Gang::default() }),
                Err(_) => {
                    own.error(code::REFUSED, place, format!("{} is no number of pods", quote(pods)));
                }
            }
        } else {
            own.warning(code::UNUSED_POLICY, place, format!("there is no PodGroup {}, so these pods are placed one by one", quote(group)));
        }
    }
    issues.append(origins.relocate(&own));
    for (_, group) in groups.iter().enumerate().filter(|(i, _)| !used.contains(i)) {
        let span = locate::span(origins.document(group.document), &path("metadata.name"), false);
        let message = format!("no job has pods of the PodGroup {}: only those of jobs are placed together", quote(&group.name));
        issues.warning(code::UNUSED_POLICY, path("metadata.name"), message).at(span);
    }
}
