//! The cheapest configuration that survives the loss of any one zone.

use sim_core::plan::Plan;
use sim_core::units::{Span, Time};
use sim_scenarios::{LoadOptions, load_text};
use sim_studies::resilience::{Configuration, Question, cheapest, examine, peak, zones};
use sim_studies::runner::Runner;

/// Eight replicas hold the peak; a machine holds four, so two zones of one machine each are both needed, and of two each one is enough.
const SHOP: &str = "\
name: shop
duration: 10m
nodes:
  - {name: h, tier: idc, zone: zone-h, count: H, capacity: {cpu: 4, memory: 32Gi}, price: 1/h}
  - {name: i, tier: idc, zone: zone-i, count: I, capacity: {cpu: 4, memory: 32Gi}, price: 1/h}
services: {web: {requests: {cpu: 1}, replicas: 8, serviceTime: {exponential: {mean: 50ms}}, concurrency: 1, timeout: 2s}}
load: {web: [{steps: [[0s, 20/s], [4m, 110/s], [7m, 20/s]]}]}
objectives: [{p99: 1s, of: web, attain: 80%}, {errors: 5%, of: web, attain: 80%}]
";

fn configuration(h: u32, i: u32) -> Configuration {
    let text = SHOP.replace("count: H", &format!("count: {h}")).replace("count: I", &format!("count: {i}"));
    let loaded = load_text("shop.yaml", &text, &LoadOptions::default());
    let report = loaded.report(false);
    let mut plan = loaded.plan.unwrap_or_else(|| panic!("{report}"));
    // Kubernetes notices soon, so that what is left has time to help.
    (plan.faults.grace, plan.faults.toleration) = (Span::from_secs(5), Span::from_secs(5));
    Configuration { name: format!("{h}+{i}"), plan, seed: 1 }
}

fn question() -> Question {
    Question { zones: Vec::new(), at: None, lasts: None, replications: 4, share: 0.95, confidence: 0.95 }
}

#[test]
fn a_zone_is_lost_when_most_is_asked_for() {
    let plan: Plan = configuration(1, 1).plan;
    assert_eq!(zones(&plan), ["zone-h", "zone-i"]);
    let at = peak(&plan, 1);
    assert!((Time::from_secs(235)..Time::from_secs(320)).contains(&at), "the beginning of the plateau, not its highest point: {at:?}");
}

#[test]
fn the_cheapest_survivor_can_lose_either_zone() {
    let runner = Runner::new(None).unwrap();
    let lean = examine(&configuration(1, 1), &question(), false, &runner, &|_| {});
    assert!(lean.trials[0].holds && !lean.survives, "{lean:?}");
    assert_eq!(lean.trials.iter().map(|trial| trial.runs).collect::<Vec<_>>(), [4, 4, 4]);
    let all: Vec<Configuration> = [(1, 1), (2, 2), (3, 1), (2, 1), (3, 3)].map(|(h, i)| configuration(h, i)).into();
    let found = cheapest(&all, &question(), &runner, &|_| {});
    let survivor = found.last().unwrap();
    assert!(survivor.survives && survivor.name == "2+2", "{found:?}");
    // Cheaper ones came first, and one replication was enough to see that they do not survive.
    let names: Vec<&str> = found.iter().map(|finding| finding.name.as_str()).collect();
    assert_eq!(&names[..2], ["1+1", "2+1"]);
    assert!(found[..2].iter().all(|finding| finding.trials[0].runs == 1), "{found:?}");
}
