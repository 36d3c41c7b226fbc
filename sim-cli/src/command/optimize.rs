//! `overspill optimize`: the cheapest point of a study that holds.

use std::fs;
use std::io::{self, IsTerminal, Write as _};
use std::path::Path;

use anyhow::Context;
use sim_reports::chart::study::{Dot, frontier};
use sim_reports::html::Lang;
use sim_reports::terminal::optimum::{self, Optimum};
use sim_reports::terminal::{Look, said};
use sim_studies::check::{self, Study};
use sim_studies::results;
use sim_studies::runner::Runner;
use sim_studies::search::estate::Estate;
use sim_studies::search::report::{Choice, Report};
use sim_studies::search::study::{Points, Refusal, Simulator, claim};
use sim_studies::search::{self, Holds, Settings, kubernetes, yaml};
use sim_studies::store;
use sim_studies::sweep;

use crate::args::{Global, OptimizeArgs};
use crate::exit::Outcome;
use crate::output;

use super::sweep::progress::Progress;

/// Runs the command.
pub(crate) fn run(args: &OptimizeArgs, global: &Global) -> anyhow::Result<Outcome> {
    let loaded = check::load(&args.study, &args.runs.load(global));
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
    let runner = Runner::new(args.runs.jobs)?;
    let (prepared, estates) = match sweep::prepare_with(study, &runner, Estate::of) {
        Ok(found) => found,
        Err(problems) => {
            for problem in problems {
                eprint!("at {}:\n{}\n", problem.point, problem.loaded.report(color));
            }
            return Ok(Outcome::WrongInput);
        }
    };
    let points = points.with_estates(&estates);
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
    let budget = args.budget.map(std::num::NonZeroU32::get).or(study.goal.budget).unwrap_or_else(|| points.usual_budget(study.replications.min));
    let holds = if study.goal.on_average { Holds::OnAverage } else { Holds::EachRun { share: study.goal.share } };
    let settings = Settings { budget, holds, confidence: study.goal.confidence, seed: study.base_seed };
    let progress = Progress::of(global.quiet, "runs");
    let tell = |runs: u64| progress.show(runs, u64::from(budget), 0);
    let mut simulator = Simulator::new(study, &points, &runner, store.as_deref(), args.screen.into(), &tell);
    let answer = search::search(&points.space, &settings, &mut simulator)?;
    progress.end();
    if let Some(why) = simulator.refused.as_ref().filter(|_| !global.quiet) {
        eprintln!("note: rates are not looked at first: {why}");
    }
    let report = Report::of(study, &points, &answer, &simulator, budget);
    if let Some(out) = &args.out {
        write(out, study, &points, &report, answer.best.as_ref().map(|best| best.point), &mut simulator, global.lang())?;
        output::note_fonts(global.lang());
    }
    if args.json {
        output::print(&(serde_json::to_string_pretty(&report)? + "\n"))?;
    } else {
        output::print(&text(&report, args.out.as_deref(), global.look()))?;
    }
    Ok(if report.best.is_some() { Outcome::Done } else { Outcome::NotMet })
}

/// Writes the answer: as JSON, the frontier as a table, the winner as a scenario and as Kubernetes objects.
fn write(out: &Path, study: &Study, points: &Points, report: &Report, best: Option<usize>, simulator: &mut Simulator<'_>, lang: Lang) -> anyhow::Result<()> {
    results::whole(out, "optimum.json", |file| serde_json::to_writer_pretty(file, report).map_err(io::Error::other))?;
    results::whole(out, "frontier.csv", |file| report.csv(file))?;
    if let Some(chart) = chart(report) {
        results::whole(out, "frontier.svg", |file| file.write_all(chart.svg(lang).as_bytes()))?;
        results::whole(out, "frontier.png", |file| file.write_all(&chart.png(lang)))?;
    }
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

/// What is minimised against the figure of the first constraint, for every point of the frontier.
fn chart(report: &Report) -> Option<sim_reports::chart::study::StudyChart> {
    let first = report.frontier.first()?.constraints.first()?;
    let dot = |choice: &Choice| {
        let (cost, held) = (choice.cost?, choice.constraints.first()?.figure?);
        let best = report.best.as_ref().is_some_and(|best| best.point == choice.point);
        let values: Vec<String> = choice.values.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")).collect();
        Some(Dot { x: cost.mean, y: held.mean, half: cost.half_width.zip(held.half_width), best, label: values.join(" ") })
    };
    let dots: Vec<Dot> = report.frontier.iter().filter_map(dot).collect();
    let subtitle = format!("{}: {} runs, {} of {} points; the marked point is the answer", report.study, report.runs, report.tried, report.points);
    (!dots.is_empty()).then(|| frontier(&format!("{} against {}", report.minimize, first.of), &subtitle, &report.minimize, &first.of, &dots))
}

fn save(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}

/// The answer for people.
fn text(report: &Report, out: Option<&Path>, look: Look) -> String {
    let choice = |choice: &Choice| optimum::Choice {
        values: choice.values.clone(),
        runs: choice.runs,
        cost: choice.cost.map(|cost| (cost.mean, cost.half_width)),
        certainty: choice.certainty,
        constraints: choice
            .constraints
            .iter()
            .map(|held| (held.constraint.clone(), held.of.clone(), held.held, held.figure.map(|figure| figure.mean)))
            .collect(),
    };
    let found = Optimum {
        minimize: report.minimize.clone(),
        holds: report.holds.clone(),
        points: report.points,
        tried: report.tried,
        runs: report.runs,
        screened: report.screened,
        budget: report.budget,
        complete: report.complete,
        best: report.best.as_ref().map(choice),
        runner_up: report.runner_up.as_ref().map(choice),
        binds: report.binds.clone(),
        frontier: report.frontier.iter().map(choice).collect(),
    };
    let mut text = optimum::optimum(&found, look);
    if let Some(out) = out {
        for (what, file) in [("\nscenario:           ", "best.yaml"), ("Kubernetes objects: ", "k8s"), ("frontier:           ", "frontier.svg")] {
            text = text + &said(what, look.lang) + &out.join(file).display().to_string() + "\n";
        }
    }
    text
}
