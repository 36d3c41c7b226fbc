//! Where runs begin to count.

use sim_core::plan::Plan;
use sim_core::record::{Record, WorkloadRow};
use sim_core::simulation;
use sim_core::units::Span;

use crate::runner::Runner;
use crate::seed;
use crate::statistics::mser;

/// Pilot runs.
const PILOTS: u32 = 5;

/// Windows of a pilot run: MSER-5 takes means of five, and wants a hundred of those.
const WINDOWS: u64 = 500;

/// At most this part of a run is left out if it never settles.
const MOST: f64 = 0.5;

/// The plan with a warm-up, which leaves at least some of the run to count.
#[must_use]
pub fn after(mut plan: Plan, span: Span) -> Plan {
    plan.warm_up = span.min(Span::from_nanos(plan.duration.as_nanos() - 1));
    plan
}

/// The plan with a warm-up that pilot runs show to be long enough: until the number of requests in the system, averaged over the pilots window by window,
/// has settled by MSER-5, at the service that takes longest. If one never settles, half of the run is left out.
///
/// Pilots have seeds of their own: what is found must not depend on the runs that it is used for.
#[must_use]
pub fn found(plan: Plan, base_seed: u64, runner: &Runner) -> Plan {
    let mut pilot = plan.clone();
    pilot.warm_up = Span::ZERO;
    pilot.window = Span::from_nanos((plan.duration.as_nanos() / WINDOWS).max(1));
    // Replications of studies come nowhere near these numbers.
    let seeds = |i: u32| seed::of_replication(base_seed, u32::MAX - i);
    let records: Vec<Record> = runner.replicate(0..PILOTS, |i| simulation::run(&pilot, seeds(i), |_| {}));
    let window_s = pilot.window.as_secs_f64();
    let settled = plan.services.values().map(|service| {
        let means = means(&records, &service.name);
        mser::truncation(&means).map_or(MOST * plan.duration.as_secs_f64(), |windows| windows as f64 * window_s)
    });
    let longest = settled.fold(0.0, f64::max);
    after(plan, Span::from_secs_f64(longest))
}

/// Requests in the system, window by window, averaged over runs.
fn means(records: &[Record], service: &str) -> Vec<f64> {
    let series = |record: &Record| -> Vec<f64> {
        let rows = record.workload_series.iter().filter(|row| row.workload == service);
        rows.map(|row: &WorkloadRow| row.concurrency).collect()
    };
    let all: Vec<Vec<f64>> = records.iter().map(series).collect();
    let length = all.iter().map(Vec::len).min().unwrap_or(0);
    (0..length).map(|window| all.iter().map(|series| series[window]).sum::<f64>() / all.len() as f64).collect()
}
