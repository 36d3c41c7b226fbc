//! Jobs against cases worked by hand.

use sim_core::controllers::job::{FailureAction, FailureMatch, FailureRule, JobRules};
use sim_core::id::Table;
use sim_core::plan::{Action, ActionKind, Concurrency, Growth, Job, JobArrivals, JobStep, MemoryUse, Placement, Plan, Variant};
use sim_core::random::Distribution;
use sim_core::record::{JobSummary, Record};
use sim_core::simulation;
use sim_core::units::{Bytes, Time};

use crate::build::{plan, secs, service};

/// One job on a virtual node whose instances take 10 s: `pods` of 60 s each, submitted at 0.
fn one(pods: u32) -> Plan {
    let mut plan = plan(3600, 10.0);
    plan.services = Table::new();
    plan.jobs.push(Job {
        name: "work".into(),
        template: service(1, 1000, Placement::Scheduler).template,
        arrivals: JobArrivals::At(vec![Time::ZERO]),
        pods,
        steps: vec![JobStep::only(0, pods, Distribution::Constant(60.0))],
        concurrency: Concurrency::Allow,
        starting_deadline: None,
        suspended: false,
        is_cron: false,
        gang: None,
    });
    plan
}

fn with(mut plan: Plan, change: impl Fn(&mut Job)) -> Plan {
    plan.jobs.values_mut().for_each(change);
    plan
}

fn rules(plan: Plan, change: impl Fn(&mut JobRules)) -> Plan {
    with(plan, |job| job.steps.iter_mut().for_each(|step| change(&mut step.rules)))
}

fn run(plan: &Plan) -> (Record, JobSummary) {
    let record = simulation::run(plan, 1, |_| {});
    let summary = record.summary.jobs["work"].clone();
    (record, summary)
}

fn created(record: &Record) -> Vec<f64> {
    record.pods.iter().map(|pod| pod.created).collect()
}

#[test]
fn parallelism_bounds_the_pods_at_a_time() {
    let (record, job) = run(&rules(one(5), |rules| rules.parallelism = 2));
    assert_eq!(created(&record), [0.0, 0.0, 70.0, 70.0, 140.0]);
    assert_eq!((job.completed, job.makespan_s, job.pods["eci"].peak), (1, 210.0, 2));
}

#[test]
fn a_queue_of_work_ends_with_the_first_success() {
    let (record, job) = run(&rules(one(3), |rules| rules.completions = None));
    assert_eq!((record.pods.len(), job.completed, job.makespan_s), (3, 1, 70.0));
}

#[test]
fn failed_pods_are_replaced_after_pauses_that_double() {
    let plan = with(one(1), |job| job.steps[0].failure = 1.0);
    let (record, job) = run(&rules(plan, |rules| rules.backoff_limit = 3));
    // 70 s each, then 10, 20 and 40 s; the fourth failure is one too many.
    assert_eq!(created(&record), [0.0, 80.0, 170.0, 280.0]);
    assert_eq!((job.completed, job.failed, job.pods_failed, job.unfinished), (0, 1, 4, 0));
    assert!(record.decisions.iter().any(|row| row.t == 350.0 && row.action == "failed" && row.reason == "BackoffLimitExceeded"));
}

#[test]
fn a_container_is_started_again_in_place() {
    let plan = with(one(1), |job| job.steps[0].failure = 1.0);
    let (record, job) = run(&rules(plan, |rules| (rules.restarts_in_place, rules.backoff_limit) = (true, 4)));
    // The first restart is at once, the second after 10 s, the third after 20 s; the fourth failure ends the job.
    assert_eq!(record.pods.len(), 1);
    assert_eq!(record.pods[0].ended, Some(70.0 + 60.0 + 70.0 + 80.0));
    assert_eq!((job.failed, job.restarts), (1, 4));
}

#[test]
fn a_deadline_ends_a_job() {
    let (record, job) = run(&rules(one(2), |rules| (rules.parallelism, rules.active_deadline) = (1, Some(secs(100)))));
    assert_eq!((job.failed, job.completed), (1, 0));
    assert_eq!(record.pods.iter().map(|pod| (pod.phase.as_str(), pod.ended)).collect::<Vec<_>>(), [("Succeeded", Some(70.0)), ("Terminated", Some(100.0))]);
}

#[test]
fn indexes_fail_one_by_one() {
    let plan = with(one(3), |job| job.steps[0].failure = 1.0);
    let (record, job) = run(&rules(plan, |rules| {
        (rules.indexed, rules.backoff_limit, rules.backoff_limit_per_index) = (true, u32::MAX, Some(1));
    }));
    // Each index is tried twice, 10 s apart.
    assert_eq!(created(&record), [0.0, 0.0, 0.0, 80.0, 80.0, 80.0]);
    assert_eq!((job.failed, job.pods_failed), (1, 6));
}

#[test]
fn what_is_due_while_another_runs_depends_on_the_policy() {
    let at = |plan| with(plan, |job: &mut Job| job.arrivals = JobArrivals::At([0, 30, 60, 100].map(Time::from_secs).to_vec()));
    let policy = |concurrency| with(at(one(1)), |job| job.concurrency = concurrency);
    let (record, job) = run(&policy(Concurrency::Allow));
    assert_eq!((created(&record), job.completed), (vec![0.0, 30.0, 60.0, 100.0], 4));
    // That of 30 s gives way to that of 60 s, which starts at 70 s, and that of 100 s at 140 s.
    let (record, job) = run(&policy(Concurrency::Forbid));
    assert_eq!((created(&record), job.completed, job.skipped), (vec![0.0, 70.0, 140.0], 3, 1));
    let (_, job) = run(&with(policy(Concurrency::Forbid), |job| job.starting_deadline = Some(secs(5))));
    assert_eq!((job.completed, job.skipped), (2, 2), "10 s is too late, and at 100 s nothing runs");
    let (record, job) = run(&policy(Concurrency::Replace));
    assert_eq!((created(&record), job.completed, job.replaced), (vec![0.0, 30.0, 60.0, 100.0], 1, 3));
}

#[test]
fn steps_wait_for_each_other() {
    // prepare (70 s) -> two parallel parts (10 + 60 and 10 + 120 s) -> report (70 s): the critical path is 70 + 130 + 70.
    let mut plan = one(1);
    let template = plan.jobs.values().next().unwrap().template.clone();
    plan.variants = (0..3).map(|_| Variant { workload: 0, form: None, template: template.clone() }).collect();
    let plan = with(plan, |job| {
        let step = |class, run, after: &[usize]| JobStep { after: after.to_vec(), ..JobStep::only(class, 1, Distribution::Constant(run)) };
        job.steps = vec![step(0, 60.0, &[]), step(1, 60.0, &[0]), step(2, 120.0, &[0]), step(3, 60.0, &[1, 2])];
    });
    let (record, job) = run(&plan);
    assert_eq!((created(&record), job.makespan_s, job.completed), (vec![0.0, 70.0, 70.0, 200.0], 270.0, 1));
}

#[test]
fn a_driver_outlives_its_executors() {
    // The driver is ready at 10 s, four executors at 20 s; they work for 60 s, and the driver goes on for 5 s.
    let mut plan = one(1);
    let template = plan.jobs.values().next().unwrap().template.clone();
    plan.variants = vec![Variant { workload: 0, form: None, template }];
    let plan = with(plan, |job| {
        let driver = JobStep { until: vec![1], ..JobStep::only(0, 1, Distribution::Constant(5.0)) };
        let executors = JobStep { after_ready: vec![0], ..JobStep::only(1, 4, Distribution::Constant(60.0)) };
        job.steps = vec![driver, executors];
    });
    let (record, job) = run(&plan);
    assert_eq!(record.pods.iter().map(|pod| (pod.created, pod.ended)).collect::<Vec<_>>()[..2], [(0.0, Some(85.0)), (10.0, Some(80.0))]);
    assert_eq!((record.pods.len(), job.makespan_s, job.pods["eci"].pod_seconds), (5, 85.0, 85.0 + 4.0 * 70.0));
}

fn suspend(plan: &mut Plan, steps: &[(u64, bool)]) {
    let job = plan.jobs.ids().next().unwrap();
    plan.actions =
        steps.iter().map(|(at, suspended)| Action { at: Time::from_secs(*at), what: ActionKind::SuspendJob { job, suspended: *suspended } }).collect();
}

#[test]
fn a_suspended_job_starts_over_when_it_goes_on() {
    // 70 s each; suspended at 30 s, resumed at 100 s: all of the work again, no failure, and 80 s for it count from 100 s.
    let mut plan = rules(one(2), |rules| (rules.backoff_limit, rules.active_deadline) = (0, Some(secs(80))));
    suspend(&mut plan, &[(30, true), (100, false)]);
    let (record, job) = run(&plan);
    assert_eq!(created(&record), [0.0, 0.0, 100.0, 100.0]);
    assert_eq!((job.completed, job.failed, job.pods_failed, job.makespan_s), (1, 0, 0, 170.0));
    assert_eq!(record.pods[0].ended, Some(30.0));
    // 60 s are not enough from there.
    let (_, job) = run(&rules(plan.clone(), |rules| rules.active_deadline = Some(secs(60))));
    assert_eq!((job.completed, job.failed), (0, 1));
    // One that is suspended from the start starts when it is resumed.
    let mut late = with(one(1), |job| job.suspended = true);
    assert_eq!(created(&run(&late).0), [0.0; 0]);
    suspend(&mut late, &[(50, false)]);
    assert_eq!(created(&run(&late).0), [50.0]);
}

#[test]
fn what_succeeded_before_a_job_was_suspended_stays_done() {
    // Three pods one after the other; at 80 s the first has succeeded and the second works.
    let mut plan = rules(one(3), |rules| (rules.parallelism, rules.indexed) = (1, true));
    suspend(&mut plan, &[(80, true), (200, false)]);
    let (record, job) = run(&plan);
    assert_eq!((created(&record), job.makespan_s, job.completed), (vec![0.0, 70.0, 200.0, 270.0], 340.0, 1));
}

#[test]
fn a_suspended_cron_job_makes_up_for_the_last_time_that_it_missed() {
    let plan = with(one(1), |job| {
        job.arrivals = JobArrivals::At([0, 30, 60, 100].map(Time::from_secs).to_vec());
        (job.suspended, job.is_cron) = (true, true);
    });
    let resumed = |deadline| {
        let mut plan = with(plan.clone(), |job| job.starting_deadline = deadline);
        suspend(&mut plan, &[(70, false)]);
        let (record, job) = run(&plan);
        (created(&record), job.completed, job.skipped)
    };
    assert_eq!(resumed(None), (vec![70.0, 100.0], 2, 2));
    assert_eq!(resumed(Some(secs(5))), (vec![100.0], 1, 3));
    // What runs when it is suspended goes on.
    let mut plan = with(plan.clone(), |job| job.suspended = false);
    suspend(&mut plan, &[(10, true)]);
    let (record, job) = run(&plan);
    assert_eq!((created(&record), job.completed, job.submitted), (vec![0.0], 1, 1));
}

#[test]
fn a_pod_that_needs_too_much_memory_is_killed() {
    const GIB: u64 = 1 << 30;
    // 1 GiB, and 1 GiB more each minute: 1.5 GiB are reached half a minute after the pod is ready.
    let memory = MemoryUse { base: Bytes(GIB), growth: Some(Growth { per_hour: Bytes(60 * GIB), max: None }), ..MemoryUse::default() };
    let of = |limit| with(one(1), |job| (job.steps[0].memory, job.steps[0].memory_limit) = (Some(memory.clone()), Some(Bytes(limit))));
    let (record, job) = run(&rules(of(3 * GIB / 2), |rules| rules.backoff_limit = 1));
    assert_eq!((job.failed, job.oom_kills, job.pods_failed), (1, 2, 2));
    assert_eq!(record.pods.iter().map(|pod| pod.ended.unwrap().round()).collect::<Vec<_>>(), [40.0, 90.0]);
    let (_, job) = run(&of(3 * GIB));
    assert_eq!((job.completed, job.oom_kills), (1, 0), "it ends before it needs that much");
    let code_137 = FailureRule { on: FailureMatch::ExitCodes { codes: vec![137], negated: false }, action: FailureAction::FailJob };
    let (_, job) = run(&rules(of(GIB), |rules| rules.failure_policy = vec![code_137.clone()]));
    assert_eq!((job.failed, job.pods_failed), (1, 1));
}
