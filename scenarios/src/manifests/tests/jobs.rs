//! Jobs, CronJobs and `PodGroups`.

use sim_core::controllers::job::{FailureAction, FailureMatch};
use sim_core::plan::{Concurrency, Gang, JobArrivals};
use sim_core::units::{MilliCpu, Span, Time};

use super::{lines, load};

const JOB: &str = "\
apiVersion: batch/v1
kind: Job
metadata: {name: render}
spec:
  completions: 8
  parallelism: 3
  completionMode: Indexed
  backoffLimitPerIndex: 2
  maxFailedIndexes: 1
  activeDeadlineSeconds: 900
  ttlSecondsAfterFinished: 100
  podFailurePolicy:
    rules:
    - {action: FailIndex, onExitCodes: {containerName: main, operator: NotIn, values: [1, 2]}}
    - {action: Ignore, onPodConditions: [{type: DisruptionTarget}]}
  template:
    metadata: {labels: {app: render}}
    spec:
      restartPolicy: Never
      tolerations: [{key: batch, operator: Exists}]
      containers:
      - {name: main, resources: {requests: {cpu: 2}}}
      - {name: log, resources: {requests: {cpu: 100m}}}
";

#[test]
fn a_job_is_used_as_it_is() {
    let (loaded, _folder) = load("jobs: {render: {runTime: 5m}}\n", JOB);
    assert_eq!(lines(&loaded), [""; 0]);
    let plan = loaded.plan.unwrap();
    let job = plan.jobs.values().next().unwrap();
    let rules = &job.steps[0].rules;
    assert_eq!((rules.completions, rules.parallelism, rules.indexed), (Some(8), 3, true));
    assert_eq!((rules.backoff_limit_per_index, rules.max_failed_indexes, rules.backoff_limit), (Some(2), Some(1), u32::MAX));
    assert_eq!((rules.active_deadline, rules.restarts_in_place), (Some(Span::from_secs(900)), false));
    assert_eq!(rules.failure_policy[0].on, FailureMatch::ExitCodes { codes: vec![1, 2], negated: true });
    assert_eq!((rules.failure_policy[0].action, rules.failure_policy[1].action), (FailureAction::FailIndex, FailureAction::Ignore));
    assert_eq!((job.template.requests.cpu, job.template.labels["app"].as_str(), job.template.tolerations.len()), (MilliCpu(2100), "render", 1));
    assert!(matches!(&job.arrivals, JobArrivals::At(times) if *times == [Time::ZERO]), "it is there from the start");
}

#[test]
fn defaults_are_those_of_kubernetes() {
    let plain = "\
apiVersion: batch/v1
kind: Job
metadata: {name: render}
spec:
  completions: 4
  template: {spec: {restartPolicy: OnFailure, containers: [{name: main}]}}
";
    let with = |from: &str, to: &str| {
        let (loaded, _folder) = load("jobs: {render: {runTime: 5m}}\n", &plain.replace(from, to));
        let plan = loaded.plan.unwrap();
        let rules = plan.jobs.values().next().unwrap().steps[0].rules.clone();
        (rules.completions, rules.parallelism, rules.backoff_limit, rules.restarts_in_place)
    };
    assert_eq!(with("spec:\n", "spec:\n"), (Some(4), 1, 6, true), "one pod at a time");
    assert_eq!(with("  completions: 4\n", ""), (Some(1), 1, 6, true));
    assert_eq!(with("completions: 4", "parallelism: 4"), (None, 4, 6, true), "pods that share a queue of work");
}

#[test]
fn a_cron_job_follows_its_schedule_and_the_scenario_wins() {
    let cron = format!(
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: render}}\nspec:\n  schedule: \"*/4 * * * *\"\n  timeZone: Asia/Shanghai\n  concurrencyPolicy: Forbid\n  startingDeadlineSeconds: 30\n  successfulJobsHistoryLimit: 1\n  failedJobsHistoryLimit: 1\n  jobTemplate:\n{}",
        JOB.lines().skip(3).fold(String::new(), |text, line| text + "    " + line + "\n")
    );
    let (loaded, _folder) = load("jobs: {render: {runTime: 5m, requests: {cpu: 1}, parallelism: 5}}\n", &cron);
    assert_eq!(lines(&loaded), [""; 0]);
    let plan = loaded.plan.unwrap();
    let job = plan.jobs.values().next().unwrap();
    let JobArrivals::At(times) = &job.arrivals else { panic!("a schedule") };
    assert_eq!(times.iter().map(|at| at.as_secs_f64()).collect::<Vec<_>>(), [0.0, 240.0, 480.0]);
    assert_eq!((job.concurrency, job.starting_deadline), (Concurrency::Forbid, Some(Span::from_secs(30))));
    assert_eq!((job.steps[0].rules.parallelism, job.template.requests.cpu), (5, MilliCpu(1000)));
    // A suspended one submits nothing.
    let (loaded, _folder) = load("jobs: {render: {runTime: 5m}}\n", &cron.replace("  timeZone", "  suspend: true\n  timeZone"));
    let plan = loaded.plan.unwrap();
    assert!(plan.jobs.values().all(|job| job.suspended));
}

#[test]
fn what_a_job_lacks_or_cannot_be_is_said() {
    let (loaded, _folder) = load("", JOB);
    assert_eq!(lines(&loaded), ["S0209 metadata.name: a job needs `runTime`"]);
    let odd =
        JOB.replace("restartPolicy: Never", "restartPolicy: Always").replace("  template:\n", "  successPolicy: {rules: [{succeededCount: 1}]}\n  template:\n");
    let (loaded, _folder) = load("jobs: {render: {runTime: 5m}}\n", &odd.replace("DisruptionTarget", "ConfigIssue"));
    assert_eq!(
        lines(&loaded),
        [
            "S0308 spec.podFailurePolicy.rules[1].onPodConditions[0]: the condition `ConfigIssue` never holds here: only `DisruptionTarget` is simulated",
            "S0308 spec.successPolicy: `successPolicy` is not simulated: the job goes on until all its completions are there",
            "S0231 spec.template.spec.restartPolicy: a Job's pods are restarted `Never` or `OnFailure`, not `Always`",
        ]
    );
    let (loaded, _folder) = load("jobs: {render: {runTime: 5m}}\n", &format!("{JOB}---\n{JOB}"));
    assert_eq!(lines(&loaded), ["S0202 metadata.name: there are two Jobs or CronJobs named `render`"]);
}

#[test]
fn a_pod_group_is_a_gang() {
    let label = |labels: &str| JOB.replace("labels: {app: render}", &format!("labels: {{{labels}}}")).replace("parallelism: 3", "parallelism: 8");
    let group = "---\napiVersion: scheduling.x-k8s.io/v1alpha1\nkind: PodGroup\nmetadata: {name: render}\nspec: {minMember: 8, scheduleTimeoutSeconds: 10}\n";
    let gang = |manifest: &str| {
        let (loaded, _folder) = load("jobs: {render: {runTime: 5m}}\n", manifest);
        let lines = lines(&loaded);
        (lines, loaded.plan.and_then(|plan| plan.jobs.values().next().unwrap().gang))
    };
    let eight = |timeout| Some(Gang { min_member: 8, timeout: Span::from_secs(timeout), backoff: Span::ZERO });
    for name in ["scheduling.x-k8s.io/pod-group", "pod-group.scheduling.sigs.k8s.io"] {
        assert_eq!(gang(&format!("{}{group}", label(&format!("{name}: render")))), (vec![], eight(10)));
    }
    let of_ack = "pod-group.scheduling.sigs.k8s.io/name: render, pod-group.scheduling.sigs.k8s.io/min-available: \"8\"";
    assert_eq!(gang(&label(of_ack)), (vec![], eight(60)));
    let (found, none) = gang(&label("scheduling.x-k8s.io/pod-group: rendr"));
    assert_eq!(
        (found, none),
        (vec!["S0312 spec.template.metadata.labels: there is no PodGroup `rendr`, so these pods are placed one by one".to_owned()], None)
    );
    let (found, _) = gang(&format!("{}{group}", label("scheduling.x-k8s.io/pod-group: render").replace("parallelism: 8", "parallelism: 3")));
    assert_eq!(found, ["S0205 spec.minMember: no pod is ever placed: there are never more than 3 at once"]);
    let (found, _) = gang(&format!("{JOB}{group}"));
    assert_eq!(found, ["S0312 metadata.name: no job has pods of the PodGroup `render`: only those of jobs are placed together"]);
}
