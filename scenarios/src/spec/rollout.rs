//! How a service's pods are exchanged when their template changes.

use serde::Deserialize;
use sim_core::units::IntOrPercent;

use crate::text::Text;

/// How a Deployment exchanges its pods when their template changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum Strategy {
    /// All old pods go before the first new one comes.
    Recreate,
    /// Step by step: `{rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}}`.
    RollingUpdate(RollingUpdate),
}

/// Bounds of a rolling update.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct RollingUpdate {
    /// Pods above the replicas; a share is rounded up.
    #[schemars(extend("default" = "25%"))]
    pub max_surge: Option<Text<IntOrPercent>>,
    /// Pods that may be missing from the replicas; a share is rounded down. If both are 0, one may be missing.
    #[schemars(extend("default" = "25%"))]
    pub max_unavailable: Option<Text<IntOrPercent>>,
}
