//! Node pools: when they grow and shrink, and what must hold whatever they do.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sim_core::id::Id;
use sim_core::ledger::Kind;
use sim_core::plan::{
    Available, BackoffRules, Daemons, DisruptionBudget, InitialPods, LabelSelector, Node, NodeKind, NodePool, NodeScaling, Offer, Operator, Phase, Placement,
    Plan, PoolShrink, Requirement, ScalingMode, ShrinkRules, SpreadConstraint, WhenUnsatisfiable, ZonePolicy,
};
use sim_core::random::Distribution;
use sim_core::record::Record;
use sim_core::simulation;
use sim_core::units::{Bytes, IntOrPercent, MilliCpu, Resources, Span, Time, UnitPrice};

use crate::build::{ECS, IDC, machine, plan, prefer, secs, service};

/// A pool of machines with four cores each in these zones, up to `max` of them, none at the start.
pub(crate) fn add_pool(plan: &mut Plan, name: &str, zones: &[&str], max: u32) -> Id<NodePool> {
    let mut offers = Vec::new();
    for zone in zones {
        let first = plan.nodes.len();
        for number in 1..=max {
            let node = machine(&format!("{name}{zone}-{number}"), ECS, 4000);
            let labels = BTreeMap::from([("zone".to_owned(), (*zone).to_owned()), ("pool".to_owned(), name.to_owned())]);
            plan.nodes.push(Node { zone: (*zone).to_owned(), labels, ..node });
        }
        offers.push(Offer {
            kind: 0,
            zone: (*zone).to_owned(),
            places: first..plan.nodes.len(),
            stock: Vec::new(),
            spot: Vec::new(),
            full: UnitPrice::new("0.36".parse().unwrap(), secs(3600)),
        });
    }
    plan.pools.push(NodePool {
        name: name.into(),
        tier: Id::new(ECS),
        offers,
        zone_policy: ZonePolicy::Balance,
        min: 0,
        max,
        initial: 0,
        priority: 0,
        provisioning: Distribution::Constant(120.0),
        readiness: Distribution::Constant(0.0),
        failure_rate: 0.0,
        keeps_machines: false,
        spot: None,
        shrink: PoolShrink::default(),
        max_provision_time: secs(900),
    })
}

/// Pods of one core that come at the start of `duration` seconds, and one pool that is looked at every 60 s.
fn estate(duration: u64, pods: u32, max: u32) -> Plan {
    let mut plan = plan(duration, 20.0);
    plan.nodes = [].into_iter().collect();
    add_pool(&mut plan, "burst", &[""], max);
    plan.node_scaling = scan(60);
    let mut web = service(pods, 1000, Placement::Scheduler);
    web.initial = InitialPods::Created;
    plan.services.push(web);
    plan
}

fn scan(interval: u64) -> NodeScaling {
    let usual = NodeScaling::default();
    let shrink = ShrinkRules { delay_after_delete: secs(interval), ..usual.shrink };
    NodeScaling { mode: ScalingMode::Scan { interval: secs(interval), phase: Phase::Fixed(Span::ZERO) }, shrink, ..usual }
}

fn run(plan: &Plan) -> Record {
    let record = simulation::run(plan, 1, |_| {});
    assert_laws(plan, &record);
    record
}

fn pool_mut<'p>(plan: &'p mut Plan, name: &str) -> &'p mut NodePool {
    plan.pools.values_mut().find(|pool| pool.name == name).unwrap()
}

fn steps(record: &Record, pool: &str) -> Vec<(f64, u32)> {
    record.summary.pools[pool].nodes.steps.clone()
}

/// When machines were asked for, were ready and went.
fn machines(record: &Record) -> Vec<(f64, Option<f64>, Option<f64>)> {
    let at = |time: Option<Time>| time.map(Time::as_secs_f64);
    let machines = record.ledger.entries.iter().filter(|entry| entry.kind == Kind::Machine);
    machines.map(|entry| (at(entry.started).unwrap(), at(entry.ready), at(entry.stopped))).collect()
}

/// Seconds when a machine was started, ready and stopped.
type Machine = (f64, Option<f64>, f64);

/// What holds in every run: bounds, no pod on a node that is not there, machine time in the ledger as in the summary and in the steps.
fn assert_laws(plan: &Plan, record: &Record) {
    let end = plan.end().as_secs_f64();
    let mut rows: BTreeMap<&str, Vec<Machine>> = BTreeMap::new();
    for entry in record.ledger.entries.iter().filter(|entry| entry.kind == Kind::Machine) {
        let seconds = |time: Time| time.as_secs_f64();
        rows.entry(&entry.node).or_default().push((seconds(entry.started.unwrap()), entry.ready.map(seconds), entry.stopped.map_or(end, seconds)));
    }
    for pod in &record.pods {
        let (Some(from), None) = (pod.scheduled, Some(&pod.spec).filter(|spec| !spec.is_empty())) else { continue };
        let until = pod.ended.unwrap_or(end);
        let is_there = rows
            .get(pod.node.as_str())
            .is_some_and(|machines| machines.iter().any(|(_, ready, stopped)| ready.is_some_and(|ready| ready <= from) && until <= *stopped));
        assert!(is_there, "{} was on {} from {from} to {until}", pod.pod, pod.node);
    }
    for machines in rows.values() {
        assert!(machines.windows(2).all(|pair| pair[0].2 <= pair[1].0), "a place holds one machine at a time: {machines:?}");
    }
    for pool in plan.pools.values() {
        let summary = &record.summary.pools[&pool.name];
        assert!(summary.nodes.max <= pool.max && summary.nodes.min >= pool.min.min(pool.initial), "{}", pool.name);
        let places = pool.offers.iter().flat_map(Offer::nodes);
        let mut own: Vec<(f64, Option<f64>, f64)> = places.flat_map(|node| rows.get(plan.nodes[node].name.as_str()).into_iter().flatten().copied()).collect();
        let sum: f64 = own.iter().map(|(from, _, to)| to - from).sum();
        assert!((sum - summary.node_seconds).abs() < 1e-6, "{}: {sum} and {}", pool.name, summary.node_seconds);
        // No more machines at a time than the pool may have.
        own.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (from, _, _) in &own {
            assert!(own.iter().filter(|(other, _, to)| other <= from && from < to).count() as u32 <= pool.max, "{} at {from}", pool.name);
        }
    }
}

#[test]
fn a_pool_grows_at_the_next_scan_and_serves_after_the_provisioning_time() {
    // 10 pods of one core on nodes of four: three nodes, asked for at the scan at 60 s.
    let record = run(&estate(400, 10, 5));
    assert_eq!(steps(&record, "burst"), [(0.0, 0), (180.0, 3)]);
    assert_eq!(machines(&record), [(60.0, Some(180.0), None); 3]);
    let waits = &record.summary.workloads["web"].start_up;
    assert_eq!((waits.pending.mean, waits.provisioning.mean, waits.total.mean), (60.0, 120.0, 180.0));
    let grown: Vec<_> = record.decisions.iter().filter(|row| row.action == "grown").map(|row| (row.t, row.object.as_str(), row.reason.as_str())).collect();
    assert_eq!(grown, [(60.0, "0 -> 3", "10 pods found no node; 3 nodes would take 10")]);
}

#[test]
fn upcoming_nodes_are_counted() {
    let mut plan = estate(500, 4, 5);
    // Four more pods fit on the node that is on its way but for one.
    plan.services.values_mut().next().unwrap().scale_steps = vec![(Time::from_secs(130), 5)];
    let record = run(&plan);
    let asked: Vec<f64> = machines(&record).iter().map(|machine| machine.0).collect();
    assert_eq!(asked, [60.0, 180.0], "one node at 60 s, the fifth pod's at the next scan after it came");
    plan.services.values_mut().next().unwrap().replicas = 3;
    plan.services.values_mut().next().unwrap().scale_steps = vec![(Time::from_secs(130), 4)];
    assert_eq!(machines(&run(&plan)).len(), 1, "the fourth pod fits on what was asked for");
}

#[test]
fn empty_nodes_go_after_the_unneeded_time_and_together() {
    let mut plan = estate(2400, 10, 5);
    plan.services.values_mut().next().unwrap().scale_steps = vec![(Time::from_secs(300), 0)];
    let record = run(&plan);
    // Empty from 300 s on, seen at once, and gone 600 s later: 900 s.
    assert_eq!(machines(&record), [(60.0, Some(180.0), Some(900.0)); 3]);
    assert_eq!(record.summary.pools["burst"].released, 3);
    let item = &record.summary.cost.lines[0];
    assert_eq!(item.amount, "0.252".parse().unwrap(), "3 x 840 s at 0.36 an hour");
}

#[test]
fn nodes_below_the_threshold_are_drained_one_at_a_time() {
    let mut plan = estate(3600, 8, 5);
    // Two full nodes; two pods stay, one on each if the ReplicaSet so wishes.
    let web = plan.services.values_mut().next().unwrap();
    web.scale_steps = vec![(Time::from_secs(300), 2)];
    let record = run(&plan);
    let gone: Vec<f64> = machines(&record).iter().filter_map(|machine| machine.2).collect();
    assert_eq!(gone.len(), 1, "what is left fits on one node: {gone:?}");
    assert!(gone[0] >= 900.0);
    assert_eq!(record.summary.workloads["web"].replicas.r#final, 2);
    let last: Vec<&str> = record.pods.iter().filter(|pod| pod.ended.is_none()).map(|pod| pod.node.as_str()).collect();
    assert_eq!(last.len(), 2);
    assert_eq!(last[0], last[1], "both live on the node that stayed");
}

#[test]
fn a_pool_keeps_its_minimum_and_its_maximum() {
    let mut plan = estate(3000, 40, 3);
    (pool_mut(&mut plan, "burst").min, pool_mut(&mut plan, "burst").initial) = (1, 2);
    plan.services.values_mut().next().unwrap().scale_steps = vec![(Time::from_secs(600), 0)];
    let record = run(&plan);
    assert_eq!((record.summary.pools["burst"].nodes.max, record.summary.pools["burst"].nodes.r#final), (3, 1));
    assert!(record.decisions.iter().any(|row| row.action == "kept" && row.reason.contains("burst: at its maximum of 3")));
}

#[test]
fn without_stock_a_pool_is_left_alone_and_the_next_one_grows() {
    let mut plan = estate(1200, 10, 5);
    add_pool(&mut plan, "spare", &[""], 5);
    pool_mut(&mut plan, "burst").priority = 10;
    pool_mut(&mut plan, "burst").offers[0].stock = vec![(Time::ZERO, 1)];
    plan.node_scaling.expanders = vec![sim_core::plan::Expander::Priority];
    let record = run(&plan);
    assert_eq!(steps(&record, "burst"), [(0.0, 0), (180.0, 1)]);
    assert_eq!(steps(&record, "spare"), [(0.0, 0), (240.0, 2)], "the rest is seen at the next scan, and goes elsewhere");
    assert_eq!(record.summary.pools["burst"].lacking, 2);
    assert!(record.decisions.iter().any(|row| row.action == "backed-off" && row.t == 60.0 && row.subject == "burst"));
}

#[test]
fn a_machine_that_never_registers_is_given_up_after_fifteen_minutes() {
    let mut plan = estate(2400, 4, 5);
    pool_mut(&mut plan, "burst").failure_rate = 1.0;
    let record = run(&plan);
    // Asked for at 60 s, given up at 960 s, left alone until 1260 s, asked for again, given up at 2160 s.
    assert_eq!(machines(&record), [(60.0, None, Some(960.0)), (1260.0, None, Some(2160.0))]);
    assert_eq!(record.summary.pools["burst"].failed, 2);
    let slow = estate(900, 4, 5);
    assert!(run(&slow).summary.pools["burst"].failed == 0);
}

#[test]
fn backoff_doubles_up_to_its_maximum() {
    let mut plan = estate(7200, 4, 5);
    pool_mut(&mut plan, "burst").offers[0].stock = vec![(Time::ZERO, 0)];
    plan.node_scaling.backoff = BackoffRules { initial: secs(300), max: secs(1200), reset: secs(10_800) };
    let record = run(&plan);
    let failures: Vec<f64> = record.decisions.iter().filter(|row| row.action == "backed-off").map(|row| row.t).collect();
    assert_eq!(failures, [60.0, 360.0, 960.0, 2160.0, 3360.0, 4560.0, 5760.0, 6960.0]);
}

#[test]
fn instant_elasticity_asks_at_once_and_in_batches() {
    let mut plan = estate(400, 40, 20);
    plan.node_scaling.mode = ScalingMode::Events { reaction: secs(1), interval: secs(30), batch: 4 };
    pool_mut(&mut plan, "burst").provisioning = Distribution::Constant(45.0);
    let record = run(&plan);
    assert_eq!(steps(&record, "burst"), [(0.0, 0), (46.0, 10)]);
    let calls: Vec<&str> = record.decisions.iter().filter(|row| row.action == "grown").map(|row| row.object.as_str()).collect();
    assert_eq!(calls, ["0 -> 4", "4 -> 8", "8 -> 10"]);
}

#[test]
fn instant_elasticity_spreads_over_pools_by_what_the_provider_has() {
    let mut plan = estate(400, 40, 20);
    add_pool(&mut plan, "spare", &[""], 20);
    plan.node_scaling.mode = ScalingMode::Events { reaction: secs(1), interval: secs(30), batch: 180 };
    plan.node_scaling.expanders = vec![sim_core::plan::Expander::Priority];
    pool_mut(&mut plan, "burst").priority = 1;
    pool_mut(&mut plan, "burst").offers[0].stock = vec![(Time::ZERO, 3)];
    let record = run(&plan);
    assert_eq!((steps(&record, "burst"), steps(&record, "spare")), (vec![(0.0, 0), (121.0, 3)], vec![(0.0, 0), (121.0, 7)]));
    assert_eq!(record.summary.pools["burst"].lacking, 0, "nothing is asked for that is not there");
}

#[test]
fn daemon_sets_take_their_part_of_every_node() {
    let mut plan = estate(400, 10, 5);
    for node in plan.nodes.values_mut() {
        let NodeKind::Machine(machine) = &mut node.kind else { panic!("a machine") };
        let requests = Resources::new(MilliCpu(500), Bytes(0));
        machine.daemons = Daemons { pods: 2, requests, scored: requests };
    }
    let record = run(&plan);
    // 3.5 cores are left of four: three pods a node, four nodes.
    assert_eq!(steps(&record, "burst"), [(0.0, 0), (180.0, 4)]);
    assert_eq!(record.nodes.iter().map(|node| node.pods).sum::<u32>(), 10 + 4 * 2, "two pods of DaemonSets on each");
    let entry = record.ledger.entries.iter().find(|entry| entry.kind == Kind::Machine).unwrap();
    assert_eq!((entry.request_cpu_milli, entry.max_pods), (3500, 254));
}

#[test]
fn zones_are_filled_evenly_and_a_spread_constraint_knows_only_zones_with_nodes() {
    let mut plan = estate(600, 8, 1);
    plan.nodes = [].into_iter().collect();
    plan.pools = [].into_iter().collect();
    add_pool(&mut plan, "burst", &["a", "b"], 4);
    let web = plan.services.values_mut().next().unwrap();
    web.template.labels = BTreeMap::from([("app".to_owned(), "web".to_owned())]);
    web.template.spread = vec![SpreadConstraint {
        max_skew: 1,
        topology_key: "zone".into(),
        when_unsatisfiable: WhenUnsatisfiable::DoNotSchedule,
        selector: Some(LabelSelector { requirements: vec![Requirement { key: "app".into(), operator: Operator::In, values: vec!["web".into()] }] }),
        match_label_keys: Vec::new(),
        min_domains: None,
        node_affinity_policy: sim_core::plan::InclusionPolicy::Honor,
        node_taints_policy: sim_core::plan::InclusionPolicy::Ignore,
    }];
    let record = run(&plan);
    let mut by_zone = BTreeMap::<&str, u32>::new();
    record.pods.iter().filter(|pod| pod.ready.is_some()).for_each(|pod| *by_zone.entry(&pod.zone).or_default() += 1);
    assert_eq!(by_zone, BTreeMap::from([("a", 4), ("b", 4)]));
    assert_eq!(steps(&record, "burst").last(), Some(&(180.0, 2)));
}

#[test]
fn pods_of_a_tiered_preference_take_the_pool_when_it_has_nodes_and_instances_until_then() {
    let mut plan = plan(900, 20.0);
    add_pool(&mut plan, "burst", &[""], 5);
    plan.node_scaling = scan(60);
    let mut web = service(4, 1000, prefer(&[(ECS, None), (crate::build::ECI, None)]));
    web.initial = InitialPods::Created;
    plan.services.push(web);
    let record = run(&plan);
    // The virtual node takes them at once: nobody waits, so nothing grows.
    assert_eq!((record.summary.tiers["eci"].peak_pods, record.summary.pools["burst"].asked), (4, 0));
}

#[test]
fn budgets_hold_a_drain_back_until_it_is_given_up() {
    let mut plan = estate(3600, 8, 5);
    let web = plan.services.values_mut().next().unwrap();
    web.template.labels = BTreeMap::from([("app".to_owned(), "web".to_owned())]);
    web.scale_steps = vec![(Time::from_secs(300), 2)];
    let selector = LabelSelector { requirements: vec![Requirement { key: "app".into(), operator: Operator::In, values: vec!["web".into()] }] };
    plan.disruption_budgets =
        vec![DisruptionBudget { name: "all".into(), namespace: "default".into(), selector, bound: Available::AtLeast(IntOrPercent::Int(2)) }];
    let record = run(&plan);
    assert_eq!(record.summary.pools["burst"].released, 0, "no pod may be moved");
}

#[test]
fn prepaid_machines_leave_the_cluster_and_stay_on_the_bill() {
    let mut plan = estate(2400, 10, 5);
    pool_mut(&mut plan, "burst").keeps_machines = true;
    plan.services.values_mut().next().unwrap().scale_steps = vec![(Time::from_secs(300), 0)];
    let record = simulation::run(&plan, 1, |_| {});
    assert_eq!(record.summary.pools["burst"].nodes.r#final, 0);
    assert_eq!(machines(&record), [(60.0, Some(180.0), None); 3]);
}

#[test]
fn hundreds_of_nodes_come_and_go() {
    let mut plan = estate(3600, 2000, 600);
    plan.services.values_mut().next().unwrap().scale_steps = vec![(Time::from_secs(600), 0)];
    plan.node_scaling.shrink.parallelism = 1000;
    let record = run(&plan);
    assert_eq!((record.summary.pools["burst"].nodes.max, record.summary.pools["burst"].nodes.r#final), (500, 0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn whatever_the_load_nothing_is_lost(
        seed in 0u64..1000,
        replicas in prop::collection::vec(0u32..30, 1..6),
        (min, max) in (0u32..3, 3u32..9),
        (interval, provisioning) in (prop::sample::select(vec![10u64, 37, 60]), 5.0f64..400.0),
        (failure_rate, available) in (prop::sample::select(vec![0.0, 0.3]), 2u32..12),
        (keep, instantly, fixed) in (0u32..5, any::<bool>(), 0u32..3),
    ) {
        let mut plan = estate(5400, 6, max);
        add_pool(&mut plan, "spare", &["a", "b"], max);
        for place in 0..fixed {
            plan.nodes.push(machine(&format!("idc-{place}"), IDC, 3000));
        }
        plan.node_scaling = scan(interval);
        plan.node_scaling.balances_similar = seed % 2 == 0;
        if instantly {
            plan.node_scaling.mode = ScalingMode::Events { reaction: secs(1), interval: secs(interval), batch: 3 };
        }
        for pool in plan.pools.values_mut() {
            (pool.min, pool.initial) = (min, min);
            pool.failure_rate = failure_rate;
            pool.provisioning = Distribution::lognormal(provisioning, 0.5);
            pool.readiness = Distribution::Constant(7.0);
            pool.offers[0].stock = vec![(Time::ZERO, available), (Time::from_secs(1800), available / 2), (Time::from_secs(3000), available)];
            pool.shrink.unneeded_time = secs(120);
        }
        plan.node_scaling.shrink.delay_after_add = secs(60);
        let web = plan.services.values_mut().next().unwrap();
        web.template.labels = BTreeMap::from([("app".to_owned(), "web".to_owned())]);
        web.scale_steps = replicas.iter().enumerate().map(|(place, count)| (Time::from_secs(400 + 700 * place as u64), *count)).collect();
        let selector = LabelSelector { requirements: vec![Requirement { key: "app".into(), operator: Operator::In, values: vec!["web".into()] }] };
        plan.disruption_budgets =
            vec![DisruptionBudget { name: "some".into(), namespace: "default".into(), selector, bound: Available::AtLeast(IntOrPercent::Int(keep)) }];
        let record = simulation::run(&plan, seed, |_| {});
        assert_laws(&plan, &record);
        assert_budget(&record, keep);
        prop_assert_eq!(&record.summary.digest, &simulation::run(&plan, seed, |_| {}).summary.digest);
    }
}

/// Whenever an autoscaler of nodes evicts a ready pod, at least `keep` others stay ready.
fn assert_budget(record: &Record, keep: u32) {
    let evicted = record.pods.iter().filter(|pod| pod.reason == "node scale-in" && pod.ready.is_some());
    for at in evicted.filter_map(|pod| pod.terminating.or(pod.ended)) {
        let serves =
            |pod: &&sim_core::record::PodRow| pod.ready.is_some_and(|ready| ready <= at) && pod.terminating.or(pod.ended).is_none_or(|until| at < until);
        let left = record.pods.iter().filter(serves).count() as u32;
        assert!(left >= keep, "{left} ready pods at {at}, and {keep} have to be there");
    }
}
