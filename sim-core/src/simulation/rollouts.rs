//! Deployments: their `ReplicaSet`s, and rollouts from one revision to the next.

use super::Simulation;
use crate::cluster::{Cause, Phase, Pod};
use crate::controllers::deployment::{self, DeploymentView, ReplicaSet, Why};
use crate::engine::Event;
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::Service;
use crate::record::RolloutSummary;
use crate::units::Time;

/// The `ReplicaSet`s of a service.
#[derive(Clone, Debug)]
pub(super) struct DeploymentState {
    /// In the order of their creation.
    pub sets: Vec<SetState>,
    /// The one with the newest template.
    pub newest: usize,
    /// Whether rollouts are paused.
    pub paused: bool,
    /// The revision that is to come when the pause is over.
    pub waiting: Option<usize>,
    /// Rollouts so far; the last one may go on.
    pub rollouts: Vec<Rollout>,
    /// Whether the controller is to look again at this instant.
    due: bool,
}

/// A `ReplicaSet`.
#[derive(Clone, Copy, Debug)]
pub(super) struct SetState {
    /// Counts revisions from 1.
    pub revision: u32,
    /// The class of its pods.
    pub class: usize,
    /// Replicas asked for.
    pub replicas: u32,
    /// The Deployment's replicas when it was last sized, and those with the surge.
    pub sized: (u32, u32),
}

/// A rollout and how it fares.
#[derive(Clone, Debug)]
pub(super) struct Rollout {
    pub revision: u32,
    pub started: Time,
    pub completed: Option<Time>,
    /// Whether it made no progress for longer than `progressDeadlineSeconds`.
    pub stuck: bool,
    /// Fewest pods available and most pods there during it.
    pub least_available: u32,
    pub most_pods: u32,
    /// Updated, old, ready and available pods when last looked at, and when one of these last got better.
    status: [u32; 4],
    progressed: Time,
}

impl DeploymentState {
    pub(super) fn new(service: &Service, class: usize) -> Self {
        let sized = deployment::annotations(service.replicas, service.rollout.strategy);
        let first = SetState { revision: 1, class, replicas: service.replicas, sized };
        Self { sets: vec![first], newest: 0, paused: false, waiting: None, rollouts: Vec::new(), due: false }
    }

    /// The revision of the newest template.
    pub(super) fn newest_revision(&self) -> u32 {
        self.sets[self.newest].revision
    }

    /// Whether a rollout goes on.
    fn is_rolling(&self) -> bool {
        self.rollouts.last().is_some_and(|rollout| rollout.completed.is_none())
    }
}

impl Rollout {
    pub(super) fn summary(&self) -> RolloutSummary {
        RolloutSummary {
            revision: self.revision,
            started_s: self.started.as_secs_f64(),
            completed_s: self.completed.map(Time::as_secs_f64),
            stuck: self.stuck,
            least_available: self.least_available,
            most_pods: self.most_pods,
        }
    }
}

impl Simulation<'_> {
    /// The template of a service changes to that of a revision, by its place in the plan: 0 is the first.
    pub(super) fn roll_out(&mut self, service: Id<Service>, revision: usize) {
        let state = &mut self.services[service.index()].deployment;
        if state.paused {
            state.waiting = Some(revision);
            return;
        }
        let number = revision as u32 + 1;
        let class = if revision == 0 { service.index() } else { self.plan.services[service].revisions[revision - 1] };
        let known = state.sets.iter().position(|set| set.revision == number);
        if known == Some(state.newest) {
            return;
        }
        let sized = deployment::annotations(self.services[service.index()].desired, self.plan.services[service].rollout.strategy);
        let state = &mut self.services[service.index()].deployment;
        state.newest = known.unwrap_or_else(|| {
            state.sets.push(SetState { revision: number, class, replicas: 0, sized });
            state.sets.len() - 1
        });
        let desired = self.services[service.index()].desired;
        let rollout = Rollout {
            revision: number,
            started: self.now,
            completed: None,
            stuck: false,
            least_available: desired,
            most_pods: desired,
            status: [0; 4],
            progressed: self.now,
        };
        self.services[service.index()].deployment.rollouts.push(rollout);
        self.decide(Decision::RolledOut { service, revision: number, what: "started", reason: "the template changed" });
        self.push_in_run(self.now + self.plan.services[service].rollout.progress_deadline, Event::Deploy(service));
        self.wake_deployment(service);
    }

    /// `kubectl rollout pause` and `resume`.
    pub(super) fn pause_rollouts(&mut self, service: Id<Service>, paused: bool) {
        let state = &mut self.services[service.index()].deployment;
        if state.paused == paused {
            return;
        }
        state.paused = paused;
        let waiting = if paused { None } else { state.waiting.take() };
        let revision = state.sets[state.newest].revision;
        let what = if paused { "paused" } else { "resumed" };
        self.decide(Decision::RolledOut { service, revision, what, reason: "kubectl rollout" });
        if let Some(revision) = waiting {
            self.roll_out(service, revision);
        }
        self.wake_deployment(service);
    }

    /// Something about the pods of a service changed: its Deployment looks again if a rollout goes on.
    pub(super) fn wake_deployment(&mut self, service: Id<Service>) {
        let state = &mut self.services[service.index()].deployment;
        if state.is_rolling() && !state.due && !self.warming_up {
            state.due = true;
            self.queue.push(self.now, Event::Deploy(service));
        }
    }

    /// Has the Deployment look again when a pod that is ready now has been so for `minReadySeconds`.
    pub(super) fn await_availability(&mut self, service: Id<Service>) {
        let min_ready = self.plan.services[service].rollout.min_ready;
        if self.services[service.index()].deployment.is_rolling() {
            self.wake_deployment(service);
            if !min_ready.is_zero() {
                self.push_in_run(self.now + min_ready, Event::Deploy(service));
            }
        }
    }

    pub(super) fn deploy(&mut self, service: Id<Service>) {
        self.services[service.index()].deployment.due = false;
        if self.services[service.index()].deployment.is_rolling() {
            self.sync_deployment(service);
            self.note_progress(service);
        }
    }

    /// Sizes the `ReplicaSet`s until nothing is left to do now, and creates and removes pods accordingly.
    pub(super) fn sync_deployment(&mut self, service: Id<Service>) {
        loop {
            let sets = self.set_views(service);
            let view = self.deployment_view(service, &sets);
            let (is_scaling, resizes) = (deployment::is_scaling(&view), deployment::sync(&view));
            let sized = deployment::annotations(view.replicas, view.strategy);
            let state = &mut self.services[service.index()].deployment;
            for set in state.sets.iter_mut().filter(|set| is_scaling && set.replicas > 0) {
                set.sized = sized;
            }
            for resize in &resizes {
                let state = &mut self.services[service.index()].deployment;
                let set = &mut state.sets[resize.set];
                let (revision, from) = (set.revision, set.replicas);
                (set.replicas, set.sized) = (resize.to, sized);
                if state.sets.len() > 1 {
                    self.decide(Decision::Resized { service, revision, from, to: resize.to, reason: resize.why.name() });
                }
                self.fill_set(service, resize.set, if resize.why == Why::Scaled { Cause::ScaleIn } else { Cause::Rollout });
            }
            if resizes.is_empty() && !is_scaling {
                return;
            }
        }
    }

    fn deployment_view<'a>(&self, service: Id<Service>, sets: &'a [ReplicaSet]) -> DeploymentView<'a> {
        let state = &self.services[service.index()];
        let deployment = &state.deployment;
        let newest = deployment.sets[deployment.newest].revision;
        let is_old = |pod: &&Id<Pod>| self.pods[**pod].revision != newest;
        DeploymentView {
            replicas: state.desired,
            strategy: self.plan.services[service].rollout.strategy,
            paused: deployment.paused,
            sets,
            newest: deployment.waiting.is_none().then_some(deployment.newest),
            old_pods: if sets.len() > 1 { state.active.iter().chain(&state.draining).filter(is_old).count() as u32 } else { 0 },
        }
    }

    /// The `ReplicaSet`s of a service as its Deployment sees them.
    fn set_views(&self, service: Id<Service>) -> Vec<ReplicaSet> {
        let state = &self.services[service.index()];
        let sets = &state.deployment.sets;
        let mut available = vec![0; sets.len()];
        // A single one is sized without a look at its pods.
        if sets.len() > 1 {
            let last = sets.iter().map(|set| set.revision).max().unwrap_or(0);
            let mut by_revision = vec![0; last as usize + 1];
            for pod in state.active.iter().map(|pod| &self.pods[*pod]).filter(|pod| self.is_available(service, pod)) {
                by_revision[pod.revision as usize] += 1;
            }
            available = sets.iter().map(|set| by_revision[set.revision as usize]).collect();
        }
        let view = |(set, available): (&SetState, u32)| ReplicaSet { replicas: set.replicas, available, desired: set.sized.0, max: set.sized.1 };
        sets.iter().zip(available).map(view).collect()
    }

    /// Whether a pod has been ready for `minReadySeconds`.
    fn is_available(&self, service: Id<Service>, pod: &Pod) -> bool {
        let since = pod.ready_since.map(|since| since + self.plan.services[service].rollout.min_ready);
        pod.phase == Phase::Ready && (pod.is_long_ready() || since.is_some_and(|since| since <= self.now))
    }

    /// Creates the replicas that the `ReplicaSet`s of a service lack.
    pub(super) fn fill_up(&mut self, service: Id<Service>) {
        for set in 0..self.services[service.index()].deployment.sets.len() {
            self.fill_set(service, set, Cause::ScaleIn);
        }
        self.wake_deployment(service);
    }

    /// Creates the pods that a `ReplicaSet` lacks, or removes those that it has too many, for this cause.
    fn fill_set(&mut self, service: Id<Service>, set: usize, cause: Cause) {
        let state = &self.services[service.index()];
        let (set, is_only) = (state.deployment.sets[set], state.deployment.sets.len() == 1);
        let of_set: Vec<Id<Pod>> = state.active.iter().filter(|pod| is_only || self.pods[**pod].revision == set.revision).copied().collect();
        if let Some(sizes) = self.subset_sizes(service, set.replicas) {
            self.fill_subsets(service, set, &of_set, sizes, cause);
            return;
        }
        let surplus = of_set.len().saturating_sub(set.replicas as usize);
        if surplus == 0 {
            self.create_replicas(service, set, set.replicas - of_set.len() as u32);
            return;
        }
        let victims = self.victims(service, &of_set, surplus);
        self.remove(service, &victims, cause);
    }

    /// The same when each subset of the service has replicas of its own.
    fn fill_subsets(&mut self, service: Id<Service>, set: SetState, of_set: &[Id<Pod>], sizes: Result<Vec<u32>, String>, cause: Cause) {
        let sizes = match sizes {
            Ok(sizes) => sizes,
            Err(reason) => {
                self.decide(Decision::Policy { workload: service.index(), what: "subsets left as they are".to_owned(), reason });
                return;
            }
        };
        let of_subset = |pods: &crate::id::Table<Pod>, subset: usize| -> Vec<Id<Pod>> {
            of_set.iter().filter(|pod| pods[**pod].subset == Some(subset as u32)).copied().collect()
        };
        let strangers: Vec<Id<Pod>> = of_set.iter().filter(|pod| self.pods[**pod].subset.is_none()).copied().collect();
        self.remove(service, &strangers, cause);
        for (subset, size) in sizes.iter().enumerate() {
            let members = of_subset(&self.pods, subset);
            let victims = self.victims(service, &members, members.len().saturating_sub(*size as usize));
            self.remove(service, &victims, cause);
        }
        for (subset, size) in sizes.into_iter().enumerate() {
            let members = of_subset(&self.pods, subset).len() as u32;
            self.choose_subset(Some(subset));
            self.create_replicas(service, set, size.saturating_sub(members));
        }
        self.choose_subset(None);
    }

    /// Removes pods of a service.
    fn remove(&mut self, service: Id<Service>, victims: &[Id<Pod>], cause: Cause) {
        if victims.is_empty() {
            return;
        }
        let mut queued: Vec<usize> = victims.iter().filter(|pod| self.pods[**pod].phase == Phase::Pending).map(|pod| self.pods[*pod].class).collect();
        for pod in victims {
            self.terminate(*pod, cause);
        }
        let pods = &self.pods;
        self.services[service.index()].active.retain(|pod| pods[*pod].is_active());
        queued.sort_unstable();
        queued.dedup();
        for class in queued {
            self.pending.retain(class, |pod| pods[pod].phase == Phase::Pending);
        }
    }

    /// Notes whether a rollout is done, goes on, or is stuck.
    fn note_progress(&mut self, service: Id<Service>) {
        let sets = self.set_views(service);
        let active = self.services[service.index()].active.len() as u32;
        let is_complete = deployment::is_complete(&self.deployment_view(service, &sets), active);
        let deadline = self.plan.services[service].rollout.progress_deadline;
        let state = &self.services[service.index()];
        let newest = state.deployment.sets[state.deployment.newest].revision;
        let pods = || state.active.iter().map(|pod| &self.pods[*pod]);
        let updated = pods().filter(|pod| pod.revision == newest).count() as u32;
        let ready = pods().filter(|pod| pod.phase == Phase::Ready).count() as u32;
        let available: u32 = sets.iter().map(|set| set.available).sum();
        let old = active - updated;
        let (now, is_paused) = (self.now, state.deployment.paused);
        let Some(rollout) = self.services[service.index()].deployment.rollouts.last_mut() else { return };
        rollout.least_available = rollout.least_available.min(available);
        rollout.most_pods = rollout.most_pods.max(active);
        let [was_updated, was_old, was_ready, was_available] = rollout.status;
        let better = updated > was_updated || old < was_old || ready > was_ready || available > was_available;
        rollout.status = [updated, old, ready, available];
        let revision = rollout.revision;
        if is_complete {
            rollout.completed = Some(now);
            self.decide(Decision::RolledOut { service, revision, what: "completed", reason: "every replica is of the new revision and available" });
        } else if better {
            rollout.progressed = now;
            self.push_in_run(now + deadline, Event::Deploy(service));
        } else if !is_paused && !rollout.stuck && now.since(rollout.progressed) >= deadline {
            rollout.stuck = true;
            self.decide(Decision::RolledOut { service, revision, what: "stuck", reason: "ProgressDeadlineExceeded" });
        }
    }
}
