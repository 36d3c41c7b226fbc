//! Workloads that are split into subsets.

use std::collections::BTreeMap;

use sim_core::plan::{
    Adaptive, Count, DeletionCosts, NodeSelectorTerm, Operator, Placement, Preferred, Requirement, Split, Subset, SubsetSize, SubsetTarget, Subsets,
    Toleration, TolerationOperator, WANTS_INSTANCE, wants_instance,
};
use sim_core::units::{IntOrPercent, Span};

use super::estate::Estate;
use super::limits::SPAN_MAX;
use super::{Context, affinity, code, names};
use crate::issue::Path;
use crate::spec;
use crate::text::Text;
use crate::wording::quote;

/// How long a pod may lack a node, unless an adaptive placement says otherwise.
const RESCHEDULE_AFTER: Span = Span::from_secs(30);
/// How long a subset is shunned, unless an adaptive placement says otherwise.
const SHUN_FOR: Span = Span::from_secs(300);

/// The plan's WorkloadSpread.
pub(super) fn spread(cx: &mut Context<'_>, written: &spec::WorkloadSpread, estate: &mut Estate, policy: &str, path: &Path) -> Placement {
    for (i, subset) in written.subsets.iter().enumerate() {
        let place = path.key("subsets").index(i);
        for (key, is_given) in [("replicas", subset.replicas.is_some()), ("minReplicas", subset.min_replicas.is_some())] {
            if is_given {
                cx.issues.error(code::CONFLICT, place.key(key), "a subset of a WorkloadSpread has only `maxReplicas`").on_key();
            }
        }
    }
    let costs = match written.deletion_costs.unwrap_or_default() {
        spec::DeletionCosts::BySubset => DeletionCosts::BySubset,
        spec::DeletionCosts::First => DeletionCosts::First,
    };
    let adaptive = written.adaptive.as_ref().map(|adaptive| self::adaptive(cx, adaptive, &path.key("adaptive")));
    let subsets = subsets(cx, &written.subsets, estate, &path.key("subsets"));
    Placement::Subsets(Box::new(Subsets { policy: policy.to_owned(), subsets, split: Split::Spread(costs), adaptive }))
}

/// The plan's UnitedDeployment.
pub(super) fn united(cx: &mut Context<'_>, written: &spec::UnitedDeployment, estate: &mut Estate, policy: &str, path: &Path) -> Placement {
    let ranged = written.subsets.iter().position(|subset| subset.min_replicas.is_some() || subset.max_replicas.is_some());
    for (i, subset) in written.subsets.iter().enumerate() {
        if subset.replicas.is_some() && ranged.is_some() {
            let place = path.key("subsets").index(i).key("replicas");
            cx.issues.error(code::CONFLICT, place, "subsets have either `replicas` or `minReplicas` and `maxReplicas`").on_key();
        }
    }
    let adaptive = written.adaptive.as_ref().map(|adaptive| self::adaptive(cx, adaptive, &path.key("adaptive")));
    let subsets = subsets(cx, &written.subsets, estate, &path.key("subsets"));
    if subsets.iter().all(|subset| matches!(subset.size, SubsetSize::Exactly(Count::Pods(_)))) && !subsets.is_empty() {
        let message = "every subset has a fixed number of pods: when the service has another number, its subsets are left as they are";
        cx.issues.warning(code::NO_EFFECT, path.key("subsets"), message).with_help("leave `replicas` of one subset out, or give a percentage");
    }
    Placement::Subsets(Box::new(Subsets { policy: policy.to_owned(), subsets, split: Split::United, adaptive }))
}

/// The plan's ElasticWorkload.
pub(super) fn elastic(cx: &mut Context<'_>, written: &spec::ElasticWorkload, estate: &mut Estate, policy: &str, path: &Path) -> Placement {
    let mut part = |part: &spec::ElasticPart, name: String, path: &Path| {
        if let (Some(min), Some(max)) = (part.min_replicas, part.max_replicas)
            && min > max
        {
            cx.issues.error(code::ORDER, path.key("maxReplicas"), format!("`maxReplicas` is {max} while `minReplicas` is {min}"));
        }
        names::labels(cx, &part.labels, &path.key("labels"));
        let mut target = SubsetTarget { tier: tier(cx, part.tier.as_ref(), estate, path), labels: part.labels.clone(), ..SubsetTarget::default() };
        target.tolerations = affinity::tolerations(cx, &part.tolerations, &path.key("tolerations"));
        target.required.extend(selected(&part.node_selector));
        if wants_instance(&part.labels) || wants_instance(&part.annotations) {
            to_instances(&mut target);
        }
        let size = SubsetSize::Between { min: part.min_replicas.map(Count::Pods), max: part.max_replicas.map(Count::Pods) };
        Subset { name, size, target }
    };
    let mut subsets = vec![part(&written.source, "source".to_owned(), &path.key("source"))];
    for (i, unit) in written.elastic_units.iter().enumerate() {
        subsets.push(part(unit, format!("unit-{}", i + 1), &path.key("elasticUnits").index(i)));
    }
    if written.elastic_units.is_empty() {
        cx.issues.error(code::EMPTY, path.key("elasticUnits"), "an ElasticWorkload has at least one elastic unit");
    }
    Placement::Subsets(Box::new(Subsets { policy: policy.to_owned(), subsets, split: Split::Elastic, adaptive: None }))
}

fn subsets(cx: &mut Context<'_>, written: &[spec::Subset], estate: &mut Estate, path: &Path) -> Vec<Subset> {
    if written.is_empty() {
        cx.issues.error(code::EMPTY, path, "a workload has at least one subset");
    }
    let mut read = |(i, subset): (usize, &spec::Subset)| {
        let path = path.index(i);
        names::object(cx, "subset", &subset.name, &path.key("name"));
        if written[..i].iter().any(|other| other.name == subset.name) {
            cx.issues.error(code::DUPLICATE_NAME, path.key("name"), format!("there are two subsets named {}", quote(&subset.name)));
        }
        names::labels(cx, &subset.labels, &path.key("labels"));
        let mut target = SubsetTarget {
            tier: tier(cx, subset.tier.as_ref(), estate, &path),
            required: subset.required.iter().enumerate().map(|(i, term)| affinity::read_term(cx, term, &path.key("required").index(i))).collect(),
            preferred: preferred(cx, &subset.preferred, &path.key("preferred")),
            tolerations: affinity::tolerations(cx, &subset.tolerations, &path.key("tolerations")),
            labels: subset.labels.clone(),
        };
        if let Some(selected) = selected(&subset.node_selector) {
            if target.required.is_empty() {
                target.required.push(selected);
            } else {
                target.required.iter_mut().for_each(|term| term.expressions.extend(selected.expressions.clone()));
            }
        }
        if wants_instance(&subset.labels) {
            to_instances(&mut target);
        }
        let size = size(cx, subset, &path);
        Subset { name: subset.name.clone(), size, target }
    };
    written.iter().enumerate().map(&mut read).collect()
}

/// A subset whose pods have the label of instances.
fn to_instances(target: &mut SubsetTarget) {
    target.labels.insert(WANTS_INSTANCE.0.to_owned(), WANTS_INSTANCE.1.to_owned());
    let is_virtual = Requirement { key: "type".to_owned(), operator: Operator::In, values: vec!["virtual-kubelet".to_owned()] };
    target.required.push(NodeSelectorTerm { expressions: vec![is_virtual], fields: Vec::new() });
    let key = "virtual-kubelet.io/provider".to_owned();
    target.tolerations.push(Toleration { key, operator: TolerationOperator::Exists, value: String::new(), effect: None, seconds: None });
}

fn selected(labels: &BTreeMap<String, String>) -> Option<NodeSelectorTerm> {
    let requirement = |(key, value): (&String, &String)| Requirement { key: key.clone(), operator: Operator::In, values: vec![value.clone()] };
    (!labels.is_empty()).then(|| NodeSelectorTerm { expressions: labels.iter().map(requirement).collect(), fields: Vec::new() })
}

fn preferred(cx: &mut Context<'_>, written: &[spec::PreferredTerm], path: &Path) -> Vec<Preferred> {
    let read = |(i, term): (usize, &spec::PreferredTerm)| {
        let path = path.index(i);
        if !(1..=100).contains(&term.weight) {
            cx.issues.error(code::REFUSED, path.key("weight"), "a weight is 1 to 100");
        }
        Preferred { weight: term.weight, term: affinity::read_term(cx, &term.preference, &path.key("preference")) }
    };
    written.iter().enumerate().map(read).collect()
}

fn tier(cx: &mut Context<'_>, name: Option<&String>, estate: &Estate, path: &Path) -> Option<sim_core::id::Id<sim_core::plan::Tier>> {
    let name = name?;
    let found = estate.tiers.find(|tier| tier.name == *name);
    if found.is_none() {
        names::unknown(cx, "tier", name, estate.tiers.values().map(|tier| tier.name.as_str()), &path.key("tier"));
    }
    found
}

fn size(cx: &mut Context<'_>, written: &spec::Subset, path: &Path) -> SubsetSize {
    let count = |written: Text<IntOrPercent>| match written.0 {
        IntOrPercent::Int(pods) => Count::Pods(pods),
        IntOrPercent::Percent(percent) => Count::percent(percent),
    };
    for (bound, key) in [(written.replicas, "replicas"), (written.min_replicas, "minReplicas"), (written.max_replicas, "maxReplicas")] {
        if bound.is_some_and(|bound| matches!(bound.0, IntOrPercent::Percent(percent) if percent > 100)) {
            cx.issues.error(code::TOO_LARGE, path.key(key), "a subset has at most 100% of the pods");
        }
    }
    if let (Some(IntOrPercent::Int(min)), Some(IntOrPercent::Int(max))) = (written.min_replicas.map(|min| min.0), written.max_replicas.map(|max| max.0))
        && min > max
    {
        cx.issues.error(code::ORDER, path.key("maxReplicas"), format!("`maxReplicas` is {max} while `minReplicas` is {min}"));
    }
    match (written.replicas, written.min_replicas, written.max_replicas) {
        (Some(replicas), ..) => SubsetSize::Exactly(count(replicas)),
        (None, None, None) => SubsetSize::Rest,
        (None, min, max) => SubsetSize::Between { min: min.map(count), max: max.map(count) },
    }
}

fn adaptive(cx: &mut Context<'_>, times: &spec::AdaptiveTimes, path: &Path) -> Adaptive {
    let mut span = |written: Option<crate::text::Duration>, usual: Span, key: &str| {
        let span = written.map_or(usual, |span| span.0);
        if span > SPAN_MAX {
            cx.issues.error(code::TOO_LARGE, path.key(key), "a time of at most 10 years is possible");
        }
        span
    };
    Adaptive {
        reschedule_after: span(times.reschedule_critical, RESCHEDULE_AFTER, "rescheduleCritical"),
        shun_for: span(times.unschedulable, SHUN_FOR, "unschedulable"),
        simulate: !times.disable_simulation_schedule.unwrap_or(false),
    }
}
