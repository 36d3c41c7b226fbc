//! What is measured window by window.

use serde::{Deserialize, Serialize};

use crate::units::Money;

/// A window of a service or job.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
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
    /// Attempts after the first.
    #[serde(default)]
    pub retried: u64,
    /// 99.9th percentile of the latency.
    #[serde(default)]
    pub latency_p999_ms: Option<f64>,
    /// 99.99th percentile of the latency.
    #[serde(default)]
    pub latency_p9999_ms: Option<f64>,
    /// Mean time that completed requests waited for a worker.
    #[serde(default)]
    pub waiting_mean_ms: Option<f64>,
    /// 99th percentile of that.
    #[serde(default)]
    pub waiting_p99_ms: Option<f64>,
    /// Mean time that pods worked on completed requests.
    #[serde(default)]
    pub service_mean_ms: Option<f64>,
    /// 99th percentile of that.
    #[serde(default)]
    pub service_p99_ms: Option<f64>,
    /// Mean time from the first to the last attempt of completed requests.
    #[serde(default)]
    pub retry_mean_ms: Option<f64>,
    /// 99th percentile of that.
    #[serde(default)]
    pub retry_p99_ms: Option<f64>,
    /// Mean time that completed requests waited for other services.
    #[serde(default)]
    pub calls_mean_ms: Option<f64>,
    /// 99th percentile of that.
    #[serde(default)]
    pub calls_p99_ms: Option<f64>,
}

/// A window of a tier.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
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
    /// Requests that its pods answered in time.
    #[serde(default)]
    pub completed: u64,
    /// Their mean latency; this and the following are empty if there are none.
    #[serde(default)]
    pub latency_mean_ms: Option<f64>,
    /// Their median latency.
    #[serde(default)]
    pub latency_p50_ms: Option<f64>,
    /// Their 99th percentile.
    #[serde(default)]
    pub latency_p99_ms: Option<f64>,
    /// Their 99.9th percentile.
    #[serde(default)]
    pub latency_p999_ms: Option<f64>,
    /// Their 99.99th percentile.
    #[serde(default)]
    pub latency_p9999_ms: Option<f64>,
    /// The largest one.
    #[serde(default)]
    pub latency_max_ms: Option<f64>,
}
