//! What broke during a run.

use serde::{Deserialize, Serialize};

/// Something that broke, and what that did.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct FaultSummary {
    /// Its place in the scenario's list of faults, as the plan has it.
    #[serde(default)]
    pub fault: u32,
    /// What kind of fault: `zoneOutage`, `nodeCrash`, `partition`, `instanceFailure`, `registry`, `providerApi` or `readinessFlap`.
    pub kind: String,
    /// What broke, for instance `zone cn-hangzhou-h`.
    pub target: String,
    /// When, in seconds since the start.
    pub from_s: f64,
    /// When it was whole again; none if it was not by the end of the run.
    pub to_s: Option<f64>,
    /// Pods that stopped, could not be reached or turned unready because of it.
    pub pods_hit: u32,
    /// Pods that went because of it: failed, or evicted and replaced.
    pub pods_lost: u32,
}
