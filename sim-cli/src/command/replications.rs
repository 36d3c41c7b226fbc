//! `overspill run --replications`: a scenario several times, and what that is worth.

use std::collections::BTreeMap;

use sim_core::plan::Plan;
use sim_reports::terminal::study::{self, EstimateRow};
use sim_studies::case::Case;
use sim_studies::replications::Replications;
use sim_studies::runner::Runner;
use sim_studies::statistics::{Estimate, order};

use crate::args::{Global, RunArgs};
use crate::exit::Outcome;
use crate::output;

/// Runs the plan `count` times and shows every figure with its interval.
pub(crate) fn run(args: &RunArgs, global: &Global, plan: &Plan, seed: u64, count: u32) -> anyhow::Result<Outcome> {
    let runner = Runner::new(None)?;
    let case = Case::new(plan.clone(), seed);
    let replications = Replications::fixed(count);
    let outcomes = replications.run(&runner, |replication| case.run(replication));
    let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (figure, value) in outcomes.iter().flat_map(|outcome| &outcome.figures) {
        values.entry(figure).or_default().push(*value);
    }
    let confidence = replications.confidence;
    if args.json {
        let figures = values.iter().map(|(figure, values)| {
            let median = order::quantile(values, 0.5, confidence);
            (*figure, serde_json::json!({ "estimate": Estimate::of(values, confidence), "median": median }))
        });
        let figures: serde_json::Map<String, serde_json::Value> = figures.map(|(figure, value)| (figure.to_owned(), value)).collect();
        let seeds: Vec<u64> = outcomes.iter().map(|outcome| outcome.seed).collect();
        let digests: Vec<&str> = outcomes.iter().map(|outcome| outcome.digest.as_str()).collect();
        let report = serde_json::json!({
            "schema": "overspill.replications/1", "scenario": plan.name, "replications": count, "confidence": confidence,
            "seeds": seeds, "digests": digests, "figures": figures,
        });
        output::print(&(serde_json::to_string_pretty(&report)? + "\n"))?;
    } else {
        let row = |(figure, values): (&&str, &Vec<f64>)| {
            let estimate = Estimate::of(values, confidence)?;
            let median = order::quantile(values, 0.5, confidence).and_then(|median| median.interval);
            Some(EstimateRow { figure: (*figure).to_owned(), mean: estimate.mean, half_width: estimate.half_width, sd: estimate.sd, median })
        };
        // What is always zero says nothing.
        let rows: Vec<EstimateRow> = values.iter().filter(|(_, values)| values.iter().any(|value| *value != 0.0)).filter_map(row).collect();
        output::print(&study::estimates(&rows, count as usize, confidence, global.look()))?;
    }
    let missed = |outcome: &sim_studies::case::Outcome| outcome.figures.iter().any(|(name, value)| sim_studies::figures::is_met(name) && *value == 0.0);
    let misses = outcomes.iter().filter(|outcome| missed(outcome)).count();
    if args.gate && misses > 0 {
        eprintln!("an objective was missed in {misses} of {count} replications");
        return Ok(Outcome::NotMet);
    }
    Ok(Outcome::Done)
}
