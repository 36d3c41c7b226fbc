//! What must hold in every run: conservation, determinism, bounds.

use sim_core::plan::{Curve, Plan, Requests, Traffic};
use sim_core::random::Distribution;
use sim_core::record::Record;
use sim_core::simulation;
use sim_core::units::{Money, Span, Time};

use crate::build::{ECI, ECS, cpu_hpa, machine, plan, prefer, service};

/// A flash crowd on four ECS pods that may grow to forty.
fn flash_crowd(delay: f64) -> Plan {
    let mut plan = plan(600, delay);
    plan.nodes.push(machine("ecs", ECS, 4000));
    let mut web = service(4, 1000, prefer(&[(ECS, None), (ECI, None)]));
    web.hpa = Some(cpu_hpa(4, 40, 60));
    web.traffic = Traffic::Requests(Requests {
        rate: Curve::through(&[
            (Time::ZERO, 100.0),
            (Time::from_secs(100), 100.0),
            (Time::from_secs(105), 900.0),
            (Time::from_secs(300), 900.0),
            (Time::from_secs(400), 100.0),
        ]),
        cpu_per_worker: 500.0,
        queue_limit: Some(60),
        timeout: Some(Span::from_secs(5)),
        ..Requests::new(Distribution::Exponential { mean: 0.05 }, 2)
    });
    plan.services.push(web);
    plan
}

fn run(plan: &Plan, seed: u64) -> Record {
    simulation::run(plan, seed, |_| {})
}

#[test]
fn requests_money_and_replicas_are_conserved() {
    let record = run(&flash_crowd(30.0), 1);
    let requests = record.summary.requests;
    assert_eq!(requests.offered, requests.completed + requests.timed_out + requests.rejected + requests.failed + requests.in_flight);
    assert!(requests.timed_out + requests.rejected > 0, "the crowd must hurt");
    let rows: u64 = record.workload_series.iter().map(|row| row.offered).sum();
    assert_eq!(rows, requests.offered);
    let cost = &record.summary.cost;
    assert_eq!(cost.total, cost.lines.iter().map(|line| line.amount).sum::<Money>());
    assert_eq!(cost.total, cost.by_workload.values().copied().sum::<Money>() + cost.idle);
    let at_end: Money = record.tier_series.iter().rev().take(3).map(|row| row.cost).sum();
    assert_eq!(cost.total, at_end);
    assert!(record.summary.workloads["web"].replicas.steps.iter().all(|step| (4..=40).contains(&step.1)));
}

#[test]
fn one_seed_gives_one_digest_and_another_seed_another() {
    let plan = flash_crowd(30.0);
    let digest = |seed| run(&plan, seed).summary.digest;
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

#[test]
fn slower_starts_give_more_errors_and_a_higher_tail() {
    let outcomes: Vec<(u64, f64)> = [5.0, 30.0, 60.0, 120.0]
        .map(|delay| {
            let summary = run(&flash_crowd(delay), 1).summary;
            (summary.requests.timed_out + summary.requests.rejected, summary.latency_ms.p99)
        })
        .to_vec();
    assert!(outcomes.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1), "{outcomes:?}");
}

#[test]
fn nobody_measures_more_cpu_than_the_limit() {
    let mut plan = flash_crowd(30.0);
    for web in plan.services.values_mut() {
        web.template.cpu_limit = Some(sim_core::units::MilliCpu(700));
    }
    let record = run(&plan, 1);
    assert!(record.workload_series.iter().all(|row| row.cpu_used_cores <= 0.7 * 40.0));
    // 70 % of the request is measured at most, which calls for 7/6 of the pods at a time.
    assert!(record.summary.workloads["web"].cpu_utilization.max <= 0.7 + 1e-9);
}

#[test]
fn all_prices_of_a_tier_scale_its_cost() {
    let base = run(&flash_crowd(30.0), 1).summary.cost;
    let mut dearer = flash_crowd(30.0);
    for provider in dearer.providers.values_mut() {
        provider.price.vcpu = provider.price.vcpu.scaled(3, 1);
        provider.price.gib = provider.price.gib.scaled(3, 1);
    }
    let cost = run(&dearer, 1).summary.cost;
    let tripled = base.by_tier["eci"].as_pico() * 3;
    assert!((cost.by_tier["eci"].as_pico() - tripled).abs() <= 3);
    assert_eq!(cost.by_tier["ecs"], base.by_tier["ecs"]);
}

#[test]
fn an_unrelated_service_leaves_the_draws_of_others_alone() {
    let alone = run(&flash_crowd(30.0), 1).summary.workloads["web"].requests;
    let mut plan = flash_crowd(30.0);
    let mut other = plan.services.values().next().unwrap().clone();
    other.name = "other".into();
    other.template.placement = prefer(&[(ECI, None)]);
    plan.services.push(other);
    let both = run(&plan, 1).summary;
    assert_eq!(both.workloads["web"].requests.offered, alone.offered);
    assert_ne!(both.workloads["other"].requests.offered, alone.offered);
}
