//! Commands that run many times.

use std::fs;

use crate::support::{Folder, json, text};

const SMALL: &str = "\
name: small
duration: 1m
nodes: [{name: idc, tier: idc, capacity: {cpu: 16, memory: 32Gi}, price: 1/h}]
services: {web: {requests: {cpu: 1}, replicas: 2, serviceTime: {exponential: {mean: 50ms}}}}
load: {web: [{constant: 20/s}]}
objectives: [{p99: 1s, of: web, attain: 50%}]
";

const STUDY: &str = "\
scenario: small.yaml
replications: 2
axes:
  replicas: {path: services.web.replicas, values: [2, 3, 4]}
  rate: {path: 'load.web[0].constant', range: {from: 10/s, to: 20/s, step: 10/s}}
";

pub(crate) fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("small.yaml", SMALL).write("study.yaml", STUDY);
    folder
}

#[test]
fn a_sweep_leaves_tables_and_charts_and_goes_on_only_when_asked() {
    let folder = folder();
    let output = folder.run(&["sweep", "study.yaml", "--out", "out", "--jobs", "2"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("6 points, 2 replications"), "{}", text(&output.stdout));
    let out = folder.path().join("out");
    for file in ["results.csv", "estimates.csv", "sensitivity.csv", "charts/frontier.svg", "charts/heat-latency_ms.p99.png", "charts/effects-cost.total.svg"] {
        assert!(out.join(file).is_file(), "{file}");
    }
    let table = fs::read(out.join("results.csv")).unwrap();
    assert_eq!(folder.run(&["sweep", "study.yaml", "--out", "out"]).status.code(), Some(2), "results are not thrown away");
    assert!(folder.run(&["sweep", "study.yaml", "--out", "out", "--resume"]).status.success());
    assert_eq!(fs::read(out.join("results.csv")).unwrap(), table);
    let other = folder.run(&["sweep", "study.yaml", "--out", "out", "--resume", "--set", "duration=50s"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(text(&other.stderr).contains("never mixed"), "{}", text(&other.stderr));
    for part in ["1/2", "2/2"] {
        assert!(folder.run(&["sweep", "study.yaml", "--out", &format!("part-{}", &part[..1]), "--shard", part]).status.success());
    }
    assert!(folder.run(&["merge", "part-1", "part-2", "--out", "merged"]).status.success());
    assert_eq!(fs::read(folder.path().join("merged/results.csv")).unwrap(), table);
    let part = folder.run(&["merge", "part-1", "--out", "half"]);
    assert!(part.status.code() == Some(1) && text(&part.stderr).contains("no result of these points: 1, 3, 5"), "{}", text(&part.stderr));
}

#[test]
fn a_sweep_keeps_whole_records_where_asked() {
    let folder = folder();
    let output = folder.run(&["sweep", "study.yaml", "--out", "out", "--records"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(folder.path().join("out/records/0000005-1/summary.json").is_file());
}

#[test]
fn a_comparison_says_what_differs_and_fails_beyond_a_budget() {
    let folder = folder();
    let compare =
        |args: &[&str]| folder.run(&[&["compare", "small.yaml", "small.yaml", "--set", "services.web.replicas=3", "--replications", "5"], args].concat());
    let output = compare(&[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    assert!(shown.contains("lower") && shown.contains("latency_ms.p99"), "{shown}");
    assert!(text(&compare(&["--markdown"]).stdout).contains("| `latency_ms.p99` |"));
    let report = json(&compare(&["--json"]));
    assert_eq!(report["figures"]["workloads.web.replicas.mean"]["difference"]["mean"], 1.0);
    assert_eq!(report["figures"]["requests.offered"]["verdict"], "same", "both meet the same customers");
    assert_eq!(compare(&["--fail-if", "cost.total>+5%"]).status.code(), Some(0));
    let crossed = compare(&["--fail-if", "replicas.mean>+20%"]);
    assert_eq!(crossed.status.code(), Some(3));
    assert!(text(&crossed.stderr).contains("crossed: replicas.mean>+20%"), "{}", text(&crossed.stderr));
    assert_eq!(compare(&["--fail-if", "nonsense>1"]).status.code(), Some(2));
    assert!(compare(&["--out", "out"]).status.success());
    assert!(folder.path().join("out/comparison.svg").is_file());
}

#[test]
fn replications_show_intervals() {
    let folder = folder();
    let output = folder.run(&["run", "small.yaml", "--replications", "6"]);
    assert!(text(&output.stdout).contains("6 replications") && text(&output.stdout).contains('±'), "{}", text(&output.stdout));
    let report = json(&folder.run(&["run", "small.yaml", "--replications", "6", "--json"]));
    assert_eq!(report["seeds"].as_array().map(Vec::len), Some(6));
    let p99 = &report["figures"]["latency_ms.p99"];
    assert!(p99["estimate"]["half_width"].as_f64() > Some(0.0) && p99["median"]["interval"].is_array(), "{p99}");
    assert_eq!(folder.run(&["run", "small.yaml", "--replications", "2", "--gate", "--set", "objectives[0].p99=1ms"]).status.code(), Some(3));
}

#[test]
fn problems_of_a_study_are_shown_and_nothing_is_run() {
    let folder = folder();
    folder.write("study.yaml", STUDY.replace("[2, 3, 4]", "[2, -3]").replace("replications: 2", "replications: 0"));
    let output = folder.run(&["sweep", "study.yaml", "--out", "out"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("at least once") && !folder.path().join("out").exists(), "{}", text(&output.stderr));
    folder.write("study.yaml", STUDY.replace("[2, 3, 4]", "[2, -3]"));
    let output = folder.run(&["sweep", "study.yaml", "--out", "out"]);
    assert!(output.status.code() == Some(2) && text(&output.stderr).contains("replicas=-3"), "{}", text(&output.stderr));
}
