//! Breaches are charged to what held capacity back: one planted cause at a time, and nothing of the breach is lost.

use sim_core::autoscaling::hpa::{Behavior, PolicyKind, ScalingPolicy, ScalingRules};
use sim_core::id::Id;
use sim_core::plan::{
    CreateLimit, Curve, Image, NodeKind, Objective, ObjectiveTarget, Plan, PodSupply, Registry, Requests, Stages, StartUp, Stock, StockUnit, Traffic,
};
use sim_core::random::Distribution;
use sim_core::record::Record;
use sim_core::simulation;
use sim_core::units::{Bytes, Span, Time};

use crate::build::{ECI, ECS, cpu_hpa, machine, plan, prefer, secs, service};

/// Eight pods, and from the fifth minute on a load that needs thirty. Left alone, capacity follows within a minute.
pub(crate) fn rush() -> Plan {
    let mut plan = plan(1500, 1.0);
    plan.window = secs(5);
    plan.metrics.scrape_interval = secs(5);
    plan.metrics.window = secs(5);
    plan.metrics.staleness = secs(1500);
    plan.hpa.sync_period = secs(5);
    let mut web = service(8, 1000, prefer(&[(ECI, None)]));
    let policies = vec![ScalingPolicy { kind: PolicyKind::Pods, value: 100, period: secs(5) }];
    web.hpa = Some(cpu_hpa(8, 80, 60));
    grow(&mut web.hpa, ScalingRules { policies: Some(policies), ..ScalingRules::default() });
    web.traffic = Traffic::Requests(Requests {
        rate: Curve::steps(&[(Time::ZERO, 75.0), (Time::from_secs(300), 1200.0)]),
        cpu_per_worker: 1000.0,
        queue_limit: Some(100),
        timeout: Some(secs(5)),
        ..Requests::new(Distribution::Exponential { mean: 0.1 }, 4)
    });
    plan.services.push(web);
    let target = ObjectiveTarget::Errors { below: 0.01 };
    plan.objectives = vec![Objective { name: "web errors".into(), service: Some(Id::new(0)), target, attain: 0.99 }];
    plan
}

fn grow(hpa: &mut Option<sim_core::autoscaling::hpa::HpaSpec>, rules: ScalingRules) {
    hpa.as_mut().unwrap().behavior = Some(Behavior { scale_up: Some(rules), scale_down: None });
}

pub(crate) fn run(plan: &Plan) -> Record {
    simulation::run(plan, 1, |_| {})
}

/// The parts add up to every breach and to all of them; returns the length of all.
pub(crate) fn assert_whole(record: &Record) -> f64 {
    let nanos = |s: f64| (s * 1e9).round() as i128;
    let mut length = 0;
    for objective in &record.summary.objectives {
        let mut sum = 0;
        let by_member = |members: &std::collections::BTreeMap<String, f64>| members.values().map(|s| nanos(*s)).sum::<i128>();
        for breach in &objective.breaches {
            assert_eq!(by_member(&breach.bottlenecks), nanos(breach.to) - nanos(breach.from), "{breach:?}");
            assert_eq!(breach.attribution.values().map(|s| nanos(*s)).sum::<i128>(), nanos(breach.to) - nanos(breach.from), "{breach:?}");
            sum += nanos(breach.to) - nanos(breach.from);
        }
        assert_eq!(objective.attribution.values().map(|s| nanos(*s)).sum::<i128>(), sum);
        assert_eq!(by_member(&objective.bottlenecks), sum);
        length += sum;
    }
    length as f64 / 1e9
}

/// At least nine tenths of a breach of at least `least` seconds are charged to `cause`.
pub(crate) fn assert_charged(record: &Record, cause: &str, least: f64) {
    let length = assert_whole(record);
    let charged = &record.summary.objectives[0].attribution;
    assert!(length >= least, "{cause}: breached for {length} s only: {charged:?}");
    assert!(charged.get(cause).is_some_and(|s| *s >= 0.9 * length), "{cause} should have 90 % of {length} s: {charged:?}");
}

pub(crate) fn stages(plan: &mut Plan, sandbox: f64, image_bytes: u64) {
    let zero = Distribution::Constant(0.0);
    let stages = Stages { scheduling: zero.clone(), sandbox: Distribution::Constant(sandbox), cached: zero.clone(), load_balancer: zero };
    plan.nodes.values_mut().for_each(|node| {
        if let NodeKind::Virtual(node) = &mut node.kind {
            node.start_up = StartUp::Stages(Box::new(stages.clone()));
        }
    });
    let registry = plan.supply.registries.push(Registry { name: "acr".into(), bandwidth: None, per_pull: Some(1e6) });
    let image = Image { registry, key: 0, size: Bytes(image_bytes), cached: 0.0 };
    plan.services.values_mut().for_each(|service| service.template.supply = PodSupply { image: Some(image.clone()), ..PodSupply::default() });
}

#[test]
fn without_a_planted_cause_the_breach_is_short() {
    let record = run(&rush());
    let length = assert_whole(&record);
    assert!(length < 60.0, "{length} s: {:?}", record.summary.objectives[0].attribution);
}

#[test]
fn slow_images() {
    let mut plan = rush();
    stages(&mut plan, 2.0, 500_000_000);
    assert_charged(&run(&plan), "image pull", 400.0);
}

#[test]
fn slow_starts() {
    let mut plan = rush();
    stages(&mut plan, 500.0, 1_000_000);
    assert_charged(&run(&plan), "start-up", 400.0);
    let mut whole = rush();
    whole.nodes.values_mut().for_each(|node| {
        if let NodeKind::Virtual(node) = &mut node.kind {
            node.start_up = Distribution::Constant(500.0).into();
        }
    });
    assert_charged(&run(&whole), "start-up", 400.0);
}

#[test]
fn no_stock() {
    let mut plan = rush();
    let levels = vec![(Time::ZERO, Some(8)), (Time::from_secs(900), None)];
    plan.providers.values_mut().for_each(|provider| {
        provider.supply.stock = vec![Stock { zone: None, of: None, market: None, unit: StockUnit::Instances, levels: levels.clone() }];
        provider.supply.retry = secs(10);
    });
    assert_charged(&run(&plan), "stock", 400.0);
}

#[test]
fn too_low_a_maximum() {
    let mut plan = rush();
    plan.services.values_mut().for_each(|service| service.hpa.as_mut().unwrap().max = 10);
    assert_charged(&run(&plan), "max replicas", 1000.0);
}

#[test]
fn stale_metrics() {
    let mut plan = rush();
    plan.metrics.delay = secs(400);
    assert_charged(&run(&plan), "metric staleness", 350.0);
}

#[test]
fn rare_looks() {
    let mut plan = rush();
    plan.hpa.sync_period = secs(290);
    assert_charged(&run(&plan), "sync wait", 200.0);
}

#[test]
fn a_creation_limit() {
    let mut plan = rush();
    plan.providers.values_mut().for_each(|provider| provider.create_limit = CreateLimit::Smooth { calls: 1, per: secs(30) });
    assert_charged(&run(&plan), "creation limit", 400.0);
}

#[test]
fn a_stabilisation_window() {
    let mut plan = rush();
    let rules = ScalingRules { stabilization_window: Some(secs(500)), ..ScalingRules::default() };
    plan.services.values_mut().for_each(|service| grow(&mut service.hpa, rules.clone()));
    assert_charged(&run(&plan), "stabilisation", 400.0);
}

#[test]
fn a_slow_policy() {
    let mut plan = rush();
    let policies = vec![ScalingPolicy { kind: PolicyKind::Pods, value: 1, period: secs(30) }];
    plan.services.values_mut().for_each(|service| grow(&mut service.hpa, ScalingRules { policies: Some(policies.clone()), ..ScalingRules::default() }));
    assert_charged(&run(&plan), "policy limit", 400.0);
}

#[test]
fn no_room() {
    let mut plan = rush();
    plan.nodes.push(machine("ecs", ECS, 8000));
    plan.services.values_mut().for_each(|service| service.template.placement = prefer(&[(ECS, None)]));
    assert_charged(&run(&plan), "pending for capacity", 1000.0);
}

#[test]
fn slow_machines() {
    let mut plan = rush();
    plan.nodes.push(machine("ecs", ECS, 8000));
    let pool = crate::pools::add_pool(&mut plan, "burst", &[""], 30);
    plan.pools[pool].provisioning = Distribution::Constant(450.0);
    plan.services.values_mut().for_each(|service| service.template.placement = prefer(&[(ECS, None)]));
    assert_charged(&run(&plan), "node provisioning", 400.0);
}

#[test]
fn nobody_who_scales() {
    let mut plan = rush();
    plan.services.values_mut().for_each(|service| service.hpa = None);
    assert_charged(&run(&plan), "no autoscaler", 1000.0);
}

#[test]
fn an_objective_over_all_services_and_latency_add_up_too() {
    let mut plan = rush();
    stages(&mut plan, 40.0, 60_000_000);
    let below = Span::from_millis(500);
    for service in [None, Some(Id::new(0))] {
        let target = ObjectiveTarget::Latency { quantile: 0.99, below };
        plan.objectives.push(Objective { name: "p99".into(), service, target, attain: 0.99 });
    }
    let record = run(&plan);
    assert!(assert_whole(&record) > 100.0);
    let [_, all, web] = record.summary.objectives.as_slice() else { panic!("three objectives") };
    assert_eq!(all.attribution, web.attribution, "there is one service");
}
