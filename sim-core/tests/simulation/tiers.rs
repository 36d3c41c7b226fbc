//! Scale-out in the order of the units, scale-in in reverse.

use sim_core::plan::{CreateLimit, Plan};
use sim_core::record::Record;
use sim_core::simulation;
use sim_core::units::{Span, Time};

use crate::build::{ECI, ECS, IDC, machine, plan, prefer, service};

fn bound(record: &Record, tier: &str, at: f64) -> usize {
    let lives_at = |pod: &&sim_core::record::PodRow| pod.tier == tier && pod.scheduled.is_some_and(|t| t <= at) && pod.ended.is_none_or(|t| t > at);
    record.pods.iter().filter(lives_at).count()
}

fn three_tiers(steps: &[u32]) -> Plan {
    let mut plan = plan(100 * steps.len() as u64, 20.0);
    plan.nodes.push(machine("idc", IDC, 2000));
    plan.nodes.push(machine("ecs", ECS, 3000));
    let mut web = service(0, 1000, prefer(&[(IDC, None), (ECS, None), (ECI, None)]));
    web.scale_steps = steps.iter().enumerate().map(|(i, n)| (Time::from_secs(100 * i as u64), *n)).collect();
    plan.services.push(web);
    plan
}

#[test]
fn three_tiers_fill_in_order_and_empty_in_reverse() {
    let counts = [1, 2, 3, 5, 6, 8, 6, 4, 2, 1];
    let record = simulation::run(&three_tiers(&counts), 1, |_| {});
    for (i, n) in counts.into_iter().enumerate() {
        let at = 100.0 * i as f64 + 50.0;
        let (idc, ecs) = (n.min(2), n.saturating_sub(2).min(3));
        let expected = [idc, ecs, n - idc - ecs].map(|n| n as usize);
        assert_eq!([bound(&record, "idc", at), bound(&record, "ecs", at), bound(&record, "eci", at)], expected, "{n} replicas");
    }
}

#[test]
fn a_unit_takes_no_more_than_its_maximum() {
    let mut plan = plan(600, 20.0);
    plan.nodes.push(machine("ecs", ECS, 100_000));
    let mut web = service(22, 1000, prefer(&[(ECS, Some(22)), (ECI, None)]));
    web.scale_steps = vec![(Time::from_secs(100), 30), (Time::from_secs(400), 22)];
    plan.services.push(web);
    let record = simulation::run(&plan, 1, |_| {});
    for (at, ecs, eci) in [(50.0, 22, 0), (200.0, 22, 8), (500.0, 22, 0)] {
        assert_eq!((bound(&record, "ecs", at), bound(&record, "eci", at)), (ecs, eci), "at {at}");
    }
}

#[test]
fn pods_that_fit_nowhere_stay_pending_with_the_reason() {
    let mut plan = plan(60, 20.0);
    plan.nodes = [machine("ecs", ECS, 2500)].into_iter().collect();
    plan.services.push(service(5, 1000, prefer(&[(ECS, None)])));
    let record = simulation::run(&plan, 1, |_| {});
    let pending = &record.summary.pending[0];
    assert_eq!((pending.pods, pending.reason.as_str()), (3, "0/1 nodes are available: 1 Insufficient cpu."));
    // They have waited until the end, and that shows.
    assert_eq!(record.summary.workloads["web"].pending_s.max, 60.0);
}

#[test]
fn the_creation_limit_spaces_instances_out() {
    let mut plan = plan(300, 20.0);
    let limit = CreateLimit::Smooth { calls: 60, per: Span::from_secs(60) };
    plan.providers.values_mut().for_each(|provider| provider.create_limit = limit);
    let mut web = service(0, 250, prefer(&[(ECI, None)]));
    web.scale_steps = vec![(Time::from_secs(10), 5)];
    plan.services.push(web);
    let record = simulation::run(&plan, 1, |_| {});
    let ready: Vec<f64> = record.pods.iter().map(|pod| pod.ready.unwrap()).collect();
    assert_eq!(ready, [31.0, 32.0, 33.0, 34.0, 35.0]);
    assert_eq!(record.summary.spikes[0].time_to_capacity_s, Some(25.0));
}
