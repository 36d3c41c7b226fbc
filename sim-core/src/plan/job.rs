//! Jobs: pods that run to completion, in one or several steps.

use super::curve::Curve;
use super::workload::PodTemplate;
use crate::controllers::job::JobRules;
use crate::random::Distribution;
use crate::units::{Span, Time};

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
    /// Whether nothing is submitted, or what is submitted does not start.
    pub suspended: bool,
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
}

impl JobStep {
    /// Pods that run at a time.
    pub fn width(&self) -> u32 {
        self.rules.completions.map_or(self.rules.parallelism, |completions| completions.min(self.rules.parallelism))
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
        }
    }
}

/// When jobs are submitted.
#[derive(Clone, Debug)]
pub enum JobArrivals {
    /// At these instants.
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
