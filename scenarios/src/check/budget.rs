//! `PodDisruptionBudget`s.

use sim_core::id::Table;
use sim_core::plan::{Available, DisruptionBudget, LabelSelector, Operator, Requirement, Service};

use super::{Context, code, names, neighbours};
use crate::issue::Path;
use crate::spec::{self, Scenario};
use crate::wording::quote;

/// The plan's budgets.
pub(super) fn read(cx: &mut Context<'_>, scenario: &Scenario, services: &Table<Service>) -> Vec<DisruptionBudget> {
    let read = |(name, written): &(String, spec::DisruptionBudget)| {
        let path = Path::root().key("disruptionBudgets").key(name);
        let bound = match (written.min_available, written.max_unavailable) {
            (Some(min), None) => Available::AtLeast(min.0),
            (None, Some(max)) => Available::AllBut(max.0),
            _ => {
                cx.issues.error(code::CONFLICT, &path, "a budget has exactly one of `minAvailable` and `maxUnavailable`").on_key();
                return None;
            }
        };
        let mut namespace = written.namespace.clone().unwrap_or_else(|| "default".to_owned());
        let selector = match (&written.of, &written.selector) {
            (Some(of), None) => {
                let Some(service) = services.values().find(|service| service.name == *of) else {
                    names::unknown(cx, "service", of, services.values().map(|service| service.name.as_str()), &path.key("of"));
                    return None;
                };
                namespace.clone_from(&service.template.namespace);
                let is = |(key, value): (&String, &String)| Requirement { key: key.clone(), operator: Operator::In, values: vec![value.clone()] };
                LabelSelector { requirements: service.template.labels.iter().map(is).collect() }
            }
            (None, Some(selector)) => neighbours::selector(cx, selector, &path.key("selector")),
            _ => {
                cx.issues.error(code::CONFLICT, &path, "a budget has exactly one of `of` and `selector`").on_key();
                return None;
            }
        };
        let is_selected = |service: &Service| service.template.namespace == namespace && sim_core::scheduling::selects(&selector, &service.template.labels);
        if !services.values().any(is_selected) {
            cx.issues.warning(code::UNUSED_POLICY, &path, format!("the budget {} selects no pods of a service", quote(name))).on_key();
        }
        Some(DisruptionBudget { name: name.clone(), namespace, selector, bound })
    };
    scenario.disruption_budgets.0.iter().filter_map(read).collect()
}
