//! A pod and its phases.

use std::ops::Deref;

use super::Cause;
use crate::id::Id;
use crate::metrics::Notes;
use crate::plan::{InstanceSpec, Job, Market, Node, Service, VSwitch};
use crate::traffic::Slot;
use crate::units::{Span, Time};

/// A pod, from its creation to the end of the run: one that has ended keeps its record, because billing reads it.
#[derive(Clone, Debug)]
pub struct Pod {
    /// Whose it is.
    pub owner: Owner,
    /// Counts the pods of its workload from zero.
    pub number: u32,
    /// Which template it was made from; see [`crate::plan::Plan::template`].
    pub class: usize,
    /// The revision of its Deployment that it belongs to, from 1; stands for the label `pod-template-hash`. 0 for a job's pods.
    pub revision: u32,
    /// Completion index in its job; 0 for a service's pods.
    pub index: u32,
    /// Phase.
    pub phase: Phase,
    /// Whether its containers run on although it is unready: its probe fails, or nobody hears of it.
    pub runs_unready: bool,
    /// Whether it ran since long before the start of the run.
    pub preexisting: bool,
    /// Where it is bound.
    pub node: Option<Id<Node>>,
    /// Where the counts of its policy hold it: group and unit.
    pub counted: Option<(u32, u32)>,
    /// The subset of its workload that it is in, by its place.
    pub subset: Option<u32>,
    /// Its instance, on a virtual node.
    pub spec: Option<Box<InstanceSpec>>,
    /// How its instance is paid for.
    pub market: Market,
    /// The subnet of its instance, if its virtual node has several.
    pub vswitch: Option<Id<VSwitch>>,
    /// Created.
    pub created: Time,
    /// Bound to a node.
    pub scheduled: Option<Time>,
    /// Containers start to be created; on a virtual node, the provider accepted the creation call.
    pub starting: Option<Time>,
    /// Ready for the first time.
    pub ready: Option<Time>,
    /// Ready for the latest time: differs from `ready` once it was unready in between.
    pub ready_since: Option<Time>,
    /// When it gets ready or its work is done, as far as that is known: an event of another instant is out of date.
    pub due: Option<Time>,
    /// Asked to terminate.
    pub terminating: Option<Time>,
    /// Gone or succeeded: resources are free and billing has stopped.
    pub ended: Option<Time>,
    /// What took it away or made it fail, once something did.
    pub cause: Option<Cause>,
    /// What it went through if its containers ever stopped.
    pub interruptions: Interruptions,
    /// Breaks ties as a UID does.
    pub uid: u64,
    /// Its place in the request kernel, while it has one.
    pub slot: Option<Slot>,
    /// Counters, once there are any.
    pub counters: Counters,
    /// What was noted at the latest scrapes, oldest first.
    pub scrapes: Notes,
}

/// Counters of a pod that serves. Most pods of a batch have none, so they stand elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Counters(Option<Box<Readings>>);

/// What the counters of a pod are compared with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Readings {
    /// The demand meter's reading when it turned ready.
    pub demand_base: u128,
    /// CPU that it had used when it last stopped serving, as its service counts it.
    pub cpu_used: u128,
    /// The counter of requests for each pod of its service when it turned ready.
    pub requests_base: u128,
    /// When its containers began to run before it turned ready, if its service uses CPU to start.
    pub running_from: Option<Time>,
}

/// What a pod went through whose containers stopped at least once. Most never do, so it stands elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Interruptions(Option<Box<Interrupted>>);

/// How a pod was interrupted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interrupted {
    /// When it last stopped being ready.
    pub unready_since: Option<Time>,
    /// The pause before its containers are started again next time.
    pub backoff: Span,
    /// Times that its containers were started again.
    pub restarts: u32,
}

impl Interruptions {
    /// What happened, for change.
    pub fn change(&mut self) -> &mut Interrupted {
        self.0.get_or_insert_default()
    }
}

impl Deref for Interruptions {
    type Target = Interrupted;

    fn deref(&self) -> &Interrupted {
        static NONE: Interrupted = Interrupted { unready_since: None, backoff: Span::ZERO, restarts: 0 };
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl Counters {
    /// The readings; all zero if there are none.
    pub fn get(&self) -> Readings {
        self.0.as_deref().copied().unwrap_or_default()
    }

    /// The readings, for change.
    pub fn change(&mut self) -> &mut Readings {
        self.0.get_or_insert_default()
    }

    /// Sets when containers began to run before the pod turned ready.
    pub fn run_from(&mut self, from: Option<Time>) {
        if from.is_some() || self.0.is_some() {
            self.change().running_from = from;
        }
    }
}

/// Whose a pod is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A service's replica.
    Service(Id<Service>),
    /// A pod of the `run`-th submission of a job.
    Job {
        /// Job.
        job: Id<Job>,
        /// Counts submissions from zero.
        run: u32,
    },
}

/// Phase of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// No node yet.
    Pending,
    /// Bound to a virtual node whose provider has not accepted the creation call yet.
    Scheduled,
    /// Containers are being created.
    Starting,
    /// Was ready and is not now: its containers start again, or its readiness probe fails.
    Unready,
    /// Serves requests, or does its work.
    Ready,
    /// Finishes its requests; takes no more.
    Terminating,
    /// Removed by its controller.
    Terminated,
    /// Ran to completion.
    Succeeded,
    /// Its containers ended with an error for good, or it was lost.
    Failed,
}

impl Phase {
    /// Number of phases.
    pub const COUNT: usize = Self::Failed as usize + 1;

    /// The name in records and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Scheduled => "Scheduled",
            Self::Starting => "Starting",
            Self::Unready => "Unready",
            Self::Ready => "Ready",
            Self::Terminating => "Terminating",
            Self::Terminated => "Terminated",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }

    /// Whether a pod may go from `self` to `to`; anything else is a bug of the simulator.
    const fn allows(self, to: Self) -> bool {
        use Phase::{Failed, Pending, Ready, Scheduled, Starting, Succeeded, Terminated, Terminating, Unready};
        matches!(
            (self, to),
            (Pending, Scheduled | Terminated | Failed)
                | (Scheduled, Pending | Starting | Terminated | Failed)
                | (Starting, Ready | Terminated | Failed)
                | (Ready, Unready | Terminating | Terminated | Succeeded | Failed)
                | (Unready, Ready | Terminating | Terminated | Failed)
                | (Terminating, Terminated | Failed)
        )
    }
}

impl Pod {
    /// Moves the pod on to `phase` at `now` and notes the time.
    pub fn enter(&mut self, phase: Phase, now: Time) {
        assert!(self.phase.allows(phase), "pod {} of {:?} cannot go from {} to {}", self.number, self.owner, self.phase.name(), phase.name());
        self.phase = phase;
        let stamp = match phase {
            // Its virtual node handed it back to the scheduler.
            Phase::Pending => {
                self.scheduled = None;
                return;
            }
            Phase::Unready => {
                self.interruptions.change().unready_since = Some(now);
                return;
            }
            Phase::Scheduled => &mut self.scheduled,
            Phase::Starting => &mut self.starting,
            Phase::Ready => {
                self.runs_unready = false;
                self.ready_since = Some(now);
                if self.ready.is_some() {
                    return;
                }
                &mut self.ready
            }
            Phase::Terminating => &mut self.terminating,
            Phase::Terminated | Phase::Succeeded | Phase::Failed => &mut self.ended,
        };
        *stamp = Some(now);
    }

    /// Whether it has been ready since long before the start of the run.
    pub fn is_long_ready(&self) -> bool {
        self.preexisting && self.ready_since == self.ready
    }

    /// Whether its controller still counts it as a replica.
    pub const fn is_active(&self) -> bool {
        matches!(self.phase, Phase::Pending | Phase::Scheduled | Phase::Starting | Phase::Unready | Phase::Ready)
    }
}
