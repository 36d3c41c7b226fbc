//! Preemption: pods of lower priority make room for one that finds no node (kube-scheduler's `DefaultPreemption`).
//!
//! The pod is not bound at once: its victims terminate, the room is kept for it, and it is scheduled like any other when they are gone. Room that is
//! kept counts as requested resources; what the pod would mean to the spread and affinity of others is not counted before it is there.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Simulation;
use crate::cluster::{Cause, Phase, Pod};
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::Node;
use crate::random::below;
use crate::scheduling::fits;
use crate::units::{Resources, Time};

/// Pods for which room was made, with their nodes and the last time that somebody had to go for them.
pub(super) type Nominations = BTreeMap<Id<Pod>, (Id<Node>, Time)>;

/// What came of an attempt to make room for a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Preemption {
    /// Others go for it.
    Made,
    /// Those who go for it are still on their way.
    UnderWay,
    /// Nobody goes.
    Nobody,
}

/// A node that would take the pod if some were not there.
struct Chance {
    node: Id<Node>,
    victims: Vec<Id<Pod>>,
    violations: usize,
}

impl Simulation<'_> {
    /// Forgets nominations of pods that wait no more.
    pub(super) fn tidy_nominations(&mut self) {
        let pods = &self.pods;
        self.nominated.retain(|pod, _| pods[*pod].phase == Phase::Pending);
    }

    /// What pods of at least the priority of `pod`, other than itself, are to get on a node: number and requests.
    pub(super) fn kept_for_others(&self, node: Id<Node>, pod: Id<Pod>) -> (u32, Resources) {
        let priority = self.priority(pod);
        let others = self.nominated.iter().filter(|(other, (on, _))| *on == node && **other != pod && self.priority(**other) >= priority);
        others.fold((0, Resources::default()), |(count, sum), (other, _)| (count + 1, sum + self.plan.template(self.pods[*other].class).requests))
    }

    fn priority(&self, pod: Id<Pod>) -> i32 {
        self.plan.template(self.pods[pod].class).priority
    }

    /// Makes room for a pod that found no node, in one unit of its preference or anywhere, if pods of lower priority stand in its way.
    pub(super) fn preempt(&mut self, id: Id<Pod>, only: Option<usize>) -> Preemption {
        let class = self.pods[id].class;
        let template = self.plan.template(class);
        let is_lower = |class: usize| self.plan.template(class).priority < template.priority;
        if !template.preempts || self.warming_up || !(0..self.plan.class_count()).any(is_lower) {
            return Preemption::Nobody;
        }
        let mut on_node: Vec<Vec<Id<Pod>>> = vec![Vec::new(); self.nodes.len()];
        for (other, pod) in self.pods.iter().filter(|(_, pod)| pod.ended.is_none() && is_lower(pod.class)) {
            if let Some(node) = pod.node {
                on_node[node.index()].push(other);
            }
        }
        if let Some((node, at)) = self.nominated.get(&id) {
            // Those who had to go are still on their way, or went just now.
            let is_leaving = |other: &Id<Pod>| self.pods[*other].phase == Phase::Terminating;
            if *at == self.now || on_node[node.index()].iter().any(is_leaving) {
                return Preemption::UnderWay;
            }
        }
        let Some(best) = self.best_option(id, class, only, &on_node) else { return Preemption::Nobody };
        let Chance { node, victims, .. } = best;
        let priority = template.priority;
        self.nominated.insert(id, (node, self.now));
        let (pods, plan) = (&self.pods, self.plan);
        self.nominated.retain(|other, (on, _)| *on != node || plan.template(pods[*other].class).priority >= priority);
        let count = victims.iter().filter(|victim| self.pods[**victim].is_active()).count() as u32;
        self.decide(Decision::Nominated { pod: id, node, victims: count });
        for victim in victims {
            self.evict(victim, Cause::Preemption);
        }
        Preemption::Made
    }

    /// The node where making room costs least, after a search that starts anywhere and ends when there are enough to choose from.
    fn best_option(&mut self, id: Id<Pod>, class: usize, only: Option<usize>, on_node: &[Vec<Id<Pod>>]) -> Option<Chance> {
        let mut nodes: Vec<Id<Node>> = Vec::new();
        for (unit, entry) in self.candidates[class].units.iter().enumerate() {
            if only.is_none_or(|only| only == unit) && !self.units.is_at_max(self.plan, class, unit) {
                nodes.extend(entry.nodes.iter().map(|candidate| candidate.node).filter(|node| !on_node[node.index()].is_empty()));
            }
        }
        if nodes.is_empty() {
            return None;
        }
        let enough = (nodes.len() / 10).max(100);
        let start = below(&mut self.streams.indexed("scheduler/preemption", id.index() as u64), nodes.len() as u64) as usize;
        let allowed = self.disruptions_allowed();
        let mut options: Vec<Chance> = Vec::new();
        for node in nodes.iter().cycle().skip(start).take(nodes.len()).copied() {
            options.extend(self.option(id, class, node, &on_node[node.index()], &allowed));
            if options.len() >= enough && options.iter().any(|option| option.violations == 0) {
                break;
            }
        }
        let key = |option: &Chance| {
            let priorities = option.victims.iter().map(|victim| self.priority(*victim));
            let highest = priorities.clone().max().unwrap_or(i32::MIN);
            let sum: i64 = priorities.map(|priority| i64::from(priority) + (1 << 31)).sum();
            let oldest = option.victims.iter().filter(|victim| self.priority(**victim) == highest).map(|victim| self.started(*victim)).min();
            (option.violations, highest, sum, option.victims.len(), Reverse(oldest))
        };
        options.into_iter().min_by_key(key)
    }

    /// The fewest pods that have to leave a node, if that helps: all of lower priority leave, then each comes back that can, those first whose
    /// budgets would be broken, then the more important ones.
    fn option(&mut self, id: Id<Pod>, class: usize, node: Id<Node>, lower: &[Id<Pod>], allowed: &[u32]) -> Option<Chance> {
        for pod in lower {
            self.pretend(*pod, node, false);
        }
        let mut option = None;
        if self.is_feasible(id, class, node) {
            let mut by_importance = lower.to_vec();
            by_importance.sort_by_key(|pod| (Reverse(self.priority(*pod)), self.started(*pod)));
            let mut left: Vec<i64> = allowed.iter().map(|allowed| i64::from(*allowed)).collect();
            let (violating, others): (Vec<Id<Pod>>, Vec<Id<Pod>>) = by_importance.into_iter().partition(|pod| self.draws(*pod, &mut left));
            let violations = violating.len();
            let (mut victims, mut broken) = (Vec::new(), 0);
            for (place, pod) in violating.into_iter().chain(others).enumerate() {
                self.pretend(pod, node, true);
                if !self.is_feasible(id, class, node) {
                    self.pretend(pod, node, false);
                    victims.push(pod);
                    broken += usize::from(place < violations);
                }
            }
            for pod in &victims {
                self.pretend(*pod, node, true);
            }
            option = Some(Chance { node, victims, violations: broken });
        } else {
            for pod in lower {
                self.pretend(*pod, node, true);
            }
        }
        option
    }

    /// Whether the loss of a pod breaks a budget, of which it takes its share.
    fn draws(&self, pod: Id<Pod>, left: &mut [i64]) -> bool {
        let mut breaks = false;
        for (budget, left) in self.plan.disruption_budgets.iter().zip(left) {
            // Here, and only here, an empty selector stands for no pod.
            if !budget.selector.requirements.is_empty() && self.is_covered(budget, &self.pods[pod]) {
                *left -= 1;
                breaks |= *left < 0;
            }
        }
        breaks
    }

    /// Takes a pod off its node, or puts it back, without telling anybody.
    fn pretend(&mut self, id: Id<Pod>, node: Id<Node>, is_there: bool) {
        let pod = &self.pods[id];
        let (class, is_leaving) = (pod.class, pod.phase == Phase::Terminating);
        let template = self.plan.template(class);
        let state = &mut self.nodes[node.index()];
        if is_there {
            state.requested += template.requests;
            state.pods += 1;
            self.neighbours.arrived(class, node);
            if is_leaving {
                self.neighbours.leaving(class, node);
            }
        } else {
            state.requested -= template.requests;
            state.pods -= 1;
            if !is_leaving {
                self.neighbours.leaving(class, node);
            }
            self.neighbours.gone(class, node);
        }
    }

    /// When a pod started to run, as far as it did.
    fn started(&self, pod: Id<Pod>) -> Time {
        let pod = &self.pods[pod];
        pod.starting.or(pod.scheduled).unwrap_or(pod.created)
    }

    /// Whether a node that suits a pod takes it now, with the room that is kept for others.
    pub(super) fn is_feasible(&self, id: Id<Pod>, class: usize, node: Id<Node>) -> bool {
        if self.neighbours.of(class).is_some_and(|demands| demands.refusal(node).is_some()) {
            return false;
        }
        let state = &self.nodes[node.index()];
        let (pods, kept) = self.kept_for_others(node, id);
        state.status.takes_pods()
            && !state.is_closed
            && state.pods + pods < state.max_pods
            && match state.allocatable {
                Some(allocatable) => fits(self.plan.template(class).requests, state.requested + kept, allocatable),
                None => self.supply.refusal(self.plan, class, node, self.now).is_none(),
            }
    }

    /// Where room was made for a pod, if it is there by now: kube-scheduler looks at that node first (since 1.22).
    pub(super) fn nominated_place(&self, id: Id<Pod>) -> Option<(usize, Id<Node>)> {
        let (node, _) = *self.nominated.get(&id)?;
        let class = self.pods[id].class;
        let holds = |unit: &super::candidates::CandidateUnit| unit.nodes.iter().any(|candidate| candidate.node == node);
        let unit = self.candidates[class].units.iter().position(holds)?;
        (self.plan.kubernetes.minor >= 22 && !self.units.is_at_max(self.plan, class, unit) && self.is_feasible(id, class, node)).then_some((unit, node))
    }
}
