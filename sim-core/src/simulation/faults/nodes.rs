//! Nodes that are switched off or cannot be heard, and when the control plane notices.

use std::collections::BTreeSet;

use super::super::Simulation;
use super::state::NodeHealth;
use crate::cluster::{Cause, Pod};
use crate::engine::{Event, FaultEvent};
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{FailMode, FaultKind, Node, NodeKind};

/// What faults do to a pod, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Affliction {
    /// Nobody hears of it; whether clients do.
    Cut {
        /// Whether they do not.
        is_mute: bool,
    },
    /// It stopped, and Kubernetes will notice.
    Off,
    /// It stopped, and that was reported.
    Gone,
}

impl<'p> Simulation<'p> {
    /// Brings nodes and pods in line with the faults that are in force.
    pub(super) fn look_at_nodes(&mut self) {
        let out = self.zones_out();
        for id in self.plan.nodes.ids() {
            self.look_at_node(id, &out);
        }
        self.hear_machines();
        self.look_at_pods(&out);
        self.wake_scheduler();
    }

    /// Brings one node in line with them.
    pub(super) fn look_at_node(&mut self, id: Id<Node>, out: &BTreeSet<&str>) {
        let plan = self.plan;
        let node = &plan.nodes[id];
        let mut health = NodeHealth { not_ready: self.faults.nodes[id.index()].not_ready, ..NodeHealth::default() };
        let (mut is_silent, mut is_out) = (false, false);
        for place in self.faults.active.iter().filter(|(_, active)| !active.is_spent).map(|(place, _)| *place) {
            let (off, cut, closed) = match &self.fault(place).kind {
                FaultKind::Zone { .. } => {
                    let is_dark = is_all_in(plan, node, out);
                    (is_dark, false, is_dark)
                }
                FaultKind::Node { node, mode } => (*node == id, false, *node == id && *mode == FailMode::Immediate),
                FaultKind::Partition { zone, node: of, .. } => (false, *of == Some(id) || zone.as_deref().is_some_and(|zone| zone == node.zone), false),
                _ => (false, false, false),
            };
            if off || cut {
                health.fault = place;
            }
            health.is_off |= off;
            is_silent |= off || cut;
            is_out |= closed;
        }
        let before = self.faults.nodes[id.index()];
        match (before.since, is_silent) {
            (None, true) => {
                health.since = Some(self.now);
                self.push_in_run(self.now.saturating_add(plan.faults.grace), Event::Fault(FaultEvent::NodeSilent(id)));
            }
            (since, true) => health.since = since,
            (Some(_), false) => {
                if std::mem::take(&mut health.not_ready) && self.nodes[id.index()].status.is_registered() {
                    self.decide(Decision::NodeCondition { node: id, ready: true });
                }
            }
            (None, false) => {}
        }
        self.faults.nodes[id.index()] = health;
        self.close(id, is_out || health.not_ready);
    }

    /// Has the scheduler leave a node out, or use it again.
    fn close(&mut self, id: Id<Node>, is_closed: bool) {
        if std::mem::replace(&mut self.nodes[id.index()].is_closed, is_closed) != is_closed {
            self.node_changed(id);
        }
    }

    /// Zones that are out.
    pub(super) fn zones_out(&self) -> BTreeSet<&'p str> {
        let zone = |place: &u32| if let FaultKind::Zone { zone, .. } = &self.fault(*place).kind { Some(zone.as_str()) } else { None };
        self.faults.active.keys().filter_map(zone).collect()
    }

    /// The control plane has not heard from a node for the whole grace period.
    pub(super) fn node_silent(&mut self, id: Id<Node>) {
        let health = &mut self.faults.nodes[id.index()];
        if health.not_ready || health.since.is_none_or(|since| since.saturating_add(self.plan.faults.grace) != self.now) {
            return;
        }
        health.not_ready = true;
        if !self.nodes[id.index()].status.is_registered() {
            return;
        }
        self.decide(Decision::NodeCondition { node: id, ready: false });
        self.close(id, true);
    }

    /// Has every pod that something happened to stop, fall silent or recover.
    fn look_at_pods(&mut self, out: &BTreeSet<&str>) {
        let live: Vec<Id<Pod>> = self.pods.iter().filter(|(_, pod)| pod.node.is_some() && pod.ended.is_none()).map(|(id, _)| id).collect();
        for id in live {
            // It may have gone with its job in the meantime.
            if self.pods[id].ended.is_some() {
                continue;
            }
            let affliction = self.affliction(id, out);
            let known = self.faults.silent.get(&id).map(|silence| silence.is_off);
            match (known, affliction) {
                (_, Some((place, Affliction::Gone))) => {
                    self.hit(place);
                    self.faults.count_lost(place);
                    self.lose(id, self.failure_of(id));
                }
                (None | Some(false), Some((place, Affliction::Off))) => self.switch_off(id, place),
                (None, Some((place, Affliction::Cut { is_mute }))) => self.cut_off(id, place, is_mute),
                (Some(_), None) => self.come_back(id),
                (None, None) | (Some(true), Some((_, Affliction::Off))) | (Some(_), Some((_, Affliction::Cut { .. }))) => {}
            }
        }
    }

    /// What takes a pod away whose node or instance fails.
    pub(super) fn failure_of(&self, id: Id<Pod>) -> Cause {
        if self.pods[id].spec.is_some() { Cause::InstanceFailure } else { Cause::NodeFailure }
    }

    /// The worst that the faults in force do to a pod, and which of them does.
    fn affliction(&self, id: Id<Pod>, out: &BTreeSet<&str>) -> Option<(u32, Affliction)> {
        let pod = &self.pods[id];
        let node = pod.node?;
        let zone_of_instance = pod.vswitch.map(|vswitch| self.plan.supply.vswitches[vswitch].zone.as_str());
        // An instance that is still looked for is in no zone yet, unless all that it could be in are out.
        let is_in = |zone: &str| zone_of_instance.map_or_else(|| self.plan.nodes[node].zone == zone, |own| own == zone);
        let has_no_zone = zone_of_instance.is_none() && matches!(&self.plan.nodes[node].kind, NodeKind::Virtual(node) if !node.vswitches.is_empty());
        let of_mode = |mode: FailMode| if mode == FailMode::Immediate { Affliction::Gone } else { Affliction::Off };
        let by = |place: u32| match &self.fault(place).kind {
            FaultKind::Zone { zone, mode } => {
                let is_hit = if has_no_zone { is_all_in(self.plan, &self.plan.nodes[node], out) } else { is_in(zone) };
                is_hit.then(|| of_mode(*mode))
            }
            FaultKind::Node { node: of, mode } => (*of == node).then(|| of_mode(*mode)),
            FaultKind::Partition { zone, node: of, serves } => {
                (*of == Some(node) || zone.as_deref().is_some_and(is_in)).then_some(Affliction::Cut { is_mute: !*serves })
            }
            _ => None,
        };
        let in_force = self.faults.active.iter().filter(|(_, active)| !active.is_spent).map(|(place, _)| *place);
        in_force.filter_map(|place| by(place).map(|affliction| (place, affliction))).max_by_key(|entry| entry.1)
    }

    /// Whether instances can be created in a zone now.
    pub(crate) fn is_zone_out(&self, zone: &str) -> bool {
        self.faults.active.keys().any(|place| matches!(&self.fault(*place).kind, FaultKind::Zone { zone: out, .. } if out == zone))
    }
}

/// Whether everything that a node stands for lies in zones that are out.
fn is_all_in(plan: &crate::plan::Plan, node: &Node, out: &BTreeSet<&str>) -> bool {
    match &node.kind {
        NodeKind::Virtual(node) if !node.vswitches.is_empty() => {
            node.vswitches.iter().all(|vswitch| out.contains(plan.supply.vswitches[*vswitch].zone.as_str()))
        }
        _ => out.contains(node.zone.as_str()),
    }
}
