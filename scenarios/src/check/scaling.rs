//! Autoscaling besides the HPA's own rules: calendars become instants, histories a forecast.

use sim_core::autoscaling::hpa::{HpaSpec, MetricSpec, ResourceName, Target, ValueTarget};
use sim_core::autoscaling::predictive::seasonal_quantile;
use sim_core::plan::{Activation, CronHpa, CronHpaJob, Curve, Firing, Keda, KedaTrigger, MetricSource, Predictive, PredictiveMode, Requests, Scaling, Traffic};
use sim_core::units::{Resources, Span, Time};

use super::limits::{SPAN_MAX, SUBMISSIONS_MAX, TICKS_MAX};
use super::load::{self, Load};
use super::{Context, code, custom_metrics, hpa};
use crate::calendar::{self, CronHpaSchedule};
use crate::issue::Path;
use crate::spec::{self, Autoscaler, CronTarget};
use crate::wording::quote;

/// KEDA's defaults.
const POLLING_INTERVAL: Span = Span::from_secs(30);
const COOLDOWN_PERIOD: Span = Span::from_secs(300);
const MAX_REPLICA_COUNT: u32 = 100;

/// What autoscalers look at.
pub(super) struct Pods<'a> {
    pub(super) requests: Resources,
    pub(super) containers: &'a [spec::Container],
    pub(super) simulates_memory: bool,
}

/// The HPA of a service, if it has one, and what else scales it. `traffic` is its load.
pub(super) fn read(cx: &mut Context<'_>, name: &str, written: &spec::Service, pods: &Pods<'_>, traffic: &Traffic, path: &Path) -> (Option<HpaSpec>, Scaling) {
    let place = path.key("autoscaler");
    let mut scaling = Scaling::default();
    let hpa = match &written.autoscaler {
        Some(Autoscaler::Hpa(written)) => {
            let (spec, sources) = hpa::read(cx, name, written, pods, &place.key("hpa"));
            scaling.sources = sources;
            Some(spec)
        }
        Some(Autoscaler::Keda(written)) => {
            let (spec, sources, keda) = keda(cx, written, pods, &place.key("keda"));
            (scaling.sources, scaling.keda) = (sources, Some(keda));
            Some(spec)
        }
        Some(Autoscaler::Predictive(written)) => {
            let place = place.key("predictive");
            let reactive = written.reactive().map(|reactive| hpa::read(cx, name, &reactive, pods, &place));
            let predictive = predictive(cx, written, reactive.as_ref().map(|(spec, _)| spec), (traffic, pods.requests), &place);
            let acts = !matches!(predictive.mode, PredictiveMode::Observer | PredictiveMode::Proactive);
            scaling.predictive = Some(predictive);
            reactive.filter(|_| acts).map(|(spec, sources)| {
                scaling.sources = sources;
                spec
            })
        }
        Some(Autoscaler::None) | None => None,
    };
    scaling.cron = written.cron_hpa.as_ref().map(|written| cron_hpa(cx, written, hpa.is_some(), &path.key("cronHpa")));
    (hpa, scaling)
}

fn cron_hpa(cx: &mut Context<'_>, written: &spec::CronHpa, has_hpa: bool, path: &Path) -> CronHpa {
    let zone = written.time_zone.as_ref().map(|zone| &zone.0);
    let through_hpa = match written.target {
        Some(CronTarget::Hpa) if !has_hpa => {
            cx.issues.error(code::CONFLICT, path.key("target"), "the service has no HPA to work on");
            false
        }
        Some(CronTarget::Hpa) => true,
        Some(CronTarget::Deployment) => {
            if has_hpa {
                let message = "the HPA sets the number of pods again at its next evaluation";
                cx.issues.warning(code::NO_EFFECT, path.key("target"), message).with_help("with `target: hpa` both can live together");
            }
            false
        }
        None => has_hpa,
    };
    for (i, date) in written.exclude_dates.iter().enumerate() {
        needs_date(cx, &date.0, &path.key("excludeDates").index(i));
    }
    if written.jobs.is_empty() {
        cx.issues.error(code::EMPTY, path.key("jobs"), "a CronHPA has at least one job");
    }
    let mut firings = Vec::new();
    for (i, job) in written.jobs.iter().enumerate() {
        let place = path.key("jobs").index(i);
        if written.jobs[..i].iter().any(|other| other.name == job.name) {
            cx.issues.error(code::DUPLICATE_NAME, place.key("name"), format!("two jobs are called {}", quote(&job.name)));
        }
        let schedule = place.key("schedule");
        if !needs_date(cx, &job.schedule.0, &schedule) {
            continue;
        }
        let times: Vec<Time> = job.schedule.0.instants(zone, cx.start, cx.duration).take(SUBMISSIONS_MAX as usize + 1).collect();
        if times.len() as u64 > SUBMISSIONS_MAX {
            cx.issues.error(code::TOO_LARGE, schedule, format!("the schedule fires too often: at most {SUBMISSIONS_MAX} times are possible"));
            continue;
        }
        if times.is_empty() {
            cx.issues.warning(code::NO_EFFECT, schedule, "the schedule does not fire during the run");
        }
        firings.extend(times.into_iter().map(|at| Firing { at, job: i as u32, excluded: None }));
    }
    firings.sort_by_key(|firing| firing.at);
    for firing in &mut firings {
        let excluded = written.exclude_dates.iter().find(|date| date.0.is_on_day_of(firing.at, zone, cx.start));
        firing.excluded = excluded.map(|date| quote(&date.0.to_string()));
    }
    let jobs = written.jobs.iter().map(|job| CronHpaJob {
        name: job.name.clone(),
        schedule: job.schedule.0.to_string(),
        target_size: job.target_size,
        run_once: job.run_once,
    });
    CronHpa { jobs: jobs.collect(), firings, through_hpa }
}

/// Whether a schedule means something in a run that may have no date.
fn needs_date(cx: &mut Context<'_>, schedule: &CronHpaSchedule, path: &Path) -> bool {
    let lacks = cx.start.is_none() && schedule.needs_date();
    if lacks {
        cx.issues
            .error(code::MISSING, path, "this schedule needs a date, which the scenario does not give")
            .with_help("say when the run starts, for instance `start: \"2026-11-10T22:00:00\"` at the top");
    }
    !lacks
}

fn keda(cx: &mut Context<'_>, written: &spec::Keda, pods: &Pods<'_>, path: &Path) -> (HpaSpec, Vec<Option<MetricSource>>, Keda) {
    let max = written.max.unwrap_or(MAX_REPLICA_COUNT);
    if max < written.min.max(1) {
        cx.issues.error(code::ORDER, path.key("max"), format!("`max` is {max} while `min` is {}", written.min));
    }
    if written.idle.is_some_and(|idle| idle >= written.min) {
        cx.issues.error(code::ORDER, path.key("idle"), "idle replicas are fewer than `min`");
    }
    if written.triggers.is_empty() {
        cx.issues.error(code::EMPTY, path.key("triggers"), "a ScaledObject has at least one trigger");
    }
    let polling_interval = written.polling_interval.map_or(POLLING_INTERVAL, |span| span.0);
    if polling_interval.is_zero() || cx.duration.as_nanos() / polling_interval.as_nanos().max(1) > TICKS_MAX {
        cx.issues.error(code::TOO_SMALL, path.key("pollingInterval"), "triggers cannot be looked at that often");
    }
    let (mut metrics, mut sources, mut triggers) = (Vec::new(), Vec::new(), Vec::new());
    for (i, trigger) in written.triggers.iter().enumerate() {
        let place = path.key("triggers").index(i);
        match trigger {
            spec::KedaTrigger::Cron(cron) => {
                let windows = calendar::windows(&cron.start.0, &cron.end.0, &cron.timezone.0, cx.start, cx.duration);
                if cron.desired_replicas == 0 {
                    cx.issues.error(code::TOO_SMALL, place.key("cron").key("desiredReplicas"), "at least one replica is desired");
                }
                // Outside its window the scaler still reports one replica.
                let floor = windows.iter().flat_map(|(from, until)| [(*from, f64::from(cron.desired_replicas)), (*until, 1.0)]);
                let curve = Curve::steps(&std::iter::once((Time::ZERO, 1.0)).chain(floor).collect::<Vec<_>>());
                metrics.push(MetricSpec::External { name: format!("cron {} to {}", cron.start.0, cron.end.0), target: ValueTarget::AverageValue(1000) });
                sources.push(Some(MetricSource::Given(curve)));
                triggers.push(KedaTrigger { name: "cron".to_owned(), activation: Activation::During(windows) });
            }
            spec::KedaTrigger::Metric(metric) => {
                let place = place.key("metric");
                let source = custom_metrics::named(cx, &metric.name, &place.key("name"));
                let threshold = positive_milli(cx, metric.threshold, &place.key("threshold"));
                let target = if metric.per_replica.unwrap_or(true) { ValueTarget::AverageValue(threshold) } else { ValueTarget::Value(threshold) };
                metrics.push(MetricSpec::External { name: metric.name.clone(), target });
                sources.push(Some(source.clone()));
                let threshold = metric.activation_threshold.map_or(0.0, |amount| amount.0.as_f64());
                triggers.push(KedaTrigger { name: metric.name.clone(), activation: Activation::Above { source, threshold } });
            }
            spec::KedaTrigger::Cpu(percent) | spec::KedaTrigger::Memory(percent) => {
                let (resource, key) = if matches!(trigger, spec::KedaTrigger::Cpu(_)) { (ResourceName::Cpu, "cpu") } else { (ResourceName::Memory, "memory") };
                if hpa::check_resource(cx, resource, true, pods, &place.key(key)) {
                    metrics.push(MetricSpec::Resource { resource, target: Target::Utilization(percent.0.0.max(1)) });
                    sources.push(None);
                }
            }
        }
    }
    if triggers.is_empty() && written.min == 0 && !written.triggers.is_empty() {
        cx.issues
            .error(code::REFUSED, path.key("min"), "nothing could wake the service: `cpu` and `memory` need a running pod")
            .with_help("choose `min: 1`, or add a `cron` or `metric` trigger");
    }
    let behavior = written.behavior.as_ref().map(|behavior| hpa::behavior(cx, behavior, &path.key("behavior")));
    let keda = Keda {
        polling_interval: if polling_interval.is_zero() { POLLING_INTERVAL } else { polling_interval },
        cooldown: written.cooldown_period.map_or(COOLDOWN_PERIOD, |span| span.0),
        min: written.min,
        idle: written.idle,
        triggers,
    };
    (HpaSpec { min: written.min.max(1), max, metrics, behavior }, sources, keda)
}

/// A target in thousandths.
pub(super) fn positive_milli(cx: &mut Context<'_>, amount: crate::text::Amount, path: &Path) -> i64 {
    let milli = amount.0.as_milli();
    if milli <= 0 || milli > i128::from(i64::MAX) {
        cx.issues.error(code::TOO_SMALL, path, "a target is more than 0, and less than 9.2e15");
    }
    milli.clamp(1, i128::from(i64::MAX)) as i64
}

fn predictive(
    cx: &mut Context<'_>,
    written: &spec::Predictive,
    reactive: Option<&HpaSpec>,
    (traffic, requests): (&Traffic, Resources),
    path: &Path,
) -> Predictive {
    let mode = match written.mode {
        Some(spec::PredictiveMode::Observer) => PredictiveMode::Observer,
        Some(spec::PredictiveMode::Proactive) => PredictiveMode::Proactive,
        Some(spec::PredictiveMode::Reactive) => PredictiveMode::Reactive,
        Some(spec::PredictiveMode::Auto) | None => PredictiveMode::Auto,
    };
    if mode == PredictiveMode::Reactive && reactive.is_none() {
        cx.issues.error(code::MISSING, path, "the mode `reactive` needs a target such as `cpu: 60`").on_key();
    }
    let min = written.min.unwrap_or(1);
    if written.max < min {
        cx.issues.error(code::ORDER, path.key("max"), format!("`max` is {} while `min` is {min}", written.max));
    }
    let mut span = |written: Option<crate::text::Duration>, usual: u64, key: &str| {
        let span = written.map_or(Span::from_secs(usual), |span| span.0);
        if span.is_zero() || span > SPAN_MAX {
            cx.issues.error(code::TOO_SMALL, path.key(key), "a time of more than 0 and at most 10 years is possible");
            return Span::from_secs(usual);
        }
        span
    };
    let (period, step, interval) = (span(written.period, 86_400, "period"), span(written.step, 60, "step"), span(written.interval, 60, "interval"));
    if cx.duration.as_nanos() / interval.as_nanos() > TICKS_MAX {
        cx.issues.error(code::TOO_SMALL, path.key("interval"), "the forecast cannot be looked at that often");
    }
    if !period.as_nanos().is_multiple_of(step.as_nanos()) || period.as_nanos() / step.as_nanos() > 1_000_000 {
        cx.issues.error(code::CONFLICT, path.key("step"), "a period is a whole number of steps, at most a million");
    }
    let quantile = written.quantile.map_or(0.95, |quantile| quantile.0.0);
    let (load, is_cpu) = history(cx, written, traffic, period, path);
    let steps = (period.as_nanos() / step.as_nanos()).clamp(1, 1_000_000) as usize;
    let forecast = seasonal_quantile(&means(&load, step, steps), steps, quantile);
    let per_replica = match written.per_replica {
        Some(amount) if is_cpu => amount.0.as_milli() as f64,
        Some(amount) => amount.0.as_f64(),
        None => per_replica(reactive, traffic, requests, is_cpu).unwrap_or_else(|| {
            cx.issues.error(code::MISSING, path, "a forecast needs `perReplica`, or a CPU target and what a request takes of it").on_key();
            1.0
        }),
    };
    if per_replica <= 0.0 {
        cx.issues.error(code::TOO_SMALL, path.key("perReplica"), "a replica is for more than no load");
    }
    let bounds = bounds(cx, written, min, path);
    Predictive { mode, interval, forecast, step, per_replica: per_replica.max(f64::MIN_POSITIVE), forward: written.scale_up_forward.0, bounds }
}

/// The load that uses as much of a pod's CPU request as the target says: in milliCPU, or in requests a second.
fn per_replica(reactive: Option<&HpaSpec>, traffic: &Traffic, requests: Resources, is_cpu: bool) -> Option<f64> {
    let percent = reactive?.metrics.iter().find_map(|metric| match metric {
        MetricSpec::Resource { resource: ResourceName::Cpu, target: Target::Utilization(percent) } => Some(f64::from(*percent)),
        _ => None,
    })?;
    let cpu = requests.cpu.0 as f64 * percent / 100.0;
    match traffic {
        _ if is_cpu => Some(cpu),
        Traffic::Requests(load) if load.cpu_per_worker > 0.0 => Some(cpu / (load.cpu_per_worker * load.service_time.mean())),
        Traffic::None | Traffic::Requests(_) | Traffic::CpuDemand { .. } => None,
    }
    .filter(|load| load.is_finite())
}

/// A load before the run: a curve that begins with its first period, and how many periods it covers.
struct Past {
    curve: Curve,
    periods: u32,
}

/// The load before the run, and whether it is CPU.
fn history(cx: &mut Context<'_>, written: &spec::Predictive, traffic: &Traffic, period: Span, path: &Path) -> (Past, bool) {
    let Some(history) = &written.history else {
        let (curve, is_cpu) = match traffic {
            Traffic::Requests(Requests { rate, users: None, .. }) => (rate.clone(), false),
            Traffic::CpuDemand { demand, .. } => (demand.clone(), true),
            Traffic::None | Traffic::Requests(_) => {
                cx.issues
                    .error(code::MISSING, path, "a forecast needs a `history`")
                    .on_key()
                    .with_help("for instance `history: {profile: [{constant: 100/s}]}`");
                (Curve::default(), false)
            }
        };
        return (Past { curve, periods: 1 }, is_cpu);
    };
    let periods = history.periods.unwrap_or(7);
    let place = path.key("history");
    if !(1..=1000).contains(&periods) {
        cx.issues.error(code::REFUSED, place.key("periods"), "a history covers 1 to 1000 periods");
    }
    // Profiles run over the time of the history instead of that of the run.
    let periods = periods.clamp(1, 1000);
    let duration = std::mem::replace(&mut cx.duration, Span::from_nanos(period.as_nanos().saturating_mul(u64::from(periods))).min(SPAN_MAX));
    let (curve, is_cpu) = match load::read(cx, &history.profile, &place.key("profile")) {
        Load::Requests { rate, .. } => (rate, false),
        Load::CpuDemand { demand, .. } => (demand, true),
        Load::Users(_) => {
            cx.issues.error(code::CONFLICT, place.key("profile"), "a history is a rate or a `cpuDemand`, not `users`");
            (Curve::default(), false)
        }
    };
    cx.duration = duration;
    (Past { curve, periods }, is_cpu)
}

/// The mean of each step.
fn means(past: &Past, step: Span, steps: usize) -> Vec<f64> {
    let at = |index: usize| Time::from_nanos(step.as_nanos().saturating_mul(index as u64));
    let count = (steps * past.periods as usize).min(10_000_000);
    let mean = |index: usize| past.curve.integral(at(index), at(index + 1)) / step.as_secs_f64();
    // A mean of equal values must not come out a hair above them.
    (0..count).map(mean).map(|value| (value * 1e6).round() / 1e6).collect()
}

/// When which bounds hold.
fn bounds(cx: &mut Context<'_>, written: &spec::Predictive, min: u32, path: &Path) -> Vec<(Time, u32, u32)> {
    const MINUTE: Span = Span::from_secs(60);
    let usual = (min, written.max);
    if written.bounds.is_empty() {
        return vec![(Time::ZERO, usual.0, usual.1)];
    }
    let zone = written.time_zone.as_ref().map(|zone| &zone.0);
    // Minutes at which something may change, from when on each entry holds.
    let mut changes: Vec<Time> = vec![Time::ZERO];
    let mut holds: Vec<Vec<(Time, Time)>> = Vec::new();
    for (i, bound) in written.bounds.iter().enumerate() {
        let place = path.key("bounds").index(i);
        if bound.max < bound.min {
            cx.issues.error(code::ORDER, place.key("max"), format!("`max` is {} while `min` is {}", bound.max, bound.min));
        }
        if cx.start.is_none() && !bound.cron.0.is_daily() {
            cx.issues
                .error(code::MISSING, place.key("cron"), "this schedule needs a date, which the scenario does not give")
                .with_help("say when the run starts, for instance `start: \"2026-11-10T22:00:00\"` at the top");
            continue;
        }
        let mut stretches: Vec<(Time, Time)> = Vec::new();
        for minute in calendar::instants(&bound.cron.0, zone, cx.start, Span::ZERO, cx.duration).take(SUBMISSIONS_MAX as usize) {
            match stretches.last_mut().filter(|last| last.1 == minute) {
                Some(last) => last.1 = minute + MINUTE,
                None => stretches.push((minute, minute + MINUTE)),
            }
        }
        changes.extend(stretches.iter().flat_map(|(from, until)| [*from, *until]));
        holds.push(stretches);
    }
    changes.sort_unstable();
    changes.dedup();
    let at = |time: Time| {
        let holding = holds.iter().position(|stretches| {
            let place = stretches.partition_point(|(from, _)| *from <= time);
            place > 0 && time < stretches[place - 1].1
        });
        holding.and_then(|place| written.bounds.get(place)).map_or(usual, |bound| (bound.min, bound.max))
    };
    changes.into_iter().map(|time| (time, at(time).0, at(time).1)).collect()
}
