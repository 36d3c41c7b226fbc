//! Jobs.

use sim_core::plan::{Concurrency, Curve, Job, JobArrivals, JobStep, KubernetesVersion, Variant};
use sim_core::units::{Span, Time};

use super::estate::Estate;
use super::limits::SUBMISSIONS_MAX;
use super::{Context, batch, code, names, pods};
use crate::calendar::{self, Cron, Zone};
use crate::issue::Path;
use crate::spec;

/// Where a job and its steps stand among the classes of pods.
pub(super) struct Classes<'a> {
    /// The job's place among services, then jobs.
    pub(super) place: usize,
    /// The first class of further templates.
    pub(super) first: usize,
    /// Further templates so far.
    pub(super) variants: &'a mut Vec<Variant>,
}

/// The plan's job.
pub(super) fn read(cx: &mut Context<'_>, name: &str, written: &spec::Job, estate: &mut Estate, mut classes: Classes<'_>, version: KubernetesVersion) -> Job {
    let path = Path::root().key("jobs").key(name);
    names::object(cx, "job", name, &path);
    let steps = batch::steps(cx, name, written, estate, &mut classes, version, &path);
    let template = match written.steps.0.first() {
        None => pods::template(cx, name, &pods::Written::from(written), estate, &path),
        Some((_, step)) => pods::template(cx, name, &pods::Written::from(&batch::changed(written, step)), estate, &path),
    };
    let gang = batch::whole_gang(cx, written, &steps, &path);
    Job {
        name: name.to_owned(),
        template,
        arrivals: arrivals(cx, written, &path),
        pods: steps.iter().map(JobStep::width).fold(0, u32::saturating_add),
        steps,
        concurrency: match written.concurrency_policy {
            None | Some(spec::ConcurrencyPolicy::Allow) => Concurrency::Allow,
            Some(spec::ConcurrencyPolicy::Forbid) => Concurrency::Forbid,
            Some(spec::ConcurrencyPolicy::Replace) => Concurrency::Replace,
        },
        starting_deadline: written.starting_deadline.map(|span| span.0),
        suspended: written.suspend,
        is_cron: written.schedule.is_some(),
        gang,
    }
}

fn arrivals(cx: &mut Context<'_>, written: &spec::Job, path: &Path) -> JobArrivals {
    let start = written.start.map_or(Span::ZERO, |span| span.0);
    let until = written.until.map_or(cx.duration, |span| span.0.min(cx.duration));
    if written.schedule.is_none() && written.time_zone.is_some() {
        cx.issues.error(code::CONFLICT, path.key("timeZone"), "`timeZone` goes with `schedule`").on_key();
    }
    if written.at.is_none() && start >= until {
        cx.issues.error(code::ORDER, path.key("start"), "no job is ever submitted: `start` is not before `until` and the end of the run");
        return JobArrivals::At(Vec::new());
    }
    match (&written.at, written.every, written.rate, &written.schedule) {
        (Some(at), None, None, None) => {
            for (given, key) in [(written.start, "start"), (written.until, "until")] {
                if given.is_some() {
                    cx.issues.error(code::CONFLICT, path.key(key), format!("`{key}` goes with `every`, `rate` and `schedule`, not with `at`")).on_key();
                }
            }
            for (i, pair) in at.windows(2).enumerate() {
                if pair[1].0 < pair[0].0 {
                    cx.issues.error(code::ORDER, path.key("at").index(i + 1), "times are in ascending order");
                }
            }
            JobArrivals::At(at.iter().map(|at| Time::ZERO + at.0).collect())
        }
        (None, Some(every), None, None) => {
            if every.0.is_zero() {
                cx.issues.error(code::TOO_SMALL, path.key("every"), "submissions are more than 0 apart");
                return JobArrivals::At(Vec::new());
            }
            let count = (until.as_nanos() - start.as_nanos()).div_ceil(every.0.as_nanos());
            if count > SUBMISSIONS_MAX {
                cx.issues.error(code::TOO_LARGE, path.key("every"), format!("{count} submissions are too many: at most {SUBMISSIONS_MAX} are possible"));
                return JobArrivals::At(Vec::new());
            }
            JobArrivals::At((0..count).map(|i| Time::ZERO + start + every.0 * i).collect())
        }
        (None, None, Some(rate), None) => {
            let expected = rate.0.0 * (until.as_secs_f64() - start.as_secs_f64());
            if expected > SUBMISSIONS_MAX as f64 {
                cx.issues.error(
                    code::TOO_LARGE,
                    path.key("rate"),
                    format!("about {expected:.0} submissions are too many: at most {SUBMISSIONS_MAX} are possible"),
                );
            }
            JobArrivals::Poisson(Curve::steps(&[(Time::ZERO + start, rate.0.0), (Time::ZERO + until, 0.0)]))
        }
        (None, None, None, Some(schedule)) => scheduled(cx, &schedule.0, written.time_zone.as_ref().map(|zone| &zone.0), start, until, path),
        (None, None, None, None) => {
            cx.issues
                .error(code::MISSING, path, "a job needs `at`, `every`, `rate` or `schedule`")
                .on_key()
                .with_help("for instance `at: [0s]` or `every: 10m`");
            JobArrivals::At(Vec::new())
        }
        _ => {
            cx.issues.error(code::CONFLICT, path, "a job has exactly one of `at`, `every`, `rate` and `schedule`").on_key();
            JobArrivals::At(Vec::new())
        }
    }
}

/// The instants of a cron schedule.
fn scheduled(cx: &mut Context<'_>, cron: &Cron, zone: Option<&Zone>, start: Span, until: Span, path: &Path) -> JobArrivals {
    let here = path.key("schedule");
    if zone.is_some() && cron.zone().is_some() {
        cx.issues.error(code::CONFLICT, path.key("timeZone"), "the schedule already names a time zone").on_key();
    }
    if cx.start.is_none() && !cron.is_daily() {
        cx.issues
            .error(code::MISSING, &here, "this schedule needs a date, which the scenario does not give")
            .with_help("say when the run starts, for instance `start: \"2026-11-21T22:00:00\"` at the top");
        return JobArrivals::At(Vec::new());
    }
    let times: Vec<Time> = calendar::instants(cron, zone, cx.start, start, until).take(SUBMISSIONS_MAX as usize + 1).collect();
    if times.len() as u64 > SUBMISSIONS_MAX {
        cx.issues.error(code::TOO_LARGE, here, format!("the schedule fires too often: at most {SUBMISSIONS_MAX} submissions are possible"));
        return JobArrivals::At(Vec::new());
    }
    if times.is_empty() {
        cx.issues.warning(code::NO_EFFECT, here, "no job is ever submitted: the schedule does not fire during the run");
    }
    JobArrivals::At(times)
}
