//! Pods of higher priority make others go.

use std::collections::BTreeMap;

use sim_core::plan::{Available, DisruptionBudget, LabelSelector, Operator, Placement, Plan, PreemptPolicy, PreferRules, Requirement, Service};
use sim_core::record::Record;
use sim_core::simulation;
use sim_core::units::{IntOrPercent, Time};

use crate::build::{ECI, ECS, machine, plan, prefer, service};

/// A service of one-core pods that are created at `at`.
fn app(name: &str, priority: i32, at: u64, replicas: u32, milli: u64) -> Service {
    let mut app = Service { name: name.to_owned(), ..service(0, milli, Placement::Scheduler) };
    app.template.labels = BTreeMap::from([("app".to_owned(), name.to_owned())]);
    app.template.priority = priority;
    app.scale_steps = vec![(Time::from_secs(at), replicas)];
    app
}

fn estate(cores: &[u64], services: Vec<Service>) -> Plan {
    let mut plan = plan(60, 20.0);
    plan.nodes = cores.iter().enumerate().map(|(i, cores)| machine(&format!("n-{i}"), ECS, cores * 1000)).collect();
    plan.services = services.into_iter().collect();
    plan
}

/// How many pods of a workload are ready at the end.
fn ready(record: &Record, workload: &str) -> usize {
    record.pods.iter().filter(|pod| pod.workload == workload && pod.phase == "Ready").count()
}

fn actions(record: &Record, action: &str) -> usize {
    record.decisions.iter().filter(|decision| decision.action == action).count()
}

#[test]
fn as_few_as_possible_go_and_are_replaced() {
    // Four small pods fill the node; one of two cores makes two of them go.
    let record = simulation::run(&estate(&[4], vec![app("low", 0, 1, 4, 1000), app("high", 10, 10, 1, 2000)]), 1, |_| {});
    assert_eq!((ready(&record, "low"), ready(&record, "high")), (2, 1));
    assert_eq!((actions(&record, "evicted"), actions(&record, "nominated")), (2, 1));
    let pending = &record.summary.pending[0];
    assert_eq!((pending.workload.as_str(), pending.pods), ("low", 2), "their controller wants them back");
    let nominated = record.decisions.iter().find(|decision| decision.action == "nominated").unwrap();
    assert_eq!(nominated.reason, "preempts 2 pods of a priority below 10");
}

#[test]
fn nobody_goes_for_an_equal_or_a_patient_pod() {
    let evicted = |high: Service| actions(&simulation::run(&estate(&[4], vec![app("low", 5, 1, 4, 1000), high]), 1, |_| {}), "evicted");
    assert_eq!(evicted(app("high", 5, 10, 1, 1000)), 0);
    let mut patient = app("high", 10, 10, 1, 1000);
    patient.template.preempts = false;
    assert_eq!(evicted(patient), 0);
    assert_eq!(evicted(app("high", 10, 10, 1, 5000)), 0, "it would not fit anyway");
    assert_eq!(evicted(app("high", 10, 10, 3, 1000)), 3, "one for each");
}

#[test]
fn the_least_important_victims_are_chosen() {
    // n-0 is full of priority 5, n-1 of priority 1: the latter has the lower highest victim although it loses two pods.
    let mut five = app("five", 5, 1, 1, 2000);
    five.template.node_selector = BTreeMap::from([("name".to_owned(), "n-0".to_owned())]);
    let mut one = app("one", 1, 1, 2, 1000);
    one.template.node_selector = BTreeMap::from([("name".to_owned(), "n-1".to_owned())]);
    let mut plan = estate(&[2, 2], vec![five, one, app("high", 10, 10, 1, 2000)]);
    for node in plan.nodes.values_mut() {
        node.labels = BTreeMap::from([("name".to_owned(), node.name.clone())]);
    }
    let record = simulation::run(&plan, 1, |_| {});
    assert_eq!((ready(&record, "five"), ready(&record, "one"), ready(&record, "high")), (1, 0, 1));
}

#[test]
fn budgets_are_kept_while_there_is_a_choice() {
    let guarded = |min_available| {
        let mut plan = estate(&[2, 2], vec![app("guarded", 1, 2, 2, 1000), app("free", 1, 1, 2, 1000), app("high", 10, 10, 1, 1000)]);
        plan.services.values_mut().take(2).zip(["n-0", "n-1"]).for_each(|(service, node)| {
            service.template.node_selector = BTreeMap::from([("name".to_owned(), node.to_owned())]);
        });
        for node in plan.nodes.values_mut() {
            node.labels = BTreeMap::from([("name".to_owned(), node.name.clone())]);
        }
        let is = Requirement { key: "app".to_owned(), operator: Operator::In, values: vec!["guarded".to_owned()] };
        plan.disruption_budgets.push(DisruptionBudget {
            name: "guard".to_owned(),
            namespace: "default".to_owned(),
            selector: LabelSelector { requirements: vec![is] },
            bound: Available::AtLeast(min_available),
        });
        let record = simulation::run(&plan, 1, |_| {});
        (ready(&record, "guarded"), ready(&record, "free"), ready(&record, "high"))
    };
    assert_eq!(guarded(IntOrPercent::Percent(100)), (2, 1, 1));
    assert_eq!(guarded(IntOrPercent::Int(0)), (1, 2, 1), "without it the younger ones go");
}

#[test]
fn who_preempts_competes_again() {
    // The room that was made at 10 s is taken at 10.5 s by a pod that is more important still, while the first one waits for its next attempt.
    let mut higher = app("higher", 20, 10, 1, 1000);
    higher.scale_steps = vec![(Time::from_nanos(10_500_000_000), 1)];
    let mut plan = estate(&[1], vec![app("low", 0, 1, 1, 1000), app("high", 10, 10, 1, 1000), higher]);
    plan.scheduler.queue.pops_backoff = false;
    let record = simulation::run(&plan, 1, |_| {});
    assert_eq!((ready(&record, "low"), ready(&record, "high"), ready(&record, "higher")), (0, 0, 1));
    assert_eq!((actions(&record, "nominated"), actions(&record, "evicted")), (1, 1));
}

#[test]
fn a_policy_says_whether_others_go_before_the_next_unit_is_tried() {
    // A pod of low priority fills the machine; the other one may go there, or to an instance.
    let of = |policy, has_instances: bool| {
        let mut high = app("high", 10, 10, 1, 1000);
        let units: &[(usize, Option<u32>)] = if has_instances { &[(ECS, None), (ECI, None)] } else { &[(ECS, None)] };
        let Placement::Prefer { policy: name, units, .. } = prefer(units) else { unreachable!("it prefers") };
        high.template.placement = Placement::Prefer { policy: name, units, rules: PreferRules { preempt: policy, ..PreferRules::default() } };
        let mut low = app("low", 0, 1, 1, 1000);
        low.template.placement = prefer(&[(ECS, None)]);
        let mut plan = estate(&[1], vec![low, high]);
        plan.nodes.push(crate::build::plan(60, 20.0).nodes.values().next().unwrap().clone());
        let record = simulation::run(&plan, 1, |_| {});
        let tier = record.pods.iter().find(|pod| pod.workload == "high").unwrap().tier.clone();
        (tier, actions(&record, "evicted"))
    };
    assert_eq!(of(PreemptPolicy::BeforeNextUnit, true), ("ecs".to_owned(), 1));
    assert_eq!(of(PreemptPolicy::AfterAllUnits, true), ("eci".to_owned(), 0));
    assert_eq!(of(PreemptPolicy::AfterAllUnits, false), ("ecs".to_owned(), 1), "no other unit is left");
}

#[test]
fn priority_comes_before_age_in_the_queue() {
    let mut plan = estate(&[2], vec![app("low", 0, 5, 3, 1000), app("high", 10, 5, 1, 1000)]);
    plan.scheduler.time_per_pod = sim_core::units::Span::from_secs(1);
    let record = simulation::run(&plan, 1, |_| {});
    let scheduled = |workload: &str| record.pods.iter().filter(|pod| pod.workload == workload).filter_map(|pod| pod.scheduled).collect::<Vec<_>>();
    assert_eq!((scheduled("high"), scheduled("low")), (vec![5.0], vec![6.0]), "one pod a second");
}

#[test]
fn until_1_32_a_pause_is_waited_out() {
    let first_after = |pops_backoff: bool| {
        let mut plan = estate(&[1], vec![app("web", 0, 10, 2, 1000)]);
        plan.services.values_mut().for_each(|service| service.scale_steps.push((Time::from_nanos(10_500_000_000), 1)));
        plan.services.push(app("next", 0, 10, 1, 1000));
        let web = plan.services.values_mut().next().unwrap();
        web.scale_steps.push((Time::from_nanos(10_600_000_000), 0));
        plan.scheduler.queue.pops_backoff = pops_backoff;
        let record = simulation::run(&plan, 1, |_| {});
        record.pods.iter().find(|pod| pod.workload == "next").unwrap().scheduled.unwrap()
    };
    assert_eq!((first_after(true), first_after(false)), (10.6, 11.0));
}

#[test]
fn a_sample_of_nodes_is_enough_in_large_clusters() {
    let mut plan = estate(&[], vec![app("web", 0, 1, 300, 1000)]);
    plan.nodes = (0..1000).map(|i| machine(&format!("n-{i}"), ECS, 64_000)).collect();
    plan.scheduler.percentage_of_nodes = 0;
    assert_eq!([99, 100, 1000, 5000, 20_000].map(|nodes| plan.scheduler.enough_of(nodes)), [None, Some(100), Some(420), Some(500), Some(1000)]);
    let record = simulation::run(&plan, 1, |_| {});
    // Every search goes on where the one before ended, so that all nodes have their turn.
    let used: std::collections::BTreeSet<&str> = record.pods.iter().map(|pod| pod.node.as_str()).collect();
    assert_eq!((record.pods.len(), used.len()), (300, 300));
}
