//! Filters: which nodes a pod may go to at all (kube-scheduler's TaintToleration, NodeAffinity and NodeResourcesFit).

use std::collections::BTreeMap;

use crate::plan::{Node, NodeSelectorTerm, Operator, PodTemplate, Requirement, Taint, TaintEffect, Toleration, TolerationOperator};

/// Why a node does not take a pod, in the words of kube-scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// A taint is not tolerated.
    Taint,
    /// Node selector or required affinity does not match.
    Affinity,
    /// Not in a unit of the pod's policy.
    Policy,
    /// Its unit holds as many pods of the workload as it may.
    UnitMax,
    /// As many pods as it may have.
    TooManyPods,
    /// Not enough CPU.
    Cpu,
    /// Not enough memory.
    Memory,
    /// Not enough of an extended resource.
    Extended,
    /// No instance size of the provider is large enough.
    NoSpec,
}

impl Refusal {
    /// The reason as kube-scheduler's events say it.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Taint => "had untolerated taint",
            Self::Affinity => "didn't match Pod's node affinity/selector",
            Self::Policy => "not in a unit of the ResourcePolicy",
            Self::UnitMax => "unit of the ResourcePolicy at its max",
            Self::TooManyPods => "Too many pods",
            Self::Cpu => "Insufficient cpu",
            Self::Memory => "Insufficient memory",
            Self::Extended => "Insufficient extended resource",
            Self::NoSpec => "no instance spec is large enough",
        }
    }
}

/// Whether one of `tolerations` tolerates `taint`.
pub fn tolerates(tolerations: &[Toleration], taint: &Taint) -> bool {
    tolerations.iter().any(|toleration| {
        toleration.effect.is_none_or(|effect| effect == taint.effect)
            && (toleration.key.is_empty() || toleration.key == taint.key)
            && match toleration.operator {
                TolerationOperator::Exists => true,
                TolerationOperator::Equal => toleration.value == taint.value,
            }
    })
}

/// Whether one of `terms` matches: terms are alternatives, an empty term and an empty list match nothing.
pub fn matches_terms(terms: &[NodeSelectorTerm], node: &Node) -> bool {
    terms.iter().any(|term| matches_term(term, node))
}

pub(super) fn matches_term(term: &NodeSelectorTerm, node: &Node) -> bool {
    let name = BTreeMap::from([("metadata.name".to_owned(), node.name.clone())]);
    !(term.expressions.is_empty() && term.fields.is_empty())
        && term.expressions.iter().all(|requirement| holds(requirement, &node.labels))
        && term.fields.iter().all(|requirement| holds(requirement, &name))
}

fn holds(requirement: &Requirement, labels: &BTreeMap<String, String>) -> bool {
    let value = labels.get(&requirement.key);
    let integers = || Some((value?.parse::<i64>().ok()?, requirement.values.first()?.parse::<i64>().ok()?));
    match requirement.operator {
        Operator::In => value.is_some_and(|value| requirement.values.contains(value)),
        Operator::NotIn => value.is_none_or(|value| !requirement.values.contains(value)),
        Operator::Exists => value.is_some(),
        Operator::DoesNotExist => value.is_none(),
        Operator::Gt => integers().is_some_and(|(label, bound)| label > bound),
        Operator::Lt => integers().is_some_and(|(label, bound)| label < bound),
    }
}

/// Why `node` can never take a pod of `template`, whatever else runs; none if it can.
///
/// `tolerate_virtual` stands for the toleration that a unit of instances adds by itself.
pub fn static_refusal(template: &PodTemplate, node: &Node, tolerate_virtual: bool) -> Option<Refusal> {
    let repelled = |taint: &Taint| {
        taint.effect != TaintEffect::PreferNoSchedule
            && !tolerates(&template.tolerations, taint)
            && !(tolerate_virtual && taint.key == "virtual-kubelet.io/provider")
    };
    if node.taints.iter().any(repelled) {
        return Some(Refusal::Taint);
    }
    let selected = template.node_selector.iter().all(|(key, value)| node.labels.get(key) == Some(value));
    let required = template.required_affinity.as_ref().is_none_or(|terms| matches_terms(terms, node));
    (!selected || !required).then_some(Refusal::Affinity)
}

#[cfg(test)]
mod tests {
    use super::tolerates;
    use crate::plan::{Taint, TaintEffect, Toleration, TolerationOperator};

    #[test]
    fn tolerations_match_key_value_and_effect() {
        let taint = Taint { key: "k".into(), value: "v".into(), effect: TaintEffect::NoSchedule };
        let toleration = |key: &str, operator, value: &str, effect| Toleration { key: key.into(), operator, value: value.into(), effect };
        for (candidate, expected) in [
            (toleration("k", TolerationOperator::Equal, "v", Some(TaintEffect::NoSchedule)), true),
            (toleration("k", TolerationOperator::Equal, "w", None), false),
            (toleration("k", TolerationOperator::Exists, "", None), true),
            (toleration("", TolerationOperator::Exists, "", None), true),
            (toleration("k", TolerationOperator::Equal, "v", Some(TaintEffect::NoExecute)), false),
            (toleration("j", TolerationOperator::Exists, "", None), false),
        ] {
            assert_eq!(tolerates(std::slice::from_ref(&candidate), &taint), expected, "{candidate:?}");
        }
    }
}
