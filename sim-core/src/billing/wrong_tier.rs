//! Pods that stay on a dear tier while a tier that they prefer has room.

use std::collections::BTreeMap;

use super::Basis;
use crate::ledger::{Entry, Kind, Ledger};
use crate::units::{Exact, Time};

/// Pod time on a later tier while an earlier one had room, and what it cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct WrongTier {
    /// Pod-nanoseconds.
    pub(super) pod_ns: u128,
    /// What the instances of these pods cost in that time.
    pub(super) cost: Exact,
}

/// Room of a machine, in pods of each workload.
struct Room<'a> {
    tier: &'a str,
    cpu: u64,
    memory: u64,
    pods: u32,
}

/// What one workload does at an instant.
#[derive(Clone, Debug, Default)]
struct Standing {
    /// Pods by the place of their tier in the preference.
    pods: Vec<u64>,
    /// Price of all instances in an hour by the place of their tier.
    hourly: Vec<Exact>,
    /// Room for further pods by the place of the tier.
    room: Vec<u64>,
    cpu: u64,
    memory: u64,
}

impl Standing {
    fn fits(&self, room: &Room<'_>) -> u64 {
        let by = |have: u64, need: u64| have.checked_div(need).unwrap_or(u64::MAX);
        by(room.cpu, self.cpu).min(by(room.memory, self.memory)).min(u64::from(room.pods))
    }

    /// Pods that could be on an earlier tier, and what their instances cost in an hour.
    fn misplaced(&self) -> (u64, Exact) {
        let (mut room, mut count, mut cost) = (self.room.clone(), 0, Exact::zero());
        for place in (1..self.pods.len()).rev() {
            let mut here = 0;
            for earlier in &mut room[..place] {
                let taken = (*earlier).min(self.pods[place] - here);
                *earlier -= taken;
                here += taken;
            }
            if here > 0 {
                count += here;
                cost += &self.hourly[place] * &Exact::ratio(i128::from(here), i128::from(self.pods[place]));
            }
        }
        (count, cost)
    }
}

/// Sweeps over the run. Only CPU, memory and the number of pods count, not what else may keep a pod off a machine.
pub(super) fn sweep(ledger: &Ledger, basis: &Basis) -> WrongTier {
    let end = basis.terms.calendar.end;
    let mut workloads = BTreeMap::<&str, (Vec<&str>, Standing)>::new();
    for workload in basis.workloads.iter().filter(|workload| workload.tiers.len() > 1) {
        let tiers: Vec<&str> = workload.tiers.iter().map(String::as_str).collect();
        let size = tiers.len();
        let standing = Standing { pods: vec![0; size], hourly: vec![Exact::zero(); size], room: vec![0; size], cpu: 0, memory: 0 };
        workloads.insert(&workload.name, (tiers, standing));
    }
    if workloads.is_empty() {
        return WrongTier::default();
    }
    let mut events: Vec<(Time, bool, &Entry)> = Vec::new();
    // A preference looks at every pod by itself.
    for entry in &ledger.entries {
        if let Some((_, standing)) = workloads.get_mut(entry.workload.as_str()) {
            (standing.cpu, standing.memory) = (entry.request_cpu_milli, entry.request_memory_bytes);
        }
        let from = if entry.kind == Kind::Machine { entry.ready } else { entry.requested };
        // What went at the instant at which it came was nowhere for any time.
        let until = entry.stopped.unwrap_or(end);
        if let Some(from) = from.filter(|from| entry.kind != Kind::VirtualNode && *from < until) {
            events.push((from, true, entry));
            events.push((until, false, entry));
        }
    }
    // At one instant, what leaves makes room before what comes takes it; machines come before pods.
    events.sort_by_key(|(at, comes, entry)| (*at, *comes, entry.kind));
    let mut rooms = BTreeMap::<&str, Room<'_>>::new();
    let mut result = WrongTier::default();
    let mut last = Time::ZERO;
    for (at, comes, entry) in events {
        let ns = u128::from(at.since(last).as_nanos());
        if ns > 0 {
            let rate = workloads.values().map(|(_, standing)| standing.misplaced()).fold((0, Exact::zero()), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            result.pod_ns += u128::from(rate.0) * ns;
            result.cost += &rate.1 * &Exact::ratio(ns as i128, 3_600_000_000_000);
            last = at;
        }
        if let Some((tiers, standing)) = workloads.get_mut(entry.workload.as_str())
            && let Some(place) = tiers.iter().position(|tier| *tier == entry.tier)
        {
            let price = if entry.kind == Kind::Instance { super::lines::hourly(entry, basis) } else { None };
            let price = price.unwrap_or_default();
            if comes {
                standing.pods[place] += 1;
                standing.hourly[place] += price;
            } else {
                standing.pods[place] -= 1;
                standing.hourly[place] -= &price;
            }
        }
        let before = rooms.get(entry.node.as_str()).map(|room| count(&workloads, room));
        change(&mut rooms, entry, comes);
        let after = rooms.get(entry.node.as_str()).map(|room| count(&workloads, room));
        apply(&mut workloads, &before.unwrap_or_default(), false);
        apply(&mut workloads, &after.unwrap_or_default(), true);
    }
    result
}

/// For each workload, the place of the machine's tier and how many more of its pods would fit.
fn count<'a>(workloads: &BTreeMap<&'a str, (Vec<&str>, Standing)>, room: &Room<'_>) -> Vec<(&'a str, usize, u64)> {
    let fits =
        |(name, (tiers, standing)): (&&'a str, &(Vec<&str>, Standing))| Some((*name, tiers.iter().position(|tier| *tier == room.tier)?, standing.fits(room)));
    workloads.iter().filter_map(fits).collect()
}

fn apply<'a>(workloads: &mut BTreeMap<&'a str, (Vec<&str>, Standing)>, counts: &[(&'a str, usize, u64)], adds: bool) {
    for (name, place, pods) in counts {
        if let Some((_, standing)) = workloads.get_mut(name) {
            let room = &mut standing.room[*place];
            *room = if adds { room.saturating_add(*pods) } else { room.saturating_sub(*pods) };
        }
    }
}

/// A machine comes or goes, or a pod takes or leaves room on it.
fn change<'a>(rooms: &mut BTreeMap<&'a str, Room<'a>>, entry: &'a Entry, comes: bool) {
    let Entry { request_cpu_milli: cpu, request_memory_bytes: memory, .. } = entry;
    match (entry.kind, comes) {
        (Kind::Machine, true) => {
            rooms.insert(&entry.node, Room { tier: &entry.tier, cpu: *cpu, memory: *memory, pods: entry.max_pods });
        }
        (Kind::Machine, false) => {
            rooms.remove(entry.node.as_str());
        }
        (Kind::Pod, _) => {
            if let Some(room) = rooms.get_mut(entry.node.as_str()) {
                let step = |have: u64, need: u64| if comes { have.saturating_sub(need) } else { have + need };
                (room.cpu, room.memory) = (step(room.cpu, *cpu), step(room.memory, *memory));
                room.pods = if comes { room.pods.saturating_sub(1) } else { room.pods + 1 };
            }
        }
        _ => {}
    }
}
