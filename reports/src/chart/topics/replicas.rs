//! Replicas: what was asked for, what was ready, and where.

use sim_core::record::Record;

use super::{Windows, series, subtitle, sum};
use crate::chart::palette::{INK, of_tiers};
use crate::chart::spec::{ChartSpec, Mark, Panel, Points, Unit};
use crate::format::{count, duration};
use crate::tiers;

pub(in crate::chart) fn spec(record: &Record) -> Option<ChartSpec> {
    let summary = &record.summary;
    let layers = of_tiers(&tiers::in_order(record)).into_iter().map(|(tier, color)| series(tier, color, ready(record, tier)));
    let layers: Vec<_> = layers.filter(|layer| layer.points.iter().any(|(_, value)| *value > Some(0.0))).collect();
    if layers.is_empty() {
        return None;
    }
    let mut panel = Panel::new("pods ready", Unit::Count);
    panel.marks.push(Mark::Stack { layers, step: true });
    let mut facts: Vec<String> = Vec::new();
    if !summary.workloads.is_empty() {
        let desired = sum(summary.workloads.keys().map(|name| Windows::of(record, name).levels(|row| f64::from(row.replicas_desired))));
        panel.marks.push(Mark::Step(series("replicas desired", INK, desired)));
        let totals = tiers::in_order(record).into_iter().filter_map(|tier| summary.tiers.get_key_value(tier));
        let peaks: Vec<String> = totals.map(|(tier, totals)| format!("{tier} {}", count(u64::from(totals.peak_pods)))).collect();
        facts.push(format!("most at once: {}", peaks.join(", ")));
    }
    if let Some(slowest) = summary.spikes.iter().filter_map(|spike| spike.time_to_capacity_s).reduce(f64::max) {
        facts.push(format!("capacity followed within {}", duration(slowest)));
    }
    if summary.spikes.iter().any(|spike| spike.time_to_capacity_s.is_none()) {
        facts.push("not every rise was followed".to_owned());
    }
    let subtitle = subtitle(record, &facts.join("; "));
    Some(ChartSpec { title: "Replicas by tier".to_owned(), subtitle, end_s: summary.simulated_s, panels: vec![panel] })
}

/// Ready pods of a tier; the rows are as at the ends of windows.
fn ready(record: &Record, tier: &str) -> Points {
    let rows: Vec<_> = record.tier_series.iter().filter(|row| row.tier == tier).collect();
    let ends = rows.iter().skip(1).map(|row| row.t).chain([record.summary.simulated_s]);
    let first = rows.first().map(|row| (row.t, Some(f64::from(row.pods_ready))));
    first.into_iter().chain(ends.zip(&rows).map(|(end, row)| (end, Some(f64::from(row.pods_ready))))).collect()
}
