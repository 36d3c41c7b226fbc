//! Priorities of pods.

use std::collections::BTreeMap;

use super::{Context, code, names};
use crate::issue::Path;
use crate::spec::{self, PreemptionPolicy, Scenario};
use crate::text::Text;
use crate::wording::quote;

/// Classes that every cluster has.
const SYSTEM: [(&str, i32); 2] = [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];
/// The highest priority that is not kept for the system.
const HIGHEST: i32 = 1_000_000_000;

/// Priority classes by name.
#[derive(Debug, Default)]
pub(super) struct Classes {
    by_name: BTreeMap<String, (i32, bool)>,
    default: Option<String>,
}

/// The classes of a scenario.
pub(super) fn classes(cx: &mut Context<'_>, scenario: &Scenario) -> Classes {
    let mut classes = Classes { by_name: SYSTEM.iter().map(|(name, value)| ((*name).to_owned(), (*value, true))).collect(), default: None };
    for (name, class) in &scenario.priority_classes.0 {
        let path = Path::root().key("priorityClasses").key(name);
        names::object(cx, "priority class", name, &path);
        if name.starts_with("system-") {
            cx.issues.error(code::REFUSED, &path, format!("{} is a name that is kept for the system", quote(name))).on_key();
        }
        if class.value > HIGHEST {
            cx.issues.error(code::TOO_LARGE, path.key("value"), format!("a priority is at most {HIGHEST}"));
        }
        if class.global_default {
            match &classes.default {
                Some(other) => {
                    let message = format!("{} is the default already", quote(other));
                    cx.issues.error(code::CONFLICT, path.key("globalDefault"), message);
                }
                None => classes.default = Some(name.clone()),
            }
        }
        classes.by_name.insert(name.clone(), (class.value, class.preemption_policy != Some(PreemptionPolicy::Never)));
    }
    classes
}

/// The priority of a pod, and whether it may preempt others.
pub(super) fn read(cx: &mut Context<'_>, written: Option<&Text<spec::Priority>>, policy: Option<PreemptionPolicy>, path: &Path) -> (i32, bool) {
    let class = match written {
        Some(Text(spec::Priority::Value(value))) => {
            if *value > SYSTEM[1].1 {
                cx.issues.error(code::TOO_LARGE, path.key("priority"), format!("a priority is at most {}", SYSTEM[1].1));
            }
            return (*value, policy != Some(PreemptionPolicy::Never));
        }
        Some(Text(spec::Priority::Class(name))) => Some(name.clone()),
        None => cx.priorities.default.clone(),
    };
    let Some(name) = class else { return (0, policy != Some(PreemptionPolicy::Never)) };
    let Some((value, preempts)) = cx.priorities.by_name.get(&name).copied() else {
        let known: Vec<String> = cx.priorities.by_name.keys().cloned().collect();
        names::unknown(cx, "priority class", &name, known.iter().map(String::as_str), &path.key("priority"));
        return (0, true);
    };
    (value, policy.map_or(preempts, |policy| policy != PreemptionPolicy::Never))
}
