//! Who may go where: taints, tolerations, selectors, affinity and tiered preference.

use std::fmt;

use super::policy::{PreferRules, Subsets, Unit};

/// A taint on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taint {
    /// Key.
    pub key: String,
    /// Value, may be empty.
    pub value: String,
    /// Effect.
    pub effect: TaintEffect,
}

/// What a taint does to a pod that does not tolerate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaintEffect {
    /// Keeps it away.
    NoSchedule,
    /// Is avoided if possible.
    PreferNoSchedule,
    /// Keeps it away and evicts it.
    NoExecute,
}

impl TaintEffect {
    /// The name in Kubernetes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoSchedule => "NoSchedule",
            Self::PreferNoSchedule => "PreferNoSchedule",
            Self::NoExecute => "NoExecute",
        }
    }
}

/// A toleration of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toleration {
    /// Key; empty matches every key.
    pub key: String,
    /// How the value is compared.
    pub operator: TolerationOperator,
    /// Value.
    pub value: String,
    /// Effect; none matches every effect.
    pub effect: Option<TaintEffect>,
    /// How long a pod stays on a node with such a taint of effect `NoExecute`; none for ever.
    pub seconds: Option<i64>,
}

/// How a toleration compares values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TolerationOperator {
    /// Values are equal.
    Equal,
    /// Any value.
    Exists,
    /// The value of the taint is a greater integer (alpha in Kubernetes 1.35).
    Gt,
    /// The value of the taint is a smaller integer (alpha in Kubernetes 1.35).
    Lt,
}

/// One term of node affinity: all requirements must hold. An empty term matches nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeSelectorTerm {
    /// Requirements on labels.
    pub expressions: Vec<Requirement>,
    /// Requirements on `metadata.name`.
    pub fields: Vec<Requirement>,
}

/// A requirement on one label. Written out it reads as in Kubernetes: `zone in (a,b)`, `!gpu`, `cores>8`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Label key.
    pub key: String,
    /// Operator.
    pub operator: Operator,
    /// Values to compare with.
    pub values: Vec<String>,
}

/// Operators of selectors. The last two exist in node affinity only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The label is present and its value is listed.
    In,
    /// The label is absent or its value is not listed.
    NotIn,
    /// The label is present.
    Exists,
    /// The label is absent.
    DoesNotExist,
    /// The label is an integer greater than the value.
    Gt,
    /// The label is an integer less than the value.
    Lt,
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, operator, values } = self;
        match operator {
            Operator::In => write!(f, "{key} in ({})", values.join(",")),
            Operator::NotIn => write!(f, "{key} notin ({})", values.join(",")),
            Operator::Exists => write!(f, "{key}"),
            Operator::DoesNotExist => write!(f, "!{key}"),
            Operator::Gt => write!(f, "{key}>{}", values.join(",")),
            Operator::Lt => write!(f, "{key}<{}", values.join(",")),
        }
    }
}

/// A preferred node affinity term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferred {
    /// Weight, 1..=100.
    pub weight: i64,
    /// Term.
    pub term: NodeSelectorTerm,
}

/// How the node of a pod is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Filters and scores of the default scheduler.
    Scheduler,
    /// The nodes that the pod's preferred node affinity gives the most weight, as long as one of them has room, then the next: what readers take
    /// weights for, not what kube-scheduler does with them.
    Weights,
    /// Units in order: the first that has room (ResourcePolicy with strategy `prefer`). Scale-in goes in reverse.
    Prefer {
        /// Name of the policy, for reasons.
        policy: String,
        /// Units, most preferred first.
        units: Vec<Unit>,
        /// When to go on to the next unit, and what counts.
        rules: PreferRules,
    },
    /// By subset, each with its own nodes (`WorkloadSpread`, `UnitedDeployment`, `ElasticWorkload`). A pod that belongs to no subset goes where the
    /// default scheduler sends it.
    Subsets(Box<Subsets>),
}
