//! Something a controller chose, with its reason.

use crate::cluster::{Cause, Pod};
use crate::id::Id;
use crate::plan::{Job, Node, NodePool, Service};
use crate::scheduling::policy::resource_policy::Passed;
use crate::supply::Lack;
use crate::units::{Span, Time};

/// A decision, kept small: a run can make a million of them.
#[derive(Clone, Debug)]
pub enum Decision {
    /// The scheduler bound a pod.
    Placed {
        /// Pod.
        pod: Id<Pod>,
        /// Where to.
        node: Id<Node>,
        /// Place of the unit in the pod's policy; 0 without one.
        unit: usize,
        /// Why it went past the unit before.
        passed: Option<Passed>,
    },
    /// The scheduler found no node; said once until the reason changes.
    Refused {
        /// The first of the pods that wait.
        pod: Id<Pod>,
        /// Why.
        reason: String,
    },
    /// Pods of lower priority make room for one that found no node.
    Nominated {
        /// Pod.
        pod: Id<Pod>,
        /// Where room is made.
        node: Id<Node>,
        /// How many have to go.
        victims: u32,
    },
    /// The provider's creation limit holds a pod back.
    Waited {
        /// Pod.
        pod: Id<Pod>,
        /// When its turn comes.
        until: Time,
    },
    /// A replica count changed.
    Scaled {
        /// Service.
        service: Id<Service>,
        /// Who changed it: `hpa` or `scale`.
        controller: &'static str,
        /// Replicas before.
        from: u32,
        /// Replicas after.
        to: u32,
        /// Why.
        reason: String,
    },
    /// A `ReplicaSet` changed its size; said where there is more than one.
    Resized {
        /// Service.
        service: Id<Service>,
        /// Its revision.
        revision: u32,
        /// Replicas before.
        from: u32,
        /// Replicas after.
        to: u32,
        /// Why.
        reason: &'static str,
    },
    /// A rollout started, ended, stopped or went on.
    RolledOut {
        /// Service.
        service: Id<Service>,
        /// The revision that is rolled out.
        revision: u32,
        /// `started`, `completed`, `stuck`, `paused` or `resumed`.
        what: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// An autoscaler other than the HPA did something else than scaling: it moved bounds, skipped its turn, or only says what it would do.
    Noted {
        /// Service.
        service: Id<Service>,
        /// Who.
        controller: &'static str,
        /// What.
        action: &'static str,
        /// About what.
        object: String,
        /// Why.
        reason: String,
    },
    /// An HPA left the replica count as it is.
    Kept {
        /// Service.
        service: Id<Service>,
        /// Why.
        reason: String,
    },
    /// Something broke, or was repaired.
    Fault {
        /// Its place in the plan.
        place: u32,
        /// Whether it broke.
        begins: bool,
        /// When it will be repaired, as far as that is known.
        until: Option<Time>,
    },
    /// The control plane noticed that a node is silent, or that it is back.
    NodeCondition {
        /// Node.
        node: Id<Node>,
        /// Whether it is back.
        ready: bool,
    },
    /// A pod was asked to go.
    Evicted {
        /// Pod.
        pod: Id<Pod>,
        /// Why.
        cause: Cause,
    },
    /// A disruption budget does not allow an eviction.
    Protected {
        /// The first of the pods that it protects.
        pod: Id<Pod>,
        /// The budget.
        budget: String,
    },
    /// A pod went at once, with the requests it had.
    Lost {
        /// Pod.
        pod: Id<Pod>,
        /// Why.
        cause: Cause,
    },
    /// A policy or add-on did something about a workload or pod.
    Policy {
        /// Place of the workload among services, then jobs.
        workload: usize,
        /// What.
        what: String,
        /// Why.
        reason: String,
    },
    /// Metadata of an object changed by hand.
    Changed {
        /// `label` or `annotate`.
        verb: &'static str,
        /// Kind and name of the object.
        subject: String,
        /// The change as kubectl writes it: `key=value key-`.
        what: String,
    },
    /// Something happened to a pod's instance.
    Supply {
        /// Pod.
        pod: Id<Pod>,
        /// What.
        note: SupplyNote,
    },
    /// The `eci-profile` changed, by its place in the plan.
    Reloaded {
        /// Place in the plan's list of changes.
        place: u32,
    },
    /// A job was submitted.
    Submitted {
        /// Job.
        job: Id<Job>,
        /// Counts submissions from zero.
        run: u32,
    },
    /// A submission failed, waited or was replaced.
    JobEnded {
        /// Job.
        job: Id<Job>,
        /// Counts submissions from zero.
        run: u32,
        /// `failed`, `waited` or `replaced`.
        what: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// Containers are started again in their pod.
    Restarted {
        /// Pod.
        pod: Id<Pod>,
        /// Why they ended.
        cause: Cause,
        /// How long the kubelet waits before.
        pause: Span,
    },
    /// A pool asked for machines.
    Grown {
        /// Pool.
        pool: Id<NodePool>,
        /// Machines before.
        from: u32,
        /// Machines after.
        to: u32,
        /// Why.
        reason: String,
    },
    /// A pool did not get what it asked for, and is left alone for a while.
    BackedOff {
        /// Pool.
        pool: Id<NodePool>,
        /// What happened.
        reason: String,
        /// Until when.
        until: Time,
    },
    /// Pods wait, and no pool grows; said once until the reason changes.
    NotGrown {
        /// Why.
        reason: String,
    },
    /// A node of a pool came, went, or changed.
    Node {
        /// Node.
        node: Id<Node>,
        /// What happened to it: `requested`, `registered`, `ready`, `unneeded`, `drained`, `kept` or `released`.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// All pods of a submission succeeded.
    Completed {
        /// Job.
        job: Id<Job>,
        /// Counts submissions from zero.
        run: u32,
    },
}

/// What a provider or its virtual node says about an instance, in the provider's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SupplyNote {
    /// There is none.
    Lack(Lack),
    /// The image was found in the image cache.
    ImageCacheHit,
    /// The image has to be pulled.
    ImageCacheMissed,
    /// A spot instance will be taken back.
    SpotToBeReleased,
    /// A spot instance was taken back.
    SpotReleased,
    /// A creation call came above a limit of the provider.
    Throttled,
    /// A creation call ended with an error of the provider.
    ApiError,
    /// The pull of an image ended with an error.
    ErrImagePull,
}

impl SupplyNote {
    /// The event.
    pub const fn event(self) -> &'static str {
        match self {
            Self::Lack(lack) => lack.event(),
            Self::ImageCacheHit => "ImageCacheHit",
            Self::ImageCacheMissed => "ImageCacheMissed",
            Self::SpotToBeReleased => "SpotToBeReleased",
            Self::SpotReleased => "SpotReleased",
            Self::Throttled => "Throttling",
            Self::ApiError => "ServiceUnavailable",
            Self::ErrImagePull => "ErrImagePull",
        }
    }

    /// What it means.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Lack(Lack::NoStock) => "no instance left of any spec and zone asked for",
            Self::Lack(Lack::QuotaFull) => "the account uses as many vCPUs as it may",
            Self::Lack(Lack::IpNotEnough) => "no address left in the subnets asked for",
            Self::ImageCacheHit => "the image is in the cache",
            Self::ImageCacheMissed => "the image has to be pulled",
            Self::SpotToBeReleased => "the market price passed the bid, or the stock ran out",
            Self::SpotReleased => "reclaimed by the provider",
            Self::Throttled => "the creation call was refused; its client pauses and calls again",
            Self::ApiError => "the creation call failed; its client pauses and calls again",
            Self::ErrImagePull => "the registry does not answer; the kubelet pauses and pulls again",
        }
    }
}
