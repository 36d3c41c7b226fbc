//! `overspill conformance`: check the simulator's own controllers against recorded decisions of Kubernetes.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sim_conformance::Report;

use crate::args::ConformanceArgs;
use crate::exit::Outcome;
use crate::{files, output};

/// What became of one file: its results, or why it has none.
type Checked = Result<Report, String>;

/// Runs the command.
pub(crate) fn run(args: &ConformanceArgs) -> anyhow::Result<Outcome> {
    let names = files::below(&args.paths, |path| path.extension().is_some_and(|extension| extension == "json"))?;
    let mut checked = Vec::new();
    for file in names {
        let result = read(&file);
        if !args.json {
            print(&file, &result)?;
        }
        checked.push((file, result));
    }
    let reports = || checked.iter().filter_map(|(_, result)| result.as_ref().ok());
    let (passed, failed) = (reports().map(|report| report.passed).sum::<usize>(), reports().map(|report| report.failures.len()).sum::<usize>());
    if args.json {
        output::print(&(serde_json::to_string_pretty(&json(&checked, passed, failed))? + "\n"))?;
    } else {
        output::print(&format!("{passed} passed, {failed} failed\n"))?;
    }
    if checked.is_empty() {
        eprintln!("error: no vector file there");
    }
    let unusable = checked.is_empty() || checked.iter().any(|(_, result)| result.is_err());
    Ok(match (failed, unusable) {
        (0, false) => Outcome::Done,
        (0, true) => Outcome::WrongInput,
        _ => Outcome::NotMet,
    })
}

fn read(file: &Path) -> Checked {
    let text = fs::read_to_string(file).map_err(|error| format!("cannot be read: {error}"))?;
    sim_conformance::run(&text).map_err(|error| error.to_string())
}

/// One line for the file, and one for each failure. A file that cannot be used is no result.
fn print(file: &Path, checked: &Checked) -> anyhow::Result<()> {
    match checked {
        Ok(report) => output::print(&lines(&file.display().to_string(), report))?,
        Err(why) => eprintln!("error: {}: {why}", file.display()),
    }
    Ok(())
}

fn lines(file: &str, report: &Report) -> String {
    let skipped: usize = report.skipped.values().sum();
    let mut text = if !report.failures.is_empty() {
        format!("FAIL  {file}  ({} of {} cases)\n", report.failures.len(), report.passed + report.failures.len())
    } else if report.passed > 0 {
        format!("pass  {file}  ({})\n", cases(report.passed))
    } else {
        format!("skip  {file}  ({})\n", cases(skipped))
    };
    for failure in &report.failures {
        let _ = writeln!(text, "        {}: {}", failure.case, failure.difference);
    }
    for (kind, count) in &report.skipped {
        let _ = writeln!(text, "        {} left out: the kind `{kind}` is not covered", cases(*count));
    }
    text
}

fn cases(count: usize) -> String {
    sim_reports::format::plural(count as u64, "case", "cases")
}

fn json(checked: &[(PathBuf, Checked)], passed: usize, failed: usize) -> serde_json::Value {
    let file = |(file, result): &(PathBuf, Checked)| match result {
        Ok(report) => serde_json::json!({
            "file": file, "passed": report.passed, "failed": report.failures.len(), "failures": report.failures, "skipped": report.skipped,
        }),
        Err(why) => serde_json::json!({ "file": file, "error": why }),
    };
    let files: Vec<serde_json::Value> = checked.iter().map(file).collect();
    serde_json::json!({ "schema": "overspill.conformance/1", "passed": passed, "failed": failed, "files": files })
}
