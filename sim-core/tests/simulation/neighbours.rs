//! Pods that care about the pods around them: spread over zones, one pod a node, pods that want company.

use std::collections::BTreeMap;

use sim_core::plan::{
    InclusionPolicy, LabelSelector, Node, Operator, Placement, Plan, PodAffinityTerm, Requirement, Service, SpreadConstraint, WeightedTerm, WhenUnsatisfiable,
};
use sim_core::record::Record;
use sim_core::simulation;
use sim_core::units::Time;

use crate::build::{ECI, ECS, machine, plan, prefer, service};

const ZONE: &str = "topology.kubernetes.io/zone";
const HOSTNAME: &str = "kubernetes.io/hostname";

/// An estate of machines alone, each with its zone and CPU.
fn estate(machines: &[(&str, &str, u64)]) -> Plan {
    let mut plan = plan(600, 20.0);
    plan.nodes = machines.iter().map(|(name, zone, cpu)| in_zone(machine(name, ECS, *cpu), zone)).collect();
    plan
}

fn in_zone(node: Node, zone: &str) -> Node {
    let labels = [(ZONE, zone), (HOSTNAME, &node.name)].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    Node { labels, zone: zone.to_owned(), ..node }
}

/// A service whose pods carry the label `app` with its name and request one core.
fn app(name: &str, replicas: u32) -> Service {
    let mut service = Service { name: name.to_owned(), ..service(replicas, 1000, Placement::Scheduler) };
    service.template.labels = BTreeMap::from([("app".to_owned(), name.to_owned())]);
    service
}

fn pods_of(app: &str) -> LabelSelector {
    LabelSelector { requirements: vec![Requirement { key: "app".to_owned(), operator: Operator::In, values: vec![app.to_owned()] }] }
}

fn spread(topology_key: &str, when_unsatisfiable: WhenUnsatisfiable) -> SpreadConstraint {
    SpreadConstraint {
        max_skew: 1,
        topology_key: topology_key.to_owned(),
        when_unsatisfiable,
        selector: Some(pods_of("web")),
        match_label_keys: Vec::new(),
        min_domains: None,
        node_affinity_policy: InclusionPolicy::Honor,
        node_taints_policy: InclusionPolicy::Ignore,
    }
}

fn term(app: &str, topology_key: &str) -> PodAffinityTerm {
    PodAffinityTerm { selector: Some(pods_of(app)), topology_key: topology_key.to_owned(), namespaces: Vec::new(), namespace_selector: None }
}

fn run(plan: &Plan) -> Record {
    simulation::run(plan, 1, |_| {})
}

/// Pods of a workload by the value of `key` at an instant, those that finish their requests left out.
fn count<'r>(record: &'r Record, workload: &str, at: f64, key: impl Fn(&'r sim_core::record::PodRow) -> &'r str) -> BTreeMap<&'r str, u32> {
    let mut counts = BTreeMap::new();
    let is_there = |t: Option<f64>| t.is_some_and(|t| t <= at);
    for pod in record.pods.iter().filter(|pod| pod.workload == workload && is_there(pod.scheduled) && !is_there(pod.terminating) && !is_there(pod.ended)) {
        *counts.entry(key(pod)).or_default() += 1;
    }
    counts
}

#[test]
fn zones_fill_evenly_although_one_is_larger() {
    let mut plan = estate(&[("a-1", "a", 8000), ("a-2", "a", 8000), ("a-3", "a", 8000), ("b-1", "b", 8000)]);
    let mut web = app("web", 0);
    web.scale_steps = (1..=12).map(|n| (Time::from_secs(10 * u64::from(n)), n)).collect();
    web.template.spread = vec![spread(ZONE, WhenUnsatisfiable::DoNotSchedule)];
    plan.services.push(web);
    let record = run(&plan);
    for n in 2..=12 {
        let zones = count(&record, "web", f64::from(10 * n + 5), |pod| &pod.zone);
        assert_eq!((zones.values().sum::<u32>(), zones["a"].abs_diff(zones["b"])), (n, n % 2), "{zones:?}");
    }

    let unbound = {
        plan.services.values_mut().for_each(|service| service.template.spread.clear());
        run(&plan)
    };
    assert_eq!(count(&unbound, "web", 125.0, |pod| &pod.zone), [("a", 9), ("b", 3)].into(), "without the constraint free resources decide");
}

#[test]
fn a_full_zone_holds_the_others_back() {
    let mut plan = estate(&[("a-1", "a", 8000), ("b-1", "b", 2000), ("c-1", "c", 8000)]);
    let mut web = app("web", 20);
    web.template.spread = vec![spread(ZONE, WhenUnsatisfiable::DoNotSchedule)];
    plan.services.push(web);
    let record = run(&plan);
    assert_eq!(count(&record, "web", 300.0, |pod| &pod.zone), [("a", 3), ("b", 2), ("c", 3)].into());
    let pending = &record.summary.pending[0];
    let reason = "0/3 nodes are available: 1 Insufficient cpu, 2 didn't match pod topology spread constraints.";
    assert_eq!((pending.pods, pending.reason.as_str()), (12, reason));
}

#[test]
fn pods_on_their_way_out_no_longer_count() {
    let mut plan = estate(&[("a-1", "a", 64_000), ("b-1", "b", 64_000)]);
    let mut web = app("web", 20);
    web.scale_steps = vec![(Time::from_secs(100), 3), (Time::from_secs(101), 20)];
    web.template.spread = vec![spread(ZONE, WhenUnsatisfiable::DoNotSchedule)];
    plan.services.push(web);
    assert_eq!(count(&run(&plan), "web", 300.0, |pod| &pod.zone), [("a", 10), ("b", 10)].into());
}

#[test]
fn a_preference_for_an_even_spread_gives_way_when_a_zone_is_full() {
    let mut plan = estate(&[("a-1", "a", 8000), ("a-2", "a", 8000), ("b-1", "b", 4000)]);
    let mut web = app("web", 8);
    web.scale_steps = vec![(Time::from_secs(100), 14)];
    web.template.spread = vec![spread(ZONE, WhenUnsatisfiable::ScheduleAnyway)];
    plan.services.push(web);
    let record = run(&plan);
    assert_eq!(count(&record, "web", 50.0, |pod| &pod.zone), [("a", 4), ("b", 4)].into());
    assert_eq!(count(&record, "web", 150.0, |pod| &pod.zone), [("a", 10), ("b", 4)].into());
}

#[test]
fn anti_affinity_allows_one_pod_a_node() {
    let mut plan = estate(&[("n-1", "a", 64_000), ("n-2", "a", 4000), ("n-3", "b", 4000), ("cordoned", "b", 64_000)]);
    plan.nodes.values_mut().filter(|node| node.name == "cordoned").for_each(|node| node.unschedulable = true);
    let mut web = app("web", 5);
    web.scale_steps = vec![(Time::from_secs(100), 2), (Time::from_secs(200), 5)];
    web.template.pod_anti_affinity.required = vec![term("web", HOSTNAME)];
    plan.services.push(web);
    let record = run(&plan);
    for at in [50.0, 300.0] {
        assert_eq!(count(&record, "web", at, |pod| &pod.node), [("n-1", 1), ("n-2", 1), ("n-3", 1)].into());
    }
    assert_eq!(count(&record, "web", 150.0, |pod| &pod.node).len(), 2);
    let pending = &record.summary.pending[0];
    let reason = "0/4 nodes are available: 1 were unschedulable, 3 didn't match pod anti-affinity rules.";
    assert_eq!((pending.pods, pending.reason.as_str()), (2, reason));
}

#[test]
fn anti_affinity_works_both_ways() {
    let mut plan = estate(&[("n-1", "a", 4000), ("n-2", "a", 4000)]);
    let mut loner = app("loner", 1);
    loner.template.pod_anti_affinity.required = vec![term("web", HOSTNAME)];
    plan.services.push(loner);
    plan.services.push(app("web", 6));
    let record = run(&plan);
    let home = count(&record, "loner", 300.0, |pod| &pod.node);
    let web = count(&record, "web", 300.0, |pod| &pod.node);
    assert!(home.keys().all(|node| !web.contains_key(node)), "{home:?} {web:?}");
    assert_eq!(web.values().sum::<u32>(), 4);
    let reason = "0/2 nodes are available: 1 Insufficient cpu, 1 didn't satisfy existing pods anti-affinity rules.";
    assert_eq!(record.summary.pending[0].reason, reason);
}

#[test]
fn a_pod_follows_the_one_that_it_wants_to_be_near() {
    let mut plan = estate(&[("a-1", "a", 64_000), ("b-1", "b", 8000)]);
    // Before there is a database the cache has nowhere to go; as soon as one is bound, in the same cycle, it does.
    let mut cache = app("cache", 0);
    cache.scale_steps = vec![(Time::from_secs(50), 3)];
    cache.template.pod_affinity.required = vec![term("database", ZONE)];
    plan.services.push(cache);
    let mut database = app("database", 0);
    database.scale_steps = vec![(Time::from_secs(100), 1)];
    database.template.node_selector = BTreeMap::from([(ZONE.to_owned(), "b".to_owned())]);
    plan.services.push(database);
    let record = run(&plan);
    assert_eq!(count(&record, "cache", 300.0, |pod| &pod.node), [("b-1", 3)].into());
    let scheduled: Vec<Option<f64>> = record.pods.iter().filter(|pod| pod.workload == "cache").map(|pod| pod.scheduled).collect();
    assert_eq!(scheduled, [Some(100.0); 3]);
    let refusal = record.decisions.iter().find(|decision| decision.action == "refused").unwrap();
    assert_eq!(refusal.reason, "0/2 nodes are available: 2 didn't match pod affinity rules.");
}

#[test]
fn a_series_can_start_anywhere_and_then_stays_together() {
    let mut plan = estate(&[("a-1", "a", 8000), ("b-1", "b", 8000), ("c-1", "c", 8000)]);
    let mut web = app("web", 8);
    web.template.pod_affinity.required = vec![term("web", ZONE)];
    plan.services.push(web);
    let record = run(&plan);
    assert_eq!(count(&record, "web", 300.0, |pod| &pod.zone).into_values().collect::<Vec<_>>(), [8]);
}

#[test]
fn preferences_weigh_against_free_resources() {
    let mut plan = estate(&[("a-1", "a", 64_000), ("b-1", "b", 16_000)]);
    let mut database = app("database", 1);
    database.template.node_selector = BTreeMap::from([(ZONE.to_owned(), "b".to_owned())]);
    plan.services.push(database);
    let mut near = app("near", 1);
    near.template.pod_affinity.preferred = vec![WeightedTerm { weight: 1, term: term("database", ZONE) }];
    plan.services.push(near);
    let mut far = app("far", 1);
    far.template.pod_anti_affinity.preferred = vec![WeightedTerm { weight: 1, term: term("near", ZONE) }];
    plan.services.push(far);
    plan.services.push(app("indifferent", 1));
    let record = run(&plan);
    let zone = |workload| count(&record, workload, 300.0, |pod| &pod.zone).into_keys().collect::<Vec<_>>();
    assert_eq!([zone("near"), zone("far"), zone("indifferent")], [["b"], ["a"], ["a"]]);
}

#[test]
fn spread_holds_within_each_tier_of_a_preference() {
    let mut plan = estate(&[("a-1", "a", 3000), ("b-1", "b", 3000)]);
    let virtual_nodes = crate::build::plan(600, 20.0).nodes;
    for (zone, node) in ["a", "b"].into_iter().zip(virtual_nodes.values().cycle()) {
        let named = Node { name: format!("vk-{zone}"), ..node.clone() };
        plan.nodes.push(in_zone(named, zone));
    }
    let mut web = app("web", 12);
    web.template.placement = prefer(&[(ECS, None), (ECI, None)]);
    web.template.spread = vec![spread(ZONE, WhenUnsatisfiable::DoNotSchedule)];
    plan.services.push(web);
    let record = run(&plan);
    assert_eq!(count(&record, "web", 300.0, |pod| &pod.node), [("a-1", 3), ("b-1", 3), ("vk-a", 3), ("vk-b", 3)].into());
}

#[test]
fn one_seed_gives_one_digest() {
    let mut plan = estate(&[("a-1", "a", 8000), ("a-2", "a", 8000), ("b-1", "b", 8000)]);
    let mut web = app("web", 9);
    web.template.spread = vec![spread(ZONE, WhenUnsatisfiable::ScheduleAnyway), spread(HOSTNAME, WhenUnsatisfiable::ScheduleAnyway)];
    plan.services.push(web);
    assert_eq!(run(&plan).summary.digest, run(&plan).summary.digest);
}
