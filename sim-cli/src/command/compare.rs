//! `overspill compare`: two scenarios on the same customers.

use std::io;
use std::path::Path;

use anyhow::Context;
use sim_reports::chart::study::{Change, changes};
use sim_reports::html::Lang;
use sim_reports::terminal::study::{self, ComparisonRow};
use sim_scenarios::{LoadOptions, load};
use sim_studies::case::Case;
use sim_studies::compare::{self, Comparison, Fared};
use sim_studies::figures;
use sim_studies::results::whole;
use sim_studies::runner::Runner;
use sim_studies::statistics::paired::Paired;

use crate::args::{CompareArgs, Fidelity, Global};
use crate::exit::Outcome;
use crate::output;

/// Figures that are shown without being asked for, where they differ.
const USUAL: [&str; 12] = [
    "cost.total",
    "cost.per_million_requests",
    "cost.idle",
    "latency_ms.mean",
    "latency_ms.p50",
    "latency_ms.p95",
    "latency_ms.p99",
    "latency_ms.p999",
    "requests.success_rate",
    "requests.rejected",
    "requests.timed_out",
    "requests.failed",
];

/// Runs the command.
pub(crate) fn run(args: &CompareArgs, global: &Global) -> anyhow::Result<Outcome> {
    let options = |set: &[String], seed: Option<u64>| LoadOptions {
        set: Fidelity::before(args.fidelity, &args.set_both).into_iter().chain(set.iter().cloned()).collect(),
        allow_outside: global.allow_outside,
        seed,
    };
    let a = load(&args.a, &options(&args.set_a, args.seed));
    let b = load(&args.b, &options(&args.set, args.seed));
    output::show_issues(&a, global);
    output::show_issues(&b, global);
    let (Some(plan_a), Some(plan_b)) = (&a.plan, &b.plan) else { return Ok(Outcome::WrongInput) };
    // Both meet the same customers, whatever seed B has of its own.
    let cases = [plan_a, plan_b].map(|plan| Case::new(plan.clone(), a.seed));
    let runner = Runner::new(args.jobs)?;
    let comparison = compare::run(&cases[0], &cases[1], args.replications.get(), args.confidence, &runner);
    let shown = match shown(args, &comparison) {
        Ok(shown) => shown,
        Err(problem) => {
            eprintln!("error: {problem}");
            return Ok(Outcome::WrongInput);
        }
    };
    let names = [name(&args.a, &args.set_a), name(&args.b, &args.set)];
    let rows: Vec<ComparisonRow> = shown.iter().map(|(figure, paired)| row(figure, paired)).collect();
    print(args, global, &comparison, &names, &rows)?;
    if let Some(out) = &args.out {
        write(out, &comparison, &names, &rows, global.lang())?;
        output::note_fonts(global.lang());
    }
    Ok(judge(args, &comparison))
}

fn name(path: &Path, set: &[String]) -> String {
    std::iter::once(path.display().to_string()).chain(set.iter().cloned()).collect::<Vec<_>>().join(" ")
}

/// The figures to show: those asked for, or all that differ, or the usual ones and what objectives attained.
fn shown<'c>(args: &CompareArgs, comparison: &'c Comparison) -> Result<Vec<&'c (String, Paired)>, String> {
    if args.all {
        return Ok(comparison.different().collect());
    }
    if args.figures.is_empty() {
        let usual = |name: &str| USUAL.contains(&name) || name.starts_with("objectives.") || name.starts_with("cost.by_tier.") || is_replicas(name);
        return Ok(comparison.figures.iter().filter(|(name, paired)| usual(name) && (paired.a.mean != 0.0 || paired.b.mean != 0.0)).collect());
    }
    let names = || comparison.figures.iter().map(|(name, _)| name.as_str());
    let find = |short: &String| {
        let name = figures::resolve(names(), short).map_err(|problem| format!("`{short}` is no figure: {problem}"))?;
        comparison.figures.iter().find(|(known, _)| known == name).ok_or_else(|| format!("`{short}` is no figure"))
    };
    args.figures.iter().map(find).collect()
}

fn is_replicas(name: &str) -> bool {
    name.ends_with(".replicas.mean") || name.ends_with(".replicas.max")
}

fn row(figure: &str, paired: &Paired) -> ComparisonRow {
    ComparisonRow {
        figure: figure.to_owned(),
        a: paired.a.mean,
        b: paired.b.mean,
        difference: paired.difference.mean,
        half_width: paired.difference.half_width,
        relative: paired.relative(),
        verdict: paired.verdict.words().to_owned(),
    }
}

fn print(args: &CompareArgs, global: &Global, comparison: &Comparison, names: &[String; 2], rows: &[ComparisonRow]) -> anyhow::Result<()> {
    let [a, b] = names;
    let n = comparison.replications;
    let text = if args.json {
        json(comparison, names)? + "\n"
    } else if args.markdown {
        study::comparison_markdown(a, b, rows, n, comparison.confidence)
    } else {
        study::comparison(a, b, rows, n, comparison.confidence, global.look())
    };
    Ok(output::print(&text)?)
}

fn json(comparison: &Comparison, [a, b]: &[String; 2]) -> anyhow::Result<String> {
    let figures: serde_json::Map<String, serde_json::Value> =
        comparison.figures.iter().map(|(name, paired)| Ok((name.clone(), serde_json::to_value(paired)?))).collect::<Result<_, serde_json::Error>>()?;
    let report = serde_json::json!({
        "schema": "overspill.comparison/1", "a": a, "b": b, "replications": comparison.replications, "confidence": comparison.confidence,
        "figures": figures, "only_in_one": comparison.only_in_one,
    });
    serde_json::to_string_pretty(&report).context("the comparison cannot be written as JSON")
}

/// Writes `comparison.json`, `comparison.md` and the chart.
fn write(out: &Path, comparison: &Comparison, names: &[String; 2], rows: &[ComparisonRow], lang: Lang) -> anyhow::Result<()> {
    let text = |name: &str, text: &[u8]| whole(out, name, |file| io::Write::write_all(file, text));
    text("comparison.json", json(comparison, names)?.as_bytes())?;
    let [a, b] = names;
    text("comparison.md", study::comparison_markdown(a, b, rows, comparison.replications, comparison.confidence).as_bytes())?;
    let change = |row: &ComparisonRow| {
        let share = row.relative?;
        Some(Change {
            label: row.figure.clone(),
            share,
            half: row.half_width.map(|half| half / row.a.abs()),
            told_apart: row.verdict == "higher" || row.verdict == "lower",
        })
    };
    let subtitle = format!("B {b} against A {a}, {} replications on common random numbers", comparison.replications);
    let chart = changes("What changes", &subtitle, &rows.iter().filter_map(change).collect::<Vec<_>>());
    text("comparison.svg", chart.svg(lang).as_bytes())?;
    text("comparison.png", &chart.png(lang))?;
    Ok(())
}

/// Budgets and objectives; what is crossed is said on standard error.
fn judge(args: &CompareArgs, comparison: &Comparison) -> Outcome {
    let mut outcome = Outcome::Done;
    for budget in &args.fail_if {
        match budget.judge(comparison) {
            Ok(Fared::Kept) => {}
            Ok(Fared::Unclear(said)) => {
                eprintln!("crossed, though not distinguishable from chance: {said}");
                outcome = Outcome::NotMet;
            }
            Ok(Fared::Crossed(said)) => {
                eprintln!("crossed: {said}");
                outcome = Outcome::NotMet;
            }
            Err(problem) => {
                eprintln!("error: {problem}");
                return Outcome::WrongInput;
            }
        }
    }
    let met = comparison.figures.iter().filter(|(name, _)| sim_studies::figures::is_met(name));
    for (name, paired) in met.filter(|(_, paired)| args.gate && paired.b.mean < 1.0) {
        eprintln!("missed in {:.0} % of runs of B: {}", (1.0 - paired.b.mean) * 100.0, name.trim_start_matches("objectives.").trim_end_matches(".met"));
        outcome = Outcome::NotMet;
    }
    outcome
}
