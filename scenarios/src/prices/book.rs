//! What a price book holds.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_core::plan::PriceNote;

use crate::spec::{CreateLimit, InstanceBilling, Named, Rounding, Rung};
use crate::text::{Cpu, Memory, Price, Text};

/// Prices of one region.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
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
    /// A book to start from: its name or path. What this book says replaces it, machine types and providers one by one.
    pub extends: Option<String>,
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
    /// Providers of instances, by name.
    #[serde(default)]
    pub instances: Named<Instances>,
}

/// How far a figure can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
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
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Basis {
    /// How far it can be trusted.
    #[serde(default)]
    pub status: Status,
    /// Key in the book's `sources`, or a text.
    #[serde(default)]
    pub source: String,
}

/// A machine type.
#[derive(Clone, Debug, Deserialize)]
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
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Hours of the pay-as-you-go price.
    pub pay_hours: u32,
    /// Hours of the month that they pay for.
    pub month_hours: u32,
    /// How far the ratio can be trusted.
    #[serde(default)]
    pub status: Status,
    /// Key in the book's `sources`, or a text.
    #[serde(default)]
    pub source: String,
}

/// A price by size: of the user's own machines, or of instances.
#[derive(Clone, Debug, Deserialize)]
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
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Instances {
    /// Prices by size, if they are known.
    pub price: Option<SizedPrice>,
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
    pub sizes: Vec<Rung>,
    /// Further sizes on offer in this region.
    #[serde(default)]
    pub selected_sizes: Vec<Rung>,
    /// Where the other entries come from, by their names.
    #[serde(default)]
    pub basis: BTreeMap<String, Basis>,
}

/// An instance size.
#[derive(Clone, Debug, Deserialize)]
pub struct Size {
    /// CPU.
    pub cpu: Cpu,
    /// Memory.
    pub memory: Memory,
}

impl PriceBook {
    /// The note that stands beside figures of this status and source.
    pub fn note(&self, status: Status, source: &str) -> PriceNote {
        let source = self.sources.get(source).map_or(source, String::as_str);
        PriceNote { assumption: status == Status::Assumption, given: false, source: source.to_owned() }
    }

    /// Takes over what this book does not say itself.
    pub(super) fn inherit(mut self, base: Self) -> Self {
        fn merge<T>(own: &mut Named<T>, base: Named<T>) {
            let inherited: Vec<(String, T)> = base.0.into_iter().filter(|(name, _)| own.get(name).is_none()).collect();
            own.0.splice(0..0, inherited);
        }
        merge(&mut self.machines, base.machines);
        merge(&mut self.instances, base.instances);
        for (key, source) in base.sources {
            self.sources.entry(key).or_insert(source);
        }
        self.subscription = self.subscription.or(base.subscription);
        self.owned = self.owned.or(base.owned);
        if self.region.is_empty() {
            self.region = base.region;
        }
        self
    }
}
