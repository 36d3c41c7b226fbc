//! Commands that look for an answer.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{Folder, json, text};

/// Replicas of 50 ms: each holds some 18 requests a second.
const SERVICE: &str = "\
name: service
duration: 2m
nodes:
  - {name: h, tier: idc, zone: zone-h, count: 1, capacity: {cpu: 8, memory: 32Gi}, price: 1/h}
  - {name: i, tier: idc, zone: zone-i, count: 1, capacity: {cpu: 8, memory: 32Gi}, price: 1/h}
services: {web: {requests: {cpu: 1}, replicas: 6, serviceTime: {exponential: {mean: 50ms}}, concurrency: 1, timeout: 5s}}
load: {web: [{constant: 40/s}]}
objectives: [{p99: 800ms, of: web, attain: 90%}]
";

const STUDY: &str = "\
scenario: service.yaml
axes:
  replicas: {path: services.web.replicas, range: {from: 1, to: 12, step: 1}}
  concurrency: {path: services.web.concurrency, values: [1, 2]}
  machines: {path: nodes.h.count, values: [1, 2, 3]}
minimize: workloads.web.pods.idc.pod_seconds
constraints: [{latency_ms.p99: {below: 500}}]
judged: onAverage
";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("service.yaml", SERVICE).write("study.yaml", STUDY);
    folder
}

#[test]
fn headroom_says_how_much_more_and_for_how_long() {
    let folder = folder();
    let output = folder.run(&["headroom", "service.yaml", "--replications", "5", "--precision", "2%", "--growth", "5%/month"]);
    let shown = text(&output.stdout);
    assert!(output.status.success() && shown.contains("months") && shown.contains("compound"), "{shown}{}", text(&output.stderr));
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    let report = json(&folder.run(&["headroom", "service.yaml", "--replications", "5", "--precision", "2%", "--json"]));
    let found = &report["scenarios"][0]["headroom"];
    let (holds, breaks) = (found["factor"].as_f64().unwrap(), found["breaks_at"].as_f64().unwrap());
    assert!(holds > 1.1 && holds < 3.0 && breaks > holds && breaks - holds <= 0.02 * breaks, "{found}");
    assert!(found["runs"].as_u64().unwrap() < 40, "{found}");
    // Half the replicas hold less.
    let less = json(&folder.run(&["headroom", "service.yaml", "--replications", "5", "--precision", "2%", "--set", "services.web.replicas=4", "--json"]));
    assert!(less["scenarios"][0]["headroom"]["factor"].as_f64().unwrap() < 0.8 * holds, "{less}");
}

#[test]
fn a_search_that_is_killed_goes_on_and_finds_the_same() {
    let folder = folder();
    let whole = json(&folder.run(&["optimize", "study.yaml", "--out", "whole", "--budget", "40", "--json"]));
    assert!(whole["best"].is_object() && whole["runs"].as_u64().unwrap() <= 40, "{whole}");
    let mut killed = Command::new(env!("CARGO_BIN_EXE_overspill"))
        .args(["--quiet", "optimize", "study.yaml", "--out", "killed", "--budget", "40", "--jobs", "1"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    killed.kill().unwrap();
    killed.wait().unwrap();
    let again = json(&folder.run(&["optimize", "study.yaml", "--out", "killed", "--budget", "40", "--resume", "--json"]));
    assert_eq!(again, whole);
    assert_eq!(folder.run(&["optimize", "study.yaml", "--out", "whole", "--budget", "40"]).status.code(), Some(2), "runs are not thrown away");
    for file in ["best.yaml", "k8s/web.yaml", "frontier.csv", "frontier.svg", "frontier.png", "optimum.json"] {
        assert!(folder.path().join("killed").join(file).is_file(), "{file}");
    }
    // The winner is a scenario that runs and holds.
    let best = json(&folder.run(&["run", "whole/best.yaml", "--json"]));
    assert!(best["latency_ms"]["p99"].as_f64().unwrap() < 700.0, "{best}");
    let shown = text(&folder.run(&["optimize", "study.yaml", "--budget", "40"]).stdout);
    assert!(shown.lines().filter(|line| line.starts_with("  ")).all(|line| line.chars().count() <= 80), "{shown}");
    assert!(shown.contains("cheapest point that holds") && shown.contains("certainty"), "{shown}");
}

#[test]
fn a_search_takes_a_tenth_of_the_runs_of_the_grid_and_says_when_these_were_too_few() {
    let folder = folder();
    folder.write("often.yaml", STUDY.to_owned() + "replications: 20\n");
    let often = json(&folder.run(&["optimize", "often.yaml", "--json"]));
    assert_eq!((often["points"].as_u64(), often["budget"].as_u64()), (Some(72), Some(144)), "{often}");
    let is_complete = often["runs"].as_u64() < often["budget"].as_u64();
    assert_eq!(often["complete"].as_bool(), Some(is_complete), "{often}");
    assert_eq!(json(&folder.run(&["optimize", "study.yaml", "--json"]))["budget"], 40, "one run of each point would be 72");
    let few = text(&folder.run(&["optimize", "study.yaml", "--budget", "10"]).stdout);
    assert!(few.contains("10 runs of at most 10") && few.contains("the budget ended the search"), "{few}");
}

#[test]
fn the_cheapest_survivor_of_a_lost_zone_is_found_among_files_and_points() {
    let folder = folder();
    folder.write("lean.yaml", SERVICE.replace("replicas: 6", "replicas: 3").replace("timeout: 5s", "timeout: 1s"));
    let early = ["--at", "30s", "--replications", "3"];
    let output = folder.run(&[&["resilience", "service.yaml", "lean.yaml", "--json"], &early[..]].concat());
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    assert_eq!(report["configurations"].as_array().map(Vec::len), Some(2));
    assert_eq!(report["configurations"][0]["trials"].as_array().map(Vec::len), Some(3), "as it is, and without each of two zones");
    let shown = folder.run(&[&["resilience", "study.yaml"], &early[..]].concat());
    let shown = text(&shown.stdout) + &text(&shown.stderr);
    assert!(shown.contains("the loss of any one zone") && shown.contains("zone-i"), "{shown}");
    let unknown = folder.run(&["resilience", "service.yaml", "--zone", "zone-x"]);
    assert!(unknown.status.code() == Some(2) && text(&unknown.stderr).contains("there is zone-h, zone-i"), "{}", text(&unknown.stderr));
}

#[test]
fn the_schema_of_studies_is_printed() {
    let folder = Folder::new();
    let schema = json(&folder.run(&["schema", "--study"]));
    assert!(schema["properties"]["axes"].is_object() && schema["$schema"].as_str().is_some_and(|draft| draft.contains("draft-07")));
}
