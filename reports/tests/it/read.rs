//! Records read back: to the last digit, of older formats, and never in part.

use std::fs;
use std::path::{Path, PathBuf};

use sim_reports::clock::Clock;
use sim_reports::record_dir::{FORMAT_MINOR, Input, Provenance, ReadError, open, read_manifest, write};

use crate::example;

const SCENARIO: &str = "name: flash-sale\ninclude: [k8s/web.yaml]\n";

/// A fresh folder with the record of a flash sale in it.
fn record(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("read").join(name);
    if dir.exists() {
        fs::remove_dir_all(&dir).unwrap();
    }
    let inputs = [
        Input::new("shop/sale.yaml", Some(Path::new("sale.yaml")), 0, SCENARIO),
        Input::new("shop/k8s/web.yaml", Some(Path::new("k8s/web.yaml")), 1, "kind: Deployment\n"),
        Input::new("../prices/own.yaml", None, 2, "currency: CNY\n"),
    ];
    let overrides = ["services.web.replicas=20".to_owned()];
    let provenance = Provenance { tool_version: "0.1.0", scenario_yaml: SCENARIO, inputs: &inputs, overrides: &overrides, lang: None };
    write(&example::flash_sale(), &dir, &provenance, &[]).unwrap();
    dir
}

/// Lets the manifest and the files be edited: what follows is about other checks than that of damage.
fn forget_checksums(dir: &Path) {
    let path = dir.join("manifest.json");
    let mut manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    for key in ["checksum", "checksums"] {
        manifest.as_object_mut().unwrap().remove(key);
    }
    fs::write(path, serde_json::to_string_pretty(&manifest).unwrap()).unwrap();
}

/// The words with which a folder is refused.
#[track_caller]
fn refused(dir: &Path) -> String {
    open(dir).unwrap_err().to_string()
}

/// Replaces text in the manifest.
fn edit_manifest(dir: &Path, from: &str, to: &str) {
    let path = dir.join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn what_was_written_is_read_to_the_last_digit() {
    let (dir, again) = (record("first"), record("again"));
    let stored = open(&dir).unwrap();
    let inputs: Vec<(&str, &str)> = stored.inputs.iter().map(|input| (input.path.as_str(), input.text.as_str())).collect();
    assert_eq!(inputs, [("inputs/sale.yaml", SCENARIO), ("inputs/k8s/web.yaml", "kind: Deployment\n"), ("inputs/outside/2-own.yaml", "currency: CNY\n")]);
    assert_eq!((stored.scenario_yaml.as_str(), stored.manifest.overrides.as_slice()), (SCENARIO, &["services.web.replicas=20".to_owned()][..]));
    let provenance = Provenance { tool_version: "0.1.0", scenario_yaml: SCENARIO, inputs: &stored.inputs, overrides: &stored.manifest.overrides, lang: None };
    write(&stored.record, &again, &provenance, &[]).unwrap();
    for file in stored.manifest.sizes.keys() {
        assert_eq!(fs::read(dir.join(file)).unwrap(), fs::read(again.join(file)).unwrap(), "{file}");
    }
    assert!(stored.manifest.sizes.len() >= 10, "every file of figures and every input");
}

#[test]
fn a_record_of_the_first_format_opens() {
    // Written by the program as it was with format 1.0. If this fails after a field was added: give it `#[serde(default)]`.
    let stored = open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/format-1.0")).unwrap();
    assert_eq!((stored.manifest.format.major, stored.manifest.format.minor), (1, 0));
    assert_eq!(stored.record.summary.scenario, stored.manifest.scenario);
    assert_eq!((stored.record.workload_series.len(), stored.record.nodes.len()), (60, 4));
    assert!(stored.record.pods.len() > 10 && stored.record.decisions.len() > 10 && stored.inputs.is_empty());
}

#[test]
fn a_record_without_its_start_opens() {
    // Written with format 1.2, whose summary does not say when the run starts; the terms of its bill do.
    let stored = open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/format-1.2")).unwrap();
    assert_eq!((stored.manifest.format.major, stored.manifest.format.minor), (1, 2));
    assert!(stored.record.summary.start.is_none() && !stored.record.ledger.entries.is_empty());
    assert_eq!(Clock::of(&stored.record).start(), "2026-11-21 10:59:30");
}

#[test]
fn a_newer_minor_format_opens_and_a_newer_major_does_not() {
    let dir = record("newer");
    forget_checksums(&dir);
    edit_manifest(&dir, &format!("\"minor\": {FORMAT_MINOR}"), "\"minor\": 7, \"patch\": {\"new\": true}");
    assert_eq!(open(&dir).unwrap().manifest.format.minor, 7);
    edit_manifest(&dir, "\"major\": 1", "\"major\": 2");
    let words = refused(&dir);
    assert!(words.contains("has format 2.7, written by version 0.1.0; this program reads format 1: use a newer program"), "{words}");
}

#[test]
fn a_folder_that_is_no_record_is_refused() {
    let dir = record("foreign");
    forget_checksums(&dir);
    assert!(refused(&dir.join("nothing")).contains("there is no folder"));
    assert!(refused(&dir.join("pods.csv")).contains("is a file; a record is a folder"));
    edit_manifest(&dir, "overspill.record", "overspill.study");
    assert!(refused(&dir).contains("is not a record of a run: its manifest.json says `overspill.study`"));
    fs::write(dir.join("manifest.json"), "{\"name\": \"web app\"}").unwrap();
    assert!(refused(&dir).contains("its manifest.json is that of something else"));
    fs::write(dir.join("manifest.json"), "{\"kind\": ").unwrap();
    assert!(refused(&dir).contains("manifest.json` cannot be read as part of a record: EOF"));
    fs::remove_file(dir.join("manifest.json")).unwrap();
    assert!(refused(&dir).contains("is not a record: it has no manifest.json"));
    fs::create_dir(dir.join(".partial")).unwrap();
    assert!(matches!(read_manifest(&dir), Err(ReadError::Interrupted(_))));
}

#[test]
fn a_truncated_file_is_not_taken_for_the_whole() {
    for file in ["series_workloads.csv", "summary.json", "decisions.jsonl", "inputs/k8s/web.yaml"] {
        let dir = record("truncated");
        let whole = fs::read(dir.join(file)).unwrap();
        fs::write(dir.join(file), &whole[..whole.len() / 2]).unwrap();
        let words = refused(&dir);
        assert!(words.contains(&format!("{file}` was truncated: it has ")), "{words}");
        fs::remove_file(dir.join(file)).unwrap();
        let words = refused(&dir);
        assert!(words.contains(&format!("{file}`: the file is missing")), "{words}");
    }
}

#[test]
fn no_damage_goes_unseen_or_panics() {
    let dir = record("damaged");
    let sizes = open(&dir).unwrap().manifest.sizes;
    for file in sizes.keys().map(String::as_str).chain(["manifest.json"]) {
        let path = dir.join(file);
        let whole = fs::read(&path).unwrap();
        let mut garbled = whole.clone();
        let at = garbled.len() / 2;
        garbled[at] = 0xff;
        let longer = [whole.as_slice(), b"\n"].concat();
        for (damage, bytes) in [("empty", Vec::new()), ("cut", whole[..whole.len() - 1].to_vec()), ("longer", longer), ("garbled", garbled)] {
            fs::write(&path, bytes).unwrap();
            let opened = open(&dir);
            // White space after a manifest means nothing.
            let is_harmless = file == "manifest.json" && damage != "empty" && damage != "garbled";
            assert!(opened.is_err() || is_harmless, "{file} {damage}");
        }
        fs::remove_file(&path).unwrap();
        assert!(open(&dir).is_err(), "{file} missing");
        fs::create_dir(&path).unwrap();
        assert!(open(&dir).is_err(), "{file} is a folder");
        fs::remove_dir(&path).unwrap();
        fs::write(&path, whole).unwrap();
    }
    open(&dir).unwrap();
}

#[test]
fn any_changed_byte_is_noticed() {
    let dir = record("flipped");
    let sizes = open(&dir).unwrap().manifest.sizes;
    for file in sizes.keys().map(String::as_str).chain(["manifest.json"]) {
        let path = dir.join(file);
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by((whole.len() / 9).max(1)) {
            for bit in [0, 4] {
                let mut flipped = whole.clone();
                flipped[at] ^= 1 << bit;
                fs::write(&path, &flipped).unwrap();
                // Between the words of a manifest a space may become a line break and the like.
                let is_space = file == "manifest.json" && whole[at].is_ascii_whitespace() && flipped[at].is_ascii_whitespace();
                assert!(open(&dir).is_err() || is_space, "{file}: byte {at}, bit {bit}");
            }
        }
        fs::write(&path, whole).unwrap();
    }
    let words = {
        let path = dir.join("summary.json");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replacen("\"p99\": 2", "\"p99\": 3", 1).replacen("\"p50\": ", "\"p51\": ", 1)).unwrap();
        refused(&dir)
    };
    assert!(words.contains("summary.json` was damaged or edited"), "{words}");
}

#[test]
fn files_of_two_runs_are_no_record() {
    let dir = record("mixed");
    forget_checksums(&dir);
    let digest = open(&dir).unwrap().manifest.digest;
    edit_manifest(&dir, &digest, "0000000000000000");
    assert!(refused(&dir).contains("manifest of another run"));
}

#[test]
fn a_broken_file_says_where() {
    let dir = record("broken");
    forget_checksums(&dir);
    let path = dir.join("pods.csv");
    let pods = fs::read_to_string(&path).unwrap();
    // The same length, so that only the content is wrong.
    fs::write(&path, pods.replacen(",25.0,", ",2x.0,", 1)).unwrap();
    let words = refused(&dir);
    assert!(words.contains("pods.csv` cannot be read as part of a record") && words.contains("line: 2"), "{words}");
    edit_manifest(&dir, "inputs/k8s/web.yaml", "inputs/../../../etc/passwd");
    let words = refused(&dir);
    assert!(words.contains("is no place for an input"), "{words}");
}
