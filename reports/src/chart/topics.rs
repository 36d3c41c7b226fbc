//! Which charts there are: one file each, from the record to a [`ChartSpec`](super::spec::ChartSpec).

pub(super) mod cost;
pub(super) mod jobs;
pub(super) mod latency;
pub(super) mod load;
pub(super) mod replicas;
pub(super) mod startup;
pub(super) mod utilization;

use sim_core::record::{Record, WorkloadRow};

use super::palette::Color;
use super::spec::{Points, Series};

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
    Series { label: label.to_owned(), color, points }
}

/// Of which run a chart is, followed by what to remember of it.
fn subtitle(record: &Record, facts: &str) -> String {
    let summary = &record.summary;
    format!("{}, seed {}: {facts}", summary.scenario, summary.seed)
}
