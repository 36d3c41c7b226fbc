//! What a pod demands of the pods around it: how its kind is spread, whom it is to be near and whom not.

use super::placement::Requirement;

/// Which pods a rule is about: all requirements must hold, so that an empty selector matches every pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector {
    /// Requirements on labels of the pod.
    pub requirements: Vec<Requirement>,
}

/// A bound on how unevenly pods may be spread over the domains of a topology.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpreadConstraint {
    /// How many more pods than the emptiest domain a domain may hold, at least 1.
    pub max_skew: u32,
    /// Nodes with the same value of this label are one domain.
    pub topology_key: String,
    /// What happens when no node keeps the bound.
    pub when_unsatisfiable: WhenUnsatisfiable,
    /// The pods that are counted; none counts no pod, and so does an empty one.
    pub selector: Option<LabelSelector>,
    /// Labels whose value in the incoming pod a counted pod must share.
    pub match_label_keys: Vec<String>,
    /// With fewer domains than this, the emptiest one counts as empty. Default: 1.
    pub min_domains: Option<u32>,
    /// Whether nodes that the pod's selector and affinity exclude are left out of the count. Default: they are.
    pub node_affinity_policy: InclusionPolicy,
    /// Whether nodes whose taints the pod does not tolerate are left out of the count. Default: they are not.
    pub node_taints_policy: InclusionPolicy,
}

/// What happens when no node keeps a bound on the spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenUnsatisfiable {
    /// The pod waits.
    DoNotSchedule,
    /// The bound is a preference.
    ScheduleAnyway,
}

/// Whether a property of the incoming pod decides which nodes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InclusionPolicy {
    /// Only nodes that suit the pod are counted.
    Honor,
    /// All nodes are counted.
    Ignore,
}

/// Which pods a pod is to be near, or away from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodAffinity {
    /// All of these must hold.
    pub required: Vec<PodAffinityTerm>,
    /// Each of these makes a node better.
    pub preferred: Vec<WeightedTerm>,
}

/// Pods in the same domain of a topology.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodAffinityTerm {
    /// The pods; none matches no pod.
    pub selector: Option<LabelSelector>,
    /// Nodes with the same value of this label are one domain.
    pub topology_key: String,
    /// Namespaces of the pods. With no namespace and no selector of namespaces, those of the pod's own.
    pub namespaces: Vec<String>,
    /// Further namespaces, by their labels; an empty selector stands for all.
    pub namespace_selector: Option<LabelSelector>,
}

/// A preferred term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightedTerm {
    /// Weight, 1..=100.
    pub weight: i64,
    /// Term.
    pub term: PodAffinityTerm,
}

impl PodAffinity {
    /// Whether it says nothing.
    pub const fn is_empty(&self) -> bool {
        self.required.is_empty() && self.preferred.is_empty()
    }
}
