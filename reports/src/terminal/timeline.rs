//! The run at a glance: load, latency and pods over time as sparklines that share one time axis.

use std::collections::BTreeSet;

use sim_core::record::{Record, WorkloadRow};
use unicode_width::UnicodeWidthStr;

use super::page::{Ink, Page};
use super::spark;
use crate::format::{clock, count, duration, latency, number};
use crate::tiers;

/// Services beyond this number would push the rest of the summary off the screen.
const SERVICES: usize = 6;

/// A series and how to say its values.
struct Row {
    label: String,
    values: Vec<Option<f64>>,
    say: fn(f64) -> String,
}

pub(super) fn write(page: &mut Page, record: &Record) {
    let mut rows = Vec::new();
    let workloads: BTreeSet<&str> = record.workload_series.iter().map(|row| row.workload.as_str()).collect();
    for name in workloads.iter().take(SERVICES) {
        workload(&mut rows, name, &record.workload_series.iter().filter(|row| row.workload == *name).collect::<Vec<_>>());
    }
    for tier in tiers::in_order(record) {
        let pods = record.tier_series.iter().filter(|row| row.tier == tier).map(|row| f64::from(row.pods));
        push(&mut rows, format!("{tier} {}", page.word("pods")), pods.map(Some).collect(), |n| count(n as u64));
    }
    for row in &mut rows {
        row.label = page.word(&row.label);
    }
    let Some(windows) = rows.iter().map(|row| row.values.len()).max() else { return };
    let label = rows.iter().map(|row| row.label.width()).max().unwrap_or(0);
    let spans: Vec<(String, String)> = rows.iter().map(least_and_most).collect();
    let [least, most] = ["least", "most"].map(|title| page.word(title));
    let low = spans.iter().map(|span| span.0.width()).max().unwrap_or(0).max(least.width());
    let high = spans.iter().map(|span| span.1.width()).max().unwrap_or(0).max(most.width());
    let cells = page.width().saturating_sub(label + low + high + 8).min(windows);
    if cells < 8 {
        return;
    }
    let hidden = if workloads.len() > SERVICES { format!("{SERVICES} of {} workloads; ", workloads.len()) } else { String::new() };
    page.section("Over time", &format!("{hidden}a column is {}", duration(record.summary.simulated_s / cells as f64)));
    let axis = axis(record.summary.simulated_s, cells);
    page.line(&[(Ink::Faint, &format!("  {:label$}  {axis}  {}  {}", "", right(&least, low), right(&most, high)))]);
    for (row, (least, most)) in rows.iter().zip(&spans) {
        let left = format!("  {}{}  ", row.label, " ".repeat(label.saturating_sub(row.label.width())));
        let figures = format!("  {}  {}", right(least, low), right(most, high));
        page.line(&[(Ink::Plain, &left), (Ink::Accent, &format!("{:cells$}", spark::line(&row.values, cells))), (Ink::Faint, &figures)]);
    }
}

/// Text at the right end of some columns, wide characters counted as two.
fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(text.width())))
}

fn workload(rows: &mut Vec<Row>, name: &str, windows: &[&WorkloadRow]) {
    let seconds = window_seconds(windows);
    let column = |value: &dyn Fn(&WorkloadRow) -> Option<f64>| windows.iter().map(|row| value(row)).collect::<Vec<_>>();
    if windows.iter().any(|row| row.offered > 0) {
        push(rows, format!("{name} load /s"), column(&|row| Some(row.offered as f64 / seconds)), number);
        push(rows, format!("{name} p99"), column(&|row| row.latency_p99_ms), latency);
        let lost = column(&|row| Some((row.timed_out + row.rejected + row.failed) as f64 / seconds));
        push(rows, format!("{name} lost /s"), lost, number);
    } else if windows.iter().any(|row| row.cpu_demand_cores > 0.0) {
        push(rows, format!("{name} cores wanted"), column(&|row| Some(row.cpu_demand_cores)), number);
    }
    let pods = |n: f64| count(n as u64);
    push(rows, format!("{name} desired"), column(&|row| Some(f64::from(row.replicas_desired))), pods);
    push(rows, format!("{name} ready"), column(&|row| Some(f64::from(row.pods_ready))), pods);
    push(rows, format!("{name} waiting"), column(&|row| Some(f64::from(row.pods_pending))), pods);
}

/// Adds a row unless it never has anything to show.
fn push(rows: &mut Vec<Row>, label: String, values: Vec<Option<f64>>, say: fn(f64) -> String) {
    if values.iter().flatten().any(|value| *value > 0.0) {
        rows.push(Row { label, values, say });
    }
}

fn least_and_most(row: &Row) -> (String, String) {
    let present = || row.values.iter().flatten().copied();
    ((row.say)(present().fold(f64::INFINITY, f64::min)), (row.say)(present().fold(0.0, f64::max)))
}

/// Length of a window; windows are evenly spaced, and a run of one window has no spacing to measure.
fn window_seconds(windows: &[&WorkloadRow]) -> f64 {
    match windows {
        [first, second, ..] if second.t > first.t => second.t - first.t,
        _ => 1.0,
    }
}

/// The times at the start, in the middle and at the end.
fn axis(end_s: f64, cells: usize) -> String {
    let (middle, end) = (clock(end_s / 2.0), clock(end_s));
    let start = clock(0.0);
    if cells < start.len() + middle.len() + end.len() + 6 {
        return format!("{start}{end:>rest$}", rest = cells.saturating_sub(start.len()));
    }
    let before = cells / 2 - middle.len() / 2;
    format!("{start:before$}{middle}{end:>rest$}", rest = cells - before - middle.len())
}

#[cfg(test)]
mod tests {
    use super::axis;

    #[test]
    fn the_axis_is_as_wide_as_the_sparklines() {
        assert_eq!(axis(7200.0, 40), "0:00:00          1:00:00         2:00:00");
        assert_eq!(axis(7200.0, 20), "0:00:00      2:00:00");
    }
}
