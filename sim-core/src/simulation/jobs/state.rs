//! State of jobs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::cluster::Pod;
use crate::id::Id;
use crate::plan::{Job, JobArrivals};
use crate::random::{Stream, Streams};
use crate::traffic::ArrivalProcess;
use crate::units::Time;

#[derive(Clone, Debug)]
pub(crate) struct JobState {
    /// Submissions so far.
    pub submitted: u32,
    /// Submissions that go on.
    pub running: Runs,
    pub completed: u64,
    pub failed: u64,
    /// Submissions that did not start because an earlier one ran.
    pub skipped: u64,
    /// Submissions that were removed for a later one.
    pub replaced: u64,
    /// Pods that failed or were lost.
    pub pods_failed: u64,
    /// Containers killed for their memory.
    pub oom_kills: u64,
    /// Whether it is suspended now.
    pub suspended: bool,
    /// When the submission was due that waits for an earlier one.
    pub missed: Option<Time>,
    pub first_submission: Option<Time>,
    pub last_completion: Option<Time>,
    /// The place of the next submission in the plan's list, and the turn in the event queue that is kept for the first.
    pub due: usize,
    pub first_turn: u64,
    /// Submission times, for jobs that come at random.
    pub arrivals: Option<ArrivalProcess>,
    pub run_time: Stream,
}

/// Submissions that go on, by number. They are numbered in turn and last alike, so that a row from the oldest to the youngest has few gaps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runs {
    oldest: u32,
    row: VecDeque<Option<Run>>,
    count: usize,
}

impl Runs {
    /// Adds the youngest.
    pub(crate) fn push(&mut self, number: u32, run: Run) {
        if self.row.is_empty() {
            self.oldest = number;
        }
        assert_eq!(number as usize, self.oldest as usize + self.row.len(), "submissions are numbered in turn");
        self.row.push_back(Some(run));
        self.count += 1;
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Run> {
        self.row.get(number.checked_sub(self.oldest)? as usize)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut Run> {
        self.row.get_mut(number.checked_sub(self.oldest)? as usize)?.as_mut()
    }

    pub(crate) fn remove(&mut self, number: u32) -> Option<Run> {
        let run = self.row.get_mut(number.checked_sub(self.oldest)? as usize)?.take()?;
        self.count -= 1;
        while self.row.front().is_some_and(Option::is_none) {
            self.row.pop_front();
            self.oldest += 1;
        }
        Some(run)
    }

    /// Their numbers, oldest first.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        (self.oldest..).zip(&self.row).filter(|(_, run)| run.is_some()).map(|(number, _)| number)
    }

    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// A submission.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub steps: Vec<StepRun>,
}

/// A step of a submission: a Job of Kubernetes.
#[derive(Clone, Debug, Default)]
pub(crate) struct StepRun {
    pub started: Option<Time>,
    pub done: bool,
    /// Whether a rule says that the job is to fail.
    pub is_failing: bool,
    /// Pods that have not ended.
    pub active: BTreeSet<Id<Pod>>,
    /// Pods that have been ready and were not lost.
    pub ready: u32,
    pub succeeded: u32,
    /// Pods that have a node or succeeded.
    pub placed: u32,
    /// Failures that count, and those since the last success.
    pub failed: u32,
    pub failures: u32,
    /// Until when no pod is created.
    pub paused_until: Time,
    /// The lowest index that no pod has had yet.
    pub fresh: u32,
    /// Indexes whose pod failed, with when the next one may come.
    pub redo: BTreeMap<u32, Time>,
    /// Failures by index, where they are limited by index, and indexes that failed for good.
    pub index_failures: BTreeMap<u32, u32>,
    pub failed_indexes: u32,
    /// Pods that run until other steps are complete.
    pub lingering: Vec<Id<Pod>>,
}

impl Run {
    pub(crate) fn new(steps: usize) -> Self {
        Self { steps: vec![StepRun::default(); steps] }
    }
}

impl StepRun {
    /// The index of the next pod; none if every index is taken or pauses. `completions` bounds the indexes of an indexed job.
    pub(crate) fn next_index(&mut self, now: Time, completions: Option<u32>) -> Option<u32> {
        if let Some(index) = self.redo.iter().find(|(_, at)| **at <= now).map(|(index, _)| *index) {
            self.redo.remove(&index);
            return Some(index);
        }
        if completions.is_some_and(|completions| self.fresh >= completions) {
            return None;
        }
        self.fresh += 1;
        Some(self.fresh - 1)
    }
}

impl JobState {
    pub(crate) fn new(job: &Job, streams: Streams) -> Self {
        let arrivals = match &job.arrivals {
            JobArrivals::At(_) => None,
            JobArrivals::Poisson(rate) => Some(ArrivalProcess::new(rate, crate::plan::Arrivals::Poisson, streams.stream(&format!("{}/arrivals", job.name)))),
        };
        Self {
            submitted: 0,
            running: Runs::default(),
            completed: 0,
            failed: 0,
            skipped: 0,
            replaced: 0,
            pods_failed: 0,
            oom_kills: 0,
            suspended: job.suspended,
            missed: None,
            first_submission: None,
            last_completion: None,
            due: 0,
            first_turn: 0,
            arrivals,
            run_time: streams.stream(&format!("{}/run-time", job.name)),
        }
    }
}
