//! Intervals hold what they say, as often as they say.

use std::num::NonZeroUsize;

use sim_scenarios::{LoadOptions, load_text};
use sim_studies::case::Case;
use sim_studies::replications::Replications;
use sim_studies::runner::Runner;
use sim_studies::statistics::{Estimate, order};

/// A queue with one server at half its capacity: 50 requests a second, 100 a second at most. The mean time in the system is 1 / (100 - 50) s.
const QUEUE: &str = "\
name: queue
duration: 120s
warmUp: 2s
window: 2m
nodes: [{name: idc, capacity: {cpu: 4}}]
services: {web: {requests: {cpu: 1}, serviceTime: {exponential: {mean: 10ms}}, concurrency: 1}}
load: {web: [{constant: 50/s}]}
";
const TRUE_MEAN_MS: f64 = 20.0;

/// Sixty million requests: some ten seconds on two cores.
#[test]
fn of_a_thousand_intervals_about_950_hold_the_true_mean() {
    let loaded = load_text("queue.yaml", QUEUE, &LoadOptions::default());
    let plan = loaded.plan.as_ref().unwrap_or_else(|| panic!("{}", loaded.report(false)));
    let runner = Runner::new(NonZeroUsize::new(2)).unwrap();
    let studies: Vec<u64> = (1..=1000).collect();
    let values = runner.map(&studies, |seed| {
        let case = Case::new(plan.clone(), *seed);
        let outcomes = Replications::fixed(10).run(&runner, |replication| case.run(replication));
        outcomes.iter().map(|outcome| outcome.figures["latency_ms.mean"]).collect::<Vec<f64>>()
    });
    let holds = |values: &Vec<f64>| {
        let estimate = Estimate::of(values, 0.95)?;
        Some((estimate.low()?..=estimate.high()?).contains(&TRUE_MEAN_MS))
    };
    let held = values.iter().filter(|values| holds(values) == Some(true)).count();
    println!("{held} of 1000 intervals of 95 % hold the true mean");
    assert!((930..=970).contains(&held), "{held} of 1000");
    // The median of ten means is that of all of them, whose distribution is nearly symmetric.
    let all: Vec<f64> = values.iter().flatten().copied().collect();
    let median = order::quantile(&all, 0.5, 0.95).map_or(f64::NAN, |median| median.value);
    let medians =
        |values: &&Vec<f64>| order::quantile(values, 0.5, 0.95).and_then(|median| median.interval).is_some_and(|(low, high)| low <= median && median <= high);
    let held = values.iter().filter(medians).count();
    println!("{held} of 1000 intervals of at least 95 % hold the median");
    assert!(held >= 950, "{held} of 1000");
}
