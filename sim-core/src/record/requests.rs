//! Counts and latencies of requests.

use serde::{Deserialize, Serialize};

/// Counts of requests; offered = completed + timed out + rejected + failed + in flight.
///
/// A request that is sent again is one request: it counts as what became of its last attempt, when that ended, and is in flight until then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct RequestCounts {
    /// Arrived.
    pub offered: u64,
    /// Answered in time.
    pub completed: u64,
    /// Given up by the client.
    pub timed_out: u64,
    /// Refused: no ready pod, or a full queue.
    pub rejected: u64,
    /// Lost with their pod, or because a call of another service failed.
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

/// What latency is made of, in milliseconds, over completed requests. The means add up to that of the latency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct LatencyCauses {
    /// Waiting at the pod for a worker, in the last attempt.
    pub waiting: LatencySummary,
    /// Work of the pod.
    pub service: LatencySummary,
    /// From the first attempt to the last one.
    pub retry: LatencySummary,
    /// Waiting for the services that it calls.
    pub calls: LatencySummary,
}

/// Latency of completed requests in milliseconds; all zero without any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
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
    /// 99.99th percentile.
    #[serde(default)]
    pub p9999: f64,
    /// Largest, exact.
    pub max: f64,
}
