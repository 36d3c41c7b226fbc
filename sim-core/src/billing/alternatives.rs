//! What the same load would cost on other estates: the question that a planner asks first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::{Basis, Invoice};
use crate::ledger::{Entry, Held, Kind, Ledger};
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
    let stay = |pod: &Held<'_>| pod.requested.map(|from| (from, pod.stopped.unwrap_or(end))).filter(|(from, until)| from < until);
    let mut peaks = busiest(ledger.pods().filter_map(|pod| stay(&pod).map(|(from, until)| Stay { from, until, size: size_of(&pod) })).collect());
    peaks.sort_unstable();
    peaks.dedup();
    let there = |at: Time| {
        let mut sizes = BTreeMap::<Size, u64>::new();
        for pod in ledger.pods().filter(|pod| stay(pod).is_some_and(|(from, until)| (from..until).contains(&at))) {
            *sizes.entry(size_of(&pod)).or_default() += 1;
        }
        sizes
    };
    peaks.into_iter().map(|at| pack(&there(at), machine)).max().unwrap_or(0)
}

/// A pod's time on a machine. One that went at the instant at which it came needs none.
struct Stay {
    from: Time,
    until: Time,
    size: Size,
}

/// The first instants at which pods take up most CPU, most memory, and are most.
fn busiest(mut stays: Vec<Stay>) -> Vec<Time> {
    // Pods come nearly in this order.
    stays.sort_by_key(|stay| stay.from);
    let mut leaving = BinaryHeap::<Reverse<(Time, Size)>>::new();
    let (mut now, mut peaks) = ([0u64; 3], [(0, Time::ZERO); 3]);
    for same in stays.chunk_by(|a, b| a.from == b.from) {
        let at = same[0].from;
        while let Some(Reverse((_, size))) = leaving.peek().filter(|next| next.0.0 <= at).copied() {
            leaving.pop();
            now = [now[0] - size.0, now[1] - size.1, now[2] - 1];
        }
        for stay in same {
            leaving.push(Reverse((stay.until, stay.size)));
            now = [now[0] + stay.size.0, now[1] + stay.size.1, now[2] + 1];
        }
        for (peak, value) in peaks.iter_mut().zip(now).filter(|(peak, value)| *value > peak.0) {
            *peak = (value, at);
        }
    }
    peaks.into_iter().filter(|peak| peak.0 > 0).map(|peak| peak.1).collect()
}

/// First fit by falling size, into the machine that has least left.
fn pack(pods: &BTreeMap<Size, u64>, machine: &Entry) -> u32 {
    // Machines that are alike are kept together: (free CPU, free memory, free pods) -> machines.
    let mut open = BTreeMap::<(u64, u64, u32), u64>::new();
    let mut nodes = 0;
    let new = (machine.request_cpu_milli, machine.request_memory_bytes, machine.max_pods);
    for (&(cpu, memory), count) in pods.iter().rev() {
        // A machine that took a pod has least left of those that take the next one: it is filled up.
        let fits = |room: &(u64, u64, u32)| {
            let parts = |free: u64, size: u64| free.checked_div(size).unwrap_or(u64::MAX);
            parts(room.0, cpu).min(parts(room.1, memory)).min(u64::from(room.2))
        };
        let mut left = *count;
        while left > 0 {
            let found = open.iter().find(|(room, _)| fits(room) > 0).map(|(room, machines)| (*room, *machines));
            let (room, machines) = match found {
                Some(found) => found,
                None if fits(&new) == 0 => break,
                None => {
                    let opened = left.div_ceil(fits(&new));
                    nodes += opened as u32;
                    open.insert(new, opened);
                    (new, opened)
                }
            };
            let each = fits(&room);
            let (full, rest) = if left >= each.saturating_mul(machines) { (machines, 0) } else { (left / each, left % each) };
            left -= full * each + rest;
            let filled = full + u64::from(rest > 0);
            if filled == machines {
                open.remove(&room);
            } else {
                open.insert(room, machines - filled);
            }
            for (machines, took) in [(full, each), (u64::from(rest > 0), rest)] {
                if machines > 0 {
                    *open.entry((room.0 - took * cpu, room.1 - took * memory, room.2 - took as u32)).or_default() += machines;
                }
            }
        }
    }
    nodes
}

const fn size_of(pod: &Held<'_>) -> Size {
    (pod.request_cpu_milli, pod.request_memory_bytes)
}

/// What every pod would cost as an instance, from the moment it was bound; none if one is too large.
fn all_instances(ledger: &Ledger, basis: &Basis, name: &str) -> Option<Exact> {
    let (provider, end) = (basis.tariff.providers.get(name)?, basis.terms.calendar.end);
    let mut times = BTreeMap::<Size, u128>::new();
    for pod in ledger.pods() {
        *times.entry(size_of(&pod)).or_default() += u128::from(pod.in_use(end).as_nanos());
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{Size, Stay, busiest, pack};
    use crate::ledger::Entry;
    use crate::units::Time;

    /// First fit, machine by machine: the one with least left of those that take the pod.
    fn one_by_one(pods: &BTreeMap<Size, u64>, machine: &Entry) -> u32 {
        let new = (machine.request_cpu_milli, machine.request_memory_bytes, machine.max_pods);
        let mut rooms: Vec<(u64, u64, u32)> = Vec::new();
        for (size, count) in pods.iter().rev() {
            let fits = |room: &(u64, u64, u32)| room.0 >= size.0 && room.1 >= size.1 && room.2 > 0;
            for _ in 0..if fits(&new) { *count } else { 0 } {
                let place = (0..rooms.len()).filter(|place| fits(&rooms[*place])).min_by_key(|place| rooms[*place]).unwrap_or_else(|| {
                    rooms.push(new);
                    rooms.len() - 1
                });
                rooms[place] = (rooms[place].0 - size.0, rooms[place].1 - size.1, rooms[place].2 - 1);
            }
        }
        rooms.len() as u32
    }

    proptest! {
        #[test]
        fn machines_are_filled_as_one_by_one(pods in prop::collection::btree_map((0u64..9, 0u64..9), 1u64..40, 1..8), cpu in 4u64..20, memory in 4u64..20, max_pods in 1u32..12) {
            let machine = Entry { request_cpu_milli: cpu, request_memory_bytes: memory, max_pods, ..Entry::default() };
            prop_assert_eq!(pack(&pods, &machine), one_by_one(&pods, &machine));
        }

        #[test]
        fn the_busiest_instants_are_those_of_a_count(stays in prop::collection::vec((0u64..30, 1u64..10, 0u64..5, 0u64..5), 1..40)) {
            let stays: Vec<Stay> = stays.into_iter().map(|(from, long, cpu, memory)| Stay { from: Time::from_secs(from), until: Time::from_secs(from + long), size: (cpu, memory) }).collect();
            let sum = |at: u64, amount: fn(&Stay) -> u64| -> u64 { stays.iter().filter(|stay| (stay.from..stay.until).contains(&Time::from_secs(at))).map(amount).sum() };
            let amounts: [fn(&Stay) -> u64; 3] = [|stay| stay.size.0, |stay| stay.size.1, |_| 1];
            let first_peak = |amount: fn(&Stay) -> u64| (0..40).map(|at| (sum(at, amount), at)).filter(|peak| peak.0 > 0).max_by_key(|(sum, at)| (*sum, std::cmp::Reverse(*at)));
            let expected: Vec<Time> = amounts.into_iter().filter_map(first_peak).map(|(_, at)| Time::from_secs(at)).collect();
            prop_assert_eq!(busiest(stays), expected);
        }
    }
}
