//! How the node of a pod is chosen.

use std::collections::BTreeMap;

use sim_core::plan::{NodeKind, Placement, Unit};

use super::estate::Estate;
use super::{Context, code, names};
use crate::issue::Path;
use crate::spec::{self, ShortOr};
use crate::wording::quote;

/// Tiers that ResourcePolicy knows: naming one of them without a node is possible, though suspicious.
const USUAL_TIERS: [&str; 5] = ["idc", "ecs", "eci", "elastic", "acs"];

/// The plan's placement; `policy` is what reasons call it.
pub(super) fn read(cx: &mut Context<'_>, written: Option<&spec::Placement>, estate: &mut Estate, policy: &str, path: &Path) -> Placement {
    let Some(spec::Placement::Prefer(units)) = written else { return Placement::Scheduler };
    let path = path.key("prefer");
    if units.is_empty() {
        cx.issues.error(code::EMPTY, &path, "a preference needs at least one tier");
    }
    let units = units
        .iter()
        .enumerate()
        .filter_map(|(i, unit)| {
            let place = path.index(i);
            match unit {
                ShortOr::Short(tier) => read_unit(cx, &spec::Unit { tier: tier.clone(), max: None, node_selector: BTreeMap::new() }, estate, &place, &place),
                ShortOr::Full(unit) => read_unit(cx, unit, estate, &place, &place.key("tier")),
            }
        })
        .collect();
    Placement::Prefer { policy: policy.to_owned(), units }
}

fn read_unit(cx: &mut Context<'_>, unit: &spec::Unit, estate: &mut Estate, path: &Path, name_path: &Path) -> Option<Unit> {
    let known = estate.tiers.find(|tier| tier.name == unit.tier).is_some();
    if !known && !USUAL_TIERS.contains(&unit.tier.as_str()) {
        names::unknown(cx, "tier", &unit.tier, estate.tiers.values().map(|tier| tier.name.as_str()), name_path);
        return None;
    }
    let tier = estate.tier(&unit.tier);
    if !known {
        let message = format!("no node is in the tier {}: it is always skipped", quote(&unit.tier));
        cx.issues.warning(code::EMPTY_TIER, name_path, message);
    }
    if unit.max == Some(0) {
        cx.issues.warning(code::NO_EFFECT, path.key("max"), "a tier for 0 pods is always skipped");
    }
    names::labels(cx, &unit.node_selector, &path.key("nodeSelector"));
    let is_virtual = estate.nodes_of(tier).all(|node| matches!(node.kind, NodeKind::Virtual(_)));
    let mut node_selector = unit.node_selector.clone();
    if !node_selector.is_empty() && known && (unit.tier == "idc" || is_virtual) {
        let message = format!("a `nodeSelector` has no effect on the tier {}", quote(&unit.tier));
        cx.issues.warning(code::IGNORED_SELECTOR, path.key("nodeSelector"), message).on_key().with_help("in a ResourcePolicy it works for `ecs` only");
        node_selector.clear();
    }
    Some(Unit { tier, max: unit.max, node_selector })
}
