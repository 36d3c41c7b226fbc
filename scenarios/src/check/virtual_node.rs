//! Virtual nodes.

use std::collections::BTreeSet;

use sim_core::id::Id;
use sim_core::plan::{self, NodeKind, VSwitch, VSwitchOrder};
use sim_core::units::Time;

use super::estate::{Estate, expand, taints, well_known, zone};
use super::limits::SPAN_MAX;
use super::{Context, code, names, provider, supply};
use crate::issue::Path;
use crate::prices::PriceBook;
use crate::spec::{self, Scenario, ScheduleStrategy};

/// Label and taint of virtual nodes.
const LABEL: (&str, &str) = ("type", "virtual-kubelet");
const TAINT: (&str, &str) = ("virtual-kubelet.io/provider", "alibabacloud");

/// One virtual node of several that an entry describes.
struct Part {
    name: String,
    zone: String,
    vswitches: Vec<Id<VSwitch>>,
    vswitches_from: Vec<(Time, Vec<Id<VSwitch>>)>,
    from: Time,
}

/// Reads an entry of `virtualNodes`.
pub(super) fn read(
    cx: &mut Context<'_>,
    estate: &mut Estate,
    taken: &mut BTreeSet<String>,
    scenario: &Scenario,
    node: &spec::VirtualNode,
    book: Option<&PriceBook>,
    path: &Path,
) {
    names::free(cx, "tier", &node.tier, &path.key("tier"));
    let tier = estate.tier(&node.tier);
    let start_up = supply::virtual_node(cx, node.start_up.as_ref(), node.start_up_stages.as_ref(), path);
    if node.max_pods == 0 {
        cx.issues.error(code::TOO_SMALL, path.key("maxPods"), "a node takes at least one pod");
    }
    if node.from.is_some_and(|from| from.0 > SPAN_MAX) {
        cx.issues.error(code::TOO_LARGE, path.key("from"), "a time of at most 10 years is possible");
    }
    names::labels(cx, &node.labels, &path.key("labels"));
    let mut taints = taints(cx, &node.taints, &path.key("taints"));
    if node.default_taint && scenario.cluster.kind != Some(spec::ClusterKind::Ask) {
        let (key, value) = TAINT;
        taints.insert(0, plan::Taint { key: key.to_owned(), value: value.to_owned(), effect: plan::TaintEffect::NoSchedule });
    }
    let parts = parts(cx, estate, scenario, node, book, path);
    let Some(provider) = provider::of(cx, &mut estate.providers, scenario, &node.provider, book, path) else { return };
    if !scenario.cluster.virtual_node {
        return;
    }
    let order = match node.schedule_strategy {
        Some(ScheduleStrategy::Ordered) => VSwitchOrder::Ordered,
        Some(ScheduleStrategy::Random) | None => VSwitchOrder::Random,
    };
    for part in parts {
        for name in expand(cx, taken, &part.name, node.count, path) {
            let mut labels = well_known(&name, &part.zone, book);
            if node.default_label {
                labels.insert(LABEL.0.to_owned(), LABEL.1.to_owned());
            }
            labels.extend(node.labels.clone());
            let kind = NodeKind::Virtual(plan::VirtualNode {
                provider,
                max_pods: node.max_pods,
                start_up: start_up.clone(),
                vswitches: part.vswitches.clone(),
                vswitches_from: part.vswitches_from.clone(),
                order,
                from: part.from,
            });
            estate.nodes.push(plan::Node { name, tier, zone: part.zone.clone(), labels, taints: taints.clone(), unschedulable: node.unschedulable, kind });
        }
    }
}

/// The nodes of an entry: one, or one for each subnet.
fn parts(cx: &mut Context<'_>, estate: &Estate, scenario: &Scenario, node: &spec::VirtualNode, book: Option<&PriceBook>, path: &Path) -> Vec<Part> {
    let from = Time::ZERO + node.from.map_or(sim_core::units::Span::ZERO, |from| from.0.min(SPAN_MAX));
    let mut find = |name: &str, path: &Path| {
        let known = estate.vswitches.find(|known| known.name == name);
        if known.is_none() {
            names::unknown(cx, "vSwitch", name, scenario.v_switches.names(), path);
        }
        known
    };
    let own: Vec<Id<VSwitch>> = node.v_switches.iter().enumerate().filter_map(|(i, name)| find(name, &path.key("vSwitches").index(i))).collect();
    let known = |name: &str| estate.vswitches.find(|known| known.name == name);
    let mut changes = Vec::new();
    let mut subnets: Vec<(Id<VSwitch>, Time)> = own.into_iter().map(|vswitch| (vswitch, from)).collect();
    if let Some(profile) = scenario.eci_profile.as_ref().filter(|_| node.v_switches.is_empty()) {
        // Names that do not exist are reported where the profile is read.
        subnets.extend(profile.v_switch_ids.iter().filter_map(|name| known(name)).map(|vswitch| (vswitch, from)));
        changes.push((Time::ZERO, subnets.iter().map(|subnet| subnet.0).collect()));
        for reload in &profile.reloads {
            let at = Time::ZERO.saturating_add(reload.at.0);
            let listed: Vec<Id<VSwitch>> = supply::new_vswitches(reload).into_iter().flatten().filter_map(known).collect();
            for vswitch in &listed {
                if subnets.iter().all(|(other, _)| other != vswitch) {
                    subnets.push((*vswitch, from.max(at)));
                }
            }
            if !listed.is_empty() {
                changes.push((at, listed));
            }
        }
    }
    if !node.per_v_switch {
        if changes.len() == 1 {
            changes.clear();
        }
        let vswitches: Vec<Id<VSwitch>> = subnets.into_iter().map(|(vswitch, _)| vswitch).collect();
        let zone = match (&node.zone, &vswitches[..]) {
            (None, [only]) => estate.vswitches[*only].zone.clone(),
            _ => zone(cx, node.zone.as_deref(), book, &path.key("zone")),
        };
        return vec![Part { name: node.name.clone(), zone, vswitches, vswitches_from: changes, from }];
    }
    if subnets.is_empty() {
        cx.issues.error(code::MISSING, path.key("perVSwitch"), "there is no subnet").on_key().with_help("list `vSwitches` here or in `eciProfile.vSwitchIds`");
    }
    if node.zone.is_some() {
        cx.issues.error(code::CONFLICT, path.key("zone"), "with `perVSwitch` each node is in the zone of its subnet").on_key();
    }
    let part = |(vswitch, from): (Id<VSwitch>, Time)| {
        let zone = estate.vswitches[vswitch].zone.clone();
        Part { name: format!("{}-{zone}", node.name), zone, vswitches: vec![vswitch], vswitches_from: Vec::new(), from }
    };
    subnets.into_iter().map(part).collect()
}
