//! Metrics pipeline and HPA controller.

use sim_core::autoscaling::hpa::HpaConfig;
use sim_core::plan::{KubernetesVersion, Metrics, Phase};
use sim_core::units::{Span, Time};

use super::limits::{SPAN_MAX, TICKS_MAX};
use super::{Context, code, distribution};
use crate::issue::Path;
use crate::spec::{self, Kubernetes};
use crate::wording::quote;

/// The plan's metrics pipeline.
pub(super) fn metrics(cx: &mut Context<'_>, written: &spec::Metrics) -> Metrics {
    let path = Path::root().key("metrics");
    let scrape_interval = period(cx, written.scrape_interval.0, &path.key("scrapeInterval"));
    let window = written.window.map_or(scrape_interval, |window| window.0);
    if window.is_zero() || !window.as_nanos().is_multiple_of(scrape_interval.as_nanos()) {
        cx.issues.error(code::CONFLICT, path.key("window"), format!("the window is a whole number of scrape intervals of {scrape_interval}"));
    }
    for (span, key) in [(window, "window"), (written.delay.0, "delay"), (written.staleness.0, "staleness")] {
        bounded(cx, span, &path.key(key));
    }
    if written.staleness.0 < scrape_interval.max(written.delay.0) {
        cx.issues
            .error(code::CONFLICT, path.key("staleness"), "every sample would count as missing")
            .with_help("`staleness` is at least as long as `scrapeInterval` and `delay`");
    }
    let phase = phase(cx, written.phase.0, scrape_interval, &path.key("phase"));
    Metrics { scrape_interval, window, delay: written.delay.0, phase, staleness: written.staleness.0 }
}

/// The plan's HPA controller.
pub(super) fn hpa_controller(cx: &mut Context<'_>, written: &spec::HpaController, version: KubernetesVersion) -> HpaConfig {
    let path = Path::root().key("hpaController");
    let usual = HpaConfig::defaults(version);
    let sync_period = written.sync_period.map_or(usual.sync_period, |span| period(cx, span.0, &path.key("syncPeriod")));
    let span = |cx: &mut Context<'_>, written: Option<crate::text::Duration>, usual: Span, key: &str| {
        let span = written.map_or(usual, |span| span.0);
        bounded(cx, span, &path.key(key));
        span
    };
    HpaConfig {
        sync_period,
        phase: phase(cx, written.phase.0, sync_period, &path.key("phase")),
        evaluation_time: written.evaluation_time.as_ref().map(|time| distribution::read(cx, time, false, &path.key("evaluationTime"))),
        tolerance: written.tolerance.map_or(usual.tolerance, |tolerance| tolerance.0.0),
        cpu_initialization_period: span(cx, written.cpu_initialization_period, usual.cpu_initialization_period, "cpuInitializationPeriod"),
        initial_readiness_delay: span(cx, written.initial_readiness_delay, usual.initial_readiness_delay, "initialReadinessDelay"),
        downscale_stabilization: span(cx, written.downscale_stabilization, usual.downscale_stabilization, "downscaleStabilization"),
        version,
    }
}

/// The plan's Kubernetes release.
pub(super) fn version(cx: &mut Context<'_>, written: &Kubernetes) -> KubernetesVersion {
    let path = Path::root().key("kubernetes").key("version");
    let mut parts = written.version.trim_start_matches('v').split('.');
    let major = parts.next().and_then(|part| part.parse().ok());
    let minor = parts.next().and_then(|part| part.parse().ok());
    if let (Some(1), Some(minor @ 16..=60)) = (major, minor) {
        return KubernetesVersion { major: 1, minor };
    }
    let message = format!("{} is not a Kubernetes release that can be simulated", quote(&written.version));
    cx.issues.error(code::UNSUPPORTED, &path, message).with_help("write a minor release from 1.16 on, in quotes: `\"1.33\"`");
    KubernetesVersion { major: 1, minor: 33 }
}

/// When the API server does not answer.
pub(super) fn api_outages(cx: &mut Context<'_>, written: &[spec::Outage]) -> Vec<(Time, Time)> {
    let path = Path::root().key("kubernetes").key("apiOutages");
    for (i, outage) in written.iter().enumerate() {
        if outage.until.0 <= outage.from.0 {
            cx.issues.error(code::ORDER, path.index(i).key("until"), "an outage ends after it began");
        }
    }
    written.iter().map(|outage| (Time::ZERO + outage.from.0, Time::ZERO.saturating_add(outage.until.0))).collect()
}

/// A period that neither is zero nor repeats more often than the simulator takes; a harmless one stands in for a wrong one.
pub(super) fn period(cx: &mut Context<'_>, span: Span, path: &Path) -> Span {
    if span.is_zero() {
        cx.issues.error(code::TOO_SMALL, path, "a period is longer than 0");
        return Span::from_secs(15);
    }
    bounded(cx, span, path);
    let ticks = cx.duration.as_nanos() / span.as_nanos();
    if ticks > TICKS_MAX {
        cx.issues.error(code::TOO_SMALL, path, format!("this would happen {ticks} times: at most {TICKS_MAX} are possible"));
    }
    span
}

pub(super) fn phase(cx: &mut Context<'_>, written: spec::PhaseText, period: Span, path: &Path) -> Phase {
    if let Phase::Fixed(span) = written.0
        && span > period
    {
        cx.issues.error(code::TOO_LARGE, path, format!("a phase is at most one period, {period}"));
    }
    written.0
}

pub(super) fn bounded(cx: &mut Context<'_>, span: Span, path: &Path) {
    if span > SPAN_MAX {
        cx.issues.error(code::TOO_LARGE, path, "a time of at most 10 years is possible");
    }
}
