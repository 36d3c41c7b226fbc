//! Taints and tolerations (kube-scheduler's TaintToleration and `NodeUnschedulable`).

use std::borrow::Cow;

use crate::plan::{Node, PodTemplate, Taint, TaintEffect, Toleration, TolerationOperator};

/// The taint that stands for `kubectl cordon`.
const CORDON: &str = "node.kubernetes.io/unschedulable";

/// The taint of virtual nodes.
const VIRTUAL: &str = "virtual-kubelet.io/provider";

/// Whether one of `tolerations` tolerates `taint`.
pub fn tolerates(tolerations: &[Toleration], taint: &Taint) -> bool {
    tolerations.iter().any(|toleration| {
        toleration.effect.is_none_or(|effect| effect == taint.effect)
            && (toleration.key.is_empty() || toleration.key == taint.key)
            && match toleration.operator {
                TolerationOperator::Exists => true,
                TolerationOperator::Equal => toleration.value == taint.value,
                TolerationOperator::Gt => integers(taint, toleration).is_some_and(|(value, bound)| value > bound),
                TolerationOperator::Lt => integers(taint, toleration).is_some_and(|(value, bound)| value < bound),
            }
    })
}

fn integers(taint: &Taint, toleration: &Toleration) -> Option<(i64, i64)> {
    Some((taint.value.parse().ok()?, toleration.value.parse().ok()?))
}

/// The first taint that keeps a pod with these tolerations away.
pub fn untolerated<'t>(tolerations: &[Toleration], taints: impl IntoIterator<Item = &'t Taint>) -> Option<&'t Taint> {
    taints.into_iter().find(|taint| taint.effect != TaintEffect::PreferNoSchedule && !tolerates(tolerations, taint))
}

/// Whether one of `taints` keeps pods of `template` away; `tolerate_virtual` exempts the one of virtual nodes.
pub(super) fn repels(template: &PodTemplate, taints: &[Taint], tolerate_virtual: bool) -> bool {
    untolerated(&template.tolerations, taints.iter().filter(|taint| !(tolerate_virtual && taint.key == VIRTUAL))).is_some()
}

/// TaintToleration's score before normalisation: taints that would rather not have the pod.
pub fn untolerated_preferences(tolerations: &[Toleration], taints: &[Taint]) -> i64 {
    taints.iter().filter(|taint| taint.effect == TaintEffect::PreferNoSchedule && !tolerates(tolerations, taint)).count() as i64
}

/// The taints of a node, with the one that a cordoned node gets.
pub(super) fn taints_of(node: &Node) -> Cow<'_, [Taint]> {
    if node.unschedulable {
        let mut taints = node.taints.clone();
        taints.push(cordon());
        Cow::Owned(taints)
    } else {
        Cow::Borrowed(&node.taints)
    }
}

/// Whether a node takes no new pods, and so not one with these tolerations.
pub(super) fn is_cordoned(tolerations: &[Toleration], node: &Node) -> bool {
    node.unschedulable && !tolerates(tolerations, &cordon())
}

fn cordon() -> Taint {
    Taint { key: CORDON.to_owned(), value: String::new(), effect: TaintEffect::NoSchedule }
}

#[cfg(test)]
mod tests {
    use super::{tolerates, untolerated_preferences};
    use crate::plan::{Taint, TaintEffect, Toleration, TolerationOperator};

    #[test]
    fn tolerations_match_key_value_and_effect() {
        let taint = Taint { key: "k".into(), value: "7".into(), effect: TaintEffect::NoSchedule };
        let toleration = |key: &str, operator, value: &str, effect| Toleration { key: key.into(), operator, value: value.into(), effect, seconds: None };
        for (candidate, expected) in [
            (toleration("k", TolerationOperator::Equal, "7", Some(TaintEffect::NoSchedule)), true),
            (toleration("k", TolerationOperator::Equal, "8", None), false),
            (toleration("k", TolerationOperator::Exists, "", None), true),
            (toleration("", TolerationOperator::Exists, "", None), true),
            (toleration("k", TolerationOperator::Equal, "7", Some(TaintEffect::NoExecute)), false),
            (toleration("j", TolerationOperator::Exists, "", None), false),
            (toleration("k", TolerationOperator::Lt, "8", None), true),
            (toleration("k", TolerationOperator::Lt, "7", None), false),
        ] {
            assert_eq!(tolerates(std::slice::from_ref(&candidate), &taint), expected, "{candidate:?}");
        }
    }

    #[test]
    fn only_preferences_are_counted() {
        let taint = |effect| Taint { key: "k".into(), value: String::new(), effect };
        let taints = [TaintEffect::NoSchedule, TaintEffect::PreferNoSchedule, TaintEffect::NoExecute].map(taint);
        assert_eq!(untolerated_preferences(&[], &taints), 1);
    }
}
