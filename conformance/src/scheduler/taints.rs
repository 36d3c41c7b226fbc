//! Taints and tolerations.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::plan::{Taint, Toleration};
use sim_core::scheduling::{Refusal, Verdict, normalise, static_refusal, tolerates, untolerated, untolerated_preferences};

use super::nodes::{NodeJson, TaintJson, TolerationJson, pod};
use crate::report::{Difference, same};

#[derive(Deserialize)]
pub(crate) struct Pair {
    toleration: TolerationJson,
    taint: TaintJson,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tolerated {
    tolerated: bool,
}

pub(crate) fn pair(input: &Pair, expect: &Tolerated) -> Result<(), Difference> {
    same("tolerated", &tolerates(&[input.toleration.toleration()], &input.taint.taint()), &expect.tolerated)
}

#[derive(Deserialize)]
pub(crate) struct OneNode {
    tolerations: Vec<TolerationJson>,
    taints: Vec<TaintJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filtered {
    status: String,
    first_untolerated: Option<Named>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Named {
    key: String,
    value: String,
}

pub(crate) fn filter(input: &OneNode, expect: &Filtered) -> Result<(), Difference> {
    let tolerations: Vec<Toleration> = input.tolerations.iter().map(TolerationJson::toleration).collect();
    let taints: Vec<Taint> = input.taints.iter().map(TaintJson::taint).collect();
    let first = untolerated(&tolerations, &taints).map(|taint| Named { key: taint.key.clone(), value: taint.value.clone() });
    same("first taint", &first, &expect.first_untolerated)?;

    let mut node = NodeJson { name: String::new(), labels: BTreeMap::new(), taints: Vec::new() }.node();
    node.taints = taints;
    let mut template = pod("", &BTreeMap::new());
    template.tolerations = tolerations;
    let verdict = static_refusal(&template, &node, false).map_or(Verdict::Success, Refusal::verdict);
    same("status", &format!("{verdict:?}"), &expect.status)
}

#[derive(Deserialize)]
pub(crate) struct Nodes {
    tolerations: Vec<TolerationJson>,
    nodes: Vec<NodeJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scored {
    scores: BTreeMap<String, i64>,
}

pub(crate) fn score(input: &Nodes, expect: &Scored) -> Result<(), Difference> {
    let tolerations: Vec<Toleration> = input.tolerations.iter().map(TolerationJson::toleration).collect();
    let raw: Vec<i64> = input.nodes.iter().map(|node| untolerated_preferences(&tolerations, &node.node().taints)).collect();
    let max = raw.iter().copied().max().unwrap_or(0);
    let scores = input.nodes.iter().zip(raw).map(|(node, raw)| (node.name.clone(), normalise(raw, max, true))).collect();
    same("scores", &scores, &expect.scores)
}
