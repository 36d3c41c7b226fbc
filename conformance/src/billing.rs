//! Bills: a price book, what was used, and what it costs.
//!
//! A case names machine types and providers with their prices, terms, and usages; times are in seconds and amounts are decimals in texts. What is
//! left out is as in the books: by the second, from the accepted creation call to the end, without any rounding.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::billing::spot::SpotSeries;
use sim_core::billing::{Basis, Hours, Invoice, ItemRate, ItemUnit, ItemUse, MachineBilling, Quantity, Reservation, SavingsKind, SavingsPlan};
use sim_core::billing::{ProviderRate, SubscriptionRate, Tariff, TypeRate};
use sim_core::ledger::{Entry, Kind, Ledger};
use sim_core::plan::{BillingStart, BillingStop, InstanceBilling, InstancePrice, InstanceSpec, PriceNote, Purchase, Rounding};
use sim_core::units::{Bytes, Exact, MilliCpu, Money, Span, Time, UnitPrice};

use crate::report::Difference;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bill {
    /// Length of the run; of no matter where everything ends before.
    #[serde(default = "day")]
    end_s: f64,
    /// Time of day at the start, in seconds.
    #[serde(default)]
    clock_s: f64,
    #[serde(default)]
    types: BTreeMap<String, TypeJson>,
    #[serde(default)]
    machine_billing: MachineBillingJson,
    subscription: Option<SubscriptionJson>,
    #[serde(default)]
    providers: BTreeMap<String, ProviderJson>,
    #[serde(default)]
    usages: Vec<UsageJson>,
    #[serde(default)]
    reservations: Vec<ReservationJson>,
    #[serde(default)]
    savings_plans: Vec<SavingsPlanJson>,
    #[serde(default)]
    items: Vec<ItemJson>,
}

const fn day() -> f64 {
    86_400.0
}

const fn one() -> u32 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeJson {
    vcpu: f64,
    price: UnitPrice,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MachineBillingJson {
    granularity_s: f64,
    /// `[[vCPU up to which it holds, seconds], …]`, ascending.
    minimum: Vec<(f64, f64)>,
    lifetime_floor: Option<Money>,
    settled_places: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubscriptionJson {
    pay_hours: u32,
    month_hours: u32,
    year: Option<Exact>,
    three_years: Option<Exact>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderJson {
    vcpu: UnitPrice,
    gib: UnitPrice,
    economy_vcpu: Option<UnitPrice>,
    #[serde(default)]
    start: StartJson,
    #[serde(default)]
    stop: StopJson,
    #[serde(default = "second")]
    granularity_s: f64,
    #[serde(default)]
    minimum_s: f64,
    #[serde(default)]
    sub_cent: bool,
    settled_places: Option<u32>,
    /// vCPU and GiB as which each virtual node itself is billed.
    standing: Option<(f64, f64)>,
}

const fn second() -> f64 {
    1.0
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StartJson {
    Scheduled,
    #[default]
    Created,
    Ready,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StopJson {
    #[default]
    Stopped,
    Deleted,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UsageJson {
    #[serde(default = "one")]
    count: u32,
    /// Machine type; of an instance, the type by which it is billed.
    instance_type: Option<String>,
    /// Provider of an instance.
    provider: Option<String>,
    /// Whether it is a virtual node of the provider and no instance.
    #[serde(default)]
    is_virtual_node: bool,
    vcpu: Option<f64>,
    gib: Option<f64>,
    #[serde(default)]
    economy: bool,
    #[serde(default)]
    purchase: Purchase,
    #[serde(default)]
    zone: String,
    /// Bound to a virtual node, or asked for.
    scheduled_s: Option<f64>,
    /// Image pull or machine start.
    #[serde(default)]
    from_s: f64,
    ready_s: Option<f64>,
    /// End; none for what is in use to the end of the run.
    to_s: Option<f64>,
    deleted_s: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReservationJson {
    instance_type: String,
    count: u32,
    zone: Option<String>,
    price: Option<UnitPrice>,
    #[serde(default)]
    discount: Exact,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SavingsPlanJson {
    #[serde(default = "general")]
    kind: SavingsKind,
    commitment: UnitPrice,
    pay_ratios: BTreeMap<String, Exact>,
}

const fn general() -> SavingsKind {
    SavingsKind::General
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemJson {
    name: String,
    amount: Money,
    /// Seconds that the amount pays for; without them it is for a piece.
    per_s: Option<f64>,
    count: Exact,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "keys of the vector files")]
pub(crate) struct Billed {
    /// The sum of all lines, compared at the digits that are written.
    total: Option<Money>,
    /// The same, to the last of twelve decimals.
    exact: Option<Money>,
    /// Amounts of lines, by item.
    lines: Option<BTreeMap<String, Money>>,
    /// Amounts by how things were bought.
    purchases: Option<BTreeMap<Purchase, Money>>,
    /// Billed seconds of all lines together.
    billed_s: Option<f64>,
}

fn at(s: f64) -> Time {
    Time::ZERO + Span::from_secs_f64(s)
}

fn spec(vcpu: f64, gib: f64) -> InstanceSpec {
    InstanceSpec::general(MilliCpu((vcpu * 1000.0).round() as u64), Bytes((gib * 1_073_741_824.0).round() as u64))
}

impl Bill {
    fn basis(&self) -> Basis {
        let types = self.types.iter().map(|(name, kind)| {
            let rate = TypeRate { cpu: spec(kind.vcpu, 0.0).cpu, memory: Bytes(0), gpus: 0, price: kind.price, spot: None, note: PriceNote::default() };
            (name.clone(), rate)
        });
        let written = &self.machine_billing;
        let machines = MachineBilling {
            granularity: Span::from_secs_f64(written.granularity_s),
            minimum: written.minimum.iter().map(|(vcpu, s)| (spec(*vcpu, 0.0).cpu, Span::from_secs_f64(*s))).collect(),
            lifetime_floor: written.lifetime_floor,
            settled_places: written.settled_places,
        };
        let subscription = self.subscription.as_ref().map(|written| SubscriptionRate {
            pay_hours: written.pay_hours,
            month_hours: written.month_hours,
            year: written.year.clone(),
            three_years: written.three_years.clone(),
            note: PriceNote::default(),
            year_note: PriceNote::default(),
            three_years_note: PriceNote::default(),
        });
        let providers = self.providers.iter().map(|(name, provider)| (name.clone(), provider.rate())).collect();
        let mut basis = Basis {
            tariff: Tariff { currency: "CNY".to_owned(), types: types.collect(), machines, subscription, providers, ..Tariff::default() },
            ..Basis::default()
        };
        basis.terms.reservations = self.reservations.iter().enumerate().map(|(i, written)| written.reservation(i)).collect();
        basis.terms.savings_plans = self
            .savings_plans
            .iter()
            .enumerate()
            .map(|(i, written)| SavingsPlan { name: i.to_string(), kind: written.kind, commitment: written.commitment, pay_ratios: written.pay_ratios.clone() })
            .collect();
        basis.terms.items = self.items.iter().map(ItemJson::item).collect();
        basis.terms.calendar.end = at(self.end_s);
        basis.terms.calendar.clock = Span::from_secs_f64(self.clock_s);
        basis
    }

    fn ledger(&self) -> Result<Ledger, Difference> {
        let mut entries = Vec::new();
        for usage in &self.usages {
            for _ in 0..usage.count {
                let entry = usage.entry(entries.len(), &self.types)?;
                entries.push(entry);
            }
        }
        Ok(entries.into())
    }
}

impl ProviderJson {
    fn rate(&self) -> ProviderRate {
        let price = InstancePrice { vcpu: self.vcpu, gib: self.gib, note: PriceNote::default() };
        let economy = self.economy_vcpu.map(|vcpu| ("economy".to_owned(), InstancePrice { vcpu, ..price.clone() }));
        ProviderRate {
            categories: economy.into_iter().collect(),
            price,
            billing: InstanceBilling {
                start: match self.start {
                    StartJson::Scheduled => BillingStart::Scheduled,
                    StartJson::Created => BillingStart::Created,
                    StartJson::Ready => BillingStart::Ready,
                },
                stop: match self.stop {
                    StopJson::Stopped => BillingStop::Stopped,
                    StopJson::Deleted => BillingStop::Deleted,
                },
                granularity: Span::from_secs_f64(self.granularity_s),
                minimum: Span::from_secs_f64(self.minimum_s),
                sub_cent: self.sub_cent,
                settled_places: self.settled_places,
            },
            standing: self.standing.map(|(vcpu, gib)| spec(vcpu, gib)),
            spot: Vec::new(),
            currency: String::new(),
            specs: Vec::new(),
            steps: None,
            rounding: Rounding::CpuFirst,
            default_spec: spec(2.0, 4.0),
            given: Vec::new(),
        }
    }
}

impl UsageJson {
    fn entry(&self, number: usize, types: &BTreeMap<String, TypeJson>) -> Result<Entry, Difference> {
        let name = self.instance_type.clone().unwrap_or_default();
        let known = types.get(&name);
        if self.provider.is_none() && known.is_none() {
            return Err(Difference::new("input", "a machine of one of the `types`, or an instance of a provider", name));
        }
        let vcpu = self.vcpu.or(known.map(|kind| kind.vcpu)).unwrap_or(0.0);
        let size = spec(vcpu, self.gib.unwrap_or(0.0));
        let kind = match (&self.provider, self.is_virtual_node) {
            (Some(_), true) => Kind::VirtualNode,
            (Some(_), false) => Kind::Instance,
            (None, _) => Kind::Machine,
        };
        let provider = self.provider.clone().unwrap_or_default();
        let item = match kind {
            Kind::Instance if name.is_empty() => format!("{provider} {size}{}", if self.economy { " economy" } else { "" }),
            Kind::Instance => format!("{provider} {name}"),
            _ => name.clone(),
        };
        Ok(Entry {
            resource: number.to_string(),
            node: number.to_string(),
            kind,
            zone: self.zone.clone(),
            provider,
            item,
            instance_type: name,
            category: if self.economy { "economy".to_owned() } else { String::new() },
            purchase: self.purchase,
            cpu_milli: size.cpu.0,
            memory_bytes: size.memory.0,
            request_cpu_milli: size.cpu.0,
            request_memory_bytes: size.memory.0,
            requested: Some(at(self.scheduled_s.unwrap_or(self.from_s))),
            started: Some(at(self.from_s)),
            ready: Some(at(self.ready_s.unwrap_or(self.from_s))),
            stopped: self.to_s.map(at),
            deleted: self.deleted_s.or(self.to_s).map(at),
            ..Entry::default()
        })
    }
}

impl ReservationJson {
    fn reservation(&self, number: usize) -> Reservation {
        Reservation {
            name: number.to_string(),
            instance_type: self.instance_type.clone(),
            count: self.count,
            zone: self.zone.clone(),
            price: self.price,
            discount: self.discount.clone(),
        }
    }
}

impl ItemJson {
    fn item(&self) -> ItemUse {
        let unit = self.per_s.map_or_else(|| ItemUnit::Each("piece".to_owned()), |s| ItemUnit::Time(Span::from_secs_f64(s)));
        let rate = ItemRate { amount: self.amount, unit, prepaid: false, currency: String::new(), note: PriceNote::default() };
        ItemUse { name: self.name.clone(), item: self.name.clone(), rate: Some(rate), quantity: Quantity::Count(self.count.clone()) }
    }
}

/// An amount rounded to the decimals that another one is written with.
fn agrees(what: &str, found: Money, expected: Money) -> Result<(), Difference> {
    let decimals = expected.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len() as u32);
    if found.rounded(decimals) == expected { Ok(()) } else { Err(Difference::new(what, expected.to_string(), found.to_string())) }
}

pub(crate) fn bill(input: &Bill, expect: &Billed) -> Result<(), Difference> {
    let invoice = Invoice::of(&input.ledger()?, &input.basis(), Hours::Together)
        .map_err(|missing| Difference::new("bill", "a price for everything", missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
    if let Some(total) = expect.total {
        agrees("total", invoice.total(), total)?;
    }
    if let Some(exact) = expect.exact.filter(|exact| *exact != invoice.total()) {
        return Err(Difference::new("exact total", exact.to_string(), invoice.total().to_string()));
    }
    for (item, amount) in expect.lines.iter().flatten() {
        let found: Money = invoice.lines.iter().filter(|line| line.item == *item).map(|line| line.amount).sum();
        agrees(&format!("line {item}"), found, *amount)?;
    }
    for (purchase, amount) in expect.purchases.iter().flatten() {
        let found: Money = invoice.lines.iter().filter(|line| line.purchase == *purchase).map(|line| line.amount).sum();
        agrees(purchase.name(), found, *amount)?;
    }
    if let Some(seconds) = expect.billed_s {
        let found: u128 = invoice.lines.iter().map(|line| line.unit_ns).sum();
        if found != u128::from(Span::from_secs_f64(seconds).as_nanos()) {
            return Err(Difference::new("billed seconds", seconds.to_string(), (found as f64 / 1e9).to_string()));
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spot {
    /// `[[seconds, price], …]`, ascending.
    prices: Vec<(f64, UnitPrice)>,
    #[serde(default)]
    start_s: f64,
    protection_s: f64,
    bid: UnitPrice,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpotBilled {
    /// When it is taken away; null for never.
    released_s: Option<f64>,
    /// `[[seconds, what it owes until then], …]`.
    #[serde(default)]
    cumulative: Vec<(f64, Money)>,
}

pub(crate) fn spot(input: &Spot, expect: &SpotBilled) -> Result<(), Difference> {
    let steps = input.prices.iter().map(|(s, price)| (at(*s), *price)).collect();
    let series = SpotSeries { steps, protection: Span::from_secs_f64(input.protection_s), note: PriceNote::default() };
    let start = at(input.start_s);
    let released = series.released(start, input.bid);
    if released != expect.released_s.map(at) {
        return Err(Difference::new("released", format!("{:?}", expect.released_s), format!("{:?}", released.map(Time::as_secs_f64))));
    }
    let free = start.saturating_add(series.protection);
    for (s, amount) in &expect.cumulative {
        let until = released.map_or(at(*s), |released| released.min(at(*s)));
        agrees(&format!("owed at {s} s"), series.amount(start, free, start, until).to_money(), *amount)?;
    }
    Ok(())
}
