//! Configuration of the default scheduler.

use std::collections::BTreeMap;

use sim_core::plan::{DefaultSpread, NodeSelectorTerm, Operator, Placement, Plan, Preferred, Requirement, ScoringStrategy, ShapePoint};
use sim_core::simulation;
use sim_core::units::Bytes;

use crate::build::{ECS, machine, plan, service};

/// Eight pods of one core and 2 GiB on four machines, as many as each node has at the end.
fn pods_by_node(configure: impl FnOnce(&mut Plan)) -> [u32; 4] {
    let mut plan = plan(60, 20.0);
    plan.nodes = ["n-0", "n-1", "n-2", "n-3"].map(|name| machine(name, ECS, 6000)).into_iter().collect();
    for (id, node) in plan.nodes.values_mut().enumerate() {
        let zone = if id < 3 { "a" } else { "b" };
        node.labels = [("topology.kubernetes.io/zone", zone), ("kubernetes.io/hostname", &node.name)].map(|(key, value)| (key.into(), value.into())).into();
    }
    let mut web = service(8, 1000, Placement::Scheduler);
    web.template.labels = BTreeMap::from([("app".to_owned(), "web".to_owned())]);
    web.template.requests.memory = Bytes::from_gib(2);
    web.template.scored.memory = Bytes::from_gib(2);
    plan.services.push(web);
    configure(&mut plan);
    let record = simulation::run(&plan, 1, |_| {});
    ["n-0", "n-1", "n-2", "n-3"].map(|name| record.pods.iter().filter(|pod| pod.node == name).count() as u32)
}

fn in_zone(zone: &str) -> NodeSelectorTerm {
    let requirement = Requirement { key: "topology.kubernetes.io/zone".into(), operator: Operator::In, values: vec![zone.into()] };
    NodeSelectorTerm { expressions: vec![requirement], fields: Vec::new() }
}

#[test]
fn the_default_prefers_empty_nodes() {
    assert_eq!(pods_by_node(|_| {}), [2; 4]);
}

#[test]
fn most_allocated_packs_one_node_after_the_other() {
    // Memory is plenty here, so that balance would speak for nodes with little of their CPU in use.
    let mut packed = pods_by_node(|plan| {
        plan.scheduler.strategy = ScoringStrategy::MostAllocated;
        plan.scheduler.balanced.clear();
    });
    packed.sort_unstable();
    assert_eq!(packed, [0, 0, 2, 6]);
}

#[test]
fn a_shape_can_ask_for_half_full_nodes() {
    let point = |utilization, score| ShapePoint { utilization, score };
    let shape = vec![point(0, 0), point(50, 10), point(51, 0)];
    // Of 6 cores 3 are half, and memory does not count.
    let mut halves = pods_by_node(|plan| {
        plan.scheduler.strategy = ScoringStrategy::RequestedToCapacityRatio(shape);
        plan.scheduler.scored.truncate(1);
        plan.scheduler.balanced.clear();
    });
    halves.sort_unstable();
    assert_eq!(halves, [0, 2, 3, 3]);
}

#[test]
fn system_defaults_even_out_zones() {
    let [a, b, c, d] = pods_by_node(|plan| plan.scheduler.default_spread = DefaultSpread::System);
    assert!(d > a.max(b).max(c), "the only node of zone b takes more than one of zone a: {:?}", [a, b, c, d]);
}

#[test]
fn affinity_is_added_to_every_pod() {
    assert_eq!(pods_by_node(|plan| plan.scheduler.added_affinity.required = Some(vec![in_zone("b")])), [0, 0, 0, 6]);
    let preferred = pods_by_node(|plan| plan.scheduler.added_affinity.preferred = vec![Preferred { weight: 1, term: in_zone("b") }]);
    assert_eq!(preferred[3], 6, "two do not fit and go elsewhere: {preferred:?}");
}
