//! Replicas: what was asked for, what was ready, and where.

use sim_core::record::{PodRow, Record};

use super::{Windows, named, over_time, series, sum};
use crate::chart::palette::{INK, of_tiers};
use crate::chart::spec::{ChartSpec, Mark, Panel, Points, Series, Unit};
use crate::format::count;
use crate::lang::Both;
use crate::tiers;

/// More services than this would make panels too low to read; the largest are shown.
const SHOWN: usize = 5;

pub(in crate::chart) fn spec(record: &Record) -> Option<ChartSpec> {
    let summary = &record.summary;
    let layers = layers(record, |tier| ready(record, tier));
    if layers.is_empty() {
        return None;
    }
    let mut panel = Panel::new("pods ready", Unit::Count);
    panel.marks.push(Mark::Stack { layers, step: true });
    let mut facts: Vec<(String, String)> = Vec::new();
    if !summary.workloads.is_empty() {
        let desired = sum(summary.workloads.keys().map(|name| Windows::of(record, name).levels(|row| f64::from(row.replicas_desired))));
        panel.marks.push(Mark::Step(series("replicas desired", INK, desired)));
        let totals = tiers::in_order(record).into_iter().filter_map(|tier| summary.tiers.get_key_value(tier));
        let peaks: Vec<String> = totals.map(|(tier, totals)| format!("{tier} {}", count(u64::from(totals.peak_pods)))).collect();
        facts.push((format!("most at once: {}", peaks.join(", ")), format!("同时最多：{}", peaks.join("，"))));
    }
    if let Some(slowest) = summary.spikes.iter().filter_map(|spike| spike.time_to_capacity_s).reduce(f64::max) {
        let slowest = Both::duration(slowest);
        facts.push((format!("capacity followed within {}", slowest.en), format!("扩容最慢用时 {}", slowest.zh)));
    }
    if summary.spikes.iter().any(|spike| spike.time_to_capacity_s.is_none()) {
        facts.push(("not every rise was followed".to_owned(), "并非每次上升都跟上了".to_owned()));
    }
    let (en, zh): (Vec<String>, Vec<String>) = facts.into_iter().unzip();
    let panels = std::iter::once(panel).chain(by_service(record)).collect();
    Some(over_time(record, "Replicas by tier", &Both::new(en.join("; "), zh.join("；")), panels))
}

/// The tiers that have anything, each with its colour.
fn layers(record: &Record, points: impl Fn(&str) -> Points) -> Vec<Series> {
    let layers = of_tiers(&tiers::in_order(record)).into_iter().map(|(tier, color)| named(tier, color, points(tier)));
    layers.filter(|layer| layer.points.iter().any(|(_, value)| *value > Some(0.0))).collect()
}

/// Ready pods of a tier; the rows are as at the ends of windows.
fn ready(record: &Record, tier: &str) -> Points {
    let rows: Vec<_> = record.tier_series.iter().filter(|row| row.tier == tier).collect();
    let ends = rows.iter().skip(1).map(|row| row.t).chain([record.summary.simulated_s]);
    let first = rows.first().map(|row| (row.t, Some(f64::from(row.pods_ready))));
    first.into_iter().chain(ends.zip(&rows).map(|(end, row)| (end, Some(f64::from(row.pods_ready))))).collect()
}

/// A panel for each of several services, those with most replicas first.
fn by_service(record: &Record) -> Vec<Panel> {
    let mut services: Vec<_> = record.summary.workloads.iter().collect();
    if services.len() < 2 {
        return Vec::new();
    }
    services.sort_by_key(|(_, service)| std::cmp::Reverse(service.replicas.max));
    let panel = |name: &String| {
        let windows = Windows::of(record, name);
        let desired = windows.levels(|row| f64::from(row.replicas_desired));
        let times: Vec<f64> = desired.iter().map(|(t, _)| *t).collect();
        let pods: Vec<&PodRow> = record.pods.iter().filter(|pod| pod.workload == *name).collect();
        let layers = layers(record, |tier| pods_ready(&pods, tier, &times));
        if layers.is_empty() {
            return None;
        }
        let mut panel = Panel::new(format!("{name}: pods ready"), Unit::Count);
        panel.marks = vec![Mark::Stack { layers, step: true }, Mark::Step(series("replicas desired", INK, desired))];
        panel.about = Some(name.clone());
        Some(panel)
    };
    services.into_iter().take(SHOWN).filter_map(|(name, _)| panel(name)).collect()
}

/// Pods of a service that are ready in a tier at each of some times.
fn pods_ready(pods: &[&PodRow], tier: &str, times: &[f64]) -> Points {
    let mut changes = vec![0i64; times.len() + 1];
    for pod in pods.iter().filter(|pod| pod.tier == tier) {
        let Some(ready) = pod.ready else { continue };
        let first = times.partition_point(|t| *t < ready);
        let gone = pod.terminating.or(pod.ended).map_or(times.len(), |gone| times.partition_point(|t| *t < gone));
        changes[first] += 1;
        changes[gone.max(first)] -= 1;
    }
    let level = changes.iter().scan(0i64, |level, change| {
        *level += change;
        Some(*level)
    });
    times.iter().zip(level).map(|(t, level)| (*t, Some(level as f64))).collect()
}
