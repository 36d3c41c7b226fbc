//! The autoscaler of nodes: it looks at pods without a node and at nodes that nobody needs. What it decides is in [`crate::autoscaling::nodes`].

mod grow;
mod shrink;
mod snapshot;

use std::collections::BTreeMap;

use super::Simulation;
use super::rooms::Moment;
use crate::cluster::NodeStatus;
use crate::engine::Event;
use crate::id::Id;
use crate::plan::{Node, NodeKind, ScalingMode};
use crate::random::{Stream, Streams};
use crate::units::{Span, Time};

/// What the autoscaler remembers.
pub(super) struct NodeScaler {
    /// Nodes that nobody needs: since when, and whether they are empty.
    unneeded: BTreeMap<Id<Node>, Unneeded>,
    /// Nodes that could not go, with the time at which they are looked at again.
    recheck: BTreeMap<Id<Node>, Time>,
    /// Nodes on their way out that had pods, with the time until which evictions are tried.
    drains: BTreeMap<Id<Node>, Time>,
    /// The last time that machines were asked for.
    added: Option<Time>,
    /// The last time that a node began to go.
    deleted: Option<Time>,
    /// The last time that a node could not be emptied.
    failed: Option<Time>,
    /// Whether a look at pods without a node is due.
    is_wanted: bool,
    /// Why no pool grew the last time, as it was said.
    said: String,
    /// Changes of nodes that the last look at nodes has seen.
    seen: Option<Moment>,
    ties: Stream,
}

#[derive(Clone, Copy, Debug)]
struct Unneeded {
    since: Time,
    is_empty: bool,
}

impl NodeScaler {
    pub(super) fn new(streams: Streams) -> Self {
        Self {
            unneeded: BTreeMap::new(),
            recheck: BTreeMap::new(),
            drains: BTreeMap::new(),
            added: None,
            deleted: None,
            failed: None,
            is_wanted: false,
            said: String::new(),
            seen: None,
            ties: streams.stream("node-scaler/ties"),
        }
    }
}

impl Simulation<'_> {
    /// Schedules the first look.
    pub(super) fn start_node_scaler(&mut self) {
        if self.plan.pools.is_empty() {
            return;
        }
        let first = match self.plan.node_scaling.mode {
            ScalingMode::Scan { interval, phase } => self.first_of(phase, interval, "node-scaler/phase"),
            ScalingMode::Events { interval, .. } => Time::ZERO + interval,
        };
        self.push_in_run(first, Event::ScanNodes);
    }

    /// The look that comes from time to time.
    pub(super) fn scan_nodes(&mut self) {
        let (ScalingMode::Scan { interval, .. } | ScalingMode::Events { interval, .. }) = self.plan.node_scaling.mode;
        self.push_in_run(self.now.saturating_add(interval), Event::ScanNodes);
        if self.api_is_down() {
            return;
        }
        self.give_up_late_machines();
        if self.is_cluster_unhealthy() {
            self.node_scaler.unneeded.clear();
            return;
        }
        if !self.grow_pools() && self.plan.node_scaling.shrink.enabled {
            self.shrink_pools();
        }
    }

    /// Has instant elasticity look at pods that just found no node.
    pub(super) fn watch_unschedulable(&mut self) {
        if let ScalingMode::Events { reaction, .. } = self.plan.node_scaling.mode
            && !self.plan.pools.is_empty()
            && !self.node_scaler.is_wanted
            && !self.pending.is_empty()
            && !self.warming_up
        {
            self.node_scaler.is_wanted = true;
            self.push_in_run(self.now.saturating_add(reaction), Event::WantNodes);
        }
    }

    /// The look that pods without a node asked for.
    pub(super) fn nodes_wanted(&mut self) {
        self.node_scaler.is_wanted = false;
        if !self.api_is_down() && !self.is_cluster_unhealthy() {
            self.grow_pools();
        }
    }

    /// Whether so many nodes are unready that nothing should be done.
    fn is_cluster_unhealthy(&self) -> bool {
        let rules = &self.plan.node_scaling;
        let unready = self.plan.nodes.ids().filter(|node| self.nodes[node.index()].status.is_registered() && self.is_down(*node)).count();
        unready > rules.unready_nodes as usize && unready as f64 > rules.unready_percent / 100.0 * self.registered_nodes as f64
    }

    /// Whether the control plane has not heard from a node for so long that it counts as unready.
    pub(super) fn is_down(&self, node: Id<Node>) -> bool {
        self.faults.nodes.get(node.index()).is_some_and(|health| health.not_ready)
    }

    /// A node is released: what is remembered of it is no longer true.
    pub(super) fn node_released(&mut self, node: Id<Node>) {
        self.node_scaler.unneeded.remove(&node);
        self.node_scaler.recheck.remove(&node);
        self.node_scaler.drains.remove(&node);
    }

    /// Notes until when evictions from a node are tried.
    pub(super) fn try_to_empty(&mut self, node: Id<Node>, until: Time) {
        self.node_scaler.drains.insert(node, until);
    }

    /// Whether evictions from a node have been tried for as long as they may; then it stays.
    pub(super) fn drain_gave_up(&mut self, node: Id<Node>) -> bool {
        let is_over = self.node_scaler.drains.get(&node).is_none_or(|until| *until <= self.now);
        if is_over {
            self.node_scaler.drains.remove(&node);
            self.node_scaler.failed = Some(self.now);
        }
        is_over
    }

    /// CPU and memory of all machines that are there or asked for.
    fn installed(&self) -> (u64, u64) {
        let machines = self.plan.nodes.values().zip(&self.nodes).filter(|(_, state)| state.status != NodeStatus::Absent);
        machines.fold((0, 0), |sum, (node, _)| match &node.kind {
            NodeKind::Machine(machine) => (sum.0 + machine.capacity.cpu.0, sum.1 + machine.capacity.memory.0),
            NodeKind::Virtual(_) => sum,
        })
    }
}

/// Pods are not looked at before they have waited this long, so that those that come together are served together.
const NEW_PODS: Span = Span::from_secs(2);
