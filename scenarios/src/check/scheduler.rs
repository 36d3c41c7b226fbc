//! Configuration of kube-scheduler.

use sim_core::plan::{self, AddedAffinity, DefaultSpread, KubernetesVersion, ScoringStrategy, ShapePoint};
use sim_core::scheduling::{BadResources, ScoreWeights, bad_resources};
use sim_core::units::{Resource, Span};

use super::limits::SPAN_MAX;
use super::{Context, affinity, code, names, neighbours, resources};
use crate::issue::Path;
use crate::spec::{self, ShortOr};
use crate::text::Duration;
use crate::wording::quote;

/// The plan's scheduler.
pub(super) fn read(cx: &mut Context<'_>, written: &spec::Scheduler, version: KubernetesVersion) -> plan::Scheduler {
    let path = Path::root().key("scheduler");
    let mut scheduler = plan::Scheduler::of(version);
    if let Some(percent) = written.percentage_of_nodes_to_score {
        if percent > 100 {
            cx.issues.error(code::TOO_LARGE, path.key("percentageOfNodesToScore"), "a percentage of nodes is at most 100");
        }
        scheduler.percentage_of_nodes = percent.min(100);
    }
    if let Some(rate) = written.pods_per_second {
        if rate > 0.0 && rate.is_finite() {
            scheduler.time_per_pod = Span::from_secs_f64(1.0 / rate);
        } else {
            cx.issues.error(code::TOO_SMALL, path.key("podsPerSecond"), "a scheduler places more than 0 pods per second");
        }
    }
    let queue = &mut scheduler.queue;
    span(cx, written.pod_initial_backoff, &mut queue.initial_backoff, &path.key("podInitialBackoff"));
    span(cx, written.pod_max_backoff, &mut queue.max_backoff, &path.key("podMaxBackoff"));
    span(cx, written.pod_max_in_unschedulable_pods, &mut queue.flush, &path.key("podMaxInUnschedulablePods"));
    if queue.max_backoff < queue.initial_backoff {
        cx.issues.error(code::ORDER, path.key("podMaxBackoff"), "the longest pause is shorter than the first one");
    }
    if queue.flush.is_zero() {
        cx.issues.error(code::TOO_SMALL, path.key("podMaxInUnschedulablePods"), "this time is longer than 0");
    }
    match &written.scoring {
        None | Some(ShortOr::Short(spec::ScoringStrategy::LeastAllocated)) => {}
        Some(ShortOr::Short(spec::ScoringStrategy::MostAllocated)) => scheduler.strategy = ScoringStrategy::MostAllocated,
        Some(ShortOr::Full(shape)) => scheduler.strategy = read_shape(cx, shape, &path.key("scoring").key("requestedToCapacityRatio")),
    }
    if !written.scored_resources.is_empty() {
        scheduler.scored = scored(cx, written, &path.key("scoredResources"));
    }
    match &written.default_spread {
        Some(ShortOr::Short(spec::DefaultSpread::None)) => scheduler.default_spread = DefaultSpread::List(Vec::new()),
        Some(ShortOr::Short(spec::DefaultSpread::System)) if scheduler.default_spread == DefaultSpread::List(Vec::new()) => {
            scheduler.default_spread = DefaultSpread::SystemWithZones;
        }
        None | Some(ShortOr::Short(spec::DefaultSpread::System)) => {}
        Some(ShortOr::Full(full)) => scheduler.default_spread = DefaultSpread::List(default_constraints(cx, full, &path.key("defaultSpread").key("list"))),
    }
    scheduler.weights = (!written.plugin_weights.is_empty()).then(|| weights(cx, written, version, &path.key("pluginWeights")));
    if let Some(weight) = written.hard_pod_affinity_weight {
        if !(0..=100).contains(&weight) {
            cx.issues.error(code::REFUSED, path.key("hardPodAffinityWeight"), "this weight lies between 0 and 100");
        }
        scheduler.hard_pod_affinity_weight = weight;
    }
    if let Some(added) = &written.added_affinity {
        let (required, preferred) = affinity::terms(
            cx,
            added.required_during_scheduling_ignored_during_execution.as_ref(),
            &added.preferred_during_scheduling_ignored_during_execution,
            &path.key("addedAffinity"),
        );
        scheduler.added_affinity = AddedAffinity { required, preferred };
    }
    scheduler
}

/// Plugins that score nodes, in the order of [`ScoreWeights`], and the one that is not simulated.
pub(crate) const SCORE_PLUGINS: [&str; 7] =
    ["NodeResourcesFit", "NodeResourcesBalancedAllocation", "NodeAffinity", "TaintToleration", "PodTopologySpread", "InterPodAffinity", "ImageLocality"];

fn weights(cx: &mut Context<'_>, written: &spec::Scheduler, version: KubernetesVersion, path: &Path) -> ScoreWeights {
    let mut weights = ScoreWeights::of(version);
    for (name, weight) in &written.plugin_weights {
        let place = path.key(name);
        if !(0..=100).contains(weight) {
            cx.issues.error(code::REFUSED, &place, "a weight lies between 0 and 100");
        }
        let own = match name.as_str() {
            "NodeResourcesFit" => &mut weights.fit,
            "NodeResourcesBalancedAllocation" => &mut weights.balanced,
            "NodeAffinity" => &mut weights.affinity,
            "TaintToleration" => &mut weights.taints,
            "PodTopologySpread" => &mut weights.spread,
            "InterPodAffinity" => &mut weights.pod_affinity,
            "ImageLocality" => {
                if *weight != 0 {
                    cx.issues.warning(code::NOT_SIMULATED, place, "where images are already does not count for the choice of nodes").on_key();
                }
                continue;
            }
            _ => {
                names::unknown(cx, "plugin that scores nodes", name, SCORE_PLUGINS, &place);
                continue;
            }
        };
        *own = (*weight).clamp(0, 100);
    }
    weights
}

fn span(cx: &mut Context<'_>, written: Option<Duration>, span: &mut Span, path: &Path) {
    if let Some(written) = written {
        if written.0 > SPAN_MAX {
            cx.issues.error(code::TOO_LARGE, path, "a time of at most 10 years is possible");
        }
        *span = written.0;
    }
}

fn read_shape(cx: &mut Context<'_>, shape: &spec::Shape, path: &Path) -> ScoringStrategy {
    let points = &shape.requested_to_capacity_ratio;
    if points.is_empty() {
        cx.issues.error(code::EMPTY, path, "a function needs at least one point");
    }
    for (i, (utilization, score)) in points.iter().enumerate() {
        if *utilization > 100 || *score > 10 {
            cx.issues.error(code::REFUSED, path.index(i), "a utilisation lies between 0 and 100, a score between 0 and 10");
        }
        if i > 0 && points[i - 1].0 >= *utilization {
            cx.issues.error(code::ORDER, path.index(i), "each utilisation is greater than the one before");
        }
    }
    let point = |(utilization, score): &(u32, u32)| ShapePoint { utilization: i64::from(*utilization), score: i64::from(*score) };
    ScoringStrategy::RequestedToCapacityRatio(points.iter().map(point).collect())
}

fn scored(cx: &mut Context<'_>, written: &spec::Scheduler, path: &Path) -> Vec<(Resource, i64)> {
    let mut scored = Vec::new();
    for (name, weight) in &written.scored_resources {
        let place = path.key(name);
        let resource = match name.as_str() {
            "cpu" => Resource::Cpu,
            "memory" => Resource::Memory,
            _ if name.contains('/') => match resources::slot(cx, name, &place) {
                Some(slot) => Resource::Extended(slot as u8),
                None => continue,
            },
            _ => {
                cx.issues.error(code::UNKNOWN_RESOURCE, &place, format!("{} is not a resource that can be scored", quote(name))).on_key();
                continue;
            }
        };
        scored.push((resource, *weight));
        if let Some(BadResources::Weight(_)) = bad_resources(&scored[scored.len() - 1..]) {
            cx.issues.error(code::REFUSED, &place, "a weight lies between 1 and 100");
        }
    }
    scored
}

fn default_constraints(cx: &mut Context<'_>, written: &spec::SpreadList, path: &Path) -> Vec<plan::SpreadConstraint> {
    for (i, constraint) in written.list.iter().enumerate() {
        if constraint.label_selector.is_some() {
            cx.issues
                .error(code::REFUSED, path.index(i).key("labelSelector"), "default constraints count the pods of each service, without a selector")
                .on_key();
        }
    }
    neighbours::default_spread(cx, &written.list, path)
}
