//! The HPA demonstration 22 -> 44 -> 83 -> 100: ten steps of CPU demand, a minute each, and 22 pods that fill the machines.

use sim_core::plan::{Curve, Plan};
use sim_core::record::Record;
use sim_core::simulation;
use sim_core::units::Time;

use crate::build::{ECI, ECS, cpu_hpa, demand, machine, plan, prefer, service};

/// `units` pod requests of demand a step, capped per pod at `cap` requests; requests are 250 milliCPU.
fn scenario(duration_s: u64, delay: f64, units: f64, cap: Option<f64>) -> Plan {
    let mut plan = plan(duration_s, delay);
    plan.nodes.push(machine("ecs", ECS, 22 * 250));
    let steps: Vec<(Time, f64)> =
        (0..10).map(|step| (Time::from_secs(60 * step), units * 250.0 * (step + 1) as f64)).chain([(Time::from_secs(600), 0.0)]).collect();
    let mut web = service(22, 250, prefer(&[(ECS, None), (ECI, None)]));
    web.hpa = Some(cpu_hpa(22, 100, 60));
    web.traffic = demand(Curve::steps(&steps), cap.map(|cap| (cap * 250.0) as u64));
    plan.services.push(web);
    plan
}

fn replicas(record: &Record) -> Vec<(f64, u32)> {
    record.summary.workloads["web"].replicas.steps.clone()
}

fn run(plan: &Plan) -> Record {
    simulation::run(plan, 1, |_| {})
}

#[test]
fn replicas_follow_the_recorded_steps_at_every_delay() {
    for delay in [20.0, 30.0, 45.0, 60.0] {
        let record = run(&scenario(590, delay, 49.5, None));
        assert_eq!(replicas(&record), [(0.0, 22), (15.0, 44), (30.0, 83), (75.0, 100)], "delay {delay}");
    }
}

#[test]
fn the_third_step_follows_the_demand_as_integer_percent_says() {
    for (units, third) in [(49.0, 82), (49.28, 83), (49.9, 83), (50.2, 84)] {
        assert_eq!(replicas(&run(&scenario(60, 30.0, units, None)))[2], (30.0, third), "{units} requests");
    }
}

#[test]
fn saturated_pods_hide_the_demand_above_their_limit() {
    for (cap, third) in [(2.25, 83), (2.0, 74), (2.2, 81)] {
        let record = run(&scenario(120, 30.0, 80.0, Some(cap)));
        assert_eq!(replicas(&record)[1..3], [(15.0, 44), (30.0, third)], "limit {cap}");
        assert!(record.summary.workloads["web"].cpu_unserved_core_s > 0.0);
    }
}

#[test]
fn scale_in_releases_the_virtual_node_first_and_the_bill_is_exact() {
    let record = run(&scenario(900, 30.0, 49.5, None));
    let steps = replicas(&record);
    assert_eq!(*steps.last().unwrap(), (900.0, 22));
    assert_eq!(record.summary.cost.by_tier["eci"].to_string(), "1.032613875");
    let eci = &record.summary.workloads["web"].pods["eci"];
    assert_eq!((eci.peak, eci.r#final, eci.pod_seconds), (78, 0, 67425.0));
    assert_eq!(record.summary.workloads["web"].pods["ecs"].r#final, 22);
}
