//! Fees of single machines and instances, where a rule rounds them.

use super::metered::{Metered, hours};
use super::tariff::Tariff;
use crate::ledger::Kind;
use crate::plan::Purchase;
use crate::units::{Exact, Money, Span, Time, UnitPrice};

/// Fees below this are rounded half up to two decimals where a provider's sub-cent rule applies.
const CENT: Money = Money::from_pico(10_000_000_000);

/// The rules of one line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rules {
    /// Whether fees below 0.01 are rounded half up to two decimals.
    sub_cent: bool,
    /// Least fee over a life.
    floor: Option<Money>,
    /// Decimals of each settled bill.
    settled_places: Option<u32>,
    /// Time of day at the start, for settlement by the clock.
    clock: Span,
}

impl Rules {
    pub(super) fn of(tariff: &Tariff, usage: &Metered<'_>, clock: Span) -> Self {
        match usage.entry.kind {
            Kind::Machine if usage.entry.purchase == Purchase::PayAsYouGo => {
                Self { sub_cent: false, floor: tariff.machines.lifetime_floor, settled_places: tariff.machines.settled_places, clock }
            }
            Kind::Instance => {
                let billing = tariff.providers.get(&usage.entry.provider).map(|provider| provider.billing);
                let (sub_cent, settled_places) = billing.map_or((false, None), |billing| (billing.sub_cent, billing.settled_places));
                Self { sub_cent, floor: None, settled_places, clock }
            }
            _ => Self::default(),
        }
    }

    /// The fee of one usage where a rule makes it differ from price times time.
    fn rounded(&self, price: UnitPrice, from: Time, ns: u64) -> Option<Exact> {
        let exact = || price.exact(u128::from(ns));
        if self.sub_cent && price.amount(u128::from(ns)) < CENT {
            return Some(exact().rounded(2));
        }
        if let Some(places) = self.settled_places {
            let bills = hours(self.clock, from, from.saturating_add(Span::from_nanos(ns)));
            return Some(bills.map(|(_, from, to)| price.exact(u128::from(to.since(from).as_nanos())).rounded(places)).sum());
        }
        let floor = Exact::from(self.floor?);
        (ns > 0 && exact() < floor).then_some(floor)
    }
}

/// Adds up the fees of one line.
#[derive(Clone, Debug)]
pub(super) struct Fees {
    price: UnitPrice,
    rules: Rules,
    unit_ns: u128,
    rounded: Exact,
}

impl Fees {
    pub(super) fn new(price: UnitPrice, rules: Rules) -> Self {
        Self { price, rules, unit_ns: 0, rounded: Exact::zero() }
    }

    pub(super) fn add(&mut self, from: Time, ns: u64) {
        match self.rules.rounded(self.price, from, ns) {
            Some(fee) => self.rounded += fee,
            None => self.unit_ns += u128::from(ns),
        }
    }

    /// The sum, with `open_ns` of what is not over yet.
    pub(super) fn total(&self, open_ns: u128) -> Exact {
        self.price.exact(self.unit_ns + open_ns) + &self.rounded
    }
}
