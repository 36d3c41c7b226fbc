//! The record on disk.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sim_core::record::Rows;
use sim_reports::chart;
use sim_reports::columns::{self, Table};
use sim_reports::record_dir::{Provenance, RecordDirError, prepare, write};

use crate::example;

const PROVENANCE: Provenance<'_> =
    Provenance { tool_version: "0.1.0", scenario_yaml: "name: flash-sale\nduration: 2h\n", inputs: &[], overrides: &[], lang: None };

/// A fresh path below the folder for the files of tests.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("records").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    folder
}

/// Names of everything in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_record_is_complete_and_says_what_it_is() {
    let (dir, record) = (folder("complete"), example::flash_sale());
    let charts = &chart::all(&record)[5..];
    write(&record, &dir, &PROVENANCE, charts).unwrap();
    let expected = [
        "billing.json",
        "charts",
        "decisions.jsonl",
        "ledger.csv",
        "manifest.json",
        "nodes.csv",
        "pods.csv",
        "report.html",
        "scenario.yaml",
        "series_pools.csv",
        "series_tiers.csv",
        "series_workloads.csv",
        "summary.json",
    ];
    assert_eq!(names(&dir), expected);
    assert_eq!(names(&dir.join("charts")), ["cost.png", "cost.svg"]);
    let json = |file: &str| -> serde_json::Value { serde_json::from_str(&fs::read_to_string(dir.join(file)).unwrap()).unwrap() };
    let manifest = json("manifest.json");
    assert_eq!(manifest["format"], serde_json::json!({"major": 1, "minor": 5}));
    assert_eq!(manifest["tool"]["version"], "0.1.0");
    assert_eq!((&manifest["digest"], &manifest["seed"]), (&serde_json::json!("9f2c44d01b7ae863"), &serde_json::json!(42)));
    assert_eq!(manifest["units"]["money"], "CNY");
    for file in manifest["files"].as_array().unwrap() {
        assert!(dir.join(file.as_str().unwrap()).is_file(), "{file}");
    }
    assert_eq!(json("summary.json")["cost"]["per_million_requests"], "2.281734");
    assert_eq!(fs::read_to_string(dir.join("scenario.yaml")).unwrap(), PROVENANCE.scenario_yaml);
}

#[test]
fn rows_can_be_read_back_with_exact_money() {
    let (dir, record) = (folder("rows"), example::flash_sale());
    write(&record, &dir, &PROVENANCE, &[]).unwrap();
    let mut tiers = csv::Reader::from_path(dir.join("series_tiers.csv")).unwrap();
    let rows: Vec<csv::StringRecord> = tiers.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), record.tier_series.len());
    assert_eq!(rows[1].iter().take(7).collect::<Vec<_>>(), ["0.0", "ecs", "0", "0", "0.0", "31.6", "0.029"]);
    let pods = fs::read_to_string(dir.join("pods.csv")).unwrap();
    assert_eq!(pods.lines().count(), record.pods.len() + 1);
    assert!(pods.lines().nth(1).unwrap().contains(",Ready,0.0,0.0,1.0,25.0,,,"), "phases not reached are empty");
    let decisions = fs::read_to_string(dir.join("decisions.jsonl")).unwrap();
    assert_eq!(decisions.lines().count(), record.decisions.len());
}

/// Names of the described columns, as a header.
fn described(table: &Table) -> String {
    table.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(",")
}

/// The header that a row's own fields give.
fn header(row: &impl Serialize) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.serialize(row).unwrap();
    String::from_utf8(writer.into_inner().unwrap()).unwrap().lines().next().unwrap().to_owned()
}

#[test]
fn columns_are_the_fields_of_the_rows() {
    let record = example::flash_sale();
    assert_eq!(header(&record.workload_series[0]), described(&columns::WORKLOADS));
    assert_eq!(header(&record.tier_series[0]), described(&columns::TIERS));
    assert_eq!(header(&sim_core::record::PoolRow::default()), described(&columns::POOLS));
    assert_eq!(header(&record.pods[0]), described(&columns::PODS));
    assert_eq!(header(&record.nodes[0]), described(&columns::NODES));
    assert_eq!(header(&sim_core::ledger::Entry::default()), described(&columns::LEDGER));
    assert_eq!(header(&record.decisions[0]), described(&columns::DECISIONS));
    for table in columns::TABLES {
        assert!(table.columns.iter().all(|column| column.meaning.ends_with('.')), "{}: meanings are sentences", table.file);
    }
}

#[test]
fn headers_are_there_without_rows() {
    let (dir, mut record) = (folder("headers"), example::flash_sale());
    record.workload_series.clear();
    record.pods = Rows::default();
    write(&record, &dir, &PROVENANCE, &[]).unwrap();
    for table in [&columns::WORKLOADS, &columns::PODS] {
        assert_eq!(fs::read_to_string(dir.join(table.file)).unwrap(), described(table) + "\n");
    }
}

#[test]
fn a_record_may_be_replaced_and_leaves_other_files_alone() {
    let (dir, record) = (folder("replaced"), example::only_jobs());
    write(&example::flash_sale(), &dir, &PROVENANCE, &chart::all(&example::flash_sale())[5..]).unwrap();
    fs::write(dir.join("notes.md"), "do not lose me").unwrap();
    prepare(&dir).unwrap();
    assert!(dir.join("manifest.json").exists(), "preparing loses nothing: the run may fail");
    write(&record, &dir, &PROVENANCE, &[]).unwrap();
    assert!(fs::read_to_string(dir.join("manifest.json")).unwrap().contains("nightly-batch"));
    assert_eq!(fs::read_to_string(dir.join("notes.md")).unwrap(), "do not lose me");
    assert!(names(&dir.join("charts")).is_empty(), "charts of the old run are gone");
}

#[test]
fn a_folder_with_other_things_is_refused() {
    let dir = folder("foreign");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("thesis.tex"), "").unwrap();
    let problem = prepare(&dir).unwrap_err();
    assert!(matches!(problem, RecordDirError::NotARecord(_)));
    assert!(problem.to_string().contains("is not empty and not a record"));
    assert!(write(&example::flash_sale(), &dir, &PROVENANCE, &[]).is_err());
    assert_eq!(names(&dir), ["thesis.tex"]);
}

#[test]
fn a_path_that_cannot_be_a_folder_is_refused_before_the_run() {
    let dir = folder("file");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("taken"), "").unwrap();
    let problem = prepare(&dir.join("taken")).unwrap_err();
    assert!(problem.to_string().starts_with("cannot write `") && problem.to_string().contains("taken"), "{problem}");
}

#[test]
fn the_remains_of_an_interrupted_run_are_replaced() {
    let dir = folder("interrupted");
    fs::create_dir_all(dir.join(".partial/charts")).unwrap();
    fs::write(dir.join(".partial/pods.csv"), "half a").unwrap();
    fs::write(dir.join("nodes.csv"), "of another run").unwrap();
    write(&example::flash_sale(), &dir, &PROVENANCE, &[]).unwrap();
    assert!(!dir.join(".partial").exists() && dir.join("manifest.json").exists());
}

#[test]
fn the_column_reference_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("COLUMNS.md");
    if std::env::var_os("OVERSPILL_BLESS").is_some() {
        fs::write(&path, columns::markdown()).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == columns::markdown(), "COLUMNS.md is not what columns.rs says; set OVERSPILL_BLESS=1 and run this test to rewrite it");
}
