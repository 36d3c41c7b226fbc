//! Nodes that come and go: the one place where a node's status changes.

use super::Simulation;
use crate::cluster::NodeStatus;
use crate::id::Id;
use crate::plan::Node;

impl Simulation<'_> {
    /// Changes a node's status and tells everybody whom it concerns. A node leaves the cluster without pods.
    #[allow(dead_code, reason = "nodes that come and go come next")]
    pub(super) fn set_node_status(&mut self, node: Id<Node>, status: NodeStatus) {
        let before = std::mem::replace(&mut self.nodes[node.index()].status, status);
        if before == status {
            return;
        }
        self.node_changes.push(node);
        match (before.is_registered(), status.is_registered()) {
            (false, true) => {
                self.registered_nodes += 1;
                self.neighbours.node_came(node);
            }
            (true, false) => {
                self.registered_nodes -= 1;
                self.neighbours.node_left(node);
            }
            _ => {}
        }
        if status.takes_pods() {
            self.wake_scheduler();
        }
    }
}
