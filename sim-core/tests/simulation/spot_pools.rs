//! Pools whose machines come from the spot market, and pools in whose zones something is broken.

use sim_core::id::Id;
use sim_core::ledger::Kind;
use sim_core::plan::{
    FailMode, Fault, FaultBegins, FaultKind, InitialPods, NodeKind, NodeScaling, Phase, Plan, Purchase, Repair, ScalingMode, ShrinkRules, SpotPrice, SpotTerms,
};
use sim_core::record::Record;
use sim_core::simulation;
use sim_core::units::{Span, Time, UnitPrice};

use crate::build::{ECS, plan, prefer, secs, service};
use crate::pools::add_pool;

fn hourly(price: &str) -> UnitPrice {
    UnitPrice::new(price.parse().unwrap(), secs(3600))
}

/// Eight pods of one core that come at the start, for two machines of four cores that cost 0.36 an hour; a look every 60 s, machines take 120 s.
fn estate(duration: u64, zones: &[&str]) -> Plan {
    let mut plan = plan(duration, 20.0);
    plan.nodes = [].into_iter().collect();
    add_pool(&mut plan, "burst", zones, 4);
    let shrink = ShrinkRules { enabled: false, ..ShrinkRules::default() };
    plan.node_scaling = NodeScaling { mode: ScalingMode::Scan { interval: secs(60), phase: Phase::Fixed(Span::ZERO) }, shrink, ..NodeScaling::default() };
    let mut web = service(8, 1000, prefer(&[(ECS, None)]));
    web.initial = InitialPods::Created;
    plan.services.push(web);
    plan
}

/// The pool buys for at most 0.18 an hour and is told 60 s before the end; the market asks for `shares` percent of 0.36 from each time on.
fn buy_on_the_market(plan: &mut Plan, protection: u64, shares: &[(u64, u32)]) {
    for node in plan.nodes.values_mut() {
        if let NodeKind::Machine(machine) = &mut node.kind {
            machine.price.purchase = Purchase::Spot;
        }
    }
    let pool = plan.pools.values_mut().next().unwrap();
    pool.spot = Some(SpotTerms { bid: Some(hourly("0.18")), protection: secs(protection), notice: secs(60), check: secs(60), reclaims_per_hour: 0.0 });
    for offer in &mut pool.offers {
        offer.spot = shares.iter().map(|(at, percent)| (Time::from_secs(*at), SpotPrice::Share(percent * 10_000))).collect();
    }
}

fn machines(record: &Record) -> Vec<(f64, Option<f64>, Option<f64>)> {
    let at = |time: Option<Time>| time.map(Time::as_secs_f64);
    let rows = record.ledger.entries.iter().filter(|entry| entry.kind == Kind::Machine);
    let mut rows: Vec<_> = rows.map(|entry| (at(entry.started).unwrap(), at(entry.ready), at(entry.stopped))).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows
}

fn run(plan: &Plan) -> Record {
    simulation::run(plan, 1, |_| {})
}

#[test]
fn a_market_above_the_bid_takes_machines_back_and_sells_none_until_it_falls() {
    let mut plan = estate(7200, &[""]);
    buy_on_the_market(&mut plan, 1800, &[(0, 30), (3000, 80), (5400, 40)]);
    let record = run(&plan);
    let rows = machines(&record);
    // Asked for at 60 s, safe until 1860 s, outbid from 3000 s on: told 60 s before and emptied at once. No other is to be had before 5400 s.
    assert_eq!(rows[..2], [(60.0, Some(180.0), Some(2940.0)); 2]);
    assert!(rows.len() == 4 && rows[2].0 >= 5400.0, "the market sells again: {rows:?}");
    assert!(record.summary.pools["burst"].lacking > 0);
    let told = record.decisions.iter().filter(|row| row.action == "SpotToBeReleased").count();
    assert_eq!(told, 2);
}

#[test]
fn a_spot_machine_pays_what_the_market_asks_after_its_protection() {
    let mut plan = estate(3660, &[""]);
    buy_on_the_market(&mut plan, 600, &[(0, 30), (1860, 50)]);
    let record = run(&plan);
    assert_eq!(machines(&record), [(60.0, Some(180.0), None); 2]);
    // 1800 s at 30 % of 0.36 an hour and 1800 s at 50 %, twice.
    assert_eq!(record.summary.cost.by_tier["ecs"].to_string(), "0.288");
}

#[test]
fn protection_keeps_the_price_and_the_machine() {
    let mut plan = estate(3540, &[""]);
    buy_on_the_market(&mut plan, 3600, &[(0, 30), (600, 90)]);
    let record = run(&plan);
    assert_eq!(machines(&record), [(60.0, Some(180.0), None); 2]);
    assert_eq!(record.summary.cost.by_tier["ecs"].to_string(), "0.2088");
}

#[test]
fn a_falling_stock_takes_the_oldest_machines_back() {
    let mut plan = estate(3600, &[""]);
    buy_on_the_market(&mut plan, 0, &[(0, 30)]);
    plan.pools.values_mut().next().unwrap().offers[0].stock = vec![(Time::ZERO, 4), (Time::from_secs(1200), 1)];
    let record = run(&plan);
    let rows = machines(&record);
    assert_eq!((rows[0].2, rows[1].2), (Some(1200.0), None), "told at 1200 s, and empty at once: {rows:?}");
    assert_eq!(rows.len(), 2, "there is no other one");
}

/// A fault of the zone `a` from 30 s on.
fn broken(lasts: u64, kind: FaultKind) -> Fault {
    Fault { target: "a".into(), begins: FaultBegins::At(Time::from_secs(30)), repair: Repair::After(secs(lasts)), kind }
}

#[test]
fn a_pool_does_not_buy_in_a_zone_that_is_out() {
    let mut plan = estate(900, &["a", "b"]);
    plan.faults.list.push(broken(600, FaultKind::Zone { zone: "a".into(), mode: FailMode::NodeLease }));
    let record = run(&plan);
    let zones: Vec<&str> = record.ledger.entries.iter().filter(|entry| entry.kind == Kind::Machine).map(|entry| entry.zone.as_str()).collect();
    assert_eq!(zones, ["b"; 2]);
}

#[test]
fn a_machine_that_nobody_hears_joins_when_the_partition_heals() {
    let mut plan = estate(1200, &["a"]);
    plan.faults.list.push(broken(570, FaultKind::Partition { zone: Some("a".into()), node: None, serves: true }));
    let record = run(&plan);
    assert_eq!(machines(&record), [(60.0, Some(600.0), None); 2]);
    assert!(record.pods.iter().all(|pod| pod.scheduled == Some(600.0)));
    // One that takes too long is given up.
    plan.pools.values_mut().next().unwrap().max_provision_time = secs(300);
    let record = run(&plan);
    assert_eq!(machines(&record)[..2], [(60.0, None, Some(360.0)); 2]);
}

#[test]
fn a_crash_concerns_the_machine_that_is_there() {
    let crash = || FaultKind::Node { node: Id::new(0), mode: FailMode::NodeLease };
    // Nothing is there at 30 s: the machine that comes to this place at 180 s is whole.
    let mut early = estate(900, &["a"]);
    early.faults.list.push(broken(800, crash()));
    let record = run(&early);
    assert!(record.pods.iter().all(|pod| pod.phase == "Ready" && pod.scheduled == Some(180.0)));
    assert_eq!(record.summary.faults[0].pods_hit, 0);
    // One that crashes is released as unready, and the next in its place is whole though the first was never repaired.
    let mut late = estate(7200, &["a"]);
    late.faults.list.push(Fault { begins: FaultBegins::At(Time::from_secs(300)), repair: Repair::Never, ..broken(1, crash()) });
    late.node_scaling.shrink.enabled = true;
    late.pools.values_mut().for_each(|pool| pool.max = 2);
    let record = run(&late);
    assert_eq!(record.summary.faults[0].pods_hit, 4);
    assert!(record.pods.iter().filter(|pod| pod.ended.is_none()).all(|pod| pod.phase == "Ready"), "{:?}", machines(&record));
}
