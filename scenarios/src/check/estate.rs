//! Nodes, virtual nodes and tiers.

use std::collections::{BTreeMap, BTreeSet};

use sim_core::id::{Id, Table};
use sim_core::plan::{self, Machine, NodeKind, Tier};

use super::limits::NODES_MAX;
use super::resources::Sized;
use super::{Context, code, machine_price, names, pool, provider, reservation, resources, supply, virtual_node};
use crate::issue::Path;
use crate::prices::{MachineType, PriceBook};
use crate::spec::{self, Reservation, Scenario, ShortOr};
use crate::wording::quote;

/// The kubelet's own limit.
const MAX_PODS: u32 = 110;

/// The places where pods can live.
#[derive(Debug, Default)]
pub(super) struct Estate {
    /// Tiers.
    pub(super) tiers: Table<Tier>,
    /// Providers.
    pub(super) providers: Table<plan::Provider>,
    /// Nodes.
    pub(super) nodes: Table<plan::Node>,
    /// Which of them come and go.
    pub(super) pools: Table<plan::NodePool>,
    /// Subnets.
    pub(super) vswitches: Table<plan::VSwitch>,
}

impl Estate {
    /// The tier of this name, added if it is new.
    pub(super) fn tier(&mut self, name: &str) -> Id<Tier> {
        self.tiers.find(|tier| tier.name == name).unwrap_or_else(|| self.tiers.push(Tier { name: name.to_owned() }))
    }

    /// Nodes of a tier.
    pub(super) fn nodes_of(&self, tier: Id<Tier>) -> impl Iterator<Item = &plan::Node> {
        self.nodes.values().filter(move |node| node.tier == tier)
    }
}

/// Reads nodes and virtual nodes.
pub(super) fn read(cx: &mut Context<'_>, scenario: &Scenario, book: Option<&PriceBook>) -> Estate {
    let mut estate = Estate { vswitches: supply::vswitches(cx, scenario), ..Estate::default() };
    let wanted = scenario.nodes.iter().map(|node| node.count).chain(scenario.virtual_nodes.iter().map(|node| node.count)).map(u64::from).sum::<u64>();
    if wanted > NODES_MAX {
        cx.issues.error(code::TOO_LARGE, Path::root().key("nodes"), format!("{wanted} nodes are too many: at most {NODES_MAX} are possible"));
        return estate;
    }
    let mut taken = BTreeSet::new();
    for (i, node) in scenario.nodes.iter().enumerate() {
        machines(cx, &mut estate, &mut taken, node, book, &Path::root().key("nodes").index(i));
    }
    for (i, node) in scenario.virtual_nodes.iter().enumerate() {
        virtual_node::read(cx, &mut estate, &mut taken, scenario, node, book, &Path::root().key("virtualNodes").index(i));
    }
    pool::read(cx, &mut estate, &mut taken, scenario, book);
    pool::daemon_sets(cx, scenario, &mut estate);
    provider::check_unused(cx, scenario, book);
    estate
}

fn machines(cx: &mut Context<'_>, estate: &mut Estate, taken: &mut BTreeSet<String>, node: &spec::Node, book: Option<&PriceBook>, path: &Path) {
    let tier_name = node.tier.as_ref().unwrap_or(&node.name);
    if node.tier.is_some() {
        names::free(cx, "tier", tier_name, &path.key("tier"));
    }
    let tier = estate.tier(tier_name);
    let zone = zone(cx, node.zone.as_deref(), book, &path.key("zone"));
    names::labels(cx, &node.labels, &path.key("labels"));
    let taints = taints(cx, &node.taints, &path.key("taints"));
    let Some(machine) = machine(cx, node, book, path) else { return };
    for name in expand(cx, taken, &node.name, node.count, path) {
        let mut labels = well_known(&name, &zone, book);
        if let Some(instance_type) = &node.instance_type {
            labels.insert("node.kubernetes.io/instance-type".to_owned(), instance_type.clone());
        }
        labels.extend(node.labels.clone());
        estate.nodes.push(plan::Node {
            name,
            tier,
            zone: zone.clone(),
            labels,
            taints: taints.clone(),
            unschedulable: node.unschedulable,
            kind: NodeKind::Machine(Box::new(machine.clone())),
        });
    }
}

/// One of these machines; none, with an issue, if its price is unknown.
pub(super) fn machine(cx: &mut Context<'_>, node: &spec::Node, book: Option<&PriceBook>, path: &Path) -> Option<Machine> {
    let known = node.instance_type.as_ref().and_then(|name| book?.machines.get(name));
    let size = capacity(cx, node, known, path);
    if known.is_some() && node.capacity.0.keys().any(|name| name == "cpu" || name == "memory") {
        let message = "`capacity` wins over `instanceType`, which still gives the name and the price";
        cx.issues.warning(code::NO_EFFECT, path.key("capacity"), message).with_help("give one of them");
    }
    let max_pods = max_pods(cx, node, size, path);
    let reserved = match &node.reserved {
        None => Reservation::default(),
        Some(ShortOr::Short(policy)) => Reservation { policy: *policy, ..Reservation::default() },
        Some(ShortOr::Full(full)) => full.clone(),
    };
    let reserved = reservation::reserved(&reserved, size.resources, max_pods);
    let capacity = size.resources;
    if reserved.cpu > capacity.cpu || reserved.memory > capacity.memory {
        cx.issues.error(code::TOO_LARGE, path.key("reserved"), "the system keeps more than the machine has");
    }
    let price = machine_price::read(cx, node, known, capacity, book, path);
    let start_up = supply::machine(cx, node.start_up.as_ref(), node.start_up_stages.as_ref(), path);
    Some(Machine { capacity, reserved, max_pods, daemons: plan::Daemons::default(), start_up, price: price? })
}

fn capacity(cx: &mut Context<'_>, node: &spec::Node, known: Option<&MachineType>, path: &Path) -> Sized {
    let place = path.key("capacity");
    let mut size = resources::read(cx, &node.capacity, &place);
    if let Some(machine) = known {
        let given = |name: &str| node.capacity.0.contains_key(name);
        if !given("cpu") {
            size.resources.cpu = machine.cpu.0;
        }
        if !given("memory") {
            size.resources.memory = machine.memory.0;
        }
        if machine.gpu > 0 && !given("nvidia.com/gpu") {
            let gpus = spec::Amounts(BTreeMap::from([("nvidia.com/gpu".to_owned(), crate::text::Text(machine.gpu.to_string().parse().unwrap_or_default()))]));
            size.resources.extended = resources::read(cx, &gpus, &path.key("instanceType")).resources.extended;
        }
    } else if size.resources.cpu.0 == 0 && node.capacity.0.contains_key("cpu") {
        cx.issues.error(code::TOO_SMALL, place.key("cpu"), "a machine has more than 0 CPU");
    } else if size.resources.cpu.0 == 0 && !machine_price::misses_type(node) {
        cx.issues
            .error(code::MISSING, path, format!("the capacity of {} is unknown", quote(&node.name)))
            .with_help("give `capacity: {cpu: …, memory: …}` or an `instanceType` of the price book");
    }
    size
}

fn max_pods(cx: &mut Context<'_>, node: &spec::Node, size: Sized, path: &Path) -> u32 {
    if let (Some(pods), Some(max_pods)) = (size.pods, node.max_pods)
        && pods != max_pods
    {
        cx.issues.error(code::CONFLICT, path.key("maxPods"), format!("`maxPods` is {max_pods} while `capacity.pods` is {pods}")).with_help("give one of them");
    }
    let max_pods = node.max_pods.or(size.pods).unwrap_or(MAX_PODS);
    if max_pods == 0 {
        cx.issues.error(code::TOO_SMALL, path.key("maxPods"), "a node takes at least one pod");
    }
    max_pods
}

/// The names of `count` equal nodes, each new.
pub(super) fn expand(cx: &mut Context<'_>, taken: &mut BTreeSet<String>, name: &str, count: u32, path: &Path) -> Vec<String> {
    names::object(cx, "node", name, &path.key("name"));
    let expanded: Vec<String> = if count == 1 { vec![name.to_owned()] } else { (1..=count).map(|i| format!("{name}-{i}")).collect() };
    if let Some(twice) = expanded.iter().find(|name| taken.contains(*name)) {
        cx.issues.error(code::DUPLICATE_NAME, path.key("name"), format!("there are two nodes named {}", quote(twice)));
    }
    taken.extend(expanded.iter().cloned());
    expanded
}

pub(super) fn taints(cx: &mut Context<'_>, written: &[spec::Taint], path: &Path) -> Vec<plan::Taint> {
    for (i, taint) in written.iter().enumerate() {
        if !names::is_label_key(&taint.key) {
            cx.issues.error(code::BAD_NAME, path.index(i).key("key"), format!("{} cannot be the key of a taint", quote(&taint.key)));
        }
    }
    written.iter().map(|taint| plan::Taint { key: taint.key.clone(), value: taint.value.clone(), effect: effect(taint.effect) }).collect()
}

/// The plan's effect.
pub(super) const fn effect(effect: spec::TaintEffect) -> plan::TaintEffect {
    match effect {
        spec::TaintEffect::NoSchedule => plan::TaintEffect::NoSchedule,
        spec::TaintEffect::PreferNoSchedule => plan::TaintEffect::PreferNoSchedule,
        spec::TaintEffect::NoExecute => plan::TaintEffect::NoExecute,
    }
}

/// The labels that Kubernetes itself sets.
pub(super) fn well_known(name: &str, zone: &str, book: Option<&PriceBook>) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::from([("kubernetes.io/hostname".to_owned(), name.to_owned())]);
    if !zone.is_empty() {
        labels.insert("topology.kubernetes.io/zone".to_owned(), zone.to_owned());
        if let Some(book) = book.filter(|book| in_region(zone, &book.region)) {
            labels.insert("topology.kubernetes.io/region".to_owned(), book.region.clone());
        }
    }
    labels
}

pub(super) fn zone(cx: &mut Context<'_>, zone: Option<&str>, book: Option<&PriceBook>, path: &Path) -> String {
    let Some(zone) = zone else { return String::new() };
    names::free(cx, "zone", zone, path);
    // A zone of the user's own data centre can be called anything; one of another cloud region is probably a slip.
    let foreign = crate::prices::names().filter_map(|name| name.strip_prefix("aliyun-")).find(|region| in_region(zone, region));
    if let (Some(foreign), Some(book)) = (foreign, book)
        && !book.region.is_empty()
        && foreign != book.region
    {
        let message = format!("the zone {} is not in {}, the region of the price book", quote(zone), quote(&book.region));
        cx.issues.warning(code::FOREIGN_ZONE, path, message).with_help(format!("choose `prices: aliyun-{foreign}`"));
    }
    zone.to_owned()
}

/// Whether a zone such as `cn-hangzhou-i` belongs to a region such as `cn-hangzhou`.
fn in_region(zone: &str, region: &str) -> bool {
    !region.is_empty() && zone.strip_prefix(region).is_some_and(|rest| rest.is_empty() || rest.starts_with('-') || (rest.len() == 1))
}
