//! A node's use.

use crate::id::Id;
use crate::plan::{Daemons, Node, NodeKind, PodTemplate};
use crate::units::{Resources, Time};

/// Whether a node is there, and takes pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeStatus {
    /// Not there: a place of a pool whose machine was not asked for, or was released.
    Absent,
    /// Its machine was asked for, and is no node of the cluster yet.
    Provisioning,
    /// Registered, and not ready yet.
    NotReady,
    /// Takes pods.
    #[default]
    Ready,
    /// Is emptied before it is released, and takes no more pods.
    Leaving,
}

impl NodeStatus {
    /// The name in records and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Absent => "Absent",
            Self::Provisioning => "Provisioning",
            Self::NotReady => "NotReady",
            Self::Ready => "Ready",
            Self::Leaving => "Leaving",
        }
    }

    /// Whether the cluster knows it as a node, ready or not.
    pub const fn is_registered(self) -> bool {
        !matches!(self, Self::Absent | Self::Provisioning)
    }

    /// Whether the scheduler may bind pods to it.
    pub const fn takes_pods(self) -> bool {
        matches!(self, Self::Ready)
    }
}

/// What is bound to a node.
#[derive(Clone, Debug)]
pub struct NodeState {
    /// Whether it is there. Changed by [`crate::simulation`] in one place only, which tells everybody.
    pub status: NodeStatus,
    /// What pods can request; none for a virtual node, which has no machine to fill.
    pub allocatable: Option<Resources>,
    /// Most pods.
    pub max_pods: u32,
    /// Sum of requests of bound pods.
    pub requested: Resources,
    /// The same as the score for free resources counts it.
    pub scored: Resources,
    /// Bound pods.
    pub pods: u32,
    /// Most bound pods so far.
    pub peak_pods: u32,
    /// Whether it takes no new pods because of a fault.
    pub is_closed: bool,
}

impl NodeState {
    /// The empty node of this plan.
    pub fn new(node: &Node) -> Self {
        let (allocatable, max_pods, daemons) = match &node.kind {
            NodeKind::Machine(machine) => (Some(machine.allocatable()), machine.max_pods, machine.daemons),
            NodeKind::Virtual(virtual_node) => (None, virtual_node.max_pods, Daemons::default()),
        };
        Self {
            status: NodeStatus::Ready,
            allocatable,
            max_pods,
            requested: daemons.requests,
            scored: daemons.scored,
            pods: daemons.pods,
            peak_pods: daemons.pods,
            is_closed: false,
        }
    }

    /// Whether it has as many pods as it may.
    pub const fn is_full(&self) -> bool {
        self.pods >= self.max_pods
    }

    /// Takes a pod.
    pub fn bind(&mut self, pod: &PodTemplate) {
        self.hold(pod);
        self.peak_pods = self.peak_pods.max(self.pods);
    }

    /// Keeps a place for a pod that is not bound yet.
    pub fn hold(&mut self, pod: &PodTemplate) {
        assert!(self.status.takes_pods(), "a pod was bound to a node that is {}", self.status.name());
        self.requested += pod.requests;
        self.scored += pod.scored;
        self.pods += 1;
        assert!(self.pods <= self.max_pods, "a node holds more pods than it may");
        assert!(self.allocatable.is_none_or(|allocatable| self.requested.fits_in(allocatable)), "a node holds more than its allocatable resources");
    }

    /// Gives a pod's place back.
    pub fn unbind(&mut self, pod: &PodTemplate) {
        self.requested -= pod.requests;
        self.scored -= pod.scored;
        self.pods = self.pods.checked_sub(1).expect("a pod left a node that holds none");
    }
}

/// A machine of a pool, from the time it was asked for until it was released.
#[derive(Clone, Copy, Debug)]
pub struct NodeLife {
    /// Its place in the plan.
    pub node: Id<Node>,
    /// When it was asked for, and its meter started.
    pub asked: Time,
    /// When it was ready for the first time.
    pub ready: Option<Time>,
    /// When it was released.
    pub released: Option<Time>,
    /// Why it came.
    pub came: &'static str,
    /// Why it went, if it did.
    pub went: &'static str,
    /// Whether the spot market takes it back because it has too few.
    pub is_doomed: bool,
}

impl NodeLife {
    /// A machine that was asked for at `asked`.
    pub const fn new(node: Id<Node>, asked: Time, came: &'static str) -> Self {
        Self { node, asked, ready: None, released: None, came, went: "", is_doomed: false }
    }

    /// Whether it is paid for or on its way at an instant.
    pub fn spans(&self, at: Time) -> bool {
        self.asked <= at && self.released.is_none_or(|released| at < released)
    }
}
