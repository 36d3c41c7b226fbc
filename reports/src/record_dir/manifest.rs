//! The manifest: what the folder is, so that a later version knows whether it can read it.

use serde::Serialize;
use sim_core::record::Record;

use super::Provenance;
use crate::chart::NamedChart;

/// Readers refuse a record whose major number they do not know.
pub const FORMAT_MAJOR: u32 = 1;
/// A larger minor number has more columns or files, never fewer.
pub const FORMAT_MINOR: u32 = 0;

/// Every file of a record but the manifest and the charts.
pub(super) const FILES: [&str; 7] = ["series_workloads.csv", "series_tiers.csv", "pods.csv", "nodes.csv", "decisions.jsonl", "summary.json", "scenario.yaml"];

/// `manifest.json`.
#[derive(Serialize)]
pub(super) struct Manifest<'a> {
    kind: &'static str,
    format: Format,
    tool: Tool<'a>,
    scenario: &'a str,
    seed: u64,
    fidelity: &'a str,
    digest: &'a str,
    simulated_s: f64,
    units: Units<'a>,
    files: Vec<&'a str>,
    charts: Vec<&'a str>,
}

#[derive(Serialize)]
struct Format {
    major: u32,
    minor: u32,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'static str,
    version: &'a str,
}

#[derive(Serialize)]
struct Units<'a> {
    time: &'static str,
    latency: &'static str,
    cpu: &'static str,
    memory: &'static str,
    money: &'a str,
}

pub(super) fn of<'a>(record: &'a Record, provenance: &Provenance<'a>, charts: &'a [NamedChart]) -> Manifest<'a> {
    let summary = &record.summary;
    Manifest {
        kind: "overspill.record",
        format: Format { major: FORMAT_MAJOR, minor: FORMAT_MINOR },
        tool: Tool { name: "overspill", version: provenance.tool_version },
        scenario: &summary.scenario,
        seed: summary.seed,
        fidelity: &summary.fidelity,
        digest: &summary.digest,
        simulated_s: summary.simulated_s,
        units: Units { time: "s", latency: "ms", cpu: "cores, milliCPU where the name says so", memory: "bytes", money: &summary.cost.currency },
        files: FILES.to_vec(),
        charts: charts.iter().map(|chart| chart.name.as_str()).collect(),
    }
}
