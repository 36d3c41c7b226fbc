//! A record read back.
//!
//! A folder of a known major format opens, also one of an older minor format: what it lacks takes its default. Everything else is refused
//! with the reason; a file that is not what its manifest says is never taken for the whole.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use sim_core::billing::Basis;
use sim_core::ledger::{Entry, Ledger};
use sim_core::record::{DecisionRow, PodRow, Record};

use super::input::{self, Input};
use super::manifest::{self, BILLING, FORMAT_MAJOR, KIND, Manifest};
use super::read_error::ReadError;
use super::{MANIFEST, STAGING};
use crate::columns::{DECISIONS, LEDGER, NODES, PODS, POOLS, TIERS, Table, WORKLOADS};

/// A record with where it comes from.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What the folder says of itself.
    pub manifest: Manifest,
    /// What the run left.
    pub record: Record,
    /// The scenario as given.
    pub scenario_yaml: String,
    /// The files that the scenario was read from, the scenario first; empty in a record of format 1.0.
    pub inputs: Vec<Input>,
}

/// Reads the record in `dir`.
pub fn open(dir: &Path) -> Result<Stored, ReadError> {
    let manifest = manifest(dir)?;
    let text = |file: &str| String::from_utf8(bytes(dir, &manifest, file)?).map_err(|error| ReadError::broken(dir, file, &error.utf8_error()));
    let summary = serde_json::from_str(&text("summary.json")?).map_err(|error| ReadError::broken(dir, "summary.json", &error))?;
    let inputs = manifest
        .kept(|file| if input::is_inside(file) { text(file) } else { Err(ReadError::broken(dir, MANIFEST, &format!("`{file}` is no place for an input"))) })?;
    let record = Record {
        summary,
        workload_series: csv(dir, &manifest, &WORKLOADS)?,
        tier_series: csv(dir, &manifest, &TIERS)?,
        pool_series: if manifest.has(POOLS.file) { csv(dir, &manifest, &POOLS)? } else { Vec::new() },
        pods: csv::<PodRow>(dir, &manifest, &PODS)?.into(),
        nodes: csv(dir, &manifest, &NODES)?,
        decisions: json_lines::<DecisionRow>(dir, &manifest, DECISIONS.file)?.into(),
        ledger: if manifest.has(LEDGER.file) { csv::<Entry>(dir, &manifest, &LEDGER)?.into() } else { Ledger::default() },
        basis: if manifest.has(BILLING) {
            serde_json::from_str(&text(BILLING)?).map_err(|error| ReadError::broken(dir, BILLING, &error))?
        } else {
            Basis::default()
        },
    };
    let scenario_yaml = text("scenario.yaml")?;
    // A manifest of another record beside these files.
    if record.summary.digest != manifest.digest || record.summary.seed != manifest.seed {
        return Err(ReadError::broken(dir, MANIFEST, &"it is the manifest of another run than summary.json"));
    }
    Ok(Stored { manifest, record, scenario_yaml, inputs })
}

/// Reads the manifest alone, and refuses what is no record that this program can read.
pub fn manifest(dir: &Path) -> Result<Manifest, ReadError> {
    if !dir.is_dir() {
        return Err(if dir.exists() { ReadError::NotAFolder(dir.to_owned()) } else { ReadError::Missing(dir.to_owned()) });
    }
    let path = dir.join(MANIFEST);
    if !path.is_file() {
        return Err(if dir.join(STAGING).exists() { ReadError::Interrupted(dir.to_owned()) } else { ReadError::NotARecord(dir.to_owned()) });
    }
    let text = fs::read_to_string(&path).map_err(|error| ReadError::io(dir, MANIFEST, &error))?;
    // First what it is and which format it has: the rest of a foreign manifest may look different.
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|error| ReadError::broken(dir, MANIFEST, &error))?;
    let kind = value.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default();
    if kind != KIND {
        return Err(ReadError::Foreign { dir: dir.to_owned(), kind: kind.to_owned() });
    }
    let number = |name: &str| value.pointer(&format!("/format/{name}")).and_then(serde_json::Value::as_u64);
    if let Some(major) = number("major").filter(|major| *major != u64::from(FORMAT_MAJOR)) {
        let tool = value.pointer("/tool/version").and_then(serde_json::Value::as_str).unwrap_or("?").to_owned();
        return Err(ReadError::OtherFormat { dir: dir.to_owned(), major, minor: number("minor").unwrap_or(0), tool });
    }
    if value.get("checksum").is_some_and(|found| found.as_str() != Some(&manifest::own_checksum(&value))) {
        return Err(ReadError::Damaged(path));
    }
    serde_json::from_value(value).map_err(|error| ReadError::broken(dir, MANIFEST, &error))
}

/// A file that is what the manifest says.
fn bytes(dir: &Path, manifest: &Manifest, file: &str) -> Result<Vec<u8>, ReadError> {
    let path = dir.join(file);
    // Its length first: a file that is far too long is not read.
    let found = fs::metadata(&path).map_err(|error| ReadError::io(dir, file, &error))?.len();
    if let Some(expected) = manifest.sizes.get(file).copied().filter(|expected| *expected != found) {
        return Err(ReadError::Length { dir: dir.to_owned(), file: file.to_owned(), expected, found });
    }
    let bytes = fs::read(&path).map_err(|error| ReadError::io(dir, file, &error))?;
    match manifest.checksums.get(file) {
        Some(expected) if *expected != manifest::checksum(&bytes) => Err(ReadError::Damaged(path)),
        _ => Ok(bytes),
    }
}

/// The rows of a table. Columns are found by their names: others may stand between them.
fn csv<R: DeserializeOwned>(dir: &Path, manifest: &Manifest, table: &Table) -> Result<Vec<R>, ReadError> {
    let broken = |error: &csv::Error| ReadError::broken(dir, table.file, error);
    let bytes = bytes(dir, manifest, table.file)?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    // Without any row nobody else would look at them.
    reader.headers().map_err(|error| broken(&error))?;
    reader.deserialize().collect::<Result<_, _>>().map_err(|error| broken(&error))
}

/// One row a line.
fn json_lines<R: DeserializeOwned>(dir: &Path, manifest: &Manifest, file: &str) -> Result<Vec<R>, ReadError> {
    let bytes = bytes(dir, manifest, file)?;
    let text = str::from_utf8(&bytes).map_err(|error| ReadError::broken(dir, file, &error))?;
    let row = |(number, line)| serde_json::from_str(line).map_err(|error| ReadError::broken(dir, file, &format!("line {}: {error}", number + 1)));
    text.lines().enumerate().map(row).collect()
}
