//! What the caller is told while a long run goes on.

use super::Simulation;
use crate::billing::{Hours, Invoice, accrue};
use crate::cluster::Phase;
use crate::ledger::Ledger;
use crate::units::{Money, Time};

/// Where a run is, at the end of a window.
#[derive(Clone)]
pub struct Progress<'a> {
    /// Simulated time so far.
    pub now: Time,
    /// Requests so far.
    pub requests: u64,
    /// Requests a second in the last window.
    pub requests_per_s: f64,
    /// Pods that are ready.
    pub pods_ready: u32,
    /// Pods that are ready, by tier.
    pub tiers: Vec<(&'a str, u32)>,
    /// Pods that are not ready yet.
    pub pods_waiting: u32,
    /// The slowest service's 99th percentile in the last window, in milliseconds; none if nothing was answered in it.
    pub p99_ms: Option<f64>,
    /// What the run has cost so far, if all goes on as it is; it looks at every instance, so it is worked out only when asked for.
    pub cost: &'a dyn Fn() -> Option<Money>,
}

impl std::fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Progress").field("now", &self.now).finish_non_exhaustive()
    }
}

impl Simulation<'_> {
    pub(super) fn tell(&self, progress: &mut impl FnMut(&Progress<'_>)) {
        let count = |phase: Phase| self.workloads.iter().map(|workload| workload.count(phase)).sum::<u32>();
        let last = || self.workload_rows.iter().rev().take(self.workloads.len());
        let length_s = last().next().map_or(0.0, |row| self.now.as_secs_f64() - row.t);
        let offered: u64 = last().map(|row| row.offered).sum();
        progress(&Progress {
            now: self.now,
            requests: self.requests_offered(),
            requests_per_s: if length_s > 0.0 { offered as f64 / length_s } else { 0.0 },
            pods_ready: count(Phase::Ready),
            tiers: self.plan.tiers.iter().map(|(id, tier)| (tier.name.as_str(), self.tiers[id.index()].ready)).collect(),
            pods_waiting: count(Phase::Pending) + count(Phase::Scheduled) + count(Phase::Starting),
            p99_ms: last().filter_map(|row| row.latency_p99_ms).reduce(f64::max),
            cost: &|| self.cost_so_far(),
        });
    }

    /// What everything that there was has cost until now.
    fn cost_so_far(&self) -> Option<Money> {
        let ledger = Ledger::of_things(self.plan, &self.fleet.lives, &self.pods, |id| self.about(id, &self.pods[id])).since(self.measured_from());
        let basis = self.basis();
        let invoice = Invoice::of(&ledger, &basis, Hours::Together).ok()?;
        let costs = accrue(&ledger, &basis, &invoice, &[self.now]).ok()?;
        Some(costs.first()?.values().copied().sum())
    }
}
