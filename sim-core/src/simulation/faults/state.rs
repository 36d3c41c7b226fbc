//! The state of what is broken.

use std::collections::BTreeMap;

use crate::cluster::Pod;
use crate::engine::MachineEvent;
use crate::id::Id;
use crate::plan::{Node, Plan};
use crate::random::{Stream, Streams};
use crate::record::FaultSummary;
use crate::supply::CreateLimiter;
use crate::units::Time;

/// What is broken now, and what it has done so far.
pub(crate) struct FaultState {
    /// Faults that are in force, by their place in the plan.
    pub active: BTreeMap<u32, Active>,
    /// By fault of the plan: its draws.
    pub streams: Vec<Stream>,
    /// By node.
    pub nodes: Vec<NodeHealth>,
    /// Pods that are switched off or that nobody hears of.
    pub silent: BTreeMap<Id<Pod>, Silence>,
    /// Pods whose node failed under them and did not come back: when that was.
    pub stopped: BTreeMap<Id<Pod>, Time>,
    /// Pods whose probe fails, and the fault that makes it.
    pub flapping: BTreeMap<Id<Pod>, u32>,
    /// Creation calls that failed in a row, by pod.
    pub calls: BTreeMap<Id<Pod>, u32>,
    /// Pulls that failed in a row, by pod that is to try again.
    pub pulls: BTreeMap<Id<Pod>, u32>,
    /// Machines of pools that cannot join the cluster, with what they were about to do.
    pub unheard: Vec<(Id<Node>, MachineEvent)>,
    /// What happened, for the record.
    pub rows: Vec<FaultSummary>,
}

/// A fault that is in force.
#[derive(Clone, Debug)]
pub(crate) struct Active {
    /// Its place among the rows of the record.
    pub row: usize,
    /// The limit that it puts on creation calls.
    pub limiter: Option<CreateLimiter>,
    /// Whether the machine that it broke is gone: another one in its place is whole.
    pub is_spent: bool,
}

/// What is wrong with a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct NodeHealth {
    /// Whether it is switched off.
    pub is_off: bool,
    /// Since when the control plane has not heard from it.
    pub since: Option<Time>,
    /// Whether the control plane has noticed.
    pub not_ready: bool,
    /// The fault that is to blame.
    pub fault: u32,
}

/// Why nobody hears of a pod.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Silence {
    /// The fault that is to blame.
    pub fault: u32,
    /// Since when.
    pub since: Time,
    /// Whether its containers stopped.
    pub is_off: bool,
    /// When it is evicted; none for never.
    pub evicted: Option<Time>,
}

impl FaultState {
    pub(crate) fn new(plan: &Plan, streams: Streams) -> Self {
        let stream = |fault: &crate::plan::Fault| streams.stream(&format!("fault/{}/{}", fault.kind.name(), fault.target));
        Self {
            active: BTreeMap::new(),
            streams: plan.faults.list.iter().map(stream).collect(),
            nodes: if plan.faults.list.is_empty() { Vec::new() } else { vec![NodeHealth::default(); plan.nodes.len()] },
            silent: BTreeMap::new(),
            stopped: BTreeMap::new(),
            flapping: BTreeMap::new(),
            calls: BTreeMap::new(),
            pulls: BTreeMap::new(),
            unheard: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Whether the containers of a pod are switched off.
    pub(crate) fn is_off(&self, pod: Id<Pod>) -> bool {
        !self.silent.is_empty() && self.silent.get(&pod).is_some_and(|silence| silence.is_off)
    }

    /// Whether the control plane hears nothing of a pod.
    pub(crate) fn is_silent(&self, pod: Id<Pod>) -> bool {
        !self.silent.is_empty() && self.silent.contains_key(&pod)
    }

    /// Notes that a fault cost a pod its life.
    pub(crate) fn count_lost(&mut self, fault: u32) {
        if let Some(row) = self.active.get(&fault).map(|active| active.row).or_else(|| self.rows.iter().rposition(|row| row.fault == fault)) {
            self.rows[row].pods_lost += 1;
        }
    }

    /// Forgets a pod that is gone.
    pub(crate) fn forget(&mut self, pod: Id<Pod>) {
        if !self.rows.is_empty() {
            self.silent.remove(&pod);
            self.flapping.remove(&pod);
            self.calls.remove(&pod);
        }
    }
}
