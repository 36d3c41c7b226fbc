//! `overspill resilience`: which configurations survive the loss of any one zone at the peak.

use std::cell::Cell;
use std::fs;
use std::io::IsTerminal;
use std::path::Path;

use sim_core::units::Time;
use sim_reports::format;
use sim_reports::terminal::Look;
use sim_reports::terminal::resilience as tables;
use sim_scenarios::load;
use sim_studies::check;
use sim_studies::resilience::{self, Configuration, Finding, Question};
use sim_studies::runner::Runner;
use sim_studies::sweep;

use crate::args::{Global, ResilienceArgs};
use crate::exit::Outcome;
use crate::output;

use super::sweep::progress::Progress;

/// Most configurations of a study.
const MOST: usize = 5000;
/// Configurations of a study that are shown: the last ones, among them the one that survives.
const SHOWN: usize = 20;

/// Runs the command.
pub(crate) fn run(args: &ResilienceArgs, global: &Global) -> anyhow::Result<Outcome> {
    let (mut scenarios, mut points) = (Vec::new(), Vec::new());
    for file in &args.files {
        let read = if is_study(file) {
            study(file, args, global).map(|found| points.extend(found))
        } else {
            scenario(file, args, global).map(|one| scenarios.push(one))
        };
        if read.is_none() {
            return Ok(Outcome::WrongInput);
        }
    }
    for configuration in scenarios.iter().chain(&points) {
        if let Some(wrong) = wrong(configuration, &args.zones) {
            eprintln!("error: {}: {wrong}", configuration.name);
            return Ok(Outcome::WrongInput);
        }
    }
    let question = Question {
        zones: args.zones.clone(),
        at: args.at.map(|at| Time::ZERO + at),
        lasts: args.lasts,
        replications: args.replications.get(),
        share: args.share.0,
        confidence: 0.95,
    };
    let runner = Runner::new(args.runs.jobs)?;
    let progress = Progress::of(global.quiet, "runs");
    let cases = |configuration: &Configuration| 1 + if args.zones.is_empty() { resilience::zones(&configuration.plan).len() } else { args.zones.len() };
    // Of a study the first survivor ends the search, so the total is no more than a bound.
    let total = scenarios.iter().chain(&points).map(|configuration| cases(configuration) as u64 * u64::from(question.replications)).sum::<u64>();
    let done = Cell::new(0);
    let tell = |runs: u64| {
        done.set(done.get() + runs);
        progress.show(done.get(), (total + points.len() as u64).max(done.get()), 0);
    };
    let mut found: Vec<Finding> = scenarios.iter().map(|one| resilience::examine(one, &question, false, &runner, &tell)).collect();
    if !points.is_empty() {
        found.extend(resilience::cheapest(&points, &question, &runner, &tell));
    }
    progress.end();
    if args.json {
        let report =
            serde_json::json!({ "schema": "overspill.resilience/1", "share": args.share.0, "replications": question.replications, "configurations": found });
        output::print(&(serde_json::to_string_pretty(&report)? + "\n"))?;
    } else {
        output::print(&text(args, &found, global.look()))?;
    }
    Ok(if found.iter().any(|finding| finding.survives) { Outcome::Done } else { Outcome::NotMet })
}

/// Whether a file is a study: it names the scenario that it varies.
fn is_study(file: &Path) -> bool {
    fs::read_to_string(file).is_ok_and(|text| text.lines().any(|line| line.starts_with("scenario:")))
}

fn scenario(file: &Path, args: &ResilienceArgs, global: &Global) -> Option<Configuration> {
    let loaded = load(file, &args.runs.load(global));
    output::show_issues(&loaded, global);
    Some(Configuration { name: file.display().to_string(), seed: loaded.seed, plan: loaded.plan? })
}

/// The points of a study; none if it has problems, which are shown.
fn study(file: &Path, args: &ResilienceArgs, global: &Global) -> Option<Vec<Configuration>> {
    let loaded = check::load(file, &args.runs.load(global));
    let color = global.colors(std::io::stderr().is_terminal());
    if loaded.issues.has_errors() || !global.quiet {
        eprint!("{}", loaded.report(color));
    }
    let study = loaded.study?;
    let mut found = Vec::new();
    for point in study.design.points().take(MOST) {
        let built = study.template.build(&point.changes());
        let name = sweep::label(&study, &point);
        let Some(plan) = built.plan else {
            eprint!("at {name}:\n{}\n", built.report(color));
            return None;
        };
        found.push(Configuration { name, plan, seed: study.base_seed });
    }
    Some(found)
}

/// Why a configuration cannot be looked at.
fn wrong(configuration: &Configuration, zones: &[String]) -> Option<String> {
    if configuration.plan.objectives.is_empty() {
        return Some("it has no objectives, so nothing tells whether it survives: add `objectives: [{p99: 300ms}]`".to_owned());
    }
    let known = resilience::zones(&configuration.plan);
    if known.is_empty() {
        return Some("no node names its zone, so none can be lost: add `zone: cn-hangzhou-h` to nodes".to_owned());
    }
    let unknown = zones.iter().find(|zone| !known.contains(zone))?;
    Some(format!("no node is in zone `{unknown}`; there is {}", known.join(", ")))
}

fn text(args: &ResilienceArgs, found: &[Finding], look: Look) -> String {
    let row = |finding: &Finding| tables::Row {
        name: finding.name.clone(),
        cost: finding.cost.map(|cost| (cost.mean, cost.half_width)),
        at_s: finding.at_s,
        cases: finding
            .trials
            .iter()
            .map(|trial| tables::Case { zone: trial.zone.clone(), runs: trial.runs, met: trial.met, p99_ms: trial.p99_ms.map(|p99| p99.mean) })
            .collect(),
        survives: finding.survives,
    };
    let rows: Vec<tables::Row> = found.iter().map(row).collect();
    let left_out = rows.len().saturating_sub(SHOWN);
    let mut note = format!("runs that met all objectives; {} of {} must", format::percent(args.share.0), args.replications);
    if left_out > 0 {
        note = format!("{note}; {left_out} cheaper ones left out");
    }
    tables::resilience(&rows[left_out..], &note, look)
}
