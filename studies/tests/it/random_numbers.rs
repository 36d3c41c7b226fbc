//! Common random numbers: the difference of two variants is known far better than with independent seeds.

use std::path::Path;

use sim_core::plan::Plan;
use sim_scenarios::{LoadOptions, load};
use sim_studies::case::Case;
use sim_studies::compare::{self, Comparison};
use sim_studies::runner::Runner;

/// By how much the variance of a difference is smaller, at least.
const TIMES: f64 = 5.0;

fn plan(name: &str, set: &[&str]) -> (Plan, u64) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/gallery").join(name);
    let loaded = load(&path, &LoadOptions { set: set.iter().map(|set| (*set).to_owned()).collect(), ..LoadOptions::default() });
    let report = loaded.report(false);
    (loaded.plan.unwrap_or_else(|| panic!("{report}")), loaded.seed)
}

fn compared(name: &str, both: &[&str], b: &str, replications: u32) -> Comparison {
    let cases = [plan(name, both), plan(name, &[both, &[b]].concat())].map(|(plan, seed)| Case::new(plan, seed));
    compare::run(&cases[0], &cases[1], replications, 0.95, &Runner::new(None).unwrap())
}

/// Figures that vary from run to run, and whose difference does as well or not at all.
fn known_better(comparison: &Comparison, figures: &[&str]) {
    for figure in figures {
        let paired = comparison.get(figure).unwrap_or_else(|| panic!("there is no {figure}"));
        let independent = paired.a.sd.unwrap().powi(2) + paired.b.sd.unwrap().powi(2);
        let own = paired.difference.sd.unwrap().powi(2);
        println!("{figure}: {independent:e} with independent seeds, {own:e} on common ones");
        assert!(independent > 0.0, "{figure} does not vary at all");
        assert!(own * TIMES <= independent, "{figure}: variance {own} on common random numbers, {independent} on independent ones");
    }
}

/// The comparison of the README: is one more subscribed node worth it, with instances to overflow to?
#[test]
fn a_node_more_in_the_promotion() {
    let comparison = compared("promotion-cron-hpa.yaml", &[], "nodes.base.count=5", 8);
    known_better(&comparison, &["cost.total", "latency_ms.mean", "latency_ms.p99", "workloads.shop.wait_ms.mean"]);
}

/// What are faster instances worth in the flash sale? Twenty minutes around it.
#[test]
fn faster_instances_in_the_flash_sale() {
    let both = ["duration=20m", "load.web[1].flashSale.at=4m"];
    let comparison = compared("flash-sale.yaml", &both, "virtualNodes.vk-a.startUp.lognormal.mean=20s", 6);
    known_better(&comparison, &["requests.rejected", "requests.success_rate", "latency_ms.mean", "workloads.web.wait_ms.mean"]);
}
