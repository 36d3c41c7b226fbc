//! Everything that can happen on the control plane.

use crate::cluster::Pod;
use crate::id::Id;
use crate::plan::{Job, Node, Provider, Service};

/// A control-plane event. Requests are not events: they are pushed through their pods between two of these.
///
/// The order of the variants is the order within one instant: the world acts before it is measured, is measured before
/// controllers decide, decisions precede scheduling, and windows close last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Something breaks, is repaired, or is noticed.
    Fault(FaultEvent),
    /// Something about instances, images or stocks.
    Supply(SupplyEvent),
    /// The provider accepts the creation call of a pod's instance.
    InstanceAccepted(Id<Pod>),
    /// Something about a machine of a pool.
    Machine(MachineEvent),
    /// A job's pod has run to completion.
    PodSucceeded(Id<Pod>),
    /// A pod's containers are up and its readiness probe succeeds.
    PodReady(Id<Pod>),
    /// A terminating pod has finished its requests or used up its grace period.
    PodGone(Id<Pod>),
    /// A job is submitted.
    JobSubmitted(Id<Job>),
    /// A pause or a deadline of a job is over, by its submission.
    JobSync(Id<Job>, u32),
    /// The memory of pods is compared with their limits.
    MemoryCheck,
    /// The metrics pipeline reads every pod.
    Scrape,
    /// A manual scale step of a service, by its place in the plan.
    Scale(Id<Service>, u32),
    /// Something is done to the cluster by hand, by its place in the plan.
    Act(u32),
    /// A pod of an adaptive placement should have found a node by now.
    Reschedule(Id<Pod>),
    /// A pod has waited as long for a unit of its policy as it may.
    UnitTimeout,
    /// Pods have held their places for others as long as they may, or those may be tried again.
    GangDue,
    /// A node is drained further.
    Drain(Id<Node>),
    /// A job of a service's `CronHPA` fires, by its place in the plan, or tries again.
    CronFires(Id<Service>, u32),
    /// KEDA looks at the triggers of a service.
    KedaPolls(Id<Service>),
    /// A predictive autoscaler looks at its forecast.
    Predicts(Id<Service>),
    /// An HPA evaluates its service.
    Autoscale(Id<Service>),
    /// An autoscaler of nodes looks around, as it does from time to time.
    ScanNodes,
    /// Pods that found no node make an autoscaler of nodes look.
    WantNodes,
    /// A pause of pods without a node is over.
    QueueDue,
    /// The Deployment controller looks at a service.
    Deploy(Id<Service>),
    /// The scheduler works through its queue.
    Schedule,
    /// A row of the time series is complete.
    WindowEnd,
    /// The warm-up is over: the summary counts from here on.
    Measure,
    /// The run is over.
    End,
}

const _: () = assert!(size_of::<Event>() <= 16, "events are copied on every push and pop");

impl Event {
    /// The place of this kind of event within one instant.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Fault(_) | Self::InstanceAccepted(_) | Self::Supply(_) | Self::Machine(_) => 0,
            Self::PodSucceeded(_) => 1,
            Self::PodReady(_) => 2,
            Self::PodGone(_) => 3,
            Self::JobSubmitted(_) | Self::JobSync(..) | Self::MemoryCheck => 4,
            Self::Scrape => 5,
            Self::Scale(..) | Self::Act(_) | Self::Drain(_) | Self::UnitTimeout | Self::GangDue | Self::Reschedule(_) => 6,
            Self::CronFires(..) => 7,
            Self::KedaPolls(_) => 8,
            Self::Predicts(_) => 9,
            Self::Autoscale(_) | Self::ScanNodes | Self::WantNodes => 10,
            Self::QueueDue | Self::Deploy(_) => 11,
            Self::Schedule => 12,
            Self::WindowEnd => 13,
            Self::Measure => 14,
            Self::End => 15,
        }
    }

    /// What the digest knows this kind of event by: kept when ranks move, and larger than 100 for kinds that came later.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Deploy(_) => 110,
            Self::Drain(_) => 111,
            Self::JobSync(..) => 112,
            Self::MemoryCheck => 113,
            Self::Measure => 130,
            Self::Schedule => 8,
            Self::WindowEnd => 9,
            Self::End => 10,
            Self::InstanceAccepted(_) => 0,
            Self::Supply(_) => 120,
            Self::Fault(_) => 160,
            Self::PodSucceeded(_) => 1,
            Self::PodReady(_) => 2,
            Self::PodGone(_) => 3,
            Self::JobSubmitted(_) => 4,
            Self::Scrape => 5,
            Self::Scale(..) => 6,
            Self::Autoscale(_) => 7,
            Self::QueueDue => 141,
            Self::Act(_) => 101,
            Self::UnitTimeout => 102,
            Self::GangDue => 161,
            Self::CronFires(..) => 151,
            Self::KedaPolls(_) => 152,
            Self::Predicts(_) => 153,
            Self::Reschedule(_) => 103,
            Self::Machine(_) => 170,
            Self::ScanNodes => 171,
            Self::WantNodes => 172,
        }
    }

    /// What the event is about, for the digest.
    pub(crate) const fn subject(self) -> u64 {
        match self {
            Self::Supply(event) => event.subject(),
            Self::Fault(event) => event.subject(),
            Self::Machine(event) => event.subject(),
            Self::InstanceAccepted(pod) | Self::PodSucceeded(pod) | Self::PodReady(pod) | Self::PodGone(pod) | Self::Reschedule(pod) => pod.index() as u64,
            Self::JobSubmitted(job) => job.index() as u64,
            Self::JobSync(job, run) => (job.index() as u64) << 32 | run as u64,
            Self::Scale(service, part) | Self::CronFires(service, part) => (service.index() as u64) << 32 | part as u64,
            Self::Act(action) => action as u64,
            Self::Drain(node) => node.index() as u64,
            Self::Autoscale(service) | Self::Deploy(service) | Self::KedaPolls(service) | Self::Predicts(service) => service.index() as u64,
            Self::UnitTimeout
            | Self::GangDue
            | Self::ScanNodes
            | Self::WantNodes
            | Self::Scrape
            | Self::MemoryCheck
            | Self::QueueDue
            | Self::Schedule
            | Self::WindowEnd
            | Self::Measure
            | Self::End => 0,
        }
    }
}

/// What happens to machines of pools, by their place in the order of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MachineEvent {
    /// It is a node of the cluster.
    Registered(u32),
    /// The node is ready.
    Ready(u32),
    /// Evictions that a disruption budget did not allow are tried again.
    Evict(u32),
    /// The spot market tells it of its end.
    Notice(u32),
    /// The spot market takes it back.
    Reclaim(u32),
    /// What the market has of a pool's machines changes. This is by the pool's place in the plan.
    Stock(u32),
}

impl MachineEvent {
    const fn subject(self) -> u64 {
        let (kind, life) = match self {
            Self::Registered(life) => (0, life),
            Self::Ready(life) => (1, life),
            Self::Evict(life) => (2, life),
            Self::Notice(life) => (3, life),
            Self::Reclaim(life) => (4, life),
            Self::Stock(pool) => (5, pool),
        };
        kind << 48 | life as u64
    }
}

/// What happens to instances, images and stocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SupplyEvent {
    /// A virtual node calls its provider for a pod.
    Call(Id<Pod>),
    /// A pod's sandbox is there.
    Sandbox(Id<Pod>),
    /// The next pull of a registry ends, unless something changed since this version of its link.
    Pulled(u16, u32),
    /// An image that was there already has been found.
    Cached(Id<Pod>),
    /// A provider is asked again for what it had not.
    Retry(Id<Provider>),
    /// A provider reports that it has no instance for a pod.
    Failed(Id<Pod>),
    /// A pod has waited for an instance as long as it may.
    GiveUp(Id<Pod>),
    /// A spot instance is told that it will be taken back.
    Notice(Id<Pod>),
    /// A spot instance is taken back.
    Reclaim(Id<Pod>),
    /// A stock of a provider changes.
    StockChange(Id<Provider>),
    /// A virtual node registers.
    Registered(Id<Node>),
    /// The `eci-profile` changes, by its place in the plan.
    Reloaded(u32),
}

impl SupplyEvent {
    /// What the event is, and about what.
    const fn subject(self) -> u64 {
        let (kind, what) = match self {
            Self::Call(pod) => (0, pod.index() as u64),
            Self::Sandbox(pod) => (1, pod.index() as u64),
            Self::Pulled(link, version) => (2, (link as u64) << 32 | version as u64),
            Self::Cached(pod) => (3, pod.index() as u64),
            Self::Retry(provider) => (4, provider.index() as u64),
            Self::Failed(pod) => (5, pod.index() as u64),
            Self::GiveUp(pod) => (6, pod.index() as u64),
            Self::Notice(pod) => (7, pod.index() as u64),
            Self::Reclaim(pod) => (8, pod.index() as u64),
            Self::StockChange(provider) => (9, provider.index() as u64),
            Self::Registered(node) => (10, node.index() as u64),
            Self::Reloaded(place) => (11, place as u64),
        };
        kind << 48 | what
    }
}

/// What breaks, is repaired or is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultEvent {
    /// A fault begins, by its place in the plan.
    Begins(u32),
    /// It is repaired.
    Ends(u32),
    /// A node has been silent for the whole grace period.
    NodeSilent(Id<Node>),
    /// A pod that runs on has been silent for as long.
    PodSilent(Id<Pod>),
    /// A pod's toleration of its silent node has run out.
    Evict(Id<Pod>),
    /// An instance fails by itself.
    InstanceFails(Id<Pod>),
    /// A pull that failed is tried again.
    PullAgain(Id<Pod>),
}

impl FaultEvent {
    /// What the event is, and about what.
    const fn subject(self) -> u64 {
        let (kind, what) = match self {
            Self::Begins(place) => (0, place as u64),
            Self::Ends(place) => (1, place as u64),
            Self::NodeSilent(node) => (2, node.index() as u64),
            Self::PodSilent(pod) => (3, pod.index() as u64),
            Self::Evict(pod) => (4, pod.index() as u64),
            Self::InstanceFails(pod) => (5, pod.index() as u64),
            Self::PullAgain(pod) => (6, pod.index() as u64),
        };
        kind << 48 | what
    }
}
