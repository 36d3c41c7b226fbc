//! From a price book to what billing reads.

use sim_core::billing::{CurrencyRate, ItemRate, MachineBilling, PayRatio, ProviderRate, SpotRate, SpotStep, SubscriptionRate, Tariff, TypeRate};
use sim_core::plan::{BillingStart, BillingStop, InstanceBilling, InstancePrice, InstanceSpec, PriceNote, Rounding};
use sim_core::units::{Span, Time};

use super::book::{Instances, PriceBook, Share, SizedPrice};
use crate::check::item_unit;
use crate::spec::{self, Rung, Steps};

impl PriceBook {
    /// The book as billing reads it.
    pub fn tariff(&self) -> Tariff {
        let types = self.machines.0.iter().map(|(name, machine)| {
            let note = self.note(machine.status, &machine.source);
            let rate = TypeRate { cpu: machine.cpu.0, memory: machine.memory.0, gpus: machine.gpu, price: machine.price.0.unit_price(), spot: None, note };
            (name.clone(), rate)
        });
        let ratios = self
            .savings
            .0
            .iter()
            .map(|(name, savings)| (name.clone(), PayRatio { ratio: savings.pay_ratio.0.0.clone(), note: self.note(savings.status, &savings.source) }));
        let rates =
            self.rates.0.iter().map(|(name, rate)| (name.clone(), CurrencyRate { value: rate.value.0.0.clone(), note: self.note(rate.status, &rate.source) }));
        let items = self.items.0.iter().map(|(name, item)| {
            let rate = ItemRate {
                amount: item.price.0.amount,
                unit: item_unit(&item.price.0.unit),
                prepaid: item.prepaid,
                currency: item.currency.clone(),
                note: self.note(item.status, &item.source),
            };
            (name.clone(), rate)
        });
        Tariff {
            book: self.name.clone(),
            region: self.region.clone(),
            currency: self.currency.clone(),
            date: self.date.clone(),
            types: types.collect(),
            subscription: self.subscription(),
            owned: self.owned.as_ref().map(|owned| self.sized(owned)),
            machines: self.machine_billing(),
            spot_machines: Vec::new(),
            providers: self.instances.0.iter().filter_map(|(name, instances)| Some((name.clone(), self.provider(instances)?))).collect(),
            items: items.collect(),
            pay_ratios: ratios.collect(),
            rates: rates.collect(),
        }
    }

    fn subscription(&self) -> Option<SubscriptionRate> {
        let subscription = self.subscription.as_ref()?;
        let share = |share: &Option<Share>| share.as_ref().map(|share| share.share.0.0.clone());
        let note = |share: &Option<Share>| share.as_ref().map_or_else(PriceNote::default, |share| self.note(share.status, &share.source));
        Some(SubscriptionRate {
            pay_hours: subscription.pay_hours,
            month_hours: subscription.month_hours,
            year: share(&subscription.year),
            three_years: share(&subscription.three_years),
            note: self.note(subscription.status, &subscription.source),
            year_note: note(&subscription.year),
            three_years_note: note(&subscription.three_years),
        })
    }

    fn machine_billing(&self) -> MachineBilling {
        let Some(written) = &self.machine_billing else { return MachineBilling::default() };
        MachineBilling {
            granularity: written.granularity.map_or(Span::ZERO, |span| span.0),
            minimum: written.minimum.iter().map(|minimum| (minimum.up_to.0, minimum.time.0)).collect(),
            lifetime_floor: written.lifetime_floor.as_ref().map(|floor| floor.0.0.to_money()),
            settled_places: written.settled_places.map(|places| places.min(12)),
        }
    }

    /// A provider; none if the book does not know its prices.
    fn provider(&self, instances: &Instances) -> Option<ProviderRate> {
        let price = self.sized(instances.price.as_ref()?);
        let ladder = |rungs: &[Rung]| -> Vec<InstanceSpec> {
            rungs.iter().flat_map(|rung| rung.memory.iter().map(|memory| InstanceSpec::general(rung.cpu.0, memory.0))).collect()
        };
        let mut specs = ladder(&instances.sizes);
        specs.extend(ladder(&instances.selected_sizes));
        specs.sort_unstable();
        specs.dedup();
        let spot = instances.spot.iter().map(|spot| SpotRate {
            zone: None,
            instance_type: None,
            pool: None,
            steps: vec![(Time::ZERO, SpotStep::Share(spot.share.0.0.clone()))],
        });
        Some(ProviderRate {
            price,
            categories: instances.categories.0.iter().map(|(name, price)| (name.clone(), self.sized(price))).collect(),
            billing: instance_billing(&instances.billing),
            standing: None,
            spot: spot.collect(),
            currency: instances.currency.clone(),
            specs,
            steps: instances.steps.map(Steps::plan),
            rounding: match instances.rounding {
                Some(spec::Rounding::Cheapest) => Rounding::Cheapest,
                Some(spec::Rounding::CpuFirst) | None => Rounding::CpuFirst,
            },
            default_spec: InstanceSpec::general(instances.default_size.cpu.0, instances.default_size.memory.0),
            given: Vec::new(),
        })
    }

    /// Prices by size, with their origin.
    fn sized(&self, price: &SizedPrice) -> InstancePrice {
        InstancePrice { vcpu: price.vcpu.0.unit_price(), gib: price.gib.0.unit_price(), note: self.note(price.status, &price.source) }
    }

    /// This book in place of the one that a run was billed by; what the scenario said itself stays.
    pub fn replace(&self, old: &Tariff) -> Tariff {
        let mut new = self.tariff();
        new.spot_machines.clone_from(&old.spot_machines);
        let own = old.types.iter().filter(|(_, rate)| rate.note.given);
        new.types.extend(own.map(|(name, rate)| (name.clone(), rate.clone())));
        for (name, was) in &old.providers {
            let Some(now) = new.providers.get_mut(name) else {
                if was.price.note.given {
                    new.providers.insert(name.clone(), was.clone());
                }
                continue;
            };
            for field in &was.given {
                match field.as_str() {
                    "price" => now.price.clone_from(&was.price),
                    "specs" => {
                        now.specs.clone_from(&was.specs);
                        now.steps = was.steps;
                    }
                    "rounding" => now.rounding = was.rounding,
                    "start" => now.billing.start = was.billing.start,
                    "stop" => now.billing.stop = was.billing.stop,
                    "granularity" => now.billing.granularity = was.billing.granularity,
                    "minimum" => now.billing.minimum = was.billing.minimum,
                    "subCent" => now.billing.sub_cent = was.billing.sub_cent,
                    "settledPlaces" => now.billing.settled_places = was.billing.settled_places,
                    _ => {}
                }
            }
            now.given.clone_from(&was.given);
            now.standing = was.standing;
            if now.spot.is_empty() || was.given.iter().any(|field| field == "spot") {
                now.spot.clone_from(&was.spot);
            }
        }
        new
    }
}

/// The rules of a book, with what is usual where it says nothing.
fn instance_billing(written: &spec::InstanceBilling) -> InstanceBilling {
    InstanceBilling {
        start: match written.start {
            Some(spec::BillingStart::Scheduled) => BillingStart::Scheduled,
            Some(spec::BillingStart::Ready) => BillingStart::Ready,
            Some(spec::BillingStart::Created) | None => BillingStart::Created,
        },
        stop: match written.stop {
            Some(spec::BillingStop::Deleted) => BillingStop::Deleted,
            Some(spec::BillingStop::Stopped) | None => BillingStop::Stopped,
        },
        granularity: written.granularity.map_or(Span::from_secs(1), |span| span.0),
        minimum: written.minimum.map_or(Span::ZERO, |span| span.0),
        sub_cent: written.sub_cent.unwrap_or(false),
        settled_places: written.settled_places.map(|places| places.min(12)),
    }
}
