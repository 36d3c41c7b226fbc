//! Jobs over the whole run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{PendingTimes, StartUpSummary, TierPods};

/// A job.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct JobSummary {
    /// Jobs submitted.
    pub submitted: u64,
    /// Jobs whose pods all succeeded.
    pub completed: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Jobs that had not ended.
    pub unfinished: u64,
    /// Submissions that did not start because an earlier one ran.
    #[serde(default)]
    pub skipped: u64,
    /// Submissions that were removed for a later one.
    #[serde(default)]
    pub replaced: u64,
    /// Pods that failed or were lost; others took their places.
    #[serde(default)]
    pub pods_failed: u64,
    /// Containers that were killed because they needed more memory than their limit.
    #[serde(default)]
    pub oom_kills: u64,
    /// Times that containers were started again in their pods.
    #[serde(default)]
    pub restarts: u64,
    /// From the first submission to the last completion.
    pub makespan_s: f64,
    /// From submission until a pod was ready, over pods.
    pub wait_s: PendingTimes,
    /// Where the time from creation to ready went.
    #[serde(default)]
    pub start_up: StartUpSummary,
    /// Pods by tier.
    pub pods: BTreeMap<String, TierPods>,
}
