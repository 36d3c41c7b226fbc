//! The first lines: what was run, how fast, and the figures that someone would repeat to a colleague.

use sim_core::record::Record;

use super::page::{Ink, Page};
use crate::format::{count, duration, latency, money_in, number, percent, plural};

pub(super) fn write(page: &mut Page, record: &Record) {
    let summary = &record.summary;
    page.ends(&[(Ink::Strong, &summary.scenario)], (Ink::Faint, &page.word(&format!("seed {}, digest {}", summary.seed, summary.digest))));
    let mut pace = format!("{} simulated", duration(summary.simulated_s));
    if summary.wall_s > 0.0 {
        pace += &format!(" in {}, {} times as fast as real time", duration(summary.wall_s), number(summary.simulated_to_wall));
    }
    page.paragraph(Ink::Faint, "", &pace);
    page.figures(Ink::Strong, &key_figures(record));
    let objectives = &summary.objectives;
    let missed = objectives.iter().filter(|objective| !objective.met).count() as u64;
    match (objectives.len() as u64, missed) {
        (0, _) => {}
        (1, 0) => verdict(page, Ink::Good, "✓ the objective is met"),
        (1, _) => verdict(page, Ink::Bad, "✗ the objective is missed"),
        (n, 0) => verdict(page, Ink::Good, &format!("✓ all {n} objectives are met")),
        (n, missed) => verdict(page, Ink::Bad, &format!("✗ {missed} of {n} objectives missed")),
    }
}

fn verdict(page: &mut Page, ink: Ink, text: &str) {
    let text = page.word(text);
    page.line(&[(ink, &text)]);
}

fn key_figures(record: &Record) -> Vec<String> {
    let summary = &record.summary;
    let mut figures = Vec::new();
    if summary.requests.offered > 0 {
        figures.push(format!("{} requests", count(summary.requests.offered)));
        figures.push(format!("{} in time", percent(summary.requests.success_rate)));
        figures.push(format!("p99 {}", latency(summary.latency_ms.p99)));
    }
    let jobs: u64 = summary.jobs.values().map(|job| job.submitted).sum();
    if jobs > 0 {
        let completed: u64 = summary.jobs.values().map(|job| job.completed).sum();
        figures.push(format!("{} of {} completed", count(completed), plural(jobs, "job", "jobs")));
    }
    let replicas: u32 = summary.workloads.values().map(|service| service.replicas.max).sum();
    if summary.workloads.len() == 1 {
        figures.push(format!("at most {}", plural(u64::from(replicas), "replica", "replicas")));
    }
    if summary.cost.total.as_pico() != 0 {
        figures.push(money_in(summary.cost.total, &summary.cost.currency));
    }
    figures
}
