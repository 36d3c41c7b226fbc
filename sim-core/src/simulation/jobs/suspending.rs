//! Jobs that are suspended and go on.

use super::super::Simulation;
use crate::cluster::{Cause, Pod};
use crate::engine::Event;
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::Job;

impl Simulation<'_> {
    /// Whether the pods of a job are not to run. Suspending a `CronJob` leaves alone what has been submitted.
    pub(super) fn is_at_rest(&self, job: Id<Job>) -> bool {
        self.jobs[job.index()].suspended && !self.plan.jobs[job].is_cron
    }

    /// Suspends a job, whose pods are deleted without counting as failures, or has it go on, when its deadline counts from zero again.
    pub(in super::super) fn suspend_job(&mut self, job: Id<Job>, suspended: bool) {
        let state = &mut self.jobs[job.index()];
        if std::mem::replace(&mut state.suspended, suspended) == suspended {
            return;
        }
        let runs: Vec<u32> = state.running.numbers().collect();
        let verb = if suspended { "suspend" } else { "resume" };
        self.decide(Decision::Changed { verb, subject: format!("job {}", self.plan.jobs[job].name), what: String::new() });
        if self.plan.jobs[job].is_cron {
            return self.start_missed(job);
        }
        for run in runs {
            if suspended { self.rest(job, run) } else { self.go_on(job, run) }
        }
    }

    fn rest(&mut self, job: Id<Job>, run: u32) {
        let now = self.now;
        let Some(state) = self.jobs[job.index()].running.get_mut(run) else { return };
        let mut gone: Vec<Id<Pod>> = Vec::new();
        for step in &mut state.steps {
            step.lingering.clear();
            let active = std::mem::take(&mut step.active);
            let ready = active.iter().filter(|pod| self.pods[**pod].ready.is_some()).count() as u32;
            step.ready = step.ready.saturating_sub(ready);
            step.redo.extend(active.iter().map(|pod| (self.pods[*pod].index, now)));
            gone.extend(active);
        }
        for pod in gone {
            self.forget(pod);
            self.terminate(pod, Cause::Suspended);
        }
    }

    fn go_on(&mut self, job: Id<Job>, run: u32) {
        let plan = self.plan;
        for (place, step) in plan.jobs[job].steps.iter().enumerate() {
            let Some(state) = self.jobs[job.index()].running.get_mut(run).map(|run| &mut run.steps[place]) else { return };
            if state.started.is_none() || state.done {
                continue;
            }
            state.started = Some(self.now);
            if let Some(deadline) = step.rules.active_deadline {
                self.push_in_run(self.now.saturating_add(deadline), Event::JobSync(job, run));
            }
            self.sync_step(job, run, place);
        }
        self.start_steps(job, run);
    }
}
