//! What `explain` says of a random pod and a random sync of gallery runs is what the decisions file says. The quick ones only; `.ci/explain` asks all.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Folder, json, text};

/// Gallery scenarios of which a run takes a moment.
const QUICK: [&str; 4] = ["batch-jobs", "keda-queue", "nginx-idc-eci", "wordpress-hpa"];

/// Text on one line, however it was wrapped.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One of several, by the digits of a run's digest.
fn one_of<'a, T>(digest: &str, list: &'a [T]) -> Option<&'a T> {
    let number = u64::from_str_radix(digest, 16).unwrap();
    list.get((number % list.len().max(1) as u64) as usize)
}

#[test]
fn a_random_pod_and_sync_agree_with_the_decisions() {
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/gallery");
    for name in QUICK {
        let folder = Folder::new();
        let file = gallery.join(format!("{name}.yaml"));
        let digest = json(&folder.run(&["run", file.to_str().unwrap(), "--out", "out", "--json", "--quiet"]))["digest"].as_str().unwrap().to_owned();
        let decisions = fs::read_to_string(folder.path().join("out/decisions.jsonl")).unwrap();
        let decisions: Vec<Value> = decisions.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let pods = fs::read_to_string(folder.path().join("out/pods.csv")).unwrap();
        let pods: Vec<&str> = pods.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        let ask = |args: &[&str]| {
            let output = folder.run(&[&["explain", "out", "--quiet"], args].concat());
            assert!(output.status.success(), "{name}: {}", text(&output.stderr));
            squeeze(&text(&output.stdout))
        };
        let pod = one_of(&digest, &pods).unwrap();
        let told = ask(&["pod", pod]);
        assert!(!told.contains("Another run of the scenario"), "{name} {pod}: {told}");
        for row in decisions.iter().filter(|row| row["subject"] == **pod) {
            let field = |key: &str| squeeze(row[key].as_str().unwrap());
            assert!(told.contains(&field("reason")) && told.contains(&format!("{} {}", field("controller"), field("action"))), "{name} {pod}: {row}\n{told}");
            if field("action") == "placed" {
                assert!(told.contains(&format!("placed on {}", field("object"))), "{name} {pod}: {row}\n{told}");
                assert!(told.contains(": chosen") && told.contains("NodeResourcesFit"), "{name} {pod}: no scores: {told}");
            }
        }
        let syncs: Vec<&Value> = decisions.iter().filter(|row| row["controller"] == "hpa").collect();
        let Some(sync) = one_of(&digest, &syncs) else { continue };
        let told = ask(&["scale", sync["subject"].as_str().unwrap(), "--at", &format!("{}s", sync["t"])]);
        let reason = squeeze(sync["reason"].as_str().unwrap());
        assert!(told.contains(&reason), "{name}: {sync}\n{told}");
        let (before, after) = told.split_once("Each sync around then").unwrap_or_else(|| panic!("{name}: no syncs: {told}"));
        assert!(before.contains("in force then") && after.contains(&reason) && after.contains("(in force then)"), "{name}: {sync}\n{told}");
    }
}
