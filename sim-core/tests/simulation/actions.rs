//! What is done to the cluster by hand.

use std::collections::BTreeMap;

use sim_core::id::Id;
use sim_core::plan::{Action, ActionKind, MetadataChange, Placement, Plan};
use sim_core::record::Record;
use sim_core::simulation;
use sim_core::units::Time;

use crate::build::{ECS, machine, plan, service};

fn label(key: &str, value: &str) -> MetadataChange {
    MetadataChange { set: BTreeMap::from([(key.to_owned(), value.to_owned())]), removed: Vec::new() }
}

fn at(seconds: u64, what: ActionKind) -> Action {
    Action { at: Time::from_secs(seconds), what }
}

/// Nodes of the pods that live at an instant.
fn nodes_at(record: &Record, at: f64) -> Vec<&str> {
    let lives = |pod: &&sim_core::record::PodRow| pod.scheduled.is_some_and(|t| t <= at) && pod.ended.is_none_or(|t| t > at);
    record.pods.iter().filter(lives).map(|pod| pod.node.as_str()).collect()
}

/// Two machines, the first of which is what the pods select.
fn two_pools() -> Plan {
    let mut plan = plan(100, 20.0);
    plan.nodes = ["a", "b"].map(|name| machine(name, ECS, 4000)).into_iter().collect();
    plan.nodes.values_mut().next().unwrap().labels = label("pool", "base").set;
    let mut web = service(2, 1000, Placement::Scheduler);
    web.template.node_selector = label("pool", "base").set;
    plan.services.push(web);
    plan
}

#[test]
fn a_relabelled_node_keeps_its_pods_and_gets_no_new_ones() {
    let mut plan = two_pools();
    plan.actions = vec![
        at(10, ActionKind::LabelNode { node: Id::new(0), change: MetadataChange { set: BTreeMap::new(), removed: vec!["pool".into()] } }),
        at(20, ActionKind::Scale { service: Id::new(0), replicas: 3 }),
        at(30, ActionKind::LabelNode { node: Id::new(1), change: label("pool", "base") }),
    ];
    let record = simulation::run(&plan, 1, |_| {});
    assert_eq!(nodes_at(&record, 15.0), ["a", "a"]);
    assert_eq!(nodes_at(&record, 25.0), ["a", "a"], "no node has the label any more");
    assert_eq!(nodes_at(&record, 35.0), ["a", "a", "b"]);
    let changes: Vec<_> = record.decisions.iter().filter(|row| row.controller == "kubectl" && row.action == "label").map(|row| row.object.as_str()).collect();
    assert_eq!(changes, ["pool-", "pool=base"]);
}

#[test]
fn a_deleted_pod_is_replaced() {
    let mut plan = two_pools();
    plan.actions = vec![at(10, ActionKind::DeletePods { service: Id::new(0), tier: Some(Id::new(ECS)), node: Some(Id::new(0)), count: 1 })];
    let record = simulation::run(&plan, 1, |_| {});
    let lives: Vec<_> = record.pods.iter().map(|pod| (pod.created, pod.ended, pod.reason.as_str())).collect();
    assert_eq!(lives, [(0.0, Some(10.0), "deleted"), (0.0, None, ""), (10.0, None, "")]);
    assert_eq!(record.summary.workloads["web"].replicas.steps, [(0.0, 2)], "nobody scaled");
}
