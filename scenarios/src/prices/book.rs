//! What a price book holds.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::plan::PriceNote;

use crate::spec::{CreateLimit, InstanceBilling, Named, Rounding, Rung, Size, Steps};
use crate::text::{Cpu, Duration, ItemPrice, Memory, Price, Ratio, Text};

/// Prices of one region.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PriceBook {
    /// Name by which scenarios choose it.
    pub name: String,
    /// What it covers, in a sentence.
    #[serde(default)]
    pub description: String,
    /// Region, for instance `cn-hangzhou`; empty if zones do not matter.
    #[serde(default)]
    pub region: String,
    /// Currency of every amount, an ISO 4217 code.
    pub currency: String,
    /// When the prices were read.
    #[serde(default)]
    pub date: String,
    /// Books to start from: a name or path, or several, of which the first counts where they differ. What this book says replaces them, entry by entry.
    #[serde(default)]
    pub extends: Names,
    /// Publications, by the short names that entries use.
    #[serde(default)]
    pub sources: BTreeMap<String, String>,
    /// Machine types, by name.
    #[serde(default)]
    pub machines: Named<MachineType>,
    /// The price of a machine that is paid ahead.
    pub subscription: Option<Subscription>,
    /// The price of the user's own machines.
    pub owned: Option<SizedPrice>,
    /// When machines that are paid by use are billed.
    pub machine_billing: Option<MachineBilling>,
    /// Providers of instances, by name.
    #[serde(default)]
    pub instances: Named<Instances>,
    /// What else can be had, by name: load balancers, addresses, traffic, storage, databases, fees of a cluster.
    #[serde(default)]
    pub items: Named<Item>,
    /// Reduced prices under a savings plan, by machine type, family (`ecs.g6`), provider or `*`.
    #[serde(default)]
    pub savings: Named<Savings>,
    /// Other currencies, by their ISO 4217 codes.
    #[serde(default)]
    pub rates: Named<ExchangeRate>,
}

/// One name or several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(pub Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamesVisitor;
        impl<'de> serde::de::Visitor<'de> for NamesVisitor {
            type Value = Names;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a name, or a list of names")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Names, E> {
                Ok(Names(vec![name.to_owned()]))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = seq.next_element()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_any(NamesVisitor)
    }
}

impl schemars::JsonSchema for Names {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::Borrowed("Names")
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
    }
}

/// When a machine that is paid by use is billed.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct MachineBilling {
    /// Each machine's time is rounded up to a multiple of this. Default: it is not.
    pub granularity: Option<Duration>,
    /// Least time billed, by size, from small to large; nothing above the last.
    #[serde(default)]
    pub minimum: Vec<MinimumTime>,
    /// Least fee over a machine's life.
    pub lifetime_floor: Option<Text<Ratio>>,
    /// Decimals to which each settled bill is rounded half up: the fee of one machine in one clock hour. Default: settlement is exact.
    pub settled_places: Option<u32>,
    /// How far the rules can be trusted.
    #[serde(default)]
    pub status: Status,
    /// Key in the book's `sources`, or a text.
    #[serde(default)]
    pub source: String,
}

/// Least time billed for machines of a size.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct MinimumTime {
    /// Machines of at most this CPU.
    pub up_to: Cpu,
    /// Least time.
    pub time: Duration,
}

/// Something beside machines and instances.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Item {
    /// Price for some time (`0.64/h`) or for a piece (`0.8/GiB`).
    pub price: Text<ItemPrice>,
    /// Whether it is paid ahead.
    #[serde(default)]
    pub prepaid: bool,
    /// Currency. Default: the book's.
    #[serde(default)]
    pub currency: String,
    /// How far the price can be trusted.
    #[serde(default)]
    pub status: Status,
    /// Key in the book's `sources`, or a text.
    #[serde(default)]
    pub source: String,
}

/// A reduced price under a savings plan.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Savings {
    /// Share of the pay-as-you-go price that is paid.
    pub pay_ratio: Text<Ratio>,
    /// How far the ratio can be trusted.
    #[serde(default)]
    pub status: Status,
    /// Key in the book's `sources`, or a text.
    #[serde(default)]
    pub source: String,
}

/// What a currency is worth.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ExchangeRate {
    /// One unit of it in the book's own currency.
    pub value: Text<Ratio>,
    /// How far the rate can be trusted.
    #[serde(default)]
    pub status: Status,
    /// Key in the book's `sources`, or a text.
    #[serde(default)]
    pub source: String,
}

/// A share of a price, with its origin.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Share {
    /// The share.
    pub share: Text<Ratio>,
    /// How far it can be trusted.
    #[serde(default)]
    pub status: Status,
    /// Key in the book's `sources`, or a text.
    #[serde(default)]
    pub source: String,
}

/// How far a figure can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// Read in a publication.
    #[default]
    Sourced,
    /// Arithmetic on published figures.
    Derived,
    /// Not found in any publication.
    Assumption,
}

/// Where a figure comes from.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Basis {
    /// How far it can be trusted.
    #[serde(default)]
    pub status: Status,
    /// Key in the book's `sources`, or a text.
    #[serde(default)]
    pub source: String,
}

/// A machine type.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct MachineType {
    /// vCPUs.
    pub cpu: Cpu,
    /// Memory.
    pub memory: Memory,
    /// GPUs, as the extended resource `nvidia.com/gpu`.
    #[serde(default)]
    pub gpu: u32,
    /// Pay-as-you-go price of one machine.
    pub price: Text<Price>,
    /// How far the price can be trusted.
    #[serde(default)]
    pub status: Status,
    /// Key in the book's `sources`, or a text.
    #[serde(default)]
    pub source: String,
}

/// What a month paid ahead costs, in hours of the pay-as-you-go price.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Subscription {
    /// Hours of the pay-as-you-go price.
    pub pay_hours: u32,
    /// Hours of the month that they pay for.
    pub month_hours: u32,
    /// What a year costs, as a share of twelve months.
    pub year: Option<Share>,
    /// What three years cost, as a share of 36 months.
    pub three_years: Option<Share>,
    /// How far the ratio can be trusted.
    #[serde(default)]
    pub status: Status,
    /// Key in the book's `sources`, or a text.
    #[serde(default)]
    pub source: String,
}

/// A price by size: of the user's own machines, or of instances.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SizedPrice {
    /// Price of one vCPU.
    pub vcpu: Text<Price>,
    /// Price of one GiB of memory, over the same time.
    pub gib: Text<Price>,
    /// How far the prices can be trusted.
    #[serde(default)]
    pub status: Status,
    /// Key in the book's `sources`, or a text.
    #[serde(default)]
    pub source: String,
}

/// A provider of instances.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Instances {
    /// Prices by size, if they are known.
    pub price: Option<SizedPrice>,
    /// Prices of other compute categories, by name, for instance `economy`.
    #[serde(default)]
    pub categories: Named<SizedPrice>,
    /// What a spot instance costs as a share of the full price, where no series of prices is known.
    pub spot: Option<Share>,
    /// Currency of its prices. Default: the book's.
    #[serde(default)]
    pub currency: String,
    /// When the meter runs and how fees are rounded.
    #[serde(default)]
    pub billing: InstanceBilling,
    /// How fast instances can be created.
    pub create_limit: Option<CreateLimit>,
    /// Which size serves a request.
    pub rounding: Option<Rounding>,
    /// The size of a pod that requests neither CPU nor memory.
    pub default_size: Size,
    /// Sizes on offer in all regions.
    #[serde(default)]
    pub sizes: Vec<Rung>,
    /// Sizes in steps, for a provider without a list of them.
    pub steps: Option<Steps>,
    /// Further sizes on offer in this region.
    #[serde(default)]
    pub selected_sizes: Vec<Rung>,
    /// Where the other entries come from, by their names.
    #[serde(default)]
    pub basis: BTreeMap<String, Basis>,
}

impl PriceBook {
    /// The note that stands beside figures of this status and source.
    pub fn note(&self, status: Status, source: &str) -> PriceNote {
        let source = self.sources.get(source).map_or(source, String::as_str);
        PriceNote { assumption: status == Status::Assumption, given: false, source: source.to_owned() }
    }

    /// Takes over what this book does not say itself.
    pub(super) fn inherit(mut self, mut base: Self) -> Self {
        // A key that this book uses for another publication must not change where inherited figures come from.
        let clashes: BTreeMap<String, String> = base
            .sources
            .iter()
            .filter(|(key, text)| self.sources.get(*key).is_some_and(|own| own != *text))
            .map(|(key, text)| (key.clone(), text.clone()))
            .collect();
        if !clashes.is_empty() {
            for source in base.cited() {
                if let Some(text) = clashes.get(source.as_str()) {
                    source.clone_from(text);
                }
            }
        }
        if base.currency != self.currency {
            // Prices of providers and items can stand in another currency; those of machines cannot.
            base.machines.0.clear();
            (base.owned, base.subscription, base.machine_billing) = (None, None, None);
            base.instances.0.iter_mut().filter(|(_, entry)| entry.currency.is_empty()).for_each(|(_, entry)| entry.currency.clone_from(&base.currency));
            base.items.0.iter_mut().filter(|(_, entry)| entry.currency.is_empty()).for_each(|(_, entry)| entry.currency.clone_from(&base.currency));
            base.rates.0.clear();
        }
        merge(&mut self.machines, base.machines);
        merge(&mut self.instances, base.instances);
        merge(&mut self.items, base.items);
        merge(&mut self.savings, base.savings);
        merge(&mut self.rates, base.rates);
        for (key, source) in base.sources {
            self.sources.entry(key).or_insert(source);
        }
        self.subscription = self.subscription.or(base.subscription);
        self.owned = self.owned.or(base.owned);
        self.machine_billing = self.machine_billing.or(base.machine_billing);
        if self.region.is_empty() {
            self.region = base.region;
        }
        self
    }

    /// The source of every entry.
    fn cited(&mut self) -> Vec<&mut String> {
        let mut cited: Vec<&mut String> = self.machines.0.iter_mut().map(|(_, entry)| &mut entry.source).collect();
        if let Some(subscription) = &mut self.subscription {
            cited.push(&mut subscription.source);
            cited.extend([&mut subscription.year, &mut subscription.three_years].into_iter().flatten().map(|share| &mut share.source));
        }
        cited.extend(self.owned.as_mut().map(|owned| &mut owned.source));
        cited.extend(self.machine_billing.as_mut().map(|billing| &mut billing.source));
        cited.extend(self.items.0.iter_mut().map(|(_, entry)| &mut entry.source));
        cited.extend(self.savings.0.iter_mut().map(|(_, entry)| &mut entry.source));
        cited.extend(self.rates.0.iter_mut().map(|(_, entry)| &mut entry.source));
        for (_, instances) in &mut self.instances.0 {
            cited.extend(instances.price.as_mut().map(|price| &mut price.source));
            cited.extend(instances.categories.0.iter_mut().map(|(_, price)| &mut price.source));
            cited.extend(instances.spot.as_mut().map(|share| &mut share.source));
            cited.extend(instances.basis.values_mut().map(|basis| &mut basis.source));
        }
        cited
    }
}

/// Puts entries of `base` that are not in `own` before these.
fn merge<T>(own: &mut Named<T>, base: Named<T>) {
    let inherited: Vec<(String, T)> = base.0.into_iter().filter(|(name, _)| own.get(name).is_none()).collect();
    own.0.splice(0..0, inherited);
}
