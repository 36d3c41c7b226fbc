//! Everything that can happen on the control plane.

use crate::cluster::Pod;
use crate::id::Id;
use crate::plan::{Job, Service};

/// A control-plane event. Requests are not events: they are pushed through their pods between two of these.
///
/// The order of the variants is the order within one instant: the world acts before it is measured, is measured before
/// controllers decide, decisions precede scheduling, and windows close last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The provider accepts the creation call of a pod's instance.
    InstanceAccepted(Id<Pod>),
    /// A job's pod has run to completion.
    PodSucceeded(Id<Pod>),
    /// A pod's containers are up and its readiness probe succeeds.
    PodReady(Id<Pod>),
    /// A terminating pod has finished its requests or used up its grace period.
    PodGone(Id<Pod>),
    /// A job is submitted.
    JobSubmitted(Id<Job>),
    /// The metrics pipeline reads every pod.
    Scrape,
    /// A manual scale step of a service, by its place in the plan.
    Scale(Id<Service>, u32),
    /// Something is done to the cluster by hand, by its place in the plan.
    Act(u32),
    /// An HPA evaluates its service.
    Autoscale(Id<Service>),
    /// A pause of pods without a node is over.
    QueueDue,
    /// The scheduler works through its queue.
    Schedule,
    /// A row of the time series is complete.
    WindowEnd,
    /// The run is over.
    End,
}

const _: () = assert!(size_of::<Event>() <= 16, "events are copied on every push and pop");

impl Event {
    /// The place of this kind of event within one instant.
    pub const fn rank(self) -> u8 {
        match self {
            Self::InstanceAccepted(_) => 0,
            Self::PodSucceeded(_) => 1,
            Self::PodReady(_) => 2,
            Self::PodGone(_) => 3,
            Self::JobSubmitted(_) => 4,
            Self::Scrape => 5,
            Self::Scale(..) | Self::Act(_) => 6,
            Self::Autoscale(_) => 7,
            Self::QueueDue => 8,
            Self::Schedule => 9,
            Self::WindowEnd => 10,
            Self::End => 11,
        }
    }

    /// What the digest knows this kind of event by: kept when ranks move, and larger than 100 for kinds that came later.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Schedule => 8,
            Self::WindowEnd => 9,
            Self::End => 10,
            Self::InstanceAccepted(_) => 0,
            Self::PodSucceeded(_) => 1,
            Self::PodReady(_) => 2,
            Self::PodGone(_) => 3,
            Self::JobSubmitted(_) => 4,
            Self::Scrape => 5,
            Self::Scale(..) => 6,
            Self::Autoscale(_) => 7,
            Self::QueueDue => 141,
            Self::Act(_) => 101,
        }
    }

    /// What the event is about, for the digest.
    pub(crate) const fn subject(self) -> u64 {
        match self {
            Self::InstanceAccepted(pod) | Self::PodSucceeded(pod) | Self::PodReady(pod) | Self::PodGone(pod) => pod.index() as u64,
            Self::JobSubmitted(job) => job.index() as u64,
            Self::Scale(service, step) => (service.index() as u64) << 32 | step as u64,
            Self::Act(action) => action as u64,
            Self::Autoscale(service) => service.index() as u64,
            Self::Scrape | Self::QueueDue | Self::Schedule | Self::WindowEnd | Self::End => 0,
        }
    }
}
