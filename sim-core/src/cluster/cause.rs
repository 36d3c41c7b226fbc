//! Why a pod went.

/// What took a pod away, or made it fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Its controller wants fewer.
    ScaleIn,
    /// A newer revision of its Deployment replaces it.
    Rollout,
    /// Its node is drained.
    Drain,
    /// A pod of higher priority takes its place.
    Preemption,
    /// Its node failed.
    NodeFailure,
    /// Its instance failed, or its zone did.
    InstanceFailure,
    /// Its spot instance was reclaimed.
    SpotReclaim,
    /// It used more memory than its limit.
    OutOfMemory,
    /// Its container ended with an error.
    Error,
    /// Its job ended before it did: failed, past its deadline, or replaced by a later one.
    JobEnded,
    /// Its job is suspended.
    Suspended,
    /// Somebody deleted it.
    Deleted,
    /// It found no node in its subset, and another pod is to find one elsewhere.
    Rescheduled,
    /// Its node is released by an autoscaler.
    NodeScaleIn,
}

impl Cause {
    /// The words in records and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ScaleIn => "scale-in",
            Self::Rollout => "rollout",
            Self::Drain => "drain",
            Self::Preemption => "preempted",
            Self::NodeFailure => "node failure",
            Self::InstanceFailure => "instance failure",
            Self::SpotReclaim => "spot reclaim",
            Self::OutOfMemory => "OOMKilled",
            Self::Error => "error",
            Self::JobEnded => "job ended",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
            Self::Rescheduled => "rescheduled",
            Self::NodeScaleIn => "node scale-in",
        }
    }

    /// Who removed it, as decisions name controllers.
    pub const fn controller(self) -> &'static str {
        match self {
            Self::ScaleIn | Self::Rollout => "replicaset",
            Self::Drain => "drain",
            Self::Preemption => "scheduler",
            Self::NodeFailure => "node",
            Self::InstanceFailure | Self::SpotReclaim => "provider",
            Self::OutOfMemory | Self::Error => "kubelet",
            Self::JobEnded | Self::Suspended => "job",
            Self::Deleted => "kubectl",
            Self::Rescheduled => "policy",
            Self::NodeScaleIn => "cluster-autoscaler",
        }
    }
}
