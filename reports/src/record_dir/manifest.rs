//! The manifest: what the folder is, so that a later version knows whether it can read it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sim_core::record::Record;

use super::{Input, Provenance};
use crate::chart::NamedChart;

/// Readers refuse a record whose major number they do not know.
pub const FORMAT_MAJOR: u32 = 1;
/// A larger minor number has more columns or files, never fewer. 1 added `sizes`, `inputs`, `overrides` and `report.html`; 2
/// the ledger and what it was billed by; 3 when the run starts, more percentiles, latency by cause and tier, and the series of node pools;
/// 4 `checksums`, `checksum`, and who lacked capacity in a breach; 5 the pool of a machine in the ledger.
pub const FORMAT_MINOR: u32 = 5;
/// What `kind` says in the manifest of a record.
pub(super) const KIND: &str = "overspill.record";

/// Every file of a record but the manifest and the charts. Records of formats before 1.2 lack the last two, before 1.3 that of pools.
pub(super) const FILES: [&str; 10] = [
    "series_workloads.csv",
    "series_tiers.csv",
    "series_pools.csv",
    "pods.csv",
    "nodes.csv",
    "decisions.jsonl",
    "summary.json",
    "scenario.yaml",
    "ledger.csv",
    BILLING,
];
/// What the ledger was billed by.
pub(super) const BILLING: &str = "billing.json";

/// `manifest.json`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Manifest {
    /// Always `overspill.record`.
    pub kind: String,
    /// Version of the folder's format.
    pub format: Format,
    /// Who wrote it.
    pub tool: Tool,
    /// Name of the scenario.
    pub scenario: String,
    /// Seed of the run.
    pub seed: u64,
    /// Fidelity of the run.
    pub fidelity: String,
    /// Hash of everything deterministic.
    pub digest: String,
    /// Simulated time in seconds.
    pub simulated_s: f64,
    /// Units of every figure, by kind.
    pub units: BTreeMap<String, String>,
    /// Files with figures.
    pub files: Vec<String>,
    /// Length of each file in bytes, by which a truncated one is recognised. Since 1.1.
    #[serde(default)]
    pub sizes: BTreeMap<String, u64>,
    /// CRC-32 of each file, as eight hexadecimal digits, by which a damaged one is recognised. Since 1.4.
    #[serde(default)]
    pub checksums: BTreeMap<String, String>,
    /// Names of the charts.
    pub charts: Vec<String>,
    /// Every file that the scenario was read from, the scenario first. Since 1.1.
    #[serde(default)]
    pub inputs: Vec<InputFile>,
    /// What `--set` changed, as `PATH=VALUE`. Since 1.1.
    #[serde(default)]
    pub overrides: Vec<String>,
    /// CRC-32 of this object without this field, written compactly with its keys in order. Since 1.4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
}

/// Version of the format.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Format {
    /// Differs where an older program cannot read the folder.
    pub major: u32,
    /// Grows with what is added.
    pub minor: u32,
}

/// The program that wrote a record.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A file that the scenario was read from.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct InputFile {
    /// Name as the user wrote it.
    pub name: String,
    /// Where the copy is; none if the file was too large to be kept.
    pub file: Option<String>,
}

pub(super) fn of(record: &Record, provenance: &Provenance<'_>, charts: &[NamedChart], prints: Fingerprints) -> Manifest {
    let summary = &record.summary;
    let units =
        [("time", "s"), ("latency", "ms"), ("cpu", "cores, milliCPU where the name says so"), ("memory", "bytes"), ("money", summary.cost.currency.as_str())];
    let mut manifest = Manifest {
        kind: KIND.to_owned(),
        format: Format { major: FORMAT_MAJOR, minor: FORMAT_MINOR },
        tool: Tool { name: "overspill".to_owned(), version: provenance.tool_version.to_owned() },
        scenario: summary.scenario.clone(),
        seed: summary.seed,
        fidelity: summary.fidelity.clone(),
        digest: summary.digest.clone(),
        simulated_s: summary.simulated_s,
        units: units.map(|(key, unit)| (key.to_owned(), unit.to_owned())).into(),
        files: FILES.map(str::to_owned).to_vec(),
        sizes: prints.sizes,
        checksums: prints.checksums,
        charts: charts.iter().map(|chart| chart.name.clone()).collect(),
        inputs: provenance.inputs.iter().map(|input| InputFile { name: input.name.clone(), file: input.stored() }).collect(),
        overrides: provenance.overrides.to_vec(),
        checksum: None,
    };
    manifest.checksum = serde_json::to_value(&manifest).ok().map(|value| own_checksum(&value));
    manifest
}

/// Length and CRC-32 of each file.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    pub(super) sizes: BTreeMap<String, u64>,
    pub(super) checksums: BTreeMap<String, String>,
}

impl Fingerprints {
    pub(super) fn add(&mut self, file: String, bytes: &[u8]) {
        self.checksums.insert(file.clone(), checksum(bytes));
        self.sizes.insert(file, bytes.len() as u64);
    }
}

/// The CRC-32 of a text.
pub(super) fn checksum(bytes: &[u8]) -> String {
    format!("{:08x}", crc32fast::hash(bytes))
}

/// The checksum of a manifest without its `checksum`.
pub(super) fn own_checksum(manifest: &serde_json::Value) -> String {
    let mut rest = manifest.clone();
    if let Some(fields) = rest.as_object_mut() {
        fields.remove("checksum");
    }
    checksum(rest.to_string().as_bytes())
}

impl Manifest {
    /// Whether the record was written with a file that those of older formats lack.
    pub(super) fn has(&self, file: &str) -> bool {
        self.files.iter().any(|name| name == file)
    }

    /// The inputs that are kept, with their texts.
    pub(super) fn kept<E>(&self, read: impl Fn(&str) -> Result<String, E>) -> Result<Vec<Input>, E> {
        let kept = self.inputs.iter().filter_map(|input| Some((input, input.file.as_deref()?)));
        kept.map(|(input, file)| Ok(Input { name: input.name.clone(), path: file.to_owned(), text: read(file)? })).collect()
    }
}
