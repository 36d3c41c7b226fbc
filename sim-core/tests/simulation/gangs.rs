//! Gangs against cases worked by hand, and against what can never be.

use sim_core::controllers::job::JobRules;
use sim_core::id::Table;
use sim_core::plan::{Action, ActionKind, Concurrency, Gang, Job, JobArrivals, JobStep, Placement, Plan};
use sim_core::random::Distribution;
use sim_core::record::Record;
use sim_core::simulation;
use sim_core::units::{Span, Time};

use crate::build::{IDC, machine, plan, secs, service};

/// One node with room for `slots` pods that start at once.
fn slots(slots: u64) -> Plan {
    let mut plan = plan(3600, 10.0);
    plan.services = Table::new();
    plan.nodes = [machine("idc", IDC, slots * 1000)].into_iter().collect();
    plan
}

const fn gang(min_member: u32) -> Gang {
    Gang { min_member, timeout: Gang::TIMEOUT, backoff: Span::ZERO }
}

/// A job of `pods` pods of 100 s at these times.
fn job(plan: &mut Plan, name: &str, pods: u32, at: &[u64], gang: Option<Gang>) {
    let class = plan.jobs.len();
    plan.jobs.push(Job {
        name: name.into(),
        template: service(1, 1000, Placement::Scheduler).template,
        arrivals: JobArrivals::At(at.iter().copied().map(Time::from_secs).collect()),
        pods,
        steps: vec![JobStep::only(class, pods, Distribution::Constant(100.0))],
        concurrency: Concurrency::Allow,
        starting_deadline: None,
        suspended: false,
        is_cron: false,
        gang,
    });
}

fn run(plan: &Plan) -> Record {
    simulation::run(plan, 1, |_| {})
}

/// When each pod of a job was bound.
fn bound(record: &Record, job: &str) -> Vec<Option<f64>> {
    record.pods.iter().filter(|pod| pod.workload == job).map(|pod| pod.scheduled).collect()
}

#[test]
fn a_gang_waits_for_room_for_all_of_it() {
    let on_four = |gang: Option<Gang>| {
        let mut plan = slots(4);
        job(&mut plan, "a", 3, &[0], gang);
        job(&mut plan, "b", 3, &[0], gang);
        run(&plan)
    };
    let apart = on_four(None);
    assert_eq!((bound(&apart, "a"), bound(&apart, "b")), (vec![Some(0.0); 3], vec![Some(0.0), Some(100.0), Some(100.0)]));
    let together = on_four(Some(gang(3)));
    assert_eq!((bound(&together, "a"), bound(&together, "b")), (vec![Some(0.0); 3], vec![Some(100.0); 3]));
    assert!(together.decisions.iter().any(|row| row.t == 0.0 && row.object == "gang sent back" && row.reason == "1 of 3 pods had a place, and one found none"));
}

#[test]
fn gangs_of_one_size_go_in_blocks() {
    // 7 gangs of 3 on 8 slots: two at a time, so four rounds of 100 s.
    let mut plan = slots(8);
    job(&mut plan, "a", 3, &[0; 7], Some(gang(3)));
    let record = run(&plan);
    let job = &record.summary.jobs["a"];
    assert_eq!((job.completed, job.makespan_s, job.pods["idc"].peak), (7, 400.0, 6));
    let rounds: Vec<usize> = [0.0, 100.0, 200.0, 300.0].map(|t| bound(&record, "a").iter().filter(|at| **at == Some(t)).count()).to_vec();
    assert_eq!(rounds, [6, 6, 6, 3]);
}

#[test]
fn a_smaller_gang_takes_what_a_larger_one_gives_back() {
    let mut plan = slots(4);
    job(&mut plan, "large", 5, &[0], Some(gang(5)));
    job(&mut plan, "small", 4, &[0], Some(gang(4)));
    let record = run(&plan);
    assert_eq!((bound(&record, "large"), bound(&record, "small")), (vec![None; 5], vec![Some(0.0); 4]));
}

#[test]
fn a_gang_that_is_almost_complete_holds_its_places_for_a_minute() {
    // 18 of 20 have a place: the others are waited for, and a pod that comes later finds no room before the places are given back.
    let mut plan = slots(18);
    job(&mut plan, "wide", 20, &[0], Some(gang(20)));
    job(&mut plan, "late", 1, &[10], None);
    let record = run(&plan);
    assert_eq!((bound(&record, "wide"), bound(&record, "late")), (vec![None; 20], vec![Some(60.0)]));
    assert!(record.decisions.iter().any(|row| row.t == 60.0 && row.reason == "18 of 20 pods have had a place for 1m"));
    // 17 of 20 are not enough to wait for.
    let mut plan = slots(17);
    job(&mut plan, "wide", 20, &[0], Some(gang(20)));
    job(&mut plan, "late", 1, &[10], None);
    assert_eq!(bound(&run(&plan), "late"), [Some(10.0)]);
}

#[test]
fn who_waits_is_bound_when_the_others_find_room() {
    // 9 of 10 have a place; the last one finds its own when a node is uncordoned, and all are bound then.
    let mut plan = slots(9);
    plan.nodes.push(machine("spare", IDC, 1000));
    let spare = plan.nodes.find(|node| node.name == "spare").unwrap();
    plan.nodes[spare].unschedulable = true;
    plan.actions.push(Action { at: Time::from_secs(30), what: ActionKind::Cordon { node: spare, unschedulable: false } });
    job(&mut plan, "wide", 10, &[0], Some(gang(10)));
    assert_eq!(bound(&run(&plan), "wide"), vec![Some(30.0); 10]);
}

#[test]
fn places_on_a_node_that_is_cordoned_are_given_back() {
    let mut plan = slots(9);
    plan.nodes.push(machine("other", IDC, 9000));
    plan.nodes.push(machine("third", IDC, 1000));
    let node = |plan: &Plan, name: &str| plan.nodes.find(|node| node.name == name).unwrap();
    let [idc, other, third] = ["idc", "other", "third"].map(|name| node(&plan, name));
    for spare in [other, third] {
        plan.nodes[spare].unschedulable = true;
    }
    let cordon = |at, node, unschedulable| Action { at: Time::from_secs(at), what: ActionKind::Cordon { node, unschedulable } };
    plan.actions = vec![cordon(20, idc, true), cordon(30, other, false), cordon(31, third, false)];
    job(&mut plan, "wide", 10, &[0], Some(gang(10)));
    let record = run(&plan);
    assert_eq!(bound(&record, "wide"), vec![Some(31.0); 10]);
    assert!(record.nodes.iter().find(|row| row.node == "idc").is_some_and(|row| row.peak_pods == 0));
}

#[test]
fn a_gang_that_was_sent_back_pauses_if_it_is_told_to() {
    // Room comes at 20 s; with a pause of 45 s it is looked for at 45 s.
    let with = |backoff| {
        let mut plan = slots(1);
        plan.nodes.push(machine("spare", IDC, 4000));
        let spare = plan.nodes.find(|node| node.name == "spare").unwrap();
        plan.nodes[spare].unschedulable = true;
        plan.actions.push(Action { at: Time::from_secs(20), what: ActionKind::Cordon { node: spare, unschedulable: false } });
        job(&mut plan, "a", 3, &[0], Some(Gang { backoff: secs(backoff), ..gang(3) }));
        bound(&run(&plan), "a")
    };
    assert_eq!((with(0), with(45)), (vec![Some(20.0); 3], vec![Some(45.0); 3]));
}

#[test]
fn pods_beyond_the_minimum_and_replacements_come_one_by_one() {
    // Two of four suffice; the other two are bound as room comes.
    let mut plan = slots(3);
    job(&mut plan, "a", 4, &[0], Some(gang(2)));
    assert_eq!(bound(&run(&plan), "a"), [Some(0.0), Some(0.0), Some(0.0), Some(100.0)]);
    // Five successes, two at a time: the last one is not held back for lack of company, because those that succeeded count.
    let mut plan = slots(2);
    job(&mut plan, "a", 5, &[0], Some(gang(2)));
    plan.jobs.values_mut().for_each(|job| job.steps[0].rules = JobRules { parallelism: 2, ..JobRules::all_at_once(5) });
    assert_eq!(bound(&run(&plan), "a"), [0.0, 0.0, 100.0, 100.0, 200.0].map(Some));
}

#[test]
fn a_job_that_ends_while_it_holds_places_gives_them_back() {
    let mut plan = slots(9);
    job(&mut plan, "wide", 10, &[0], Some(gang(10)));
    job(&mut plan, "late", 1, &[5], None);
    plan.jobs.values_mut().take(1).for_each(|job| job.steps[0].rules.active_deadline = Some(secs(20)));
    let record = run(&plan);
    assert_eq!((record.summary.jobs["wide"].failed, bound(&record, "late")), (1, vec![Some(20.0)]));
}

#[test]
fn nobody_works_before_all_are_there() {
    // The second pod is bound when the other job ends, at 100 s; with a barrier the first one waits for it.
    let with = |barrier| {
        let mut plan = slots(2);
        job(&mut plan, "other", 1, &[0], None);
        job(&mut plan, "pair", 2, &[0], None);
        plan.jobs.values_mut().skip(1).for_each(|job| job.steps[0].barrier = barrier);
        let record = run(&plan);
        record.pods.iter().filter(|pod| pod.workload == "pair").map(|pod| pod.ended.unwrap()).collect::<Vec<f64>>()
    };
    assert_eq!((with(false), with(true)), (vec![100.0, 200.0], vec![200.0, 200.0]));
}

#[test]
fn a_gang_is_never_seen_in_part() {
    // Gangs of random sizes at random times, on three nodes that are slow to fill: whoever is bound first is bound with as many as the gang needs.
    for seed in 0..20_u64 {
        let mut plan = slots(5);
        plan.nodes.push(machine("b", IDC, 4000));
        plan.nodes.push(machine("c", IDC, 3000));
        plan.scheduler.time_per_pod = if seed % 2 == 0 { Span::ZERO } else { secs(1) };
        let mut state = seed;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for name in ["a", "b", "c", "d"] {
            let pods = 1 + next(12) as u32;
            let min = 1 + next(u64::from(pods)) as u32;
            let mut at = [next(300), next(300), next(300)];
            at.sort_unstable();
            job(&mut plan, name, pods, &at, Some(gang(min)));
        }
        let record = simulation::run(&plan, seed, |_| {});
        for (_, job) in plan.jobs.iter() {
            let Some(Gang { min_member, .. }) = job.gang else { continue };
            for at in &job.steps[..1] {
                assert!(at.width() >= min_member);
            }
            let JobArrivals::At(times) = &job.arrivals else { continue };
            for submitted in times {
                // Pods of submissions at one instant cannot be told apart.
                if times.iter().filter(|other| *other == submitted).count() > 1 {
                    continue;
                }
                let ours = record.pods.iter().filter(|pod| pod.workload == job.name && pod.created == submitted.as_secs_f64());
                let mut bound: Vec<f64> = ours.filter_map(|pod| pod.scheduled).collect();
                bound.sort_by(f64::total_cmp);
                let together = bound.iter().filter(|at| **at == bound[0]).count();
                assert!(bound.is_empty() || together >= min_member as usize, "seed {seed}, {}: {together} of {min_member}", job.name);
            }
        }
    }
}
