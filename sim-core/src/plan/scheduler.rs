//! Configuration of the default scheduler: what of a `KubeSchedulerConfiguration` bears on the choice of nodes.

use super::neighbours::SpreadConstraint;
use super::placement::{NodeSelectorTerm, Preferred};
use crate::units::Resource;

/// A profile of kube-scheduler.
#[derive(Clone, Debug)]
pub struct Scheduler {
    /// How free resources make a node better (`NodeResourcesFit`).
    pub strategy: ScoringStrategy,
    /// The resources that the strategy looks at, each with its weight in 1..=100.
    pub scored: Vec<(Resource, i64)>,
    /// The resources whose use is to be balanced (`NodeResourcesBalancedAllocation`).
    pub balanced: Vec<Resource>,
    /// Spread of pods that say nothing about it (`PodTopologySpread`).
    pub default_spread: DefaultSpread,
    /// What required affinity of pods that are there already counts for a pod they want near (`InterPodAffinity`).
    pub hard_pod_affinity_weight: i64,
    /// Affinity that every pod has besides its own (`NodeAffinity`).
    pub added_affinity: AddedAffinity,
}

impl Default for Scheduler {
    /// As kube-scheduler starts without a configuration, but without its built-in constraints on the spread.
    fn default() -> Self {
        Self {
            strategy: ScoringStrategy::LeastAllocated,
            scored: vec![(Resource::Cpu, 1), (Resource::Memory, 1)],
            balanced: vec![Resource::Cpu, Resource::Memory],
            default_spread: DefaultSpread::List(Vec::new()),
            hard_pod_affinity_weight: 1,
            added_affinity: AddedAffinity::default(),
        }
    }
}

/// How free resources make a node better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScoringStrategy {
    /// The emptier the better.
    LeastAllocated,
    /// The fuller the better.
    MostAllocated,
    /// As a function of the utilisation says.
    RequestedToCapacityRatio(Vec<ShapePoint>),
}

/// A point of a piecewise-linear function of the utilisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapePoint {
    /// Utilisation in percent.
    pub utilization: i64,
    /// Score, 0..=10.
    pub score: i64,
}

/// Spread of a service's pods that say nothing about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultSpread {
    /// Kubernetes' own: a slight preference for even use of nodes and zones.
    System,
    /// These constraints; their selectors are those of the services.
    List(Vec<SpreadConstraint>),
}

/// Node affinity that the scheduler adds to every pod's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddedAffinity {
    /// Required terms: alternatives. `Some` of an empty list matches no node.
    pub required: Option<Vec<NodeSelectorTerm>>,
    /// Preferred terms.
    pub preferred: Vec<Preferred>,
}
