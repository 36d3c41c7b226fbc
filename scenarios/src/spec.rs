//! What a scenario says, as written: plain structures without any judgement. [`crate::check`] turns them into a plan.
//!
//! Doc comments here are the descriptions in the JSON Schema, so they speak to people who write scenarios.

mod batch;
mod calls;
mod clients;
mod cluster;
mod control;
mod costs;
mod distribution;
mod estate;
mod events;
mod expect;
mod fault;
mod fidelity;
mod hpa;
mod load;
mod named;
mod neighbours;
mod objective;
mod placement;
mod policy;
mod pool;
mod profiles;
mod provider;
mod rollout;
mod scaling;
mod scheduler;
mod serving;
mod short;
mod subsets;
mod supply;
mod usage;
mod workload;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use batch::{CompletionMode, ConcurrencyPolicy, ExitCodes, FailureAction, Gang, JobStep, PodFailureRule, RestartPolicy};
pub use calls::{Backend, Call, CallStep, Holds};
pub use clients::{AttemptWork, Backoff, Retries, UserStage, Users};
pub use cluster::{CO_SCHEDULER, Cluster, ClusterKind};
pub use control::{HpaController, Metrics, PhaseText};
pub use costs::{Calendar, CostItem, Costs, OwnedMachine, Penalty, PenaltyStep, PerRequest, ReservedInstances, SavingsKind, SavingsPlan};
pub use distribution::{Distribution, DistributionForm, Gamma, LogNormal, Mean, Pareto, Range, Weibull};
pub use estate::{Billing, Node, Reservation, ReservationPolicy, Taint, TaintEffect, VirtualNode};
pub use events::{Annotate, Apply, DeletePod, Event, Label, Maintenance, Namespace, OfJob, OfNode, OfService, Rollout, Scale, UndoRollout};
pub use expect::{Bounds, Expect, Expected};
pub use fault::{ApiBackoff, FailMode, Fault, FaultTrace, InstanceFailure, NodeCrash, Partition, ProviderApi, ReadinessFlap, RegistryFault, ZoneOutage};
pub use fidelity::Fidelity;
pub use hpa::{
    Behavior, ContainerResourceMetric, ExternalMetric, Hpa, Metric, MetricName, MetricTarget, ObjectMetric, PodsMetric, ResourceMetric, ScalingPolicy,
    ScalingRules,
};
pub use load::{CpuDemand, Crawler, Diurnal, FlashSale, Offset, Profile, Replay, Stage, Stages};
pub use named::Named;
pub use neighbours::{
    InclusionPolicy, LabelOperator, LabelRequirement, LabelSelector, PodAffinity, PodAffinityTerm, TopologySpreadConstraint, WeightedPodAffinityTerm,
    WhenUnsatisfiable,
};
pub use objective::{LatencyCause, Objective};
pub use placement::{
    Affinity, NodeAffinity, NodeSelector, NodeSelectorTerm, Operator, Placement, PlacementDefaults, Preference, PreferredTerm, Requirement, Toleration,
    TolerationOperator, Unmodelled,
};
pub use policy::{PreemptPolicy, ResourcePolicy, TryNextPolicy, Unit, WhenTryNextUnits};
pub use pool::{AutoscalerProfile, ClusterAutoscaler, DaemonSet, InstantElasticity, NodeImage, Pool, PoolSpot, PoolStock, ZonePolicy};
pub use profiles::{ClassStart, Day, Modulated, Promotion, State, Surge, Timestamps, Weekly};
pub use provider::{
    BillingStart, BillingStop, CallsPer, CpuSteps, CreateLimit, InstanceBilling, MemorySteps, Prices, Provider, ProviderPrice, Rounding, Rung, Size, Sizes,
    Steps, TokenBucket,
};
pub use rollout::{RollingUpdate, Strategy};
pub use scaling::{
    CronHpa, CronHpaJob, CronTarget, CustomMetrics, History, InstanceBound, JobMetric, Keda, KedaCron, KedaMetric, KedaTrigger, MetricSource, Predictive,
    PredictiveMode, RequestRate, ServiceMetric, WorkloadMetric,
};
pub use scheduler::{AddedAffinity, DefaultSpread, DisruptionBudget, PreemptionPolicy, Priority, PriorityClass, Scheduler, ScoringStrategy, Shape, SpreadList};
pub use serving::{Arrivals, Balancing, ConsistentHash, Discipline, EndpointDelay, Shedding, Variation, WarmUp};
pub use short::ShortOr;
pub use subsets::{AdaptiveTimes, DeletionCosts, ElasticPart, ElasticWorkload, Subset, UnitedDeployment, WorkloadSpread};
pub use supply::{
    EciProfile, Image, ImageForm, Market, MatchLabels, NeedsHost, ProfileEffect, ProfileReload, ProfileSelector, Quota, Readiness, Registry, ScheduleStrategy,
    SpotMarket, SpotPrices, StartUpStages, Stock, StockUnit, VSwitch,
};
pub use usage::{Container, CpuPart, Growth, MemoryPart, MemoryUse, StartUp};
pub use workload::{Amounts, Autoscaler, InitialPods, Job, ScaleStep, Service};

use crate::text::{DateTime, Duration, Text};

/// A scenario of Overspill: an estate of nodes, the workloads on it, the load they get, prices, and what must hold.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Scenario {
    /// Name of the scenario, used in reports and folder names.
    pub name: String,
    /// The question that the scenario answers, in a sentence or two.
    pub description: Option<String>,
    /// How long to simulate, for instance `2h` or `7d`; at most 10 years.
    pub duration: Duration,
    /// Time at the start of the run that figures and costs do not count, for a steady state; series have all of the run. Default: none.
    pub warm_up: Option<Duration>,
    /// Date and time at which the run starts, which `diurnal` load and axis labels follow. Default: midnight.
    pub start: Option<Text<DateTime>>,
    /// Length of one row of the time series, and of the windows that objectives look at. Default: a round length that gives at most 720 rows.
    pub window: Option<Duration>,
    /// Seed of the random streams; the same seed gives the same run.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// How close to look at requests: every one of them (`request`), or rates and probabilities (`flow`), which takes seconds for a year of thousands of pods.
    /// The control plane is the same. Default: `request`.
    #[serde(default)]
    pub fidelity: Fidelity,
    /// The Kubernetes release whose rules apply.
    #[serde(default)]
    pub kubernetes: Kubernetes,
    /// How kube-scheduler is configured.
    #[serde(default)]
    pub scheduler: Scheduler,
    /// What holds for the placement of all pods that say nothing about it.
    #[serde(default)]
    pub placement: PlacementDefaults,
    /// Priority classes, by name. `system-cluster-critical` and `system-node-critical` always exist.
    #[serde(default)]
    pub priority_classes: Named<PriorityClass>,
    /// How many pods of a group have to be there, by name of the budget: preemption and drains respect it.
    #[serde(default)]
    pub disruption_budgets: Named<DisruptionBudget>,
    /// The price book: its name (`overspill prices list` shows them), the path of one's own book, or `{book: …, billing: …}`. Default: `aliyun-cn-hangzhou`.
    pub prices: Option<ShortOr<String, Prices>>,
    /// What was agreed or is paid beside machines and instances, and how the bill is shown.
    #[serde(default)]
    pub costs: Costs,
    /// Machines that can hold pods.
    #[serde(default)]
    pub nodes: Vec<Node>,
    /// Nodes without a machine: each of their pods becomes an instance of a provider, billed by the second.
    #[serde(default)]
    pub virtual_nodes: Vec<VirtualNode>,
    /// Machines that an autoscaler asks for and releases, by name of the pool.
    #[serde(default)]
    pub pools: Named<Pool>,
    /// cluster-autoscaler, which makes `pools` grow and shrink. Default: as it starts without flags.
    pub cluster_autoscaler: Option<ClusterAutoscaler>,
    /// Instant elasticity instead of cluster-autoscaler's periodic look: `{}` for the usual settings. Limits, expanders and how pools shrink are still `clusterAutoscaler`'s.
    pub instant_elasticity: Option<InstantElasticity>,
    /// Pods that run on every machine, by name of their DaemonSet.
    #[serde(default)]
    pub daemon_sets: Named<DaemonSet>,
    /// Settings of the providers behind virtual nodes, by name, where they differ from the price book's.
    #[serde(default)]
    pub providers: Named<Provider>,
    /// Registries that images are pulled from, by name.
    #[serde(default)]
    pub registries: Named<Registry>,
    /// Subnets in which instances are created, by name.
    #[serde(default)]
    pub v_switches: Named<VSwitch>,
    /// The ConfigMap `kube-system/eci-profile`, which can also be among `manifests`.
    pub eci_profile: Option<EciProfile>,
    /// Kubernetes manifests to use as they are: Deployments, Jobs, CronJobs, autoscalers (HPA, CronHPA, KEDA, AHPA), policies (ResourcePolicy, OpenKruise,
    /// ElasticWorkload, `PodGroup`), PriorityClasses, disruption budgets, Namespaces, the `eci-profile` and kube-scheduler's configuration. What is not
    /// simulated is said. Paths are relative to this file.
    #[serde(default)]
    pub manifests: Vec<String>,
    /// The kind of cluster and its add-ons.
    #[serde(default)]
    pub cluster: Cluster,
    /// Namespaces, by name, where their labels or annotations matter.
    #[serde(default)]
    pub namespaces: Named<Namespace>,
    /// Services, by name: groups of equal pods that answer requests. An entry with the name of a Deployment in `manifests` adds to it, and wins over it.
    #[serde(default)]
    pub services: Named<Service>,
    /// Jobs, by name: pods that run to completion.
    #[serde(default)]
    pub jobs: Named<Job>,
    /// What services call outside of the cluster, by name: databases and the like, of fixed capacity.
    #[serde(default)]
    pub backends: Named<Backend>,
    /// The load, by service. The rates of one service add up.
    #[serde(default)]
    pub load: Named<Vec<Profile>>,
    /// What somebody does to the cluster, at instants of the run: `[{scale: {at: 10m, service: web, replicas: 30}}]`.
    #[serde(default)]
    pub events: Vec<Event>,
    /// What breaks: zones, machines, networks, instances, registries, provider APIs and probes, at instants or at random.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// How usage gets from the pods to the HPA.
    #[serde(default)]
    pub metrics: Metrics,
    /// What custom and external metrics show, by the name that HPAs and KEDA triggers use: `{requests_per_second: {requestRate: {of: web}}}`.
    #[serde(default)]
    pub custom_metrics: CustomMetrics,
    /// Flags of the HPA controller in kube-controller-manager.
    #[serde(default)]
    pub hpa_controller: HpaController,
    /// What must hold, for instance a latency quantile below a bound in most windows.
    #[serde(default)]
    pub objectives: Vec<Objective>,
    /// What a run must show, checked by `overspill test`.
    #[serde(default)]
    pub expect: Vec<Expect>,
}

/// The Kubernetes release whose rules apply.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Kubernetes {
    /// Minor release, in quotes, from `"1.16"` on. It decides scheduler weights and HPA rules.
    #[serde(default = "default_version")]
    #[schemars(pattern(r"^1\.[0-9]+$"))]
    pub version: String,
    /// Feature gates that differ from the release's defaults: `HPAScaleToZero`, `HPAConfigurableTolerance`, `HPAContainerMetrics`.
    #[serde(default)]
    pub feature_gates: BTreeMap<String, bool>,
    /// When the API server does not answer: autoscalers do nothing, and a CronHPA tries again. `[{from: 60s, until: 65s}]`.
    #[serde(default)]
    pub api_outages: Vec<Outage>,
    /// How long a node may be silent until it counts as `NotReady`. Default: `50s` from 1.32 on, `40s` before.
    pub node_monitor_grace_period: Option<Duration>,
    /// How long pods stay on an unreachable node that have no toleration of their own for `node.kubernetes.io/unreachable`. Default: `5m`.
    pub default_unreachable_toleration: Option<Duration>,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Outage {
    /// Its first instant.
    pub from: Duration,
    /// The instant after its last.
    pub until: Duration,
}

impl Default for Kubernetes {
    fn default() -> Self {
        Self {
            version: default_version(),
            feature_gates: BTreeMap::new(),
            api_outages: Vec::new(),
            node_monitor_grace_period: None,
            default_unreachable_toleration: None,
        }
    }
}

fn default_version() -> String {
    "1.33".to_owned()
}

const fn default_seed() -> u64 {
    1
}
