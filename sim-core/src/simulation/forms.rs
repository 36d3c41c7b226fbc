//! Which form a new pod takes: as its template says, in a subset of its workload, or as an instance because its namespace says so.

use std::collections::BTreeMap;

use super::Simulation;
use super::candidates::Candidates;
use crate::cluster::{Cause, Phase, Pod};
use crate::engine::Event;
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{Adaptive, Count, Form, Placement, Plan, Route, Service, Split, SubsetSize, Subsets};
use crate::scheduling::policy::{elastic_workload, united_deployment, workload_spread};
use crate::units::Time;

/// Forms of pods, and who is in which subset.
#[derive(Clone, Debug)]
pub(super) struct Forms {
    classes: BTreeMap<Form, usize>,
    /// By workload: its namespace, by its place in the plan.
    namespaces: Vec<Option<usize>>,
    /// By workload: which of its placements counts now.
    epochs: Vec<u32>,
    /// By workload and subset of its placement: active pods.
    in_subset: Vec<Vec<u32>>,
    /// Subsets, by workload and place, that get no new pods until then.
    shunned: BTreeMap<(usize, usize), Time>,
    /// The subset that pods are being created for.
    chosen: Option<usize>,
}

impl Forms {
    pub(super) fn new(plan: &Plan) -> Self {
        let form = |(place, variant): (usize, &crate::plan::Variant)| Some((variant.form?, plan.workload_count() + place));
        let workloads = plan.workload_count();
        Self {
            classes: plan.variants.iter().enumerate().filter_map(form).collect(),
            namespaces: (0..workloads).map(|place| Some(plan.namespaces.find(|namespace| namespace.name == plan.template(place).namespace)?.index())).collect(),
            epochs: vec![0; workloads],
            in_subset: (0..workloads).map(|place| vec![0; subsets(plan, place).map_or(0, |all| all.subsets.len())]).collect(),
            shunned: BTreeMap::new(),
            chosen: None,
        }
    }

    fn class(&self, base: usize, epoch: u32, route: Route) -> Option<usize> {
        if epoch == 0 && route == Route::Own { Some(base) } else { self.classes.get(&Form { base, epoch, route }).copied() }
    }

    /// A pod is no longer a replica.
    pub(super) fn left(&mut self, workload: usize, subset: Option<u32>) {
        if let Some(subset) = subset {
            self.in_subset[workload][subset as usize] -= 1;
        }
    }
}

/// The subsets of a class's placement.
fn subsets(plan: &Plan, class: usize) -> Option<&Subsets> {
    match &plan.template(class).placement {
        Placement::Subsets(subsets) => Some(subsets),
        Placement::Scheduler | Placement::Weights | Placement::Prefer { .. } => None,
    }
}

impl<'p> Simulation<'p> {
    /// The class of a new pod that is made from the template of `base`, and its subset.
    pub(super) fn form_of_new_pod(&mut self, base: usize) -> (usize, Option<u32>) {
        let workload = self.plan.workload_of(base);
        let epoch = self.forms.epochs[workload];
        if self.forms.namespaces[workload].is_some_and(|namespace| self.namespaces[namespace].wants_instances())
            && let Some(class) = self.forms.class(base, epoch, Route::Instances)
        {
            return (class, None);
        }
        let own = self.forms.class(base, epoch, Route::Own).unwrap_or(base);
        let Some(subset) = self.subset_of_new_pod(workload, base, epoch) else { return (own, None) };
        self.forms.in_subset[workload][subset] += 1;
        let class = self.forms.class(base, epoch, Route::Subset(subset as u32)).unwrap_or(own);
        (class, Some(subset as u32))
    }

    /// The subsets that the pods of a workload are split into now.
    pub(super) fn current_subsets(&self, workload: usize) -> Option<&'p Subsets> {
        let plan = self.plan;
        subsets(plan, self.forms.class(workload, self.forms.epochs[workload], Route::Own)?)
    }

    fn subset_of_new_pod(&self, workload: usize, base: usize, epoch: u32) -> Option<usize> {
        let all = self.current_subsets(workload)?;
        if let Some(chosen) = self.forms.chosen {
            return Some(chosen);
        }
        let replicas = self.replicas_of(workload);
        let view = |place: usize| workload_spread::SubsetView {
            max: max_of(all.subsets[place].size).map(|max| workload_spread::max_replicas(max, replicas)),
            active: self.forms.in_subset[workload][place],
            is_schedulable: all.adaptive.is_none_or(|adaptive| {
                let class = self.forms.class(base, epoch, Route::Subset(place as u32));
                !self.is_shunned(workload, place) && (!adaptive.simulate || class.is_none_or(|class| self.has_room_for(class)))
            }),
        };
        let views: Vec<workload_spread::SubsetView> = (0..all.subsets.len()).map(view).collect();
        match workload_spread::subset_of_new_pod(&views) {
            // Nobody has room now: subsets are taken as if there were some.
            None if all.adaptive.is_some_and(|adaptive| adaptive.simulate) => {
                let hopeful: Vec<_> = (views.iter().enumerate())
                    .map(|(place, view)| workload_spread::SubsetView { is_schedulable: !self.is_shunned(workload, place), ..*view })
                    .collect();
                workload_spread::subset_of_new_pod(&hopeful)
            }
            found => found,
        }
    }

    fn replicas_of(&self, workload: usize) -> u32 {
        match self.services.get(workload) {
            Some(service) => service.desired,
            None => self.plan.jobs[Id::new(workload - self.services.len())].pods,
        }
    }

    fn is_shunned(&self, workload: usize, subset: usize) -> bool {
        self.forms.shunned.get(&(workload, subset)).is_some_and(|until| self.now < *until)
    }

    /// How many pods each subset of a service is to have out of `replicas`, if the placement gives each a number of its own; an error text if
    /// that cannot be.
    pub(super) fn subset_sizes(&self, service: Id<Service>, replicas: u32) -> Option<Result<Vec<u32>, String>> {
        let workload = service.index();
        let all = self.current_subsets(workload)?;
        let bound = |place: usize| {
            let is_there = |id: &&Id<Pod>| self.pods[**id].subset == Some(place as u32) && self.pods[**id].node.is_some();
            self.services[workload].active.iter().filter(is_there).count() as u32
        };
        match all.split {
            Split::Spread(_) => None,
            Split::United => {
                let view = |place: usize| united_deployment::SubsetView {
                    name: &all.subsets[place].name,
                    size: all.subsets[place].size,
                    current: self.forms.in_subset[workload][place],
                    running: all.adaptive.map(|_| bound(place)),
                    is_pinned: self.is_shunned(workload, place),
                };
                let views: Vec<_> = (0..all.subsets.len()).map(view).collect();
                Some(united_deployment::allocate(&views, replicas).map_err(|bad| bad.to_string()))
            }
            Split::Elastic => {
                let pods = |count: Option<Count>| count.map(|count| count.of(replicas, Count::half_up));
                let (source, units) = all.subsets.split_first()?;
                let bounds = match source.size {
                    SubsetSize::Between { min, max } => (pods(min).unwrap_or(0), pods(max).unwrap_or(u32::MAX)),
                    SubsetSize::Exactly(count) => (0, count.of(replicas, Count::half_up)),
                    SubsetSize::Rest => (0, u32::MAX),
                };
                let units: Vec<Option<u32>> = units.iter().map(|unit| pods(max_of(unit.size))).collect();
                Some(Ok(elastic_workload::allocate(bounds, &units, replicas)))
            }
        }
    }

    /// Has the next pods created in a subset.
    pub(super) fn choose_subset(&mut self, subset: Option<usize>) {
        self.forms.chosen = subset;
    }

    /// A pod was created in an adaptive placement: it is looked at again when it should have found a node.
    pub(super) fn watch_new_pod(&mut self, id: Id<Pod>) {
        let pod = &self.pods[id];
        let adaptive = self.current_subsets(self.place_of(id)).and_then(|all| all.adaptive).filter(|_| pod.subset.is_some());
        if let Some(Adaptive { reschedule_after, .. }) = adaptive {
            self.push_in_run(self.now.saturating_add(reschedule_after), Event::Reschedule(id));
        }
    }

    /// A pod of an adaptive placement should have found a node by now. If it has not, its subset gets no more pods for a while, and another pod
    /// takes its place elsewhere.
    pub(super) fn reschedule(&mut self, id: Id<Pod>) {
        let (workload, pod) = (self.place_of(id), &self.pods[id]);
        let (Phase::Pending, Some(subset)) = (pod.phase, pod.subset) else { return };
        let Some(all) = self.current_subsets(workload) else { return };
        let (Some(adaptive), Some(target)) = (all.adaptive, all.subsets.get(subset as usize)) else { return };
        if !self.is_shunned(workload, subset as usize) {
            self.forms.shunned.insert((workload, subset as usize), self.now.saturating_add(adaptive.shun_for));
            let what = format!("subset {} unschedulable", target.name);
            self.decide(Decision::Policy { workload, what, reason: format!("a pod found no node there for {}", adaptive.reschedule_after) });
        }
        self.evict(id, Cause::Rescheduled);
    }

    /// The placement of a service changes. Its pods stay where they are as far as the new one lets them.
    pub(super) fn place_anew(&mut self, service: Id<Service>, epoch: u32) {
        let workload = service.index();
        let old: Vec<String> = self.current_subsets(workload).map_or_else(Vec::new, |all| all.subsets.iter().map(|subset| subset.name.clone()).collect());
        self.forms.epochs[workload] = epoch;
        self.forms.shunned.retain(|(other, _), _| *other != workload);
        let active = self.services[workload].active.clone();
        match self.current_subsets(workload) {
            Some(all) => {
                let homes: Vec<Candidates> = (0..all.subsets.len())
                    .map(|place| {
                        let class = self.forms.class(workload, epoch, Route::Subset(place as u32)).unwrap_or(workload);
                        Candidates::of(self.plan, &self.node_objects, self.plan.template(class))
                    })
                    .collect();
                self.forms.in_subset[workload] = vec![0; all.subsets.len()];
                for id in active {
                    let pod = &self.pods[id];
                    let by_name = pod.subset.and_then(|place| all.subsets.iter().position(|subset| old.get(place as usize) == Some(&subset.name)));
                    let by_node = || homes.iter().position(|home| home.units.iter().any(|unit| unit.nodes.iter().any(|node| Some(node.node) == pod.node)));
                    let home = by_name.or_else(by_node);
                    self.pods[id].subset = home.map(|home| home as u32);
                    if let Some(home) = home {
                        self.forms.in_subset[workload][home] += 1;
                    }
                }
            }
            None => active.into_iter().for_each(|id| self.pods[id].subset = None),
        }
        if let Some(class) = self.forms.class(workload, epoch, Route::Own) {
            self.recount(workload, class);
        }
        self.fill_up(service);
        self.wake_scheduler();
    }

    /// The class of a pod as an instance, if it may be one.
    pub(super) fn as_instance(&self, class: usize) -> Option<usize> {
        let instance = self.forms.class(self.plan.base_of(class), self.plan.epoch_of(class), Route::Instances)?;
        let has_nodes = self.candidates[instance].units.iter().any(|unit| !unit.nodes.is_empty());
        (instance != class && has_nodes).then_some(instance)
    }

    /// The deletion costs that the policy of a service gives to these pods.
    pub(super) fn deletion_costs(&self, service: Id<Service>, pods: &[Id<Pod>], deletion_order: impl Fn(&[Id<Pod>]) -> Vec<usize>) -> Vec<i32> {
        let workload = service.index();
        let Some(all) = self.current_subsets(workload) else {
            // The policy gives the pods of later units lower deletion costs, so that scale-in goes in reverse.
            return pods.iter().map(|id| self.pods[*id].counted.map_or(0, |(_, unit)| -100 * unit.cast_signed())).collect();
        };
        let Split::Spread(costs) = all.split else { return vec![0; pods.len()] };
        let newest = self.services[workload].deployment.newest_revision();
        let replicas = self.services[workload].desired;
        let mut found = vec![0; pods.len()];
        for (place, subset) in all.subsets.iter().map(Some).enumerate().map(|(place, subset)| (Some(place), subset)).chain([(None, None)]) {
            let members: Vec<usize> = (0..pods.len()).filter(|i| self.pods[pods[*i]].subset == place.map(|place| place as u32)).collect();
            let max = subset.and_then(|subset| max_of(subset.size)).map(|max| workload_spread::max_replicas(max, replicas) as usize);
            let ids: Vec<Id<Pod>> = members.iter().map(|i| pods[*i]).collect();
            let excess = max.map_or(0, |max| members.len().saturating_sub(max));
            let order = if excess > 0 { deletion_order(&ids) } else { (0..ids.len()).collect() };
            for (rank, member) in order.into_iter().enumerate() {
                let is_old = self.pods[ids[member]].revision != newest;
                found[members[member]] = workload_spread::deletion_cost(costs, all.subsets.len(), place, max.is_some(), rank >= excess, is_old);
            }
        }
        found
    }
}

/// The most that a subset takes.
const fn max_of(size: SubsetSize) -> Option<Count> {
    match size {
        SubsetSize::Exactly(count) => Some(count),
        SubsetSize::Between { max, .. } => max,
        SubsetSize::Rest => None,
    }
}
