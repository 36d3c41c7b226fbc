//! `overspill explain`: why a run, a pod, a size, a breach or a bill is what it is.

use std::io::IsTerminal;

use sim_core::record::Record;
use sim_core::units::Span;
use sim_reports::record_dir;
use sim_reports::terminal::explain::{self, Question};
use sim_scenarios::{LoadOptions, load};

use super::run::simulate;
use crate::args::{ExplainArgs, Global, Topic};
use crate::exit::Outcome;
use crate::output;

/// Runs the command.
pub(crate) fn run(args: &ExplainArgs, global: &Global) -> anyhow::Result<Outcome> {
    let at = match moment(args.topic.as_ref()) {
        Ok(at) => at,
        Err(message) => return Ok(wrong(&message)),
    };
    let Some(record) = record(args, global) else { return Ok(Outcome::WrongInput) };
    let question = match &args.topic {
        None => Question::Story,
        Some(Topic::Pod { name }) => Question::Pod(name),
        Some(Topic::Scale { workload, .. }) => Question::Scale { workload, at },
        Some(Topic::Breach) => Question::Breach,
        Some(Topic::Cost) => Question::Cost,
    };
    let color = global.colors(std::io::stdout().is_terminal());
    match explain::answer(&record, question, output::width(), color) {
        Ok(text) => output::print(&text)?,
        Err(unknown) => return Ok(wrong(&unknown.to_string())),
    }
    Ok(Outcome::Done)
}

/// The record in a folder, or of a scenario that is run now; none if that cannot be read, which has been said.
fn record(args: &ExplainArgs, global: &Global) -> Option<Record> {
    if !args.source.is_file() {
        return match record_dir::open(&args.source) {
            Ok(stored) => Some(stored.record),
            Err(problem) => {
                eprintln!("error: {problem}");
                None
            }
        };
    }
    let loaded = load(&args.source, &LoadOptions { set: args.set.clone(), allow_outside: global.allow_outside, seed: args.seed });
    output::show_issues(&loaded, global);
    loaded.plan.as_ref().map(|plan| simulate(plan, loaded.seed, global.quiet))
}

/// The time that is asked about, in seconds: a duration such as `1h2m`, a clock such as `1:02:00`, or plain seconds.
fn moment(topic: Option<&Topic>) -> Result<Option<f64>, String> {
    let Some(Topic::Scale { at, moment, .. }) = topic else { return Ok(None) };
    let text = match (at, moment.as_slice()) {
        (Some(at), _) => at,
        (None, []) => return Ok(None),
        (None, [at, time]) if at == "at" => time,
        (None, words) => return Err(format!("`{}` is not a time; write `--at 1h2m`", words.join(" "))),
    };
    seconds(text).map(Some).ok_or_else(|| format!("`{text}` is not a time; expected a duration such as `1h2m` or `90s`, or a clock such as `0:01:30`"))
}

fn seconds(text: &str) -> Option<f64> {
    if let Ok(span) = text.parse::<Span>() {
        return Some(span.as_secs_f64());
    }
    let parts: Vec<f64> = text.split(':').map(|part| part.parse().ok().filter(|part: &f64| part.is_finite() && *part >= 0.0)).collect::<Option<_>>()?;
    (parts.len() <= 3).then(|| parts.iter().fold(0.0, |sum, part| sum * 60.0 + part))
}

fn wrong(message: &str) -> Outcome {
    eprintln!("error: {message}");
    Outcome::WrongInput
}
