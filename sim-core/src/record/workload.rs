//! Services over the whole run: replicas, pods, waits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{LatencyCauses, LatencySummary, RequestCounts, StartUpSummary};

/// A service.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct WorkloadSummary {
    /// Its requests.
    pub requests: RequestCounts,
    /// From arrival, which is the first attempt's, to answer.
    pub latency_ms: LatencySummary,
    /// From arrival to the start of service.
    pub wait_ms: LatencySummary,
    /// Share of the completed requests that had to wait for a worker, in their last attempt.
    #[serde(default)]
    pub waited_share: f64,
    /// What latency is made of.
    #[serde(default)]
    pub latency_causes_ms: LatencyCauses,
    /// Latency by the tier of the pod that answered.
    #[serde(default)]
    pub latency_by_tier_ms: BTreeMap<String, LatencySummary>,
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
    /// Where the time from creation to ready went.
    #[serde(default)]
    pub start_up: StartUpSummary,
    /// CPU requested by one pod, in milliCPU.
    pub cpu_request_milli: u64,
    /// Times that containers were started again.
    #[serde(default)]
    pub restarts: u64,
    /// Pods that used more memory than their limit, each time.
    #[serde(default)]
    pub oom_kills: u64,
    /// Exchanges of its pods for a new revision.
    #[serde(default)]
    pub rollouts: Vec<RolloutSummary>,
    /// Bounds of its HPA at the end, which a `CronHPA` may have moved; null without an HPA.
    #[serde(default)]
    pub hpa: Option<HpaBounds>,
}

/// An exchange of a service's pods for a new revision.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct RolloutSummary {
    /// The new revision, counted from 1.
    pub revision: u32,
    /// When it began, in seconds.
    pub started_s: f64,
    /// When every pod was of the new revision and available; null if that never came.
    pub completed_s: Option<f64>,
    /// Whether it made no progress for longer than the progress deadline.
    pub stuck: bool,
    /// Fewest pods that were available during it.
    pub least_available: u32,
    /// Most pods that there were during it, terminating ones not counted.
    pub most_pods: u32,
}

/// Bounds of an HPA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct HpaBounds {
    /// `minReplicas`.
    pub min: u32,
    /// `maxReplicas`.
    pub max: u32,
}

/// A mean and a maximum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct MeanMax {
    /// Mean.
    pub mean: f64,
    /// Maximum.
    pub max: f64,
}

/// Desired replicas over time.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
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
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub struct TierPods {
    /// Most at once.
    pub peak: u32,
    /// Seconds that pods were bound there, summed over pods.
    pub pod_seconds: f64,
    /// At the end.
    pub r#final: u32,
}

/// Time from creation to ready, or to the end of the run for pods that still waited.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub struct PendingTimes {
    /// Median.
    pub p50: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Largest.
    pub max: f64,
}

/// A rise of the load and how long replicas took to be ready for it.
#[derive(Clone, Debug, Deserialize, Serialize)]
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
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
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
