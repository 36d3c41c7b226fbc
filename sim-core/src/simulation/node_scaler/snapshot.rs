//! A copy of the cluster to try things on: pods placed, nodes added and removed, without telling anybody.

use super::super::Simulation;
use super::super::candidates::Candidates;
use super::super::neighbours::Neighbours;
use crate::autoscaling::nodes::Site;
use crate::cluster::NodeStatus;
use crate::id::Id;
use crate::plan::{Node, NodeKind, Plan};
use crate::scheduling::fits;
use crate::units::Resources;

/// The copy.
pub(super) struct Snapshot<'a> {
    plan: &'a Plan,
    candidates: &'a [Candidates],
    rooms: Vec<Room>,
    neighbours: Neighbours,
}

/// What of a node is free.
#[derive(Clone, Copy, Debug)]
struct Room {
    takes: bool,
    allocatable: Resources,
    requested: Resources,
    pods: u32,
    max_pods: u32,
}

impl Simulation<'_> {
    /// The cluster as it is, and as it will be when machines that were asked for are there. Expendable pods are not in it.
    pub(super) fn snapshot(&self) -> Snapshot<'_> {
        let rules = &self.plan.node_scaling;
        let mut rooms: Vec<Room> = (self.nodes.iter())
            .map(|state| Room {
                // A virtual node is no place to move pods to, nor one that pods were refused by for lack of room.
                takes: state.allocatable.is_some()
                    && !state.is_closed
                    && matches!(state.status, NodeStatus::Ready | NodeStatus::Provisioning | NodeStatus::NotReady),
                allocatable: state.allocatable.unwrap_or_default(),
                requested: state.requested,
                pods: state.pods,
                max_pods: state.max_pods,
            })
            .collect();
        let mut neighbours = self.neighbours.clone();
        for life in &self.fleet.upcoming {
            let node = self.fleet.lives[*life as usize].node;
            if !self.nodes[node.index()].status.is_registered() {
                neighbours.node_came(node);
            }
        }
        if (0..self.plan.class_count()).any(|class| self.plan.template(class).priority < rules.expendable_below) {
            for pod in self.pods.values().filter(|pod| pod.ended.is_none() && self.plan.template(pod.class).priority < rules.expendable_below) {
                if let Some(node) = pod.node {
                    rooms[node.index()].requested -= self.plan.template(pod.class).requests;
                    rooms[node.index()].pods -= 1;
                }
            }
        }
        Snapshot { plan: self.plan, candidates: &self.candidates, rooms, neighbours }
    }
}

impl Snapshot<'_> {
    /// Whether a node takes a pod of a class.
    pub(super) fn fits(&self, class: usize, node: Id<Node>) -> bool {
        let room = &self.rooms[node.index()];
        room.takes
            && room.pods < room.max_pods
            && fits(self.plan.template(class).requests, room.requested, room.allocatable)
            && self.candidates[class].holds(node)
            && self.neighbours.of(class).is_none_or(|demands| demands.refusal(node).is_none())
    }

    pub(super) fn place(&mut self, class: usize, node: Id<Node>) {
        let room = &mut self.rooms[node.index()];
        room.requested += self.plan.template(class).requests;
        room.pods += 1;
        self.neighbours.arrived(class, node);
    }

    pub(super) fn take(&mut self, class: usize, node: Id<Node>) {
        let room = &mut self.rooms[node.index()];
        room.requested -= self.plan.template(class).requests;
        room.pods -= 1;
        self.neighbours.leaving(class, node);
        self.neighbours.gone(class, node);
    }

    /// Whether the node takes pods no more, or again.
    pub(super) fn open(&mut self, node: Id<Node>, takes: bool) {
        self.rooms[node.index()].takes = takes;
    }

    /// What is requested on a node.
    pub(super) fn requested(&self, node: Id<Node>) -> Resources {
        self.rooms[node.index()].requested
    }

    /// Adds an empty node that a pool could get, no larger than the smallest that it may be.
    pub(super) fn add(&mut self, node: Id<Node>, template: Resources) {
        let NodeKind::Machine(machine) = &self.plan.nodes[node].kind else { return };
        let least = |ours: u64, theirs: u64| ours.min(theirs);
        let own = machine.allocatable();
        let allocatable = Resources {
            cpu: own.cpu.min(template.cpu),
            memory: own.memory.min(template.memory),
            extended: std::array::from_fn(|place| least(own.extended[place], template.extended[place])),
        };
        self.rooms[node.index()] =
            Room { takes: true, allocatable, requested: machine.daemons.requests, pods: machine.daemons.pods, max_pods: machine.max_pods };
        self.neighbours.node_came(node);
    }

    /// Takes an added node away again, with the pods that were placed on it.
    pub(super) fn drop_added(&mut self, node: Id<Node>) {
        self.rooms[node.index()].takes = false;
        self.neighbours.node_left(node);
    }

    /// Whether resources alone decide about a class.
    pub(super) fn is_plain(&self, class: usize) -> bool {
        self.neighbours.of(class).is_none()
    }
}

/// New nodes of a pool on a snapshot.
pub(super) struct Trial<'s, 'a> {
    pub(super) snapshot: &'s mut Snapshot<'a>,
    /// The classes of the groups.
    pub(super) classes: &'s [usize],
    /// The places that the pool's next machines get.
    pub(super) places: &'s [Id<Node>],
    pub(super) template: Resources,
    /// How many of them were added.
    pub(super) added: usize,
    /// What was placed: class and node.
    pub(super) placed: Vec<(usize, Id<Node>)>,
}

impl Trial<'_, '_> {
    /// Makes the snapshot what it was.
    pub(super) fn undo(self) {
        for (class, node) in self.placed {
            self.snapshot.take(class, node);
        }
        for node in &self.places[..self.added] {
            self.snapshot.drop_added(*node);
        }
    }
}

impl Site for Trial<'_, '_> {
    fn add_node(&mut self) -> bool {
        let Some(node) = self.places.get(self.added) else { return false };
        self.added += 1;
        self.snapshot.add(*node, self.template);
        true
    }

    fn fits(&self, group: usize, node: usize) -> bool {
        self.snapshot.fits(self.classes[group], self.places[node])
    }

    fn place(&mut self, group: usize, node: usize) {
        let (class, node) = (self.classes[group], self.places[node]);
        self.snapshot.place(class, node);
        self.placed.push((class, node));
    }

    fn only_fills(&self, group: usize) -> bool {
        self.snapshot.is_plain(self.classes[group])
    }
}
