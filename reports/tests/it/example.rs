//! Records to render: a flash sale that overwhelms a service for a few minutes, and its degenerate relatives.
//!
//! The figures come from a coarse fluid model, good enough to have the shapes of a real run: a steep rise, replicas that follow in
//! steps, a backlog that becomes latency and time-outs, and a slow return.

mod model;
mod totals;

use std::collections::BTreeMap;

use sim_core::billing::Basis;
use sim_core::ledger::Ledger;
use sim_core::record::{CostSummary, JobSummary, LatencySummary, PendingSummary, PendingTimes, Record, RequestCounts, StartUpSummary, TierPods, WorkloadRow};
use sim_core::units::Money;

use model::{POD_RATE, WINDOW, pod_rows, service, tier_rows};
use totals::{decision_rows, node_rows, summary};

/// The flash sale: two hours, three tiers, 10 to 180 replicas.
pub(crate) fn flash_sale() -> Record {
    let windows = service("web", 3600.0, 1.0);
    let pods = pod_rows(&windows);
    let summary = summary(&windows, &pods);
    Record {
        summary,
        tier_series: tier_rows(&windows),
        workload_series: windows,
        pool_series: Vec::new(),
        pods: pods.into(),
        nodes: node_rows(),
        decisions: decision_rows().into(),
        ledger: Ledger::default(),
        basis: Basis::default(),
    }
}

/// The flash sale with a second, smaller service whose peak comes earlier.
pub(crate) fn two_services() -> Record {
    let mut record = flash_sale();
    "two-services".clone_into(&mut record.summary.scenario);
    let mut second = record.summary.workloads["web"].clone();
    second.latency_ms.p99 = 210.0;
    record.summary.workloads.insert("checkout".to_owned(), second);
    record.workload_series.extend(service("checkout", 1800.0, 0.3));
    record
}

/// CPU demand instead of requests: the form of the golden cases.
pub(crate) fn cpu_demand() -> Record {
    let mut record = flash_sale();
    for row in &mut record.workload_series {
        row.cpu_demand_cores = row.offered as f64 / WINDOW / POD_RATE * 0.5;
        row.cpu_used_cores = row.cpu_demand_cores.min(row.cpu_requested_cores);
        (row.offered, row.completed, row.timed_out, row.rejected, row.in_flight) = (0, 0, 0, 0, 0);
        (row.success_rate, row.throughput_per_s, row.concurrency, row.capacity_per_s) = (None, 0.0, 0.0, 0.0);
        (row.latency_mean_ms, row.latency_p50_ms, row.latency_p90_ms) = (None, None, None);
        (row.latency_p95_ms, row.latency_p99_ms, row.latency_max_ms) = (None, None, None);
    }
    let none = RequestCounts { success_rate: 1.0, ..RequestCounts::default() };
    "g01-pure-cpu".clone_into(&mut record.summary.scenario);
    (record.summary.requests, record.summary.latency_ms) = (none, LatencySummary::default());
    for service in record.summary.workloads.values_mut() {
        (service.requests, service.latency_ms, service.wait_ms) = (none, LatencySummary::default(), LatencySummary::default());
        service.cpu_unserved_core_s = 1234.5;
    }
    record.summary.cost.per_million_requests = None;
    record.summary.objectives.clear();
    record
}

/// Only a job, on free machines.
pub(crate) fn only_jobs() -> Record {
    let mut record = flash_sale();
    let summary = &mut record.summary;
    "nightly-batch".clone_into(&mut summary.scenario);
    (summary.requests, summary.latency_ms) = (RequestCounts { success_rate: 1.0, ..RequestCounts::default() }, LatencySummary::default());
    summary.workloads.clear();
    summary.objectives.clear();
    summary.spikes.clear();
    summary.cost = CostSummary::default();
    for tier in summary.tiers.values_mut() {
        (tier.cost, tier.idle_cost) = (Money::ZERO, Money::ZERO);
    }
    summary.pending = vec![PendingSummary { workload: "train".to_owned(), pods: 4, reason: "0/12 nodes are available: 12 Insufficient cpu.".to_owned() }];
    let wait_s = PendingTimes { p50: 12.0, p99: 340.0, max: 402.5 };
    let pods = BTreeMap::from([("ecs".to_owned(), TierPods { peak: 24, pod_seconds: 43_200.0, r#final: 0 })]);
    let job = JobSummary {
        skipped: 0,
        replaced: 0,
        pods_failed: 1,
        oom_kills: 0,
        restarts: 0,
        submitted: 40,
        completed: 37,
        failed: 1,
        unfinished: 2,
        makespan_s: 6_930.0,
        wait_s,
        start_up: StartUpSummary::default(),
        pods,
    };
    summary.jobs = BTreeMap::from([("train".to_owned(), job)]);
    for row in &mut record.workload_series {
        let running = row.pods_ready.saturating_sub(10).min(24);
        *row = WorkloadRow {
            t: row.t,
            workload: "train".to_owned(),
            pods_ready: running,
            pods_starting: row.pods_starting.min(4),
            pods_pending: row.replicas_desired.saturating_sub(30) / 4,
            ..WorkloadRow::default()
        };
    }
    for (i, pod) in record.pods.iter_mut().enumerate() {
        (pod.workload, pod.pod) = ("train".to_owned(), format!("train-{i}"));
        if pod.ended.is_some() {
            "Succeeded".clone_into(&mut pod.phase);
        }
    }
    for row in &mut record.tier_series {
        row.cost = Money::ZERO;
    }
    record
}
