//! What faults are about.

use std::collections::BTreeSet;

use sim_core::id::{Id, Table};
use sim_core::plan::{Job, Node, NodeKind, PlanSupply, Provider, Registry, Service, Tier};

use crate::check::estate::Estate;
use crate::check::{Context, code, names};
use crate::issue::Path;
use crate::spec::{NodeCrash, Scenario};

/// Everything that has a name and can break.
pub(super) struct Targets<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) estate: &'a Estate,
    pub(super) services: &'a Table<Service>,
    pub(super) jobs: &'a Table<Job>,
    pub(super) supply: &'a PlanSupply,
}

impl Targets<'_> {
    /// Zones that nodes or subnets lie in.
    pub(super) fn zones(&self) -> BTreeSet<&str> {
        let of_nodes = self.estate.nodes.values().map(|node| node.zone.as_str());
        of_nodes.chain(self.supply.vswitches.values().map(|vswitch| vswitch.zone.as_str())).filter(|zone| !zone.is_empty()).collect()
    }

    /// Whether nodes or subnets lie in a zone; reports one that nothing lies in.
    pub(super) fn zone(&self, cx: &mut Context<'_>, zone: &str, path: &Path) -> bool {
        let known = self.zones();
        let is_known = known.contains(zone);
        if !is_known {
            names::unknown(cx, "zone", zone, known, path);
        }
        is_known
    }

    /// The nodes of this name: one, or all of a group.
    pub(super) fn nodes(&self, cx: &mut Context<'_>, name: &str, path: &Path) -> Vec<Id<Node>> {
        let nodes = &self.estate.nodes;
        if let Some(node) = nodes.find(|node| node.name == name) {
            return vec![node];
        }
        let groups = self.scenario.nodes.iter().map(|node| (&node.name, node.count));
        let mut groups = groups.chain(self.scenario.virtual_nodes.iter().map(|node| (&node.name, node.count)));
        if let Some((_, count)) = groups.find(|(group, _)| *group == name) {
            let members: BTreeSet<String> = (1..=count).map(|i| format!("{name}-{i}")).collect();
            return nodes.iter().filter(|(_, node)| members.contains(&node.name)).map(|(id, _)| id).collect();
        }
        names::unknown(cx, "node", name, nodes.values().take(20).map(|node| node.name.as_str()), path);
        Vec::new()
    }

    /// The machines that a crash is about.
    pub(super) fn machines(&self, cx: &mut Context<'_>, written: &NodeCrash, path: &Path) -> Vec<Id<Node>> {
        if written.node.is_none() && written.tier.is_none() && written.zone.is_none() {
            cx.issues.error(code::MISSING, path, "a crash needs `node`, `tier` or `zone`").on_key();
            return Vec::new();
        }
        let named = written.node.as_ref().map(|name| self.nodes(cx, name, &path.key("node")));
        let tier = match &written.tier {
            None => None,
            Some(name) => match self.tier(cx, name, &path.key("tier")) {
                None => return Vec::new(),
                found => found,
            },
        };
        if let Some(zone) = &written.zone
            && !self.zone(cx, zone, &path.key("zone"))
        {
            return Vec::new();
        }
        let is_meant = |(id, node): &(Id<Node>, &Node)| {
            named.as_ref().is_none_or(|named| named.contains(id))
                && tier.is_none_or(|tier| node.tier == tier)
                && written.zone.as_ref().is_none_or(|zone| node.zone == *zone)
        };
        let meant: Vec<(Id<Node>, &Node)> = self.estate.nodes.iter().filter(is_meant).collect();
        let machines: Vec<Id<Node>> = meant.iter().filter(|(_, node)| matches!(node.kind, NodeKind::Machine(_))).map(|(id, _)| *id).collect();
        if machines.is_empty() && !meant.is_empty() {
            cx.issues
                .error(code::CONFLICT, path, "a virtual node has no machine that could crash")
                .on_key()
                .with_help("its instances fail one by one with `instanceFailure`, and all in a zone with `zoneOutage`");
        } else if machines.is_empty() && named.is_none() {
            cx.issues.warning(code::NO_EFFECT, path, "no machine matches").on_key();
        }
        machines
    }

    pub(super) fn tier(&self, cx: &mut Context<'_>, name: &str, path: &Path) -> Option<Id<Tier>> {
        let found = self.estate.tiers.find(|tier| tier.name == name);
        if found.is_none() {
            names::unknown(cx, "tier", name, self.estate.tiers.values().map(|tier| tier.name.as_str()), path);
        }
        found
    }

    pub(super) fn registry(&self, cx: &mut Context<'_>, name: &str, path: &Path) -> Option<Id<Registry>> {
        let found = self.supply.registries.find(|registry| registry.name == name);
        if found.is_none() && self.scenario.registries.get(name).is_some() {
            cx.issues.warning(code::NO_EFFECT, path, "no image comes from this registry");
        } else if found.is_none() {
            names::unknown(cx, "registry", name, self.supply.registries.values().map(|registry| registry.name.as_str()), path);
        }
        found
    }

    pub(super) fn provider(&self, cx: &mut Context<'_>, name: &str, path: &Path) -> Option<Id<Provider>> {
        let found = self.estate.providers.find(|provider| provider.name == name);
        if found.is_none() {
            names::unknown(cx, "provider", name, self.estate.providers.values().map(|provider| provider.name.as_str()), path);
        }
        found
    }

    pub(super) fn service(&self, cx: &mut Context<'_>, name: &str, path: &Path) -> Option<Id<Service>> {
        let found = self.services.find(|service| service.name == name);
        if found.is_none() {
            names::unknown(cx, "service", name, self.services.values().map(|service| service.name.as_str()), path);
        }
        found
    }

    /// The place of a workload among services, then jobs.
    pub(super) fn workload(&self, cx: &mut Context<'_>, name: &str, path: &Path) -> Option<usize> {
        let names = || self.services.values().map(|service| service.name.as_str()).chain(self.jobs.values().map(|job| job.name.as_str()));
        let found = names().position(|known| known == name);
        if found.is_none() {
            names::unknown(cx, "service or job", name, names(), path);
        }
        found
    }
}
