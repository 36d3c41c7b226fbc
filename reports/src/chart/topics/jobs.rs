//! Jobs: pods that run and wait, and completions adding up.

use sim_core::record::{JobSummary, Record, WorkloadRow};

use super::{Windows, named, over_time, series, sum};
use crate::chart::palette::{GREEN, ORANGE, PURPLE, nth};
use crate::chart::spec::{ChartSpec, Mark, Panel, Points, Unit};
use crate::format::{count, plural};
use crate::lang::Both;

/// More jobs than this share one line.
const SHOWN: usize = 7;

pub(in crate::chart) fn spec(record: &Record) -> Option<ChartSpec> {
    let summary = &record.summary;
    let windows: Vec<Windows<'_>> = summary.jobs.keys().map(|name| Windows::of(record, name)).filter(|windows| !windows.rows.is_empty()).collect();
    if windows.is_empty() {
        return None;
    }
    let level = |value: fn(&WorkloadRow) -> u32| sum(windows.iter().map(|windows| windows.levels(|row| f64::from(value(row)))));
    let mut pods = Panel::new("pods of jobs", Unit::Count);
    let layers = vec![
        series("running", GREEN, level(|row| row.pods_ready)),
        series("starting", ORANGE, level(|row| row.pods_starting)),
        series("without a node", PURPLE, level(|row| row.pods_pending)),
    ];
    pods.marks.push(Mark::Stack { layers, step: true });
    let mut panels = vec![pods];
    panels.extend(completions(record));
    let total = |value: fn(&JobSummary) -> u64| summary.jobs.values().map(value).sum::<u64>();
    let [submitted, completed, failed] = [total(|job| job.submitted), total(|job| job.completed), total(|job| job.failed)];
    let mut facts = Both::new(
        format!("{} of {} completed", count(completed), plural(submitted, "job", "jobs")),
        format!("{} 个任务完成了 {} 个", count(submitted), count(completed)),
    );
    if failed > 0 {
        facts.en += &format!(", {} failed", count(failed));
        facts.zh += &format!("，{} 个失败", count(failed));
    }
    Some(over_time(record, "Jobs", &facts, panels))
}

/// Pods that succeeded so far.
fn completions(record: &Record) -> Option<Panel> {
    let succeeded = |belongs: &dyn Fn(&str) -> bool| {
        let pods = record.pods.iter().filter(|pod| pod.phase == "Succeeded" && belongs(&pod.workload));
        let mut times: Vec<f64> = pods.filter_map(|pod| pod.ended).collect();
        times.sort_by(f64::total_cmp);
        let so_far = times.iter().enumerate().map(|(i, t)| (*t, Some(i as f64 + 1.0)));
        let last = (record.summary.simulated_s, Some(times.len() as f64));
        std::iter::once((0.0, Some(0.0))).chain(so_far).chain([last]).collect::<Points>()
    };
    let names: Vec<&String> = record.summary.jobs.keys().collect();
    let lines: Vec<_> = if names.len() <= SHOWN {
        names.iter().enumerate().map(|(i, name)| named(name, nth(i), succeeded(&|workload| workload == *name))).collect()
    } else {
        vec![series("all jobs", nth(0), succeeded(&|workload| record.summary.jobs.contains_key(workload)))]
    };
    if lines.iter().all(|line| line.points.len() <= 2) {
        return None;
    }
    let mut panel = Panel::new("pods succeeded so far", Unit::Count);
    panel.marks.extend(lines.into_iter().map(Mark::Step));
    Some(panel)
}
