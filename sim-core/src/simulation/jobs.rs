//! Batch jobs: submitted, run in steps, failed and tried again, released.

mod state;
mod suspending;

pub(super) use self::state::{JobState, StepRun};

use self::state::Run;
use super::Simulation;
use crate::cluster::{Cause, Owner, Phase, Pod};
use crate::controllers::job::{self, FailureAction, JobView};
use crate::engine::Event;
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{Concurrency, Job, JobArrivals, JobStep};
use crate::random::unit;
use crate::units::{Span, Time};

impl Simulation<'_> {
    /// Schedules the first submission of every job.
    pub(super) fn start_jobs(&mut self) {
        for (id, job) in self.plan.jobs.iter() {
            if let JobArrivals::At(times) = &job.arrivals {
                self.jobs[id.index()].first_turn = self.queue.reserve(times.len());
            }
            self.await_submission(id);
        }
    }

    /// Schedules the next submission of a job: one at a time, in the turn that it would have had if all had been scheduled at the start.
    fn await_submission(&mut self, job: Id<Job>) {
        let end = self.plan.end();
        let state = &mut self.jobs[job.index()];
        match &self.plan.jobs[job].arrivals {
            JobArrivals::At(times) => {
                let due = state.due;
                state.due += 1;
                if let Some(at) = times.get(due).filter(|at| **at < end) {
                    self.queue.push_in_turn(*at, Event::JobSubmitted(job), state.first_turn + due as u64);
                }
            }
            JobArrivals::Poisson(_) => {
                if let Some(at) = state.arrivals.as_mut().and_then(Iterator::next).filter(|at| *at < end) {
                    self.queue.push(at, Event::JobSubmitted(job));
                }
            }
        }
    }

    /// A job is due: it starts, or waits for an earlier one, or takes its place.
    pub(super) fn job_submitted(&mut self, job: Id<Job>) {
        let state = &mut self.jobs[job.index()];
        let oldest = state.running.numbers().next();
        if state.suspended && self.plan.jobs[job].is_cron {
            state.skipped += u64::from(state.missed.replace(self.now).is_some());
            return self.await_submission(job);
        }
        match (self.plan.jobs[job].concurrency, oldest) {
            (Concurrency::Forbid, Some(run)) => {
                state.skipped += u64::from(state.missed.replace(self.now).is_some());
                self.decide(Decision::JobEnded { job, run, what: "waited", reason: "an earlier job still runs (concurrencyPolicy Forbid)" });
            }
            (Concurrency::Replace, _) => {
                let running: Vec<u32> = state.running.numbers().collect();
                for run in running {
                    self.jobs[job.index()].replaced += 1;
                    self.end_run(job, run);
                    self.decide(Decision::JobEnded { job, run, what: "replaced", reason: "a later job takes its place (concurrencyPolicy Replace)" });
                }
                self.start_run(job);
            }
            (Concurrency::Allow | Concurrency::Forbid, _) => self.start_run(job),
        }
        self.await_submission(job);
    }

    fn start_run(&mut self, job: Id<Job>) {
        let all = self.plan;
        let plan = &all.jobs[job];
        let state = &mut self.jobs[job.index()];
        let run = state.submitted;
        state.submitted += 1;
        state.first_submission.get_or_insert(self.now);
        state.running.push(run, Run::new(plan.steps.len()));
        self.decide(Decision::Submitted { job, run });
        self.start_steps(job, run);
    }

    /// Starts the steps of a run that need not wait any longer.
    fn start_steps(&mut self, job: Id<Job>, run: u32) {
        let plan = self.plan;
        if self.is_at_rest(job) {
            return;
        }
        for (place, step) in plan.jobs[job].steps.iter().enumerate() {
            let Some(state) = self.jobs[job.index()].running.get_mut(run) else { return };
            let is_ready = |other: &usize| state.steps[*other].ready >= plan.jobs[job].steps[*other].width() || state.steps[*other].done;
            let waits = !step.after.iter().all(|other| state.steps[*other].done) || !step.after_ready.iter().all(is_ready);
            if state.steps[place].started.is_some() || waits {
                continue;
            }
            state.steps[place].started = Some(self.now);
            if let Some(deadline) = step.rules.active_deadline {
                self.push_in_run(self.now.saturating_add(deadline), Event::JobSync(job, run));
            }
            self.sync_step(job, run, place);
        }
    }

    /// A pause or deadline of a run is over.
    pub(super) fn sync_run(&mut self, job: Id<Job>, run: u32) {
        for place in 0..self.plan.jobs[job].steps.len() {
            self.sync_step(job, run, place);
        }
    }

    /// Lets the Job controller look at a step of a run.
    fn sync_step(&mut self, job: Id<Job>, run: u32, place: usize) {
        let plan = self.plan;
        let step = &plan.jobs[job].steps[place];
        let at_rest = self.is_at_rest(job);
        let Some(state) = self.jobs[job.index()].running.get_mut(run).map(|run| &mut run.steps[place]) else { return };
        let Some(started) = state.started.filter(|_| !state.done && !at_rest) else { return };
        let view = JobView {
            active: state.active.len() as u32,
            succeeded: state.succeeded,
            failed: state.failed,
            failed_indexes: state.failed_indexes,
            started,
            paused_until: state.paused_until,
            now: self.now,
        };
        match if state.is_failing { job::Step::Fail("PodFailurePolicy") } else { job::sync(&step.rules, view) } {
            job::Step::Nothing => {}
            job::Step::Wait(at) => self.push_in_run(at, Event::JobSync(job, run)),
            job::Step::Create(count) => self.create_job_pods(job, run, place, count),
            job::Step::Complete => self.step_completed(job, run, place),
            job::Step::Fail(reason) => {
                self.end_run(job, run);
                self.jobs[job.index()].failed += 1;
                self.decide(Decision::JobEnded { job, run, what: "failed", reason });
                self.start_missed(job);
            }
        }
    }

    fn create_job_pods(&mut self, job: Id<Job>, run: u32, place: usize, count: u32) {
        let plan = self.plan;
        let step = &plan.jobs[job].steps[place];
        for _ in 0..count {
            let Some(state) = self.jobs[job.index()].running.get_mut(run).map(|run| &mut run.steps[place]) else { return };
            // The lowest index that is to be done; one that failed may have to wait for its own pause.
            let Some(index) = state.next_index(self.now, step.rules.indexed.then_some(step.rules.completions).flatten()) else {
                if let Some(at) = state.redo.values().min().copied().filter(|at| *at > self.now) {
                    self.push_in_run(at, Event::JobSync(job, run));
                }
                return;
            };
            let pod = self.create_pod(Owner::Job { job, run }, step.class, 0);
            self.pods[pod].index = index;
            if let Some(run) = self.jobs[job.index()].running.get_mut(run) {
                run.steps[place].active.insert(pod);
            }
            self.joins_gang(pod);
        }
    }

    fn step_completed(&mut self, job: Id<Job>, run: u32, place: usize) {
        let plan = self.plan;
        let Some(state) = self.jobs[job.index()].running.get_mut(run) else { return };
        state.steps[place].done = true;
        if state.steps.iter().all(|step| step.done) {
            let state = &mut self.jobs[job.index()];
            state.running.remove(run);
            state.completed += 1;
            state.last_completion = Some(self.now);
            self.decide(Decision::Completed { job, run });
            self.start_missed(job);
            return;
        }
        // Pods that ran on for this step end now.
        for other in (0..plan.jobs[job].steps.len()).filter(|other| plan.jobs[job].steps[*other].until.contains(&place)) {
            self.end_lingering(job, run, other);
        }
        self.start_steps(job, run);
    }

    /// A job that waited for an earlier one starts now, if it is not too late.
    fn start_missed(&mut self, job: Id<Job>) {
        let state = &self.jobs[job.index()];
        if !state.running.is_empty() || (state.suspended && self.plan.jobs[job].is_cron) {
            return;
        }
        if let Some(due) = self.jobs[job.index()].missed.take() {
            let deadline = self.plan.jobs[job].starting_deadline;
            if deadline.is_none_or(|deadline| due.saturating_add(deadline) >= self.now) {
                self.start_run(job);
            } else {
                self.jobs[job.index()].skipped += 1;
            }
        }
    }

    /// Removes a run with its pods.
    fn end_run(&mut self, job: Id<Job>, run: u32) {
        let Some(state) = self.jobs[job.index()].running.remove(run) else { return };
        for pod in state.steps.into_iter().flat_map(|step| step.active) {
            self.forget(pod);
            self.terminate(pod, Cause::JobEnded);
        }
    }

    /// A pod of a job turned ready: its work begins.
    pub(super) fn job_pod_started(&mut self, job: Id<Job>, run: u32, pod: Id<Pod>) {
        let place = self.step_of(job, pod);
        let is_first = self.pods[pod].interruptions.restarts == 0;
        let Some(state) = self.jobs[job.index()].running.get_mut(run) else { return };
        state.steps[place].ready += u32::from(is_first);
        state.steps[place].lingering.push(pod);
        if let Some(killed) = self.out_of_memory_at(job, place, pod) {
            self.pods[pod].due = Some(killed);
            self.push_in_run(killed, Event::PodSucceeded(pod));
        }
        self.end_lingering(job, run, place);
        self.start_steps(job, run);
    }

    /// Lets the work of those pods of a step begin that wait for nothing any more.
    fn end_lingering(&mut self, job: Id<Job>, run: u32, place: usize) {
        let plan = self.plan;
        let step = &plan.jobs[job].steps[place];
        let Some(state) = self.jobs[job.index()].running.get_mut(run) else { return };
        let waits = step.barrier && state.steps[place].ready < step.width() || !step.until.iter().all(|awaited| state.steps[*awaited].done);
        if !waits {
            for pod in std::mem::take(&mut state.steps[place].lingering) {
                self.end_after_run_time(job, pod, step);
            }
        }
    }

    fn end_after_run_time(&mut self, job: Id<Job>, pod: Id<Pod>, step: &JobStep) {
        let seconds = step.run_time.sample(&mut self.jobs[job.index()].run_time);
        let ends = self.now.saturating_add(Span::from_secs_f64(seconds));
        // What kills it may come before.
        if self.pods[pod].due.is_none_or(|killed| ends < killed) {
            self.pods[pod].due = Some(ends);
            self.push_in_run(ends, Event::PodSucceeded(pod));
        }
    }

    /// When a pod of a step that is ready will be killed for its memory, if it works that long.
    fn out_of_memory_at(&self, job: Id<Job>, place: usize, pod: Id<Pod>) -> Option<Time> {
        let after = self.plan.jobs[job].steps[place].out_of_memory_after()?;
        Some(self.pods[pod].ready_since?.saturating_add(after))
    }

    /// The work of a pod is over, well or with an error.
    pub(super) fn job_pod_ended(&mut self, id: Id<Pod>) {
        let Owner::Job { job, run } = self.pods[id].owner else { unreachable!("a service's pods do not succeed") };
        if self.pods[id].phase != Phase::Ready || self.pods[id].due != Some(self.now) || self.faults.is_silent(id) {
            return;
        }
        let place = self.step_of(job, id);
        let plan = self.plan;
        let step = &plan.jobs[job].steps[place];
        if self.out_of_memory_at(job, place, id).is_some_and(|killed| killed <= self.now) {
            self.jobs[job.index()].oom_kills += 1;
            self.job_container_failed(job, run, place, id, Cause::OutOfMemory);
            return;
        }
        if step.failure > 0.0 {
            let pod = &self.pods[id];
            let draw = u64::from(pod.number) << 32 | u64::from(pod.interruptions.restarts);
            let mut stream = self.streams.indexed(&format!("{}/failure", self.plan.jobs[job].name), draw);
            if unit(&mut stream) < step.failure {
                self.job_container_failed(job, run, place, id, Cause::Error);
                return;
            }
        }
        self.pod_succeeded(id);
        let Some(state) = self.jobs[job.index()].running.get_mut(run).map(|run| &mut run.steps[place]) else { return };
        state.active.remove(&id);
        state.succeeded += 1;
        state.failures = 0;
        self.sync_step(job, run, place);
    }

    /// A container of a job ended with an error: it is started again, or its pod has failed.
    fn job_container_failed(&mut self, job: Id<Job>, run: u32, place: usize, pod: Id<Pod>, cause: Cause) {
        if self.plan.jobs[job].steps[place].rules.restarts_in_place {
            self.restart(pod, cause);
            if let Some(state) = self.jobs[job.index()].running.get_mut(run) {
                state.steps[place].failed += 1;
            }
            self.sync_step(job, run, place);
        } else {
            self.lose(pod, cause);
        }
    }

    /// A pod of a job failed or was lost: it counts, and another one takes its place after a pause.
    pub(super) fn job_pod_lost(&mut self, job: Id<Job>, run: u32, pod: Id<Pod>) {
        let place = self.step_of(job, pod);
        let plan = self.plan;
        let step = &plan.jobs[job].steps[place];
        let (cause, index) = (self.pods[pod].cause, self.pods[pod].index);
        let exit_code = match cause {
            Some(Cause::Error) => Some(step.exit_code),
            Some(Cause::OutOfMemory) => Some(137),
            _ => None,
        };
        let verdict = step.rules.verdict(exit_code, exit_code.is_none());
        let now = self.now;
        let was_ready = self.pods[pod].ready.is_some();
        let Some(state) = self.jobs[job.index()].running.get_mut(run).map(|run| &mut run.steps[place]) else { return };
        state.active.remove(&pod);
        state.lingering.retain(|other| *other != pod);
        state.ready -= u32::from(was_ready && state.ready > 0);
        self.jobs[job.index()].pods_failed += 1;
        let Some(state) = self.jobs[job.index()].running.get_mut(run).map(|run| &mut run.steps[place]) else { return };
        state.note_failure(&step.rules, verdict, index, now);
        state.is_failing |= verdict == FailureAction::FailJob;
        self.sync_step(job, run, place);
    }

    /// The place of a pod's step in its job.
    pub(super) fn step_of(&self, job: Id<Job>, pod: Id<Pod>) -> usize {
        let class = self.pods[pod].class;
        self.plan.jobs[job].steps.iter().position(|step| self.plan.is_same_class(step.class, class)).unwrap_or(0)
    }
}

impl StepRun {
    /// Notes a pod that failed.
    fn note_failure(&mut self, rules: &job::JobRules, verdict: FailureAction, index: u32, now: Time) {
        self.redo.insert(index, now);
        if verdict == FailureAction::Ignore {
            return;
        }
        self.failed += 1;
        let Some(limit) = rules.backoff_limit_per_index else {
            self.failures += 1;
            self.paused_until = now.saturating_add(rules.backoff(self.failures));
            return;
        };
        let failures = self.index_failures.entry(index).or_default();
        *failures += 1;
        if *failures > limit || verdict == FailureAction::FailIndex {
            self.redo.remove(&index);
            self.failed_indexes += 1;
        } else {
            self.redo.insert(index, now.saturating_add(rules.backoff(*failures)));
        }
    }
}
