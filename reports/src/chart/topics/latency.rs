//! What users of a service saw: latency percentiles, and below them the requests that got no answer in time.

use sim_core::record::{ObjectiveSummary, Record};

use super::{Windows, over_time, series};
use crate::chart::palette::{BLUE, INK, ORANGE, PURPLE, SKY, VERMILION};
use crate::chart::spec::{ChartSpec, Mark, Panel, Scale, Shades, Unit};
use crate::format::{latency, number, percent};
use crate::lang::Both;

pub(in crate::chart) fn spec(record: &Record, service: &str) -> Option<ChartSpec> {
    let windows = Windows::of(record, service);
    if !windows.any(|row| row.latency_p99_ms.unwrap_or(0.0)) {
        return None;
    }
    let summary = &record.summary;
    let concerns = |objective: &&ObjectiveSummary| objective.workload.as_deref().is_none_or(|name| name == service);
    let objectives: Vec<&ObjectiveSummary> = summary.objectives.iter().filter(concerns).collect();
    let mut panels = vec![percentiles(&windows, &objectives)];
    panels[0].shades = shades(&objectives);
    if let Some(mut lost) = lost(&windows, record.summary.calls_others(service)) {
        lost.shades = panels[0].shades.clone().map(|shades| Shades { label: String::new(), ..shades });
        panels.push(lost);
    }
    for panel in &mut panels {
        panel.about = Some(service.to_owned());
    }
    let totals = &summary.workloads[service];
    let ms = &totals.latency_ms;
    let answered = percent(totals.requests.success_rate);
    let [p50, p95, p99] = [ms.p50, ms.p95, ms.p99].map(latency);
    let facts = Both::new(
        format!("p50 {p50}, p95 {p95}, p99 {p99} over the run; {answered} answered in time"),
        format!("全程 p50 {p50}，p95 {p95}，p99 {p99}；{answered} 按时应答"),
    );
    Some(over_time(record, &format!("Latency of {service}"), &facts, panels))
}

fn percentiles(windows: &Windows<'_>, objectives: &[&ObjectiveSummary]) -> Panel {
    let mut panel = Panel::new("latency by window", Unit::Milliseconds);
    (panel.scale, panel.weight) = (Scale::Log, 5);
    let [p50, p95, p99] = [windows.middles(|row| row.latency_p50_ms), windows.middles(|row| row.latency_p95_ms), windows.middles(|row| row.latency_p99_ms)];
    panel.marks.push(Mark::Band { high: series("", SKY, p99.clone()), low: p50.clone() });
    for objective in objectives {
        if let Some(quantile) = objective.quantile {
            let label = format!("objective: p{} ≤ {}", number(quantile * 100.0), latency(objective.bound));
            panel.marks.push(Mark::Threshold { label, value: objective.bound });
        }
    }
    panel.marks.push(Mark::Line(series("p50", SKY, p50)));
    panel.marks.push(Mark::Line(series("p95", BLUE, p95)));
    panel.marks.push(Mark::Line(series("p99", INK, p99)));
    panel
}

/// Requests without an answer in time, by fate; none if there are none.
fn lost(windows: &Windows<'_>, calls: bool) -> Option<Panel> {
    let failed = if calls { "failed with a call or lost with their pod" } else { "lost with their pod" };
    let fates = [
        series("timed out", VERMILION, windows.rates(|row| row.timed_out as f64)),
        series("rejected", PURPLE, windows.rates(|row| row.rejected as f64)),
        series(failed, ORANGE, windows.rates(|row| row.failed as f64)),
    ];
    let layers: Vec<_> = fates.into_iter().filter(|fate| fate.points.iter().any(|(_, value)| *value > Some(0.0))).collect();
    if layers.is_empty() {
        return None;
    }
    let mut panel = Panel::new("not answered in time, requests a second", Unit::Number);
    panel.weight = 3;
    panel.marks.push(Mark::Stack { layers, step: true });
    Some(panel)
}

/// When one of the objectives was not held.
fn shades(objectives: &[&ObjectiveSummary]) -> Option<Shades> {
    let spans: Vec<(f64, f64)> = objectives.iter().flat_map(|objective| &objective.breaches).map(|breach| (breach.from, breach.to)).collect();
    (!spans.is_empty()).then(|| Shades { label: "objective not held".to_owned(), spans: merged(spans) })
}

/// Joins stretches that overlap: two objectives missed at once are not twice as dark.
fn merged(mut spans: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut joined: Vec<(f64, f64)> = Vec::new();
    for (from, to) in spans {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::merged;

    #[test]
    fn overlapping_breaches_are_one() {
        assert_eq!(merged(vec![(50.0, 60.0), (0.0, 10.0), (5.0, 20.0), (6.0, 7.0), (20.0, 21.0)]), [(0.0, 21.0), (50.0, 60.0)]);
    }
}
