//! What a job says about failures, and its steps.

use serde::Deserialize;

use super::distribution::Distribution;
use super::usage::MemoryUse;
use super::workload::Amounts;
use crate::text::{Duration, Share, Text};

/// Whether the successes of a job have indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CompletionMode {
    /// Any success counts.
    #[serde(alias = "NonIndexed")]
    NonIndexed,
    /// Each success is for an index of its own.
    #[serde(alias = "Indexed")]
    Indexed,
}

/// What happens when a container of a job fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RestartPolicy {
    /// The pod has failed, and another one takes its place.
    #[serde(alias = "Never")]
    Never,
    /// The container is started again in its pod.
    #[serde(alias = "OnFailure")]
    OnFailure,
}

/// What happens when a job is due while an earlier one goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ConcurrencyPolicy {
    /// Both run.
    #[serde(alias = "Allow")]
    Allow,
    /// It waits until the earlier one has ended; the latest that waits is the one that starts.
    #[serde(alias = "Forbid")]
    Forbid,
    /// The earlier one is removed.
    #[serde(alias = "Replace")]
    Replace,
}

/// A rule about failed pods. Exactly one of `onExitCodes` and `onDisruption` says which.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PodFailureRule {
    /// What to do.
    pub action: FailureAction,
    /// The container ended with these codes.
    pub on_exit_codes: Option<ExitCodes>,
    /// The pod was taken away: drained, preempted, reclaimed, or lost with its node.
    #[serde(default)]
    pub on_disruption: bool,
}

/// What to do about a failed pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FailureAction {
    /// The job fails.
    #[serde(alias = "FailJob")]
    FailJob,
    /// Its index fails.
    #[serde(alias = "FailIndex")]
    FailIndex,
    /// It does not count against the limits.
    #[serde(alias = "Ignore")]
    Ignore,
    /// It counts.
    #[serde(alias = "Count")]
    Count,
}

/// Exit codes: `{in: [1, 2]}` or `{notIn: [42]}`.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum ExitCodes {
    /// One of these.
    In(Vec<u32>),
    /// None of these.
    NotIn(Vec<u32>),
}

/// A step of a job.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct JobStep {
    /// Pods of the step.
    #[schemars(extend("default" = 1))]
    pub pods: Option<u32>,
    /// Pods that run at a time. Default: all of them.
    pub parallelism: Option<u32>,
    /// Requests of its pods, resource by resource.
    #[serde(default)]
    pub requests: Amounts,
    /// Limits of its pods, resource by resource.
    #[serde(default)]
    pub limits: Amounts,
    /// How long a pod runs: after it turned ready, or with `until` after those steps are complete.
    pub run_time: Option<Distribution>,
    /// Memory that each pod holds, instead of the job's.
    pub memory: Option<MemoryUse>,
    /// Starts when these steps are complete.
    #[serde(default)]
    pub after: Vec<String>,
    /// Starts when all pods of these steps are ready, as executors do after their driver.
    #[serde(default)]
    pub after_ready: Vec<String>,
    /// Its pods run until these steps are complete, as a driver does for its executors.
    #[serde(default)]
    pub until: Vec<String>,
    /// Whether no pod's work begins before all that run at once are ready, as in MPI and distributed training.
    #[serde(default)]
    pub barrier: bool,
    /// Its pods are placed together or not at all.
    pub gang: Option<Gang>,
    /// Share of runs that end with an error.
    pub failure: Option<Text<Share>>,
    /// Failures of pods beyond which the job fails.
    pub backoff_limit: Option<u32>,
}

/// Pods that are placed together or not at all, as the coscheduling plugin does with those of a `PodGroup`: `{minMember: 8, timeout: 1m}`.
#[derive(Clone, Copy, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Gang {
    /// Pods that must have a place before any is bound. Default: all that are there at once.
    pub min_member: Option<u32>,
    /// How long pods hold their places for the others (`scheduleTimeoutSeconds`).
    #[schemars(extend("default" = "1m"))]
    pub timeout: Option<Duration>,
    /// How long none of them is tried after they had to give their places back (`podGroupBackoffSeconds`).
    #[schemars(extend("default" = "0s"))]
    pub backoff: Option<Duration>,
}
