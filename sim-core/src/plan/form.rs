//! Forms of a class of pods that differ in nothing but where its pods go.

use super::action::{ActionKind, wants_instance};
use super::placement::{NodeSelectorTerm, Placement, Toleration, TolerationOperator};
use super::policy::{PreferRules, Subset, Unit};
use super::workload::{PodTemplate, Service, Variant};
use super::{Action, Plan};
use crate::id::Id;
use crate::units::Time;

/// What a variant is a form of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Form {
    /// The class that it is a form of.
    pub base: usize,
    /// Counts the placements that its workload has during the run: 0 for the first.
    pub epoch: u32,
    /// Where its pods go.
    pub route: Route,
}

/// Where pods go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    /// As the placement of that epoch says.
    Own,
    /// To virtual nodes, because their namespace or an autoscaler says so.
    Instances,
    /// To the nodes of a subset, by its place.
    Subset(u32),
}

impl PodTemplate {
    /// The same pod with the label `alibabacloud.com/eci=true`: ACK sends it to a virtual node, whatever else it says.
    #[must_use]
    pub fn as_instance(mut self) -> Self {
        self.node_selector.insert("type".to_owned(), "virtual-kubelet".to_owned());
        let key = "virtual-kubelet.io/provider".to_owned();
        self.tolerations.push(Toleration { key, operator: TolerationOperator::Exists, value: String::new(), effect: None, seconds: None });
        self.placement = Placement::Scheduler;
        self
    }

    /// The same pod in a subset of its workload.
    #[must_use]
    pub fn in_subset(mut self, subset: &Subset, policy: &str) -> Self {
        let target = &subset.target;
        self.labels.extend(target.labels.clone());
        self.tolerations.extend(target.tolerations.clone());
        self.preferred_affinity.extend(target.preferred.clone());
        if !target.required.is_empty() {
            self.required_affinity = Some(match self.required_affinity {
                None => target.required.clone(),
                // Each of its own alternatives goes with each of the subset's.
                Some(own) => own.iter().flat_map(|a| target.required.iter().map(|b| both(a, b))).collect(),
            });
        }
        self.placement = match target.tier {
            Some(tier) => {
                Placement::Prefer { policy: format!("subset {} of {policy}", subset.name), units: vec![Unit::of(tier)], rules: PreferRules::default() }
            }
            None => Placement::Scheduler,
        };
        self
    }
}

fn both(a: &NodeSelectorTerm, b: &NodeSelectorTerm) -> NodeSelectorTerm {
    NodeSelectorTerm { expressions: a.expressions.iter().chain(&b.expressions).cloned().collect(), fields: a.fields.iter().chain(&b.fields).cloned().collect() }
}

impl Plan {
    /// Adds all forms that pods can take during a run, and an action for each of the placements that services get `later`. To be called once, when
    /// everything else is there.
    pub fn add_forms(&mut self, later: Vec<(Time, Id<Service>, Placement)>) {
        for class in 0..self.class_count() {
            let (workload, template) = (self.workload_of(class), self.template(class).clone());
            let mut placements = vec![template.placement.clone()];
            placements.extend(later.iter().filter(|(_, service, _)| service.index() == workload).map(|entry| entry.2.clone()));
            for (epoch, placement) in (0u32..).zip(placements) {
                let own = PodTemplate { placement, ..template.clone() };
                let mut forms = Vec::new();
                if let Placement::Subsets(all) = &own.placement {
                    forms.extend((0u32..).zip(&all.subsets).map(|(place, subset)| (Route::Subset(place), own.clone().in_subset(subset, &all.policy))));
                }
                if self.scheduler.takes_over_unschedulable || self.may_want_instances(&own.namespace) {
                    forms.push((Route::Instances, own.clone().as_instance()));
                }
                if epoch > 0 {
                    forms.push((Route::Own, own));
                }
                let variant = |(route, template)| Variant { workload, form: Some(Form { base: class, epoch, route }), template };
                self.variants.extend(forms.into_iter().map(variant));
            }
        }
        let mut epochs = vec![0; self.services.len()];
        for (at, service, _) in later {
            epochs[service.index()] += 1;
            self.actions.push(Action { at, what: ActionKind::Place { service, epoch: epochs[service.index()] } });
        }
        self.actions.sort_by_key(|action| action.at);
    }

    /// Whether new pods of a namespace go to virtual nodes at any time of the run.
    fn may_want_instances(&self, name: &str) -> bool {
        let Some(id) = self.namespaces.find(|namespace| namespace.name == name) else { return false };
        let asks = |action: &Action| match &action.what {
            ActionKind::LabelNamespace { namespace, change } | ActionKind::AnnotateNamespace { namespace, change } => {
                *namespace == id && wants_instance(&change.set)
            }
            _ => false,
        };
        self.namespaces[id].wants_instances() || self.actions.iter().any(asks)
    }
}
