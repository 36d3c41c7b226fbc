//! What a run shows and leaves.

use std::fs;

use crate::support::{Folder, SHOP, json, text};

fn shop() -> Folder {
    let folder = Folder::new();
    folder.write("shop.yaml", SHOP);
    folder
}

#[test]
fn the_summary_keeps_its_contract() {
    let summary = json(&shop().run(&["run", "shop.yaml", "--json"]));
    assert_eq!(summary["schema"], "overspill.summary/1");
    for path in [
        "/scenario",
        "/seed",
        "/fidelity",
        "/simulated_s",
        "/wall_s",
        "/events",
        "/digest",
        "/requests/offered",
        "/requests/completed",
        "/requests/timed_out",
        "/requests/rejected",
        "/requests/failed",
        "/requests/retried",
        "/requests/in_flight",
        "/latency_ms/mean",
        "/latency_ms/p50",
        "/latency_ms/p90",
        "/latency_ms/p95",
        "/latency_ms/p99",
        "/latency_ms/p999",
        "/latency_ms/max",
        "/workloads/web/requests/offered",
        "/workloads/web/latency_ms/p99",
        "/workloads/web/wait_ms/p99",
        "/workloads/web/cpu_utilization/mean",
        "/workloads/web/cpu_utilization/max",
        "/workloads/web/replicas/min",
        "/workloads/web/replicas/steps/0/1",
        "/workloads/web/replicas/final",
        "/workloads/web/pods/ecs/peak",
        "/workloads/web/pods/ecs/pod_seconds",
        "/workloads/web/pods/ecs/final",
        "/workloads/web/pending_s/p99",
        "/tiers/eci/peak_pods",
        "/tiers/eci/pod_seconds",
        "/tiers/eci/node_seconds",
        "/tiers/eci/cost",
        "/tiers/eci/idle_cost",
        "/cost/currency",
        "/cost/total",
        "/cost/by_tier/eci",
        "/cost/by_workload/web",
        "/cost/per_million_requests",
        "/cost/lines/0/item",
        "/cost/lines/0/tier",
        "/cost/lines/0/quantity",
        "/cost/lines/0/unit",
        "/cost/lines/0/unit_price",
        "/cost/lines/0/amount",
        "/objectives/0/name",
        "/objectives/0/target",
        "/objectives/0/attained",
        "/objectives/0/met",
        "/objectives/0/breaches",
        "/series/web/success_rate",
        "/series/web/throughput_per_s",
        "/series/web/concurrency",
        "/pods_by_namespace/default",
        "/nodes/ecs/cpu_requested_percent",
        "/simulated_to_wall",
        "/spikes/0/time_to_capacity_s",
    ] {
        assert!(summary.pointer(path).is_some(), "{path} is missing");
    }
    assert!(summary["cost"]["total"].is_string(), "money is a decimal string");
}

#[test]
fn one_seed_gives_the_same_bytes_and_another_seed_another_digest() {
    let folder = shop();
    let digest = |args: &[&str]| json(&folder.run(&[&["run", "shop.yaml", "--json"], args].concat()))["digest"].clone();
    assert_eq!(digest(&[]), digest(&["--seed", "1"]));
    assert_ne!(digest(&["--seed", "1"]), digest(&["--seed", "2"]));
    for args in [["run", "shop.yaml", "--out", "a"], ["run", "shop.yaml", "--out", "b"]] {
        assert!(folder.run(&args).status.success());
    }
    for file in ["series_workloads.csv", "series_tiers.csv", "pods.csv", "nodes.csv", "decisions.jsonl"] {
        let read = |dir: &str| fs::read(folder.path().join(dir).join(file)).unwrap();
        assert!(!read("a").is_empty() && read("a") == read("b"), "{file} differs");
    }
    let charts = fs::read_dir(folder.path().join("a/charts")).unwrap().count();
    assert!(charts >= 8, "{charts} charts");
}

#[test]
fn a_longer_start_up_gives_more_errors_and_a_higher_tail() {
    let folder = shop();
    let outcome = |delay: &str| {
        let summary = json(&folder.run(&["run", "shop.yaml", "--json", "--set", &format!("virtualNodes.vk.startUp={delay}")]));
        let requests = &summary["requests"];
        (requests["timed_out"].as_u64().unwrap() + requests["rejected"].as_u64().unwrap(), summary["latency_ms"]["p99"].as_f64().unwrap())
    };
    let outcomes = ["5s", "30s", "60s"].map(outcome);
    assert!(outcomes.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1), "{outcomes:?}");
}

#[test]
fn expectations_decide_the_exit_code() {
    let folder = shop();
    folder.write("good.yaml", format!("{SHOP}expect:\n  - {{at: 1m, pods: {{ecs: 4, eci: 0}}}}\n"));
    folder.write("bad.yaml", format!("{SHOP}expect:\n  - {{requests.success_rate: {{above: 2}}}}\n"));
    let good = folder.run(&["test", "good.yaml"]);
    assert_eq!((good.status.code(), text(&good.stdout).ends_with("1 passed, 0 failed\n")), (Some(0), true), "{}", text(&good.stdout));
    let bad = folder.run(&["test", ".", "--junit", "report.xml"]);
    assert_eq!((bad.status.code(), text(&bad.stdout).ends_with("1 passed, 1 failed\n")), (Some(3), true), "{}", text(&bad.stdout));
    assert!(fs::read_to_string(folder.path().join("report.xml")).unwrap().contains("failures=\"1\""));
}

#[test]
fn wrong_input_of_a_test_is_told_from_a_missed_expectation() {
    let folder = shop();
    folder.write("wrong.yaml", "name: wrong\nexpect: []\n");
    assert_eq!(folder.run(&["test", "wrong.yaml"]).status.code(), Some(2));
    assert_eq!(folder.run(&["test", "nowhere.yaml"]).status.code(), Some(2));
}

#[test]
fn a_gate_fails_a_run_that_misses_its_objectives() {
    let folder = shop();
    assert_eq!(folder.run(&["run", "shop.yaml"]).status.code(), Some(0));
    let gated = folder.run(&["run", "shop.yaml", "--gate"]);
    assert_eq!(gated.status.code(), Some(3));
    assert!(text(&gated.stderr).contains("objective not met: web p99 below 500ms"), "{}", text(&gated.stderr));
}

#[test]
fn templates_are_scenarios() {
    let folder = Folder::new();
    let list = text(&folder.run(&["new"]).stdout);
    let names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"flash-sale"), "{list}");
    assert_eq!(folder.run(&["new", "flash-sail"]).status.code(), Some(2));
    assert!(folder.run(&["new", "flash-sale", "--out", "sale.yaml"]).status.success());
    assert!(folder.run(&["check", "sale.yaml", "--strict"]).status.success());
    assert_eq!(folder.run(&["new", "flash-sale", "--out", "sale.yaml"]).status.code(), Some(1));
}

#[test]
fn the_summary_fits_its_width() {
    let folder = shop();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_overspill"))
        .args(["run", "shop.yaml"])
        .env("COLUMNS", "80")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let widest = text(&output.stdout).lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{}", text(&output.stdout));
}
