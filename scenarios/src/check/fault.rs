//! What breaks.

mod targets;
mod trace;

use sim_core::id::Table;
use sim_core::plan::{
    self, FailMode, FaultBegins, FaultKind, Faults, InstanceFailures, InstanceScope, Job, KubernetesVersion, PlanSupply, PodsHit, Repair, Service,
};
use sim_core::random::Distribution;
use sim_core::units::{Span, Time};

use self::targets::Targets;
use super::estate::Estate;
use super::limits::SPAN_MAX;
use super::{Context, code, distribution, provider};
use crate::issue::Path;
use crate::spec::{self, Fault, Scenario, ShortOr};
use crate::text::Duration;

/// Most faults of one entry in a run, so that a slip of a unit is not a run without end.
const FAULTS_MAX: f64 = 1e6;

/// The plan's faults.
pub(super) fn read(
    cx: &mut Context<'_>,
    scenario: &Scenario,
    version: KubernetesVersion,
    estate: &Estate,
    services: &Table<Service>,
    jobs: &Table<Job>,
    supply: &PlanSupply,
) -> Faults {
    // Kubernetes gives nodes more time since 1.32 (its pull request 126287).
    let grace = Span::from_secs(if version.minor >= 32 { 50 } else { 40 });
    let usual = Faults { grace, ..Faults::default() };
    let kubernetes = &scenario.kubernetes;
    let path = Path::root().key("kubernetes");
    let span = |cx: &mut Context<'_>, written: Option<Duration>, usual: Span, key: &str| {
        let span = written.map_or(usual, |written| written.0);
        if span > SPAN_MAX {
            cx.issues.error(code::TOO_LARGE, path.key(key), "a time of at most 10 years is possible");
        }
        span
    };
    let mut faults = Faults {
        grace: span(cx, kubernetes.node_monitor_grace_period, usual.grace, "nodeMonitorGracePeriod"),
        toleration: span(cx, kubernetes.default_unreachable_toleration, usual.toleration, "defaultUnreachableToleration"),
        ..usual
    };
    let targets = Targets { scenario, estate, services, jobs, supply };
    for (i, fault) in scenario.faults.iter().enumerate() {
        let path = Path::root().key("faults").index(i);
        match fault {
            Fault::ZoneOutage(fault) => zone_outage(cx, fault, &targets, &path.key("zoneOutage"), &mut faults),
            Fault::NodeCrash(fault) => node_crash(cx, fault, &targets, &path.key("nodeCrash"), &mut faults),
            Fault::Partition(fault) => partition(cx, fault, &targets, &path.key("partition"), &mut faults),
            Fault::InstanceFailure(fault) => instance_failure(cx, fault, &targets, &path.key("instanceFailure"), &mut faults),
            Fault::Registry(fault) => registry(cx, fault, &targets, &path.key("registry"), &mut faults),
            Fault::ProviderApi(fault) => provider_api(cx, fault, &targets, &path.key("providerApi"), &mut faults),
            Fault::ReadinessFlap(fault) => readiness_flap(cx, fault, &targets, &path.key("readinessFlap"), &mut faults),
            Fault::Trace(fault) => trace::read(cx, fault, &targets, &path.key("trace"), &mut faults),
        }
    }
    faults
}

/// What every fault says about its times, as written.
struct Times<'a> {
    at: Option<Duration>,
    mtbf: Option<&'a spec::Distribution>,
    lasts: Option<&'a spec::Distribution>,
    mttr: Option<&'a spec::Distribution>,
}

macro_rules! times {
    ($fault:expr) => {
        Times { at: $fault.at, mtbf: $fault.mtbf.as_ref(), lasts: $fault.r#for.as_ref(), mttr: $fault.mttr.as_ref() }
    };
}

/// When a fault begins and how long it lasts; none if that was reported as wrong.
fn times(cx: &mut Context<'_>, written: &Times<'_>, path: &Path) -> Option<(FaultBegins, Repair)> {
    let begins = begins(cx, written.at, written.mtbf, path)?;
    let repair = match (written.lasts, written.mttr) {
        (None, None) => Repair::Never,
        (Some(ShortOr::Short(span)), None) => {
            if span.0.is_zero() {
                cx.issues.error(code::TOO_SMALL, path.key("for"), "a fault lasts longer than 0");
            }
            Repair::After(span.0.min(SPAN_MAX))
        }
        (Some(lasts), None) => Repair::Random(distribution::read(cx, lasts, true, &path.key("for"))),
        (None, Some(mttr)) => Repair::Random(mean(cx, mttr, &path.key("mttr"))),
        (Some(_), Some(_)) => {
            cx.issues.error(code::CONFLICT, path.key("mttr"), "a fault has either `for` or `mttr`").on_key();
            return None;
        }
    };
    Some((begins, repair))
}

fn begins(cx: &mut Context<'_>, at: Option<Duration>, mtbf: Option<&spec::Distribution>, path: &Path) -> Option<FaultBegins> {
    match (at, mtbf) {
        (Some(at), None) => {
            if at.0 >= cx.duration {
                cx.issues.warning(code::NO_EFFECT, path.key("at"), "this comes after the end of the run");
            }
            Some(FaultBegins::At(Time::ZERO.saturating_add(at.0)))
        }
        (None, Some(mtbf)) => Some(FaultBegins::Every(mean(cx, mtbf, &path.key("mtbf")))),
        (Some(_), Some(_)) => {
            cx.issues.error(code::CONFLICT, path.key("mtbf"), "a fault has either `at` or `mtbf`").on_key();
            None
        }
        (None, None) => {
            cx.issues.error(code::MISSING, path, "a fault needs `at` or `mtbf`").on_key();
            None
        }
    }
}

/// A mean stands for an exponential distribution.
fn mean(cx: &mut Context<'_>, written: &spec::Distribution, path: &Path) -> Distribution {
    let distribution = match written {
        ShortOr::Short(mean) => Distribution::Exponential { mean: mean.0.min(SPAN_MAX).as_secs_f64() },
        ShortOr::Full(_) => distribution::read(cx, written, true, path),
    };
    if cx.duration.as_secs_f64() > FAULTS_MAX * Distribution::mean(&distribution) {
        cx.issues.error(code::TOO_SMALL, path, "this would happen more than a million times in the run");
    }
    distribution
}

fn mode(mode: spec::FailMode) -> FailMode {
    match mode {
        spec::FailMode::Immediate => FailMode::Immediate,
        spec::FailMode::NodeLease => FailMode::NodeLease,
    }
}

fn push(faults: &mut Faults, target: String, (begins, repair): &(FaultBegins, Repair), kind: FaultKind) {
    faults.list.push(plan::Fault { target, begins: begins.clone(), repair: repair.clone(), kind });
}

fn zone_outage(cx: &mut Context<'_>, written: &spec::ZoneOutage, targets: &Targets<'_>, path: &Path, faults: &mut Faults) {
    let times = times(cx, &times!(written), path);
    let is_known = targets.zone(cx, &written.zone, &path.key("zone"));
    if let (Some(times), true) = (times, is_known) {
        let kind = FaultKind::Zone { zone: written.zone.clone(), mode: mode(written.mode) };
        push(faults, format!("zone {}", written.zone), &times, kind);
    }
}

fn node_crash(cx: &mut Context<'_>, written: &spec::NodeCrash, targets: &Targets<'_>, path: &Path, faults: &mut Faults) {
    let times = times(cx, &times!(written), path);
    let nodes = targets.machines(cx, written, path);
    let Some(times) = times else { return };
    for node in nodes {
        let name = &targets.estate.nodes[node].name;
        push(faults, format!("node {name}"), &times, FaultKind::Node { node, mode: mode(written.mode) });
    }
}

fn partition(cx: &mut Context<'_>, written: &spec::Partition, targets: &Targets<'_>, path: &Path, faults: &mut Faults) {
    let times = times(cx, &times!(written), path);
    match (&written.zone, &written.node) {
        (Some(zone), None) => {
            let is_known = targets.zone(cx, zone, &path.key("zone"));
            if let (Some(times), true) = (times, is_known) {
                push(faults, format!("zone {zone}"), &times, FaultKind::Partition { zone: Some(zone.clone()), node: None, serves: written.serves });
            }
        }
        (None, Some(name)) => {
            let nodes = targets.nodes(cx, name, &path.key("node"));
            let Some(times) = times else { return };
            for node in nodes {
                let name = &targets.estate.nodes[node].name;
                push(faults, format!("node {name}"), &times, FaultKind::Partition { zone: None, node: Some(node), serves: written.serves });
            }
        }
        (Some(_), Some(_)) | (None, None) => {
            cx.issues.error(code::CONFLICT, path, "a partition has exactly one of `zone` and `node`").on_key();
        }
    }
}

fn instance_failure(cx: &mut Context<'_>, written: &spec::InstanceFailure, targets: &Targets<'_>, path: &Path, faults: &mut Faults) {
    let workload = match &written.of {
        None => None,
        Some(name) => match targets.workload(cx, name, &path.key("of")) {
            None => return,
            found => found,
        },
    };
    let tier = match &written.tier {
        None => None,
        Some(name) => match targets.tier(cx, name, &path.key("tier")) {
            None => return,
            found => found,
        },
    };
    let of = InstanceScope { workload, tier };
    if written.count == Some(0) {
        cx.issues.error(code::TOO_SMALL, path.key("count"), "at least one instance fails");
    }
    match begins(cx, written.at, written.mtbf.as_ref(), path) {
        Some(FaultBegins::Every(lifetime)) => {
            if written.count.is_some() {
                cx.issues.warning(code::NO_EFFECT, path.key("count"), "with `mtbf` each instance fails by itself").on_key();
            }
            faults.instances.push(InstanceFailures { of, lifetime });
        }
        Some(at) => {
            let target = written.of.as_ref().map_or_else(|| "instances".to_owned(), |name| format!("instances of {name}"));
            push(faults, target, &(at, Repair::Never), FaultKind::Instances { of, count: written.count.unwrap_or(1) });
        }
        None => {}
    }
}

fn registry(cx: &mut Context<'_>, written: &spec::RegistryFault, targets: &Targets<'_>, path: &Path, faults: &mut Faults) {
    let times = times(cx, &times!(written), path);
    let registry = targets.registry(cx, &written.registry, &path.key("registry"));
    if written.fails && written.bandwidth.is_some() {
        cx.issues.error(code::CONFLICT, path.key("bandwidth"), "a registry that fails has no bandwidth").on_key();
    }
    if let (Some(times), Some(registry)) = (times, registry) {
        let kind = FaultKind::Registry { registry, share: written.bandwidth.map_or(0.0, |share| share.0.0), fails: written.fails };
        push(faults, format!("registry {}", written.registry), &times, kind);
    }
}

fn provider_api(cx: &mut Context<'_>, written: &spec::ProviderApi, targets: &Targets<'_>, path: &Path, faults: &mut Faults) {
    let times = times(cx, &times!(written), path);
    let provider = targets.provider(cx, &written.provider, &path.key("provider"));
    let limit = written.limit.as_ref().map(|limit| provider::create_limit(cx, limit, &path.key("limit")));
    let usual = plan::Backoff::default();
    let place = path.key("backoff");
    let span = |written: Option<Duration>, usual: Span| written.map_or(usual, |written| written.0.min(SPAN_MAX));
    let backoff = plan::Backoff {
        initial: span(written.backoff.initial, usual.initial),
        factor: distribution::number(cx, written.backoff.factor.unwrap_or(usual.factor), 1.0, 100.0, &place.key("factor")),
        max: span(written.backoff.max, usual.max),
    };
    if backoff.initial.is_zero() {
        cx.issues.error(code::TOO_SMALL, place.key("initial"), "a pause is longer than 0");
    }
    if backoff.max < backoff.initial {
        cx.issues.error(code::ORDER, place.key("max"), "the longest pause is shorter than the first");
    }
    let errors = written.errors.map_or(if limit.is_some() { 0.0 } else { 1.0 }, |share| share.0.0);
    if let (Some(times), Some(provider)) = (times, provider) {
        push(faults, format!("API of {}", written.provider), &times, FaultKind::Api { provider, errors, limit, backoff });
    }
}

fn readiness_flap(cx: &mut Context<'_>, written: &spec::ReadinessFlap, targets: &Targets<'_>, path: &Path, faults: &mut Faults) {
    let times = times(cx, &times!(written), path);
    let service = targets.service(cx, &written.of, &path.key("of"));
    let pods = match (written.count, written.share) {
        (Some(_), Some(_)) => {
            cx.issues.error(code::CONFLICT, path.key("share"), "either `count` or `share` says which pods").on_key();
            return;
        }
        (None, Some(share)) => PodsHit::Share(share.0.0),
        (count, None) => PodsHit::Count(count.unwrap_or(1)),
    };
    if let (Some(times), Some(service)) = (times, service) {
        push(faults, format!("probes of {}", written.of), &times, FaultKind::Readiness { service, pods });
    }
}
