//! What the same load would cost on other estates: the question that a planner asks first.

use std::collections::{BTreeMap, BTreeSet};

use super::{Basis, Invoice};
use crate::ledger::{Entry, Kind, Ledger};
use crate::plan::Purchase;
use crate::record::AlternativeSummary;
use crate::units::{Bytes, Exact, MilliCpu, Resources, Time};

/// Alternatives, and for how many hours a day the run's busiest moment may last before nodes that are paid ahead would be cheaper than its instances.
#[derive(Clone, Debug, Default)]
pub struct Alternatives {
    /// Each with its cost over the run.
    pub list: Vec<AlternativeSummary>,
    /// Hours a day; none if the run has no instances or no machines to compare them with.
    pub burst_break_even_hours: Option<f64>,
}

/// Pods of one size.
type Size = (u64, u64);

/// Works the alternatives out: the machines are the commonest of the run's own that have a price.
pub fn alternatives(ledger: &Ledger, basis: &Basis, invoice: &Invoice) -> Alternatives {
    let mut result = Alternatives::default();
    let end = basis.terms.calendar.end;
    let ns = u128::from(basis.terms.calendar.billed_ns());
    if let Some(machine) = commonest(ledger) {
        let nodes = nodes_for_peak(ledger, machine, end);
        let list = basis.tariff.types.get(&machine.instance_type);
        let price = |purchase: Purchase| match machine.price {
            Some(price) if machine.purchase == purchase => Some((price, false)),
            Some(_) => None,
            None if purchase == machine.purchase => basis.tariff.machine_price(machine).map(|priced| (priced.price, priced.note.assumption)),
            None => basis.tariff.by_purchase(list?.price, &list?.note, purchase).map(|priced| (priced.price, priced.note.assumption)),
        };
        for purchase in [Purchase::Owned, Purchase::Subscription, Purchase::PayAsYouGo] {
            // The user's own machines have no price by type, and nothing else has one by ownership.
            if (purchase == Purchase::Owned) != (machine.purchase == Purchase::Owned) && purchase == Purchase::Owned {
                continue;
            }
            if let Some((price, assumption)) = price(purchase).filter(|_| nodes > 0) {
                let cost = price.exact(u128::from(nodes) * ns);
                if purchase == Purchase::Subscription {
                    result.burst_break_even_hours = break_even(ledger, basis, invoice, &cost, end);
                }
                let name = format!("all on {} nodes sized for the peak", purchase.name());
                result.list.push(AlternativeSummary { name, item: machine.item.clone(), nodes, cost: cost.to_money(), assumption });
            }
        }
    }
    for (name, provider) in &basis.tariff.providers {
        if provider.currency.is_empty()
            && let Some(cost) = all_instances(ledger, basis, name)
        {
            let assumption = provider.price.note.assumption;
            result.list.push(AlternativeSummary { name: format!("all on {name}"), item: name.clone(), nodes: 0, cost: cost.to_money(), assumption });
        }
    }
    if let Some(value) = super::value_of(&invoice.currency, basis).ok().filter(|value| *value != Exact::one()) {
        for alternative in &mut result.list {
            alternative.cost = (&Exact::from(alternative.cost) / &value).to_money();
        }
    }
    result
}

/// The machine of which there are most; machines that are paid for before the user's own.
fn commonest(ledger: &Ledger) -> Option<&Entry> {
    let mut counts = BTreeMap::<(bool, &str, Purchase), (u32, &Entry)>::new();
    for entry in ledger.things().filter(|entry| entry.kind == Kind::Machine && entry.request_cpu_milli > 0) {
        counts.entry((entry.purchase != Purchase::Owned, &entry.item, entry.purchase)).or_insert((0, entry)).0 += 1;
    }
    counts.into_iter().max_by_key(|((paid, ..), (count, _))| (*paid, *count)).map(|(_, (_, entry))| entry)
}

/// Machines that hold the pods of the busiest moment: by CPU or by memory, whichever needs more. Large pods are placed first.
fn nodes_for_peak(ledger: &Ledger, machine: &Entry, end: Time) -> u32 {
    // Sizes by number: there are many pods and few sizes.
    let (mut numbers, mut sizes) = (BTreeMap::<Size, u32>::new(), Vec::new());
    let mut events: Vec<(Time, bool, u32)> = Vec::new();
    for pod in ledger.pods() {
        let size = (pod.request_cpu_milli, pod.request_memory_bytes);
        let size = *numbers.entry(size).or_insert_with(|| {
            sizes.push(size);
            sizes.len() as u32 - 1
        });
        // A pod that went at the instant at which it came needs no machine.
        if let Some((from, until)) = pod.requested.map(|from| (from, pod.stopped.unwrap_or(end))).filter(|(from, until)| from < until) {
            events.push((from, true, size));
            events.push((until, false, size));
        }
    }
    events.sort_unstable();
    let mut alive = BTreeMap::<Size, u64>::new();
    let (mut now, mut peaks) = ((0u64, 0u64, 0u64), [(0, BTreeMap::new()), (0, BTreeMap::new()), (0, BTreeMap::new())]);
    for (place, (at, comes, size)) in events.iter().enumerate() {
        let size = sizes[*size as usize];
        let count = alive.entry(size).or_default();
        if *comes {
            *count += 1;
            now = (now.0 + size.0, now.1 + size.1, now.2 + 1);
        } else {
            *count -= 1;
            now = (now.0 - size.0, now.1 - size.1, now.2 - 1);
        }
        if events.get(place + 1).is_some_and(|next| next.0 == *at) {
            continue;
        }
        for (peak, value) in peaks.iter_mut().zip([now.0, now.1, now.2]) {
            if value > peak.0 {
                *peak = (value, alive.clone());
            }
        }
    }
    peaks.iter().map(|(_, pods)| pack(pods, machine)).max().unwrap_or(0)
}

/// First fit by falling size.
fn pack(pods: &BTreeMap<Size, u64>, machine: &Entry) -> u32 {
    // Machines that are alike are kept together: (free CPU, free memory, free pods) -> machines.
    let mut open = BTreeMap::<(u64, u64, u32), u64>::new();
    let mut nodes = 0;
    let room = (machine.request_cpu_milli, machine.request_memory_bytes, machine.max_pods);
    for (size, count) in pods.iter().rev() {
        let fits = |room: &(u64, u64, u32)| room.0 >= size.0 && room.1 >= size.1 && room.2 > 0;
        if !fits(&room) {
            continue;
        }
        for _ in 0..*count {
            let found = open.keys().find(|room| fits(room)).copied();
            let from = found.unwrap_or_else(|| {
                nodes += 1;
                room
            });
            if found.is_some()
                && let Some(count) = open.get_mut(&from)
            {
                *count -= 1;
                if *count == 0 {
                    open.remove(&from);
                }
            }
            *open.entry((from.0 - size.0, from.1 - size.1, from.2 - 1)).or_default() += 1;
        }
    }
    nodes
}

/// What every pod would cost as an instance, from the moment it was bound; none if one is too large.
fn all_instances(ledger: &Ledger, basis: &Basis, name: &str) -> Option<Exact> {
    let (provider, end) = (basis.tariff.providers.get(name)?, basis.terms.calendar.end);
    let mut times = BTreeMap::<Size, u128>::new();
    for pod in ledger.pods() {
        *times.entry((pod.request_cpu_milli, pod.request_memory_bytes)).or_default() += u128::from(pod.in_use(end).as_nanos());
    }
    let fee = |((cpu, memory), ns): (Size, u128)| {
        let spec = provider.spec_for(Resources::new(MilliCpu(cpu), Bytes(memory)))?;
        Some(provider.price.of(spec).exact(ns))
    };
    times.into_iter().map(fee).sum()
}

/// Hours a day for which the instances of the busiest moment cost as much as the machines that would replace them.
fn break_even(ledger: &Ledger, basis: &Basis, invoice: &Invoice, all_ahead: &Exact, end: Time) -> Option<f64> {
    let machines: BTreeSet<&str> = ledger.things().filter(|entry| entry.kind == Kind::Machine).map(|entry| entry.item.as_str()).collect();
    let own: Exact = invoice.lines.iter().filter(|line| line.prepaid && machines.contains(line.item.as_str())).map(|line| Exact::from(line.amount)).sum();
    let mut events: Vec<(Time, bool, Exact)> = Vec::new();
    for entry in ledger.things().filter(|entry| entry.kind == Kind::Instance) {
        let hourly = super::lines::hourly(entry, basis)?;
        events.push((entry.requested?, true, hourly.clone()));
        events.push((entry.stopped.unwrap_or(end), false, hourly));
    }
    events.sort();
    let (mut now, mut peak) = (Exact::zero(), Exact::zero());
    for (_, comes, hourly) in &events {
        if *comes {
            now += hourly;
            peak = peak.max(now.clone());
        } else {
            now -= hourly;
        }
    }
    if peak.is_zero() {
        return None;
    }
    let days = Exact::ratio(i128::from(basis.terms.calendar.billed_ns().max(1)), 86_400_000_000_000);
    Some((&(&(all_ahead - &own) / &days) / &peak).as_f64())
}
