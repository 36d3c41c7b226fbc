//! `overspill run`: simulate a scenario, show the summary, write the record.

mod watch;

use std::time::Instant;

use anyhow::Context;
use sim_core::plan::Plan;
use sim_core::record::Record;
use sim_core::simulation;
use sim_reports::format::{duration, plural};
use sim_reports::html::Lang;
use sim_reports::record_dir::{self, Input, Provenance};
use sim_reports::terminal::Look;
use sim_reports::{chart, html, terminal};
use sim_scenarios::{LoadOptions, Loaded, expect, load};

use crate::args::{Fidelity, Global, RunArgs};
use crate::exit::Outcome;
use crate::output;
pub(super) use watch::Watch as Progressing;

/// Runs the command.
pub(crate) fn run(args: &RunArgs, global: &Global) -> anyhow::Result<Outcome> {
    let set = Fidelity::before(args.fidelity, &args.set);
    let started = Instant::now();
    let loaded = load(&args.scenario, &LoadOptions { set: set.clone(), allow_outside: global.allow_outside, seed: args.seed });
    output::show_issues(&loaded, global);
    let Some(plan) = &loaded.plan else { return Ok(Outcome::WrongInput) };
    output::tell(global, started, || format!("read {} and checked it: {}", args.scenario.display(), contents(plan)));
    if let Some(count) = args.replications {
        return super::replications::run(args, global, plan, loaded.seed, count.get());
    }
    if let Some(dir) = &args.out {
        // A folder that cannot be written to should cost a second, not the whole run.
        record_dir::prepare(dir)?;
    }
    let mut record = simulate(plan, loaded.seed, global);
    record.summary.warnings = output::warnings(&loaded);
    if let Some(dir) = &args.out {
        let inputs = inputs(&loaded);
        let provenance = Provenance {
            tool_version: env!("CARGO_PKG_VERSION"),
            scenario_yaml: &loaded.text,
            inputs: &inputs,
            overrides: &set,
            lang: global.lang.map(|_| global.lang()),
        };
        let started = Instant::now();
        record_dir::write(&record, dir, &provenance, &chart::all(&record))?;
        output::tell(global, started, || format!("wrote the record and its charts to {}", dir.display()));
        output::note_fonts(global.lang());
    }
    if args.json {
        let json = serde_json::to_string_pretty(&record.summary).context("the summary cannot be written as JSON")?;
        output::print(&(json + "\n"))?;
    } else {
        let Look { width, color, lang } = global.look();
        output::print(&terminal::summary(&record, width, color, lang))?;
        if let Some(dir) = &args.out {
            let what = if lang == Lang::Zh { "记录、图表和" } else { "record, charts and" };
            output::print(&format!("\n{what} {}: {}\n", html::FILE, dir.display()))?;
        }
    }
    Ok(if args.gate { gate(&loaded, &record) } else { Outcome::Done })
}

/// What a plan is made of, in a line.
fn contents(plan: &Plan) -> String {
    let parts = [
        (plan.services.len(), "service", "services"),
        (plan.jobs.len(), "job", "jobs"),
        (plan.backends.len(), "backend", "backends"),
        (plan.nodes.len(), "node or place for one", "nodes and places for them"),
        (plan.faults.list.len(), "fault", "faults"),
        (plan.objectives.len(), "objective", "objectives"),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| part.0 > 0).map(|(n, one, many)| plural(n as u64, one, many)).collect();
    format!("{} at {} fidelity", parts.join(", "), plan.fidelity.name())
}

/// Every file that the scenario was read from, for the record.
fn inputs(loaded: &Loaded) -> Vec<Input> {
    loaded.sources.files().enumerate().map(|(number, file)| Input::new(file.name, file.inside.as_deref(), number, file.text)).collect()
}

/// Whether everything holds that the scenario asks for; what does not is said on standard error.
fn gate(loaded: &Loaded, record: &Record) -> Outcome {
    let objectives = record.summary.objectives.iter().filter(|objective| !objective.met).map(|objective| format!("objective not met: {}", objective.name));
    let outcomes = expect::evaluate(&loaded.expectations, record).into_iter().filter(|outcome| !outcome.passed);
    let missed: Vec<String> = objectives.chain(outcomes.map(|outcome| format!("expected {}: {}", outcome.text, outcome.detail))).collect();
    for line in &missed {
        eprintln!("{line}");
    }
    if missed.is_empty() { Outcome::Done } else { Outcome::NotMet }
}

/// Runs a plan. If that takes long, a progress line shows on standard error, where that is a terminal.
pub(crate) fn simulate(plan: &Plan, seed: u64, global: &Global) -> Record {
    let watch = Progressing::new(plan, global);
    let started = Instant::now();
    let mut record = simulation::run(plan, seed, |progress| watch.show(progress));
    watch.end();
    let wall_s = started.elapsed().as_secs_f64();
    record.summary.wall_s = wall_s;
    output::tell(global, started, || {
        let (summary, decisions) = (&record.summary, plural(record.decisions.len() as u64, "decision", "decisions"));
        let [events, requests] =
            [(summary.events, "event", "events"), (summary.requests.offered, "request", "requests")].map(|(n, one, many)| plural(n, one, many));
        format!("simulated {} with seed {seed}: {events}, {decisions}, {requests}", duration(summary.simulated_s))
    });
    record.summary.simulated_to_wall = if wall_s > 0.0 { record.summary.simulated_s / wall_s } else { 0.0 };
    record
}
