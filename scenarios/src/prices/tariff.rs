//! From a price book to what billing reads.

use sim_core::billing::{MachineBilling, SubscriptionRate, Tariff, TypeRate};
use sim_core::plan::{InstancePrice, PriceNote};

use super::book::{PriceBook, SizedPrice};

impl PriceBook {
    /// The book as billing reads it. Providers are added with what a scenario changes.
    pub fn tariff(&self) -> Tariff {
        let types = self.machines.0.iter().map(|(name, machine)| {
            let note = self.note(machine.status, &machine.source);
            let rate = TypeRate { cpu: machine.cpu.0, memory: machine.memory.0, gpus: machine.gpu, price: machine.price.0.unit_price(), spot: None, note };
            (name.clone(), rate)
        });
        let subscription = self.subscription.as_ref().map(|subscription| SubscriptionRate {
            pay_hours: subscription.pay_hours,
            month_hours: subscription.month_hours,
            year: None,
            three_years: None,
            note: self.note(subscription.status, &subscription.source),
            year_note: PriceNote::default(),
            three_years_note: PriceNote::default(),
        });
        Tariff {
            book: self.name.clone(),
            region: self.region.clone(),
            currency: self.currency.clone(),
            date: self.date.clone(),
            types: types.collect(),
            subscription,
            owned: self.owned.as_ref().map(|owned| self.sized(owned)),
            machines: MachineBilling::default(),
            ..Tariff::default()
        }
    }

    /// Prices by size, with their origin.
    pub(crate) fn sized(&self, price: &SizedPrice) -> InstancePrice {
        InstancePrice { vcpu: price.vcpu.0.unit_price(), gib: price.gib.0.unit_price(), note: self.note(price.status, &price.source) }
    }
}
