//! Which charts there are: one file each, from the record to a [`ChartSpec`](super::spec::ChartSpec).

pub(super) mod cost;
pub(super) mod jobs;
pub(super) mod latency;
pub(super) mod latency_parts;
pub(super) mod load;
pub(super) mod nodes;
pub(super) mod replicas;
pub(super) mod startup;
pub(super) mod utilization;

use sim_core::record::{Record, WorkloadRow};

use super::palette::Color;
use super::spec::{ChartSpec, Panel, Points, Series, Shades};
use crate::clock::Clock;
use crate::faults;
use crate::lang::Both;

/// The windows of one workload, in the order of time.
#[derive(Clone)]
struct Windows<'a> {
    rows: Vec<&'a WorkloadRow>,
    end_s: f64,
}

impl<'a> Windows<'a> {
    fn of(record: &'a Record, workload: &str) -> Self {
        Self { rows: record.workload_series.iter().filter(|row| row.workload == workload).collect(), end_s: record.summary.simulated_s }
    }

    /// Start and end of each window, and the window.
    fn spans(&self) -> impl Iterator<Item = (f64, f64, &'a WorkloadRow)> {
        let ends = self.rows.iter().skip(1).map(|row| row.t).chain([self.end_s]);
        self.rows.iter().zip(ends).map(|(row, end)| (row.t, end, *row))
    }

    /// A count of each window, in a second.
    fn rates(&self, value: impl Fn(&WorkloadRow) -> f64) -> Points {
        self.held(|from, to, row| value(row) / (to - from).max(1e-9))
    }

    /// A mean over each window.
    fn means(&self, value: impl Fn(&WorkloadRow) -> f64) -> Points {
        self.held(|_, _, row| value(row))
    }

    /// A value that holds throughout each window.
    fn held(&self, value: impl Fn(f64, f64, &WorkloadRow) -> f64) -> Points {
        let mut points: Points = self.spans().map(|(from, to, row)| (from, Some(value(from, to, row)))).collect();
        let last = points.last().and_then(|(_, value)| *value);
        points.extend(last.map(|value| (self.end_s, Some(value))));
        points
    }

    /// A value at the end of each window. What was before the end of the first is taken to be the same.
    fn levels(&self, value: impl Fn(&WorkloadRow) -> f64) -> Points {
        let ends = self.spans().map(|(_, to, row)| (to, Some(value(row))));
        let first = self.rows.first().map(|row| (row.t, Some(value(row))));
        first.into_iter().chain(ends).collect()
    }

    /// A value that stands for the window, in its middle.
    fn middles(&self, value: impl Fn(&WorkloadRow) -> Option<f64>) -> Points {
        self.spans().map(|(from, to, row)| (f64::midpoint(from, to), value(row))).collect()
    }

    fn any(&self, value: impl Fn(&WorkloadRow) -> f64) -> bool {
        self.rows.iter().any(|row| value(row) > 0.0)
    }
}

/// Adds up series with the same times.
fn sum(all: impl IntoIterator<Item = Points>) -> Points {
    all.into_iter()
        .reduce(|mut total, points| {
            for (slot, (_, value)) in total.iter_mut().zip(points) {
                slot.1 = Some(slot.1.unwrap_or(0.0) + value.unwrap_or(0.0));
            }
            total
        })
        .unwrap_or_default()
}

fn series(label: &str, color: Color, points: Points) -> Series {
    Series { label: label.to_owned(), is_name: false, color, points }
}

/// A series of a thing that has a name: a tier, a service, a job.
fn named(name: &str, color: Color, points: Points) -> Series {
    Series { is_name: true, ..series(name, color, points) }
}

/// Of which run a chart is, followed by what to remember of it.
fn subtitle(record: &Record, facts: &Both) -> Both {
    let summary = &record.summary;
    let (name, seed) = (&summary.scenario, summary.seed);
    Both::new(format!("{name}, seed {seed}: {}", facts.en), format!("{name}，随机种子 {seed}：{}", facts.zh))
}

/// A chart of panels over the whole run.
fn over_time(record: &Record, title: &str, facts: &Both, mut panels: Vec<Panel>) -> ChartSpec {
    let broken = &record.summary.faults;
    if !broken.is_empty() {
        let spans: Vec<(f64, f64)> = broken.iter().map(|fault| faults::span(record, fault)).collect();
        for (place, panel) in panels.iter_mut().enumerate() {
            // Named once: the shading goes through all panels.
            let label = if place == 0 { "fault".to_owned() } else { String::new() };
            panel.faults = Some(Shades { label, spans: spans.clone() });
        }
    }
    let (subtitle, clock) = (subtitle(record, facts), Clock::of(record));
    ChartSpec { title: title.to_owned(), subtitle, clock, end_s: record.summary.simulated_s, panels }
}
