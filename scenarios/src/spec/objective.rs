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
    /// At most this share of the requests of a window is not answered in time: `0.1%`.
    pub errors: Option<Text<Share>>,
    /// Service. Default: all services together.
    pub of: Option<String>,
    /// Share of windows with requests in which it must hold. Default: `100%`.
    #[schemars(extend("default" = "100%"))]
    pub attain: Option<Text<Share>>,
}
