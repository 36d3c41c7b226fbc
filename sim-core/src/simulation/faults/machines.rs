//! Faults and machines of pools, which come and go while something is broken.

use super::super::Simulation;
use crate::engine::{Event, MachineEvent};
use crate::id::Id;
use crate::plan::{FaultKind, Node};

impl Simulation<'_> {
    /// Whether a crash finds no machine: a place of a pool whose machine was not asked for, or is no node yet.
    pub(super) fn is_nothing_there(&self, kind: &FaultKind) -> bool {
        matches!(kind, FaultKind::Node { node, .. } if !self.nodes[node.index()].status.is_registered())
    }

    /// Holds what a machine is about to do that cannot reach the cluster: its zone is out, or the network is cut. The autoscaler may give it up meanwhile.
    pub(crate) fn waits_to_be_heard(&mut self, node: Id<Node>, event: MachineEvent) -> bool {
        let is_silent = self.faults.nodes.get(node.index()).is_some_and(|health| health.since.is_some());
        if is_silent {
            self.faults.unheard.push((node, event));
        }
        is_silent
    }

    /// Has machines join that can be heard again.
    pub(super) fn hear_machines(&mut self) {
        let (silent, heard): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.faults.unheard).into_iter().partition(|(node, _)| self.faults.nodes[node.index()].since.is_some());
        self.faults.unheard = silent;
        for (_, event) in heard {
            self.push_in_run(self.now, Event::Machine(event));
        }
    }

    /// The machine of a node is released: what crashed with it concerns no other one.
    pub(crate) fn forget_machine(&mut self, node: Id<Node>) {
        let plan = self.plan;
        let mut is_changed = false;
        for (place, active) in &mut self.faults.active {
            let is_hit = matches!(plan.faults.list[*place as usize].kind, FaultKind::Node { node: of, .. } if of == node);
            is_changed |= is_hit && !active.is_spent;
            active.is_spent |= is_hit;
        }
        if is_changed {
            let out = self.zones_out();
            self.look_at_node(node, &out);
        }
    }
}
