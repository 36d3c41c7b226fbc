//! The steps of a job, and what it does about failures.

use sim_core::controllers::job::{FailureAction, FailureMatch, FailureRule, JobRules};
use sim_core::plan::{Gang, JobStep, KubernetesVersion, Variant};
use sim_core::random::Distribution;
use sim_core::units::Span;

use super::estate::Estate;
use super::job::Classes;
use super::limits::PODS_MAX;
use super::{Context, code, distribution, names, pods, usage};
use crate::issue::Path;
use crate::spec;
use crate::text::Text;

/// The steps of a job; without any it is one itself.
pub(super) fn steps(
    cx: &mut Context<'_>,
    name: &str,
    written: &spec::Job,
    estate: &mut Estate,
    classes: &mut Classes<'_>,
    version: KubernetesVersion,
    path: &Path,
) -> Vec<JobStep> {
    if written.steps.0.is_empty() {
        return vec![step(cx, "", written, classes.place, version, path)];
    }
    let of_steps =
        [(written.pods.is_some(), "pods"), (written.parallelism.is_some(), "parallelism"), (written.work_queue, "workQueue"), (written.barrier, "barrier")];
    for (given, key) in of_steps {
        if given {
            cx.issues.error(code::CONFLICT, path.key(key), format!("`{key}` belongs to each of the `steps`")).on_key();
        }
    }
    let mut steps = Vec::new();
    for (place, (step_name, part)) in written.steps.0.iter().enumerate() {
        let path = path.key("steps").key(step_name);
        names::object(cx, "step", step_name, &path);
        let whole = changed(written, part);
        let class = if place == 0 {
            classes.place
        } else {
            let template = pods::template(cx, name, &pods::Written::from(&whole), estate, &path);
            classes.variants.push(Variant { workload: classes.place, form: None, template });
            classes.first + classes.variants.len() - 1
        };
        let mut step = step(cx, step_name, &whole, class, version, &path);
        step.after = others(cx, written, &part.after, place, &path.key("after"));
        step.after_ready = others(cx, written, &part.after_ready, place, &path.key("afterReady"));
        step.until = others(cx, written, &part.until, place, &path.key("until"));
        step.barrier = part.barrier;
        step.gang = part.gang.map(|written| gang(cx, written, step.width(), &path.key("gang")));
        steps.push(step);
    }
    circles(cx, &steps, written, path);
    steps
}

/// The gang of a whole job: those of its pods that are there from the start have to be enough.
pub(super) fn whole_gang(cx: &mut Context<'_>, written: &spec::Job, steps: &[JobStep], path: &Path) -> Option<Gang> {
    let is_there = |step: &&JobStep| step.gang.is_none() && step.after.is_empty() && step.after_ready.is_empty();
    let pods = steps.iter().filter(is_there).map(JobStep::width).fold(0, u32::saturating_add);
    Some(gang(cx, written.gang?, pods, &path.key("gang")))
}

fn gang(cx: &mut Context<'_>, written: spec::Gang, pods: u32, path: &Path) -> Gang {
    let min_member = written.min_member.unwrap_or(pods);
    if min_member == 0 {
        cx.issues.error(code::TOO_SMALL, path.key("minMember"), "a gang has at least one pod");
    } else if min_member > pods {
        cx.issues.error(code::TOO_LARGE, path.key("minMember"), format!("no pod is ever placed: there are never more than {pods} at once"));
    }
    let span = |written: Option<Text<Span>>, default: Span| written.map_or(default, |span| span.0);
    let timeout = span(written.timeout, Gang::TIMEOUT);
    if timeout.is_zero() {
        cx.issues.error(code::TOO_SMALL, path.key("timeout"), "places are held for longer than 0");
    }
    Gang { min_member, timeout, backoff: span(written.backoff, Span::ZERO) }
}

/// The job as one of its steps changes it.
pub(super) fn changed(job: &spec::Job, step: &spec::JobStep) -> spec::Job {
    let mut job = job.clone();
    job.requests.0.extend(step.requests.0.clone());
    job.limits.0.extend(step.limits.0.clone());
    (job.pods, job.parallelism) = (step.pods, step.parallelism);
    // A step that waits for others ends at once when they have.
    let lingers = !step.until.is_empty() && step.run_time.is_none();
    job.run_time = if lingers { Some(spec::ShortOr::Short(Text(Span::ZERO))) } else { step.run_time.clone().or(job.run_time) };
    job.memory = step.memory.clone().or(job.memory);
    job.failure = step.failure.or(job.failure);
    job.backoff_limit = step.backoff_limit.or(job.backoff_limit);
    job
}

fn step(cx: &mut Context<'_>, name: &str, written: &spec::Job, class: usize, version: KubernetesVersion, path: &Path) -> JobStep {
    let pods = written.pods.unwrap_or(1);
    if pods == 0 {
        cx.issues.error(code::TOO_SMALL, path.key("pods"), "a job has at least one pod");
    } else if u64::from(pods) > PODS_MAX {
        cx.issues.error(code::TOO_LARGE, path.key("pods"), format!("a job has at most {PODS_MAX} pods"));
    }
    let run_time = if let Some(run_time) = &written.run_time {
        distribution::read(cx, run_time, false, &path.key("runTime"))
    } else {
        cx.issues.error(code::MISSING, path, "a job needs `runTime`").on_key().with_help("for instance `runTime: 5m`");
        Distribution::Constant(0.0)
    };
    JobStep {
        name: name.to_owned(),
        rules: rules(cx, written, pods, version, path),
        barrier: written.barrier,
        memory: written.memory.as_ref().map(|memory| usage::of_job(cx, memory, &path.key("memory"))),
        memory_limit: usage::memory_limit(&written.limits),
        failure: written.failure.map_or(0.0, |share| share.0.0),
        exit_code: written.exit_code.unwrap_or(1),
        ..JobStep::only(class, pods, run_time)
    }
}

fn rules(cx: &mut Context<'_>, written: &spec::Job, pods: u32, version: KubernetesVersion, path: &Path) -> JobRules {
    let indexed = written.completion_mode == Some(spec::CompletionMode::Indexed);
    let per_index = written.backoff_limit_per_index;
    for (given, key) in [(per_index.is_some(), "backoffLimitPerIndex"), (written.max_failed_indexes.is_some(), "maxFailedIndexes")] {
        if given && !indexed {
            cx.issues.error(code::REFUSED, path.key(key), format!("`{key}` needs `completionMode: indexed`")).on_key();
        }
    }
    if written.work_queue && (written.pods.is_some() || indexed) {
        cx.issues.error(code::CONFLICT, path.key("workQueue"), "a queue of work has neither a number of successes nor indexes").on_key();
    }
    if written.parallelism == Some(0) {
        cx.issues.warning(code::NO_EFFECT, path.key("parallelism"), "no pod ever runs");
    }
    if written.exit_code == Some(0) {
        cx.issues.error(code::TOO_SMALL, path.key("exitCode"), "the exit code 0 is no failure");
    }
    JobRules {
        parallelism: written.parallelism.unwrap_or(pods),
        completions: (!written.work_queue).then_some(pods),
        indexed,
        backoff_limit: written.backoff_limit.unwrap_or(if per_index.is_some() { u32::MAX } else { 6 }),
        backoff_limit_per_index: per_index,
        max_failed_indexes: written.max_failed_indexes,
        active_deadline: written.active_deadline.map(|span| span.0),
        restarts_in_place: written.restart_policy == Some(spec::RestartPolicy::OnFailure),
        backoff_max: JobRules::backoff_max_of(version),
        failure_policy: failure_policy(cx, written, path),
    }
}

fn failure_policy(cx: &mut Context<'_>, written: &spec::Job, path: &Path) -> Vec<FailureRule> {
    let path = path.key("podFailurePolicy");
    if !written.pod_failure_policy.is_empty() && written.restart_policy == Some(spec::RestartPolicy::OnFailure) {
        cx.issues.error(code::REFUSED, &path, "Kubernetes accepts a failure policy with `restartPolicy: never` only").on_key();
    }
    let mut rules = Vec::new();
    for (place, rule) in written.pod_failure_policy.iter().enumerate() {
        let on = match (&rule.on_exit_codes, rule.on_disruption) {
            (Some(spec::ExitCodes::In(codes)), false) => FailureMatch::ExitCodes { codes: codes.clone(), negated: false },
            (Some(spec::ExitCodes::NotIn(codes)), false) => FailureMatch::ExitCodes { codes: codes.clone(), negated: true },
            (None, true) => FailureMatch::Disruption,
            _ => {
                cx.issues.error(code::CONFLICT, path.index(place), "a rule has exactly one of `onExitCodes` and `onDisruption`");
                continue;
            }
        };
        let action = match rule.action {
            spec::FailureAction::FailJob => FailureAction::FailJob,
            spec::FailureAction::FailIndex => FailureAction::FailIndex,
            spec::FailureAction::Ignore => FailureAction::Ignore,
            spec::FailureAction::Count => FailureAction::Count,
        };
        if action == FailureAction::FailIndex && written.backoff_limit_per_index.is_none() {
            cx.issues.error(code::REFUSED, path.index(place).key("action"), "`failIndex` needs `backoffLimitPerIndex`");
        }
        rules.push(FailureRule { on, action });
    }
    rules
}

/// The places of the steps that another one names.
fn others(cx: &mut Context<'_>, job: &spec::Job, named: &[String], own: usize, path: &Path) -> Vec<usize> {
    let mut places = Vec::new();
    for (i, name) in named.iter().enumerate() {
        match job.steps.names().position(|known| known == name) {
            Some(place) if place == own => {
                cx.issues.error(code::CONFLICT, path.index(i), "a step cannot wait for itself");
            }
            Some(place) => places.push(place),
            None => {
                names::unknown(cx, "step", name, job.steps.names(), &path.index(i));
            }
        }
    }
    places
}

/// Steps that start only after each other, or that end only after steps which start after they end, never do.
fn circles(cx: &mut Context<'_>, steps: &[JobStep], written: &spec::Job, path: &Path) {
    // What each step needs: a start (even) or an end (odd) of others.
    let (start, end) = (|step: usize| 2 * step, |step: usize| 2 * step + 1);
    let needs = |event: usize| -> Vec<usize> {
        let step = &steps[event / 2];
        if event.is_multiple_of(2) {
            step.after.iter().map(|other| end(*other)).chain(step.after_ready.iter().map(|other| start(*other))).collect()
        } else {
            step.until.iter().map(|other| end(*other)).chain([start(event / 2)]).collect()
        }
    };
    let mut known = vec![false; 2 * steps.len()];
    while let Some(next) = (0..known.len()).find(|event| !known[*event] && needs(*event).iter().all(|needed| known[*needed])) {
        known[next] = true;
    }
    if let Some(event) = known.iter().position(|known| !known) {
        let name = written.steps.names().nth(event / 2).unwrap_or_default();
        cx.issues.error(code::ORDER, path.key("steps").key(name), "this step waits for steps that wait for it").on_key();
    }
}
