//! Units of tiered preferences during a run: who counts where, and what the next pod does about each unit.

use std::collections::{BTreeMap, BTreeSet};

use super::Simulation;
use super::candidates::holds;
use super::preempting::Preemption;
use crate::cluster::{Phase, Pod};
use crate::engine::Event;
use crate::id::Id;
use crate::plan::{Node, Placement, Plan, PreemptPolicy, PreferRules, TryNext, Unit};
use crate::scheduling::policy::resource_policy::{Passed, Step, UnitView, Wait, step};
use crate::units::{Resources, Time};

/// The label whose value differs between the revisions of a Deployment.
const TEMPLATE_HASH: &str = "pod-template-hash";

/// Pods of all preferences, by unit.
#[derive(Clone, Debug)]
pub(super) struct UnitCounts {
    /// By class of pods: where they count; none without a preference, or if they lack a label that tells groups apart.
    group_of: Vec<Option<usize>>,
    /// By group, then unit.
    counts: Vec<Vec<UnitCount>>,
    /// Instants at which somebody's wait for a unit ends.
    due: BTreeSet<Time>,
}

/// Pods in a unit.
#[derive(Clone, Copy, Debug, Default)]
struct UnitCount {
    active: u32,
    terminating: u32,
    /// What both kinds request.
    active_requests: Resources,
    terminating_requests: Resources,
}

/// What became of a pod's way through the units.
#[derive(Clone, Copy, Debug)]
pub(super) enum Choice {
    /// It goes to this unit and node, because of the last unit that it went past.
    Place(usize, Id<Node>, Option<Passed>),
    /// It waits for this unit.
    Wait(usize, Wait),
    /// It waits for pods of lower priority, which leave a unit for it now or did so before.
    Preempting(Preemption),
    /// No unit takes it.
    Nowhere,
}

/// The units and rules of a class's preference.
pub(super) fn preference(plan: &Plan, class: usize) -> Option<(&[Unit], &PreferRules)> {
    match &plan.template(class).placement {
        Placement::Prefer { units, rules, .. } => Some((units, rules)),
        Placement::Scheduler | Placement::Weights | Placement::Subsets(_) => None,
    }
}

impl UnitCounts {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut groups = BTreeMap::new();
        let mut counts = Vec::new();
        let group_of = (0..plan.class_count())
            .map(|class| {
                let (units, rules) = preference(plan, class)?;
                // Revisions of a service share their policy, but not their places in it if the service gets another one.
                let whose = (rules.counted_with, rules.counted_with.is_none().then(|| (plan.workload_of(class), plan.epoch_of(class))));
                let values = rules.match_label_keys.iter().map(|key| label(plan, class, key)).collect::<Option<Vec<String>>>()?;
                Some(*groups.entry((whose, values)).or_insert_with(|| {
                    counts.push(vec![UnitCount::default(); units.len()]);
                    counts.len() - 1
                }))
            })
            .collect();
        Self { group_of, counts, due: BTreeSet::new() }
    }

    /// Whether pods of a class have all labels that its policy tells groups apart by.
    pub(super) fn has_all_labels(&self, plan: &Plan, class: usize) -> bool {
        self.group_of[class].is_some() || preference(plan, class).is_none()
    }

    /// Where pods of a class count.
    pub(super) fn group(&self, class: usize) -> Option<usize> {
        self.group_of[class]
    }

    fn count(&mut self, pod: &Pod) -> Option<&mut UnitCount> {
        pod.counted.map(|(group, unit)| &mut self.counts[group as usize][unit as usize])
    }

    /// A pod was bound to where it counts.
    pub(super) fn bound(&mut self, pod: &Pod, requests: Resources) {
        if let Some(count) = self.count(pod) {
            count.active += 1;
            count.active_requests += requests;
        }
    }

    /// A bound pod is on its way out.
    pub(super) fn leaving(&mut self, pod: &Pod, requests: Resources) {
        if let Some(count) = self.count(pod) {
            count.active -= 1;
            count.active_requests -= requests;
            count.terminating += 1;
            count.terminating_requests += requests;
        }
    }

    /// A pod that was on its way out is gone.
    pub(super) fn gone(&mut self, pod: &Pod, requests: Resources) {
        if let Some(count) = self.count(pod) {
            count.terminating -= 1;
            count.terminating_requests -= requests;
        }
    }

    /// Whether a unit is at its maximum for one more pod.
    pub(super) fn is_at_max(&self, plan: &Plan, class: usize, unit: usize) -> bool {
        let (Some(group), Some((units, rules))) = (self.group_of[class], preference(plan, class)) else { return false };
        let (count, unit) = (&self.counts[group][unit], &units[unit]);
        let (mut pods, mut requests) = (count.active, count.active_requests + plan.template(class).requests);
        if !rules.ignore_terminating {
            pods += count.terminating;
            requests += count.terminating_requests;
        }
        unit.max.is_some_and(|max| pods >= max) || unit.max_resources.is_some_and(|max| !requests.fits_in(max))
    }

    fn has_terminating(&self, class: usize, unit: usize) -> bool {
        self.group_of[class].is_some_and(|group| self.counts[group][unit].terminating > 0)
    }
}

/// The value of a label of a class's pods.
fn label(plan: &Plan, class: usize, key: &str) -> Option<String> {
    if key == TEMPLATE_HASH && class_is_of_service(plan, class) {
        return Some(plan.base_of(class).to_string());
    }
    plan.template(class).labels.get(key).cloned()
}

/// Whether a class's pods come from a ReplicaSet, which labels them with a hash of its template.
fn class_is_of_service(plan: &Plan, class: usize) -> bool {
    plan.workload_of(class) < plan.services.len()
}

impl Simulation<'_> {
    /// What the next pod of a class does: the units of its preference in order.
    pub(super) fn choose(&mut self, class: usize, pod: Id<Pod>) -> Choice {
        let Some((units, rules)) = preference(self.plan, class) else {
            // One unit, or one for each weight of preferred affinity.
            let units = self.candidates[class].units.len();
            let best = |unit| self.best(class, unit, pod).map(|node| Choice::Place(unit, node, None));
            return (0..units).find_map(best).unwrap_or(Choice::Nowhere);
        };
        if self.units.group(class).is_none() {
            return Choice::Nowhere;
        }
        let mut since = self.pods[pod].created;
        let mut passed = None;
        for (place, unit) in units.iter().enumerate() {
            let at_max = self.units.is_at_max(self.plan, class, place);
            let node = if at_max { None } else { self.best(class, place, pod) };
            let view = UnitView {
                at_max,
                is_bounded: unit.is_bounded(),
                has_room: node.is_some(),
                has_terminating: self.units.has_terminating(class, place),
                waits_for_nodes: unit.waits_for_nodes(),
            };
            let next = step(rules.try_next, view, since, self.now);
            // A unit that has not room enough is not given up, nor waited for, before others were made to leave it.
            if rules.preempt == PreemptPolicy::BeforeNextUnit && node.is_none() && !at_max {
                let preemption = self.preempt(pod, Some(place));
                if preemption != Preemption::Nobody {
                    return Choice::Preempting(preemption);
                }
            }
            match (next, node) {
                (Step::Place, Some(node)) => return Choice::Place(place, node, passed),
                (Step::Wait(wait), _) => {
                    if let Wait::Until(until) = wait
                        && self.units.due.insert(until)
                    {
                        self.push_in_run(until, Event::UnitTimeout);
                    }
                    return Choice::Wait(place, wait);
                }
                (Step::Next(why), _) => {
                    if let (Passed::TimedOut, TryNext::TimeoutOrExceedMax { timeout }) = (why, rules.try_next) {
                        // The next unit is waited for as long again.
                        since = since.saturating_add(timeout);
                    }
                    passed = Some(why);
                }
                (Step::Place, None) => unreachable!("a unit without room takes no pod"),
            }
        }
        Choice::Nowhere
    }

    /// Somebody has waited for a unit as long as its policy says.
    pub(super) fn unit_timeout(&mut self) {
        self.units.due.remove(&self.now);
        self.wake_scheduler();
    }

    /// Whether a pod of this class may have waited long enough for a unit when a younger one has not.
    pub(super) fn waits_by_age(&self, class: usize) -> bool {
        preference(self.plan, class).is_some_and(|(_, rules)| matches!(rules.try_next, TryNext::TimeoutOrExceedMax { .. }))
    }

    /// Where a pod counts that is bound as a pod of `class` to the `unit`-th unit.
    pub(super) fn counted_in(&self, class: usize, unit: usize) -> Option<(u32, u32)> {
        Some((self.units.group(class)? as u32, unit as u32))
    }

    /// Counts the pods that a service has anew, by the policy of `class`, which it has from now on.
    pub(super) fn recount(&mut self, place: usize, class: usize) {
        let plan = self.plan;
        let Some((units, rules)) = preference(plan, class) else { return };
        let Some(group) = self.units.group(class) else { return };
        for id in self.pods.ids() {
            let pod = &self.pods[id];
            let Some(node) = pod.node.filter(|_| pod.ended.is_none() && plan.workload_of(pod.class) == place) else { continue };
            let requests = plan.template(pod.class).requests;
            let is_terminating = pod.phase == Phase::Terminating;
            self.units.forget(pod, requests, is_terminating);
            let labels = &plan.template(pod.class).labels;
            let carries = |unit: &Unit| unit.pod_labels.iter().all(|(key, value)| labels.get(key) == Some(value));
            let home = units.iter().position(|unit| holds(unit, &self.node_objects[node]) && carries(unit)).filter(|_| !rules.ignore_previous);
            let pod = &mut self.pods[id];
            pod.counted = home.map(|unit| (group as u32, unit as u32));
            self.units.remember(pod, requests, is_terminating);
        }
    }
}

impl UnitCounts {
    fn forget(&mut self, pod: &Pod, requests: Resources, is_terminating: bool) {
        if !is_terminating {
            self.leaving(pod, requests);
        }
        self.gone(pod, requests);
    }

    fn remember(&mut self, pod: &Pod, requests: Resources, is_terminating: bool) {
        self.bound(pod, requests);
        if is_terminating {
            self.leaving(pod, requests);
        }
    }
}
