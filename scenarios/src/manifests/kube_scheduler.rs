//! `KubeSchedulerConfiguration`s (`kubescheduler.config.k8s.io`): the file that kube-scheduler is started with. Its first profile counts.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::units::Span;

use super::origins::{Origins, path};
use crate::check::code;
use crate::decode;
use crate::issue::{Issues, Path};
use crate::spec::{AddedAffinity, DefaultSpread, Scenario, Scheduler, ScoringStrategy, Shape, ShortOr, SpreadList, TopologySpreadConstraint};
use crate::text::Text;
use crate::tree::Node;
use crate::wording::quote;

/// A configuration.
pub(super) struct Configuration {
    document: usize,
    scheduler: Scheduler,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    percentage_of_nodes_to_score: Option<u32>,
    pod_initial_backoff_seconds: Option<u32>,
    pod_max_backoff_seconds: Option<u32>,
    #[serde(default)]
    profiles: Vec<Profile>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    percentage_of_nodes_to_score: Option<u32>,
    #[serde(default)]
    plugins: Plugins,
    #[serde(default)]
    plugin_config: Vec<PluginConfig>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plugins {
    #[serde(default)]
    score: PluginSet,
    #[serde(default)]
    multi_point: PluginSet,
}

#[derive(Debug, Default, Deserialize)]
struct PluginSet {
    #[serde(default)]
    enabled: Vec<Plugin>,
    #[serde(default)]
    disabled: Vec<Plugin>,
}

#[derive(Debug, Deserialize)]
struct Plugin {
    name: String,
    weight: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct PluginConfig {
    name: String,
    #[serde(default)]
    args: Args,
}

/// The arguments of all plugins together.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Args {
    scoring_strategy: Option<Strategy>,
    default_constraints: Option<Vec<TopologySpreadConstraint>>,
    defaulting_type: Option<String>,
    hard_pod_affinity_weight: Option<i64>,
    added_affinity: Option<AddedAffinity>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Strategy {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    resources: Vec<ScoredResource>,
    requested_to_capacity_ratio: Option<Ratio>,
}

#[derive(Debug, Deserialize)]
struct ScoredResource {
    name: String,
    weight: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Ratio {
    shape: Vec<ShapePoint>,
}

#[derive(Debug, Deserialize)]
struct ShapePoint {
    utilization: u32,
    score: u32,
}

/// Whether a document is one: it has no name, unlike objects.
pub(super) fn is_configuration(document: &Node) -> bool {
    document.get("kind").and_then(Node::text) == Some("KubeSchedulerConfiguration")
}

/// Reads a configuration.
pub(super) fn read(document: usize, root: &Node, issues: &mut Issues) -> Option<Configuration> {
    let Manifest { percentage_of_nodes_to_score, pod_initial_backoff_seconds, pod_max_backoff_seconds, mut profiles } = decode::decode_known(root, issues)?;
    if profiles.len() > 1 {
        issues.warning(code::NOT_SIMULATED, path("profiles").index(1), "further profiles are not simulated: the first one schedules all pods");
    }
    let profile = if profiles.is_empty() { Profile::default() } else { profiles.swap_remove(0) };
    let seconds = |seconds: Option<u32>| seconds.map(|seconds| Text(Span::from_secs(u64::from(seconds))));
    let mut scheduler = Scheduler {
        percentage_of_nodes_to_score: profile.percentage_of_nodes_to_score.or(percentage_of_nodes_to_score),
        pod_initial_backoff: seconds(pod_initial_backoff_seconds),
        pod_max_backoff: seconds(pod_max_backoff_seconds),
        plugin_weights: weights(&profile.plugins, issues),
        ..Scheduler::default()
    };
    for (i, config) in profile.plugin_config.into_iter().enumerate() {
        apply(config, &mut scheduler, &path("profiles").index(0).key("pluginConfig").index(i).key("args"), issues);
    }
    Some(Configuration { document, scheduler })
}

/// Weights of score plugins, by name: what is enabled anew counts with its weight, what is disabled with none.
fn weights(plugins: &Plugins, issues: &mut Issues) -> BTreeMap<String, i64> {
    let place = path("profiles").index(0).key("plugins");
    let mut weights = BTreeMap::new();
    for (set, key) in [(&plugins.multi_point, "multiPoint"), (&plugins.score, "score")] {
        for (i, plugin) in set.disabled.iter().enumerate() {
            if plugin.name == "*" {
                if key == "multiPoint" {
                    let message = "all plugins cannot be disabled: filters and the queue stay as they are";
                    issues.warning(code::NOT_SIMULATED, place.key(key).key("disabled").index(i), message);
                }
                weights.extend(crate::check::SCORE_PLUGINS.map(|name| (name.to_owned(), 0)));
            } else if crate::check::SCORE_PLUGINS.contains(&plugin.name.as_str()) {
                weights.insert(plugin.name.clone(), 0);
            }
        }
        for (i, plugin) in set.enabled.iter().enumerate() {
            if crate::check::SCORE_PLUGINS.contains(&plugin.name.as_str()) {
                weights.insert(plugin.name.clone(), plugin.weight.filter(|weight| *weight > 0).unwrap_or(1));
            } else {
                let message = format!("the plugin {} is not simulated", quote(&plugin.name));
                issues.warning(code::NOT_SIMULATED, place.key(key).key("enabled").index(i), message);
            }
        }
    }
    weights
}

fn apply(config: PluginConfig, scheduler: &mut Scheduler, place: &Path, issues: &mut Issues) {
    let Args { scoring_strategy, default_constraints, defaulting_type, hard_pod_affinity_weight, added_affinity } = config.args;
    match config.name.as_str() {
        "NodeResourcesFit" => {
            let Some(strategy) = scoring_strategy else { return };
            scheduler.scoring = match (strategy.r#type.as_str(), strategy.requested_to_capacity_ratio) {
                ("" | "LeastAllocated", _) => Some(ShortOr::Short(ScoringStrategy::LeastAllocated)),
                ("MostAllocated", _) => Some(ShortOr::Short(ScoringStrategy::MostAllocated)),
                ("RequestedToCapacityRatio", Some(ratio)) => {
                    let points = ratio.shape.iter().map(|point| (point.utilization, point.score)).collect();
                    Some(ShortOr::Full(Shape { requested_to_capacity_ratio: points }))
                }
                (other, _) => {
                    let message = format!("there is no strategy {} without more", quote(other));
                    issues
                        .error(code::UNSUPPORTED, place.key("scoringStrategy").key("type"), message)
                        .with_help("there are `LeastAllocated`, `MostAllocated`, and `RequestedToCapacityRatio` with a shape");
                    None
                }
            };
            scheduler.scored_resources = strategy.resources.into_iter().map(|resource| (resource.name, resource.weight.unwrap_or(1))).collect();
        }
        "PodTopologySpread" => {
            scheduler.default_spread = match (defaulting_type.as_deref(), default_constraints) {
                (Some("System"), _) => Some(ShortOr::Short(DefaultSpread::System)),
                (_, Some(list)) if !list.is_empty() => Some(ShortOr::Full(SpreadList { list })),
                // The default of the arguments is `List`, and an empty list means none.
                _ => Some(ShortOr::Short(DefaultSpread::None)),
            };
        }
        "InterPodAffinity" => scheduler.hard_pod_affinity_weight = hard_pod_affinity_weight,
        "NodeAffinity" => scheduler.added_affinity = added_affinity,
        other => {
            issues.warning(code::NOT_SIMULATED, place, format!("arguments of the plugin {} are not simulated", quote(other)));
        }
    }
}

/// Gives the configuration to the scenario, where that says nothing itself.
pub(super) fn attach(scenario: &mut Scenario, found: Configuration, origins: &mut Origins) {
    let Configuration { document, scheduler } = found;
    let own = &mut scenario.scheduler;
    own.percentage_of_nodes_to_score = own.percentage_of_nodes_to_score.or(scheduler.percentage_of_nodes_to_score);
    own.pod_initial_backoff = own.pod_initial_backoff.or(scheduler.pod_initial_backoff);
    own.pod_max_backoff = own.pod_max_backoff.or(scheduler.pod_max_backoff);
    own.hard_pod_affinity_weight = own.hard_pod_affinity_weight.or(scheduler.hard_pod_affinity_weight);
    own.scoring = own.scoring.take().or(scheduler.scoring);
    own.default_spread = own.default_spread.take().or(scheduler.default_spread);
    own.added_affinity = own.added_affinity.take().or(scheduler.added_affinity);
    if own.scored_resources.is_empty() {
        own.scored_resources = scheduler.scored_resources;
    }
    for (plugin, weight) in scheduler.plugin_weights {
        own.plugin_weights.entry(plugin).or_insert(weight);
    }
    let place = Path::root().key("scheduler");
    for (field, manifest) in [
        ("percentageOfNodesToScore", "percentageOfNodesToScore"),
        ("podInitialBackoff", "podInitialBackoffSeconds"),
        ("podMaxBackoff", "podMaxBackoffSeconds"),
        ("", "profiles"),
    ] {
        let place = if field.is_empty() { place.clone() } else { place.key(field) };
        origins.add(place, document, path(manifest));
    }
}
