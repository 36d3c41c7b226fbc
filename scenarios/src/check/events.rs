//! Namespaces, and what somebody does to the cluster.

use std::collections::BTreeMap;

use sim_core::id::{Id, Table};
use sim_core::plan::{Action, ActionKind, Job, MetadataChange, Namespace, Service};
use sim_core::units::{Span, Time};

use super::estate::Estate;
use super::limits::PODS_MAX;
use super::{Context, code, names};
use crate::issue::Path;
use crate::spec::{self, Event, Scenario};

/// What events are about.
pub(super) struct Targets<'a> {
    pub(super) estate: &'a Estate,
    pub(super) namespaces: &'a Table<Namespace>,
    pub(super) services: &'a Table<Service>,
    pub(super) jobs: &'a Table<Job>,
    /// The revision that each rollout leads to, by the place of its event.
    pub(super) rollouts: &'a BTreeMap<usize, usize>,
}

/// The namespaces that the scenario describes, then those that only its workloads name.
pub(super) fn namespaces(cx: &mut Context<'_>, scenario: &Scenario, services: &Table<Service>, jobs: &Table<Job>) -> Table<Namespace> {
    let mut namespaces = Table::new();
    for (name, written) in &scenario.namespaces.0 {
        let path = Path::root().key("namespaces").key(name);
        names::object(cx, "namespace", name, &path);
        names::labels(cx, &written.labels, &path.key("labels"));
        namespaces.push(Namespace { name: name.clone(), labels: written.labels.clone(), annotations: written.annotations.clone() });
    }
    let used = services.values().map(|service| &service.template).chain(jobs.values().map(|job| &job.template));
    for template in used {
        if namespaces.find(|known: &Namespace| known.name == template.namespace).is_none() {
            namespaces.push(Namespace { name: template.namespace.clone(), ..Namespace::default() });
        }
    }
    namespaces
}

/// The most pods that an event gives each service, without those that are reported as too many themselves.
pub(super) fn scaled(scenario: &Scenario) -> BTreeMap<&str, u32> {
    let mut most = BTreeMap::new();
    for event in &scenario.events {
        if let Event::Scale(scale) = event
            && u64::from(scale.replicas) <= PODS_MAX
        {
            let known = most.entry(scale.service.as_str()).or_insert(0);
            *known = scale.replicas.max(*known);
        }
    }
    most
}

/// The plan's actions, in order of time; those of one instant in the order written.
pub(super) fn read(cx: &mut Context<'_>, scenario: &Scenario, targets: &Targets<'_>) -> Vec<Action> {
    let paused = |(service, written): (Id<Service>, &(String, spec::Service))| {
        written.1.paused.then_some(Action { at: Time::ZERO, what: ActionKind::PauseRollout { service, paused: true } })
    };
    let mut actions: Vec<Action> = targets.services.ids().zip(&scenario.services.0).filter_map(paused).collect();
    for (i, event) in scenario.events.iter().enumerate() {
        let path = Path::root().key("events").index(i);
        let (at, what) = match event {
            Event::Scale(scale) => (scale.at.0, self::scale(cx, scale, targets, &path.key("scale"))),
            Event::DeletePod(delete) => (delete.at.0, delete_pod(cx, delete, targets, &path.key("deletePod"))),
            Event::Rollout(rollout) => (rollout.at.0, roll_out(cx, i, &rollout.service, targets, &path.key("rollout"))),
            Event::UndoRollout(undo) => (undo.at.0, roll_out(cx, i, &undo.service, targets, &path.key("undoRollout"))),
            Event::PauseRollout(of) => (of.at.0, pause_rollout(cx, of, true, targets, &path.key("pauseRollout"))),
            Event::ResumeRollout(of) => (of.at.0, pause_rollout(cx, of, false, targets, &path.key("resumeRollout"))),
            Event::SuspendJob(of) => (of.at.0, suspend_job(cx, of, true, targets, &path.key("suspendJob"))),
            Event::ResumeJob(of) => (of.at.0, suspend_job(cx, of, false, targets, &path.key("resumeJob"))),
            Event::Cordon(of) => (of.at.0, cordon(cx, of, true, targets, &path.key("cordon"))),
            Event::Uncordon(of) => (of.at.0, cordon(cx, of, false, targets, &path.key("uncordon"))),
            Event::Drain(of) => (of.at.0, drain(cx, &of.node, targets, &path.key("drain"))),
            Event::Maintenance(of) => {
                let what = drain(cx, &of.node, targets, &path.key("maintenance"));
                if let Some(ActionKind::Drain { node }) = what {
                    let at = Time::ZERO.saturating_add(of.at.0).saturating_add(of.r#for.0);
                    actions.push(Action { at, what: ActionKind::Cordon { node, unschedulable: false } });
                }
                (of.at.0, what)
            }
            // Read before, because it makes classes of pods.
            Event::Apply(apply) => (apply.at.0, None),
            Event::Label(label) => (label.at.0, self::label(cx, label, targets, &path.key("label"))),
            Event::Annotate(annotate) => (annotate.at.0, self::annotate(cx, annotate, targets, &path.key("annotate"))),
        };
        instant(cx, at, &path.key(verb(event)).key("at"));
        actions.extend(what.map(|what| Action { at: Time::ZERO + at, what }));
    }
    actions.sort_by_key(|action| action.at);
    actions
}

const fn verb(event: &Event) -> &'static str {
    match event {
        Event::Scale(_) => "scale",
        Event::DeletePod(_) => "deletePod",
        Event::Rollout(_) => "rollout",
        Event::UndoRollout(_) => "undoRollout",
        Event::PauseRollout(_) => "pauseRollout",
        Event::ResumeRollout(_) => "resumeRollout",
        Event::SuspendJob(_) => "suspendJob",
        Event::ResumeJob(_) => "resumeJob",
        Event::Cordon(_) => "cordon",
        Event::Uncordon(_) => "uncordon",
        Event::Drain(_) => "drain",
        Event::Maintenance(_) => "maintenance",
        Event::Apply(_) => "apply",
        Event::Label(_) => "label",
        Event::Annotate(_) => "annotate",
    }
}

fn instant(cx: &mut Context<'_>, at: Span, path: &Path) {
    if at >= cx.duration {
        cx.issues.warning(code::NO_EFFECT, path, "this comes after the end of the run");
    }
}

fn scale(cx: &mut Context<'_>, written: &spec::Scale, targets: &Targets<'_>, path: &Path) -> Option<ActionKind> {
    let service = service(cx, &written.service, targets, &path.key("service"))?;
    if u64::from(written.replicas) > PODS_MAX {
        cx.issues.error(code::TOO_LARGE, path.key("replicas"), format!("at most {PODS_MAX} pods at a time are possible"));
    }
    if targets.services[service].hpa.is_some() {
        cx.issues.warning(code::NO_EFFECT, path.key("replicas"), "the HPA sets the number of pods again at its next evaluation");
    }
    Some(ActionKind::Scale { service, replicas: written.replicas })
}

fn delete_pod(cx: &mut Context<'_>, written: &spec::DeletePod, targets: &Targets<'_>, path: &Path) -> Option<ActionKind> {
    if written.count == 0 {
        cx.issues.error(code::TOO_SMALL, path.key("count"), "at least one pod is deleted");
    }
    let service = service(cx, &written.service, targets, &path.key("service"));
    let tier = match &written.tier {
        None => None,
        Some(name) => {
            let tiers = &targets.estate.tiers;
            let found = tiers.find(|tier| tier.name == *name);
            if found.is_none() {
                names::unknown(cx, "tier", name, tiers.values().map(|tier| tier.name.as_str()), &path.key("tier"));
                return None;
            }
            found
        }
    };
    let node = match &written.node {
        None => None,
        Some(name) => Some(node(cx, name, targets, &path.key("node"))?),
    };
    Some(ActionKind::DeletePods { service: service?, tier, node, count: written.count })
}

fn roll_out(cx: &mut Context<'_>, event: usize, name: &str, targets: &Targets<'_>, path: &Path) -> Option<ActionKind> {
    let service = service(cx, name, targets, &path.key("service"))?;
    Some(ActionKind::RollOut { service, revision: *targets.rollouts.get(&event)? })
}

fn pause_rollout(cx: &mut Context<'_>, written: &spec::OfService, paused: bool, targets: &Targets<'_>, path: &Path) -> Option<ActionKind> {
    let service = service(cx, &written.service, targets, &path.key("service"))?;
    Some(ActionKind::PauseRollout { service, paused })
}

fn suspend_job(cx: &mut Context<'_>, written: &spec::OfJob, suspended: bool, targets: &Targets<'_>, path: &Path) -> Option<ActionKind> {
    let Some(job) = targets.jobs.find(|job| job.name == written.job) else {
        names::unknown(cx, "job", &written.job, targets.jobs.values().map(|job| job.name.as_str()), &path.key("job"));
        return None;
    };
    Some(ActionKind::SuspendJob { job, suspended })
}

fn cordon(cx: &mut Context<'_>, written: &spec::OfNode, unschedulable: bool, targets: &Targets<'_>, path: &Path) -> Option<ActionKind> {
    Some(ActionKind::Cordon { node: node(cx, &written.node, targets, &path.key("node"))?, unschedulable })
}

fn drain(cx: &mut Context<'_>, name: &str, targets: &Targets<'_>, path: &Path) -> Option<ActionKind> {
    Some(ActionKind::Drain { node: node(cx, name, targets, &path.key("node"))? })
}

fn label(cx: &mut Context<'_>, written: &spec::Label, targets: &Targets<'_>, path: &Path) -> Option<ActionKind> {
    names::labels(cx, &written.labels, &path.key("labels"));
    let change = change(cx, &written.labels, &written.remove, "labels", path);
    match (&written.node, &written.namespace) {
        (Some(name), None) => Some(ActionKind::LabelNode { node: node(cx, name, targets, &path.key("node"))?, change }),
        (None, Some(name)) => Some(ActionKind::LabelNamespace { namespace: namespace(cx, name, targets, &path.key("namespace"))?, change }),
        (Some(_), Some(_)) | (None, None) => {
            cx.issues.error(code::CONFLICT, path, "a label event has exactly one of `node` and `namespace`").on_key();
            None
        }
    }
}

fn annotate(cx: &mut Context<'_>, written: &spec::Annotate, targets: &Targets<'_>, path: &Path) -> Option<ActionKind> {
    let change = change(cx, &written.annotations, &written.remove, "annotations", path);
    let namespace = namespace(cx, &written.namespace, targets, &path.key("namespace"))?;
    Some(ActionKind::AnnotateNamespace { namespace, change })
}

fn change(cx: &mut Context<'_>, set: &BTreeMap<String, String>, removed: &[String], what: &str, path: &Path) -> MetadataChange {
    if set.is_empty() && removed.is_empty() {
        cx.issues.error(code::MISSING, path, format!("this event changes nothing: it needs `{what}` or `remove`")).on_key();
    }
    if let Some(place) = removed.iter().position(|key| set.contains_key(key)) {
        cx.issues.error(code::CONFLICT, path.key("remove").index(place), "this key is both set and removed");
    }
    MetadataChange { set: set.clone(), removed: removed.to_vec() }
}

fn service(cx: &mut Context<'_>, name: &str, targets: &Targets<'_>, path: &Path) -> Option<Id<Service>> {
    let found = targets.services.find(|service| service.name == name);
    if found.is_none() {
        names::unknown(cx, "service", name, targets.services.values().map(|service| service.name.as_str()), path);
    }
    found
}

fn node(cx: &mut Context<'_>, name: &str, targets: &Targets<'_>, path: &Path) -> Option<Id<sim_core::plan::Node>> {
    let nodes = &targets.estate.nodes;
    let found = nodes.find(|node| node.name == name);
    if found.is_none() {
        names::unknown(cx, "node", name, nodes.values().take(20).map(|node| node.name.as_str()), path);
    }
    found
}

fn namespace(cx: &mut Context<'_>, name: &str, targets: &Targets<'_>, path: &Path) -> Option<Id<Namespace>> {
    let found = targets.namespaces.find(|namespace| namespace.name == name);
    if found.is_none() {
        names::unknown(cx, "namespace", name, targets.namespaces.values().map(|namespace| namespace.name.as_str()), path);
    }
    found
}
