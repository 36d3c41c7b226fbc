//! Records in the formats of other tools hold what the record holds.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::support::{Folder, SHOP, json, text};

#[test]
fn every_format_tells_the_same_run() {
    let folder = Folder::new();
    folder.write("shop.yaml", SHOP);
    let summary = json(&folder.run(&["run", "shop.yaml", "--out", "out", "--json"]));
    let export = |args: &[&str]| {
        let output = folder.run(&[&["export", "out", "--format"], args].concat());
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    let offered = summary["requests"]["offered"].as_f64().unwrap();

    let csv = export(&["csv"]);
    assert_eq!(csv.lines().next(), Some("t,kind,name,metric,unit,value"));
    let of_offered = csv.lines().filter(|line| line.contains(",workload,web,offered,"));
    assert_eq!(of_offered.map(|line| line.rsplit(',').next().unwrap().parse::<f64>().unwrap()).sum::<f64>(), offered);

    metrics(&export(&["openmetrics", "--start", "2026-11-11T19:00:00+08:00"]), &summary, offered);

    let trace: Value = serde_json::from_str(&export(&["trace"])).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    let pods = fs::read_to_string(folder.path().join("out/pods.csv")).unwrap().lines().count() - 1;
    assert_eq!(events.iter().filter(|event| event["name"] == "thread_name").count(), pods);
    let ready: f64 = events.iter().filter(|event| event["name"] == "Ready").map(|event| event["dur"].as_f64().unwrap() / 1e6).sum();
    assert!(ready > 0.0);

    let page = export(&["markdown"]);
    assert!(page.contains("| web p99 below 500ms") && page.contains("❌ not met") && page.contains(summary["digest"].as_str().unwrap()), "{page}");

    let parquet = folder.run(&["export", "out", "--format", "parquet", "--out", "series.parquet"]);
    if cfg!(feature = "parquet") {
        let bytes = fs::read(folder.path().join("series.parquet")).unwrap();
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    } else {
        assert_eq!(parquet.status.code(), Some(2));
        assert!(text(&parquet.stderr).contains("--features parquet"));
    }
    assert_eq!(folder.run(&["export", "out", "--format", "openmetrics", "--start", "soon"]).status.code(), Some(2));
    assert_eq!(folder.run(&["export", "nowhere", "--format", "csv"]).status.code(), Some(2));
}

/// Families stand together, series are in the order of time, and what they say is the summary.
fn metrics(exposition: &str, summary: &Value, offered: f64) {
    assert!(exposition.ends_with("\n# EOF\n"));
    let mut series: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    let mut families: Vec<&str> = Vec::new();
    for line in exposition.lines() {
        if let Some(family) = line.strip_prefix("# TYPE ") {
            families.push(family.split(' ').next().unwrap());
        } else if !line.starts_with('#') {
            let mut parts = line.rsplitn(3, ' ');
            let (t, value): (f64, f64) = (parts.next().unwrap().parse().unwrap(), parts.next().unwrap().parse().unwrap());
            let name = parts.next().unwrap();
            assert!(name.starts_with(families.last().unwrap()), "{line} is not of {families:?}");
            series.entry(name).or_default().push((t, value));
        }
    }
    let mut unique = families.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), families.len(), "a family is in two parts");
    let start = 1_794_394_800.0;
    for (name, samples) in &series {
        assert!(samples.windows(2).all(|pair| pair[0].0 < pair[1].0), "{name}: {samples:?}");
        assert!(samples.iter().all(|(t, _)| (start..=start + 600.0).contains(t)), "{name}: {samples:?}");
    }
    let last = |name: &str| series.get(name).unwrap_or_else(|| panic!("no {name}")).last().unwrap().1;
    assert_eq!(last("overspill_requests_offered_total{namespace=\"default\",deployment=\"web\"}"), offered);
    let replicas = &summary["workloads"]["web"]["replicas"];
    assert_eq!(last("kube_deployment_spec_replicas{namespace=\"default\",deployment=\"web\",job=\"kube-state-metrics\"}"), replicas["final"].as_f64().unwrap());
    let most = series["kube_deployment_spec_replicas{namespace=\"default\",deployment=\"web\",job=\"kube-state-metrics\"}"]
        .iter()
        .map(|sample| sample.1)
        .fold(0.0, f64::max);
    assert_eq!(most, replicas["max"].as_f64().unwrap());
    let cpu: f64 = series.iter().filter(|(name, _)| name.starts_with("container_cpu_usage_seconds_total")).map(|(_, samples)| samples.last().unwrap().1).sum();
    assert!(cpu > 0.0 && exposition.contains("kube_pod_status_phase{namespace=\"default\",pod=\"web-0\",phase=\"Running\",job=\"kube-state-metrics\"} 1 "));
}
