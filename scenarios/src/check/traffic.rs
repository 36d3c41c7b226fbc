//! What a service's pods are asked to do.

use sim_core::id::Table;
use sim_core::plan::{Curve, Discipline, PodTemplate, Requests, Tier, Traffic, Users};
use sim_core::random::Distribution;
use sim_core::units::Span;

use super::limits::{CONCURRENCY_MAX, SPAN_MAX};
use super::load::{self, Load};
use super::{Context, calls, code, distribution, retries, serving};
use crate::issue::Path;
use crate::spec::{self, Profile};

/// CPU of a pod without limit and request, in milliCPU.
const ONE_CORE: u64 = 1000;

/// The plan's traffic of the service at `path`.
pub(super) fn read(
    cx: &mut Context<'_>,
    name: &str,
    written: &spec::Service,
    profiles: &[Profile],
    template: &PodTemplate,
    tiers: &Table<Tier>,
    path: &Path,
) -> Traffic {
    let service_time = written.service_time.as_ref().map(|written| distribution::read(cx, written, true, &path.key("serviceTime")));
    let concurrency = concurrency(cx, written, path);
    for (span, key) in [(written.timeout, "timeout"), (written.cpu_per_request, "cpuPerRequest")] {
        if span.is_some_and(|span| span.0.is_zero() || span.0 > SPAN_MAX) {
            cx.issues.error(code::TOO_SMALL, path.key(key), "a time of more than 0 and at most 10 years is possible");
        }
    }
    let retries = written.retries.as_ref().map(|written| retries::read(cx, written, &path.key("retries")));
    let calls = calls::read(cx, written, path);
    let is_called = cx.called.has(name);
    if profiles.is_empty() && !is_called {
        if !written.calls.is_empty() {
            cx.issues.warning(code::NO_EFFECT, path.key("calls"), "this service gets no requests, so it calls nobody");
        }
        return Traffic::None;
    }
    let place = Path::root().key("load").key(name);
    let (rate, modulated, recorded, users) = match load::read(cx, profiles, &place) {
        Load::CpuDemand { demand, cap } => {
            if !written.calls.is_empty() {
                cx.issues.warning(code::NO_EFFECT, path.key("calls"), "a `cpuDemand` has no requests that could call somebody");
            }
            return Traffic::CpuDemand { demand, cap_per_pod: cap.or(template.cpu_limit) };
        }
        Load::Requests { rate, modulated, recorded } => (rate, modulated, recorded, None),
        Load::Users(users) => (Curve::default(), Vec::new(), Vec::new(), Some(users)),
    };
    let Some(service_time) = service_time else {
        cx.issues
            .error(code::MISSING, path, "a service that gets requests needs `serviceTime`")
            .on_key()
            .with_help("for instance `serviceTime: {lognormal: {mean: 40ms, cv: 1.5}}`");
        return Traffic::None;
    };
    serving::of_queue(cx, name, written, users.is_some(), path);
    if let Some(users) = &users {
        requests_of_users(cx, users, &service_time, &place);
    }
    let shared = (written.discipline == Some(spec::Discipline::ProcessorSharing)).then(|| serving::sharing(cx, written, &service_time, template, path));
    let (discipline, service_time, cpu_per_worker) = if let Some((discipline, cpu_time)) = shared {
        (discipline, cpu_time, ONE_CORE as f64)
    } else {
        let cpu_per_worker = cpu_per_worker(cx, written, &service_time, concurrency, template, path);
        (Discipline::FirstComeFirstServed, service_time, cpu_per_worker)
    };
    let positive = |cx: &mut Context<'_>, written: &spec::Distribution, key: &str| distribution::read(cx, written, true, &path.key(key));
    let wake_up = written.wake_up.as_ref().map(|written| positive(cx, written, "wakeUp"));
    Traffic::Requests(Requests {
        rate,
        modulated,
        recorded,
        arrivals: serving::arrivals(cx, written.arrivals, &path.key("arrivals")),
        users,
        service_time,
        cpu_per_worker,
        concurrency,
        queue_limit: written.queue_limit,
        shedding: serving::shedding(cx, written.shedding.as_ref(), &path.key("shedding")),
        timeout: written.timeout.map(|span| span.0),
        retries,
        balancing: serving::balancing(cx, written.balancing.as_ref(), tiers, &path.key("balancing")),
        discipline,
        endpoint_delay: serving::endpoint_delay(cx, written.endpoint_delay, &path.key("endpointDelay")),
        cfs_period: serving::cfs_period(cx, written, template, path),
        speed: serving::by_tier(cx, &written.speed, tiers, 0.01, &path.key("speed")),
        revisions_differ: false,
        warm_up: serving::warm_up(cx, written.warm_up.as_ref(), &path.key("warmUp")),
        listens_after: written.listens_after.map_or(Span::ZERO, |span| span.0.min(SPAN_MAX)),
        wake_up,
        calls,
    })
}

/// Refuses more requests than a run takes: users who never wait send one after the other.
fn requests_of_users(cx: &mut Context<'_>, users: &Users, service_time: &Distribution, path: &Path) {
    let most = users.count.iter().map(|change| change.1).max().unwrap_or(0);
    let requests = f64::from(most) * cx.duration.as_secs_f64() / (users.think.mean() + service_time.mean()).max(f64::MIN_POSITIVE);
    let possible = cx.requests_max;
    if requests > possible {
        cx.issues
            .error(code::TOO_LARGE, path, format!("about {requests:.2e} requests are too many: at most {possible:.0e} are possible"))
            .on_key()
            .with_help("let users think longer, or shorten the duration");
    }
}

fn concurrency(cx: &mut Context<'_>, written: &spec::Service, path: &Path) -> u32 {
    let is_shared = written.discipline == Some(spec::Discipline::ProcessorSharing);
    let concurrency = written.concurrency.unwrap_or(if is_shared { CONCURRENCY_MAX } else { 1 });
    if !(1..=CONCURRENCY_MAX).contains(&concurrency) {
        let code = if concurrency == 0 { code::TOO_SMALL } else { code::TOO_LARGE };
        cx.issues.error(code, path.key("concurrency"), format!("a pod works on 1 to {CONCURRENCY_MAX} requests at once"));
    }
    concurrency.max(1)
}

/// CPU that a busy worker uses, in milliCPU.
fn cpu_per_worker(cx: &mut Context<'_>, written: &spec::Service, service_time: &Distribution, concurrency: u32, template: &PodTemplate, path: &Path) -> f64 {
    let Some(per_request) = written.cpu_per_request else {
        let request = template.requests.cpu.0;
        let whole = template.cpu_limit.map_or(if request > 0 { request } else { ONE_CORE }, |limit| limit.0);
        return whole as f64 / f64::from(concurrency);
    };
    let place = path.key("cpuPerRequest");
    let mean = service_time.mean();
    if !mean.is_finite() {
        cx.issues.error(code::CONFLICT, &place, "the service time has no finite mean, so a mean CPU time says nothing").with_help("choose `alpha` above 1");
        return 0.0;
    }
    let busy = per_request.0.as_secs_f64() / mean.max(f64::MIN_POSITIVE) * 1000.0;
    let (all, limit) = (busy * f64::from(concurrency), template.cpu_limit.map(|limit| limit.0 as f64));
    if limit.is_some_and(|limit| all > limit * 1.001) {
        let message = format!(
            "a pod with {concurrency} requests would use {all:.0}m CPU, more than its limit, and workers that are first come, first served are not throttled"
        );
        cx.issues.warning(code::ABOVE_LIMIT, &place, message).with_help("choose `discipline: processorSharing`, lower `concurrency` or raise `serviceTime`");
    }
    busy
}
