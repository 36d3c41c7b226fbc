//! Utilisation: how much of what pods request they use, and how much of the machines pods request.

use sim_core::record::Record;

use super::{Windows, named, over_time};
use crate::chart::palette::{nth, of_tiers};
use crate::chart::spec::{ChartSpec, Mark, Panel, Points, Unit};
use crate::format::percent;
use crate::lang::Both;
use crate::tiers;

/// More services than this would be a tangle; those with the most requests are shown.
const SHOWN: usize = 6;

pub(in crate::chart) fn spec(record: &Record) -> Option<ChartSpec> {
    let panels: Vec<Panel> = [services(record), machines(record)].into_iter().flatten().collect();
    if panels.is_empty() {
        return None;
    }
    let means = record.summary.workloads.iter().take(SHOWN);
    let means: Vec<(&String, String)> = means.map(|(name, service)| (name, percent(service.cpu_utilization.mean))).collect();
    let en: Vec<String> = means.iter().map(|(name, mean)| format!("{name} {mean} of its requested CPU in the mean")).collect();
    let zh: Vec<String> = means.iter().map(|(name, mean)| format!("{name} 平均使用申请 CPU 的 {mean}")).collect();
    Some(over_time(record, "Utilisation", &Both::new(en.join(", "), zh.join("，")), panels))
}

/// CPU used over CPU requested, by service.
fn services(record: &Record) -> Option<Panel> {
    let summary = &record.summary;
    let mut names: Vec<&String> = summary.workloads.keys().collect();
    names.sort_by_key(|name| std::cmp::Reverse(summary.workloads[*name].requests.offered));
    let mut panel = Panel::new("CPU used of requested, %", Unit::Number);
    for (i, name) in names.into_iter().take(SHOWN).enumerate() {
        let share = |used: f64, requested: f64| (requested > 0.0).then(|| used / requested * 100.0);
        let points = Windows::of(record, name).middles(|row| share(row.cpu_used_cores, row.cpu_requested_cores));
        if points.iter().any(|(_, value)| *value > Some(0.0)) {
            panel.marks.push(Mark::Line(named(name, nth(i), points)));
        }
    }
    (!panel.marks.is_empty()).then_some(panel)
}

/// CPU requested over allocatable CPU, by tier of machines.
fn machines(record: &Record) -> Option<Panel> {
    let mut panel = Panel::new("CPU requested of allocatable, %", Unit::Number);
    for (tier, color) in of_tiers(&tiers::in_order(record)) {
        let rows: Vec<_> = record.tier_series.iter().filter(|row| row.tier == tier).collect();
        let ends = rows.iter().skip(1).map(|row| row.t).chain([record.summary.simulated_s]);
        let share = |requested: f64, allocatable: f64| (allocatable > 0.0).then(|| requested / allocatable * 100.0);
        let points: Points = ends.zip(&rows).map(|(end, row)| (end, share(row.cpu_requested_cores, row.cpu_allocatable_cores))).collect();
        if points.iter().any(|(_, value)| value.is_some()) {
            panel.marks.push(Mark::Step(named(tier, color, points)));
        }
    }
    (!panel.marks.is_empty()).then_some(panel)
}
