//! `kubectl drain`: a node is emptied pod by pod, through the eviction API.

use super::Simulation;
use crate::cluster::{Cause, Pod};
use crate::engine::Event;
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::Node;
use crate::units::Span;

/// How long kubectl waits when a disruption budget does not allow an eviction.
const RETRY: Span = Span::from_secs(5);

impl Simulation<'_> {
    pub(super) fn start_drain(&mut self, node: Id<Node>) {
        self.cordon(node, true);
        self.drain(node);
    }

    /// Asks for the eviction of every pod that is left on a node, and comes back for those that budgets protect now. Ends when the node is
    /// uncordoned or no pod is left.
    pub(super) fn drain(&mut self, node: Id<Node>) {
        if !self.node_objects[node].unschedulable {
            return;
        }
        let left: Vec<Id<Pod>> = self.pods.iter().filter(|(_, pod)| pod.node == Some(node) && pod.is_active()).map(|(id, _)| id).collect();
        let mut refused = None;
        for pod in left {
            match self.protected_by(pod) {
                None => self.evict(pod, Cause::Drain),
                Some(budget) => refused = refused.or(Some((pod, budget))),
            }
        }
        if let Some((pod, budget)) = refused {
            self.decide(Decision::Protected { pod, budget });
            self.push_in_run(self.now + RETRY, Event::Drain(node));
        }
    }
}
