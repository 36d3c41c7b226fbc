//! What somebody does to the cluster at given instants.

use std::collections::BTreeMap;

use super::estate::{Node, Tier};
use super::job::Job;
use super::workload::Service;
use crate::id::Id;
use crate::units::Time;

/// A namespace and what its metadata says at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespace {
    /// Name, unique.
    pub name: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
}

/// Something that is done to the cluster at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// When.
    pub at: Time,
    /// What.
    pub what: ActionKind,
}

/// What can be done to a cluster, in the vocabulary of kubectl.
#[derive(Clone, Debug, PartialEq)]
pub enum ActionKind {
    /// `kubectl scale`.
    Scale {
        /// Service.
        service: Id<Service>,
        /// New number of pods.
        replicas: u32,
    },
    /// `kubectl delete pod`: the oldest pods that match; their controller replaces them.
    DeletePods {
        /// Service that the pods belong to.
        service: Id<Service>,
        /// Only pods in this tier.
        tier: Option<Id<Tier>>,
        /// Only pods on this node.
        node: Option<Id<Node>>,
        /// How many.
        count: u32,
    },
    /// The template of a service changes, as with `kubectl set image`, `kubectl apply` or `kubectl rollout undo`.
    RollOut {
        /// Service.
        service: Id<Service>,
        /// Place of the new revision: 0 is the template at the start, then those in [`Service::revisions`].
        revision: usize,
    },
    /// `kubectl rollout pause` or `resume`.
    PauseRollout {
        /// Service.
        service: Id<Service>,
        /// Whether rollouts are paused from now on.
        paused: bool,
    },
    /// A job is suspended or goes on, as with `kubectl patch job -p '{"spec": {"suspend": true}}'`.
    SuspendJob {
        /// Job.
        job: Id<Job>,
        /// Whether it is suspended from now on.
        suspended: bool,
    },
    /// `kubectl cordon` or `uncordon`.
    Cordon {
        /// Node.
        node: Id<Node>,
        /// Whether it takes no new pods from now on.
        unschedulable: bool,
    },
    /// `kubectl drain`: the node takes no new pods, and its pods are evicted, as disruption budgets allow.
    Drain {
        /// Node.
        node: Id<Node>,
    },
    /// `kubectl apply` of another placement: new pods follow it, running ones stay as far as it lets them.
    Place {
        /// Service.
        service: Id<Service>,
        /// Which of its placements: 0 is the first.
        epoch: u32,
    },
    /// `kubectl label node`: pods that run there stay.
    LabelNode {
        /// Node.
        node: Id<Node>,
        /// What changes.
        change: MetadataChange,
    },
    /// `kubectl label namespace`.
    LabelNamespace {
        /// Namespace.
        namespace: Id<Namespace>,
        /// What changes.
        change: MetadataChange,
    },
    /// `kubectl annotate namespace`.
    AnnotateNamespace {
        /// Namespace.
        namespace: Id<Namespace>,
        /// What changes.
        change: MetadataChange,
    },
}

/// A change of labels or annotations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataChange {
    /// Set to these values.
    pub set: BTreeMap<String, String>,
    /// Removed.
    pub removed: Vec<String>,
}

impl MetadataChange {
    /// Makes the change. Whether anything is different then.
    pub fn apply(&self, metadata: &mut BTreeMap<String, String>) -> bool {
        let mut changed = false;
        for (key, value) in &self.set {
            changed |= metadata.insert(key.clone(), value.clone()).as_ref() != Some(value);
        }
        for key in &self.removed {
            changed |= metadata.remove(key).is_some();
        }
        changed
    }
}

/// The label by which a pod asks for an instance of its own, and a namespace for all its new pods; in the console it is an annotation.
pub const WANTS_INSTANCE: (&str, &str) = ("alibabacloud.com/eci", "true");

/// Whether metadata asks for instances.
pub fn wants_instance(metadata: &BTreeMap<String, String>) -> bool {
    metadata.get(WANTS_INSTANCE.0).is_some_and(|value| value == WANTS_INSTANCE.1)
}

impl Namespace {
    /// Whether all new pods of the namespace go to virtual nodes.
    pub fn wants_instances(&self) -> bool {
        wants_instance(&self.labels) || wants_instance(&self.annotations)
    }
}
