//! Room on nodes, and scores for it.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::cluster::NodeState;
use sim_core::plan::{Balance, ScoringStrategy, ShapePoint};
use sim_core::scheduling::{BadResources, Shortage, Verdict, bad_resources, balanced_score, broken_linear, fit_score, fits, ignored, shortages};
use sim_core::units::{Resource, Resources};

use super::amounts::{AmountsJson, Names, PodJson};
use crate::report::{Difference, same};

#[derive(Deserialize)]
pub(crate) struct Fit {
    allocatable: AmountsJson,
    existing_pods: Vec<PodJson>,
    pod: PodJson,
    ignored_resources: Vec<String>,
    ignored_resource_groups: Vec<String>,
    pod_level_resources_enabled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fitted {
    status: String,
    #[serde(default)]
    insufficient: Vec<InsufficientJson>,
    #[serde(default)]
    reasons: Vec<String>,
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
struct InsufficientJson {
    resource: String,
    requested: u64,
    used: u64,
    capacity: u64,
    unresolvable: bool,
}

pub(crate) fn fit(input: &Fit, expect: &Fitted) -> Result<(), Difference> {
    let names = Names::of([&input.allocatable], input.existing_pods.iter().chain([&input.pod]))?;
    let used = input.existing_pods.iter().fold(Resources::default(), |sum, pod| sum + names.requests(pod, input.pod_level_resources_enabled));
    let wanted = names.requests(&input.pod, input.pod_level_resources_enabled);
    let capacity = names.capacity(&input.allocatable);
    let ignored = ignored(names.extended(), &input.ignored_resources, &input.ignored_resource_groups);
    let found: Vec<Shortage> = shortages(wanted, used, capacity, ignored).collect();
    if ignored == [false; 4] {
        same("room", &fits(wanted, used, capacity), &found.is_empty())?;
    }

    let mut listed: Vec<InsufficientJson> = found.iter().map(|shortage| InsufficientJson::of(*shortage, &names)).collect();
    let order: Vec<&str> = listed.iter().map(|shortage| shortage.resource.as_str()).filter(|name| !name.contains(['/', '-'])).collect();
    let expected: Vec<&str> = expect.insufficient.iter().map(|shortage| shortage.resource.as_str()).filter(|name| !name.contains(['/', '-'])).collect();
    same("order of CPU, memory and storage", &order, &expected)?;
    let mut expected: Vec<&InsufficientJson> = expect.insufficient.iter().collect();
    expected.sort();
    listed.sort();
    same("shortages", &listed.iter().collect::<Vec<_>>(), &expected)?;

    let pods = input.existing_pods.len() as u32;
    let node = NodeState {
        status: sim_core::cluster::NodeStatus::Ready,
        allocatable: Some(capacity),
        max_pods: input.allocatable.get("pods").copied().unwrap_or(0) as u32,
        is_closed: false,
        requested: used,
        scored: used,
        pods,
        peak_pods: pods,
    };
    let reasons: Vec<String> = if node.is_full() { vec!["Too many pods".to_owned()] } else { Vec::new() };
    same("reasons", &reasons, &expect.reasons)?;
    let full = if node.is_full() { Verdict::Unschedulable } else { Verdict::Success };
    let verdict = found.iter().map(Shortage::verdict).fold(full, Verdict::max);
    same("status", &format!("{verdict:?}"), &expect.status)
}

impl InsufficientJson {
    fn of(shortage: Shortage, names: &Names) -> Self {
        let Shortage { resource, requested, used, capacity } = shortage;
        Self { resource: names.name(resource).to_owned(), requested, used, capacity, unresolvable: shortage.verdict() == Verdict::UnschedulableAndUnresolvable }
    }
}

#[derive(Deserialize)]
pub(crate) struct Score {
    strategy: StrategyJson,
    resources: Vec<WeightJson>,
    pod: PodJson,
    nodes: Vec<SizedNode>,
    existing_pods: Vec<PodJson>,
    #[serde(default)]
    shape: Vec<PointJson>,
}

#[derive(Clone, Copy, Deserialize)]
enum StrategyJson {
    LeastAllocated,
    MostAllocated,
    RequestedToCapacityRatio,
    BalancedAllocation,
}

#[derive(Deserialize)]
struct WeightJson {
    name: String,
    weight: i64,
}

#[derive(Deserialize)]
struct SizedNode {
    name: String,
    allocatable: AmountsJson,
}

#[derive(Clone, Copy, Deserialize)]
struct PointJson {
    utilization: i64,
    score: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scored {
    scores: Option<BTreeMap<String, i64>>,
    #[serde(default)]
    error: bool,
    field: Option<String>,
}

pub(crate) fn score(input: &Score, expect: &Scored) -> Result<(), Difference> {
    let names = Names::of(input.nodes.iter().map(|node| &node.allocatable), input.existing_pods.iter().chain([&input.pod]))?;
    let scored: Vec<(Resource, i64)> =
        input.resources.iter().map(|entry| Ok((names.resource(&entry.name)?, entry.weight))).collect::<Result<_, Difference>>()?;
    let field = bad_resources(&scored).map(|bad| match bad {
        BadResources::Empty => "resources".to_owned(),
        BadResources::Weight(place) => format!("scoringStrategy.resources[{place}].weight"),
    });
    same("field in error", &field, &expect.field)?;
    same("error", &field.is_some(), &expect.error)?;
    let scores = input.nodes.iter().map(|node| (node.name.clone(), input.score_of(node, &names, &scored))).collect();
    same("scores", &field.is_none().then_some(scores), &expect.scores)
}

impl Score {
    fn score_of(&self, node: &SizedNode, names: &Names, scored: &[(Resource, i64)]) -> i64 {
        let there = self.existing_pods.iter().filter(|pod| pod.node.as_ref() == Some(&node.name)).chain([&self.pod]);
        let capacity = names.capacity(&node.allocatable);
        let strategy = match self.strategy {
            StrategyJson::LeastAllocated => ScoringStrategy::LeastAllocated,
            StrategyJson::MostAllocated => ScoringStrategy::MostAllocated,
            StrategyJson::RequestedToCapacityRatio => ScoringStrategy::RequestedToCapacityRatio(points(&self.shape)),
            StrategyJson::BalancedAllocation => {
                let resources: Vec<Resource> = scored.iter().map(|entry| entry.0).collect();
                let used = there.fold(Resources::default(), |sum, pod| sum + names.requests(pod, true));
                return balanced_score(Balance::Deviation, &resources, names.requests(&self.pod, true), used, capacity).unwrap_or(0);
            }
        };
        let used = there.fold(Resources::default(), |sum, pod| sum + names.scored(pod));
        fit_score(&strategy, scored, names.scored(&self.pod), used, capacity)
    }
}

fn points(shape: &[PointJson]) -> Vec<ShapePoint> {
    shape.iter().map(|point| ShapePoint { utilization: point.utilization, score: point.score }).collect()
}

#[derive(Deserialize)]
pub(crate) struct Lines {
    shape: Vec<PointJson>,
    at: Vec<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Values {
    values: Vec<i64>,
}

pub(crate) fn lines(input: &Lines, expect: &Values) -> Result<(), Difference> {
    let values: Vec<i64> = input.at.iter().map(|at| broken_linear(points(&input.shape), *at)).collect();
    same("values", &values, &expect.values)
}
