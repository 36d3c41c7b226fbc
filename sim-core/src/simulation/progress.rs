//! What the caller is told while a long run goes on.

use super::Simulation;
use crate::cluster::Phase;
use crate::units::Time;

/// Where a run is, at the end of a window.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Simulated time so far.
    pub now: Time,
    /// Requests so far.
    pub requests: u64,
    /// Pods that are ready.
    pub pods_ready: u32,
    /// Pods that are not ready yet.
    pub pods_waiting: u32,
    /// The slowest service's 99th percentile in the last window, in milliseconds; none if nothing was answered in it.
    pub p99_ms: Option<f64>,
}

impl Simulation<'_> {
    pub(super) fn progress(&self) -> Progress {
        let count = |phase: Phase| self.workloads.iter().map(|workload| workload.count(phase)).sum::<u32>();
        let last = self.workload_rows.iter().rev().take(self.workloads.len());
        Progress {
            now: self.now,
            requests: self.requests_offered(),
            pods_ready: count(Phase::Ready),
            pods_waiting: count(Phase::Pending) + count(Phase::Scheduled) + count(Phase::Starting),
            p99_ms: last.filter_map(|row| row.latency_p99_ms).reduce(f64::max),
        }
    }
}
