//! `overspill optimize`: the cheapest point of a study that holds.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;

use anyhow::Context;
use sim_reports::format;
use sim_reports::terminal::study as tables;
use sim_scenarios::LoadOptions;
use sim_studies::check::{self, Study};
use sim_studies::results;
use sim_studies::runner::Runner;
use sim_studies::search::report::{Choice, Report};
use sim_studies::search::study::{Points, Refusal, Simulator, claim};
use sim_studies::search::{self, Holds, Settings, kubernetes, yaml};
use sim_studies::store;
use sim_studies::sweep;

use crate::args::{Global, OptimizeArgs};
use crate::exit::Outcome;
use crate::output;

use super::sweep::progress::Progress;

/// Most points of the frontier on the terminal.
const SHOWN: usize = 12;

/// Runs the command.
pub(crate) fn run(args: &OptimizeArgs, global: &Global) -> anyhow::Result<Outcome> {
    let loaded = check::load(&args.study, &LoadOptions { set: args.set.clone(), allow_outside: global.allow_outside, seed: args.seed });
    let color = global.colors(io::stderr().is_terminal());
    if loaded.issues.has_errors() || !global.quiet {
        eprint!("{}", loaded.report(color));
    }
    let Some(study) = &loaded.study else { return Ok(Outcome::WrongInput) };
    let wrong = |message: &str| {
        eprintln!("error: {message}");
        Ok(Outcome::WrongInput)
    };
    if study.goal.constraints.is_empty() {
        return wrong("nothing must hold: give the scenario objectives, or the study `constraints: [{latency_ms.p99: {below: 300}}]`");
    }
    let points = match Points::of(study) {
        Ok(points) => points,
        Err(message) => return wrong(&message),
    };
    let runner = Runner::new(args.jobs)?;
    let prepared = match sweep::prepare(study, &runner) {
        Ok(prepared) => prepared,
        Err(problems) => {
            for problem in problems {
                eprint!("at {}:\n{}\n", problem.point, problem.loaded.report(color));
            }
            return Ok(Outcome::WrongInput);
        }
    };
    let store =
        args.out.as_deref().map(|out| store::open(&out.display().to_string()).with_context(|| format!("cannot write to `{}`", out.display()))).transpose()?;
    if let (Some(store), Some(out)) = (&store, &args.out) {
        match claim(store.as_ref(), &prepared.manifest().id, study, args.resume) {
            Ok(()) => {}
            Err(Refusal::NotEmpty) => {
                return wrong(&format!("`{}` holds runs of this search already: go on with `--resume`, or choose another place", out.display()));
            }
            Err(Refusal::Other) => {
                return wrong(&format!("`{}` holds runs of another search, or of another version of this one: choose another place", out.display()));
            }
            Err(Refusal::Io(error)) => return Err(error.into()),
        }
    }
    let budget = args.budget.map(std::num::NonZeroU32::get).or(study.goal.budget).unwrap_or_else(|| points.usual_budget());
    let holds = if study.goal.on_average { Holds::OnAverage } else { Holds::EachRun { share: study.goal.share } };
    let settings = Settings { budget, holds, confidence: study.goal.confidence, seed: study.base_seed };
    let progress = Progress::of(global.quiet, "runs");
    let tell = |runs: u64| progress.show(runs, u64::from(budget), 0);
    let mut simulator = Simulator::new(study, &points, &runner, store.as_deref(), &tell);
    let answer = search::search(&points.space, &settings, &mut simulator)?;
    progress.end();
    let report = Report::of(study, &points, &answer, &simulator, budget);
    if let Some(out) = &args.out {
        write(out, study, &points, &report, answer.best.as_ref().map(|best| best.point), &mut simulator)?;
    }
    if args.json {
        output::print(&(serde_json::to_string_pretty(&report)? + "\n"))?;
    } else {
        output::print(&text(&report, args.out.as_deref(), global.colors(io::stdout().is_terminal())))?;
    }
    Ok(if report.best.is_some() { Outcome::Done } else { Outcome::NotMet })
}

/// Writes the answer: as JSON, the frontier as a table, the winner as a scenario and as Kubernetes objects.
fn write(out: &Path, study: &Study, points: &Points, report: &Report, best: Option<usize>, simulator: &mut Simulator<'_>) -> anyhow::Result<()> {
    results::whole(out, "optimum.json", |file| serde_json::to_writer_pretty(file, report).map_err(io::Error::other))?;
    results::whole(out, "frontier.csv", |file| report.csv(file))?;
    let Some(best) = best else { return Ok(()) };
    let changes = points.points[best].changes();
    let template = study.template.clone().changed(&changes);
    let built = study.template.build(&changes);
    if let Some(root) = template.root() {
        let document = yaml::document(root, &built.sources);
        let labels = sweep::labels(study, &points.points[best]).join(", ");
        let head = format!("# The cheapest of {} points that holds {}: {labels}.\n", report.points, report.holds);
        save(&out.join("best.yaml"), &(head + &document.text))?;
        for (name, text) in &document.files {
            save(&out.join(name), text)?;
        }
    }
    for (service, objects) in kubernetes::manifests(simulator.plan(best)?) {
        let texts: Vec<String> = objects.iter().map(kubernetes::yaml).collect();
        save(&out.join("k8s").join(format!("{service}.yaml")), &texts.join("---\n"))?;
    }
    Ok(())
}

fn save(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}

/// The answer for people.
fn text(report: &Report, out: Option<&Path>, color: bool) -> String {
    let mut text = String::new();
    match &report.best {
        None => {
            let _ = writeln!(text, "no point that was run holds {}", report.holds);
        }
        Some(best) => {
            let _ = writeln!(text, "cheapest point that holds: {}", values(best));
            let _ = writeln!(text, "  {} {}", report.minimize, estimate(&report.minimize, best));
            for held in &best.constraints {
                let mean = held.figure.map_or_else(String::new, |figure| format!(", mean {}", format::figure(&held.constraint, figure.mean)));
                let _ = writeln!(text, "  {}: in {} of {} runs{mean}", held.constraint, held.held, best.runs);
            }
            let _ = writeln!(text, "  certainty that it holds: {}", format::percent(best.certainty));
            if let Some(next) = &report.runner_up {
                let _ = writeln!(
                    text,
                    "runner-up: {}, {} {}, certainty {}",
                    values(next),
                    report.minimize,
                    estimate(&report.minimize, next),
                    format::percent(next.certainty)
                );
            }
            if !report.binds.is_empty() {
                text += "what binds:\n";
                for line in &report.binds {
                    let _ = writeln!(text, "  {line}");
                }
            }
        }
    }
    let _ =
        write!(text, "holds: {}\n{} runs of at most {}; {} of {} points were run\n\n", report.holds, report.runs, report.budget, report.tried, report.points);
    let shown: Vec<&Choice> = report.frontier.iter().take(SHOWN).collect();
    if let Some(first) = shown.first() {
        let names: Vec<String> = first.values.iter().map(|(name, _)| name.clone()).collect();
        let constraints = first.constraints.iter().map(|held| held.constraint.clone());
        let figures: Vec<String> = std::iter::once(report.minimize.clone()).chain(constraints).chain(["runs".to_owned(), "certainty".to_owned()]).collect();
        let row = |choice: &&Choice| -> Vec<String> {
            let held = choice.constraints.iter().map(|held| held.figure.map_or_else(String::new, |figure| format::figure(&held.constraint, figure.mean)));
            let cells = std::iter::once(choice.cost.map_or_else(String::new, |cost| format::figure(&report.minimize, cost.mean))).chain(held);
            let last = [choice.runs.to_string(), format::percent(choice.certainty)];
            choice.values.iter().map(|(_, value)| value.clone()).chain(cells).chain(last).collect()
        };
        let rows: Vec<Vec<String>> = shown.iter().map(row).collect();
        text += &tables::points(
            "cost against constraint",
            "nothing that was run is cheaper and further from its bounds",
            &names,
            &figures,
            &rows,
            output::width(),
            color,
        );
    }
    if let Some(out) = out {
        let _ = writeln!(text, "\nscenario: {}, Kubernetes objects: {}", out.join("best.yaml").display(), out.join("k8s").display());
    }
    text
}

fn values(choice: &Choice) -> String {
    let parts: Vec<String> = choice.values.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")).collect();
    parts.join(", ")
}

fn estimate(figure: &str, choice: &Choice) -> String {
    choice.cost.map_or_else(String::new, |cost| {
        let half = cost.half_width.map(|half| format!(" ± {}", format::figure(figure, half))).unwrap_or_default();
        format::figure(figure, cost.mean) + &half
    })
}
