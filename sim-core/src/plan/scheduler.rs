//! Configuration of the default scheduler: what of a `KubeSchedulerConfiguration` bears on the choice of nodes.

use super::KubernetesVersion;
use super::neighbours::SpreadConstraint;
use super::placement::{NodeSelectorTerm, Preferred};
use crate::scheduling::ScoreWeights;
use crate::units::{Resource, Span};

/// A profile of kube-scheduler.
#[derive(Clone, Debug)]
pub struct Scheduler {
    /// How free resources make a node better (`NodeResourcesFit`).
    pub strategy: ScoringStrategy,
    /// The resources that the strategy looks at, each with its weight in 1..=100.
    pub scored: Vec<(Resource, i64)>,
    /// The resources whose use is to be balanced (`NodeResourcesBalancedAllocation`).
    pub balanced: Vec<Resource>,
    /// How uneven use is measured.
    pub balance: Balance,
    /// What the scores of plugins weigh; none for the release's defaults.
    pub weights: Option<ScoreWeights>,
    /// Spread of pods that say nothing about it (`PodTopologySpread`).
    pub default_spread: DefaultSpread,
    /// What required affinity of pods that are there already counts for a pod they want near (`InterPodAffinity`).
    pub hard_pod_affinity_weight: i64,
    /// Affinity that every pod has besides its own (`NodeAffinity`).
    pub added_affinity: AddedAffinity,
    /// When pods that found no node are tried again.
    pub queue: QueueRules,
    /// Percentage of nodes that have to be found feasible before the search for more ends; 0 adapts it to their number, 100 looks at all.
    pub percentage_of_nodes: u32,
    /// How long one pod keeps the scheduler busy; zero for an infinitely fast one.
    pub time_per_pod: Span,
    /// Whether virtual-kubelet-autoscaler runs: pods that no node takes go to virtual nodes.
    pub takes_over_unschedulable: bool,
}

impl Scheduler {
    /// As kube-scheduler of a release starts without a configuration.
    pub fn of(version: KubernetesVersion) -> Self {
        let since = |minor| version >= (KubernetesVersion { major: 1, minor });
        Self {
            balance: if since(22) { Balance::Deviation } else { Balance::Difference },
            default_spread: match () {
                () if since(23) => DefaultSpread::System,
                () if since(20) => DefaultSpread::SystemWithZones,
                () => DefaultSpread::List(Vec::new()),
            },
            queue: QueueRules { pops_backoff: since(33), ..QueueRules::default() },
            ..Self::default()
        }
    }
}

impl Scheduler {
    /// How many feasible nodes are enough among `nodes`; none if all are looked at.
    pub fn enough_of(&self, nodes: usize) -> Option<usize> {
        /// Fewer than this are never enough.
        const FEW: usize = 100;
        if nodes < FEW || self.percentage_of_nodes >= 100 {
            return None;
        }
        let adapted = 50usize.saturating_sub(nodes / 125).max(5);
        let percent = if self.percentage_of_nodes == 0 { adapted } else { self.percentage_of_nodes as usize };
        Some((nodes * percent / 100).max(FEW))
    }
}

impl Default for Scheduler {
    /// The newest rules, without built-in constraints on the spread.
    fn default() -> Self {
        Self {
            strategy: ScoringStrategy::LeastAllocated,
            scored: vec![(Resource::Cpu, 1), (Resource::Memory, 1)],
            balanced: vec![Resource::Cpu, Resource::Memory],
            balance: Balance::Deviation,
            weights: None,
            default_spread: DefaultSpread::List(Vec::new()),
            hard_pod_affinity_weight: 1,
            added_affinity: AddedAffinity::default(),
            queue: QueueRules::default(),
            percentage_of_nodes: 100,
            time_per_pod: Span::ZERO,
            takes_over_unschedulable: false,
        }
    }
}

/// How uneven use of a node's resources is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Balance {
    /// By the difference of the fractions of CPU and memory, with stand-ins for open requests; until 1.21. A node without anything left scores 0.
    Difference,
    /// By the standard deviation of the fractions, which is half the difference when there are two; since 1.22.
    Deviation,
}

/// When pods that found no node are tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueRules {
    /// Pause after the first try; it doubles with each further one.
    pub initial_backoff: Span,
    /// Longest pause.
    pub max_backoff: Span,
    /// After this long without any event that may help, a pod is tried all the same.
    pub flush: Span,
    /// Whether pauses are cut short while there is nobody else to try (`SchedulerPopFromBackoffQ`, since 1.33).
    pub pops_backoff: bool,
}

impl Default for QueueRules {
    fn default() -> Self {
        Self { initial_backoff: Span::from_secs(1), max_backoff: Span::from_secs(10), flush: Span::from_secs(300), pops_backoff: true }
    }
}

impl QueueRules {
    /// The pause after this many tries, counted from the last one.
    pub fn pause(self, attempts: u32) -> Span {
        let doublings = attempts.saturating_sub(1).min(63);
        let pause = u128::from(self.initial_backoff.as_nanos()) << doublings;
        Span::from_nanos(u64::try_from(pause).unwrap_or(u64::MAX).min(self.max_backoff.as_nanos()))
    }

    /// The number of tries from which on pauses no longer grow.
    pub fn longest(self) -> u32 {
        (1..64).find(|attempts| self.pause(*attempts) == self.pause(attempts + 1)).unwrap_or(64)
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
    /// Kubernetes' own since 1.23: a slight preference for even use of nodes and zones.
    System,
    /// The same as it was in 1.20 to 1.22: nodes without a zone are not scored at all.
    SystemWithZones,
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
