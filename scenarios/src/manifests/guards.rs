//! `PriorityClass`es and `PodDisruptionBudget`s.

use serde::Deserialize;
use sim_core::units::IntOrPercent;

use super::object::Object;
use super::origins::{Origins, path};
use crate::decode;
use crate::issue::{Issues, Path};
use crate::spec::{DisruptionBudget, LabelSelector, PreemptionPolicy, PriorityClass, Scenario};
use crate::text::Text;
use crate::tree::Node;

/// A class, a budget, and where they come from.
pub(super) enum Guard {
    Class(usize, String, PriorityClass),
    Budget(usize, String, DisruptionBudget),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClassManifest {
    value: i32,
    #[serde(default)]
    global_default: bool,
    preemption_policy: Option<PreemptionPolicy>,
}

#[derive(Debug, Deserialize)]
struct BudgetManifest {
    spec: BudgetSpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BudgetSpec {
    selector: Option<LabelSelector>,
    min_available: Option<Text<IntOrPercent>>,
    max_unavailable: Option<Text<IntOrPercent>>,
}

/// Reads a `PriorityClass`.
pub(super) fn read_class(document: usize, object: &Object, root: &Node, issues: &mut Issues) -> Option<Guard> {
    let ClassManifest { value, global_default, preemption_policy } = decode::decode_known(root, issues)?;
    Some(Guard::Class(document, object.metadata.name.clone(), PriorityClass { value, global_default, preemption_policy }))
}

/// Reads a `PodDisruptionBudget`.
pub(super) fn read_budget(document: usize, object: &Object, root: &Node, issues: &mut Issues) -> Option<Guard> {
    let BudgetManifest { spec } = decode::decode_known(root, issues)?;
    let budget = DisruptionBudget {
        of: None,
        selector: Some(spec.selector.unwrap_or_default()),
        namespace: Some(object.namespace().to_owned()),
        min_available: spec.min_available,
        max_unavailable: spec.max_unavailable,
    };
    Some(Guard::Budget(document, object.metadata.name.clone(), budget))
}

/// Adds it to the scenario, whose own entry of the same name wins.
pub(super) fn add(scenario: &mut Scenario, guard: Guard, origins: &mut Origins) {
    match guard {
        Guard::Class(document, name, class) => {
            if scenario.priority_classes.get(&name).is_none() {
                origins.add(Path::root().key("priorityClasses").key(&name), document, Path::root());
                scenario.priority_classes.0.push((name, class));
            }
        }
        Guard::Budget(document, name, budget) => {
            if scenario.disruption_budgets.get(&name).is_none() {
                origins.add(Path::root().key("disruptionBudgets").key(&name), document, path("spec"));
                scenario.disruption_budgets.0.push((name, budget));
            }
        }
    }
}
