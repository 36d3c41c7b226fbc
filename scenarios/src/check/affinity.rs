//! Tolerations, node selectors and node affinity, checked as the API server does.

use sim_core::plan::{self, Operator, Requirement};
use sim_core::scheduling::{BadPart, bad_part};

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
        if matches!(toleration.operator, TolerationOperator::Gt | TolerationOperator::Lt) && toleration.value.parse::<i64>().is_err() {
            cx.issues.error(code::REFUSED, place.key("value"), format!("the operator `{:?}` needs a whole number", toleration.operator));
        }
    }
    written
        .iter()
        .map(|toleration| plan::Toleration {
            key: toleration.key.clone(),
            operator: match toleration.operator {
                TolerationOperator::Equal => plan::TolerationOperator::Equal,
                TolerationOperator::Exists => plan::TolerationOperator::Exists,
                TolerationOperator::Gt => plan::TolerationOperator::Gt,
                TolerationOperator::Lt => plan::TolerationOperator::Lt,
            },
            value: toleration.value.clone(),
            effect: toleration.effect.map(estate::effect),
            seconds: toleration.toleration_seconds,
        })
        .collect()
}

/// Required and preferred node affinity of a pod.
pub(super) fn node_affinity(cx: &mut Context<'_>, written: Option<&Affinity>, path: &Path) -> (Option<Vec<plan::NodeSelectorTerm>>, Vec<plan::Preferred>) {
    let Some(written) = written else { return (None, Vec::new()) };
    let Some(node) = &written.node_affinity else { return (None, Vec::new()) };
    let required = node.required_during_scheduling_ignored_during_execution.as_ref();
    terms(cx, required, &node.preferred_during_scheduling_ignored_during_execution, &path.key("nodeAffinity"))
}

/// Required and preferred terms.
pub(super) fn terms(
    cx: &mut Context<'_>,
    required: Option<&spec::NodeSelector>,
    preferred: &[spec::PreferredTerm],
    path: &Path,
) -> (Option<Vec<plan::NodeSelectorTerm>>, Vec<plan::Preferred>) {
    let required = required.map(|selector| {
        let place = path.key("requiredDuringSchedulingIgnoredDuringExecution").key("nodeSelectorTerms");
        if selector.node_selector_terms.is_empty() {
            cx.issues.error(code::EMPTY, &place, "required node affinity needs at least one term");
        }
        selector.node_selector_terms.iter().enumerate().map(|(i, term)| read_term(cx, term, &place.index(i))).collect()
    });
    let place = path.key("preferredDuringSchedulingIgnoredDuringExecution");
    let preferred = (preferred.iter().enumerate())
        .map(|(i, preferred)| {
            let place = place.index(i);
            weight(cx, preferred.weight, &place);
            plan::Preferred { weight: preferred.weight, term: read_term(cx, &preferred.preference, &place.key("preference")) }
        })
        .collect();
    (required, preferred)
}

/// Checks the weight of a preferred term.
pub(super) fn weight(cx: &mut Context<'_>, weight: i64, path: &Path) {
    if !(1..=100).contains(&weight) {
        cx.issues.error(code::REFUSED, path.key("weight"), "a weight lies between 1 and 100");
    }
}

/// One term of node affinity.
pub(super) fn read_term(cx: &mut Context<'_>, term: &spec::NodeSelectorTerm, path: &Path) -> plan::NodeSelectorTerm {
    let expressions = path.key("matchExpressions");
    let fields = path.key("matchFields");
    plan::NodeSelectorTerm {
        expressions: term.match_expressions.iter().enumerate().map(|(i, written)| requirement(cx, written, &expressions.index(i))).collect(),
        fields: term.match_fields.iter().enumerate().map(|(i, written)| field(cx, written, &fields.index(i))).collect(),
    }
}

fn requirement(cx: &mut Context<'_>, written: &spec::Requirement, path: &Path) -> Requirement {
    let requirement = unchecked(written);
    check_requirement(cx, &requirement, path);
    requirement
}

/// Checks a requirement on a label.
pub(super) fn check_requirement(cx: &mut Context<'_>, requirement: &Requirement, path: &Path) {
    let Requirement { key, operator, values } = requirement;
    match bad_part(requirement) {
        None => {}
        Some(BadPart::Key) => {
            cx.issues.error(code::BAD_NAME, path.key("key"), format!("{} cannot be the key of a label", quote(key)));
        }
        Some(BadPart::Value(i)) => {
            cx.issues.error(code::BAD_NAME, path.key("values").index(i), format!("{} cannot be the value of a label", quote(&values[i])));
        }
        Some(BadPart::Values | BadPart::Operator) => {
            let problem = match operator {
                Operator::In | Operator::NotIn => "needs at least one value",
                Operator::Exists | Operator::DoesNotExist => "takes no values",
                Operator::Gt | Operator::Lt => "needs one whole number",
            };
            cx.issues.error(code::REFUSED, path.key("values"), format!("the operator `{operator:?}` {problem}"));
        }
    }
}

fn field(cx: &mut Context<'_>, written: &spec::Requirement, path: &Path) -> Requirement {
    if written.key != "metadata.name" {
        cx.issues.error(code::REFUSED, path.key("key"), "only the field `metadata.name` can be matched");
    }
    if !matches!(written.operator, spec::Operator::In | spec::Operator::NotIn) || written.values.len() != 1 {
        cx.issues.error(code::REFUSED, path, "a field is matched by `In` or `NotIn` and one value");
    }
    unchecked(written)
}

fn unchecked(written: &spec::Requirement) -> Requirement {
    let operator = match written.operator {
        spec::Operator::In => Operator::In,
        spec::Operator::NotIn => Operator::NotIn,
        spec::Operator::Exists => Operator::Exists,
        spec::Operator::DoesNotExist => Operator::DoesNotExist,
        spec::Operator::Gt => Operator::Gt,
        spec::Operator::Lt => Operator::Lt,
    };
    Requirement { key: written.key.clone(), operator, values: written.values.clone() }
}
