//! `overspill test`: run the scenarios that state what they expect.

mod junit;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use sim_scenarios::{LoadOptions, expect, load};

use super::run::simulate;
use crate::args::{Global, TestArgs};
use crate::exit::Outcome;
use crate::{files, output};

/// What became of one scenario.
struct Case {
    file: PathBuf,
    verdict: Verdict,
    seconds: f64,
}

enum Verdict {
    Passed(usize),
    Failed(String),
    /// The scenario could not be run.
    Wrong(String),
    Skipped(String),
}

/// Runs the command.
pub(crate) fn run(args: &TestArgs, global: &Global) -> anyhow::Result<Outcome> {
    let mut cases = Vec::new();
    for file in files::below(&args.paths, expects)? {
        if let Some(case) = run_case(&file, global) {
            output::print(&line(&case))?;
            cases.push(case);
        }
    }
    let count = |test: fn(&Verdict) -> bool| cases.iter().filter(|case| test(&case.verdict)).count();
    let (passed, failed) = (count(|v| matches!(v, Verdict::Passed(_))), count(|v| matches!(v, Verdict::Failed(_) | Verdict::Wrong(_))));
    let skipped = count(|v| matches!(v, Verdict::Skipped(_)));
    let tail = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
    output::print(&format!("{passed} passed, {failed} failed{tail}\n"))?;
    if let Some(path) = &args.junit {
        fs::write(path, junit::report(&cases)).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if cases.is_empty() {
        eprintln!("error: no scenario with an `expect:` block there");
        return Ok(Outcome::WrongInput);
    }
    let wrong = cases.iter().any(|case| matches!(case.verdict, Verdict::Wrong(_)));
    Ok(if wrong {
        Outcome::WrongInput
    } else if failed > 0 {
        Outcome::NotMet
    } else {
        Outcome::Done
    })
}

/// Runs one file; none if it is not a scenario that expects something.
fn run_case(file: &Path, global: &Global) -> Option<Case> {
    let loaded = load(file, &LoadOptions { allow_outside: global.allow_outside, ..LoadOptions::default() });
    let case = |verdict, seconds| Some(Case { file: file.to_owned(), verdict, seconds });
    if let Some(missing) = loaded.missing_data() {
        return case(Verdict::Skipped(missing.to_owned()), 0.0);
    }
    let Some(plan) = &loaded.plan else {
        return case(Verdict::Wrong(format!("the scenario is wrong\n{}", loaded.report(false))), 0.0);
    };
    if loaded.expectations.is_empty() {
        return None;
    }
    // One line a file is progress enough.
    let record = simulate(plan, loaded.seed, &Global { quiet: true, verbose: false, ..global.clone() });
    let outcomes = expect::evaluate(&loaded.expectations, &record);
    if global.verbose {
        for outcome in &outcomes {
            eprintln!("{} {}: {}", if outcome.passed { "  held  " } else { "  missed" }, outcome.text, outcome.detail);
        }
    }
    let missed: Vec<String> = outcomes.iter().filter(|outcome| !outcome.passed).map(|outcome| format!("{}: {}", outcome.text, outcome.detail)).collect();
    let verdict = if missed.is_empty() { Verdict::Passed(outcomes.len()) } else { Verdict::Failed(missed.join("\n")) };
    case(verdict, record.summary.wall_s)
}

fn line(case: &Case) -> String {
    let file = case.file.display();
    match &case.verdict {
        Verdict::Passed(count) => format!("pass  {file}  ({count} expectations, {:.2} s)\n", case.seconds),
        Verdict::Skipped(why) => format!("skip  {file}  ({why})\n"),
        Verdict::Failed(why) | Verdict::Wrong(why) => {
            let mut text = format!("FAIL  {file}\n");
            for missed in why.lines() {
                let _ = writeln!(text, "        {missed}");
            }
            text
        }
    }
}

/// Whether a file is YAML with expectations, its own or perhaps included ones: folders hold manifests and price books too.
fn expects(path: &Path) -> bool {
    let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    is_yaml && fs::read(path).is_ok_and(|text| text.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"expect:") || line.starts_with(b"include:")))
}
