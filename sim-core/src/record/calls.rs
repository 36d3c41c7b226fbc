//! Calls between services, and what they call.

use serde::{Deserialize, Serialize};

use super::{LatencySummary, RequestCounts};

/// Calls of one service by another.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct CallSummary {
    /// The caller.
    pub from: String,
    /// The service or backend that is called.
    pub to: String,
    /// What became of calls. One that is sent again is one call.
    pub requests: RequestCounts,
    /// From the first attempt to the answer.
    pub latency_ms: LatencySummary,
}

/// Something that services call outside of the cluster.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct BackendSummary {
    /// Calls that reached it.
    pub requests: RequestCounts,
    /// From the first attempt to the answer.
    pub latency_ms: LatencySummary,
    /// From the first attempt to the start of work.
    pub wait_ms: LatencySummary,
    /// Most that it can answer in a second.
    pub capacity_per_s: f64,
    /// What it answered of that.
    pub utilization: f64,
}
