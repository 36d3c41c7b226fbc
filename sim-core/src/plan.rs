//! The plan: a scenario after validation. Units are resolved, names are ids, nothing is left to fail.
//!
//! A plan is built by `sim-scenarios` and read by everything else; nothing changes it.

mod action;
mod budget;
mod calls;
mod clients;
mod curve;
mod estate;
mod fault;
mod fidelity;
mod form;
mod job;
mod ladder;
mod neighbours;
mod placement;
mod policy;
mod pool;
mod scaling;
mod scheduler;
mod supply;
mod usage;
mod workload;

pub use action::{Action, ActionKind, MetadataChange, Namespace, WANTS_INSTANCE, wants_instance};
pub use budget::{Available, DisruptionBudget};
pub use calls::{Backend, Call, Callee, Calls, ChainMembers};
pub use clients::{Retries, Users};
pub use curve::{Curve, Piece};
pub use estate::{
    BillingStart, BillingStop, CreateLimit, Daemons, InstanceBilling, InstancePrice, InstanceSpec, Machine, MachinePrice, Node, NodeKind, PriceNote, Provider,
    Purchase, Rounding, SpecClass, Tier, VirtualNode,
};
pub use fault::{Backoff, FailMode, Fault, FaultBegins, FaultKind, Faults, InstanceFailures, InstanceScope, PodsHit, Repair, UNREACHABLE};
pub use fidelity::FEW_REQUESTS;
pub use form::{Form, Route};
pub use job::{Concurrency, Gang, Job, JobArrivals, JobStep};
pub use ladder::SizeSteps;
pub(crate) use ladder::fitting;
pub use neighbours::{InclusionPolicy, LabelSelector, PodAffinity, PodAffinityTerm, SpreadConstraint, WeightedTerm, WhenUnsatisfiable};
pub use placement::{NodeSelectorTerm, Operator, Placement, Preferred, Requirement, Taint, TaintEffect, Toleration, TolerationOperator};
pub use policy::{
    Adaptive, Count, DeletionCosts, PreemptPolicy, PreferRules, Split, Subset, SubsetSize, SubsetTarget, Subsets, TryNext, Unit, WAITS_FOR_NODES,
};
pub use pool::{BackoffRules, Expander, NodePool, NodeScaling, Offer, PoolShrink, ScalingMode, ShrinkRules, ZonePolicy};
pub use scaling::{Activation, CronHpa, CronHpaJob, Firing, Keda, KedaTrigger, MetricSource, Predictive, PredictiveMode, Scaling};
pub use scheduler::{AddedAffinity, Balance, DefaultSpread, QueueRules, Scheduler, ScoringStrategy, ShapePoint};
pub use supply::{
    FailStrategy, Image, InstanceType, InstanceWish, Market, PlanSupply, PodSupply, Probe, ProfileReload, ProviderSupply, Registry, Rejection, SpecChoice,
    SpotMarket, SpotPrice, SpotPrices, SpotTerms, SpotWish, Stages, StartUp, Stock, StockUnit, VSwitch, VSwitchOrder,
};
pub use usage::{Container, Growth, MILLION, MemoryUse, Part, PodUsage, StartUpCpu};
pub use workload::{
    Arrivals, Balancing, Discipline, EndpointDelay, InitialPods, Modulated, Moving, Phase, PodTemplate, Requests, RolloutRules, Service, Shedding, Traffic,
    Variant, WarmUp,
};

use crate::id::Table;
use crate::units::{Span, Time};

/// Everything a simulation needs to know.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the scenario.
    pub name: String,
    /// Whether every request is simulated, or rates.
    pub fidelity: Fidelity,
    /// How long to simulate.
    pub duration: Span,
    /// Time at the start that the summary does not count, shorter than the run: until a steady state is reached. The series has all of the run.
    pub warm_up: Span,
    /// The civil date and time of the start (RFC 3339), if the scenario gives one; for axis labels only.
    pub origin: Option<String>,
    /// Kubernetes release whose rules apply.
    pub kubernetes: KubernetesVersion,
    /// How the default scheduler is configured.
    pub scheduler: Scheduler,
    /// How many pods of which groups have to be there.
    pub disruption_budgets: Vec<DisruptionBudget>,
    /// Length of a row of the time series.
    pub window: Span,
    /// Names of the extended resources, in the order of [`crate::units::Resources::extended`].
    pub extended_resources: Vec<String>,
    /// Tiers in the order in which they first appear.
    pub tiers: Table<Tier>,
    /// Providers of instances behind virtual nodes.
    pub providers: Table<Provider>,
    /// Machines and virtual nodes, in the order written.
    pub nodes: Table<Node>,
    /// Which of them come and go.
    pub pools: Table<NodePool>,
    /// What makes them.
    pub node_scaling: NodeScaling,
    /// Namespaces: those that the scenario describes, and those of its workloads.
    pub namespaces: Table<Namespace>,
    /// Registries, subnets and the like.
    pub supply: PlanSupply,
    /// Services, in the order written.
    pub services: Table<Service>,
    /// Jobs, in the order written.
    pub jobs: Table<Job>,
    /// What services call outside of the cluster, in the order written.
    pub backends: Table<Backend>,
    /// Further templates of workloads: later revisions of a service, further steps of a job.
    pub variants: Vec<Variant>,
    /// What somebody does to the cluster, in order of time.
    pub actions: Vec<Action>,
    /// The metrics pipeline that feeds the HPA.
    pub metrics: Metrics,
    /// Flags of the HPA controller.
    pub hpa: crate::autoscaling::hpa::HpaConfig,
    /// When the API server does not answer, so that controllers neither read nor change anything: pairs of from and until.
    pub api_outages: Vec<(Time, Time)>,
    /// What breaks, and how that is noticed.
    pub faults: Faults,
    /// Currency of every amount, an ISO 4217 code.
    pub currency: String,
    /// The price book.
    pub tariff: crate::billing::Tariff,
    /// What was agreed or is paid beside the machines: reservations, savings plans, further items, penalties.
    pub terms: crate::billing::Terms,
    /// What must hold.
    pub objectives: Vec<Objective>,
}

/// How close a simulation looks at requests. The control plane is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fidelity {
    /// Every request.
    #[default]
    Request,
    /// Rates and probabilities: queueing formulas and fluids.
    Flow,
}

impl Fidelity {
    /// As written in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Flow => "flow",
        }
    }
}

/// A Kubernetes minor release, for instance 1.33.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KubernetesVersion {
    /// Major number.
    pub major: u32,
    /// Minor number.
    pub minor: u32,
}

/// How usage gets from the pods to the HPA.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// Time between two scrapes.
    pub scrape_interval: Span,
    /// Usage is averaged over this long, a whole number of scrape intervals.
    pub window: Span,
    /// How long after a scrape its sample can be read.
    pub delay: Span,
    /// When the first scrape happens.
    pub phase: Phase,
    /// A sample older than this counts as missing.
    pub staleness: Span,
}

/// A service level objective.
#[derive(Clone, Debug)]
pub struct Objective {
    /// What a reader calls it, for instance `web p99 below 300ms in 99% of windows`.
    pub name: String,
    /// The service it is about; none for all services together.
    pub service: Option<crate::id::Id<Service>>,
    /// What is measured and its bound.
    pub target: ObjectiveTarget,
    /// Share of windows with requests in which it must hold, in 0..=1.
    pub attain: f64,
}

/// What an objective bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ObjectiveTarget {
    /// A latency quantile (0..1) stays at or below a bound.
    Latency {
        /// Quantile, for instance 0.99.
        quantile: f64,
        /// Bound.
        below: Span,
    },
    /// A quantile of a part of the latency of completed requests stays at or below a bound.
    Part {
        /// Which part.
        part: LatencyPart,
        /// Quantile, for instance 0.99; 1 for the largest.
        quantile: f64,
        /// Bound.
        below: Span,
    },
    /// The share of requests that were not answered in time stays at or below a bound.
    Errors {
        /// Bound in 0..=1.
        below: f64,
    },
}

/// A part of the latency of completed requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatencyPart {
    /// Of those that pods in this tier answered.
    Tier(crate::id::Id<Tier>),
    /// Waiting for a worker.
    Waiting,
    /// Work.
    Service,
    /// Attempts before the last one.
    Retry,
    /// Waiting for other services.
    Calls,
}

impl Plan {
    /// Services and jobs together. A workload's place is its service's index, or its job's index after all services.
    pub fn workload_count(&self) -> usize {
        self.services.len() + self.jobs.len()
    }

    /// Classes of pods: those of one class are alike. A workload's place is the class of its first template; further templates follow after all
    /// workloads, in the order of `variants`.
    pub fn class_count(&self) -> usize {
        self.workload_count() + self.variants.len()
    }

    /// The place of the workload that a class of pods belongs to.
    pub fn workload_of(&self, class: usize) -> usize {
        class.checked_sub(self.workload_count()).map_or(class, |variant| self.variants[variant].workload)
    }

    /// Which of its workload's placements a class belongs to: 0 for the first, more for those that it gets during the run.
    pub fn epoch_of(&self, class: usize) -> u32 {
        class.checked_sub(self.workload_count()).map_or(0, |variant| self.variants[variant].form.map_or(0, |form| form.epoch))
    }

    /// The class that a class is another form of: itself, unless it is a variant that goes elsewhere.
    pub fn base_of(&self, class: usize) -> usize {
        class.checked_sub(self.workload_count()).and_then(|variant| self.variants[variant].form).map_or(class, |form| form.base)
    }

    /// Whether two classes are the same, or forms of the same template.
    pub fn is_same_class(&self, template: usize, class: usize) -> bool {
        template == class
            || class.checked_sub(self.workload_count()).and_then(|variant| self.variants[variant].form.as_ref()).is_some_and(|form| form.base == template)
    }

    /// The pods of a class.
    pub fn template(&self, class: usize) -> &PodTemplate {
        if let Some(variant) = class.checked_sub(self.workload_count()) {
            return &self.variants[variant].template;
        }
        match class.checked_sub(self.services.len()) {
            None => &self.services[crate::id::Id::new(class)].template,
            Some(job) => &self.jobs[crate::id::Id::new(job)].template,
        }
    }

    /// The name of the workload at this place.
    pub fn workload_name(&self, workload: usize) -> &str {
        match workload.checked_sub(self.services.len()) {
            None => &self.services[crate::id::Id::new(workload)].name,
            Some(job) => &self.jobs[crate::id::Id::new(job)].name,
        }
    }

    /// Since when the summary counts.
    pub fn measured_from(&self) -> Time {
        Time::ZERO + self.warm_up
    }

    /// The last instant of the run.
    pub fn end(&self) -> Time {
        Time::ZERO + self.duration
    }
}
