//! Policies on where pods go, and in what number.

use std::collections::BTreeMap;

use super::estate::Tier;
use super::placement::{NodeSelectorTerm, Preferred, Toleration};
use crate::id::Id;
use crate::units::{Resources, Span};

/// One scheduling unit of a preference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Tier that the unit's nodes are in.
    pub tier: Id<Tier>,
    /// Most pods of the policy in the unit.
    pub max: Option<u32>,
    /// Most that pods of the policy request in the unit together; a resource without a bound is at its largest.
    pub max_resources: Option<Resources>,
    /// Labels that a node of the unit must carry.
    pub node_selector: BTreeMap<String, String>,
    /// Labels that pods get there. If there are any, only pods that carry them are counted.
    pub pod_labels: BTreeMap<String, String>,
    /// Annotations that pods get there.
    pub pod_annotations: BTreeMap<String, String>,
}

/// The pod label of a unit whose pods wait for node scale-out.
pub const WAITS_FOR_NODES: (&str, &str) = ("k8s.aliyun.com/resource-policy-wait-for-ecs-scaling", "true");

impl Unit {
    /// All nodes of a tier, for any number of pods.
    pub const fn of(tier: Id<Tier>) -> Self {
        Self { tier, max: None, max_resources: None, node_selector: BTreeMap::new(), pod_labels: BTreeMap::new(), pod_annotations: BTreeMap::new() }
    }

    /// Whether pods wait there for node scale-out.
    pub fn waits_for_nodes(&self) -> bool {
        self.pod_labels.get(WAITS_FOR_NODES.0).is_some_and(|value| value == WAITS_FOR_NODES.1)
    }

    /// Whether the number of pods in it is bounded.
    pub const fn is_bounded(&self) -> bool {
        self.max.is_some() || self.max_resources.is_some()
    }
}

/// Rules of a preference (ResourcePolicy) beyond its units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreferRules {
    /// When a pod goes on to the next unit.
    pub try_next: TryNext,
    /// When pods of lower priority are preempted.
    pub preempt: PreemptPolicy,
    /// Whether pods that are older than the policy are left out of its counts.
    pub ignore_previous: bool,
    /// Whether terminating pods are left out of its counts.
    pub ignore_terminating: bool,
    /// Pods are counted apart by the values of these labels; a pod that lacks one is rejected.
    pub match_label_keys: Vec<String>,
    /// Workloads with the same number are counted together: the pods that one policy selects. Without it each workload is counted by itself.
    pub counted_with: Option<u32>,
}

impl Default for PreferRules {
    /// What ACK's scheduler does without further settings.
    fn default() -> Self {
        Self {
            try_next: TryNext::LackResourceOrExceedMax,
            preempt: PreemptPolicy::AfterAllUnits,
            ignore_previous: false,
            ignore_terminating: true,
            match_label_keys: Vec::new(),
            counted_with: None,
        }
    }
}

/// When a pod goes on to the next unit (`whenTryNextUnits`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryNext {
    /// The unit is at its maximum, or it lacks room and has no maximum.
    ExceedMax,
    /// The unit is at its maximum, or it lacks room and has no maximum, or it has lacked room for this long.
    TimeoutOrExceedMax {
        /// How long a pod waits for the unit.
        timeout: Span,
    },
    /// The unit is at its maximum or lacks room.
    LackResourceOrExceedMax,
    /// The unit is at its maximum or lacks room, and no pod of the policy is terminating in it.
    LackResourceAndNoTerminating,
}

/// When pods of lower priority are preempted (`preemptPolicy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreemptPolicy {
    /// In each unit before the next one is tried.
    BeforeNextUnit,
    /// When no unit has room.
    AfterAllUnits,
}

/// A number of pods, or a share of all replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// This many.
    Pods(u32),
    /// Thousandths of a percent of all replicas.
    Share(u32),
}

impl Count {
    /// Thousandths of a percent in the whole.
    const WHOLE: u64 = 100_000;

    /// Whole percents of all replicas.
    pub const fn percent(percent: u32) -> Self {
        Self::Share(percent * 1000)
    }

    /// The number of pods when there are this many replicas; `round` says what becomes of a part of a pod.
    pub fn of(self, replicas: u32, round: fn(u64, u64) -> u64) -> u32 {
        match self {
            Self::Pods(pods) => pods,
            Self::Share(share) => u32::try_from(round(u64::from(share) * u64::from(replicas), Self::WHOLE)).unwrap_or(u32::MAX),
        }
    }

    /// Rounds a quotient up.
    pub const fn up(numerator: u64, denominator: u64) -> u64 {
        numerator.div_ceil(denominator)
    }

    /// Rounds a quotient half up.
    pub const fn half_up(numerator: u64, denominator: u64) -> u64 {
        (2 * numerator + denominator) / (2 * denominator)
    }
}

/// A workload that is split into subsets, each with its own nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subsets {
    /// Name of the policy, for reasons.
    pub policy: String,
    /// In the order of preference.
    pub subsets: Vec<Subset>,
    /// How pods are split.
    pub split: Split,
    /// What becomes of pods that find no node in their subset.
    pub adaptive: Option<Adaptive>,
}

/// A part of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subset {
    /// Name, unique within the workload.
    pub name: String,
    /// How many pods.
    pub size: SubsetSize,
    /// Where they go.
    pub target: SubsetTarget,
}

/// Where pods of a subset go, on top of what their template says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubsetTarget {
    /// Only nodes of this tier; a virtual node's taint is tolerated then.
    pub tier: Option<Id<Tier>>,
    /// The node must match one of these; none for no demand.
    pub required: Vec<NodeSelectorTerm>,
    /// Nodes that match score higher.
    pub preferred: Vec<Preferred>,
    /// Taints that are tolerated.
    pub tolerations: Vec<Toleration>,
    /// Labels that pods get.
    pub labels: BTreeMap<String, String>,
}

/// How many pods a subset has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubsetSize {
    /// `replicas`.
    Exactly(Count),
    /// `minReplicas` and `maxReplicas`.
    Between {
        /// Fewest.
        min: Option<Count>,
        /// Most.
        max: Option<Count>,
    },
    /// Whatever the others leave.
    Rest,
}

/// How pods are split into subsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// By `WorkloadSpread`: each new pod goes to the first subset that misses one.
    Spread(DeletionCosts),
    /// By `UnitedDeployment`: each subset is a workload with replicas of its own.
    United,
    /// By `ElasticWorkload`: the first subset is the source, the others are its elastic units.
    Elastic,
}

/// Which deletion costs a `WorkloadSpread` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionCosts {
    /// Higher for earlier subsets, negative for pods above a subset's maximum.
    BySubset,
    /// Those of the first release, 0.10: 100 within the maximum, 0 without one, -100 above.
    First,
}

/// What becomes of pods that find no node in their subset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adaptive {
    /// A pod without a node for this long goes to another subset (`rescheduleCriticalSeconds`).
    pub reschedule_after: Span,
    /// How long its subset gets no new pods then.
    pub shun_for: Span,
    /// Whether a new pod skips subsets without a node for it now (`WorkloadSpread` without `disableSimulationSchedule`).
    pub simulate: bool,
}
