//! Batch jobs: submitted, run, released.

use super::Simulation;
use crate::cluster::{Owner, Pod};
use crate::engine::Event;
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::Job;
use crate::units::Span;

impl Simulation<'_> {
    /// Schedules the next submission of a job that comes at random.
    pub(super) fn await_submission(&mut self, job: Id<Job>) {
        let next = self.jobs[job.index()].arrivals.as_mut().and_then(Iterator::next);
        if let Some(at) = next.filter(|at| *at < self.plan.end()) {
            self.queue.push(at, Event::JobSubmitted(job));
        }
    }

    pub(super) fn job_submitted(&mut self, job: Id<Job>) {
        let pods = self.plan.jobs[job].pods;
        let state = &mut self.jobs[job.index()];
        let run = state.submitted;
        state.submitted += 1;
        state.first_submission.get_or_insert(self.now);
        state.running.insert(run, pods);
        self.decide(Decision::Submitted { job, run });
        for _ in 0..pods {
            self.create_job_pod(job, run);
        }
        self.await_submission(job);
    }

    pub(super) fn job_pod_started(&mut self, job: Id<Job>, pod: Id<Pod>) {
        let seconds = self.plan.jobs[job].run_time.sample(&mut self.jobs[job.index()].run_time);
        let ends = self.now.saturating_add(Span::from_secs_f64(seconds));
        self.pods[pod].due = Some(ends);
        self.push_in_run(ends, Event::PodSucceeded(pod));
    }

    fn create_job_pod(&mut self, job: Id<Job>, run: u32) {
        self.create_pod(Owner::Job { job, run }, self.plan.services.len() + job.index(), 0);
    }

    /// A pod of a job was lost: another one takes its place.
    pub(super) fn job_pod_lost(&mut self, job: Id<Job>, run: u32) {
        self.create_job_pod(job, run);
    }

    pub(super) fn job_pod_succeeded(&mut self, job: Id<Job>, run: u32) {
        let state = &mut self.jobs[job.index()];
        let left = state.running.get_mut(&run).expect("a pod of a finished submission succeeded");
        *left -= 1;
        if *left == 0 {
            state.running.remove(&run);
            state.completed += 1;
            state.last_completion = Some(self.now);
            self.decide(Decision::Completed { job, run });
        }
    }
}
