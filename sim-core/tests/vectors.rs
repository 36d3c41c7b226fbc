//! Conformance: every case of the vector files through the functions that the simulation calls.
//!
//! The files under `vectors/` are facts about Kubernetes with their source and licence inside; those under `vectors/derived/` are worked
//! out by hand from the same rules, to close gaps that the tables of Kubernetes leave open.

#[path = "vectors_harness/check_behavior.rs"]
mod check_behavior;
#[path = "vectors_harness/check_calculator.rs"]
mod check_calculator;
#[path = "vectors_harness/check_node_affinity.rs"]
mod check_node_affinity;
#[path = "vectors_harness/check_pod_affinity.rs"]
mod check_pod_affinity;
#[path = "vectors_harness/check_reconcile.rs"]
mod check_reconcile;
#[path = "vectors_harness/check_resources.rs"]
mod check_resources;
#[path = "vectors_harness/check_spread.rs"]
mod check_spread;
#[path = "vectors_harness/check_taints.rs"]
mod check_taints;
#[path = "vectors_harness/check_victims.rs"]
mod check_victims;
#[path = "vectors_harness/decode_amounts.rs"]
mod decode_amounts;
#[path = "vectors_harness/decode_hpa.rs"]
mod decode_hpa;
#[path = "vectors_harness/decode_nodes.rs"]
mod decode_nodes;
#[path = "vectors_harness/decode_pods.rs"]
mod decode_pods;
#[path = "vectors_harness/suite.rs"]
mod suite;

#[test]
fn every_vector_passes() {
    // The number of cases is part of the check: a case that is no longer decoded must not go unnoticed.
    let files = [
        ("hpa_behavior", include_str!("vectors/hpa_behavior.json"), 51),
        ("hpa_reconcile", include_str!("vectors/hpa_reconcile.json"), 22),
        ("hpa_replica_calculator_resource", include_str!("vectors/hpa_replica_calculator_resource.json"), 50),
        ("hpa_replica_calculator_metrics", include_str!("vectors/hpa_replica_calculator_metrics.json"), 22),
        ("replicaset_scale_down_order", include_str!("vectors/replicaset_scale_down_order.json"), 19),
        ("sched_interpod_affinity", include_str!("vectors/sched_interpod_affinity.json"), 26),
        ("sched_node_affinity", include_str!("vectors/sched_node_affinity.json"), 54),
        ("sched_pod_topology_spread", include_str!("vectors/sched_pod_topology_spread.json"), 43),
        ("sched_resource_scores", include_str!("vectors/sched_resource_scores.json"), 40),
        ("sched_resources_fit", include_str!("vectors/sched_resources_fit.json"), 38),
        ("sched_taint_toleration", include_str!("vectors/sched_taint_toleration.json"), 20),
        ("derived/hpa_behavior", include_str!("vectors/derived/hpa_behavior.json"), 15),
        ("derived/hpa_replica_calculator_resource", include_str!("vectors/derived/hpa_replica_calculator_resource.json"), 12),
        ("derived/replicaset_scale_down_order", include_str!("vectors/derived/replicaset_scale_down_order.json"), 5),
        ("derived/sched_node_affinity", include_str!("vectors/derived/sched_node_affinity.json"), 7),
        ("derived/sched_pod_topology_spread", include_str!("vectors/derived/sched_pod_topology_spread.json"), 1),
        ("derived/sched_resource_scores", include_str!("vectors/derived/sched_resource_scores.json"), 1),
    ];
    let mut failures = Vec::new();
    for (name, text, cases) in files {
        let report = suite::run(text);
        println!("{name}: {} passed, {} failed", report.passed, report.failures.len());
        if report.passed + report.failures.len() != cases {
            failures.push(format!("{name}: expected {cases} cases, found {}", report.passed + report.failures.len()));
        }
        failures.extend(report.failures.into_iter().map(|failure| format!("{name}: {failure}")));
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}
