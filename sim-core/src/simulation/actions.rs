//! What somebody does to the cluster by hand.

use super::Simulation;
use crate::cluster::{Cause, Pod};
use crate::engine::Event;
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{ActionKind, MetadataChange, Node, Service, Tier};

impl Simulation<'_> {
    /// Schedules everything that is done by hand, but for scale steps of services.
    pub(super) fn start_actions(&mut self) {
        for (place, action) in self.plan.actions.iter().enumerate() {
            self.push_in_run(action.at, Event::Act(place as u32));
        }
    }

    pub(super) fn act(&mut self, place: u32) {
        let plan = self.plan;
        match &plan.actions[place as usize].what {
            ActionKind::Scale { service, replicas } => self.scale(*service, *replicas, "scale", "kubectl scale".to_owned()),
            ActionKind::DeletePods { service, tier, node, count } => self.delete_pods(*service, *tier, *node, *count),
            ActionKind::RollOut { service, revision } => self.roll_out(*service, *revision),
            ActionKind::PauseRollout { service, paused } => self.pause_rollouts(*service, *paused),
            ActionKind::SuspendJob { job, suspended } => self.suspend_job(*job, *suspended),
            ActionKind::Cordon { node, unschedulable } => self.cordon(*node, *unschedulable),
            ActionKind::Drain { node } => self.start_drain(*node),
            ActionKind::Place { service, epoch } => {
                self.decide(Decision::Policy { workload: service.index(), what: "placement changed".to_owned(), reason: "kubectl apply".to_owned() });
                self.place_anew(*service, *epoch);
            }
            ActionKind::LabelNode { node, change } => self.label_node(*node, change),
            ActionKind::LabelNamespace { namespace, change } => {
                change.apply(&mut self.namespaces[namespace.index()].labels);
                self.note_change("label", format!("namespace {}", plan.namespaces[*namespace].name), change);
            }
            ActionKind::AnnotateNamespace { namespace, change } => {
                change.apply(&mut self.namespaces[namespace.index()].annotations);
                self.note_change("annotate", format!("namespace {}", plan.namespaces[*namespace].name), change);
            }
        }
    }

    /// Deletes the oldest pods that match, and lets the controller of the service replace them.
    fn delete_pods(&mut self, service: Id<Service>, tier: Option<Id<Tier>>, node: Option<Id<Node>>, count: u32) {
        let is_meant = |pod: &&Id<Pod>| {
            let on = self.pods[**pod].node;
            node.is_none_or(|node| on == Some(node)) && tier.is_none_or(|tier| on.is_some_and(|on| self.plan.nodes[on].tier == tier))
        };
        let meant: Vec<Id<Pod>> = self.services[service.index()].active.iter().filter(is_meant).take(count as usize).copied().collect();
        for pod in meant {
            self.evict(pod, Cause::Deleted);
        }
    }

    /// Whether kubectl finds a node; says so if not.
    fn finds(&mut self, verb: &'static str, node: Id<Node>) -> bool {
        let is_there = self.nodes[node.index()].status.is_registered();
        if !is_there {
            self.decide(Decision::Changed { verb, subject: format!("node {}", self.plan.nodes[node].name), what: "not found".to_owned() });
        }
        is_there
    }

    /// Changes the labels of a node. Pods that are there stay, whatever they required when they were placed.
    fn label_node(&mut self, node: Id<Node>, change: &MetadataChange) {
        if !self.finds("label", node) {
            return;
        }
        if change.apply(&mut self.node_objects.to_mut()[node].labels) {
            self.nodes_changed();
        }
        self.note_change("label", format!("node {}", self.plan.nodes[node].name), change);
    }

    /// Has a node take no new pods, or take them again. Its pods stay.
    pub(super) fn cordon(&mut self, node: Id<Node>, unschedulable: bool) {
        if !self.finds(if unschedulable { "cordon" } else { "uncordon" }, node) || self.node_objects[node].unschedulable == unschedulable {
            return;
        }
        self.node_objects.to_mut()[node].unschedulable = unschedulable;
        self.nodes_changed();
        let verb = if unschedulable { "cordon" } else { "uncordon" };
        self.decide(Decision::Changed { verb, subject: format!("node {}", self.plan.nodes[node].name), what: String::new() });
    }

    fn note_change(&mut self, verb: &'static str, subject: String, change: &MetadataChange) {
        let set = change.set.iter().map(|(key, value)| format!("{key}={value}"));
        let what = set.chain(change.removed.iter().map(|key| format!("{key}-"))).collect::<Vec<_>>().join(" ");
        self.decide(Decision::Changed { verb, subject, what });
    }
}
