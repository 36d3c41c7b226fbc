//! Service level objectives.

use serde::Deserialize;

use crate::text::{Duration, Share, Text};

/// A service level objective: exactly one bound, such as `{p99: 300ms, of: web, attain: 99%}` or `{errors: 0.1%}`.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Objective {
    /// What reports call it. Default: a sentence made of the rest.
    pub name: Option<String>,
    /// Half of the requests of a window are answered within this time.
    pub p50: Option<Duration>,
    /// 90 % of the requests of a window are answered within this time.
    pub p90: Option<Duration>,
    /// 95 % of the requests of a window are answered within this time.
    pub p95: Option<Duration>,
    /// 99 % of the requests of a window are answered within this time.
    pub p99: Option<Duration>,
    /// 99.9 % of the requests of a window are answered within this time.
    pub p999: Option<Duration>,
    /// 99.99 % of the requests of a window are answered within this time.
    pub p9999: Option<Duration>,
    /// All requests of a window are answered within this time.
    pub max: Option<Duration>,
    /// At most this share of the requests of a window is not answered in time: `0.1%`.
    pub errors: Option<Text<Share>>,
    /// Service. Default: all services together.
    pub of: Option<String>,
    /// Only requests that pods in this tier answer: a bound on the latency of completed requests.
    pub tier: Option<String>,
    /// Only this part of the latency of completed requests.
    pub cause: Option<LatencyCause>,
    /// Share of windows with requests in which it must hold. Default: `100%`.
    #[schemars(extend("default" = "100%"))]
    pub attain: Option<Text<Share>>,
}

/// What latency is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum LatencyCause {
    /// Waiting at a pod for a worker.
    Waiting,
    /// Work of the pod.
    Service,
    /// From the first attempt to the last one.
    Retry,
    /// Waiting for the services that it calls.
    Calls,
}
