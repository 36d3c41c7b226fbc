//! The parts of a line: who caused it, where, and what for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::lines::Group;
use super::metered::{Metered, hours};
use super::{Basis, Hours};
use crate::ledger::{Entry, Held, Kind, Ledger};
use crate::plan::InstanceSpec;
use crate::units::{Bytes, MilliCpu, Money, Span, Time, apportion};

/// What a part of the bill was paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// CPU that ready pods used.
    Used,
    /// Requested by ready pods, and not used.
    RequestedIdle,
    /// What instance sizes and minimum times add to what was requested.
    RoundingWaste,
    /// Pods that were not ready yet.
    StartUp,
    /// Machines' CPU that no pod requested.
    Unallocated,
    /// Reserved or committed, and not used.
    CommitmentIdle,
    /// Beside machines and instances.
    Other,
}

impl Class {
    /// Every class, in the order of reports.
    pub const ALL: [Self; 7] = [Self::Used, Self::RequestedIdle, Self::RoundingWaste, Self::StartUp, Self::Unallocated, Self::CommitmentIdle, Self::Other];

    /// The name in summaries and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::RequestedIdle => "requested_idle",
            Self::RoundingWaste => "rounding_waste",
            Self::StartUp => "start_up",
            Self::Unallocated => "unallocated",
            Self::CommitmentIdle => "commitment_idle",
            Self::Other => "other",
        }
    }
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Tier.
    pub tier: String,
    /// Workload, empty for what none caused.
    pub workload: String,
    /// Zone, empty if unknown.
    pub zone: String,
    /// What for.
    pub class: Class,
    /// Clock hour, counted from the midnight before the start; 0 unless hours are told apart.
    pub hour: u32,
    /// Its part of the line's amount.
    pub amount: Money,
}

/// What tells cells of a line apart: tier, workload, zone, class, hour.
pub(super) type Key = (String, String, String, Class, u32);

/// Weights by cell.
pub(super) type Weights = BTreeMap<Key, u128>;

/// Pods by the machine that holds them.
#[derive(Clone, Debug)]
pub(super) struct Holders<'a> {
    ledger: &'a Ledger,
    by_node: BTreeMap<&'a str, Vec<u32>>,
}

impl<'a> Holders<'a> {
    pub(super) fn of(ledger: &'a Ledger) -> Self {
        Self { ledger, by_node: ledger.held_by_node() }
    }

    /// The pods on a machine.
    fn on(&self, node: &str) -> impl Iterator<Item = Held<'a>> + use<'a, '_> {
        let ledger = self.ledger;
        self.by_node.get(node).into_iter().flatten().map(move |place| ledger.held_at(*place))
    }
}

/// Cells that share `amount` by their weights.
pub(super) fn apportioned(amount: Money, weights: Weights) -> Vec<Cell> {
    let parts = apportion(amount, &weights.values().copied().collect::<Vec<_>>());
    let cell = |((tier, workload, zone, class, hour), amount)| Cell { tier, workload, zone, class, hour, amount };
    let mut cells: Vec<Cell> = weights.into_keys().zip(parts).map(cell).collect();
    // What has no weight at all is nobody's.
    if cells.iter().map(|cell| cell.amount).sum::<Money>() != amount {
        cells = vec![Cell { tier: String::new(), workload: String::new(), zone: String::new(), class: Class::Other, hour: 0, amount }];
    }
    cells
}

/// The weights of a line of machines or instances.
pub(super) fn of_usages(group: &Group<'_>, basis: &Basis, holders: &Holders<'_>, by: Hours) -> Weights {
    let mut sheet = Sheet { weights: Vec::new(), index: BTreeMap::new(), clock: basis.terms.calendar.clock, by };
    for usage in &group.usages {
        match usage.entry.kind {
            Kind::Machine => machine(&mut sheet, usage, holders, basis),
            _ => instance(&mut sheet, usage, basis),
        }
    }
    let mut weights: Weights = BTreeMap::new();
    for ((tier, workload, zone, class, hour), place) in &sheet.index {
        let weight = sheet.weights[*place];
        if weight > 0 {
            weights.insert(((*tier).to_owned(), (*workload).to_owned(), (*zone).to_owned(), *class, *hour), weight);
        }
    }
    if weights.is_empty() {
        // A machine that can hold no pod at all is idle altogether.
        let entry = group.first();
        weights.insert((entry.tier.clone(), String::new(), entry.zone.clone(), Class::Unallocated, 0), 1);
    }
    weights
}

/// Weights under construction, without a copy of every name.
struct Sheet<'a> {
    weights: Vec<u128>,
    index: BTreeMap<(&'a str, &'a str, &'a str, Class, u32), usize>,
    clock: Span,
    by: Hours,
}

impl<'a> Sheet<'a> {
    /// Spreads `weight` evenly over [`from`, `to`).
    fn add(&mut self, entry: &'a Entry, workload: &'a str, class: Class, (from, to): (Time, Time), weight: u128) {
        if weight == 0 {
            return;
        }
        if self.by == Hours::Together || from >= to {
            self.put((&entry.tier, workload, &entry.zone, class, 0), weight);
            return;
        }
        let length = u128::from(to.since(from).as_nanos());
        let mut given = 0;
        for (hour, _, until) in hours(self.clock, from, to) {
            let due = mul_div(weight, u128::from(until.since(from).as_nanos()), length);
            self.put((&entry.tier, workload, &entry.zone, class, hour), due - given);
            given = due;
        }
    }

    fn put(&mut self, key: (&'a str, &'a str, &'a str, Class, u32), weight: u128) {
        let next = self.weights.len();
        let place = *self.index.entry(key).or_insert(next);
        if place == next {
            self.weights.push(0);
        }
        self.weights[place] += weight;
    }
}

/// `value * part / whole`, rounded down, without overflow for the sizes that occur here.
fn mul_div(value: u128, part: u128, whole: u128) -> u128 {
    value.checked_mul(part).map_or_else(|| value / whole * part, |product| product / whole)
}

/// A machine's line is shared by the CPU that pods request of it; what none requests is unallocated.
fn machine<'a>(sheet: &mut Sheet<'a>, usage: &Metered<'a>, holders: &Holders<'a>, basis: &Basis) {
    let machine = usage.entry;
    let end = basis.terms.calendar.end;
    // Per hour, so that what is left over is left over in its own hour.
    let mut held: Vec<(Time, Time, u128)> = Vec::new();
    for pod in holders.on(&machine.node) {
        let from = pod.requested.unwrap_or(end).max(usage.from);
        let to = pod.stopped.unwrap_or(end).min(usage.to);
        if from >= to {
            continue;
        }
        let cpu = u128::from(pod.request_cpu_milli);
        let weight = |from: Time, to: Time| cpu * u128::from(to.since(from).as_nanos());
        let ready = pod.ready.unwrap_or(to).clamp(from, to);
        let run = weight(ready, to);
        let used = pod.used_milli_ns.min(run);
        sheet.add(machine, pod.workload, Class::StartUp, (from, ready), weight(from, ready));
        sheet.add(machine, pod.workload, Class::Used, (ready, to), used);
        sheet.add(machine, pod.workload, Class::RequestedIdle, (ready, to), run - used);
        held.push((from, to, weight(from, to)));
    }
    let until = usage.until();
    let capacity = |from: Time, to: Time| u128::from(machine.request_cpu_milli) * u128::from(to.since(from).as_nanos());
    if sheet.by == Hours::Together {
        let taken: u128 = held.iter().map(|(_, _, weight)| weight).sum();
        sheet.add(machine, "", Class::Unallocated, (usage.from, until), capacity(usage.from, until).saturating_sub(taken));
        return;
    }
    let mut taken = BTreeMap::<u32, u128>::new();
    for (from, to, weight) in held {
        let length = u128::from(to.since(from).as_nanos());
        for (hour, from, to) in hours(sheet.clock, from, to) {
            *taken.entry(hour).or_default() += weight * u128::from(to.since(from).as_nanos()) / length;
        }
    }
    for (hour, from, to) in hours(sheet.clock, usage.from, until) {
        let left = capacity(from, to).saturating_sub(taken.get(&hour).copied().unwrap_or_default());
        sheet.add(machine, "", Class::Unallocated, (from, to), left);
    }
}

/// An instance's line is shared by time: until it was ready, then by what was requested of its size and what of that was used, then what minimum and
/// granularity add.
fn instance<'a>(sheet: &mut Sheet<'a>, usage: &Metered<'a>, basis: &Basis) {
    let entry = usage.entry;
    let (from, to) = (usage.from, usage.to);
    let ready = entry.ready.unwrap_or(to).clamp(from, to);
    let run = u128::from(to.since(ready).as_nanos());
    let (part, whole) = requested_share(entry, basis);
    let requested = mul_div(run, part, whole);
    let cpu = if entry.request_cpu_milli == 0 { entry.cpu_milli } else { entry.request_cpu_milli };
    let asked = (u128::from(cpu) * run).max(1);
    let used = mul_div(requested, entry.used_milli_ns.min(asked), asked);
    let workload = entry.workload.as_str();
    sheet.add(entry, workload, Class::StartUp, (from, ready), u128::from(ready.since(from).as_nanos()));
    sheet.add(entry, workload, Class::Used, (ready, to), used);
    sheet.add(entry, workload, Class::RequestedIdle, (ready, to), requested - used);
    sheet.add(entry, workload, Class::RoundingWaste, (ready, to), run - requested);
    sheet.add(entry, workload, Class::RoundingWaste, (to, usage.until()), u128::from(usage.until().since(to).as_nanos()));
}

/// The share of an instance that its pod requested: by price for one billed by size, by the scarcer of CPU and memory for one billed by type.
fn requested_share(entry: &Entry, basis: &Basis) -> (u128, u128) {
    if entry.request_cpu_milli == 0 && entry.request_memory_bytes == 0 {
        return (1, 1);
    }
    let spec = InstanceSpec::general(MilliCpu(entry.cpu_milli), Bytes(entry.memory_bytes));
    let request = InstanceSpec::general(MilliCpu(entry.request_cpu_milli), Bytes(entry.request_memory_bytes));
    if entry.instance_type.is_empty()
        && let Some(price) = basis.tariff.size_price(&entry.provider, &entry.category)
    {
        let (part, whole) = (price.weight(request), price.weight(spec));
        return if whole == 0 { (1, 1) } else { (part.min(whole), whole) };
    }
    let [cpu, memory] =
        [(request.cpu.0, spec.cpu.0), (request.memory.0, spec.memory.0)].map(|(part, whole)| (u128::from(part.min(whole)), u128::from(whole.max(1))));
    if cpu.0 * memory.1 >= memory.0 * cpu.1 { cpu } else { memory }
}
