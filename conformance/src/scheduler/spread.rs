//! Spread over topologies.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::id::Id;
use sim_core::plan::{DefaultSpread, InclusionPolicy, Node, PodTemplate, SpreadConstraint, WhenUnsatisfiable};
use sim_core::scheduling::{Refusal, SpreadFilter, SpreadRules, SpreadScore, Topologies, Verdict};

use super::nodes::{NodeJson, SelectorJson, TermJson, TolerationJson, pod, table, terms};
use crate::report::{Difference, same};

#[derive(Deserialize)]
pub(crate) struct Cluster {
    pod: PodJson,
    nodes: Vec<NodeJson>,
    #[serde(default)]
    failed_nodes: Vec<NodeJson>,
    existing_pods: Vec<ExistingPod>,
    #[serde(default)]
    constraints_are_system_defaults: bool,
}

#[derive(Deserialize)]
struct PodJson {
    namespace: String,
    labels: BTreeMap<String, String>,
    constraints: Vec<ConstraintJson>,
    node_selector: BTreeMap<String, String>,
    required_terms: Option<Vec<TermJson>>,
    tolerations: Vec<TolerationJson>,
}

#[derive(Deserialize)]
struct ConstraintJson {
    max_skew: u32,
    topology_key: String,
    when_unsatisfiable: ActionJson,
    label_selector: Option<SelectorJson>,
    min_domains: Option<u32>,
    node_affinity_policy: PolicyJson,
    node_taints_policy: PolicyJson,
    match_label_keys: Vec<String>,
}

#[derive(Clone, Copy, Deserialize)]
enum ActionJson {
    DoNotSchedule,
    ScheduleAnyway,
}

#[derive(Clone, Copy, Deserialize)]
enum PolicyJson {
    Honor,
    Ignore,
}

#[derive(Deserialize)]
struct ExistingPod {
    namespace: String,
    node: String,
    labels: BTreeMap<String, String>,
    terminating: bool,
}

impl ConstraintJson {
    fn constraint(&self) -> SpreadConstraint {
        SpreadConstraint {
            max_skew: self.max_skew,
            topology_key: self.topology_key.clone(),
            when_unsatisfiable: match self.when_unsatisfiable {
                ActionJson::DoNotSchedule => WhenUnsatisfiable::DoNotSchedule,
                ActionJson::ScheduleAnyway => WhenUnsatisfiable::ScheduleAnyway,
            },
            selector: self.label_selector.as_ref().map(SelectorJson::selector),
            match_label_keys: self.match_label_keys.clone(),
            min_domains: self.min_domains,
            node_affinity_policy: self.node_affinity_policy.policy(),
            node_taints_policy: self.node_taints_policy.policy(),
        }
    }
}

impl PolicyJson {
    fn policy(self) -> InclusionPolicy {
        match self {
            Self::Honor => InclusionPolicy::Honor,
            Self::Ignore => InclusionPolicy::Ignore,
        }
    }
}

impl Cluster {
    fn template(&self) -> PodTemplate {
        PodTemplate {
            spread: self.pod.constraints.iter().map(ConstraintJson::constraint).collect(),
            node_selector: self.pod.node_selector.clone(),
            required_affinity: self.pod.required_terms.as_deref().map(terms),
            tolerations: self.pod.tolerations.iter().map(TolerationJson::toleration).collect(),
            ..pod(&self.pod.namespace, &self.pod.labels)
        }
    }

    /// The pods that are there, with their nodes.
    fn existing(&self) -> (Vec<PodTemplate>, Vec<(Id<Node>, bool)>) {
        let place = |name: &str| self.nodes.iter().chain(&self.failed_nodes).position(|node| node.name == name).map(Id::new);
        let known =
            self.existing_pods.iter().filter_map(|existing| Some((pod(&existing.namespace, &existing.labels), (place(&existing.node)?, existing.terminating))));
        known.unzip()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Statuses {
    status: BTreeMap<String, String>,
}

pub(crate) fn filter(input: &Cluster, expect: &Statuses) -> Result<(), Difference> {
    let (template, nodes, (existing, places)) = (input.template(), table(&input.nodes), input.existing());
    let rules = SpreadRules::of(&template, &DefaultSpread::List(Vec::new()), false);
    let mut bounds = SpreadFilter::new(&rules, &template, &existing.iter().collect::<Vec<_>>(), &mut Topologies::new(&nodes)).ok_or_else(no_constraint)?;
    for (other, (node, terminating)) in places.into_iter().enumerate() {
        bounds.add(other, node);
        if terminating {
            bounds.remove(other, node);
        }
    }
    let verdict = |node| bounds.refusal(node).map_or(Verdict::Success, Refusal::verdict);
    let status = nodes.iter().map(|(id, node)| (node.name.clone(), format!("{:?}", verdict(id)))).collect();
    same("status", &status, &expect.status)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scored {
    scores: BTreeMap<String, i64>,
}

pub(crate) fn score(input: &Cluster, expect: &Scored) -> Result<(), Difference> {
    if input.constraints_are_system_defaults {
        return Err(Difference::new("input", "constraints of the pod's own", "those of the system, which no case states"));
    }
    let (template, nodes, (existing, places)) = (input.template(), table(input.nodes.iter().chain(&input.failed_nodes)), input.existing());
    let rules = SpreadRules::of(&template, &DefaultSpread::System, true);
    let mut preference = SpreadScore::new(&rules, &template, &existing.iter().collect::<Vec<_>>(), &mut Topologies::new(&nodes)).ok_or_else(no_constraint)?;
    for (other, (node, terminating)) in places.into_iter().enumerate() {
        preference.add(other, node);
        if terminating {
            preference.remove(other, node);
        }
    }
    let live: Vec<Id<Node>> = nodes.ids().take(input.nodes.len()).collect();
    let scores = live.iter().zip(preference.scores(&live)).map(|(node, score)| (nodes[*node].name.clone(), score)).collect();
    same("scores", &scores, &expect.scores)
}

fn no_constraint() -> Difference {
    Difference::new("input", "a constraint", "none that applies")
}
