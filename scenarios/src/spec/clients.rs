//! Clients whose next request depends on what became of the last one.

use serde::Deserialize;

use super::distribution::Distribution;
use crate::text::{Duration, Share, Text};

/// Users who send a request, wait for the answer, think, and start again: a closed loop, as in k6, Locust and PTS. Their number is `count`, or `steps`, or
/// `stages`.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Users {
    /// Number of users. With `stages`: the number before the first one, 0 by default.
    pub count: Option<u32>,
    /// The users of `count` come one by one, evenly over this time. Default: all at the start.
    pub ramp_up: Option<Duration>,
    /// Numbers that hold from one time to the next: `[[0s, 100], [60s, 200]]`. All who come with a step send at once.
    pub steps: Option<Vec<(Duration, u32)>>,
    /// Ramps, as in k6: `[{duration: 1m, target: 500}, {duration: 5m, target: 500}, {duration: 1m, target: 0}]`. Users come and leave one by one.
    pub stages: Option<Vec<UserStage>>,
    /// Time between the end of a request and the user's next one: `900ms`, or a distribution; `0s` for none.
    pub think: Distribution,
}

/// One ramp: a straight line from the number of users before to `target`.
#[derive(Clone, Copy, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct UserStage {
    /// How long the ramp takes; `0s` makes a jump.
    pub duration: Duration,
    /// Number of users at its end.
    pub target: u32,
}

/// What clients do about an attempt that timed out, was rejected or failed: they send the request again. It stays one request in all counts, and its latency
/// counts from its first attempt.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Retries {
    /// Most times that a request is sent, the first included.
    #[serde(default = "three")]
    pub attempts: u32,
    /// How long clients wait before they send again.
    #[serde(default)]
    pub backoff: Backoff,
    /// Retry budget: retries are at most this share of requests, and ten more. Default: no limit.
    pub budget: Option<Text<Share>>,
    /// What a request that is sent again asks for: the same work as before, or `anew` a draw of the service time.
    #[schemars(extend("default" = "same"))]
    pub work: Option<AttemptWork>,
}

/// The work of a request in each of its attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AttemptWork {
    /// A request that is much work is much work each time.
    Same,
    /// How long a pod takes is chance: another attempt may be faster.
    Anew,
}

/// Exponential backoff: the delay doubles from attempt to attempt.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Backoff {
    /// Delay before the second attempt.
    #[serde(default = "initial")]
    pub initial: Duration,
    /// Longest delay.
    #[serde(default = "max")]
    pub max: Duration,
    /// Each delay is shortened at random by up to this share; `100%` is full jitter.
    #[serde(default = "half")]
    pub jitter: Text<Share>,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { initial: initial(), max: max(), jitter: half() }
    }
}

const fn three() -> u32 {
    3
}

const fn initial() -> Duration {
    Text(sim_core::units::Span::from_millis(100))
}

const fn max() -> Duration {
    Text(sim_core::units::Span::from_secs(10))
}

const fn half() -> Text<Share> {
    Text(Share(0.5))
}
