//! What a run leaves: plain data that reports, expectations and re-pricing read.
//!
//! Keys of [`Summary`] are a contract: they may be added, never renamed. Times are in seconds, latencies in milliseconds, money in
//! decimal strings.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::units::Money;

/// Everything that a run leaves.
#[derive(Clone, Debug)]
pub struct Record {
    /// Totals.
    pub summary: Summary,
    /// One row per window and workload.
    pub workload_series: Vec<WorkloadRow>,
    /// One row per window and tier.
    pub tier_series: Vec<TierRow>,
    /// One row per pod, in the order of creation.
    pub pods: Vec<PodRow>,
    /// One row per node that can hold pods.
    pub nodes: Vec<NodeRow>,
    /// What controllers decided, in order.
    pub decisions: Vec<DecisionRow>,
}

/// The object that `run --json` prints.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Always `overspill.summary/1`.
    pub schema: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Seed of the run.
    pub seed: u64,
    /// `request`: every request was simulated.
    pub fidelity: String,
    /// Simulated time.
    pub simulated_s: f64,
    /// Time it took; set by the caller, the only field that is not deterministic together with the ratio below.
    pub wall_s: f64,
    /// Simulated seconds in a second; set by the caller.
    pub simulated_to_wall: f64,
    /// Control-plane events.
    pub events: u64,
    /// Hash of everything deterministic, 16 hexadecimal digits.
    pub digest: String,
    /// Requests of all services.
    pub requests: RequestCounts,
    /// Latency over all services.
    pub latency_ms: LatencySummary,
    /// By service.
    pub workloads: BTreeMap<String, WorkloadSummary>,
    /// By job.
    pub jobs: BTreeMap<String, JobSummary>,
    /// By tier.
    pub tiers: BTreeMap<String, TierSummary>,
    /// Pods alive at the end, by namespace and node.
    pub pods_by_namespace: BTreeMap<String, BTreeMap<String, u32>>,
    /// Nodes at the end, by name.
    pub nodes: BTreeMap<String, NodeRow>,
    /// Pods that were Pending at the end, by workload, with the reason.
    pub pending: Vec<PendingSummary>,
    /// The bill.
    pub cost: CostSummary,
    /// How objectives fared.
    pub objectives: Vec<ObjectiveSummary>,
    /// How long capacity took to catch up with each rise of the load.
    pub spikes: Vec<SpikeSummary>,
    /// Success rate, throughput and concurrency over time, by service.
    pub series: BTreeMap<String, ServiceSeries>,
    /// Suspicious but possible: texts to show beside the result.
    pub warnings: Vec<String>,
}

/// Counts of requests; offered = completed + timed out + rejected + failed + in flight.
///
/// A request that is sent again is one request: it counts as what became of its last attempt, when that ended, and is in flight until then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct RequestCounts {
    /// Arrived.
    pub offered: u64,
    /// Answered in time.
    pub completed: u64,
    /// Given up by the client.
    pub timed_out: u64,
    /// Refused: no ready pod, or a full queue.
    pub rejected: u64,
    /// Lost with their pod.
    pub failed: u64,
    /// Attempts after the first, on top of `offered`: requests sent again after a time-out, a refusal or a failure.
    pub retried: u64,
    /// Neither answered nor given up at the end.
    pub in_flight: u64,
    /// Completed / (offered - in flight); 1 without requests.
    pub success_rate: f64,
    /// Completed in a second of simulated time.
    pub throughput_per_s: f64,
}

/// Latency of completed requests in milliseconds; all zero without any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LatencySummary {
    /// Mean, exact.
    pub mean: f64,
    /// Median; this and further quantiles have a relative error of at most 0.4 %.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// 99.9th percentile.
    pub p999: f64,
    /// Largest, exact.
    pub max: f64,
}

/// A service.
#[derive(Clone, Debug, Serialize)]
pub struct WorkloadSummary {
    /// Its requests.
    pub requests: RequestCounts,
    /// From arrival, which is the first attempt's, to answer.
    pub latency_ms: LatencySummary,
    /// From arrival to the start of service.
    pub wait_ms: LatencySummary,
    /// CPU used over CPU requested by ready pods, by window.
    pub cpu_utilization: MeanMax,
    /// CPU demand that found no pod to serve it, in core-seconds (only with `cpuDemand`).
    pub cpu_unserved_core_s: f64,
    /// Desired replicas.
    pub replicas: ReplicaSummary,
    /// Pods by tier.
    pub pods: BTreeMap<String, TierPods>,
    /// Time from creation to ready.
    pub pending_s: PendingTimes,
    /// CPU requested by one pod, in milliCPU.
    pub cpu_request_milli: u64,
}

/// A mean and a maximum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct MeanMax {
    /// Mean.
    pub mean: f64,
    /// Maximum.
    pub max: f64,
}

/// Desired replicas over time.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReplicaSummary {
    /// Fewest.
    pub min: u32,
    /// Mean over time.
    pub mean: f64,
    /// Most.
    pub max: u32,
    /// At the end.
    pub r#final: u32,
    /// Every change: time in seconds, replicas.
    pub steps: Vec<(f64, u32)>,
}

/// Pods of one workload in one tier.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct TierPods {
    /// Most at once.
    pub peak: u32,
    /// Seconds that pods were bound there, summed over pods.
    pub pod_seconds: f64,
    /// At the end.
    pub r#final: u32,
}

/// Time from creation to ready, or to the end of the run for pods that still waited.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct PendingTimes {
    /// Median.
    pub p50: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Largest.
    pub max: f64,
}

/// A job.
#[derive(Clone, Debug, Serialize)]
pub struct JobSummary {
    /// Jobs submitted.
    pub submitted: u64,
    /// Jobs whose pods all succeeded.
    pub completed: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Jobs that had not ended.
    pub unfinished: u64,
    /// From the first submission to the last completion.
    pub makespan_s: f64,
    /// From submission until a pod was ready, over pods.
    pub wait_s: PendingTimes,
    /// Pods by tier.
    pub pods: BTreeMap<String, TierPods>,
}

/// A tier.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct TierSummary {
    /// Nodes in the tier.
    pub nodes: u32,
    /// Most pods at once.
    pub peak_pods: u32,
    /// Seconds that pods were bound there, summed over pods.
    pub pod_seconds: f64,
    /// Seconds of machines, summed over machines.
    pub node_seconds: f64,
    /// Its part of the bill.
    pub cost: Money,
    /// The part of that which no pod requested.
    pub idle_cost: Money,
}

/// A kind of pod that was still Pending at the end.
#[derive(Clone, Debug, Serialize)]
pub struct PendingSummary {
    /// Workload.
    pub workload: String,
    /// Pods.
    pub pods: u32,
    /// Why, as the scheduler says it.
    pub reason: String,
}

/// The bill.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CostSummary {
    /// ISO 4217 code.
    pub currency: String,
    /// Sum of the lines.
    pub total: Money,
    /// By tier.
    pub by_tier: BTreeMap<String, Money>,
    /// By workload: what its instances cost plus its share of machines by CPU request. What no workload requested is idle.
    pub by_workload: BTreeMap<String, Money>,
    /// Machines' cost that no pod requested.
    pub idle: Money,
    /// Cost of a million completed requests, null without requests.
    pub per_million_requests: Option<Money>,
    /// Invoice lines.
    pub lines: Vec<InvoiceLine>,
    /// Figures that rest on an assumption.
    pub assumptions: Vec<String>,
}

/// One line of the invoice.
#[derive(Clone, Debug, Serialize)]
pub struct InvoiceLine {
    /// What was used, for instance `ecs.c7.xlarge` or `eci 2 vCPU 4 GiB`.
    pub item: String,
    /// Tier.
    pub tier: String,
    /// How it was bought.
    pub purchase: String,
    /// How much, in `unit`.
    pub quantity: f64,
    /// Unit of the quantity, for instance `node-hour` or `instance-second`.
    pub unit: String,
    /// Price of one unit, rounded to 10^-12 for display; the amount is computed from the exact price.
    pub unit_price: Money,
    /// Amount due.
    pub amount: Money,
    /// Whether the price is an assumption.
    pub assumption: bool,
}

/// How an objective fared.
#[derive(Clone, Debug, Serialize)]
pub struct ObjectiveSummary {
    /// Its name.
    pub name: String,
    /// The service it is about; null for all services together.
    pub workload: Option<String>,
    /// Latency quantile that it bounds, in 0..1; null if it bounds the share of errors.
    pub quantile: Option<f64>,
    /// The bound: milliseconds for a latency, a share in 0..=1 for errors.
    pub bound: f64,
    /// Share of windows asked for.
    pub target: f64,
    /// Share of windows in which it held; 1 without any.
    pub attained: f64,
    /// Whether the target was reached.
    pub met: bool,
    /// When it did not hold.
    pub breaches: Vec<Breach>,
}

/// A stretch of windows in which an objective did not hold.
#[derive(Clone, Debug, Serialize)]
pub struct Breach {
    /// Start in seconds.
    pub from: f64,
    /// End in seconds.
    pub to: f64,
    /// What held capacity back, in words.
    pub cause: String,
}

/// A rise of the load and how long replicas took to be ready for it.
#[derive(Clone, Debug, Serialize)]
pub struct SpikeSummary {
    /// Service.
    pub workload: String,
    /// When replicas were first asked for, in seconds.
    pub at_s: f64,
    /// Ready pods when it began.
    pub from_ready: u32,
    /// Most replicas that the episode asked for.
    pub to_replicas: u32,
    /// Seconds from the first request for replicas until the most asked for were ready; null if that never happened.
    pub time_to_capacity_s: Option<f64>,
}

/// What a load test's report shows, window by window. All lists have the same length.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ServiceSeries {
    /// Start of the window in seconds.
    pub t: Vec<f64>,
    /// Completed over all that ended; null if none ended.
    pub success_rate: Vec<Option<f64>>,
    /// Completed in a second.
    pub throughput_per_s: Vec<f64>,
    /// Mean number of requests in the system.
    pub concurrency: Vec<f64>,
}

/// A window of a service or job.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WorkloadRow {
    /// Start of the window in seconds.
    pub t: f64,
    /// Workload.
    pub workload: String,
    /// Requests that arrived.
    pub offered: u64,
    /// Requests answered in time.
    pub completed: u64,
    /// Requests given up.
    pub timed_out: u64,
    /// Requests refused.
    pub rejected: u64,
    /// Requests lost.
    pub failed: u64,
    /// Completed over all that ended; empty if none ended.
    pub success_rate: Option<f64>,
    /// Completed in a second.
    pub throughput_per_s: f64,
    /// Mean number of requests in the system (Little's law over completed requests).
    pub concurrency: f64,
    /// Requests in flight at the end of the window.
    pub in_flight: u64,
    /// Mean latency; this and the following are empty if none completed.
    pub latency_mean_ms: Option<f64>,
    /// Median latency.
    pub latency_p50_ms: Option<f64>,
    /// 90th percentile.
    pub latency_p90_ms: Option<f64>,
    /// 95th percentile.
    pub latency_p95_ms: Option<f64>,
    /// 99th percentile.
    pub latency_p99_ms: Option<f64>,
    /// Largest latency.
    pub latency_max_ms: Option<f64>,
    /// CPU used, in cores.
    pub cpu_used_cores: f64,
    /// CPU demanded, in cores (with `cpuDemand`; else what was used).
    pub cpu_demand_cores: f64,
    /// CPU requested by ready pods at the end of the window, in cores.
    pub cpu_requested_cores: f64,
    /// Requests a second that the ready pods could serve, at the end of the window (0 if unknown).
    pub capacity_per_s: f64,
    /// Replicas asked for at the end of the window.
    pub replicas_desired: u32,
    /// Pods ready at the end.
    pub pods_ready: u32,
    /// Pods starting at the end.
    pub pods_starting: u32,
    /// Pods without a node at the end.
    pub pods_pending: u32,
}

/// A window of a tier.
#[derive(Clone, Debug, Serialize)]
pub struct TierRow {
    /// Start of the window in seconds.
    pub t: f64,
    /// Tier.
    pub tier: String,
    /// Pods bound at the end of the window.
    pub pods: u32,
    /// Pods ready at the end of the window.
    pub pods_ready: u32,
    /// CPU requested at the end, in cores.
    pub cpu_requested_cores: f64,
    /// Allocatable CPU of its machines, in cores; 0 for virtual nodes.
    pub cpu_allocatable_cores: f64,
    /// Cost from the start of the run to the end of the window.
    pub cost: Money,
}

/// A pod's life. Times in seconds, empty if the phase was not reached.
#[derive(Clone, Debug, Serialize)]
pub struct PodRow {
    /// Name.
    pub pod: String,
    /// Service or job.
    pub workload: String,
    /// Namespace.
    pub namespace: String,
    /// Node, empty if never bound.
    pub node: String,
    /// Tier, empty if never bound.
    pub tier: String,
    /// Zone of the node.
    pub zone: String,
    /// Instance size on a virtual node, for instance `2 vCPU 4 GiB`.
    pub spec: String,
    /// Phase at the end: Pending, Scheduled, Starting, Ready, Terminating, Succeeded or Terminated.
    pub phase: String,
    /// Created.
    pub created: f64,
    /// Bound to a node.
    pub scheduled: Option<f64>,
    /// Containers started to be created.
    pub starting: Option<f64>,
    /// Ready.
    pub ready: Option<f64>,
    /// Asked to terminate.
    pub terminating: Option<f64>,
    /// Gone, or succeeded.
    pub ended: Option<f64>,
    /// Why it is Pending or was removed.
    pub reason: String,
}

/// A node at the end of the run.
#[derive(Clone, Debug, Serialize)]
pub struct NodeRow {
    /// Name.
    pub node: String,
    /// Tier.
    pub tier: String,
    /// Zone.
    pub zone: String,
    /// Pods bound.
    pub pods: u32,
    /// Most pods at once.
    pub peak_pods: u32,
    /// Requested CPU in milliCPU.
    pub cpu_requested_milli: u64,
    /// Allocatable CPU in milliCPU; 0 for a virtual node.
    pub cpu_allocatable_milli: u64,
    /// Requested over allocatable CPU in percent with two decimals, rounded half up; empty for a virtual node.
    pub cpu_requested_percent: String,
    /// Requested memory in bytes.
    pub memory_requested: u64,
    /// Allocatable memory in bytes; 0 for a virtual node.
    pub memory_allocatable: u64,
    /// Requested over allocatable memory, as for CPU.
    pub memory_requested_percent: String,
}

/// Something a controller chose.
#[derive(Clone, Debug, Serialize)]
pub struct DecisionRow {
    /// When, in seconds.
    pub t: f64,
    /// Who: `scheduler`, `hpa`, `scale`, `replicaset`, `job`, `provider`.
    pub controller: &'static str,
    /// What: `created`, `placed`, `refused`, `scaled`, `kept`, `evicted`, `started`, `waited`, `completed`.
    pub action: &'static str,
    /// About what: a pod or a workload.
    pub subject: String,
    /// Where to or by how much, for instance a node's name or `22 -> 44`.
    pub object: String,
    /// Why.
    pub reason: String,
}
