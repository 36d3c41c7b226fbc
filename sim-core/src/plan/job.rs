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
}

impl JobStep {
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
