//! Services, jobs and the load they get.

use std::collections::BTreeMap;

use super::calls::Calls;
use super::clients::{Retries, Users};
use super::curve::Curve;
use super::form::Form;
use super::neighbours::{PodAffinity, SpreadConstraint};
use super::placement::{NodeSelectorTerm, Placement, Preferred, Toleration};
use super::scaling::Scaling;
use super::supply::PodSupply;
use super::usage::PodUsage;
use crate::autoscaling::hpa::HpaSpec;
use crate::controllers::deployment::Strategy;
use crate::random::Distribution;
use crate::units::{MilliCpu, Resources, Span, Time};

/// Whether an autoscaler of nodes may move pods to release their node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moving {
    /// The annotation `cluster-autoscaler.kubernetes.io/safe-to-evict`; false also stands for `karpenter.sh/do-not-disrupt: "true"`.
    pub safe_to_evict: Option<bool>,
    /// Whether the pods keep data in volumes of their node (`emptyDir`, `hostPath`).
    pub local_storage: bool,
}

/// What every pod of a workload looks like.
#[derive(Clone, Debug)]
pub struct PodTemplate {
    /// Namespace.
    pub namespace: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// What the scheduler counts: the sum over containers.
    pub requests: Resources,
    /// What its score for free resources counts: the same with stand-ins for what containers leave open.
    pub scored: Resources,
    /// Priority: who is placed first, and who makes room for whom.
    pub priority: i32,
    /// Whether it may take the place of pods of lower priority (`preemptionPolicy` is not `Never`).
    pub preempts: bool,
    /// CPU limit, if any.
    pub cpu_limit: Option<MilliCpu>,
    /// Tolerations.
    pub tolerations: Vec<Toleration>,
    /// Labels that the node must carry.
    pub node_selector: BTreeMap<String, String>,
    /// Required node affinity: terms are alternatives. `Some` of an empty list matches no node.
    pub required_affinity: Option<Vec<NodeSelectorTerm>>,
    /// Preferred node affinity.
    pub preferred_affinity: Vec<Preferred>,
    /// How evenly pods like this one are to be spread.
    pub spread: Vec<SpreadConstraint>,
    /// Which pods it is to be near.
    pub pod_affinity: PodAffinity,
    /// Which pods it is to be away from.
    pub pod_anti_affinity: PodAffinity,
    /// How fast a pod works relative to the service time as written; 1 unless a rollout changed that.
    pub speed: f64,
    /// How the node is chosen.
    pub placement: Placement,
    /// What bears on its start-up and on its instance.
    pub supply: PodSupply,
    /// Whether an autoscaler of nodes may move it.
    pub moving: Moving,
    /// Whether the scheduler that it names is there; without one nobody looks at it.
    pub has_scheduler: bool,
}

/// A further template of a workload.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The place of its workload among services, then jobs.
    pub workload: usize,
    /// What it is a form of, if it differs in nothing but where its pods go.
    pub form: Option<Form>,
    /// Its pods.
    pub template: PodTemplate,
}

/// A Deployment that serves requests.
#[derive(Clone, Debug)]
pub struct Service {
    /// Name, unique over services and jobs.
    pub name: String,
    /// Its pods.
    pub template: PodTemplate,
    /// Replicas at the start.
    pub replicas: u32,
    /// Whether the first replicas have been running for long or are created at the start.
    pub initial: InitialPods,
    /// `kubectl scale` at given times.
    pub scale_steps: Vec<(Time, u32)>,
    /// HPA, if any.
    pub hpa: Option<HpaSpec>,
    /// How long a terminating pod may finish its requests.
    pub termination_grace: Span,
    /// How long its `preStop` hook runs before a terminating pod is told to end.
    pub pre_stop: Span,
    /// How one revision of its pods is exchanged for the next.
    pub rollout: RolloutRules,
    /// The classes of its pods from the second revision on.
    pub revisions: Vec<usize>,
    /// The load.
    pub traffic: Traffic,
    /// What a pod uses besides the CPU of its requests.
    pub usage: PodUsage,
    /// What scales it besides the rules of its HPA, and where its HPA's metrics come from.
    pub scaling: Scaling,
}

impl Service {
    /// When a pod is gone that is asked to go at `now`, has finished its requests at `finished` and has this grace period: not before its hook has ended, and
    /// not after that period. The kubelet adds 2 s to it for a hook that still runs then; without a grace period there is no hook.
    pub fn gone_at(&self, now: Time, finished: Time, grace: Span) -> Time {
        const EXTENSION: Span = Span::from_secs(2);
        let hook = if grace.is_zero() { Span::ZERO } else { self.pre_stop };
        let extension = if hook > grace { EXTENSION } else { Span::ZERO };
        let last = now.saturating_add(grace).saturating_add(extension);
        finished.max(now.saturating_add(hook)).min(last)
    }
}

/// How a Deployment exchanges one revision for the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RolloutRules {
    /// How many pods more, how many fewer.
    pub strategy: Strategy,
    /// How long a pod has to be ready until it counts as available.
    pub min_ready: Span,
    /// A rollout that makes no progress for this long is stuck.
    pub progress_deadline: Span,
}

impl Default for RolloutRules {
    fn default() -> Self {
        Self { strategy: Strategy::default(), min_ready: Span::ZERO, progress_deadline: Span::from_secs(600) }
    }
}

/// State of the first replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitialPods {
    /// Running and ready since long before the start (those that fit).
    Ready,
    /// Created at the start.
    Created,
}

/// What a service's pods are asked to do.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one a service, and most have requests")]
pub enum Traffic {
    /// Nothing.
    None,
    /// Requests, one by one.
    Requests(Requests),
    /// A total CPU demand in milliCPU, split evenly over ready pods: for replaying what an HPA saw.
    CpuDemand {
        /// Total demand.
        demand: Curve,
        /// Most that one pod can use.
        cap_per_pod: Option<MilliCpu>,
    },
}

/// Requests, and what serves them. They come either at a rate or from users.
#[derive(Clone, Debug)]
pub struct Requests {
    /// An open loop: requests per second, whatever becomes of them. Empty if there are users.
    pub rate: Curve,
    /// Rates on top that come and go at random.
    pub modulated: Vec<Modulated>,
    /// Recorded instants on top at which one request each arrives, in ascending order.
    pub recorded: Vec<Time>,
    /// How requests are spaced.
    pub arrivals: Arrivals,
    /// A closed loop.
    pub users: Option<Users>,
    /// Seconds that a worker is busy with a request.
    pub service_time: Distribution,
    /// CPU that a busy worker uses, in milliCPU.
    pub cpu_per_worker: f64,
    /// Requests that a pod works on at once.
    pub concurrency: u32,
    /// Most requests waiting at a pod; further ones are rejected.
    pub queue_limit: Option<u32>,
    /// When a pod refuses requests although its queue is not full.
    pub shedding: Option<Shedding>,
    /// A client gives up after this long.
    pub timeout: Option<Span>,
    /// What a client does about an attempt that was not answered; none for nothing.
    pub retries: Option<Retries>,
    /// How the pod is chosen.
    pub balancing: Balancing,
    /// How a pod shares its time among the requests that it works on.
    pub discipline: Discipline,
    /// Period of the kernel's CPU bandwidth control, with processor sharing: requests run at full speed until the pod has used its cores' time of the
    /// period, and then stop until the next one begins, at a multiple of the period. None for an even flow.
    pub cfs_period: Option<Span>,
    /// How fast workers are by tier, relative to the service time as written; by [`super::Tier`], 1 where nothing is said.
    pub speed: Vec<f64>,
    /// Whether revisions differ in speed.
    pub revisions_differ: bool,
    /// Slow first seconds of a pod.
    pub warm_up: Option<WarmUp>,
    /// How long after it turned ready a pod refuses connections.
    pub listens_after: Span,
    /// How late those who send requests learn of changes of the pods.
    pub endpoint_delay: EndpointDelay,
    /// Seconds that an idle worker needs to wake up when a request comes; none if workers do not sleep. In a service with calls, or one that is called, it
    /// is the pod that sleeps, when it has nothing to do.
    pub wake_up: Option<Distribution>,
    /// What a request asks of other services, after its own work here.
    pub calls: Calls,
}

/// How a pod shares its time among the requests that it works on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Discipline {
    /// First come, first served: each of the pod's workers does one request at a time, at full speed.
    FirstComeFirstServed,
    /// Processor sharing: requests in work share this many cores evenly, each with at most one. The service time is the CPU time of a request alone.
    ProcessorSharing {
        /// Cores.
        cores: f64,
        /// Waiting time of a request besides its CPU time, as a share of that: for databases and other services. It holds a worker, but no core.
        waiting: f64,
    },
}

/// How late those who send requests learn of changes of the pods: from the API server over endpoint slices to every proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointDelay {
    /// From readiness to the first request, for pods that start in the run.
    pub add: Span,
    /// From the begin of termination, a failed probe or a loss to the last request. A pod that is gone by then refuses what comes.
    pub remove: Span,
}

/// When a pod sheds load: each request that would meet one of these is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shedding {
    /// A wait for a worker longer than this. Where it is not known ahead (processor sharing, services with calls), somebody who has waited for longer.
    pub wait: Option<Span>,
    /// More requests in work or waiting than this share of the pod's workers: 1 refuses all that would have to wait.
    pub utilization: Option<f64>,
}

/// Slow first seconds of a pod: caches are cold, code is not compiled yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarmUp {
    /// How long they take.
    pub length: Span,
    /// Speed relative to a warm pod, in 0..=1: of work that starts in this time.
    pub speed: f64,
}

/// How arrivals are spaced around the rate.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// A Poisson process.
    Poisson,
    /// Evenly: one each time the integral of the rate grows by one.
    Constant,
    /// A renewal process: gaps, in expected arrivals, are independent draws from this distribution, whose mean is 1.
    Renewal(Distribution),
}

/// A rate that changes at random between states, as in a Markov-modulated Poisson process. The first state is drawn as in the long run.
#[derive(Clone, Debug, PartialEq)]
pub struct Modulated {
    /// Requests per second in each state, and how long it lasts on average in seconds: exponentially distributed.
    pub states: Vec<(f64, f64)>,
    /// When it starts; no requests before.
    pub start: Time,
    /// When it ends.
    pub until: Time,
}

/// How a request's pod is chosen among the ready ones.
#[derive(Clone, Debug, PartialEq)]
pub enum Balancing {
    /// Uniformly at random (kube-proxy in iptables mode).
    Random,
    /// In turn.
    RoundRobin,
    /// The one of two random pods with fewer outstanding requests (Mitzenmacher 2001).
    PowerOfTwo,
    /// The pod with the fewest outstanding requests; in turn among those with as many.
    LeastOutstanding,
    /// At random in proportion to these weights, by [`super::Tier`].
    Weighted(Vec<f64>),
    /// A node that has such pods, at random, then one of its pods, as a load balancer does for `externalTrafficPolicy: Local`.
    Local,
    /// Each request has a key, and each key has its pod on a ring of hashes, which few other pods' coming and going changes.
    ConsistentHash {
        /// Number of keys, for instance of users or objects.
        keys: u32,
        /// The k-th most popular key is asked for in proportion to 1 / k^skew; 0 for all alike.
        skew: f64,
    },
    /// All wait in one queue, and a pod takes the first one whenever it has a free worker: consumers of a message queue.
    Queue,
}

impl Requests {
    /// Pods with `concurrency` workers of this service time in seconds, one core a worker, with patient clients and random choice; no requests yet.
    pub const fn new(service_time: Distribution, concurrency: u32) -> Self {
        Self {
            rate: Curve::ZERO,
            modulated: Vec::new(),
            recorded: Vec::new(),
            arrivals: Arrivals::Poisson,
            users: None,
            service_time,
            cpu_per_worker: 1000.0,
            concurrency,
            queue_limit: None,
            shedding: None,
            timeout: None,
            retries: None,
            balancing: Balancing::Random,
            discipline: Discipline::FirstComeFirstServed,
            cfs_period: None,
            speed: Vec::new(),
            revisions_differ: false,
            warm_up: None,
            listens_after: Span::ZERO,
            endpoint_delay: EndpointDelay { add: Span::ZERO, remove: Span::ZERO },
            wake_up: None,
            calls: Calls { steps: Vec::new(), hold_worker: false },
        }
    }
}

impl Balancing {
    /// Whether the choice depends on how many requests pods have.
    pub const fn looks_at_pods(&self) -> bool {
        matches!(self, Self::PowerOfTwo | Self::LeastOutstanding)
    }
}

/// When a periodic task first happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// This long after its start.
    Fixed(Span),
    /// A uniform draw from one period: real phases are accidents.
    Random,
}
