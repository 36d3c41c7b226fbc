//! What latency is made of, and where requests were answered: means by cause for each service, and percentiles by tier.

use sim_core::record::Record;

use super::{Windows, named, over_time, series};
use crate::chart::palette::{BLUE, GREY, ORANGE, PURPLE, of_tiers};
use crate::chart::spec::{ChartSpec, Mark, Panel, Points, Scale, Unit};
use crate::format::latency;
use crate::lang::Both;
use crate::tiers;

/// More services than this would make panels too low to read; those with most requests are shown.
const SHOWN: usize = 5;

pub(in crate::chart) fn spec(record: &Record) -> Option<ChartSpec> {
    let summary = &record.summary;
    let mut names: Vec<&String> = summary.workloads.keys().collect();
    names.sort_by_key(|name| std::cmp::Reverse(summary.workloads[*name].requests.offered));
    let several = names.len() > 1;
    let panels: Vec<Panel> = names.into_iter().take(SHOWN).filter_map(|name| by_cause(record, name, several)).chain(by_tier(record)).collect();
    if panels.is_empty() {
        return None;
    }
    let mean = latency(summary.latency_ms.mean);
    let facts = Both::new(format!("{mean} in the mean over the run"), format!("全程平均 {mean}"));
    Some(over_time(record, "What latency is made of", &facts, panels))
}

/// The mean latency of each window by cause; the parts add up to it.
fn by_cause(record: &Record, service: &str, several: bool) -> Option<Panel> {
    let windows = Windows::of(record, service);
    let layers = [
        series("work of the pod", BLUE, windows.means(|row| row.service_mean_ms.unwrap_or(0.0))),
        series("waiting for a worker", ORANGE, windows.means(|row| row.waiting_mean_ms.unwrap_or(0.0))),
        series("waiting for other services", PURPLE, windows.means(|row| row.calls_mean_ms.unwrap_or(0.0))),
        series("earlier attempts", GREY, windows.means(|row| row.retry_mean_ms.unwrap_or(0.0))),
    ];
    let layers: Vec<_> = layers.into_iter().filter(|layer| layer.points.iter().any(|(_, value)| *value > Some(0.0))).collect();
    if layers.is_empty() {
        return None;
    }
    let prefix = if several { format!("{service}: ") } else { String::new() };
    let mut panel = Panel::new(format!("{prefix}mean latency by cause"), Unit::Milliseconds);
    panel.marks.push(Mark::Stack { layers, step: true });
    panel.about = Some(service.to_owned());
    Some(panel)
}

/// The 99th percentile by tier, where there is more than one.
fn by_tier(record: &Record) -> Option<Panel> {
    let mut panel = Panel::new("p99 latency by tier", Unit::Milliseconds);
    panel.scale = Scale::Log;
    for (tier, color) in of_tiers(&tiers::in_order(record)) {
        let rows: Vec<_> = record.tier_series.iter().filter(|row| row.tier == tier).collect();
        let ends = rows.iter().skip(1).map(|row| row.t).chain([record.summary.simulated_s]);
        let points: Points = ends.zip(&rows).map(|(end, row)| (f64::midpoint(row.t, end), row.latency_p99_ms)).collect();
        if points.iter().any(|(_, value)| *value > Some(0.0)) {
            panel.marks.push(Mark::Line(named(tier, color, points)));
        }
    }
    (panel.marks.len() > 1).then_some(panel)
}
