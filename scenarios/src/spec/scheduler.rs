//! Configuration of kube-scheduler, priorities and disruption budgets.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use sim_core::units::IntOrPercent;

use super::neighbours::{LabelSelector, TopologySpreadConstraint};
use super::placement::{NodeSelector, PreferredTerm};
use super::short::ShortOr;
use crate::text::{Bare, Duration, Text, Unit};

/// How kube-scheduler is configured: what of a `KubeSchedulerConfiguration` bears on the choice of nodes.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Scheduler {
    /// Share of nodes that have to be found feasible before the search for more ends, in whole percent; 0 adapts it to the size of the cluster as
    /// kube-scheduler does by default (50 % less 1 % for every 125 nodes, at least 5 %). At least 100 nodes are always looked for. Default: 100, all
    /// nodes, because which ones a real scheduler happens to look at says nothing about another run.
    #[schemars(range(max = 100), extend("default" = 100))]
    pub percentage_of_nodes_to_score: Option<u32>,
    /// Pods that the scheduler works on in a second, for instance 300. Default: no limit.
    pub pods_per_second: Option<f64>,
    /// Pause before a pod that found no node is tried again; it doubles with each further try.
    #[schemars(extend("default" = "1s"))]
    pub pod_initial_backoff: Option<Duration>,
    /// Longest such pause.
    #[schemars(extend("default" = "10s"))]
    pub pod_max_backoff: Option<Duration>,
    /// After this long without a change that may help it, a pod is tried again all the same.
    #[schemars(extend("default" = "5m"))]
    pub pod_max_in_unschedulable_pods: Option<Duration>,
    /// How free resources make a node better (`NodeResourcesFit`): `leastAllocated`, `mostAllocated`, or a function of the utilisation.
    #[schemars(extend("default" = "leastAllocated"))]
    pub scoring: Option<ShortOr<ScoringStrategy, Shape>>,
    /// What the scoring looks at, each with its weight of 1 to 100. Default: `{cpu: 1, memory: 1}`.
    #[serde(default)]
    pub scored_resources: BTreeMap<String, i64>,
    /// Whether pods of services that say nothing about their spread are spread over nodes and zones as Kubernetes does by itself, or by constraints of
    /// one's own. Default: by itself, from 1.20 on.
    pub default_spread: Option<ShortOr<DefaultSpread, SpreadList>>,
    /// What the scores of plugins weigh, by name, where it differs from the release's defaults: `{NodeAffinity: 5, NodeResourcesFit: 0}`.
    #[serde(default)]
    pub plugin_weights: BTreeMap<String, i64>,
    /// What required affinity of pods that are there already counts for a pod they want near, 0 to 100.
    #[schemars(range(max = 100), extend("default" = 1))]
    pub hard_pod_affinity_weight: Option<i64>,
    /// Node affinity that is added to every pod's own.
    pub added_affinity: Option<AddedAffinity>,
}

/// How free resources make a node better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ScoringStrategy {
    /// The emptier the better.
    LeastAllocated,
    /// The fuller the better.
    MostAllocated,
}

/// A function of the utilisation.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Shape {
    /// Points `[utilisation in percent, score of 0 to 10]` of rising utilisation, joined by straight lines.
    pub requested_to_capacity_ratio: Vec<(u32, u32)>,
}

/// Spread of pods that say nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DefaultSpread {
    /// Kubernetes' own: a slight preference for even use of nodes (`maxSkew` 3) and zones (5).
    System,
    /// None.
    None,
}

/// Constraints of one's own.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SpreadList {
    /// Constraints without selectors: each service's own pods are counted.
    pub list: Vec<TopologySpreadConstraint>,
}

/// Node affinity that is added to every pod's own.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AddedAffinity {
    /// The node must satisfy one of the terms.
    pub required_during_scheduling_ignored_during_execution: Option<NodeSelector>,
    /// Nodes that satisfy a term score higher by its weight.
    #[serde(default)]
    pub preferred_during_scheduling_ignored_during_execution: Vec<PreferredTerm>,
}

/// A `PriorityClass`.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PriorityClass {
    /// Priority: pods with more go first. At most a billion.
    pub value: i32,
    /// Whether it holds for pods that name no class.
    #[serde(default)]
    pub global_default: bool,
    /// Whether its pods may take the place of others.
    pub preemption_policy: Option<PreemptionPolicy>,
}

/// Whether pods may take the place of others of lower priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum PreemptionPolicy {
    /// They may, as is the default.
    PreemptLowerPriority,
    /// They wait, though in front of the others.
    Never,
}

/// The name of a class, or a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Priority {
    /// A class.
    Class(String),
    /// A number.
    Value(i32),
}

impl FromStr for Priority {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_number = text.strip_prefix('-').unwrap_or(text).bytes().all(|c| c.is_ascii_digit()) && !text.is_empty();
        if is_number {
            return text.parse().map(Self::Value).map_err(|_| format!("`{text}` is not a priority; expected a 32-bit number or the name of a class"));
        }
        Ok(Self::Class(text.to_owned()))
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class(name) => f.write_str(name),
            Self::Value(value) => value.fmt(f),
        }
    }
}

impl Unit for Priority {
    const NAME: &'static str = "Priority";
    const EXPECTED: &'static str = "the name of a priority class or a number such as `1000`";
    const DESCRIPTION: &'static str = "The name of a priority class, or a number.";
    const PATTERN: &'static str = r"^(-?[0-9]+|[a-z0-9]([-a-z0-9.]*[a-z0-9])?)$";
    const EXAMPLES: &'static [&'static str] = &["1000", "critical", "system-cluster-critical"];
    const BARE: Bare = Bare::Any;
}

/// A `PodDisruptionBudget`: how many of a group of pods have to be there. Exactly one of `minAvailable` and `maxUnavailable` is given.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct DisruptionBudget {
    /// The service whose pods are meant.
    pub of: Option<String>,
    /// The pods by their labels, instead of `of`.
    pub selector: Option<LabelSelector>,
    /// Namespace of the pods.
    #[schemars(extend("default" = "default"))]
    pub namespace: Option<String>,
    /// Pods that have to be available: a number, or a percentage of those wanted.
    pub min_available: Option<Text<IntOrPercent>>,
    /// Pods that may be unavailable: a number, or a percentage of those wanted.
    pub max_unavailable: Option<Text<IntOrPercent>>,
}
