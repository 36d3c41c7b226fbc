//! How requests are spaced, find their pod and are served.

use std::collections::BTreeMap;

use sim_core::id::Table;
use sim_core::plan::{Arrivals, Balancing, Discipline, EndpointDelay, PodTemplate, Shedding, Tier, WarmUp};
use sim_core::random::Distribution;
use sim_core::units::Span;

use super::limits::SPAN_MAX;
use super::{Context, code, distribution};
use crate::issue::Path;
use crate::spec::{self, Variation};
use crate::suggest;
use crate::wording::{either, quote};

/// Most keys of consistent hashing.
const KEYS_MAX: u32 = 1_000_000;

/// The plan's spacing of requests.
pub(super) fn arrivals(cx: &mut Context<'_>, written: Option<spec::Arrivals>, path: &Path) -> Arrivals {
    let mut cv = |key: &str, Variation { cv }: Variation, min: f64| distribution::number(cx, cv, min, 20.0, &path.key(key).key("cv"));
    match written {
        None | Some(spec::Arrivals::Poisson) => Arrivals::Poisson,
        Some(spec::Arrivals::Constant) => Arrivals::Constant,
        Some(spec::Arrivals::Gamma(written)) => Arrivals::Renewal(Distribution::gamma(1.0, cv("gamma", written, 0.01))),
        Some(spec::Arrivals::Lognormal(written)) => Arrivals::Renewal(Distribution::lognormal(1.0, cv("lognormal", written, 0.01))),
        Some(spec::Arrivals::Weibull(written)) => Arrivals::Renewal(Distribution::weibull(1.0, cv("weibull", written, 0.01))),
        Some(spec::Arrivals::Hyperexponential(written)) => Arrivals::Renewal(Distribution::hyperexponential(1.0, cv("hyperexponential", written, 1.0))),
    }
}

/// The plan's choice of pods.
pub(super) fn balancing(cx: &mut Context<'_>, written: Option<&spec::Balancing>, tiers: &Table<Tier>, path: &Path) -> Balancing {
    match written {
        None | Some(spec::Balancing::Random) => Balancing::Random,
        Some(spec::Balancing::RoundRobin) => Balancing::RoundRobin,
        Some(spec::Balancing::PowerOfTwo | spec::Balancing::LeastRequest) => Balancing::PowerOfTwo,
        Some(spec::Balancing::LeastOutstanding) => Balancing::LeastOutstanding,
        Some(spec::Balancing::Local) => Balancing::Local,
        Some(spec::Balancing::Queue) => Balancing::Queue,
        Some(spec::Balancing::Weighted(weights)) => Balancing::Weighted(by_tier(cx, weights, tiers, 0.0, &path.key("weighted"))),
        Some(spec::Balancing::ConsistentHash(hash)) => {
            let path = path.key("consistentHash");
            if !(1..=KEYS_MAX).contains(&hash.keys) {
                cx.issues.error(code::TOO_LARGE, path.key("keys"), format!("1 to {KEYS_MAX} keys are possible"));
            }
            let skew = distribution::number(cx, hash.skew, 0.0, 10.0, &path.key("skew"));
            Balancing::ConsistentHash { keys: hash.keys.clamp(1, KEYS_MAX), skew }
        }
    }
}

/// Refuses what pods that take their requests from a queue cannot have.
pub(super) fn of_queue(cx: &mut Context<'_>, name: &str, written: &spec::Service, has_users: bool, path: &Path) {
    if written.balancing != Some(spec::Balancing::Queue) {
        return;
    }
    let others = [
        (written.retries.is_some(), "retries", "a message comes back by itself when its pod goes"),
        (written.discipline == Some(spec::Discipline::ProcessorSharing), "discipline", "a pod takes a message when one of its workers is free"),
        (written.warm_up.is_some(), "warmUp", "it is not simulated for pods with a queue"),
        (written.listens_after.is_some(), "listensAfter", "nobody connects to pods that take messages"),
        (written.wake_up.is_some(), "wakeUp", "it is not simulated for pods with a queue"),
        (written.endpoint_delay.is_some(), "endpointDelay", "nobody sends requests to pods that take messages"),
        (!written.calls.is_empty(), "calls", "chains of calls begin and go on with requests that are answered"),
    ];
    for (_, key, why) in others.into_iter().filter(|(given, ..)| *given) {
        cx.issues.error(code::CONFLICT, path.key(key), format!("`{key}` does not go with `balancing: queue`: {why}")).on_key();
    }
    if cx.called.has(name) {
        cx.issues.error(code::CONFLICT, path.key("balancing"), "other services call this one and wait for its answer, which nobody gets from a queue");
    }
    if has_users {
        cx.issues.error(code::CONFLICT, path.key("balancing"), "users wait for answers, which nobody gets from a queue").with_help("give `load` as a rate");
    }
}

/// Numbers by tier, 1 where nothing is said; empty if nothing is said at all.
pub(super) fn by_tier(cx: &mut Context<'_>, written: &BTreeMap<String, f64>, tiers: &Table<Tier>, min: f64, path: &Path) -> Vec<f64> {
    let mut numbers = if written.is_empty() { Vec::new() } else { vec![1.0; tiers.len()] };
    for (name, number) in written {
        let place = path.key(name);
        let number = distribution::number(cx, *number, min, 1000.0, &place);
        if let Some(tier) = tiers.values().position(|tier| tier.name == *name) {
            numbers[tier] = number;
        } else {
            let issue = cx.issues.error(code::UNKNOWN_NAME, &place, format!("there is no tier {}", quote(name))).on_key();
            issue.help = Some(match suggest::nearest(name, tiers.values().map(|tier| tier.name.as_str())) {
                Some(near) => format!("did you mean {}?", quote(near)),
                None => format!("nodes are in {}", either(tiers.values().map(|tier| tier.name.as_str()))),
            });
        }
    }
    numbers
}

/// The plan's slow first seconds.
pub(super) fn warm_up(cx: &mut Context<'_>, written: Option<&spec::WarmUp>, path: &Path) -> Option<WarmUp> {
    let written = written?;
    if written.length.0 > SPAN_MAX {
        cx.issues.error(code::TOO_LARGE, path.key("length"), "a time of at most 10 years is possible");
    }
    let speed = distribution::number(cx, written.speed.0.0, 0.01, 1.0, &path.key("speed"));
    Some(WarmUp { length: written.length.0.min(SPAN_MAX), speed })
}

/// The plan's load shedding.
pub(super) fn shedding(cx: &mut Context<'_>, written: Option<&spec::Shedding>, path: &Path) -> Option<Shedding> {
    let written = written?;
    if written.wait.is_none() && written.utilization.is_none() {
        cx.issues.error(code::MISSING, path, "a pod sheds load by `wait` or by `utilization`").on_key();
    }
    if written.wait.is_some_and(|wait| wait.0 > SPAN_MAX) {
        cx.issues.error(code::TOO_LARGE, path.key("wait"), "a time of at most 10 years is possible");
    }
    let utilization = written.utilization.map(|share| share.0.0);
    if utilization.is_some_and(|share| share <= 0.0) {
        cx.issues.error(code::TOO_SMALL, path.key("utilization"), "a pod that sheds load from 0 % on serves nobody");
    }
    Some(Shedding { wait: written.wait.map(|wait| wait.0), utilization })
}

/// How late changes of the pods are known.
pub(super) fn endpoint_delay(cx: &mut Context<'_>, written: Option<spec::EndpointDelay>, path: &Path) -> EndpointDelay {
    let written = written.unwrap_or_default();
    for (span, key) in [(written.add.0, "add"), (written.remove.0, "remove")] {
        if span > Span::from_secs(3600) {
            cx.issues.error(code::TOO_LARGE, path.key(key), "changes are known within an hour");
        }
    }
    EndpointDelay { add: written.add.0, remove: written.remove.0 }
}

/// The plan's period of CPU bandwidth control.
pub(super) fn cfs_period(cx: &mut Context<'_>, written: &spec::Service, template: &PodTemplate, path: &Path) -> Option<Span> {
    let (period, place) = (written.cfs_period?.0, path.key("cfsPeriod"));
    if period < Span::from_millis(1) || period > Span::from_secs(1) {
        cx.issues.error(code::TOO_LARGE, &place, "the kernel takes periods of 1 ms to 1 s");
    }
    if written.discipline != Some(spec::Discipline::ProcessorSharing) {
        cx.issues.error(code::CONFLICT, &place, "only requests that share their CPU can use up its quota").with_help("choose `discipline: processorSharing`");
    }
    if template.cpu_limit.is_none() {
        cx.issues.error(code::MISSING, &place, "without a CPU limit there is no quota").with_help("give `limits: {cpu: …}`");
    }
    Some(period)
}

/// Processor sharing, and the CPU time of a request.
pub(super) fn sharing(
    cx: &mut Context<'_>,
    written: &spec::Service,
    service_time: &Distribution,
    template: &PodTemplate,
    path: &Path,
) -> (Discipline, Distribution) {
    let request = template.requests.cpu.0;
    let cores = template.cpu_limit.map_or(if request > 0 { request } else { 1000 }, |limit| limit.0) as f64 / 1000.0;
    let mean = service_time.mean();
    let share = match written.cpu_per_request {
        None => 1.0,
        Some(_) if !mean.is_finite() => {
            let message = "the service time has no finite mean, so a mean CPU time says nothing";
            cx.issues.error(code::CONFLICT, path.key("cpuPerRequest"), message).with_help("choose `alpha` above 1");
            1.0
        }
        Some(cpu) => {
            let share = cpu.0.as_secs_f64() / mean.max(f64::MIN_POSITIVE);
            if share > 1.0 {
                let message = "a request that is alone at a pod takes at least its CPU time";
                cx.issues.error(code::ORDER, path.key("cpuPerRequest"), message).with_help("raise `serviceTime`, or leave `cpuPerRequest` out");
            }
            share.clamp(1e-9, 1.0)
        }
    };
    (Discipline::ProcessorSharing { cores: cores.max(0.001), waiting: 1.0 / share - 1.0 }, service_time.scaled(share))
}
