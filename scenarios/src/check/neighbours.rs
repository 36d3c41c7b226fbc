//! What pods demand of the pods around them, checked as the API server does.

use sim_core::plan::{self, Operator, PodTemplate, Requirement};
use sim_core::scheduling::{Labels, reaches};

use super::estate::Estate;
use super::{Context, affinity, code, names};
use crate::issue::Path;
use crate::spec::{self, LabelOperator, TopologySpreadConstraint};
use crate::wording::quote;

/// Bounds on the spread of a pod with these labels.
pub(super) fn spread(cx: &mut Context<'_>, written: &[TopologySpreadConstraint], labels: &Labels, path: &Path) -> Vec<plan::SpreadConstraint> {
    for (i, constraint) in written.iter().enumerate() {
        let is_same =
            |other: &TopologySpreadConstraint| (&other.topology_key, other.when_unsatisfiable) == (&constraint.topology_key, constraint.when_unsatisfiable);
        if written[..i].iter().any(is_same) {
            let message =
                format!("there are two constraints on {} with `whenUnsatisfiable: {:?}`", quote(&constraint.topology_key), constraint.when_unsatisfiable);
            cx.issues.error(code::DUPLICATE_NAME, path.index(i).key("topologyKey"), message);
        }
    }
    written.iter().enumerate().map(|(i, written)| constraint(cx, written, labels, &path.index(i))).collect()
}

fn constraint(cx: &mut Context<'_>, written: &TopologySpreadConstraint, labels: &Labels, path: &Path) -> plan::SpreadConstraint {
    let when_unsatisfiable = match written.when_unsatisfiable {
        spec::WhenUnsatisfiable::DoNotSchedule => plan::WhenUnsatisfiable::DoNotSchedule,
        spec::WhenUnsatisfiable::ScheduleAnyway => plan::WhenUnsatisfiable::ScheduleAnyway,
    };
    if written.max_skew == 0 {
        cx.issues.error(code::TOO_SMALL, path.key("maxSkew"), "a skew is at least 1");
    }
    if written.min_domains == Some(0) {
        cx.issues.error(code::TOO_SMALL, path.key("minDomains"), "`minDomains` is at least 1");
    } else if written.min_domains.is_some() && when_unsatisfiable == plan::WhenUnsatisfiable::ScheduleAnyway {
        cx.issues.error(code::REFUSED, path.key("minDomains"), "`minDomains` goes with `whenUnsatisfiable: DoNotSchedule` only").on_key();
    }
    topology_key(cx, &written.topology_key, path);
    if written.label_selector.is_none() {
        cx.issues.warning(code::NO_EFFECT, path, "without a `labelSelector` a constraint counts no pod");
    }
    shared_keys(cx, &written.match_label_keys, written.label_selector.as_ref(), &path.key("matchLabelKeys"));
    plan::SpreadConstraint {
        max_skew: written.max_skew,
        topology_key: written.topology_key.clone(),
        when_unsatisfiable,
        selector: written.label_selector.as_ref().map(|written| selector(cx, written, &path.key("labelSelector"))),
        match_label_keys: written.match_label_keys.iter().filter(|key| labels.contains_key(*key)).cloned().collect(),
        min_domains: written.min_domains,
        node_affinity_policy: policy(written.node_affinity_policy),
        node_taints_policy: policy(written.node_taints_policy),
    }
}

const fn policy(written: spec::InclusionPolicy) -> plan::InclusionPolicy {
    match written {
        spec::InclusionPolicy::Honor => plan::InclusionPolicy::Honor,
        spec::InclusionPolicy::Ignore => plan::InclusionPolicy::Ignore,
    }
}

/// Bounds on the spread of pods that say nothing about it; their selectors are those of the services.
pub(super) fn default_spread(cx: &mut Context<'_>, written: &[TopologySpreadConstraint], path: &Path) -> Vec<plan::SpreadConstraint> {
    let mut constraints = Vec::new();
    for (i, constraint) in written.iter().enumerate() {
        let of_all = TopologySpreadConstraint { label_selector: Some(spec::LabelSelector::default()), ..constraint.clone() };
        let read = self::constraint(cx, &of_all, &Labels::new(), &path.index(i));
        constraints.push(plan::SpreadConstraint { selector: None, ..read });
    }
    constraints
}

/// Affinity, or anti-affinity, of a pod with these labels.
pub(super) fn pod_affinity(cx: &mut Context<'_>, written: Option<&spec::PodAffinity>, labels: &Labels, path: &Path) -> plan::PodAffinity {
    let Some(written) = written else { return plan::PodAffinity::default() };
    let place = path.key("requiredDuringSchedulingIgnoredDuringExecution");
    let required = written.required_during_scheduling_ignored_during_execution.iter().enumerate();
    let required = required.map(|(i, written)| term(cx, written, labels, &place.index(i))).collect();
    let place = path.key("preferredDuringSchedulingIgnoredDuringExecution");
    let preferred = written.preferred_during_scheduling_ignored_during_execution.iter().enumerate();
    let preferred = preferred
        .map(|(i, written)| {
            let place = place.index(i);
            affinity::weight(cx, written.weight, &place);
            plan::WeightedTerm { weight: written.weight, term: term(cx, &written.pod_affinity_term, labels, &place.key("podAffinityTerm")) }
        })
        .collect();
    plan::PodAffinity { required, preferred }
}

fn term(cx: &mut Context<'_>, written: &spec::PodAffinityTerm, labels: &Labels, path: &Path) -> plan::PodAffinityTerm {
    topology_key(cx, &written.topology_key, path);
    for (i, namespace) in written.namespaces.iter().enumerate() {
        names::object(cx, "namespace", namespace, &path.key("namespaces").index(i));
    }
    if written.label_selector.is_none() {
        cx.issues.warning(code::NO_EFFECT, path, "without a `labelSelector` a term is about no pod");
    }
    let mut selected = written.label_selector.as_ref().map(|written| selector(cx, written, &path.key("labelSelector")));
    // The API server writes these keys into the selector when the pod is created.
    for (keys, name, operator) in
        [(&written.match_label_keys, "matchLabelKeys", Operator::In), (&written.mismatch_label_keys, "mismatchLabelKeys", Operator::NotIn)]
    {
        shared_keys(cx, keys, written.label_selector.as_ref(), &path.key(name));
        let values = keys.iter().filter_map(|key| Some((key, labels.get(key)?)));
        let added = values.map(|(key, value)| Requirement { key: key.clone(), operator, values: vec![value.clone()] });
        if let Some(selector) = &mut selected {
            selector.requirements.extend(added);
        }
    }
    plan::PodAffinityTerm {
        selector: selected,
        topology_key: written.topology_key.clone(),
        namespaces: written.namespaces.clone(),
        namespace_selector: written.namespace_selector.as_ref().map(|written| selector(cx, written, &path.key("namespaceSelector"))),
    }
}

fn topology_key(cx: &mut Context<'_>, key: &str, path: &Path) {
    if !names::is_label_key(key) {
        cx.issues.error(code::BAD_NAME, path.key("topologyKey"), format!("{} cannot be the key of a label", quote(key)));
    }
}

fn shared_keys(cx: &mut Context<'_>, keys: &[String], selector: Option<&spec::LabelSelector>, path: &Path) {
    if !keys.is_empty() && selector.is_none() {
        cx.issues.error(code::REFUSED, path, "needs a `labelSelector` beside it").on_key();
    }
    let is_selected = |key: &String| {
        selector.is_some_and(|selector| selector.match_labels.contains_key(key) || selector.match_expressions.iter().any(|requirement| requirement.key == *key))
    };
    for (i, key) in keys.iter().enumerate() {
        if !names::is_label_key(key) {
            cx.issues.error(code::BAD_NAME, path.index(i), format!("{} cannot be the key of a label", quote(key)));
        } else if is_selected(key) {
            cx.issues.error(code::REFUSED, path.index(i), format!("the `labelSelector` is about the label {} already", quote(key)));
        }
    }
}

pub(super) fn selector(cx: &mut Context<'_>, written: &spec::LabelSelector, path: &Path) -> plan::LabelSelector {
    names::labels(cx, &written.match_labels, &path.key("matchLabels"));
    let mut requirements: Vec<Requirement> =
        written.match_labels.iter().map(|(key, value)| Requirement { key: key.clone(), operator: Operator::In, values: vec![value.clone()] }).collect();
    for (i, written) in written.match_expressions.iter().enumerate() {
        let operator = match written.operator {
            LabelOperator::In => Operator::In,
            LabelOperator::NotIn => Operator::NotIn,
            LabelOperator::Exists => Operator::Exists,
            LabelOperator::DoesNotExist => Operator::DoesNotExist,
        };
        let requirement = Requirement { key: written.key.clone(), operator, values: written.values.clone() };
        affinity::check_requirement(cx, &requirement, &path.key("matchExpressions").index(i));
        requirements.push(requirement);
    }
    plan::LabelSelector { requirements }
}

/// Warns of demands that can never be met, or that never demand anything. `all` are the pods of the scenario.
pub(super) fn suspicions(cx: &mut Context<'_>, name: &str, template: &PodTemplate, all: &[&PodTemplate], estate: &Estate, path: &Path) {
    let is_known = |key: &str| estate.nodes.values().any(|node| node.labels.contains_key(key));
    for (i, constraint) in template.spread.iter().enumerate().filter(|(_, constraint)| !is_known(&constraint.topology_key)) {
        let place = path.key("topologySpreadConstraints").index(i).key("topologyKey");
        unknown_key(cx, name, &constraint.topology_key, constraint.when_unsatisfiable == plan::WhenUnsatisfiable::DoNotSchedule, &place);
    }
    for (rules, key, needs_label) in [(&template.pod_affinity, "podAffinity", true), (&template.pod_anti_affinity, "podAntiAffinity", false)] {
        let path = path.key("affinity").key(key);
        for (i, term) in rules.required.iter().enumerate() {
            let place = path.key("requiredDuringSchedulingIgnoredDuringExecution").index(i);
            if !is_known(&term.topology_key) {
                unknown_key(cx, name, &term.topology_key, needs_label, &place.key("topologyKey"));
            } else if term.selector.is_some() && !all.iter().any(|other| reaches(term, template, other)) {
                let message = if needs_label {
                    format!("no workload has the pods that {} is to be near: its pods stay Pending", quote(name))
                } else {
                    format!("no workload has the pods that {} is to be away from", quote(name))
                };
                cx.issues.warning(if needs_label { code::NO_MATCH } else { code::NO_EFFECT }, &place, message);
            }
        }
        for (i, wish) in rules.preferred.iter().enumerate().filter(|(_, wish)| !is_known(&wish.term.topology_key)) {
            let place = path.key("preferredDuringSchedulingIgnoredDuringExecution").index(i).key("podAffinityTerm");
            unknown_key(cx, name, &wish.term.topology_key, false, &place.key("topologyKey"));
        }
    }
}

fn unknown_key(cx: &mut Context<'_>, name: &str, key: &str, is_fatal: bool, place: &Path) {
    if is_fatal {
        cx.issues.warning(code::NO_MATCH, place, format!("no node has the label {}: the pods of {} stay Pending", quote(key), quote(name)));
    } else {
        cx.issues.warning(code::NO_EFFECT, place, format!("no node has the label {}", quote(key)));
    }
}
