//! What is kept of a point.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sim_core::record::Record;

use crate::case::Outcome;

/// The result of a point.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Identity of the study that it is of.
    pub study: String,
    /// Its number.
    pub point: u64,
    /// Its values, in the order of the axes.
    pub values: Vec<String>,
    /// Hash of its plan and of the simulator.
    pub plan: String,
    /// Time at the start of its runs that no figure counts.
    pub warm_up_s: f64,
    /// One a replication, in their order.
    pub outcomes: Vec<Outcome>,
    /// Summary of the first replication, without series. It is kept for people and not read back: tables need figures alone.
    #[serde(default, skip_deserializing)]
    pub summary: Value,
}

/// The name of a point's entry: a thousand to a folder.
pub fn name(point: u64) -> String {
    format!("points/{:04}/{point:07}.jsonl", point / 1000)
}

/// The summary of a run without what is long or not deterministic.
pub(super) fn summary(record: &Record) -> Value {
    let mut summary = record.summary.clone();
    summary.series.clear();
    (summary.wall_s, summary.simulated_to_wall) = (0.0, 0.0);
    serde_json::to_value(&summary).unwrap_or_default()
}
