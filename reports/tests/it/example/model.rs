//! The windows of a service under a flash sale, from a fluid model.

use sim_core::record::{PodRow, StageCell, TierRow, WorkloadRow};
use sim_core::units::Money;

/// Seconds in a window.
pub(super) const WINDOW: f64 = 10.0;
/// Requests a second that one pod serves.
pub(super) const POD_RATE: f64 = 120.0;
/// Most pods of the service in each machine tier; the rest becomes instances.
const ROOM: [u32; 2] = [48, 62];

/// Noise in 0..1 that depends on nothing but its argument.
fn noise(i: u64) -> f64 {
    let mixed = (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 11) as f64 / (1u64 << 53) as f64
}

/// Requests a second: a gentle base, a crawler that comes and goes, and the sale.
fn load(t: f64, sale: f64) -> f64 {
    let base = 800.0 + 250.0 * (t / 7200.0 * std::f64::consts::TAU).sin();
    let crawler = if t % 600.0 < 120.0 { 300.0 } else { 0.0 };
    let since = t - sale;
    let burst = match since {
        s if s < 0.0 => 0.0,
        s if s < 30.0 => s / 30.0,
        s if s < 330.0 => 1.0,
        s => (-(s - 330.0) / 400.0).exp(),
    };
    base + crawler + burst * 13_500.0
}

/// The windows of a service that starts with 10 replicas.
pub(super) fn service(name: &str, sale: f64, scale: f64) -> Vec<WorkloadRow> {
    let (mut ready, mut desired, mut backlog) = (10u32, 10u32, 0.0f64);
    let mut starting: Vec<(f64, u32)> = Vec::new();
    let mut rows = Vec::new();
    let mut low_since = 0.0;
    for i in 0..720u64 {
        let t = i as f64 * WINDOW;
        let rate = load(t, sale) * scale * (0.96 + 0.08 * noise(i));
        let capacity = f64::from(ready) * POD_RATE;
        let offered = rate * WINDOW;
        let served = (offered + backlog).min(capacity * WINDOW);
        backlog += offered - served;
        // Clients give up after five seconds of waiting.
        let timed_out = (backlog - capacity * 5.0).max(0.0);
        backlog -= timed_out;
        let rho = (rate / capacity).min(0.995);
        let wait = backlog / capacity * 1000.0;
        let p50 = 42.0 + 6.0 * rho / (1.0 - rho).max(0.05) + wait;
        let p99 = (58.0 + 40.0 * rho * rho / (1.0 - rho).max(0.02) + 25.0 * noise(i * 7) + wait * 1.15).min(5000.0);
        if i % 3 == 0 {
            let wanted = ((rate / (POD_RATE * 0.6)).ceil() as u32).clamp(10, 180);
            if wanted > desired {
                desired = wanted.min(desired * 2);
                low_since = t;
            } else if wanted >= desired * 9 / 10 {
                low_since = t;
            } else if t - low_since > 300.0 {
                desired = wanted.max(desired * 8 / 10);
                ready = ready.min(desired);
            }
            let coming: u32 = starting.iter().map(|(_, n)| n).sum();
            let missing = desired.saturating_sub(ready + coming);
            let elastic = ready + coming + missing > ROOM[0] + ROOM[1];
            if missing > 0 {
                starting.push((t + if elastic { 75.0 } else { 25.0 }, missing));
            }
        }
        starting.retain(|(at, n)| {
            let due = *at <= t;
            ready += if due { *n } else { 0 };
            !due
        });
        let used = served / WINDOW / POD_RATE * 0.5;
        rows.push(WorkloadRow {
            t,
            workload: name.to_owned(),
            offered: offered as u64,
            completed: served as u64,
            timed_out: timed_out as u64,
            rejected: if timed_out > 0.0 { (timed_out * 0.1) as u64 } else { 0 },
            success_rate: Some(served / (served + timed_out)),
            throughput_per_s: served / WINDOW,
            concurrency: served / WINDOW * p50 / 1000.0,
            in_flight: backlog as u64,
            latency_mean_ms: Some(p50 * 1.1),
            latency_p50_ms: Some(p50.min(p99)),
            latency_p90_ms: Some(p50 * 0.4 + p99 * 0.6),
            latency_p95_ms: Some(p50 * 0.2 + p99 * 0.8),
            latency_p99_ms: Some(p99),
            latency_max_ms: Some((p99 * 1.4).min(5000.0)),
            cpu_used_cores: used,
            cpu_demand_cores: used,
            cpu_requested_cores: f64::from(ready) * 0.5,
            capacity_per_s: f64::from(ready) * POD_RATE,
            replicas_desired: desired,
            pods_ready: ready,
            pods_starting: starting.iter().map(|(_, n)| n).sum(),
            ..WorkloadRow::default()
        });
    }
    rows
}

/// Pods of each tier when the service has `pods`.
pub(super) fn by_tier(pods: u32) -> [(&'static str, u32); 3] {
    let idc = pods.min(ROOM[0]);
    let ecs = (pods - idc).min(ROOM[1]);
    [("idc", idc), ("ecs", ecs), ("eci", pods - idc - ecs)]
}

/// The windows of the tiers.
pub(super) fn tier_rows(windows: &[WorkloadRow]) -> Vec<TierRow> {
    let mut rows = Vec::new();
    let mut cost = [0i128; 3];
    for row in windows {
        let ready = by_tier(row.pods_ready);
        let bound = by_tier(row.pods_ready + row.pods_starting);
        for (k, (tier, pods)) in bound.into_iter().enumerate() {
            // Machines cost whether used or not; instances by the second and pod.
            let pico_per_s = [1_500_000_000, 2_900_000_000, 68_000_000 * i128::from(pods)][k];
            cost[k] += pico_per_s * WINDOW as i128;
            rows.push(TierRow {
                t: row.t,
                tier: tier.to_owned(),
                pods,
                pods_ready: ready[k].1,
                cpu_requested_cores: f64::from(pods) * 0.5,
                cpu_allocatable_cores: [31.0, 31.6, 0.0][k],
                cost: Money::from_pico(cost[k]),
                ..TierRow::default()
            });
        }
    }
    rows
}

/// A pod for each replica that was ever wanted.
pub(super) fn pod_rows(windows: &[WorkloadRow]) -> Vec<PodRow> {
    let mut pods: Vec<PodRow> = Vec::new();
    let mut alive: Vec<usize> = Vec::new();
    for row in windows {
        while alive.len() < row.replicas_desired as usize {
            let n = alive.len() as u32;
            let tier = by_tier(n + 1).iter().rposition(|(_, pods)| *pods > 0).map_or("idc", |k| ["idc", "ecs", "eci"][k]);
            let starts_in = if tier == "eci" { 75.0 } else { 25.0 };
            alive.push(pods.len());
            pods.push(PodRow {
                pod: format!("web-7d9c-{:05}", pods.len()),
                workload: "web".to_owned(),
                namespace: "default".to_owned(),
                node: if tier == "eci" { "vk-a".to_owned() } else { format!("{tier}-{}", n % 4) },
                tier: tier.to_owned(),
                zone: "cn-hangzhou-i".to_owned(),
                spec: if tier == "eci" { "0.5 vCPU 1 GiB".to_owned() } else { String::new() },
                phase: "Ready".to_owned(),
                created: row.t,
                scheduled: Some(row.t),
                starting: Some(row.t + 1.0),
                ready: Some(row.t + starts_in),
                terminating: None,
                ended: None,
                reason: String::new(),
                scheduling_s: StageCell::default(),
                sandbox_s: StageCell::default(),
                pull_s: StageCell::default(),
                application_s: StageCell::default(),
                readiness_s: StageCell::default(),
                load_balancer_s: StageCell::default(),
                provisioning_s: StageCell::default(),
                stopped: None,
            });
        }
        while alive.len() > row.replicas_desired as usize {
            if let Some(pod) = alive.pop().map(|k| &mut pods[k]) {
                (pod.terminating, pod.ended) = (Some(row.t), Some(row.t + 30.0));
                (pod.phase, pod.reason) = ("Terminated".to_owned(), "scaled in".to_owned());
            }
        }
    }
    pods
}
