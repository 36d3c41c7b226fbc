//! `overspill headroom`: how much more load before an objective is missed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sim_core::plan::{Fidelity, Plan};
use sim_reports::format;
use sim_reports::terminal::study as tables;
use sim_reports::terminal::{Look, said};
use sim_scenarios::load;
use sim_studies::headroom::{self, Headroom, Question};
use sim_studies::runner::Runner;
use sim_studies::search::study::{MANY_REQUESTS, requests};

use crate::args::{Global, HeadroomArgs, Screen};
use crate::exit::Outcome;
use crate::output;

use super::sweep::progress::Progress;

/// Runs the command.
pub(crate) fn run(args: &HeadroomArgs, global: &Global) -> anyhow::Result<Outcome> {
    let mut plans = Vec::new();
    for path in &args.scenarios {
        let loaded = load(path, &args.runs.load(global));
        output::show_issues(&loaded, global);
        let Some(plan) = loaded.plan else { return Ok(Outcome::WrongInput) };
        let missing = if plan.objectives.is_empty() {
            Some("it has no objectives, so nothing can break: add `objectives: [{p99: 300ms}]`".to_owned())
        } else {
            let named = args.of.as_deref().filter(|of| plan.services.find(|service| service.name == *of).is_none());
            named.map(|of| format!("it has no service `{of}`"))
        };
        if let Some(missing) = missing {
            eprintln!("error: {}: {missing}", path.display());
            return Ok(Outcome::WrongInput);
        }
        let wanted = args.screen == Screen::Always || (args.screen == Screen::Auto && requests(&plan) >= MANY_REQUESTS);
        let rates = if wanted && plan.fidelity == Fidelity::Request { by_rates(path, args, global) } else { None };
        plans.push((path, plan, rates, loaded.seed));
    }
    let runner = Runner::new(args.runs.jobs)?;
    let question = Question { of: args.of.as_deref(), replications: args.replications.get(), share: args.share.0, precision: args.precision.0 };
    let find = |(path, plan, rates, seed): &(&PathBuf, Plan, Option<Plan>, u64)| {
        let progress = Progress::of(global.quiet, "runs");
        let found = headroom::find(plan, rates.as_ref(), *seed, &question, &runner, &mut |done, total| progress.show(u64::from(done), u64::from(total), 0));
        progress.end();
        ((*path).clone(), found)
    };
    let found: Vec<(PathBuf, Headroom)> = plans.iter().map(find).collect();
    if args.json {
        let each = found.iter().map(|(path, found)| {
            let percent = found.factor.map(|factor| (factor - 1.0) * 100.0);
            let periods = args.growth.as_ref().and_then(|growth| found.periods(growth.share));
            serde_json::json!({
                "scenario": path.display().to_string(), "headroom": found, "percent": percent,
                "lasts": periods, "period": args.growth.as_ref().map(|growth| &growth.period),
            })
        });
        let report = serde_json::json!({ "schema": "overspill.headroom/1", "of": args.of, "share": args.share.0, "scenarios": each.collect::<Vec<_>>() });
        output::print(&(serde_json::to_string_pretty(&report)? + "\n"))?;
    } else {
        output::print(&text(args, &found, global.look()))?;
    }
    let enough = found.iter().all(|(_, found)| found.factor.is_some_and(|factor| factor >= 1.0));
    Ok(if enough { Outcome::Done } else { Outcome::NotMet })
}

/// The scenario by rates, if these can be simulated.
fn by_rates(path: &Path, args: &HeadroomArgs, global: &Global) -> Option<Plan> {
    let mut options = args.runs.load(global);
    options.set.push("fidelity=flow".to_owned());
    load(path, &options).plan
}

fn text(args: &HeadroomArgs, found: &[(PathBuf, Headroom)], look: Look) -> String {
    let growth = args.growth.as_ref();
    let mut figures = vec!["headroom".to_owned(), "holds at".to_owned(), "breaks at".to_owned()];
    figures.extend(growth.map(|growth| format!("{}s", growth.period)));
    figures.extend(["first to break".to_owned(), "runs".to_owned()]);
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|(path, found)| {
            let times = |factor: Option<f64>| factor.map_or_else(|| "-".to_owned(), |factor| format!("{}×", format::fixed(factor, 3)));
            let percent = found.factor.map_or_else(|| "-".to_owned(), |factor| format!("{:+.1} %", (factor - 1.0) * 100.0));
            let mut row = vec![path.display().to_string(), percent, times(found.factor), times(found.breaks_at)];
            row.extend(growth.map(|growth| found.periods(growth.share).map_or_else(|| "-".to_owned(), |periods| format::fixed(periods, 1))));
            row.extend([found.broken.join(", "), format::count(u64::from(found.runs))]);
            row
        })
        .collect();
    let whose = args.of.as_deref().map_or_else(|| "all load".to_owned(), |of| format!("the load of {of}"));
    let title = format!("headroom of {whose}");
    let note = format!("objectives met in {} of {} replications", format::percent(args.share.0), args.replications);
    let text = tables::points(&title, &note, &["scenario".to_owned()], &figures, &rows, look);
    let mut last = String::new();
    let screened: u32 = found.iter().map(|(_, found)| found.screened).sum();
    if screened > 0 {
        let _ = writeln!(last, "\nBefore these, {screened} runs by rates showed where to look.");
    }
    if let Some(growth) = growth {
        let _ = writeln!(last, "\nThe load grows by {} a {}, compound.", format::percent(growth.share), growth.period);
    }
    text + &said(&last, look.lang)
}
