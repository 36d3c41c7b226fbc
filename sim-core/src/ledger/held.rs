//! The ledger as billing reads it: what is billed by itself entry by entry, and pods on machines, of which there are many, as little more than numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::of_run::{start_reason, stop_reason};
use super::{Entry, Kind, Ledger, Life, Lives};
use crate::cluster::Phase;
use crate::plan::Purchase;
use crate::record::Rows;
use crate::units::{Span, Time};

/// A ledger of a run whose pods on machines are not in words yet.
#[derive(Clone, Debug)]
pub(super) struct Reduced {
    /// Machines and virtual nodes.
    pub(super) nodes: Vec<Entry>,
    /// Pods on virtual nodes, each with its place among all pods.
    pub(super) instances: Vec<(u32, Entry)>,
    pub(super) lives: Arc<Lives>,
    /// What ended earlier is left out, and what began earlier cut off.
    pub(super) from: Time,
}

/// A pod on a machine, or what an instance has in common with one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held<'a> {
    pub(crate) node: &'a str,
    pub(crate) workload: &'a str,
    pub(crate) request_cpu_milli: u64,
    pub(crate) request_memory_bytes: u64,
    pub(crate) used_milli_ns: u128,
    pub(crate) requested: Option<Time>,
    pub(crate) started: Option<Time>,
    pub(crate) ready: Option<Time>,
    pub(crate) stopped: Option<Time>,
}

impl Ledger {
    /// A ledger that is put into words when somebody looks.
    pub(super) fn later(reduced: Reduced) -> Self {
        let reduced = Arc::new(reduced);
        let whole = Arc::clone(&reduced);
        Self { entries: Rows::later(move || whole.entries()), reduced: Some(reduced) }
    }

    /// Everything but pods on machines.
    pub(crate) fn things(&self) -> Box<dyn Iterator<Item = &Entry> + '_> {
        match &self.reduced {
            Some(reduced) => Box::new(reduced.nodes.iter().chain(reduced.instances.iter().map(|instance| &instance.1))),
            None => Box::new(self.entries.iter().filter(|entry| entry.kind != Kind::Pod)),
        }
    }

    /// Pods on machines.
    pub(crate) fn held(&self) -> Box<dyn Iterator<Item = Held<'_>> + '_> {
        match &self.reduced {
            Some(reduced) => Box::new(reduced.lives.pods.iter().filter_map(|life| reduced.held(life))),
            None => Box::new(self.entries.iter().filter(|entry| entry.kind == Kind::Pod).map(Held::of)),
        }
    }

    /// Pods on machines and instances.
    pub(crate) fn pods(&self) -> impl Iterator<Item = Held<'_>> + '_ {
        self.held().chain(self.things().filter(|entry| entry.kind == Kind::Instance).map(Held::of))
    }

    /// Pods on machines by the name of their node, by their places: see [`Self::held_at`].
    pub(crate) fn held_by_node(&self) -> BTreeMap<&str, Vec<u32>> {
        let mut by_node = BTreeMap::<&str, Vec<u32>>::new();
        let Some(reduced) = &self.reduced else {
            for (place, entry) in self.entries.iter().enumerate().filter(|(_, entry)| entry.kind == Kind::Pod) {
                by_node.entry(&entry.node).or_default().push(place as u32);
            }
            return by_node;
        };
        // By number first: names are compared once for each node and not for each pod.
        let mut by_number = vec![Vec::new(); reduced.lives.names.nodes.len()];
        for (place, life) in reduced.lives.pods.iter().enumerate() {
            if let Some(node) = life.node.filter(|_| reduced.held(life).is_some()) {
                by_number[node.index()].push(place as u32);
            }
        }
        for (node, pods) in reduced.lives.names.nodes.iter().zip(by_number).filter(|(_, pods)| !pods.is_empty()) {
            by_node.insert(&node.name, pods);
        }
        by_node
    }

    /// The pod on a machine at a place.
    pub(crate) fn held_at(&self, place: u32) -> Held<'_> {
        let held = match &self.reduced {
            Some(reduced) => reduced.held(&reduced.lives.pods[place as usize]),
            None => Some(Held::of(&self.entries[place as usize])),
        };
        held.expect("only pods on machines have a place")
    }

    /// What is in use at `from` or later, and only from there on: nothing that happened before the end of a warm-up is billed.
    #[must_use]
    pub fn since(self, from: Time) -> Self {
        if from == Time::ZERO {
            return self;
        }
        let later = |entry: &Entry| entry.stopped.is_none_or(|stopped| stopped > from);
        let cut = |entry: &mut Entry| {
            for at in [&mut entry.requested, &mut entry.started, &mut entry.ready, &mut entry.stopped, &mut entry.deleted].into_iter().flatten() {
                *at = (*at).max(from);
            }
        };
        let Some(reduced) = &self.reduced else {
            return self
                .entries
                .iter()
                .filter(|entry| later(entry))
                .cloned()
                .map(|mut entry| {
                    cut(&mut entry);
                    entry
                })
                .collect::<Vec<Entry>>()
                .into();
        };
        let mut reduced = Reduced { from, ..Reduced::clone(reduced) };
        reduced.nodes.retain(|entry| later(entry));
        reduced.nodes.iter_mut().for_each(cut);
        reduced.instances.retain(|(_, entry)| later(entry));
        reduced.instances.iter_mut().for_each(|(_, entry)| cut(entry));
        Self::later(reduced)
    }
}

impl From<Vec<Entry>> for Ledger {
    fn from(entries: Vec<Entry>) -> Self {
        Self { entries: entries.into(), reduced: None }
    }
}

impl Reduced {
    /// A pod's part of the ledger; none if it is no pod on a machine, or has none.
    fn held<'a>(&'a self, life: &Life) -> Option<Held<'a>> {
        let (node, requested) = (self.lives.node(life)?, life.scheduled?);
        if node.is_virtual || life.ended.is_some_and(|ended| ended <= self.from && self.from > Time::ZERO) {
            return None;
        }
        let requests = self.lives.names.requests[life.class as usize];
        let cut = |at: Time| at.max(self.from);
        Some(Held {
            node: &node.name,
            workload: &self.lives.names.workloads[life.workload as usize].0,
            request_cpu_milli: requests.cpu.0,
            request_memory_bytes: requests.memory.0,
            used_milli_ns: life.used_milli_ns(),
            requested: Some(cut(requested)),
            started: life.starting.map(cut),
            ready: life.ready.map(cut),
            stopped: life.ended.map(cut),
        })
    }

    /// All entries: nodes, then pods in the order of creation.
    fn entries(&self) -> Vec<Entry> {
        let mut entries = self.nodes.clone();
        let mut instances = self.instances.iter().peekable();
        for (place, life) in self.lives.pods.iter().enumerate() {
            if let Some((_, entry)) = instances.next_if(|(of, _)| *of as usize == place) {
                entries.push(entry.clone());
            }
            entries.extend(self.held(life).map(|held| self.entry(life, held)));
        }
        entries
    }

    fn entry(&self, life: &Life, held: Held<'_>) -> Entry {
        let node = self.lives.node(life);
        Entry {
            resource: self.lives.name(life),
            kind: Kind::Pod,
            tier: node.map_or_else(String::new, |node| node.tier.clone()),
            zone: self.lives.zone(life).to_owned(),
            node: held.node.to_owned(),
            workload: held.workload.to_owned(),
            purchase: Purchase::PayAsYouGo,
            request_cpu_milli: held.request_cpu_milli,
            request_memory_bytes: held.request_memory_bytes,
            used_milli_ns: held.used_milli_ns,
            requested: held.requested,
            started: held.started,
            ready: held.ready,
            stopped: held.stopped,
            deleted: if matches!(life.phase, Phase::Succeeded | Phase::Failed) { None } else { held.stopped },
            start_reason: start_reason(life.preexisting).to_owned(),
            stop_reason: stop_reason(life.phase, life.cause).to_owned(),
            ..Entry::default()
        }
    }
}

impl<'a> Held<'a> {
    pub(super) fn of(entry: &'a Entry) -> Self {
        Self {
            node: &entry.node,
            workload: &entry.workload,
            request_cpu_milli: entry.request_cpu_milli,
            request_memory_bytes: entry.request_memory_bytes,
            used_milli_ns: entry.used_milli_ns,
            requested: entry.requested,
            started: entry.started,
            ready: entry.ready,
            stopped: entry.stopped,
        }
    }

    /// How long it was in use, to `end` if it still is.
    pub(crate) fn in_use(&self, end: Time) -> Span {
        self.requested.map_or(Span::ZERO, |from| self.stopped.unwrap_or(end).since(from))
    }
}
