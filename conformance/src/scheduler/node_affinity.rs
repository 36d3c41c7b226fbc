//! Node selectors and node affinity.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::scheduling::{Refusal, bad_part, bad_parts, bad_preferences, matches_terms, normalise, pinned_nodes, preference, static_refusal, suits};

use super::nodes::{NodeJson, PreferredJson, RequirementJson, TermJson, pod, preferred, requirements, terms};
use crate::report::{Difference, same};

#[derive(Deserialize)]
pub(crate) struct Filter {
    node: NodeJson,
    pod: PodJson,
}

#[derive(Deserialize)]
struct PodJson {
    node_selector: BTreeMap<String, String>,
    required_terms: Option<Vec<TermJson>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filtered {
    matches: bool,
    prefilter_node_names: Option<Vec<String>>,
}

pub(crate) fn filter(input: &Filter, expect: &Filtered) -> Result<(), Difference> {
    let mut template = pod("", &BTreeMap::new());
    template.node_selector.clone_from(&input.pod.node_selector);
    template.required_affinity = input.pod.required_terms.as_deref().map(terms);
    let node = input.node.node();
    same("matches", &suits(&template, &node), &expect.matches)?;
    same("refused", &(static_refusal(&template, &node, false) == Some(Refusal::Affinity)), &!expect.matches)?;

    let pinned = template.required_affinity.as_deref().and_then(pinned_nodes);
    let names = pinned.map(|names| names.into_iter().map(str::to_owned).collect());
    same("nodes worth a look", &names, &expect.prefilter_node_names)
}

#[derive(Deserialize)]
pub(crate) struct Selector {
    terms: Vec<TermJson>,
    node: Option<NodeJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Selected {
    matches: Option<bool>,
    error_fields: Option<Vec<String>>,
}

pub(crate) fn selector(input: &Selector, expect: &Selected) -> Result<(), Difference> {
    let terms = terms(&input.terms);
    let errors: Vec<String> = terms.iter().enumerate().flat_map(|(i, term)| bad_parts(term).map(move |bad| format!("nodeSelectorTerms[{i}].{bad}"))).collect();
    same("errors", &Some(errors).filter(|errors| !errors.is_empty()), &expect.error_fields)?;
    let matches = input.node.as_ref().map(|node| matches_terms(&terms, &node.node()));
    same("matches", &matches, &expect.matches)
}

#[derive(Deserialize)]
pub(crate) struct Requirements {
    requirements: Vec<RequirementJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    selector: Option<String>,
    #[serde(default)]
    error: bool,
}

pub(crate) fn written(input: &Requirements, expect: &Written) -> Result<(), Difference> {
    let requirements = requirements(&input.requirements);
    let error = requirements.iter().any(|requirement| bad_part(requirement).is_some());
    same("error", &error, &expect.error)?;
    let text = requirements.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    same("selector", &(!error).then_some(text), &expect.selector)
}

#[derive(Deserialize)]
pub(crate) struct Preference {
    preferred: Vec<PreferredJson>,
    node: Option<NodeJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Preferred {
    score: Option<i64>,
    error_fields: Option<Vec<String>>,
}

pub(crate) fn preferred_score(input: &Preference, expect: &Preferred) -> Result<(), Difference> {
    let preferred = preferred(&input.preferred);
    let errors: Vec<String> = bad_preferences(&preferred).map(|(i, bad)| format!("[{i}].{bad}")).collect();
    same("errors", &Some(errors).filter(|errors| !errors.is_empty()), &expect.error_fields)?;
    same("score", &input.node.as_ref().map(|node| preference(&preferred, &node.node())), &expect.score)
}

#[derive(Deserialize)]
pub(crate) struct Scores {
    preferred: Vec<PreferredJson>,
    added_preferred: Vec<PreferredJson>,
    nodes: Vec<NodeJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scored {
    scores: Option<BTreeMap<String, i64>>,
    #[serde(default)]
    error: bool,
}

pub(crate) fn scores(input: &Scores, expect: &Scored) -> Result<(), Difference> {
    let (own, added) = (preferred(&input.preferred), preferred(&input.added_preferred));
    let error = bad_preferences(&own).chain(bad_preferences(&added)).next().is_some();
    same("error", &error, &expect.error)?;
    let raw = |node: &NodeJson| preference(&own, &node.node()) + preference(&added, &node.node());
    let max = input.nodes.iter().map(raw).max().unwrap_or(0);
    let scores = input.nodes.iter().map(|node| (node.name.clone(), normalise(raw(node), max, false))).collect();
    same("scores", &(!error).then_some(scores), &expect.scores)
}
