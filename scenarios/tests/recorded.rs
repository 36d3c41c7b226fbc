//! Runs the recorded cases with random phases of scrape and sync, and compares them with what a real control plane of Kubernetes 1.20.2 decided: real
//! binaries on one machine's loopback with simulated kubelets, each case recorded twice. The two recordings of one case differ by up to 10 % in
//! replica-minutes, because phases are accidents; so they are to lie within the range of 16 runs.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;

use sim_core::record::Record;
use sim_core::simulation;
use sim_scenarios::LoadOptions;

/// Seconds that are compared.
const LENGTH: u32 = 1499;
const RUNS: u64 = 16;

/// Seconds and replicas of both recordings of `wordpress-seed`.
#[rustfmt::skip]
const WORDPRESS_SEED: [&[(u32, u32)]; 2] = [
    &[(0, 22), (141, 29), (156, 35), (171, 41), (217, 46), (248, 52), (264, 59), (324, 69), (369, 78), (429, 86), (459, 95), (520, 100), (1017, 70), (1032, 22)],
    &[(0, 22), (139, 28), (154, 35), (169, 41), (214, 48), (260, 53), (290, 63), (320, 73), (395, 81), (455, 94), (516, 100), (1018, 74), (1033, 22)],
];

/// Seconds and replicas of both recordings of `policies`.
#[rustfmt::skip]
const POLICIES: [&[(u32, u32)]; 2] = [
    &[(0, 6), (126, 10), (156, 15), (187, 23), (217, 35), (249, 40), (264, 46), (565, 44), (595, 42), (625, 40), (655, 38), (685, 36), (715, 34), (745, 32), (775, 30), (805, 28), (836, 26), (866, 24), (896, 22), (926, 20), (956, 18), (986, 16), (1017, 14), (1048, 12), (1078, 11), (1108, 9), (1139, 8)],
    &[(0, 6), (124, 10), (155, 15), (200, 23), (230, 35), (260, 40), (290, 48), (576, 46), (606, 44), (637, 42), (667, 40), (698, 38), (728, 36), (759, 34), (789, 32), (820, 30), (850, 28), (881, 26), (911, 24), (942, 22), (972, 20), (1003, 18), (1033, 16), (1064, 14), (1094, 12), (1126, 11), (1156, 9), (1187, 8)],
];

/// Seconds and replicas of both recordings of `three-tier`.
#[rustfmt::skip]
const THREE_TIER: [&[(u32, u32)]; 2] = [
    &[(0, 10), (96, 13), (111, 18), (141, 22), (156, 35), (172, 40), (202, 50), (218, 61), (264, 73), (746, 63), (761, 56), (776, 52), (791, 47), (806, 40), (821, 36), (836, 30), (852, 26), (867, 20), (882, 14), (897, 10)],
    &[(0, 10), (95, 13), (110, 18), (125, 25), (155, 46), (185, 63), (260, 73), (759, 63), (774, 58), (789, 51), (805, 47), (820, 40), (836, 36), (851, 31), (866, 24), (881, 20), (897, 15), (912, 10)],
];

fn runs(name: &str) -> Vec<Record> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("validation/recorded-{name}.yaml"));
    let loaded = sim_scenarios::load(&path, &LoadOptions::default());
    let plan = loaded.plan.unwrap_or_else(|| panic!("{name} is read"));
    (1..=RUNS).map(|seed| simulation::run(&plan, seed, |_| {})).collect()
}

/// Replicas at every second.
fn series(steps: &(impl Iterator<Item = (f64, u32)> + Clone)) -> Vec<u32> {
    let at = |second: u32| steps.clone().take_while(|(t, _)| *t <= f64::from(second)).last().unwrap().1;
    (0..LENGTH).map(at).collect()
}

fn sum(series: &[u32]) -> f64 {
    series.iter().map(|replicas| f64::from(*replicas)).sum()
}

/// Compares runs with both recordings; `virtual_shares` is what these spent of their pods' time on virtual nodes.
fn compare(name: &str, recordings: [&[(u32, u32)]; 2], virtual_shares: [f64; 2]) {
    let runs = runs(name);
    let simulated: Vec<Vec<u32>> = runs.iter().map(|run| series(&run.summary.workloads["web"].replicas.steps.iter().copied())).collect();
    let shares: Vec<f64> = runs
        .iter()
        .map(|run| {
            let tiers = &run.summary.workloads["web"].pods;
            let time: f64 = tiers.values().map(|tier| tier.pod_seconds).sum();
            tiers.get("virtual").map_or(0.0, |tier| tier.pod_seconds) / time
        })
        .collect();
    for (recording, virtual_share) in recordings.into_iter().zip(virtual_shares) {
        let recorded = series(&recording.iter().map(|(t, replicas)| (f64::from(*t), *replicas)));
        let peak = |series: &Vec<u32>| f64::from(*series.iter().max().unwrap());
        for (what, measure) in [("replica-seconds", &(|series: &Vec<u32>| sum(series)) as &dyn Fn(&Vec<u32>) -> f64), ("peak", &peak)] {
            let values: Vec<f64> = simulated.iter().map(measure).collect();
            let (low, high) = (values.iter().copied().fold(f64::MAX, f64::min), values.iter().copied().fold(0.0, f64::max));
            let found = measure(&recorded);
            assert!((low / 1.02..=high * 1.02).contains(&found), "{name}: {what} {found} outside of {low} to {high}");
        }
        let error = |series: &Vec<u32>| series.iter().zip(&recorded).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / sum(&recorded);
        let best = simulated.iter().map(error).fold(f64::MAX, f64::min);
        assert!(best <= 0.04, "{name}: the closest run differs by {best}");
        for share in &shares {
            assert!((share - virtual_share).abs() <= 0.1, "{name}: {share} of pod time on virtual nodes, recorded {virtual_share}");
        }
    }
}

#[test]
fn a_stepped_load_test_decides_as_recorded() {
    compare("wordpress-seed", WORDPRESS_SEED, [0.796, 0.796]);
}

#[test]
fn scaling_policies_decide_as_recorded() {
    compare("policies", POLICIES, [0.0, 0.0]);
}

#[test]
fn ramps_over_three_tiers_decide_as_recorded() {
    compare("three-tier", THREE_TIER, [0.642, 0.631]);
}
