//! A service that calls others can do no more than those: its capacity is theirs, and its breaches are charged to what holds them back.

use sim_core::id::Id;
use sim_core::plan::{Backend, Call, Callee, Curve, Objective, ObjectiveTarget, Plan, Requests, Retries, Traffic, Users};
use sim_core::random::Distribution;
use sim_core::record::Record;
use sim_core::units::{Span, Time};

use crate::attribution::{assert_charged, assert_whole, run, rush, stages};
use crate::build::{ECI, cpu_hpa, prefer, secs, service};

const GATEWAY: usize = 0;
const CATALOGUE: usize = 1;

fn call(to: Callee) -> Call {
    Call { to, probability: 1.0, timeout: None, retries: None, is_optional: false }
}

fn requests(plan: &mut Plan, place: usize) -> &mut Requests {
    let Traffic::Requests(requests) = &mut plan.services[Id::new(place)].traffic else { panic!("it serves requests") };
    requests
}

/// A quarter of the load of `rush` at a gateway with room for far more, which asks a catalogue that is scaled as the service was, with a quarter of its
/// workers, which asks a database for every second request. That can do as much as the load asks for in the rush, and a third more.
fn shop() -> Plan {
    let mut plan = rush();
    plan.duration = secs(900);
    let database = plan.backends.push(Backend { name: "database".into(), requests: Requests::new(Distribution::Exponential { mean: 0.01 }, 2) });
    let mut catalogue = plan.services[Id::new(GATEWAY)].clone();
    catalogue.name = "catalogue".into();
    let mut gateway = service(8, 1000, prefer(&[(ECI, None)]));
    gateway.name = "gateway".into();
    gateway.hpa = Some(cpu_hpa(8, 80, 60));
    let Traffic::Requests(of_catalogue) = &mut catalogue.traffic else { panic!("it serves requests") };
    let rate = Curve::steps(&[(Time::ZERO, 19.0), (Time::from_secs(300), 300.0)]);
    of_catalogue.rate = Curve::ZERO;
    (of_catalogue.concurrency, of_catalogue.cpu_per_worker, of_catalogue.queue_limit) = (1, 4000.0, Some(25));
    of_catalogue.timeout = None;
    of_catalogue.calls.steps = vec![vec![Call { probability: 0.5, ..call(Callee::Backend(database)) }]];
    let mut of_gateway = Requests { rate, timeout: Some(secs(5)), ..Requests::new(Distribution::Exponential { mean: 0.01 }, 16) };
    of_gateway.calls.steps = vec![vec![call(Callee::Service(Id::new(CATALOGUE)))]];
    gateway.traffic = Traffic::Requests(of_gateway);
    plan.services = [gateway, catalogue].into_iter().collect();
    plan.objectives[0].service = Some(Id::new(GATEWAY));
    plan
}

fn small_database(plan: &mut Plan) {
    plan.backends.values_mut().for_each(|database| database.requests.concurrency = 1);
}

fn late(plan: &mut Plan, quantile: f64) {
    plan.objectives[0].target = ObjectiveTarget::Latency { quantile, below: Span::from_millis(1500) };
}

/// Everything of a breach of at least `least` seconds lacked this service or backend.
fn assert_at(plan: &Plan, cause: &str, member: &str, least: f64) {
    let record = run(plan);
    let objective = &record.summary.objectives[0];
    let length = objective.attribution.values().sum::<f64>();
    assert_charged(&record, cause, least);
    assert!(objective.bottlenecks.get(member).is_some_and(|s| *s >= 0.9 * length), "{member}: {:?}", objective.bottlenecks);
}

#[test]
fn without_a_planted_cause_the_breach_is_short() {
    let record = run(&shop());
    let length = assert_whole(&record);
    assert!(length < 90.0, "{length} s: {:?} {:?}", record.summary.objectives[0].attribution, record.summary.objectives[0].bottlenecks);
}

#[test]
fn a_backend_at_its_capacity() {
    for workers_wait in [false, true] {
        for quantile in [None, Some(0.95)] {
            let mut plan = shop();
            small_database(&mut plan);
            if let Some(quantile) = quantile {
                late(&mut plan, quantile);
            }
            for place in [GATEWAY, CATALOGUE] {
                requests(&mut plan, place).calls.hold_worker = workers_wait;
            }
            assert_at(&plan, "backend", "database", 450.0);
        }
    }
}

#[test]
fn a_backend_at_its_capacity_and_clients_who_try_again() {
    let mut plan = shop();
    small_database(&mut plan);
    let gateway = requests(&mut plan, GATEWAY);
    gateway.timeout = Some(secs(2));
    gateway.retries = Some(Retries { attempts: 3, initial: secs(1), max: secs(4), jitter: 0.5, budget: None, anew: false });
    assert_at(&plan, "backend", "database", 450.0);
}

#[test]
fn a_backend_at_its_capacity_and_users_who_wait() {
    for workers_wait in [false, true] {
        let mut plan = shop();
        small_database(&mut plan);
        late(&mut plan, 0.9);
        for place in [GATEWAY, CATALOGUE] {
            requests(&mut plan, place).calls.hold_worker = workers_wait;
        }
        let gateway = requests(&mut plan, GATEWAY);
        gateway.rate = Curve::ZERO;
        gateway.users = Some(Users { count: vec![(Time::ZERO, 19), (Time::from_secs(300), 750)], think: Distribution::Exponential { mean: 1.0 } });
        assert_at(&plan, "backend", "database", 450.0);
    }
}

#[test]
fn a_callee_that_is_held_back() {
    let mut at_its_maximum = shop();
    at_its_maximum.services[Id::new(CATALOGUE)].hpa.as_mut().unwrap().max = 10;
    assert_at(&at_its_maximum, "max replicas", "catalogue", 500.0);
    let mut alone = shop();
    alone.services[Id::new(CATALOGUE)].hpa = None;
    assert_at(&alone, "no autoscaler", "catalogue", 500.0);
    let mut slow = shop();
    stages(&mut slow, 2.0, 500_000_000);
    assert_at(&slow, "image pull", "catalogue", 400.0);
}

#[test]
fn a_caller_that_is_held_back_itself() {
    let mut plan = shop();
    plan.services[Id::new(GATEWAY)].hpa = None;
    (requests(&mut plan, GATEWAY).service_time, requests(&mut plan, GATEWAY).concurrency) = (Distribution::Exponential { mean: 0.2 }, 4);
    assert_at(&plan, "no autoscaler", "gateway", 500.0);
}

#[test]
fn what_requests_can_do_without_is_blamed_for_nothing_else() {
    let mut plan = shop();
    small_database(&mut plan);
    requests(&mut plan, CATALOGUE).calls.steps[0][0].is_optional = true;
    requests(&mut plan, CATALOGUE).calls.steps[0][0].timeout = Some(Span::from_millis(300));
    plan.services[Id::new(CATALOGUE)].hpa.as_mut().unwrap().max = 10;
    assert_at(&plan, "max replicas", "catalogue", 500.0);
}

#[test]
fn an_objective_over_all_services_is_charged_to_the_slowest() {
    let mut plan = shop();
    small_database(&mut plan);
    let target = ObjectiveTarget::Latency { quantile: 0.99, below: Span::from_millis(1500) };
    plan.objectives = vec![Objective { name: "all".into(), service: None, target, attain: 0.99 }];
    assert_at(&plan, "backend", "database", 450.0);
}

fn capacity(record: &Record, workload: &str, t: f64) -> f64 {
    record.workload_series.iter().find(|row| row.workload == workload && row.t == t).unwrap().capacity_per_s
}

#[test]
fn capacity_is_that_of_the_whole_chain() {
    let mut plan = shop();
    small_database(&mut plan);
    let record = run(&plan);
    // The database answers 100 a second, and every second request asks it.
    for workload in ["gateway", "catalogue"] {
        assert!((capacity(&record, workload, 800.0) - 200.0).abs() < 1e-6, "{workload}: {}", capacity(&record, workload, 800.0));
    }
    // Before the rush the catalogue's workers are the limit. They do 0.1 s of work for each request; where they wait for the database, 5 ms more.
    let workers = |record: &Record| f64::from(record.workload_series.iter().find(|row| row.workload == "catalogue" && row.t == 60.0).unwrap().pods_ready);
    assert!((capacity(&record, "gateway", 60.0) - workers(&record) / 0.1).abs() < 1e-6);
    requests(&mut plan, CATALOGUE).calls.hold_worker = true;
    let held = run(&plan);
    assert!((capacity(&held, "gateway", 60.0) - workers(&held) / 0.105).abs() < 1e-6);
    // A database that answers as well without the call changes nothing.
    requests(&mut plan, CATALOGUE).calls.steps[0][0].is_optional = true;
    assert!(capacity(&run(&plan), "gateway", 800.0) > 200.0);
}
