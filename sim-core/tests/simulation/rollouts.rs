//! Deployments: rolling updates and drains as a whole.

use sim_core::controllers::deployment::Strategy;
use sim_core::id::Id;
use sim_core::plan::{Action, ActionKind, Curve, Placement, Plan, RolloutRules, Variant};
use sim_core::record::Record;
use sim_core::simulation;
use sim_core::units::{IntOrPercent, MilliCpu, Time};

use crate::build::{ECS, cpu_hpa, demand, machine, plan, secs, service};

fn at(seconds: u64, what: ActionKind) -> Action {
    Action { at: Time::from_secs(seconds), what }
}

/// Instants at which something about the pods changes, with pods that are old, new, and ready, terminating ones not counted. `web-0` to `web-9` are old.
fn waves(record: &Record, old: usize) -> Vec<(f64, usize, usize, usize)> {
    let mut times: Vec<f64> = record.pods.iter().flat_map(|pod| [Some(pod.created), pod.ready, pod.terminating, pod.ended]).flatten().collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let lives = |t: f64, pod: &sim_core::record::PodRow| pod.created <= t && pod.terminating.or(pod.ended).is_none_or(|end| t < end);
    let count = |t: f64| {
        let is_old = |pod: &sim_core::record::PodRow| pod.pod[4..].parse::<usize>().unwrap() < old;
        let old = record.pods.iter().filter(|pod| lives(t, pod) && is_old(pod)).count();
        let new = record.pods.iter().filter(|pod| lives(t, pod) && !is_old(pod)).count();
        let ready = record.pods.iter().filter(|pod| lives(t, pod) && pod.ready.is_some_and(|ready| ready <= t)).count();
        (t, old, new, ready)
    };
    times.into_iter().map(count).collect()
}

/// Ten replicas on a virtual node whose instances take 30 s, and a new revision at 100 s.
fn ten(strategy: Strategy) -> Plan {
    let mut plan = plan(600, 30.0);
    let mut web = service(10, 1000, Placement::Scheduler);
    web.rollout.strategy = strategy;
    web.revisions = vec![1];
    let mut template = web.template.clone();
    template.requests.cpu = MilliCpu(2000);
    plan.services.push(web);
    plan.variants = vec![Variant { workload: 0, form: None, template }];
    plan.actions = vec![at(100, ActionKind::RollOut { service: Id::new(0), revision: 1 })];
    plan
}

#[test]
fn ten_replicas_roll_over_in_waves_of_five() {
    let record = simulation::run(&ten(Strategy::default()), 1, |_| {});
    // At most 13, at least 8 available: 8 old and 5 new; then 3 old and 10 new; then 10 new.
    assert_eq!(waves(&record, 10), [(0.0, 10, 0, 10), (100.0, 8, 5, 8), (130.0, 3, 10, 8), (160.0, 0, 10, 10)]);
    let web = &record.summary.workloads["web"];
    assert_eq!(web.rollouts.len(), 1);
    let rollout = &web.rollouts[0];
    assert_eq!((rollout.revision, rollout.started_s, rollout.completed_s, rollout.stuck), (2, 100.0, Some(160.0), false));
    assert_eq!((rollout.least_available, rollout.most_pods), (8, 13));
    // New pods are twice as large.
    assert_eq!(record.pods.iter().map(|pod| pod.spec.as_str()).filter(|spec| *spec == "2 vCPU 1 GiB").count(), 10);
    let steps: Vec<(&str, &str)> = record
        .decisions
        .iter()
        .filter(|row| row.controller == "deployment" && row.action == "scaled")
        .map(|row| (row.subject.as_str(), row.object.as_str()))
        .collect();
    let (old, new) = ("web revision 1", "web revision 2");
    assert_eq!(steps, [(new, "0 -> 3"), (old, "10 -> 8"), (new, "3 -> 5"), (old, "8 -> 3"), (new, "5 -> 10"), (old, "3 -> 0")]);
}

#[test]
fn pods_count_as_available_only_after_their_minimum() {
    let mut plan = ten(Strategy::default());
    plan.services.values_mut().for_each(|web| web.rollout.min_ready = secs(20));
    let record = simulation::run(&plan, 1, |_| {});
    assert_eq!(waves(&record, 10)[1..], [(100.0, 8, 5, 8), (130.0, 8, 5, 13), (150.0, 3, 10, 8), (180.0, 3, 10, 13), (200.0, 0, 10, 10)]);
}

#[test]
fn recreate_leaves_nobody_for_a_while() {
    let record = simulation::run(&ten(Strategy::Recreate), 1, |_| {});
    assert_eq!(waves(&record, 10)[1..], [(100.0, 0, 10, 0), (130.0, 0, 10, 10)]);
}

#[test]
fn one_at_a_time_without_surge() {
    let record = simulation::run(&ten(Strategy::RollingUpdate { max_surge: IntOrPercent::Int(0), max_unavailable: IntOrPercent::Int(1) }), 1, |_| {});
    let web = &record.summary.workloads["web"].rollouts[0];
    assert_eq!((web.least_available, web.most_pods, web.completed_s), (9, 10, Some(400.0)), "ten times 30 s");
}

#[test]
fn a_rollout_without_room_is_stuck_and_leaves_the_old_pods() {
    let mut plan = ten(Strategy::RollingUpdate { max_surge: IntOrPercent::Int(1), max_unavailable: IntOrPercent::Int(0) });
    plan.nodes = [machine("a", ECS, 10_000)].into_iter().collect();
    plan.services.values_mut().for_each(|web| web.rollout = RolloutRules { progress_deadline: secs(60), ..web.rollout });
    let record = simulation::run(&plan, 1, |_| {});
    let web = &record.summary.workloads["web"].rollouts[0];
    assert_eq!((web.stuck, web.completed_s, web.least_available), (true, None, 10));
    assert!(record.decisions.iter().any(|row| row.t == 160.0 && row.action == "stuck" && row.reason == "ProgressDeadlineExceeded"));
}

#[test]
fn a_paused_rollout_is_scaled_in_proportion() {
    let mut plan = ten(Strategy::default());
    let service = Id::new(0);
    plan.actions.push(at(110, ActionKind::PauseRollout { service, paused: true }));
    plan.actions.push(at(200, ActionKind::Scale { service, replicas: 20 }));
    plan.actions.push(at(300, ActionKind::PauseRollout { service, paused: false }));
    let record = simulation::run(&plan, 1, |_| {});
    // 13 -> 25 in all: 8 x 25/13 = 15.4 and the rest, 5 x 25/13 = 9.6 -> 10.
    let waves = waves(&record, 10);
    assert!(waves.iter().any(|(t, _, new, ready)| (*t, *new, *ready) == (130.0, 5, 13)), "{waves:?}");
    let scaled: Vec<&str> = record.decisions.iter().filter(|row| row.t == 200.0 && row.controller == "deployment").map(|row| row.object.as_str()).collect();
    assert_eq!(scaled, ["8 -> 15", "5 -> 10"]);
    assert_eq!(record.summary.workloads["web"].rollouts[0].most_pods, 25);
    assert!(record.summary.workloads["web"].rollouts[0].completed_s.is_some());
}

#[test]
fn a_way_back_reuses_the_old_replicaset() {
    let mut plan = ten(Strategy::default());
    plan.actions.push(at(140, ActionKind::RollOut { service: Id::new(0), revision: 0 }));
    let record = simulation::run(&plan, 1, |_| {});
    let rollouts = &record.summary.workloads["web"].rollouts;
    assert_eq!(rollouts.iter().map(|rollout| (rollout.revision, rollout.completed_s.is_some())).collect::<Vec<_>>(), [(2, false), (1, true)]);
    let ends = |class: &str| record.pods.iter().filter(|pod| pod.spec == class && pod.ended.is_none()).count();
    assert_eq!((ends("1 vCPU 2 GiB"), ends("2 vCPU 1 GiB")), (10, 0));
}

#[test]
fn a_drained_node_is_emptied_and_taken_back() {
    let mut plan = plan(300, 20.0);
    plan.nodes = ["a", "b"].map(|name| machine(name, ECS, 4000)).into_iter().collect();
    plan.services.push(service(4, 1000, Placement::Scheduler));
    plan.actions = vec![
        at(100, ActionKind::Drain { node: Id::new(0) }),
        at(200, ActionKind::Cordon { node: Id::new(0), unschedulable: false }),
        at(210, ActionKind::Scale { service: Id::new(0), replicas: 6 }),
    ];
    let record = simulation::run(&plan, 1, |_| {});
    let on = |node: &str, t: f64| {
        record.pods.iter().filter(|pod| pod.node == node && pod.scheduled.is_some_and(|s| s <= t) && pod.ended.is_none_or(|end| t < end)).count()
    };
    assert_eq!(["a", "b"].map(|node| (on(node, 50.0), on(node, 150.0), on(node, 250.0))), [(2, 0, 2), (2, 4, 4)]);
    assert_eq!(record.pods.iter().filter(|pod| pod.reason == "drain").count(), 2);
}

#[test]
fn an_hpa_compares_with_the_replicas_that_are_wanted_not_with_the_pods_that_there_are() {
    let mut plan = ten(Strategy::RollingUpdate { max_surge: IntOrPercent::Percent(100), max_unavailable: IntOrPercent::Int(0) });
    plan.variants[0].template.requests.cpu = MilliCpu(1000);
    plan.services.values_mut().for_each(|web| {
        // Ten pods use just what the HPA wants; ten more start for 30 s, two syncs long.
        web.hpa = Some(cpu_hpa(2, 40, 60));
        web.traffic = demand(Curve::steps(&[(Time::ZERO, 6000.0)]), None);
    });
    let record = simulation::run(&plan, 1, |_| {});
    let web = &record.summary.workloads["web"];
    assert_eq!(web.rollouts[0].most_pods, 20);
    assert_eq!(web.replicas.steps, [(0.0, 10)]);
}
