//! Distributions of times.

use serde::Deserialize;

use super::short::ShortOr;
use crate::text::Duration;

/// A distribution of times: a duration such as `30s` for always the same, or one of the forms.
pub type Distribution = ShortOr<Duration, DistributionForm>;

/// A distribution of times.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum DistributionForm {
    /// Always the same time.
    Constant(Duration),
    /// Exponential: `{exponential: {mean: 40ms}}`, or shorter `{exponential: 40ms}`.
    Exponential(ShortOr<Duration, Mean>),
    /// Lognormal: `{lognormal: {mean: 40ms, cv: 1.5}}`. Service times of web requests usually look like this.
    Lognormal(LogNormal),
    /// Every time between two values is equally likely: `{uniform: {min: 20s, max: 40s}}`.
    Uniform(Range),
    /// Gamma: `{gamma: {mean: 2s, cv: 0.5}}`. With a `cv` of 1/√k it is the Erlang distribution of k phases.
    Gamma(Gamma),
    /// Hyperexponential, more irregular than exponential: `{hyperexponential: {mean: 40ms, cv: 3}}`; the `cv` is at least 1.
    Hyperexponential(Gamma),
    /// Weibull: `{weibull: {mean: 2s, cv: 0.7}}` or `{weibull: {scale: 2s, shape: 1.5}}`.
    Weibull(Weibull),
    /// Pareto, a heavy tail: `{pareto: {min: 10ms, alpha: 2.5}}`.
    Pareto(Pareto),
    /// Measured times, each equally likely: `{empirical: [12s, 15s, 31s]}`.
    Empirical(Vec<Duration>),
}

/// A mean.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Mean {
    /// Mean.
    pub mean: Duration,
}

/// A lognormal distribution, by its mean or its median.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct LogNormal {
    /// Mean; give either this or `median`.
    pub mean: Option<Duration>,
    /// Median; give either this or `mean`.
    pub median: Option<Duration>,
    /// Coefficient of variation: standard deviation over mean; 0 means always the same.
    pub cv: f64,
}

/// Two bounds.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Range {
    /// Smallest value.
    pub min: Duration,
    /// Largest value.
    pub max: Duration,
}

/// A mean and how much values vary.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Gamma {
    /// Mean.
    pub mean: Duration,
    /// Coefficient of variation: standard deviation over mean; 0 means always the same.
    pub cv: f64,
}

/// A Weibull distribution, by `mean` and `cv` or by `scale` and `shape`.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Weibull {
    /// Mean.
    pub mean: Option<Duration>,
    /// Coefficient of variation: standard deviation over mean; 1 is the exponential distribution, 0 means always the same.
    pub cv: Option<f64>,
    /// Scale: 63 % of values lie below it.
    pub scale: Option<Duration>,
    /// Shape; 1 is the exponential distribution.
    pub shape: Option<f64>,
}

/// A Pareto distribution.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Pareto {
    /// Smallest value.
    pub min: Duration,
    /// Tail index; the mean is finite only above 1.
    pub alpha: f64,
}
