//! Why a workload had the size that it had.

use sim_core::record::{DecisionRow, Record};

use super::reason::Verdict;
use super::{Unknown, decision, instant, item, say};
use crate::format::{clock, number, plural};
use crate::terminal::page::{Ink, Page};

/// Decisions listed before the rest is only counted.
const LISTED: usize = 80;
/// Decisions shown on each side of the instant that is asked about.
const AROUND: usize = 2;

pub(super) fn write(page: &mut Page, record: &Record, workload: &str, at: Option<f64>) -> Result<(), Unknown> {
    let summary = record.summary.workloads.get(workload);
    let Some(summary) = summary else {
        return Err(Unknown::new("service", workload, record.summary.workloads.keys().map(String::as_str)));
    };
    let all: Vec<&DecisionRow> = record.decisions.iter().filter(|row| row.subject == workload).collect();
    page.line(&[(Ink::Strong, &format!("Replicas of {workload}"))]);
    let replicas = &summary.replicas;
    let bounds = summary.hpa.map_or_else(|| "it has no HPA".to_owned(), |hpa| format!("its HPA may choose {} to {}", hpa.min, hpa.max));
    say(
        page,
        &format!(
            "It asked for {} to {} replicas, {} on average and {} at the end; {bounds}.",
            replicas.min,
            replicas.max,
            number(replicas.mean),
            replicas.r#final
        ),
    );
    match at {
        Some(at) => around(page, record, workload, &all, at),
        None => whole(page, workload, &all),
    }
    Ok(())
}

/// Everything that was decided about its size.
fn whole(page: &mut Page, workload: &str, all: &[&DecisionRow]) {
    page.section("What was decided", "");
    all.iter().take(LISTED).for_each(|row| decision(page, row));
    match all.len() {
        0 => say(page, "Nothing: it kept the replicas that it had at the start."),
        n if n > LISTED => {
            say(page, &format!("and {} more: ask about a time with `scale {workload} --at TIME`.", plural((n - LISTED) as u64, "decision", "decisions")));
        }
        _ => say(page, "A verdict is said once until it changes: the syncs between had the same, with other figures."),
    }
}

/// What was decided last before an instant and next after it, step by step.
fn around(page: &mut Page, record: &Record, workload: &str, all: &[&DecisionRow], at: f64) {
    let window = record.workload_series.iter().rfind(|row| row.workload == workload && row.t <= at);
    if let Some(row) = window {
        say(
            page,
            &format!(
                "At the end of the window from {} it asked for {}; {} ready, {} starting, {} without a node.",
                clock(row.t),
                plural(u64::from(row.replicas_desired), "replica", "replicas"),
                row.pods_ready,
                row.pods_starting,
                row.pods_pending
            ),
        );
    }
    let now = all.partition_point(|row| row.t <= at);
    let near = now.saturating_sub(AROUND)..(now + AROUND).min(all.len());
    if near.is_empty() {
        return say(page, "No autoscaler decided anything about it.");
    }
    for place in near {
        let row = all[place];
        let which = if place + 1 == now { "in force then" } else { "" };
        let change = if row.object.is_empty() { String::new() } else { format!(" {}", row.object) };
        page.section(&format!("{} {} {}{change}", instant(row.t), row.controller, row.action), which);
        steps(page, &row.reason);
    }
}

/// A reason, taken apart where metrics decided.
fn steps(page: &mut Page, reason: &str) {
    say(page, if reason.is_empty() { "It has no further reason." } else { reason });
    let Some(verdict) = Verdict::of(reason) else { return };
    item(page, &format!("metric: {}", verdict.metric));
    if let Some(ratio) = verdict.ratio {
        item(page, &format!("ratio: {}", number(ratio)));
    }
    let groups = if verdict.groups.is_empty() { "every pod was ready and measured".to_owned() } else { verdict.groups.join(", ") };
    item(page, &format!("readiness groups: {groups}"));
    item(page, &format!("recommendation: {}", verdict.proposal));
    item(page, &format!("window: {}", if verdict.window.is_empty() { "no earlier recommendation overruled it" } else { verdict.window }));
    item(page, &format!("limits: {}", if verdict.limit.is_empty() { "none reached" } else { verdict.limit }));
    if !verdict.failures.is_empty() {
        item(page, verdict.failures);
    }
}
