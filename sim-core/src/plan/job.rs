//! Jobs: pods that run to completion, in one or several steps.

use super::curve::Curve;
use super::usage::MemoryUse;
use super::workload::PodTemplate;
use crate::controllers::job::JobRules;
use crate::random::Distribution;
use crate::units::{Bytes, Span, Time};

/// Pods that run to completion.
#[derive(Clone, Debug)]
pub struct Job {
    /// Name, unique over services and jobs.
    pub name: String,
    /// Its pods; those of its first step.
    pub template: PodTemplate,
    /// When jobs are submitted.
    pub arrivals: JobArrivals,
    /// Most pods of one job at a time.
    pub pods: u32,
    /// What each submission does, at least one step. Each is a Job of its own.
    pub steps: Vec<JobStep>,
    /// What happens when one is due while another one goes on.
    pub concurrency: Concurrency,
    /// How late a submission may start that had to wait; none for any time.
    pub starting_deadline: Option<Span>,
    /// Whether it is suspended at the start: of a `CronJob` nothing is submitted, other jobs do not start.
    pub suspended: bool,
    /// Whether a `CronJob` submits it, so that suspending keeps back what would be submitted.
    pub is_cron: bool,
    /// Whether the pods of a submission are placed together, but for those of steps with a gang of their own.
    pub gang: Option<Gang>,
}

/// Pods that are bound together or not at all (the `PodGroup` of the coscheduling plugin).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gang {
    /// Pods that have to have a place before any is bound.
    pub min_member: u32,
    /// How long pods hold their places for the others.
    pub timeout: Span,
    /// How long none of them is tried after they had to give their places back.
    pub backoff: Span,
}

impl Gang {
    /// How long places are held unless somebody says otherwise (`permitWaitingTimeSeconds` of the plugin).
    pub const TIMEOUT: Span = Span::from_secs(60);
}

/// A step of a job.
#[derive(Clone, Debug)]
pub struct JobStep {
    /// Name, for reports; empty for the only step.
    pub name: String,
    /// The class of its pods.
    pub class: usize,
    /// How many pods, and what about failures.
    pub rules: JobRules,
    /// Seconds that a pod runs after it turned ready.
    pub run_time: Distribution,
    /// Share of runs of a container that end with an error, in 0..=1.
    pub failure: f64,
    /// The exit code of those.
    pub exit_code: u32,
    /// Starts when these steps are complete.
    pub after: Vec<usize>,
    /// Starts when all pods of these steps are ready.
    pub after_ready: Vec<usize>,
    /// Its pods end only when these steps are complete, and `run_time` after that.
    pub until: Vec<usize>,
    /// Whether no pod's `run_time` begins before all that run at a time are ready.
    pub barrier: bool,
    /// Whether its pods are placed together.
    pub gang: Option<Gang>,
    /// Memory that a pod holds; none if it is not simulated.
    pub memory: Option<MemoryUse>,
    /// Memory limit of a pod.
    pub memory_limit: Option<Bytes>,
}

impl JobStep {
    /// Pods that run at a time.
    pub fn width(&self) -> u32 {
        self.rules.completions.map_or(self.rules.parallelism, |completions| completions.min(self.rules.parallelism))
    }

    /// How long after it turned ready a pod needs more memory than its limit, and is killed; none if it never does.
    pub fn out_of_memory_after(&self) -> Option<Span> {
        const HOUR: u128 = 3_600_000_000_000;
        let (memory, limit) = (self.memory.as_ref()?, self.memory_limit?);
        let Some(left) = limit.0.checked_sub(memory.base.0) else { return Some(Span::ZERO) };
        let growth = memory.growth?;
        if growth.per_hour.0 == 0 || growth.max.is_some_and(|max| max.0 <= left) {
            return None;
        }
        let nanos = ((u128::from(left) + 1) * HOUR).div_ceil(u128::from(growth.per_hour.0));
        Some(Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
    }

    /// The only step of a job of this many pods that all run at once.
    pub fn only(class: usize, pods: u32, run_time: Distribution) -> Self {
        Self {
            name: String::new(),
            class,
            rules: JobRules::all_at_once(pods),
            run_time,
            failure: 0.0,
            exit_code: 1,
            after: Vec::new(),
            after_ready: Vec::new(),
            until: Vec::new(),
            barrier: false,
            gang: None,
            memory: None,
            memory_limit: None,
        }
    }
}

/// When jobs are submitted.
#[derive(Clone, Debug)]
pub enum JobArrivals {
    /// At these instants, in order.
    At(Vec<Time>),
    /// A Poisson process with this rate in jobs per second.
    Poisson(Curve),
}

/// What happens when a submission is due while an earlier one goes on (`concurrencyPolicy`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Concurrency {
    /// Both run.
    #[default]
    Allow,
    /// It waits until the earlier one has ended, if it may start as late as that; the latest that waits is the one that starts.
    Forbid,
    /// The earlier one is removed.
    Replace,
}
