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

    /// The fee of one usage where a rule makes it differ from price times time. `exact` tells what is due from when to when.
    pub(super) fn rounded(&self, exact: impl Fn(Time, Time) -> Exact, from: Time, ns: u64) -> Option<Exact> {
        if !self.sub_cent && self.floor.is_none() && self.settled_places.is_none() {
            return None;
        }
        let to = from.saturating_add(Span::from_nanos(ns));
        let fee = exact(from, to);
        // What is free stays free, however long it is used.
        if fee.is_zero() {
            return None;
        }
        if self.sub_cent && fee < Exact::from(CENT) {
            return Some(fee.rounded(2));
        }
        let floor = self.floor.map(Exact::from).unwrap_or_default();
        if let Some(places) = self.settled_places {
            let settled: Exact = hours(self.clock, from, to).map(|(_, from, to)| exact(from, to).rounded(places)).sum();
            return Some(settled.max(floor));
        }
        (fee < floor).then_some(floor)
    }
}

/// Adds up the fees of one line.
#[derive(Clone, Debug)]
pub(super) struct Fees {
    price: UnitPrice,
    rules: Rules,
    unit_ns: u128,
    rounded: Exact,
    /// The last usage and what is due for it: machines mostly come and go together.
    last: Option<(Time, u64, Option<Exact>)>,
}

impl Fees {
    pub(super) fn new(price: UnitPrice, rules: Rules) -> Self {
        Self { price, rules, unit_ns: 0, rounded: Exact::zero(), last: None }
    }

    pub(super) fn add(&mut self, from: Time, ns: u64) {
        if self.last.as_ref().is_none_or(|(begin, length, _)| (*begin, *length) != (from, ns)) {
            let exact = |from: Time, to: Time| self.price.exact(u128::from(to.since(from).as_nanos()));
            self.last = Some((from, ns, self.rules.rounded(exact, from, ns)));
        }
        match &self.last {
            Some((.., Some(fee))) => self.rounded += fee,
            _ => self.unit_ns += u128::from(ns),
        }
    }

    /// The sum, with `open_ns` of what is not over yet.
    pub(super) fn total(&self, open_ns: u128) -> Exact {
        self.price.exact(self.unit_ns + open_ns) + &self.rounded
    }
}
