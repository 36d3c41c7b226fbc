//! What breaks, and what that does to pods, requests, metrics and meters.

use sim_core::id::Id;
use sim_core::plan::{
    Action, ActionKind, Fault, FaultBegins, FaultKind, Plan, PodsHit, Repair, Requests, Toleration, TolerationOperator, Traffic, UNREACHABLE,
};
use sim_core::random::Distribution;
use sim_core::record::Record;
use sim_core::simulation;
use sim_core::units::{Span, Time};

use crate::build::{ECI, ECS, machine, plan, prefer, service};

fn run(plan: &Plan) -> Record {
    simulation::run(plan, 1, |_| {})
}

fn at(seconds: u64, lasts: Option<u64>, kind: FaultKind) -> Fault {
    let repair = lasts.map_or(Repair::Never, |seconds| Repair::After(Span::from_secs(seconds)));
    Fault { target: "test".into(), begins: FaultBegins::At(Time::from_secs(seconds)), repair, kind }
}

/// Two machines with two pods each that answer requests, and instances behind them.
fn estate() -> Plan {
    let mut plan = plan(1800, 30.0);
    plan.nodes.push(machine("ecs-1", ECS, 2000));
    plan.nodes.push(machine("ecs-2", ECS, 2000));
    let mut web = service(4, 1000, prefer(&[(ECS, None), (ECI, None)]));
    web.traffic = Traffic::Requests(Requests { rate: sim_core::plan::Curve::steps(&[(Time::ZERO, 20.0)]), ..Requests::new(Distribution::Constant(0.05), 4) });
    plan.services.push(web);
    plan
}

fn crash(mode: sim_core::plan::FailMode) -> FaultKind {
    FaultKind::Node { node: Id::new(1), mode }
}

fn replaced_at(record: &Record) -> Vec<f64> {
    record.pods.iter().filter(|pod| pod.created > 0.0).map(|pod| pod.created).collect()
}

#[test]
fn a_crashed_machine_that_is_back_in_time_keeps_its_pods() {
    let mut plan = estate();
    plan.faults.list.push(at(600, Some(60), crash(sim_core::plan::FailMode::NodeLease)));
    let record = run(&plan);
    assert_eq!(record.pods.len(), 4);
    assert!(record.pods.iter().all(|pod| pod.phase == "Ready" && pod.stopped.is_none()));
    assert_eq!(record.summary.workloads["web"].restarts, 2);
    assert_eq!((record.summary.faults[0].pods_hit, record.summary.faults[0].pods_lost), (2, 0));
    let conditions: Vec<(f64, String)> =
        record.decisions.iter().filter(|row| row.controller == "node-lifecycle").map(|row| (row.t, row.action.to_string())).collect();
    assert_eq!(conditions, [(640.0, "NotReady".to_owned()), (660.0, "Ready".to_owned())]);
}

#[test]
fn tolerations_decide_when_pods_of_a_silent_node_go() {
    let cases = [(None, Some(940.0)), (Some(Some(30)), Some(670.0)), (Some(Some(0)), Some(640.0)), (Some(None), None)];
    for (own, expected) in cases {
        let mut plan = estate();
        plan.faults.list.push(at(600, None, crash(sim_core::plan::FailMode::NodeLease)));
        if let Some(seconds) = own {
            let toleration = Toleration { key: UNREACHABLE.into(), operator: TolerationOperator::Exists, value: String::new(), effect: None, seconds };
            plan.services.values_mut().for_each(|web| web.template.tolerations.push(toleration.clone()));
        }
        assert_eq!(replaced_at(&run(&plan)), expected.map_or(Vec::new(), |at| vec![at; 2]), "{own:?}");
    }
}

#[test]
fn a_machine_goes_on_costing_and_an_instance_does_not() {
    let mut plan = estate();
    plan.faults.list.push(at(600, None, crash(sim_core::plan::FailMode::Immediate)));
    let cost = run(&plan).summary.cost;
    // Two machines for half an hour at 0.36 an hour, and two instances of 1 vCPU and 2 GiB from 600 s on.
    assert_eq!(cost.by_tier["ecs"].to_string(), "0.36");
    assert_eq!(cost.by_tier["eci"].to_string(), "0.147024");
}

#[test]
fn pods_behind_a_partition_run_on_until_it_heals() {
    let mut plan = estate();
    let partition = FaultKind::Partition { zone: None, node: Some(Id::new(1)), serves: true };
    plan.faults.list.push(at(600, Some(600), partition));
    let record = run(&plan);
    assert_eq!(replaced_at(&record), [940.0; 2]);
    let gone: Vec<(Option<f64>, Option<f64>)> = record.pods.iter().filter(|pod| pod.ended.is_some()).map(|pod| (pod.terminating, pod.ended)).collect();
    assert_eq!(gone, [(Some(940.0), Some(1200.0)); 2]);
    // Nobody's requests were lost: the pods answered until they were taken out, and finished what they had.
    assert_eq!(record.summary.requests.failed, 0);
}

#[test]
fn requests_at_a_pod_that_stops_fail() {
    let mut plan = estate();
    plan.services.values_mut().for_each(|web| {
        web.traffic = Traffic::Requests(Requests { rate: sim_core::plan::Curve::steps(&[(Time::ZERO, 4.0)]), ..Requests::new(Distribution::Constant(2.0), 8) });
    });
    plan.faults.list.push(at(600, None, crash(sim_core::plan::FailMode::NodeLease)));
    let failed = run(&plan).summary.requests.failed;
    // About 4/s x 2 s are in flight, half of them there.
    assert!((1..=8).contains(&failed), "{failed}");
}

#[test]
fn probes_that_fail_take_pods_out_and_lose_nothing() {
    let mut plan = estate();
    plan.faults.list.push(at(600, Some(20), FaultKind::Readiness { service: Id::new(0), pods: PodsHit::Share(0.5) }));
    let record = run(&plan);
    assert_eq!((record.summary.faults[0].pods_hit, record.summary.requests.failed, record.pods.len()), (2, 0, 4));
    let ready: Vec<u32> = record.workload_series.iter().filter(|row| (600.0..=630.0).contains(&row.t)).map(|row| row.pods_ready).collect();
    assert_eq!(ready, [2, 4, 4]);
}

#[test]
fn a_pod_whose_probe_fails_gets_its_time_to_stop() {
    let mut plan = estate();
    plan.services.values_mut().for_each(|web| (web.pre_stop, web.termination_grace) = (Span::from_secs(20), Span::from_secs(30)));
    plan.faults.list.push(at(600, Some(200), FaultKind::Readiness { service: Id::new(0), pods: PodsHit::Share(0.5) }));
    plan.actions.push(Action { at: Time::from_secs(610), what: ActionKind::Scale { service: Id::new(0), replicas: 2 } });
    let record = run(&plan);
    let gone: Vec<(Option<f64>, Option<f64>)> = record.pods.iter().filter(|pod| pod.ended.is_some()).map(|pod| (pod.terminating, pod.ended)).collect();
    assert_eq!(gone, [(Some(610.0), Some(630.0)); 2], "those that are not ready go first, and their hooks run");
}

#[test]
fn calls_that_fail_are_made_again_after_longer_and_longer_pauses() {
    let mut plan = plan(600, 30.0);
    let mut web = service(1, 1000, prefer(&[(ECI, None)]));
    web.initial = sim_core::plan::InitialPods::Created;
    plan.services.push(web);
    let kind = FaultKind::Api { provider: Id::new(0), errors: 1.0, limit: None, backoff: sim_core::plan::Backoff::default() };
    plan.faults.list.push(at(0, Some(20), kind));
    let record = run(&plan);
    let failures: Vec<f64> = record.decisions.iter().filter(|row| row.action == "ServiceUnavailable").map(|row| row.t).collect();
    assert_eq!(failures, [0.0, 1.0, 3.0, 7.0, 15.0]);
    assert_eq!(record.pods[0].starting, Some(31.0));
}
