//! What a warm-up leaves out, and where it ends by itself.

use sim_core::record::Record;
use sim_core::simulation;
use sim_core::units::Span;
use sim_scenarios::{LoadOptions, load_text};
use sim_studies::runner::Runner;
use sim_studies::warm_up;

const SCENARIO: &str = "\
name: shop
duration: 100s
nodes: [{name: idc, tier: idc, capacity: {cpu: 16, memory: 32Gi}, price: 1/h}]
virtualNodes: [{name: vk, startUp: 5s}]
services: {web: {requests: {cpu: 1, memory: 1Gi}, replicas: 2, serviceTime: {exponential: {mean: 100ms}}, scale: [{at: 30s, replicas: 20}, {at: 70s, replicas: 4}], placement: {prefer: [idc, eci]}}}
load: {web: [{constant: 15/s}]}
";

fn run(duration_s: u64, warm_up_s: u64) -> Record {
    let text = SCENARIO.replace("100s", &format!("{duration_s}s")) + &format!("warmUp: {warm_up_s}s\n");
    let loaded = load_text("shop.yaml", &text, &LoadOptions::default());
    let plan = loaded.plan.as_ref().unwrap_or_else(|| panic!("{}", loaded.report(false)));
    simulation::run(plan, 3, |_| {})
}

#[test]
fn what_counts_is_the_whole_less_what_was_before() {
    let (whole, before, counted) = (run(100, 0), run(40, 0), run(100, 40));
    let (all, first, rest) = (whole.summary.requests, before.summary.requests, counted.summary.requests);
    assert_eq!(rest.completed, all.completed - first.completed);
    assert_eq!(rest.offered, all.offered - (first.offered - first.in_flight), "requests in flight count as offered again");
    assert!((rest.throughput_per_s - rest.completed as f64 / 60.0).abs() < 1e-9);
    // 60 seconds of the machine, and instances from the end of the warm-up on.
    let cost = |record: &Record, tier: &str| record.summary.tiers[tier].cost.as_f64();
    for tier in ["idc", "eci"] {
        let expected = cost(&whole, tier) - cost(&before, tier);
        assert!((cost(&counted, tier) - expected).abs() < 1e-6, "{tier}: {} instead of {expected}", cost(&counted, tier));
        let seconds = |record: &Record| record.summary.tiers[tier].pod_seconds;
        assert!((seconds(&counted) - (seconds(&whole) - seconds(&before))).abs() < 1e-6, "{tier}");
    }
    let replicas = &counted.summary.workloads["web"].replicas;
    assert_eq!((replicas.steps.clone(), replicas.min), (vec![(40.0, 20), (70.0, 4)], 4));
    assert_eq!(replicas.mean, (20.0 * 30.0 + 4.0 * 30.0) / 60.0);
    // The series has all of the run, cut where counting begins.
    assert_eq!(counted.workload_series.first().map(|row| row.t), Some(0.0));
    assert!(counted.workload_series.iter().map(|row| row.offered).sum::<u64>() == all.offered);
}

#[test]
fn a_warm_up_that_leaves_nothing_is_refused() {
    let loaded = load_text("shop.yaml", &format!("{SCENARIO}warmUp: 100s\n"), &LoadOptions::default());
    assert!(loaded.report(false).contains("leaves nothing of the run"), "{}", loaded.report(false));
}

#[test]
fn pilots_find_the_end_of_a_transient() {
    // Two hundred requests come at once and take a while to go; after that the service is quiet.
    let text = "\
name: queue
duration: 200s
nodes: [{name: idc, capacity: {cpu: 4}}]
services: {web: {requests: {cpu: 1}, serviceTime: {exponential: {mean: 100ms}}, concurrency: 1}}
load: {web: [{constant: 5/s}, {flashSale: {at: 0s, peak: 200/s, rampUp: 0s, hold: 1s, decay: 0s}}]}
";
    let loaded = load_text("queue.yaml", text, &LoadOptions::default());
    let plan = loaded.plan.as_ref().unwrap_or_else(|| panic!("{}", loaded.report(false)));
    let runner = Runner::new(None).unwrap();
    let found = warm_up::found(plan.clone(), 1, &runner).warm_up.as_secs_f64();
    // A backlog of about 200 at a net rate of 5 a second is gone after 40 seconds.
    assert!((25.0..90.0).contains(&found), "{found}");
    assert_eq!(found, warm_up::found(plan.clone(), 1, &runner).warm_up.as_secs_f64());
    assert_eq!(warm_up::after(plan.clone(), Span::from_secs(500)).warm_up, Span::from_nanos(200_000_000_000 - 1));
}
