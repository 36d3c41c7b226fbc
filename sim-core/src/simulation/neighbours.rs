//! What pods demand of each other, kept up to date as they come and go. A *workload* is here a class of pods that are alike.

use crate::id::{Id, Table};
use crate::plan::{Node, Plan, PodTemplate};
use crate::scheduling::{PodAffinityRules, Refusal, SpreadFilter, SpreadRules, SpreadScore, Topologies};

/// The demands of all workloads. Pods of one workload are alike, so pods are counted by workload and node.
#[derive(Clone, Debug)]
pub(super) struct Neighbours {
    /// By workload; none if the pods around its own do not matter.
    demands: Vec<Option<Demands>>,
    /// By workload: the workloads whose demands its pods count in.
    felt_by: Vec<Vec<usize>>,
    /// By workload: the workloads that may find a node when one of its pods has found one.
    helps: Vec<Vec<usize>>,
}

/// What a workload's next pod demands of the pods that are there, and they of it.
#[derive(Clone, Debug)]
pub(super) struct Demands {
    bounds: Option<SpreadFilter>,
    preference: Option<SpreadScore>,
    affinity: Option<PodAffinityRules>,
}

impl Neighbours {
    pub(super) fn new(plan: &Plan, nodes: &Table<Node>) -> Self {
        let templates: Vec<&PodTemplate> = (0..plan.class_count()).map(|class| plan.template(class)).collect();
        let has_affinity = templates.iter().any(|template| !template.pod_affinity.is_empty() || !template.pod_anti_affinity.is_empty());
        let mut topologies = Topologies::new(nodes);
        let demands: Vec<Option<Demands>> = (templates.iter().enumerate())
            .map(|(workload, template)| {
                // Kubernetes spreads pods of Services and ReplicaSets by default, those of Jobs not.
                let rules = SpreadRules::of(template, &plan.scheduler.default_spread, plan.workload_of(workload) < plan.services.len());
                let demands = Demands {
                    bounds: SpreadFilter::new(&rules, template, &templates, &mut topologies),
                    preference: SpreadScore::new(&rules, template, &templates, &mut topologies),
                    affinity: if has_affinity {
                        PodAffinityRules::new(template, &templates, plan.scheduler.hard_pod_affinity_weight, &mut topologies)
                    } else {
                        None
                    },
                };
                (demands.bounds.is_some() || demands.preference.is_some() || demands.affinity.is_some()).then_some(demands)
            })
            .collect();
        let demanding: Vec<(usize, &Demands)> = demands.iter().enumerate().filter_map(|(workload, demands)| Some((workload, demands.as_ref()?))).collect();
        let whom = |test: fn(&Demands, usize) -> bool| -> Vec<Vec<usize>> {
            let of = |workload| demanding.iter().filter(|(_, demands)| test(demands, workload)).map(|(other, _)| *other).collect();
            (0..demands.len()).map(of).collect()
        };
        Self { felt_by: whom(Demands::feels), helps: whom(Demands::is_helped_by), demands }
    }

    /// A node is there that was not.
    pub(super) fn node_came(&mut self, node: Id<Node>) {
        for bounds in self.demands.iter_mut().flatten().filter_map(|demands| demands.bounds.as_mut()) {
            bounds.node_came(node);
        }
    }

    /// A node is gone, and its pods before it.
    pub(super) fn node_left(&mut self, node: Id<Node>) {
        for bounds in self.demands.iter_mut().flatten().filter_map(|demands| demands.bounds.as_mut()) {
            bounds.node_left(node);
        }
    }

    /// The demands of a workload.
    pub(super) fn of(&self, workload: usize) -> Option<&Demands> {
        self.demands[workload].as_ref()
    }

    /// The workloads that may find a node now that a pod of this one has found one.
    pub(super) fn helped_by(&self, workload: usize) -> &[usize] {
        &self.helps[workload]
    }

    /// A pod of a workload is bound to a node.
    pub(super) fn arrived(&mut self, workload: usize, node: Id<Node>) {
        for other in &self.felt_by[workload] {
            let Some(demands) = &mut self.demands[*other] else { continue };
            if let Some(bounds) = &mut demands.bounds {
                bounds.add(workload, node);
            }
            if let Some(preference) = &mut demands.preference {
                preference.add(workload, node);
            }
            if let Some(affinity) = &mut demands.affinity {
                affinity.add(workload, node);
            }
        }
    }

    /// A bound pod is on its way out, and no longer counted where pods are spread. Whether that can make room for another one.
    pub(super) fn leaving(&mut self, workload: usize, node: Id<Node>) -> bool {
        let mut makes_room = false;
        for other in &self.felt_by[workload] {
            let Some(demands) = &mut self.demands[*other] else { continue };
            if let Some(bounds) = &mut demands.bounds {
                bounds.remove(workload, node);
                makes_room = true;
            }
            if let Some(preference) = &mut demands.preference {
                preference.remove(workload, node);
            }
        }
        makes_room
    }

    /// A pod that was on its way out is gone.
    pub(super) fn gone(&mut self, workload: usize, node: Id<Node>) {
        for other in &self.felt_by[workload] {
            let Some(demands) = &mut self.demands[*other] else { continue };
            if let Some(affinity) = &mut demands.affinity {
                affinity.remove(workload, node);
            }
        }
    }
}

impl Demands {
    fn feels(&self, workload: usize) -> bool {
        self.bounds.as_ref().is_some_and(|bounds| bounds.feels(workload))
            || self.preference.as_ref().is_some_and(|preference| preference.feels(workload))
            || self.affinity.as_ref().is_some_and(|affinity| affinity.feels(workload))
    }

    fn is_helped_by(&self, workload: usize) -> bool {
        self.bounds.as_ref().is_some_and(|bounds| bounds.feels(workload)) || self.affinity.as_ref().is_some_and(|affinity| affinity.attracted_by(workload))
    }

    /// Why a node does not take the next pod; none if it does.
    pub(super) fn refusal(&self, node: Id<Node>) -> Option<Refusal> {
        let bounds = self.bounds.as_ref().and_then(|bounds| bounds.refusal(node));
        bounds.or_else(|| self.affinity.as_ref()?.refusal(node))
    }

    /// The preference for some spread, if nothing else is demanded.
    pub(super) fn only_preference(&self) -> Option<&SpreadScore> {
        self.preference.as_ref().filter(|_| self.bounds.is_none() && self.affinity.is_none())
    }

    /// How good nodes are for the next pod by their spread, if that matters.
    pub(super) fn spread_scores(&self, nodes: &[Id<Node>]) -> Option<Vec<i64>> {
        self.preference.as_ref().map(|preference| preference.scores(nodes))
    }

    /// How good nodes are for the next pod by the pods that are near, if that matters.
    pub(super) fn affinity_scores(&self, nodes: &[Id<Node>]) -> Option<Vec<i64>> {
        self.affinity.as_ref().and_then(|affinity| affinity.scores(nodes))
    }
}
