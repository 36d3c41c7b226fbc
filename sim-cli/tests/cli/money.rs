//! Bills: again, under other prices, in other shapes, and recomputed by other means.

use std::collections::BTreeMap;
use std::fs;

use crate::support::{Folder, SHOP, json, text};

/// The shop with subscribed nodes, a reservation, a savings plan and items, and its record in `out`.
fn billed() -> Folder {
    let folder = Folder::new();
    let shop = SHOP.replace("capacity: {cpu: 4, memory: 16Gi}, price: 1/h", "instanceType: ecs.c7.xlarge, billing: subscription");
    let costs = "costs:\n  savingsPlans:\n    sp: {commitment: 0.05/h, payRatios: {eci: 0.6}}\n  items:\n    egress: {price: 0.8/GiB, perRequest: {amount: 0.00001, of: web}}\n    slb: {price: 0.3/h}\n";
    folder.write("shop.yaml", shop + costs).write("mine.yaml", MINE);
    folder
}

const MINE: &str = "\
name: mine
currency: CNY
date: \"2026-11-21\"
extends: aliyun-cn-hangzhou
machines:
  ecs.c7.xlarge: {cpu: 4, memory: 8Gi, price: 0.9/h, source: own}
";

fn total(summary: &serde_json::Value) -> &str {
    summary["total"].as_str().unwrap()
}

#[test]
fn a_record_billed_again_is_a_fresh_run_to_the_last_digit() {
    let folder = billed();
    let fresh = json(&folder.run(&["run", "shop.yaml", "--out", "out", "--json"]));
    let again = json(&folder.run(&["invoice", "out", "--json"]));
    assert_eq!(again, fresh["cost"]);
    let other = json(&folder.run(&["run", "shop.yaml", "--json", "--set", "prices=mine.yaml"]));
    let rebilled = json(&folder.run(&["invoice", "out", "--prices", "mine.yaml", "--json"]));
    assert_eq!(rebilled, other["cost"]);
    assert_ne!(total(&rebilled), total(&again));
}

#[test]
fn every_shape_of_the_bill_adds_up_to_its_total() {
    let folder = billed();
    let fresh = json(&folder.run(&["run", "shop.yaml", "--out", "out", "--json"]));
    let due = total(&fresh["cost"]).to_owned();
    let pico = |text: &str| -> i128 {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        format!("{whole}{part:0<12}").parse().unwrap()
    };
    for by in ["tier", "workload", "zone", "item", "hour", "class"] {
        let bill = json(&folder.run(&["invoice", "out", "--json", "--by", by]));
        let cut: i128 = bill["cut"].as_array().unwrap().iter().map(|row| pico(row["amount"].as_str().unwrap())).sum();
        assert_eq!((cut, total(&bill)), (pico(&due), due.as_str()), "by {by}");
    }
    for (flag, column) in [("--csv", "amount"), ("--focus", "BilledCost")] {
        let output = folder.run(&["invoice", "out", flag, "--by", "hour"]);
        let table = text(&output.stdout);
        let place = table.lines().next().unwrap().split(',').position(|name| name == column).unwrap();
        // Tags are quoted and stand last, so the columns before them can be split at commas.
        let sum: i128 = table.lines().skip(1).map(|line| pico(line.split(',').nth(place).unwrap())).sum();
        assert_eq!(sum, pico(&due), "{flag}");
    }
    let page = text(&folder.run(&["invoice", "out", "--by", "hour"]).stdout);
    assert!(
        ["By hour", "What it was paid for", "Reserved and committed", "The same load elsewhere", "If it goes on like this"]
            .iter()
            .all(|title| page.contains(title)),
        "{page}"
    );
}

/// Sums `ledger.csv` by hand: price times time of each instance and machine, in whole 10^-18.
#[test]
fn the_ledger_alone_gives_the_bill() {
    let folder = Folder::new();
    folder.write("shop.yaml", SHOP);
    let fresh = json(&folder.run(&["run", "shop.yaml", "--out", "out", "--json"]));
    let ledger = fs::read_to_string(folder.path().join("out/ledger.csv")).unwrap();
    let header: Vec<&str> = ledger.lines().next().unwrap().split(',').collect();
    let mut lines = BTreeMap::<String, i128>::new();
    for line in ledger.lines().skip(1) {
        let cells: BTreeMap<&str, &str> = header.iter().copied().zip(line.split(',')).collect();
        let nanos = |key: &str| -> i128 {
            let (whole, part) = cells[key].split_once('.').unwrap_or((cells[key], ""));
            format!("{whole}{part:0<9}").parse().unwrap()
        };
        let stopped = if cells["stopped"].is_empty() { 600_000_000_000 } else { nanos("stopped") };
        match cells["kind"] {
            // 1 vCPU 2 GiB at 0.00006126 a second, by whole seconds.
            "instance" if !cells["started"].is_empty() => {
                assert_eq!((cells["cpu_milli"], cells["memory_bytes"]), ("1000", "2147483648"));
                let seconds = (stopped - nanos("started") + 999_999_999).div_euclid(1_000_000_000);
                *lines.entry(cells["item"].to_owned()).or_default() += seconds * 61_260_000;
            }
            "machine" => *lines.entry("machine".to_owned()).or_default() += stopped * 1_000 / 3_600,
            _ => {}
        }
    }
    let sum: i128 = lines.values().sum();
    let expected: Vec<&str> = fresh["cost"]["total"].as_str().unwrap().split('.').collect();
    let expected: i128 = format!("{}{:0<12}", expected[0], expected.get(1).copied().unwrap_or_default()).parse().unwrap();
    assert!((sum - expected).abs() <= 1, "recomputed {sum}, billed {expected}");
}

#[test]
fn price_books_can_be_listed_shown_and_checked() {
    let folder = billed();
    let list = text(&folder.run(&["prices", "list"]).stdout);
    assert!(list.contains("aliyun-cn-hangzhou") && list.contains("aws-fargate-us-east-1"), "{list}");
    let shown = text(&folder.run(&["prices", "show", "gke-autopilot-us-central1"]).stdout);
    assert!(shown.contains("ASSUMPTION") && shown.contains("0.0445/h"), "{shown}");
    assert!(folder.run(&["prices", "check", "mine.yaml"]).status.success());
    folder.write("bad.yaml", "name: bad\ncurrency: yuan\nmachines:\n  a: {cpu: 4, memory: 8Gi, price: 3}\nfees: 1\n");
    let output = folder.run(&["prices", "check", "bad.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    let problems = text(&output.stderr);
    assert!(problems.contains("bad.yaml") && problems.contains("fees"), "{problems}");
    let missing = text(&folder.run(&["prices", "show", "aliyun-cn-hangzou"]).stderr);
    assert!(missing.contains("did you mean `aliyun-cn-hangzhou`?"), "{missing}");
}

#[test]
fn what_a_book_lacks_is_said_and_nothing_is_billed() {
    let folder = billed();
    json(&folder.run(&["run", "shop.yaml", "--out", "out", "--json"]));
    let output = folder.run(&["invoice", "out", "--prices", "azure-aci-eastus"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()));
    assert!(text(&output.stderr).contains("no price for"), "{}", text(&output.stderr));
    assert_eq!(folder.run(&["invoice", "nowhere"]).status.code(), Some(2));
}

#[test]
fn an_estimate_tells_what_is_paid_ahead() {
    let folder = billed();
    let output = text(&folder.run(&["check", "shop.yaml", "--estimate"]).stdout);
    assert!(output.contains("prepaid   subscription") && output.contains("at most"), "{output}");
}

#[test]
fn an_estimate_counts_jobs_and_the_dearest_instance_of_a_list() {
    let folder = Folder::new();
    let jobs = "\
name: jobs
duration: 2h
prices: aliyun-cn-hangzhou
virtualNodes: [{name: vk}]
services:
  web: {replicas: 2, requests: {cpu: 2}, annotations: {k8s.aliyun.com/eci-use-specs: \"ecs.c7.large, ecs.g7.xlarge\"}, placement: {prefer: [eci]}}
jobs:
  render: {requests: {cpu: 2, memory: 4Gi}, pods: 5, runTime: 30m, at: [0s, 1h], placement: {prefer: [eci]}}
";
    folder.write("jobs.yaml", jobs);
    let output = text(&folder.run(&["check", "jobs.yaml", "--estimate"]).stdout);
    // 2 x 2 h x 1.0465, and 2 x 5 x 0.5 h x 0.441072.
    assert!(output.contains("services on instances: at most 4.19 CNY") && output.contains("jobs on instances: about 2.21 CNY"), "{output}");
}

#[test]
fn books_in_a_circle_are_refused_at_once_and_inherited_figures_keep_their_source() {
    let folder = Folder::new();
    folder.write("loop.yaml", "name: loop\ncurrency: CNY\nextends: [loop.yaml, loop.yaml, loop.yaml, loop.yaml, loop.yaml, loop.yaml, loop.yaml, loop.yaml]\n");
    let output = folder.run(&["prices", "check", "loop.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("in a circle"), "{}", text(&output.stderr));
    folder.write("base.yaml", "name: base\ncurrency: CNY\nsources: {list: the old list}\nitems: {lb: {price: 2/h, source: list}}\n");
    folder.write("own.yaml", "name: own\ncurrency: CNY\nextends: base.yaml\nsources: {list: the new list}\nitems: {ip: {price: 1/h, source: list}}\n");
    let shown = text(&folder.run(&["prices", "show", "own.yaml"]).stdout);
    let of = |item: &str| shown.lines().find(|line| line.trim_start().starts_with(item)).unwrap_or_default().to_owned();
    assert!(of("lb").contains("the old list") && !of("ip").contains("the old list"), "{shown}");
}

#[test]
fn names_of_lines_that_a_spreadsheet_would_run_are_refused() {
    let folder = Folder::new();
    folder.write("shop.yaml", format!("{SHOP}costs: {{items: {{\"=1+1\": {{price: 1/h}}}}}}\n"));
    let output = folder.run(&["check", "shop.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no name for a line of a bill"), "{}", text(&output.stderr));
}
