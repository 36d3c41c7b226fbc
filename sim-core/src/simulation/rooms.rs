//! What is free on machines, as little more than a cache line each: a placement looks at many of them, and mostly asks for CPU and memory alone.

use super::Simulation;
use super::placing::{has_room, resource_score};
use crate::cluster::NodeState;
use crate::id::Id;
use crate::plan::{Node, PodTemplate};
use crate::scheduling::{MachineUse, PlainScore};

/// Machines by node, as of their last change; none for what cannot be judged by CPU and memory alone.
#[derive(Clone, Debug)]
pub(super) struct Rooms(Vec<Option<MachineUse>>);

impl Rooms {
    /// The rooms of nodes.
    pub(super) fn of(nodes: &[NodeState]) -> Self {
        Self(nodes.iter().map(room).collect())
    }

    /// A node has changed.
    pub(super) fn changed(&mut self, node: Id<Node>, state: &NodeState) {
        self.0[node.index()] = room(state);
    }
}

/// The nodes that changed, in order, as far back as rankings need it.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    nodes: Vec<Id<Node>>,
    /// How many came before them.
    forgotten: u64,
}

/// How many changes there have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulation) struct Moment(u64);

impl Changes {
    /// Notes a change of a node, among `all`. What is as old as many rounds of them is forgotten: looking at every node costs less than at each change.
    pub(super) fn push(&mut self, node: Id<Node>, all: usize) {
        if self.nodes.len() >= 4096.max(4 * all) {
            self.forgotten += self.nodes.len() as u64;
            self.nodes.clear();
        }
        self.nodes.push(node);
    }

    pub(super) const fn now(&self) -> Moment {
        Moment(self.forgotten + self.nodes.len() as u64)
    }

    /// The changes since then; none if there was no such time, or some are forgotten.
    pub(super) fn since(&self, then: Option<Moment>) -> Option<&[Id<Node>]> {
        let seen = then?.0.checked_sub(self.forgotten)?;
        self.nodes.get(seen as usize..)
    }
}

/// What a pod can find on a node; none on a virtual node, and where it finds nothing at all.
fn room(state: &NodeState) -> Option<MachineUse> {
    let is_open = state.status.takes_pods() && !state.is_closed && !state.is_full();
    state.allocatable.filter(|_| is_open).and_then(|allocatable| MachineUse::of(allocatable, state.requested, state.scored))
}

impl Simulation<'_> {
    /// How scores for pods of a template are worked out from CPU and memory alone; none if they have to be asked of every node itself.
    pub(super) fn plain_score(&self, template: &PodTemplate) -> Option<PlainScore> {
        PlainScore::of(&self.plan.scheduler, self.weights, template.requests, template.scored)
    }

    /// The score of a node for its resources; none if it has no room for a pod of a class.
    #[inline(always)]
    pub(super) fn score_of(&self, class: usize, template: &PodTemplate, plain: Option<&PlainScore>, node: Id<Node>) -> Option<u32> {
        match (plain, &self.rooms.0[node.index()]) {
            (Some(plain), Some(room)) => plain.score(room),
            _ => self.score_by_state(class, template, node),
        }
    }

    #[inline(never)]
    fn score_by_state(&self, class: usize, template: &PodTemplate, node: Id<Node>) -> Option<u32> {
        let state = &self.nodes[node.index()];
        has_room(node, state, template.requests, |node| self.supply.refusal(self.plan, class, node, self.now))
            .then(|| resource_score(&self.plan.scheduler, self.weights, state, template) as u32)
    }
}
