//! Affinity and anti-affinity between pods.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::id::Id;
use sim_core::plan::{PodAffinity, PodAffinityTerm, PodTemplate};
use sim_core::scheduling::{PodAffinityRules, Refusal, Topologies, Verdict};

use super::nodes::{NodeJson, SelectorJson, pod, table};
use crate::report::{Difference, same};

#[derive(Deserialize)]
pub(crate) struct Cluster {
    pod: PodJson,
    nodes: Vec<NodeJson>,
    existing_pods: Vec<PodJson>,
}

#[derive(Deserialize)]
struct PodJson {
    namespace: String,
    labels: BTreeMap<String, String>,
    affinity: Vec<TermJson>,
    anti_affinity: Vec<TermJson>,
    node: Option<String>,
}

#[derive(Deserialize)]
struct TermJson {
    label_selector: Option<SelectorJson>,
    topology_key: String,
    namespaces: Vec<String>,
}

impl PodJson {
    fn template(&self) -> PodTemplate {
        let required = |terms: &[TermJson]| PodAffinity { required: terms.iter().map(TermJson::term).collect(), preferred: Vec::new() };
        PodTemplate { pod_affinity: required(&self.affinity), pod_anti_affinity: required(&self.anti_affinity), ..pod(&self.namespace, &self.labels) }
    }
}

impl TermJson {
    fn term(&self) -> PodAffinityTerm {
        PodAffinityTerm {
            selector: self.label_selector.as_ref().map(SelectorJson::selector),
            topology_key: self.topology_key.clone(),
            namespaces: self.namespaces.clone(),
            namespace_selector: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Statuses {
    status: BTreeMap<String, String>,
}

pub(crate) fn filter(input: &Cluster, expect: &Statuses) -> Result<(), Difference> {
    let nodes = table(&input.nodes);
    let existing: Vec<PodTemplate> = input.existing_pods.iter().map(PodJson::template).collect();
    let mut rules = PodAffinityRules::new(&input.pod.template(), &existing.iter().collect::<Vec<_>>(), 1, &mut Topologies::new(&nodes));
    for (other, existing) in input.existing_pods.iter().enumerate() {
        let place = input.nodes.iter().position(|node| Some(&node.name) == existing.node.as_ref()).map(Id::new);
        if let (Some(rules), Some(node)) = (&mut rules, place) {
            rules.add(other, node);
        }
    }
    let verdict = |node| rules.as_ref().and_then(|rules| rules.refusal(node)).map_or(Verdict::Success, Refusal::verdict);
    let status = nodes.iter().map(|(id, node)| (node.name.clone(), format!("{:?}", verdict(id)))).collect();
    same("status", &status, &expect.status)
}
