//! Tolerations, node selectors and node affinity, checked as the API server does.

use sim_core::plan;

use super::{Context, code, estate, names};
use crate::issue::Path;
use crate::spec::{self, Affinity, TolerationOperator};
use crate::wording::quote;

/// Tolerations of a pod.
pub(super) fn tolerations(cx: &mut Context<'_>, written: &[spec::Toleration], path: &Path) -> Vec<plan::Toleration> {
    for (i, toleration) in written.iter().enumerate() {
        let place = path.index(i);
        if toleration.key.is_empty() && toleration.operator != TolerationOperator::Exists {
            cx.issues.error(code::REFUSED, &place, "a toleration without a key needs `operator: Exists`");
        } else if !toleration.key.is_empty() && !names::is_label_key(&toleration.key) {
            cx.issues.error(code::BAD_NAME, place.key("key"), format!("{} cannot be the key of a taint", quote(&toleration.key)));
        }
        if toleration.operator == TolerationOperator::Exists && !toleration.value.is_empty() {
            cx.issues.error(code::REFUSED, place.key("value"), "a toleration with `operator: Exists` has no value");
        }
        if toleration.toleration_seconds.is_some() {
            cx.issues.warning(code::NO_EFFECT, place.key("tolerationSeconds"), "evictions after some time are not simulated").on_key();
        }
    }
    written
        .iter()
        .map(|toleration| plan::Toleration {
            key: toleration.key.clone(),
            operator: match toleration.operator {
                TolerationOperator::Equal => plan::TolerationOperator::Equal,
                TolerationOperator::Exists => plan::TolerationOperator::Exists,
            },
            value: toleration.value.clone(),
            effect: toleration.effect.map(estate::effect),
        })
        .collect()
}

/// Required and preferred node affinity of a pod.
pub(super) fn node_affinity(cx: &mut Context<'_>, written: Option<&Affinity>, path: &Path) -> (Option<Vec<plan::NodeSelectorTerm>>, Vec<plan::Preferred>) {
    let Some(written) = written else { return (None, Vec::new()) };
    for (given, key) in [(written.pod_affinity.is_some(), "podAffinity"), (written.pod_anti_affinity.is_some(), "podAntiAffinity")] {
        if given {
            cx.issues.warning(code::NOT_SIMULATED, path.key(key), format!("`{key}` is not simulated")).on_key();
        }
    }
    let Some(node) = &written.node_affinity else { return (None, Vec::new()) };
    let path = path.key("nodeAffinity");
    let required = node.required_during_scheduling_ignored_during_execution.as_ref().map(|selector| {
        let place = path.key("requiredDuringSchedulingIgnoredDuringExecution").key("nodeSelectorTerms");
        if selector.node_selector_terms.is_empty() {
            cx.issues.error(code::EMPTY, &place, "required node affinity needs at least one term");
        }
        selector.node_selector_terms.iter().enumerate().map(|(i, term)| read_term(cx, term, &place.index(i))).collect()
    });
    let place = path.key("preferredDuringSchedulingIgnoredDuringExecution");
    let preferred = node.preferred_during_scheduling_ignored_during_execution.iter().enumerate();
    let preferred: Vec<plan::Preferred> = preferred
        .map(|(i, preferred)| {
            let place = place.index(i);
            if !(1..=100).contains(&preferred.weight) {
                cx.issues.error(code::REFUSED, place.key("weight"), "a weight lies between 1 and 100");
            }
            plan::Preferred { weight: preferred.weight, term: read_term(cx, &preferred.preference, &place.key("preference")) }
        })
        .collect();
    if preferred.iter().any(|other| other.weight != preferred[0].weight) {
        cx.issues
            .warning(code::WEIGHTS, &place, "the greater weight does not always come first: kube-scheduler adds scores for free and balanced resources")
            .on_key()
            .with_help("`placement: {prefer: […]}` fills tiers strictly in order");
    }
    (required, preferred)
}

fn read_term(cx: &mut Context<'_>, term: &spec::NodeSelectorTerm, path: &Path) -> plan::NodeSelectorTerm {
    let expressions = path.key("matchExpressions");
    let fields = path.key("matchFields");
    plan::NodeSelectorTerm {
        expressions: term.match_expressions.iter().enumerate().map(|(i, written)| requirement(cx, written, &expressions.index(i))).collect(),
        fields: term.match_fields.iter().enumerate().map(|(i, written)| field(cx, written, &fields.index(i))).collect(),
    }
}

fn requirement(cx: &mut Context<'_>, written: &spec::Requirement, path: &Path) -> plan::Requirement {
    let operator = match written.operator {
        spec::Operator::In => plan::Operator::In,
        spec::Operator::NotIn => plan::Operator::NotIn,
        spec::Operator::Exists => plan::Operator::Exists,
        spec::Operator::DoesNotExist => plan::Operator::DoesNotExist,
        spec::Operator::Gt => plan::Operator::Gt,
        spec::Operator::Lt => plan::Operator::Lt,
    };
    let values = &written.values;
    let problem = match operator {
        plan::Operator::In | plan::Operator::NotIn => values.is_empty().then_some("needs at least one value"),
        plan::Operator::Exists | plan::Operator::DoesNotExist => (!values.is_empty()).then_some("takes no values"),
        plan::Operator::Gt | plan::Operator::Lt => (values.len() != 1 || values[0].parse::<i64>().is_err()).then_some("needs one whole number"),
    };
    if let Some(problem) = problem {
        cx.issues.error(code::REFUSED, path.key("values"), format!("the operator `{:?}` {problem}", written.operator));
    }
    plan::Requirement { key: written.key.clone(), operator, values: values.clone() }
}

fn field(cx: &mut Context<'_>, written: &spec::Requirement, path: &Path) -> plan::Requirement {
    if written.key != "metadata.name" {
        cx.issues.error(code::REFUSED, path.key("key"), "only the field `metadata.name` can be matched");
    }
    if !matches!(written.operator, spec::Operator::In | spec::Operator::NotIn) || written.values.len() != 1 {
        cx.issues.error(code::REFUSED, path, "a field is matched by `In` or `NotIn` and one value");
    }
    requirement(cx, written, path)
}
