//! Worked cases and properties.

mod golden;
mod laws;
mod rules;

use std::collections::BTreeMap;

use super::{Basis, Hours, Invoice, ProviderRate, Tariff, TypeRate};
use crate::ledger::{Entry, Kind, Ledger};
use crate::plan::{BillingStart, BillingStop, InstanceBilling, InstancePrice, InstanceSpec, PriceNote, Purchase, Rounding};
use crate::units::{Bytes, MilliCpu, Money, Span, Time};

pub(super) const HOUR: u64 = 3600;

pub(super) fn spec(milli: u64, mib: u64) -> InstanceSpec {
    InstanceSpec::general(MilliCpu(milli), Bytes(mib << 20))
}

pub(super) fn billing() -> InstanceBilling {
    InstanceBilling {
        start: BillingStart::Created,
        granularity: Span::from_secs(1),
        minimum: Span::ZERO,
        sub_cent: false,
        stop: BillingStop::Stopped,
        settled_places: None,
    }
}

/// A provider with ECI's list prices.
pub(super) fn eci() -> ProviderRate {
    ProviderRate {
        price: InstancePrice { vcpu: "0.000049/s".parse().unwrap(), gib: "0.00000613/s".parse().unwrap(), note: PriceNote::default() },
        categories: BTreeMap::new(),
        billing: billing(),
        standing: None,
        spot: Vec::new(),
        currency: String::new(),
        specs: vec![spec(1000, 2048), spec(2000, 4096)],
        steps: None,
        rounding: Rounding::CpuFirst,
        default_spec: spec(2000, 4096),
        given: Vec::new(),
    }
}

pub(super) fn type_rate(cpu: u64, price: &str) -> TypeRate {
    TypeRate { cpu: MilliCpu(cpu), memory: Bytes::from_gib(8), gpus: 0, price: price.parse().unwrap(), spot: None, note: PriceNote::default() }
}

/// A run of `end` seconds with ECI and these machine types.
pub(super) fn basis(end: u64, types: &[(&str, u64, &str)]) -> Basis {
    let tariff = Tariff {
        currency: "CNY".into(),
        types: types.iter().map(|(name, cpu, price)| ((*name).to_owned(), type_rate(*cpu, price))).collect(),
        providers: BTreeMap::from([("eci".to_owned(), eci())]),
        ..Tariff::default()
    };
    let mut basis = Basis { tariff, tiers: vec!["ecs".into(), "eci".into()], ..Basis::default() };
    basis.terms.calendar.end = Time::from_secs(end);
    basis
}

pub(super) fn machine(name: &str, instance_type: &str, cpu: u64, from: u64, to: Option<u64>) -> Entry {
    Entry {
        resource: name.into(),
        node: name.into(),
        kind: Kind::Machine,
        tier: "ecs".into(),
        item: instance_type.into(),
        instance_type: instance_type.into(),
        cpu_milli: cpu,
        request_cpu_milli: cpu,
        max_pods: 110,
        requested: Some(Time::from_secs(from)),
        started: Some(Time::from_secs(from)),
        ready: Some(Time::from_secs(from)),
        stopped: to.map(Time::from_secs),
        purchase: Purchase::PayAsYouGo,
        ..Entry::default()
    }
}

/// An instance that is ready at once.
pub(super) fn instance(size: InstanceSpec, from: u64, to: Option<u64>) -> Entry {
    Entry {
        resource: "pod".into(),
        node: "vk".into(),
        kind: Kind::Instance,
        tier: "eci".into(),
        workload: "web".into(),
        provider: "eci".into(),
        item: format!("eci {size}"),
        cpu_milli: size.cpu.0,
        memory_bytes: size.memory.0,
        request_cpu_milli: size.cpu.0,
        request_memory_bytes: size.memory.0,
        requested: Some(Time::from_secs(from)),
        started: Some(Time::from_secs(from)),
        ready: Some(Time::from_secs(from)),
        stopped: to.map(Time::from_secs),
        ..Entry::default()
    }
}

pub(super) fn invoice(entries: Vec<Entry>, basis: &Basis) -> Invoice {
    Invoice::of(&Ledger::from(entries), basis, Hours::Together).unwrap()
}

pub(super) fn total(entries: Vec<Entry>, basis: &Basis) -> String {
    invoice(entries, basis).total().to_string()
}

pub(super) fn sum(amounts: impl Iterator<Item = Money>) -> Money {
    amounts.sum()
}
