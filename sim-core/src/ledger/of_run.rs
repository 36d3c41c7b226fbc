//! Reads the ledger off the state at the end of a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::held::Reduced;
use super::{Entry, Kind, Ledger, Lives};
use crate::cluster::{Cause, NodeLife, Phase, Pod};
use crate::id::{Id, Table};
use crate::plan::{MachinePrice, Market, Node, NodeKind, NodePool, Offer, Plan, Purchase, SpecClass, SpotTerms, SpotWish};
use crate::units::Time;

/// What a pod's entry needs besides its record.
#[derive(Clone, Debug)]
pub(crate) struct About {
    /// Its workload's place among services, then jobs.
    pub(crate) workload: usize,
    /// Its name.
    pub(crate) name: String,
    /// CPU that it used, in milliCPU-nanoseconds.
    pub(crate) used_milli_ns: u128,
    /// The zone that it runs in.
    pub(crate) zone: String,
    /// How it bids on the spot market, if it does.
    pub(crate) spot: Option<SpotWish>,
    /// When what it ran on stopped under it, if that was before it ended.
    pub(crate) stopped: Option<Time>,
}

impl Ledger {
    /// What a run of `plan` is billed for: machines, virtual nodes and instances. Pods on machines cost nothing themselves, and are left out.
    pub(crate) fn of_things(plan: &Plan, machines: &[NodeLife], pods: &Table<Pod>, about: impl Fn(Id<Pod>) -> About) -> Self {
        let mut entries = of_nodes(plan, machines);
        entries.extend(pods.iter().filter(|(_, pod)| pod.spec.is_some()).filter_map(|(id, pod)| of_pod(plan, pod, about(id))));
        let ledger = Self::from(entries);
        ledger.assert_conserved(plan.end());
        ledger
    }

    /// The ledger of a run that is over, from `from` on; `instances` are the entries of pods on virtual nodes, each with its pod's place.
    pub(crate) fn of_lives(plan: &Plan, machines: &[NodeLife], lives: Arc<Lives>, instances: Vec<(u32, Entry)>, from: Time) -> Self {
        let ledger = Self::later(Reduced { nodes: of_nodes(plan, machines), instances, lives, from: Time::ZERO });
        ledger.assert_conserved(plan.end());
        ledger.since(from)
    }
}

/// Entries of all nodes.
fn of_nodes(plan: &Plan, machines: &[NodeLife]) -> Vec<Entry> {
    let mut come_and_go = BTreeMap::<Id<Node>, (&NodePool, Vec<&NodeLife>)>::new();
    for pool in plan.pools.values() {
        come_and_go.extend(pool.offers.iter().flat_map(Offer::nodes).map(|node| (node, (pool, Vec::new()))));
    }
    for life in machines {
        if let Some((_, lives)) = come_and_go.get_mut(&life.node) {
            lives.push(life);
        }
    }
    let mut entries: Vec<Entry> = Vec::new();
    for node in plan.nodes.ids() {
        let entry = of_node(plan, node);
        let Some((pool, lives)) = come_and_go.get(&node) else {
            entries.push(entry);
            continue;
        };
        let entry = Entry { pool: pool.name.clone(), ..entry };
        if pool.keeps_machines {
            entries.extend(kept(&entry, lives));
        } else {
            entries.extend(lives.iter().map(|life| of_spot(of_life(&entry, life), pool.spot)));
        }
    }
    entries
}

/// The entry of a machine that came and perhaps went.
fn of_life(node: &Entry, life: &NodeLife) -> Entry {
    Entry {
        requested: Some(life.asked),
        started: Some(life.asked),
        ready: life.ready,
        stopped: life.released,
        deleted: life.released,
        start_reason: life.came.to_owned(),
        stop_reason: life.went.to_owned(),
        ..node.clone()
    }
}

/// The entry of a machine that was bought on the spot market, if it was.
fn of_spot(machine: Entry, terms: Option<SpotTerms>) -> Entry {
    let Some(terms) = terms else { return machine };
    let protected = machine.started.map(|from| from.saturating_add(terms.protection));
    Entry { bid: terms.bid, protected, ..machine }
}

/// The entry of a machine that is paid for until the end, however often it left the cluster and came back.
fn kept(node: &Entry, lives: &[&NodeLife]) -> Option<Entry> {
    let first = lives.first()?;
    let ready = lives.iter().filter_map(|life| life.ready).min();
    Some(Entry { ready, stopped: None, deleted: None, stop_reason: String::new(), ..of_life(node, first) })
}

fn of_node(plan: &Plan, id: Id<Node>) -> Entry {
    let node = &plan.nodes[id];
    let entry = Entry {
        resource: node.name.clone(),
        tier: plan.tiers[node.tier].name.clone(),
        zone: node.zone.clone(),
        node: node.name.clone(),
        requested: Some(Time::ZERO),
        started: Some(Time::ZERO),
        ready: Some(Time::ZERO),
        start_reason: "there at the start".to_owned(),
        ..Entry::default()
    };
    match &node.kind {
        NodeKind::Machine(machine) => {
            let MachinePrice { item, instance_type, purchase, price, .. } = &machine.price;
            let allocatable = machine.allocatable().saturating_sub(machine.daemons.requests);
            let mut entry = Entry {
                kind: Kind::Machine,
                item: item.clone(),
                instance_type: instance_type.clone(),
                purchase: *purchase,
                cpu_milli: machine.capacity.cpu.0,
                memory_bytes: machine.capacity.memory.0,
                request_cpu_milli: allocatable.cpu.0,
                request_memory_bytes: allocatable.memory.0,
                max_pods: machine.max_pods.saturating_sub(machine.daemons.pods),
                ..entry
            };
            // A price that the book has is not repeated, so that another book can change it.
            if plan.tariff.machine_price(&entry).is_none_or(|known| known.price != *price) {
                entry.price = Some(*price);
            }
            entry
        }
        NodeKind::Virtual(virtual_node) => {
            // Its component registers it, and is paid for from then on.
            let from = (virtual_node.from <= plan.end()).then_some(virtual_node.from);
            let provider = plan.providers[virtual_node.provider].name.clone();
            Entry { kind: Kind::VirtualNode, provider, requested: from, started: from, ready: from, ..entry }
        }
    }
}

/// The entry of a pod; none for one that was never bound.
pub(crate) fn of_pod(plan: &Plan, pod: &Pod, about: About) -> Option<Entry> {
    let (node_id, scheduled) = (pod.node?, pod.scheduled?);
    let node = &plan.nodes[node_id];
    let template = plan.template(pod.class);
    let mut entry = Entry {
        resource: about.name,
        kind: Kind::Pod,
        tier: plan.tiers[node.tier].name.clone(),
        zone: about.zone,
        node: node.name.clone(),
        workload: plan.workload_name(about.workload).to_owned(),
        purchase: Purchase::PayAsYouGo,
        request_cpu_milli: template.requests.cpu.0,
        request_memory_bytes: template.requests.memory.0,
        used_milli_ns: about.used_milli_ns,
        requested: Some(scheduled),
        started: pod.starting,
        ready: pod.ready,
        stopped: pod.ended,
        deleted: if matches!(pod.phase, Phase::Succeeded | Phase::Failed) { None } else { pod.ended },
        start_reason: start_reason(pod.preexisting).to_owned(),
        stop_reason: stop_reason(pod.phase, pod.cause).to_owned(),
        ..Entry::default()
    };
    if let NodeKind::Virtual(virtual_node) = &node.kind {
        let provider = &plan.providers[virtual_node.provider];
        // Its meter stops with it, whenever Kubernetes takes notice.
        entry.stopped = about.stopped.or(entry.stopped);
        // One that is still looked for has none yet, and is not billed.
        let spec = pod.spec.as_deref().copied().unwrap_or(provider.default_spec);
        entry.kind = Kind::Instance;
        entry.provider.clone_from(&provider.name);
        entry.item = format!("{} {}", provider.name, provider.spec_name(spec));
        match spec.class {
            SpecClass::General => {}
            SpecClass::Economy => "economy".clone_into(&mut entry.category),
            SpecClass::Type(place) => entry.instance_type.clone_from(&provider.supply.types[usize::from(place)].name),
        }
        (entry.cpu_milli, entry.memory_bytes) = (spec.cpu.0, spec.memory.0);
        if let Some(wish) = about.spot.filter(|_| pod.market == Market::Spot) {
            entry.purchase = Purchase::Spot;
            entry.bid = wish.limit;
            entry.protected = pod.starting.map(|from| from.saturating_add(wish.protection));
        }
    } else {
        assert!(pod.spec.is_none(), "a pod has an instance exactly on a virtual node");
    }
    Some(entry)
}

/// Why a pod's use began.
pub(super) const fn start_reason(preexisting: bool) -> &'static str {
    if preexisting { "there at the start" } else { "created" }
}

/// Why a pod's use ended.
pub(super) const fn stop_reason(phase: Phase, cause: Option<Cause>) -> &'static str {
    match (phase, cause) {
        (Phase::Succeeded, _) => "succeeded",
        (Phase::Terminated | Phase::Failed, Some(cause)) => cause.name(),
        (Phase::Failed, None) => "failed",
        (Phase::Terminated, None) => "removed",
        _ => "",
    }
}
