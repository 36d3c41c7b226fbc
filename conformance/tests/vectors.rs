//! Every case of the committed vector files through the functions that the simulation calls.
//!
//! The files under `vectors/` are facts about Kubernetes with their source and licence inside; those under `vectors/derived/` are worked
//! out by hand from the same rules, to close gaps that the tables of Kubernetes leave open.

use std::fs;
use std::path::Path;

/// The number of cases is part of the check: a case that is no longer decoded must not go unnoticed.
const FILES: [(&str, usize); 23] = [
    ("billing.json", 70),
    ("cron_robfig_v3.json", 101),
    ("hpa_behavior.json", 51),
    ("hpa_reconcile.json", 22),
    ("hpa_replica_calculator_metrics.json", 22),
    ("hpa_replica_calculator_resource.json", 50),
    ("quantity.json", 252),
    ("replicaset_scale_down_order.json", 19),
    ("sched_interpod_affinity.json", 26),
    ("sched_node_affinity.json", 54),
    ("sched_pod_topology_spread.json", 43),
    ("sched_resource_scores.json", 40),
    ("sched_resources_fit.json", 38),
    ("sched_taint_toleration.json", 20),
    ("derived/cluster_autoscaler.json", 43),
    ("derived/cron_robfig_v3.json", 2),
    ("derived/hpa_behavior.json", 15),
    ("derived/hpa_replica_calculator_resource.json", 12),
    ("derived/instance_rounding.json", 64),
    ("derived/replicaset_scale_down_order.json", 5),
    ("derived/sched_node_affinity.json", 7),
    ("derived/sched_pod_topology_spread.json", 1),
    ("derived/sched_resource_scores.json", 1),
];

#[test]
fn every_vector_passes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut problems = Vec::new();
    for (name, cases) in FILES {
        let report = sim_conformance::run(&fs::read_to_string(folder.join(name)).unwrap()).unwrap();
        println!("{name}: {} passed, {} failed", report.passed, report.failures.len());
        problems.extend(report.failures.iter().map(|failure| format!("{name}: {}: {}", failure.case, failure.difference)));
        problems.extend(report.skipped.keys().map(|kind| format!("{name}: nothing checks `{kind}`")));
        if report.passed + report.failures.len() != cases {
            problems.push(format!("{name}: expected {cases} cases"));
        }
    }
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn every_file_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let count = |folder: &Path| fs::read_dir(folder).unwrap().filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "json")).count();
    assert_eq!(count(&folder) + count(&folder.join("derived")), FILES.len());
}
