//! Rows of the time series, window by window.

use super::Simulation;
use super::workload::{Meter as Load, ServiceState};
use crate::cluster::{Phase, Pod};
use crate::engine::Event;
use crate::id::Id;
use crate::plan::Service;
use crate::record::{TierRow, WorkloadRow};
use crate::traffic::{Histogram, Meter, Plane};
use crate::units::Money;

/// CPU use of a service, window by window.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CpuGauge {
    /// The service's CPU counter at the last window.
    counter: u128,
    /// The integral of ready pods at the last window, in pod-nanoseconds.
    ready_ns: u128,
    /// Highest utilisation of a window.
    pub max: f64,
}

const NANO: f64 = 1e9;

impl Simulation<'_> {
    pub(super) fn window_end(&mut self) {
        self.close_window();
        if self.now < self.plan.end() {
            self.queue.push((self.now + self.plan.window).min(self.plan.end()), Event::WindowEnd);
        }
    }

    /// Takes what happened since the last window as a row of the time series.
    pub(super) fn close_window(&mut self) {
        self.catch_up_all();
        let length_s = self.now.since(self.window_start).as_secs_f64();
        // A run whose length is a whole number of windows ends with an empty one.
        if length_s > 0.0 {
            for place in 0..self.workloads.len() {
                let row = self.workload_row(place, length_s);
                self.workload_rows.push(row);
            }
            self.close_backends();
            self.note_demand();
            self.bound_capacities();
            self.judge();
            self.tier_window();
            self.pool_window();
        }
        self.window_start = self.now;
    }

    /// The row of a service or job; takes the service's window.
    fn workload_row(&mut self, place: usize, length_s: f64) -> WorkloadRow {
        let counts = &self.workloads[place];
        let ready = counts.count(Phase::Ready);
        let request_cores = self.plan.template(place).requests.cpu.0 as f64 / 1000.0;
        let mut row = WorkloadRow {
            t: self.window_start.as_secs_f64(),
            workload: self.plan.workload_name(place).to_owned(),
            cpu_requested_cores: f64::from(ready) * request_cores,
            replicas_desired: counts.in_phase[..=Phase::Ready as usize].iter().sum(),
            pods_ready: ready,
            pods_starting: counts.count(Phase::Scheduled) + counts.count(Phase::Starting) + counts.count(Phase::Unready),
            pods_pending: counts.count(Phase::Pending),
            ..WorkloadRow::default()
        };
        if place >= self.services.len() {
            return row;
        }
        let used = self.cpu_counter(place);
        let state = &mut self.services[place];
        let cores = |counter: u128| counter as f64 / (state.cpu_scale as f64 * 1000.0 * NANO);
        row.cpu_used_cores = cores(used - state.cpu.counter) / length_s;
        row.cpu_demand_cores = row.cpu_used_cores;
        let ready_s = (state.ready_ns - state.cpu.ready_ns) as f64 / NANO;
        row.cpu_used_cores = throttled(&self.plan.services[Id::new(place)], row.cpu_used_cores * length_s, ready_s) / length_s;
        if ready_s > 0.0 && request_cores > 0.0 {
            state.cpu.max = state.cpu.max.max(row.cpu_used_cores * length_s / (ready_s * request_cores));
        }
        state.shortage.ready_ns = state.ready_ns - state.cpu.ready_ns;
        (state.cpu.counter, state.cpu.ready_ns) = (used, state.ready_ns);
        row.replicas_desired = state.desired;
        match &mut state.meter {
            Load::None => {}
            Load::Demand(demand) => row.cpu_demand_cores = demand.take_window().demanded / length_s,
            Load::Requests(kernel) => {
                row.in_flight = kernel.in_flight();
                row.capacity_per_s = f64::from(ready) * self.pace.each(place);
                fill_requests(&mut row, kernel.take_window(), length_s);
            }
        }
        row
    }

    /// All CPU that a service's pods have used since the start.
    pub(super) fn cpu_counter(&self, place: usize) -> u128 {
        let state = &self.services[place];
        let usage = &self.plan.services[Id::new(place)].usage;
        if let (Load::Demand(demand), None, 0) = (&state.meter, usage.start_up, usage.fixed_cpu()) {
            // What only follows the demand does so while it is ready, and is read by the counters of its pods alone.
            let ready = state.active.iter().chain(&state.draining).map(|id| &self.pods[*id]).filter(|pod| pod.phase == Phase::Ready);
            return state.cpu_retired + ready.map(|pod| demand.accumulated() - pod.counters.get().demand_base).sum::<u128>();
        }
        let running = |id: &&Id<Pod>| matches!(self.pods[**id].phase, Phase::Starting | Phase::Ready | Phase::Terminating) || self.pods[**id].runs_unready;
        state.cpu_retired + state.active.iter().chain(&state.draining).filter(running).map(|id| state.counter(usage, &self.pods[*id], self.now)).sum::<u128>()
    }

    fn tier_window(&mut self) {
        for (id, tier) in self.plan.tiers.iter() {
            let count = self.tiers[id.index()];
            let there = self.plan.nodes.values().zip(&self.nodes).filter(|(node, state)| node.tier == id && state.status.is_registered());
            let allocatable = there.filter_map(|(_, state)| state.allocatable);
            let latency = self.latency_of_tier(id.index(), |kernel| kernel.last_window());
            let ms = |q: f64| latency.as_ref().map(|latency| latency.quantile(q) as f64 / 1e6);
            self.tier_rows.push(TierRow {
                t: self.window_start.as_secs_f64(),
                tier: tier.name.clone(),
                pods: count.bound,
                pods_ready: count.ready,
                cpu_requested_cores: count.cpu_requested as f64 / 1000.0,
                cpu_allocatable_cores: allocatable.map(|resources| resources.cpu.0 as f64 / 1000.0).sum(),
                cost: Money::ZERO,
                completed: latency.as_ref().map_or(0, Histogram::count),
                latency_mean_ms: latency.as_ref().map(|latency| latency.mean() / 1e6),
                latency_p50_ms: ms(0.5),
                latency_p99_ms: ms(0.99),
                latency_p999_ms: ms(0.999),
                latency_p9999_ms: ms(0.9999),
                latency_max_ms: latency.as_ref().map(|latency| latency.max() as f64 / 1e6),
            });
        }
    }

    /// Latencies of what the pods of a tier answered, by the meter that is asked of each service; none if they answered nothing.
    pub(super) fn latency_of_tier(&self, tier: usize, meter: impl for<'p> Fn(&'p Plane) -> &'p Meter) -> Option<Histogram> {
        let of_service = |service: &ServiceState| -> Option<Histogram> {
            let Load::Requests(kernel) = &service.meter else { return None };
            kernel.latency_in(meter(kernel), tier).filter(|latency| !latency.is_empty()).cloned()
        };
        self.services.iter().filter_map(of_service).reduce(|mut all, latency| {
            all.merge(&latency);
            all
        })
    }
}

/// What pods can have used at most of `core_s`: a container is throttled at its limit.
pub(super) fn throttled(service: &Service, core_s: f64, ready_s: f64) -> f64 {
    service.template.cpu_limit.map_or(core_s, |limit| core_s.min(limit.0 as f64 / 1000.0 * ready_s))
}

fn fill_requests(row: &mut WorkloadRow, meter: &Meter, length_s: f64) {
    row.offered = meter.offered;
    row.completed = meter.completed;
    row.timed_out = meter.timed_out;
    row.rejected = meter.rejected;
    row.failed = meter.failed;
    row.retried = meter.retried;
    row.success_rate = (meter.settled() > 0).then(|| meter.completed as f64 / meter.settled() as f64);
    row.throughput_per_s = meter.completed as f64 / length_s;
    row.concurrency = meter.latency.sum() as f64 / NANO / length_s;
    if meter.completed > 0 {
        let ms = |q: f64| Some(meter.latency.quantile(q) as f64 / 1e6);
        row.latency_mean_ms = Some(meter.latency.mean() / 1e6);
        (row.latency_p50_ms, row.latency_p90_ms, row.latency_p95_ms, row.latency_p99_ms) = (ms(0.5), ms(0.9), ms(0.95), ms(0.99));
        row.latency_max_ms = Some(meter.latency.max() as f64 / 1e6);
        (row.latency_p999_ms, row.latency_p9999_ms) = (ms(0.999), ms(0.9999));
        let of = |part: &Histogram| (Some(part.mean() / 1e6), Some(part.quantile(0.99) as f64 / 1e6));
        (row.waiting_mean_ms, row.waiting_p99_ms) = of(meter.queue());
        (row.service_mean_ms, row.service_p99_ms) = of(&meter.service);
        if let Some(causes) = &meter.causes {
            (row.retry_mean_ms, row.retry_p99_ms) = of(&causes.retry);
            (row.calls_mean_ms, row.calls_p99_ms) = of(&causes.calls);
        }
    }
}
