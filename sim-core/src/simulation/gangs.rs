//! Pods of jobs that are bound together: who holds a place for whom, and for how long.
//!
//! A place that is held counts on its node as if the pod were there. When enough pods have one, all of them are bound at once; when one finds none, all
//! give theirs back, and those that were still to be tried are not: they would very likely fail as well.

use std::collections::{BTreeMap, BTreeSet};

use super::Simulation;
use super::candidates::CandidateUnit;
use super::jobs::StepRun;
use crate::cluster::{Owner, Phase, Pod};
use crate::engine::Event;
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{Gang, Job, JobStep, Node, Plan};
use crate::scheduling::Waiting;
use crate::scheduling::gang::{self, Permit};
use crate::scheduling::policy::resource_policy::Passed;
use crate::units::{Span, Time};

/// The pods of a submission of a job, or of one of its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    job: Id<Job>,
    run: u32,
    step: Option<usize>,
}

/// Where a pod goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub node: Id<Node>,
    /// The unit of its policy.
    pub unit: usize,
    /// Why it went past the unit before.
    pub passed: Option<Passed>,
}

/// Gangs that are on their way.
#[derive(Clone, Debug)]
pub(super) struct Gangs {
    /// Whether there are any in this run.
    exist: bool,
    held: BTreeMap<Group, Held>,
    /// Until when nobody of a gang is tried.
    pauses: BTreeMap<Group, Time>,
    /// Whether somebody found no node while places were held.
    in_the_way: bool,
    /// When others were last tried again because places were given back.
    helped_at: Option<Time>,
}

/// The places of a gang.
#[derive(Clone, Debug)]
struct Held {
    until: Time,
    places: Vec<(Waiting, Place)>,
}

impl Gangs {
    pub(super) fn new(plan: &Plan) -> Self {
        let exist = plan.jobs.values().any(|job| job.gang.is_some() || job.steps.iter().any(|step| step.gang.is_some()));
        Self { exist, held: BTreeMap::new(), pauses: BTreeMap::new(), in_the_way: false, helped_at: None }
    }
}

impl Simulation<'_> {
    /// The gang of a pod.
    fn gang_of(&self, pod: Id<Pod>) -> Option<(Group, Gang)> {
        let Owner::Job { job, run } = self.pods[pod].owner else { return None };
        if !self.gangs.exist {
            return None;
        }
        let step = self.step_of(job, pod);
        let plan = &self.plan.jobs[job];
        match plan.steps[step].gang {
            Some(gang) => Some((Group { job, run, step: Some(step) }, gang)),
            None => Some((Group { job, run, step: None }, plan.gang?)),
        }
    }

    /// The steps whose pods belong to a gang, by their places.
    fn steps_of(&self, group: Group) -> impl Iterator<Item = &StepRun> {
        let steps = self.plan.jobs[group.job].steps.iter().enumerate();
        let run = self.jobs[group.job.index()].running.get(group.run);
        let is_meant = move |(place, step): &(usize, &JobStep)| group.step.map_or(step.gang.is_none(), |own| own == *place);
        steps.filter(is_meant).filter_map(move |(place, _)| Some(&run?.steps[place]))
    }

    /// Pods of a gang that are bound, hold a place or succeeded.
    fn placed_of(&self, group: Group) -> u32 {
        let held = self.gangs.held.get(&group).map_or(0, |held| held.places.len() as u32);
        self.steps_of(group).map(|step| step.placed).sum::<u32>() + held
    }

    /// Whether a pod is not tried because of its gang: there are too few of them, or they pause. It is put back then.
    pub(super) fn gang_forbids(&mut self, waiting: Waiting) -> bool {
        let Some((group, gang)) = self.gang_of(waiting.pod) else { return false };
        let siblings: u32 = self.steps_of(group).map(|step| step.active.len() as u32 + step.succeeded).sum();
        let reason = if let Some(until) = self.gangs.pauses.get(&group).filter(|until| **until > self.now) {
            format!("the gang pauses until {:.3} s.", until.as_secs_f64())
        } else if !gang::may_start(gang.min_member, siblings) {
            format!("the gang has {siblings} of {} pods.", gang.min_member)
        } else {
            return false;
        };
        self.note_refusal(waiting.workload, waiting.pod, reason);
        self.pending.fail(waiting, self.now);
        true
    }

    /// Has a pod that found a node hold its place, if its gang is not complete yet. With the last one that it takes, those that wait are bound; that
    /// one is left to the caller.
    pub(super) fn holds_for_gang(&mut self, waiting: Waiting, place: Place) -> bool {
        let Some((group, gang)) = self.gang_of(waiting.pod) else { return false };
        match gang::permit(gang.min_member, self.placed_of(group) + 1) {
            Permit::Allow => {
                let places = self.gangs.held.remove(&group).map_or_else(Vec::new, |held| held.places);
                for held in &places {
                    self.let_go(held.0.pod, held.1);
                }
                for (waiting, place) in places {
                    self.bind(waiting.pod, place.node, place.unit, place.passed);
                }
                false
            }
            Permit::Wait => {
                self.hold(waiting.pod, place);
                let until = self.now.saturating_add(gang.timeout);
                if !self.gangs.held.contains_key(&group) {
                    self.push_in_run(until, Event::GangDue);
                }
                self.gangs.held.entry(group).or_insert_with(|| Held { until, places: Vec::new() }).places.push((waiting, place));
                true
            }
        }
    }

    /// A pod found no node and was put back. Whether it belongs to a gang, which may have to give its places back now.
    pub(super) fn gang_lacks(&mut self, pod: Id<Pod>) -> bool {
        let own = self.gang_of(pod);
        self.gangs.in_the_way |= self.gangs.held.keys().any(|group| own.is_none_or(|(own, _)| own != *group));
        let Some((group, gang)) = own else { return false };
        let placed = self.placed_of(group);
        if gang::gives_up(gang.min_member, placed) {
            let reason = format!("{placed} of {} pods had a place, and one found none", gang.min_member);
            self.send_back(group, reason);
        }
        true
    }

    /// Has the pods of a gang give back the places that they hold, and all that are still to be tried wait.
    fn send_back(&mut self, group: Group, reason: String) {
        let places = self.gangs.held.remove(&group).map_or_else(Vec::new, |held| held.places);
        for (waiting, place) in &places {
            self.let_go(waiting.pod, *place);
        }
        // Whoever failed before the places were held fails without them, too.
        if std::mem::take(&mut self.gangs.in_the_way) && !places.is_empty() {
            self.help_others();
        }
        for (waiting, _) in &places {
            self.pending.fail(*waiting, self.now);
        }
        let members: BTreeSet<Id<Pod>> = self.steps_of(group).flat_map(|step| &step.active).copied().filter(|pod| self.pods[*pod].node.is_none()).collect();
        let classes: BTreeSet<usize> = members.iter().map(|pod| self.pods[*pod].class).collect();
        for class in classes {
            self.pending.fail_alike(class, self.now, |pod| !members.contains(&pod));
        }
        let workload = self.plan.services.len() + group.job.index();
        self.decide(Decision::Policy { workload, what: "gang sent back".to_owned(), reason });
        let backoff = self.gang_rules(group).map_or(Span::ZERO, |gang| gang.backoff);
        if !backoff.is_zero() {
            let until = self.now.saturating_add(backoff);
            self.gangs.pauses.insert(group, until);
            self.push_in_run(until, Event::GangDue);
        }
    }

    /// Has those tried again for whom there may be room now that a gang gave its places back: at once, but not twice at one instant, because two gangs
    /// that stand in each other's way would never end.
    fn help_others(&mut self) {
        if self.gangs.helped_at == Some(self.now) {
            let again = self.now.saturating_add(self.plan.scheduler.queue.max_backoff);
            self.push_in_run(again, Event::GangDue);
        } else {
            self.gangs.helped_at = Some(self.now);
            self.wake_scheduler();
        }
    }

    fn gang_rules(&self, group: Group) -> Option<Gang> {
        let job = &self.plan.jobs[group.job];
        group.step.map_or(job.gang, |step| job.steps[step].gang)
    }

    /// Gangs that have held their places long enough give them back, and those whose pause is over are tried again.
    pub(super) fn gang_due(&mut self) {
        let late: Vec<Group> = self.gangs.held.iter().filter(|(_, held)| held.until <= self.now).map(|(group, _)| *group).collect();
        for group in late {
            let (placed, gang) = (self.placed_of(group), self.gang_rules(group));
            let reason = gang.map_or_else(String::new, |gang| format!("{placed} of {} pods have had a place for {}", gang.min_member, gang.timeout));
            self.send_back(group, reason);
        }
        self.gangs.pauses.retain(|_, until| *until > self.now);
        self.wake_scheduler();
    }

    /// A pod was created: its gang may be complete now.
    pub(super) fn joins_gang(&mut self, pod: Id<Pod>) {
        if self.gang_of(pod).is_some() {
            self.pending.wake_all(self.now);
        }
    }

    /// A pod without a node goes. Whether it held a place, which is free now, and so was not in the queue.
    pub(super) fn leaves_gang(&mut self, pod: Id<Pod>) -> bool {
        let Some((group, _)) = self.gang_of(pod) else { return false };
        let Some(held) = self.gangs.held.get_mut(&group) else { return false };
        let Some(position) = held.places.iter().position(|(waiting, _)| waiting.pod == pod) else { return false };
        let (waiting, place) = held.places.remove(position);
        if held.places.is_empty() {
            self.gangs.held.remove(&group);
        }
        self.let_go(waiting.pod, place);
        self.wake_scheduler();
        true
    }

    /// Counts the places that are held among the neighbours of other pods, after these were counted anew.
    pub(super) fn count_held_places(&mut self) {
        for (waiting, place) in self.gangs.held.values().flat_map(|held| &held.places) {
            self.neighbours.arrived(self.pods[waiting.pod].class, place.node);
        }
    }

    /// Nodes changed: gangs with a place on a node that no longer suits them give all of theirs back.
    pub(super) fn check_held_places(&mut self) {
        let mut lost = Vec::new();
        for (group, held) in &self.gangs.held {
            for (waiting, place) in &held.places {
                let suits = |unit: &CandidateUnit| unit.nodes.iter().any(|candidate| candidate.node == place.node);
                let takes_pods = self.nodes[place.node.index()].status.takes_pods();
                if !takes_pods || !self.candidates[self.pods[waiting.pod].class].units.get(place.unit).is_some_and(suits) {
                    lost.push(*group);
                }
            }
        }
        lost.dedup();
        for group in lost {
            self.send_back(group, "a node is no longer there for it".to_owned());
        }
    }

    /// Counts a pod of a job that was bound, or is no longer.
    pub(super) fn count_placed(&mut self, id: Id<Pod>, is_placed: bool) {
        let Owner::Job { job, run } = self.pods[id].owner else { return };
        let step = self.step_of(job, id);
        let Some(run) = self.jobs[job.index()].running.get_mut(run) else { return };
        if is_placed {
            run.steps[step].placed += 1;
        } else if self.pods[id].phase != Phase::Succeeded {
            run.steps[step].placed -= 1;
        }
    }

    /// Keeps a place for a pod.
    fn hold(&mut self, id: Id<Pod>, place: Place) {
        let class = self.pods[id].class;
        let template = self.plan.template(class);
        self.nodes[place.node.index()].hold(template);
        self.node_changed(place.node);
        self.neighbours.arrived(class, place.node);
        self.pods[id].counted = self.counted_in(class, place.unit);
        self.units.bound(&self.pods[id], template.requests);
    }

    /// Gives it back.
    fn let_go(&mut self, id: Id<Pod>, place: Place) {
        let class = self.pods[id].class;
        let template = self.plan.template(class);
        self.nodes[place.node.index()].unbind(template);
        self.node_changed(place.node);
        self.neighbours.leaving(class, place.node);
        self.neighbours.gone(class, place.node);
        self.units.leaving(&self.pods[id], template.requests);
        self.units.gone(&self.pods[id], template.requests);
        self.pods[id].counted = None;
    }
}
