//! `overspill explain`: why a run, a pod, a size, a node, a breach or a bill is what it is.

use sim_core::plan::Plan;
use sim_core::record::Record;
use sim_core::simulation::{self, Watch, Watched};
use sim_core::units::{Span, Time};
use sim_reports::clock::Clock;
use sim_reports::record_dir::Stored;
use sim_reports::terminal::explain::{self, Manner, Question};
use sim_scenarios::{LoadOptions, load};

use super::run::{Progressing, simulate};
use crate::args::{ExplainArgs, Global, Topic};
use crate::exit::Outcome;
use crate::output;

/// Evaluations of an HPA that are shown before and after the time that is asked about.
const SYNCS: u64 = 2;

/// Runs the command.
pub(crate) fn run(args: &ExplainArgs, global: &Global) -> anyhow::Result<Outcome> {
    let Some((record, again)) = record(args, global) else { return Ok(Outcome::WrongInput) };
    let at = match moment(args.topic.as_ref(), &Clock::of(&record)) {
        Ok(at) => at,
        Err(message) => return Ok(output::wrong(message)),
    };
    let question = match &args.topic {
        None => Question::Story,
        Some(Topic::Pod { name }) => Question::Pod(name),
        Some(Topic::Scale { workload, .. }) => Question::Scale { workload, at },
        Some(Topic::Nodes { name }) => Question::Nodes(name.as_deref()),
        Some(Topic::Breach) => Question::Breach,
        Some(Topic::Cost) => Question::Cost,
    };
    let watched = again.as_ref().and_then(|(plan, seed)| look_again(&record, plan, *seed, question, global));
    let look = global.look();
    let manner = Manner { width: look.width, color: look.color, lang: look.lang, watched: watched.as_ref(), can_run_again: again.is_some() };
    match explain::answer(&record, question, manner) {
        Ok(text) => output::print(&text)?,
        Err(unknown) => return Ok(output::wrong(unknown)),
    }
    Ok(Outcome::Done)
}

/// The record in a folder, or of a scenario that is run now, and what is needed to run it again; none if that cannot be read, which has been said.
fn record(args: &ExplainArgs, global: &Global) -> Option<(Record, Option<(Plan, u64)>)> {
    if !args.source.is_file() {
        let stored = output::open(&args.source)?;
        let again = plan_of(args, &stored);
        return Some((stored.record, again));
    }
    let loaded = load(&args.source, &LoadOptions { set: args.set.clone(), allow_outside: global.allow_outside, seed: args.seed });
    output::show_issues(&loaded, global);
    let (plan, seed) = (loaded.plan?, loaded.seed);
    Some((simulate(&plan, seed, global), Some((plan, seed))))
}

/// The plan that a record is of, from the copies of its files; none where the record does not have them all.
fn plan_of(args: &ExplainArgs, stored: &Stored) -> Option<(Plan, u64)> {
    let manifest = &stored.manifest;
    let scenario = args.source.join(manifest.inputs.first()?.file.as_deref()?);
    let loaded = load(&scenario, &LoadOptions { set: manifest.overrides.clone(), allow_outside: false, seed: Some(manifest.seed) });
    Some((loaded.plan?, manifest.seed))
}

/// Runs the scenario again as far as a question about a pod or a sync needs it: a record does not hold every score and every sync.
fn look_again(record: &Record, plan: &Plan, seed: u64, question: Question<'_>, global: &Global) -> Option<Watched> {
    let watch = match question {
        Question::Pod(name) if record.pods.iter().any(|pod| pod.pod == name) => Watch::Pod(name.to_owned()),
        Question::Scale { workload, at: Some(at) } if record.summary.workloads.contains_key(workload) => {
            let (at, around) = (Time::ZERO + Span::from_secs_f64(at), Span::from_nanos(plan.hpa.sync_period.as_nanos().saturating_mul(SYNCS)));
            Watch::Scaling {
                service: workload.to_owned(),
                from: Time::from_nanos(at.as_nanos().saturating_sub(around.as_nanos())),
                until: at.saturating_add(around),
            }
        }
        _ => return None,
    };
    let progressing = Progressing::new(plan, global);
    Some(simulation::watch(plan, seed, watch, |progress| progressing.show(progress)))
}

/// The time that is asked about, in seconds: a duration such as `1h2m`, a clock such as `1:02:00`, plain seconds, or a date and time of the scenario.
fn moment(topic: Option<&Topic>, clock: &Clock) -> Result<Option<f64>, String> {
    let Some(Topic::Scale { at, moment, .. }) = topic else { return Ok(None) };
    let text = match (at, moment.as_slice()) {
        (Some(at), _) => at,
        (None, []) => return Ok(None),
        (None, [at, time]) if at == "at" => time,
        (None, words) => return Err(format!("`{}` is not a time; write `--at 1h2m`", words.join(" "))),
    };
    let expected = "a duration such as `1h2m` or `90s`, or a clock such as `0:01:30`, both since the start";
    let found = seconds(text).or_else(|| clock.since_start(text)).filter(|at| *at >= 0.0);
    found.map(Some).ok_or_else(|| format!("`{text}` is not a time; expected {expected}, or a date and time where the scenario has a start"))
}

fn seconds(text: &str) -> Option<f64> {
    if let Ok(span) = text.parse::<Span>() {
        return Some(span.as_secs_f64());
    }
    let parts: Vec<f64> = text.split(':').map(|part| part.parse().ok().filter(|part: &f64| part.is_finite() && *part >= 0.0)).collect::<Option<_>>()?;
    (parts.len() <= 3).then(|| parts.iter().fold(0.0, |sum, part| sum * 60.0 + part))
}
