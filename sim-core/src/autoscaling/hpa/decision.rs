//! What the controller decided, and the sentence that says why.

use std::fmt;

use super::{Gaps, Limit, MetricError, MetricProposal, MetricSpec, Outcome, Reading, ResourceName, Target, ValueTarget};
use crate::units::Span;

/// What one evaluation decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HpaDecision {
    /// Replicas that the scale target shall ask for.
    pub desired: u32,
    /// Whether that differs from what it asks for now.
    pub scaled: bool,
    /// Why.
    pub reason: Reason,
}

/// Why a size was decided. Displayed as a sentence without a full stop, in the words of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Somebody scaled the target to zero, which turns the HPA off.
    ScalingDisabled,
    /// More replicas than allowed; no metric was asked.
    AboveMaximum {
        /// `maxReplicas`.
        max: u32,
    },
    /// Fewer replicas than required; no metric was asked.
    BelowMinimum {
        /// `minReplicas`.
        min: u32,
    },
    /// No metric could be read, or one could not while the others would shrink.
    FailedMetrics {
        /// What failed.
        failures: Failures,
        /// The largest proposal of the metrics that could be read: less than the current size.
        withheld: Option<u32>,
    },
    /// The metrics decided.
    Metrics(Explanation),
}

/// Metrics that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub failed: usize,
    /// Out of how many.
    pub metrics: usize,
    /// The first that failed.
    pub metric: MetricSpec,
    /// Why it failed.
    pub error: MetricError,
}

/// How the metrics led to a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The metric with the largest proposal.
    pub metric: MetricSpec,
    /// Out of how many.
    pub metrics: usize,
    /// What it proposed.
    pub proposal: MetricProposal,
    /// What recent recommendations made of it, where that differs.
    pub stabilized: Option<Stabilized>,
    /// What limited it in the end.
    pub limited: Option<Limited>,
    /// Metrics that could not be read, although that changed nothing.
    pub failures: Option<Failures>,
}

/// A proposal that recent recommendations overruled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stabilized {
    /// Replicas instead.
    pub replicas: u32,
    /// Which recommendations did it.
    pub by: Stabilization,
    /// How far back they reach.
    pub window: Span,
}

/// Which recommendations overruled a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stabilization {
    /// The lowest of the scale-up window.
    ScaleUpStabilized,
    /// The highest of the scale-down window.
    ScaleDownStabilized,
}

/// A size that was out of reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// Replicas instead.
    pub replicas: u32,
    /// What kept it out of reach.
    pub by: Limit,
    /// Whether the HPA has a `behavior`, whose policies then are the rate limit.
    pub by_policy: bool,
}

impl HpaDecision {
    pub(super) fn new(current: u32, desired: u32, reason: Reason) -> Self {
        Self { desired, scaled: desired != current, reason }
    }

    /// The largest proposal, before windows and limits; none when metrics were not asked or not believed.
    pub fn proposal(&self) -> Option<u32> {
        self.explanation().map(|e| e.proposal.replicas)
    }

    /// Utilisation in whole percent as `kubectl get hpa` shows it, if the deciding metric has one.
    pub fn utilization(&self) -> Option<u32> {
        match self.explanation()?.proposal.reading {
            Reading::Utilization { percent, .. } => Some(percent),
            Reading::Average(_) | Reading::Value(_) => None,
        }
    }

    /// Which window overruled the proposal.
    pub fn stabilized_by(&self) -> Option<Stabilization> {
        self.explanation()?.stabilized.map(|s| s.by)
    }

    /// What limited the size.
    pub fn limited_by(&self) -> Option<Limit> {
        self.explanation()?.limited.map(|l| l.by)
    }

    fn explanation(&self) -> Option<&Explanation> {
        match &self.reason {
            Reason::Metrics(explanation) => Some(explanation),
            Reason::ScalingDisabled | Reason::AboveMaximum { .. } | Reason::BelowMinimum { .. } | Reason::FailedMetrics { .. } => None,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ScalingDisabled => f.write_str("scaling is disabled since the replica count of the target is zero (ScalingDisabled)"),
            Self::AboveMaximum { max } => write!(f, "current number of replicas above maxReplicas {max}"),
            Self::BelowMinimum { min } => write!(f, "current number of replicas below minReplicas {min}"),
            Self::FailedMetrics { failures, withheld } => {
                write!(f, "the HPA was unable to compute the replica count: {failures}")?;
                withheld.map_or(Ok(()), |replicas| write!(f, "; scale-in to {replicas} withheld"))
            }
            Self::Metrics(explanation) => explanation.fmt(f),
        }
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid metrics ({} invalid out of {}), first error is: {}", self.failed, self.metrics, self.error)
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MetricProposal { replicas, reading, outcome, gaps } = self.proposal;
        write_metric(f, &self.metric, reading)?;
        if self.metrics > 1 {
            write!(f, " (highest of {} metrics)", self.metrics)?;
        }
        gaps.fmt(f)?;
        match outcome {
            Outcome::Computed => write!(f, ": {replicas} proposed")?,
            Outcome::WithinTolerance => write!(f, ": within tolerance, {replicas} kept")?,
            Outcome::Undecided => write!(f, ": pods without a trusted sample could turn the direction, {replicas} kept")?,
        }
        if let Some(stabilized) = self.stabilized {
            stabilized.fmt(f)?;
        }
        if let Some(limited) = self.limited {
            limited.fmt(f)?;
        }
        self.failures.as_ref().map_or(Ok(()), |failures| write!(f, "; {failures}"))
    }
}

impl fmt::Display for Gaps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (self.unready_idle, "unready", "counted as idle"),
            (self.missing_idle, "without metrics", "counted as idle"),
            (self.missing_full, "without metrics", "counted as fully used"),
        ];
        for (count, which, how) in counts.into_iter().filter(|(count, ..)| *count > 0) {
            write!(f, ", {count} {which} {how}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Stabilized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { replicas, window, .. } = self;
        match self.by {
            Stabilization::ScaleUpStabilized => write!(f, ", held at {replicas} by the lowest recommendation of the last {window} (ScaleUpStabilized)"),
            Stabilization::ScaleDownStabilized => write!(f, ", held at {replicas} by the highest recommendation of the last {window} (ScaleDownStabilized)"),
        }
    }
}

impl fmt::Display for Limited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verb, by) = match (self.by, self.by_policy) {
            (Limit::ScaleUpLimit, true) => ("limited", "scale-up policy"),
            (Limit::ScaleUpLimit, false) => ("limited", "the bound of twice the current size, at least 4"),
            (Limit::TooManyReplicas, _) => ("limited", "maxReplicas"),
            (Limit::ScaleDownLimit, _) => ("limited", "scale-down policy"),
            (Limit::TooFewReplicas, _) => ("raised", "minReplicas"),
        };
        write!(f, ", {verb} to {} by {by} ({})", self.replicas, self.by.as_str())
    }
}

/// The metric, what it stands at, and its target: `cpu 225% of target 60%`.
fn write_metric(f: &mut fmt::Formatter<'_>, metric: &MetricSpec, reading: Reading) -> fmt::Result {
    let (resource, target) = match metric {
        MetricSpec::Resource { resource, target } => {
            write!(f, "{resource}")?;
            (*resource, *target)
        }
        MetricSpec::ContainerResource { resource, container, target } => {
            write!(f, "{resource} of container {container}")?;
            (*resource, *target)
        }
        MetricSpec::Pods { name, average } => return write!(f, "{name} {} of target {} per pod", Milli(reading.amount()), Milli(*average)),
        MetricSpec::Object { name, target } | MetricSpec::External { name, target } => {
            return match target {
                ValueTarget::Value(target) => write!(f, "{name} {} of target {}", Milli(reading.amount()), Milli(*target)),
                ValueTarget::AverageValue(target) => write!(f, "{name} {} of target {} per pod", Milli(reading.amount()), Milli(*target)),
            };
        }
    };
    match (reading, target) {
        (Reading::Utilization { percent, .. }, Target::Utilization(target)) => write!(f, " {percent}% of target {target}%"),
        (_, Target::AverageValue(target)) if resource == ResourceName::Memory => {
            write!(f, " {} MiB of target {} MiB per pod", reading.amount() / MILLI_MIB, target / MILLI_MIB)
        }
        (_, Target::AverageValue(target)) => write!(f, " {} of target {} per pod", Milli(reading.amount()), Milli(target)),
        (_, Target::Utilization(target)) => write!(f, " {} of target {target}%", Milli(reading.amount())),
    }
}

/// Thousandths of a byte in a mebibyte.
const MILLI_MIB: i64 = 1000 << 20;

impl Reading {
    const fn amount(self) -> i64 {
        match self {
            Self::Utilization { average, .. } | Self::Average(average) => average,
            Self::Value(value) => value,
        }
    }
}

/// Milli-units as Kubernetes prints a quantity: whole where possible.
struct Milli(i64);

impl fmt::Display for Milli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 % 1000 == 0 { write!(f, "{}", self.0 / 1000) } else { write!(f, "{}m", self.0) }
    }
}
