//! A record as a folder of files that people and tools open.
//!
//! ```text
//! manifest.json         format, tool version, scenario, seed, digest, units, files: written last, so its presence means "complete"
//! summary.json          the object of `run --json`
//! series_workloads.csv  series_tiers.csv  pods.csv  nodes.csv  ledger.csv  decisions.jsonl      columns in COLUMNS.md
//! billing.json          what the ledger was billed by: the price book and the terms, resolved
//! scenario.yaml         as given
//! inputs/               every file that the scenario was read from, below the scenario's folder as they were
//! report.html           for people: one file that opens without a network
//! charts/*.svg, *.png
//! ```
//!
//! Everything is written to a staging folder inside the record and moved from there by renaming, so that an interrupted run never
//! leaves half a file under a final name. Files that are not part of a record are left alone.

mod error;
mod input;
mod manifest;
mod read;
mod read_error;
mod rows;

pub use error::RecordDirError;
pub use input::Input;
pub use manifest::{FORMAT_MAJOR, FORMAT_MINOR, Format, InputFile, Manifest, Tool};
pub use read::{Stored, manifest as read_manifest, open};
pub use read_error::ReadError;

use std::fs;
use std::path::Path;

use sim_core::record::Record;

use crate::chart::NamedChart;
use crate::columns::{DECISIONS, LEDGER, NODES, PODS, POOLS, TIERS, WORKLOADS};
use crate::html::{self, Lang};
use error::At;
use manifest::Fingerprints;

/// The file that makes a folder a record.
const MANIFEST: &str = "manifest.json";
/// Where files are written before they get their final names.
const STAGING: &str = ".partial";
/// Folder of the pictures.
const CHARTS: &str = "charts";

/// Where a record comes from.
#[derive(Clone, Copy, Debug)]
pub struct Provenance<'a> {
    /// Version of the tool that ran the scenario.
    pub tool_version: &'a str,
    /// The scenario file as given.
    pub scenario_yaml: &'a str,
    /// Every file that the scenario was read from, the scenario first.
    pub inputs: &'a [Input],
    /// What `--set` changed.
    pub overrides: &'a [String],
    /// The language in which the page opens; the browser's if none.
    pub lang: Option<Lang>,
}

impl<'a> Provenance<'a> {
    /// What the page shows of it.
    pub fn source(&self) -> html::Source<'a> {
        let Self { tool_version, scenario_yaml, inputs, overrides, lang } = *self;
        html::Source { tool_version, scenario_yaml, inputs, overrides, lang }
    }
}

/// Makes sure that a record can be written to `dir`, before a run that may take long: creates it, and tries to write there.
///
/// An existing record, or the remains of an interrupted one, may be replaced; any other folder that is not empty is refused.
pub fn prepare(dir: &Path) -> Result<(), RecordDirError> {
    fs::create_dir_all(dir).at(dir)?;
    let ours = dir.join(MANIFEST).is_file() || dir.join(STAGING).is_dir();
    if !ours && fs::read_dir(dir).at(dir)?.next().is_some() {
        return Err(RecordDirError::NotARecord(dir.to_owned()));
    }
    let staging = dir.join(STAGING);
    remove_folder(&staging)?;
    fs::create_dir(&staging).at(&staging)?;
    fs::remove_dir(&staging).at(&staging)
}

/// Writes `record` and its `charts` to `dir`, replacing a record that is there.
pub fn write(record: &Record, dir: &Path, provenance: &Provenance<'_>, charts: &[NamedChart]) -> Result<(), RecordDirError> {
    prepare(dir)?;
    let staging = dir.join(STAGING);
    fs::create_dir(&staging).at(&staging)?;
    rows::csv(&staging, &WORKLOADS, &record.workload_series)?;
    rows::csv(&staging, &TIERS, &record.tier_series)?;
    rows::csv(&staging, &POOLS, &record.pool_series)?;
    rows::csv(&staging, &PODS, &record.pods)?;
    rows::csv(&staging, &NODES, &record.nodes)?;
    rows::csv(&staging, &LEDGER, &record.ledger.entries)?;
    rows::json(&staging, manifest::BILLING, &record.basis)?;
    rows::json_lines(&staging, DECISIONS.file, &record.decisions)?;
    rows::json(&staging, "summary.json", &record.summary)?;
    let scenario = staging.join("scenario.yaml");
    fs::write(&scenario, provenance.scenario_yaml).at(&scenario)?;
    let pictures = staging.join(CHARTS);
    fs::create_dir(&pictures).at(&pictures)?;
    let lang = provenance.lang.unwrap_or_default();
    for chart in charts {
        let [svg, png] = ["svg", "png"].map(|kind| pictures.join(format!("{}.{kind}", chart.name)));
        fs::write(&svg, chart.svg(lang)).at(&svg)?;
        fs::write(&png, chart.png(lang)).at(&png)?;
    }
    for input in provenance.inputs {
        let Some(path) = input.stored().map(|path| staging.join(path)) else { continue };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).at(folder)?;
        }
        fs::write(&path, &input.text).at(&path)?;
    }
    let page = staging.join(html::FILE);
    fs::write(&page, html::page(record, &provenance.source())).at(&page)?;
    let prints = fingerprints(&staging, provenance)?;
    rows::json(&staging, MANIFEST, &manifest::of(record, provenance, charts, prints))?;
    publish(dir, &staging)
}

/// Length and checksum of each file of figures or of the scenario.
fn fingerprints(staging: &Path, provenance: &Provenance<'_>) -> Result<Fingerprints, RecordDirError> {
    let mut prints = Fingerprints::default();
    for file in manifest::FILES.iter().map(|file| (*file).to_owned()).chain(provenance.inputs.iter().filter_map(Input::stored)) {
        let path = staging.join(&file);
        let bytes = fs::read(&path).at(&path)?;
        prints.add(file, &bytes);
    }
    Ok(prints)
}

/// Moves everything from `staging` to `dir`, the manifest last.
fn publish(dir: &Path, staging: &Path) -> Result<(), RecordDirError> {
    let manifest = dir.join(MANIFEST);
    if manifest.exists() {
        // From here until the end the folder is not a record: its files may be of two runs.
        fs::remove_file(&manifest).at(&manifest)?;
    }
    for folder in [CHARTS, input::FOLDER] {
        remove_folder(&dir.join(folder))?;
    }
    for file in manifest::FILES.iter().copied().chain([html::FILE, CHARTS, input::FOLDER, MANIFEST]) {
        let (source, target) = (staging.join(file), dir.join(file));
        if source.exists() {
            fs::rename(source, &target).at(&target)?;
        }
    }
    remove_folder(staging)
}

/// Removes a folder and its content if it is there.
fn remove_folder(folder: &Path) -> Result<(), RecordDirError> {
    if folder.exists() { fs::remove_dir_all(folder).at(folder) } else { Ok(()) }
}
