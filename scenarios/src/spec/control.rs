//! Metrics pipeline and HPA controller.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use sim_core::plan::Phase;
use sim_core::units::Span;

use super::distribution::Distribution;
use crate::text::{Bare, Duration, Share, Text, Unit};

/// How usage gets from the pods to the HPA.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Metrics {
    /// Time between two scrapes.
    #[serde(default = "fifteen_seconds")]
    pub scrape_interval: Duration,
    /// Usage is averaged over this long, a whole number of scrape intervals. Default: one interval.
    pub window: Option<Duration>,
    /// How long after a scrape its sample can be read.
    #[serde(default)]
    pub delay: Duration,
    /// When the first scrape happens: `random`, because real phases are accidents, or a time after the start.
    #[serde(default)]
    pub phase: Text<PhaseText>,
    /// A sample older than this counts as missing.
    #[serde(default = "five_minutes")]
    pub staleness: Duration,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { scrape_interval: fifteen_seconds(), window: None, delay: Text(Span::ZERO), phase: Text(PhaseText::default()), staleness: five_minutes() }
    }
}

const fn fifteen_seconds() -> Duration {
    Text(Span::from_secs(15))
}

const fn five_minutes() -> Duration {
    Text(Span::from_secs(300))
}

/// Flags of the HPA controller in kube-controller-manager.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct HpaController {
    /// Time between two evaluations (`--horizontal-pod-autoscaler-sync-period`).
    #[schemars(extend("default" = "15s"))]
    pub sync_period: Option<Duration>,
    /// When the first evaluation happens: `random`, because real phases are accidents, or a time after the start.
    #[serde(default)]
    pub phase: Text<PhaseText>,
    /// Relative deviation from the target that is left alone (`--horizontal-pod-autoscaler-tolerance`).
    #[schemars(extend("default" = "10%"))]
    pub tolerance: Option<Text<Share>>,
    /// How long an evaluation takes, for instance `{uniform: {min: 10ms, max: 60ms}}`: the next one is due `syncPeriod` after its end, so evaluations drift against
    /// scrapes. Default: no time.
    pub evaluation_time: Option<Distribution>,
    /// How long after its start a pod's CPU is mistrusted (`--horizontal-pod-autoscaler-cpu-initialization-period`).
    #[schemars(extend("default" = "5m"))]
    pub cpu_initialization_period: Option<Duration>,
    /// A pod that was never ready within this time after its start counts as unready (`--horizontal-pod-autoscaler-initial-readiness-delay`).
    #[schemars(extend("default" = "30s"))]
    pub initial_readiness_delay: Option<Duration>,
    /// Default stabilisation window for shrinking (`--horizontal-pod-autoscaler-downscale-stabilization`).
    #[schemars(extend("default" = "5m"))]
    pub downscale_stabilization: Option<Duration>,
}

/// When a periodic task first happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseText(pub Phase);

impl Default for PhaseText {
    fn default() -> Self {
        Self(Phase::Random)
    }
}

impl FromStr for PhaseText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "random" {
            return Ok(Self(Phase::Random));
        }
        text.parse().map(|span| Self(Phase::Fixed(span))).map_err(|_| format!("`{text}` is not a phase; expected `random` or a duration such as `0s`"))
    }
}

impl fmt::Display for PhaseText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Phase::Random => f.write_str("random"),
            Phase::Fixed(span) => span.fmt(f),
        }
    }
}

impl Unit for PhaseText {
    const NAME: &'static str = "Phase";
    const EXPECTED: &'static str = "`random` or a duration such as `0s`";
    const DESCRIPTION: &'static str = "`random`, or a duration after the start of the run.";
    const PATTERN: &'static str = r"^(random|0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|min|h|d|w))+)$";
    const EXAMPLES: &'static [&'static str] = &["random", "0s", "7s"];
    const BARE: Bare = Bare::Zero;
}
