//! A price book as billing reads it: every price with its unit, and the rules by which fees are made of prices.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::spot::SpotSeries;
use crate::ledger::Entry;
use crate::plan::{InstanceBilling, InstancePrice, InstanceSpec, NodeKind, Plan, PriceNote, Provider, Purchase, Rounding, SizeSteps, SpotPrice, fitting};
use crate::units::{Bytes, Exact, MilliCpu, Money, Resources, Span, Time, UnitPrice};

/// A price book with everything resolved.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tariff {
    /// Name of the book.
    pub book: String,
    /// Region that it is for.
    pub region: String,
    /// Currency of every price that names no other, an ISO 4217 code.
    pub currency: String,
    /// When the prices were read.
    pub date: String,
    /// Machine types.
    pub types: BTreeMap<String, TypeRate>,
    /// What a machine costs that is paid ahead.
    pub subscription: Option<SubscriptionRate>,
    /// What the user's own machines cost by size.
    pub owned: Option<InstancePrice>,
    /// When machines that are paid by use are billed.
    pub machines: MachineBilling,
    /// Providers of instances.
    pub providers: BTreeMap<String, ProviderRate>,
    /// What the spot market asks for machines of pools, which are named as on the invoice. Without any they cost their full price.
    pub spot_machines: Vec<SpotRate>,
    /// What else can be had: load balancers, traffic, storage.
    pub items: BTreeMap<String, ItemRate>,
    /// Share of the list price that is paid under a savings plan, by machine type, family, provider, or `*`.
    pub pay_ratios: BTreeMap<String, PayRatio>,
    /// Other currencies: what one unit is worth in the book's own.
    pub rates: BTreeMap<String, CurrencyRate>,
}

/// A machine type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypeRate {
    /// CPU.
    pub cpu: MilliCpu,
    /// Memory.
    pub memory: Bytes,
    /// GPUs.
    #[serde(default)]
    pub gpus: u32,
    /// Pay-as-you-go price of one machine.
    pub price: UnitPrice,
    /// Price as a spot instance, if it is known.
    #[serde(default)]
    pub spot: Option<SpotSeries>,
    /// Where the price comes from.
    #[serde(default)]
    pub note: PriceNote,
}

/// What a machine costs that is paid ahead, in terms of its pay-as-you-go price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionRate {
    /// Hours of the pay-as-you-go price that a month costs.
    pub pay_hours: u32,
    /// Hours of the month that they pay for.
    pub month_hours: u32,
    /// What a year costs, as a share of twelve months.
    pub year: Option<Exact>,
    /// What three years cost, as a share of 36 months.
    pub three_years: Option<Exact>,
    /// Where the ratio comes from.
    pub note: PriceNote,
    /// Where the discount of a year comes from.
    pub year_note: PriceNote,
    /// Where the discount of three years comes from.
    pub three_years_note: PriceNote,
}

/// When a machine that is paid by use is billed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MachineBilling {
    /// Each machine's time is rounded up to a multiple of this; zero for none.
    pub granularity: Span,
    /// Least time billed by size: (CPU up to which it holds, time), ascending; nothing above the last.
    pub minimum: Vec<(MilliCpu, Span)>,
    /// Least fee over a machine's life.
    pub lifetime_floor: Option<Money>,
    /// Decimals to which each settled bill is rounded: the fee of one machine in one clock hour.
    pub settled_places: Option<u32>,
}

/// A provider of instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProviderRate {
    /// Prices by size.
    pub price: InstancePrice,
    /// Prices of other compute categories, for instance `economy`.
    #[serde(default)]
    pub categories: BTreeMap<String, InstancePrice>,
    /// When the meter runs and how a fee is rounded.
    pub billing: InstanceBilling,
    /// The size as which each virtual node itself is billed all its life.
    #[serde(default)]
    pub standing: Option<InstanceSpec>,
    /// What the spot market asks; the first entry that is about an instance counts. Without any an instance costs its full price.
    #[serde(default)]
    pub spot: Vec<SpotRate>,
    /// Currency of the prices; empty for the book's.
    #[serde(default)]
    pub currency: String,
    /// Sizes on offer, ascending.
    #[serde(default)]
    pub specs: Vec<InstanceSpec>,
    /// Further ones, in steps.
    #[serde(default)]
    pub steps: Option<SizeSteps>,
    /// Which size serves a request.
    pub rounding: Rounding,
    /// The size of a pod that requests nothing.
    pub default_spec: InstanceSpec,
    /// What the scenario says itself, so that another book does not change it: `price`, `specs`, `rounding`, `start`, `stop`, `granularity`, …
    #[serde(default)]
    pub given: Vec<String>,
}

/// The price of instances on the spot market.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpotRate {
    /// Zone; none for all.
    pub zone: Option<String>,
    /// Machine type; none for all.
    pub instance_type: Option<String>,
    /// The pool whose machines it is for; none for all.
    #[serde(default)]
    pub pool: Option<String>,
    /// The price from each time on; ascending, the first at zero.
    pub steps: Vec<(Time, SpotStep)>,
}

/// A price on the spot market.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SpotStep {
    /// Of one instance.
    Amount(UnitPrice),
    /// A share of the full price.
    Share(Exact),
}

/// Something that can be had beside machines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemRate {
    /// Amount for one unit.
    pub amount: Money,
    /// What the amount is for.
    pub unit: ItemUnit,
    /// Whether it is paid ahead.
    #[serde(default)]
    pub prepaid: bool,
    /// Currency; empty for the book's.
    #[serde(default)]
    pub currency: String,
    /// Where the price comes from.
    #[serde(default)]
    pub note: PriceNote,
}

/// What an item's price is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ItemUnit {
    /// So much time, used or not.
    Time(Span),
    /// One unit of this name, for instance `GiB`.
    Each(String),
}

/// Share of the list price that is paid under a savings plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayRatio {
    /// The share.
    pub ratio: Exact,
    /// Where it comes from.
    #[serde(default)]
    pub note: PriceNote,
}

/// What one unit of a currency is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrencyRate {
    /// In units of the book's own currency.
    pub value: Exact,
    /// Where it comes from.
    #[serde(default)]
    pub note: PriceNote,
}

/// A price with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    /// The price.
    pub price: UnitPrice,
    /// Its origin.
    pub note: PriceNote,
}

impl Tariff {
    /// The tariff with the providers of a plan, which hold what a scenario changes.
    #[must_use]
    pub fn with_providers<'a>(mut self, providers: impl Iterator<Item = &'a Provider>) -> Self {
        for provider in providers {
            let known = self.providers.remove(&provider.name);
            self.providers.insert(provider.name.clone(), ProviderRate::of(provider, known));
            for known in &provider.supply.types {
                let rate = || TypeRate {
                    cpu: known.resources.cpu,
                    memory: known.resources.memory,
                    gpus: known.resources.extended.first().map_or(0, |gpus| *gpus as u32),
                    price: known.price,
                    spot: None,
                    note: known.note.clone(),
                };
                if known.note.given {
                    self.types.insert(known.name.clone(), rate());
                } else {
                    self.types.entry(known.name.clone()).or_insert_with(rate);
                }
            }
        }
        self
    }

    /// The tariff with what a scenario says of the spot market for machines of its pools.
    #[must_use]
    pub fn with_spot_machines(mut self, plan: &Plan) -> Self {
        let markets = plan.pools.values().filter(|pool| pool.spot.is_some()).flat_map(|pool| pool.offers.iter().map(move |offer| (pool, offer)));
        for (pool, offer) in markets.filter(|(_, offer)| !offer.spot.is_empty()) {
            let Some(NodeKind::Machine(machine)) = offer.nodes().next().map(|node| &plan.nodes[node].kind) else { continue };
            let steps = offer.spot.iter().map(|(at, price)| (*at, SpotStep::from(*price))).collect();
            let (zone, instance_type, pool) = (Some(offer.zone.clone()), Some(machine.price.item.clone()), Some(pool.name.clone()));
            self.spot_machines.push(SpotRate { zone, instance_type, pool, steps });
        }
        self
    }

    /// What the spot market asks for a machine whose full price is `full`.
    pub(super) fn machine_spot(&self, entry: &Entry, full: &Priced) -> SpotSeries {
        let rate = self.spot_machines.iter().find(|rate| rate.is_about(&entry.item, &entry.zone, &entry.pool));
        let steps = rate.map_or_else(|| vec![(Time::ZERO, full.price)], |rate| rate.steps.iter().map(|(at, step)| (*at, step.of(full.price))).collect());
        SpotSeries { steps, protection: Span::ZERO, note: full.note.clone() }
    }

    /// The price of one machine by this book, none if it has none.
    pub fn machine_price(&self, entry: &Entry) -> Option<Priced> {
        if entry.purchase == Purchase::Owned {
            let owned = self.owned.as_ref()?;
            let spec = InstanceSpec::general(MilliCpu(entry.cpu_milli), Bytes(entry.memory_bytes));
            return Some(Priced { price: owned.of(spec), note: owned.note.clone() });
        }
        let rate = self.types.get(&entry.instance_type)?;
        self.by_purchase(rate.price, &rate.note, entry.purchase)
    }

    /// What a machine of this pay-as-you-go price costs when it is bought otherwise.
    pub fn by_purchase(&self, list: UnitPrice, note: &PriceNote, purchase: Purchase) -> Option<Priced> {
        let paid_ahead = |factor: Option<&Exact>, note: &PriceNote| {
            let subscription = self.subscription.as_ref()?;
            let month = list.scaled(i128::from(subscription.pay_hours), i128::from(subscription.month_hours));
            Some(Priced { price: factor.map_or(month, |factor| month.times(factor)), note: note.clone() })
        };
        let subscription = self.subscription.as_ref();
        match purchase {
            Purchase::Subscription => paid_ahead(None, &subscription?.note),
            Purchase::SubscriptionYear => paid_ahead(Some(subscription?.year.as_ref()?), &worse(&subscription?.note, &subscription?.year_note)),
            Purchase::SubscriptionThreeYears => {
                paid_ahead(Some(subscription?.three_years.as_ref()?), &worse(&subscription?.note, &subscription?.three_years_note))
            }
            _ => Some(Priced { price: list, note: note.clone() }),
        }
    }

    /// The price of an instance: of its machine type if it is billed by that, else of its size.
    pub fn instance_price(&self, entry: &Entry) -> Option<Priced> {
        if !entry.instance_type.is_empty() {
            let rate = self.types.get(&entry.instance_type)?;
            return Some(Priced { price: rate.price, note: rate.note.clone() });
        }
        let price = self.size_price(&entry.provider, &entry.category)?;
        let spec = InstanceSpec::general(MilliCpu(entry.cpu_milli), Bytes(entry.memory_bytes));
        Some(Priced { price: price.of(spec), note: price.note.clone() })
    }

    /// Prices by size of a provider's compute category.
    pub fn size_price(&self, provider: &str, category: &str) -> Option<&InstancePrice> {
        let provider = self.providers.get(provider)?;
        if category.is_empty() { Some(&provider.price) } else { provider.categories.get(category) }
    }

    /// What one unit of a currency is worth in the book's own; one for the book's own and for the empty name.
    pub fn rate(&self, currency: &str) -> Option<Exact> {
        if currency.is_empty() || currency == self.currency { Some(Exact::one()) } else { self.rates.get(currency).map(|rate| rate.value.clone()) }
    }
}

impl SpotRate {
    /// Whether it is about something of this type in this zone, of this pool if it is a pool's.
    fn is_about(&self, instance_type: &str, zone: &str, pool: &str) -> bool {
        let is = |of: &Option<String>, what: &str| of.as_deref().is_none_or(|of| of == what);
        is(&self.zone, zone) && is(&self.instance_type, instance_type) && is(&self.pool, pool)
    }
}

impl SpotStep {
    /// The price of what costs `full` elsewhere.
    fn of(&self, full: UnitPrice) -> UnitPrice {
        match self {
            Self::Amount(price) => *price,
            Self::Share(share) => full.times(share),
        }
    }
}

impl From<SpotPrice> for SpotStep {
    fn from(price: SpotPrice) -> Self {
        match price {
            SpotPrice::Amount(price) => Self::Amount(price),
            SpotPrice::Share(millionths) => Self::Share(Exact::ratio(i128::from(millionths), 1_000_000)),
        }
    }
}

impl ProviderRate {
    fn of(provider: &Provider, known: Option<Self>) -> Self {
        let supply = &provider.supply;
        let economy = supply.economy_vcpu.map(|vcpu| ("economy".to_owned(), InstancePrice { vcpu, ..provider.price.clone() }));
        let (mut categories, standing, known_spot, currency, given) =
            known.map_or_else(Default::default, |rate| (rate.categories, rate.standing, rate.spot, rate.currency, rate.given));
        if let Some((name, price)) = economy {
            categories.entry(name).or_insert(price);
        }
        let spot = supply.spot.prices.iter().map(|prices| SpotRate {
            zone: prices.zone.clone(),
            instance_type: prices.of.map(|place| supply.types[usize::from(place)].name.clone()),
            pool: None,
            steps: prices.steps.iter().map(|(at, price)| (*at, SpotStep::from(*price))).collect(),
        });
        Self {
            price: provider.price.clone(),
            categories,
            billing: provider.billing,
            standing,
            // What the scenario says of the market wins over the book's usual share.
            spot: if supply.spot.prices.is_empty() { known_spot } else { spot.collect() },
            currency,
            specs: provider.specs.clone(),
            steps: provider.steps,
            rounding: provider.rounding,
            default_spec: provider.default_spec,
            given,
        }
    }

    /// What the spot market asks for an instance in `zone` whose full price is `full`; none if it says nothing.
    pub(super) fn spot_series(&self, instance_type: &str, zone: &str, full: UnitPrice) -> Option<SpotSeries> {
        let rate = self.spot.iter().find(|rate| rate.is_about(instance_type, zone, "")).filter(|rate| !rate.steps.is_empty())?;
        Some(SpotSeries { steps: rate.steps.iter().map(|(at, step)| (*at, step.of(full))).collect(), protection: Span::ZERO, note: self.price.note.clone() })
    }

    /// The size that a pod requesting `requests` is rounded up to.
    pub fn spec_for(&self, requests: Resources) -> Option<InstanceSpec> {
        if requests.cpu.0 == 0 && requests.memory.0 == 0 {
            return Some(self.default_spec);
        }
        self.rounding.choose(fitting(&self.specs, self.steps, requests), &self.price)
    }
}

/// The note of a figure that rests on two: an assumption in either is one in both.
fn worse(first: &PriceNote, second: &PriceNote) -> PriceNote {
    let sources: Vec<&str> = [first, second].into_iter().map(|note| note.source.as_str()).filter(|source| !source.is_empty()).collect();
    PriceNote { assumption: first.assumption || second.assumption, given: false, source: sources.join("; ") }
}

impl MachineBilling {
    /// The time that is billed for a machine with this CPU that was used for `used`.
    pub fn billed(&self, cpu: MilliCpu, used: Span) -> Span {
        let minimum = self.minimum.iter().find(|(up_to, _)| cpu <= *up_to).map_or(Span::ZERO, |(_, minimum)| *minimum);
        used.max(minimum).round_up_to(self.granularity)
    }
}
