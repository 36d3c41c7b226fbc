//! Which usages make one line, and what it costs.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::{self, Weights};
use super::fee::{Fees, Rules};
use super::metered::Metered;
use super::spot::SpotSeries;
use super::tariff::Priced;
use super::{Basis, Line, Missing, OwnedPart, value_of};
use crate::ledger::{Entry, Kind, Ledger};
use crate::plan::{PriceNote, Purchase};
use crate::units::{Exact, Span, Time, UnitPrice};

/// Usages of one line.
#[derive(Clone, Debug)]
pub(super) struct Group<'a> {
    pub(super) tier: String,
    pub(super) item: String,
    pub(super) purchase: Purchase,
    pub(super) rate: Rate,
    pub(super) note: PriceNote,
    pub(super) rules: Rules,
    pub(super) usages: Vec<Metered<'a>>,
    /// What a unit of the price's currency is worth in the book's own.
    pub(super) value: Exact,
    /// What reservations and savings plans leave to pay, and the time that this is for; none if nothing was covered.
    pub(super) left: Option<(Exact, u128)>,
}

/// What a unit costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rate {
    /// Always the same.
    Flat(UnitPrice),
    /// What the market asks.
    Spot(SpotSeries),
}

/// What tells lines apart.
type Key<'a> = (usize, &'a str, &'a str, &'a str, &'a str, Purchase, Option<UnitPrice>, (&'a str, &'a str));

/// The lines of everything that is billed by itself, by tier in the order of reports, then by first use.
pub(super) fn group<'a>(ledger: &'a Ledger, basis: &Basis) -> Result<Vec<Group<'a>>, Vec<Missing>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut places = BTreeMap::<Key<'a>, Vec<usize>>::new();
    let mut missing = BTreeSet::new();
    let tiers: BTreeMap<&str, usize> = basis.tiers.iter().enumerate().map(|(place, tier)| (tier.as_str(), place)).collect();
    let place_of = |tier: &str| tiers.get(tier).copied().unwrap_or(usize::MAX);
    for entry in ledger.things().filter(|entry| entry.is_billed()) {
        if entry.kind == Kind::Instance && !basis.tariff.providers.contains_key(&entry.provider) {
            missing.insert(Missing { what: format!("the provider {}", entry.provider) });
            continue;
        }
        let Some(metered) = Metered::of(entry, basis) else { continue };
        // Machines of the same name that have another price are billed by that.
        let is_sum = |parts: &&Vec<OwnedPart>| entry.purchase == Purchase::Owned && entry.price == Some(sum_of(parts));
        let parts = basis.terms.owned_parts.get(&entry.item).filter(is_sum);
        let Entry { item, instance_type, category, provider, purchase, price, .. } = entry;
        // The spot price is the zone's, and a pool's own.
        let market = if *purchase == Purchase::Spot { (entry.zone.as_str(), entry.pool.as_str()) } else { ("", "") };
        let key: Key<'a> = (place_of(&entry.tier), provider, item, instance_type, category, *purchase, *price, market);
        let known = places.entry(key).or_default();
        if known.is_empty() {
            let mut add = |item: String, rate: Rate, note: PriceNote, value: Exact, rules: Rules| {
                known.push(groups.len());
                groups.push(Group { tier: entry.tier.clone(), item, purchase: entry.purchase, rate, note, rules, usages: Vec::new(), value, left: None });
            };
            if let Some(parts) = parts {
                for part in parts {
                    let note = PriceNote { assumption: false, source: "given in the scenario".to_owned(), given: true };
                    add(format!("{} {}", entry.item, part.name), Rate::Flat(part.price), note, Exact::one(), Rules::default());
                }
            } else {
                match rate(entry, basis) {
                    Ok((rate, note, value)) => add(entry.item.clone(), rate, note, value, Rules::of(&basis.tariff, &metered, basis.terms.calendar.clock)),
                    Err(what) => {
                        missing.extend(what);
                        continue;
                    }
                }
            }
        }
        for place in known.iter() {
            groups[*place].usages.push(metered);
        }
    }
    if !missing.is_empty() {
        return Err(missing.into_iter().collect());
    }
    groups.sort_by_key(|group| place_of(&group.tier));
    Ok(groups)
}

/// The price of all parts of a machine together, to 10^-12 an hour; a bill adds up the parts themselves.
pub fn sum_of(parts: &[OwnedPart]) -> UnitPrice {
    let hourly: Exact = parts.iter().map(|part| part.price.hourly()).sum();
    UnitPrice::new(hourly.to_money(), Span::from_secs(3600))
}

/// The price of an entry, its origin, and what its currency is worth.
fn rate(entry: &Entry, basis: &Basis) -> Result<(Rate, PriceNote, Exact), Vec<Missing>> {
    let tariff = &basis.tariff;
    let given = entry.price.map(|price| Priced { price, note: PriceNote { assumption: false, source: "given in the scenario".to_owned(), given: true } });
    let is_instance = entry.kind == Kind::Instance;
    let missing = || {
        let how = if entry.purchase == Purchase::PayAsYouGo { String::new() } else { format!(" as {}", entry.purchase.name()) };
        vec![Missing { what: format!("{}{how}", entry.item) }]
    };
    let listed = if is_instance { tariff.instance_price(entry) } else { tariff.machine_price(entry) };
    let Priced { price, note } = given.or(listed).ok_or_else(missing)?;
    let currency = if is_instance { tariff.providers.get(&entry.provider).map_or("", |provider| provider.currency.as_str()) } else { "" };
    let value = value_of(currency, basis)?;
    if entry.purchase != Purchase::Spot || is_instance && entry.price.is_some() {
        return Ok((Rate::Flat(price), note, value));
    }
    let of_type = tariff.types.get(&entry.instance_type).and_then(|rate| rate.spot.clone());
    if !is_instance {
        let series = of_type.unwrap_or_else(|| tariff.machine_spot(entry, &Priced { price, note: note.clone() }));
        return Ok((Rate::Spot(series), note, value));
    }
    let of_provider = || tariff.providers.get(&entry.provider)?.spot_series(&entry.instance_type, &entry.zone, price);
    // A market that says nothing asks for the full price.
    Ok(match of_type.or_else(of_provider) {
        Some(series) => {
            let note = series.note.clone();
            (Rate::Spot(series), note, value)
        }
        None => (Rate::Flat(price), note, value),
    })
}

/// The full price of an instance for an hour, in the book's own currency; none if the book does not know it.
pub(super) fn hourly(entry: &Entry, basis: &Basis) -> Option<Exact> {
    let currency = basis.tariff.providers.get(&entry.provider).map_or("", |provider| provider.currency.as_str());
    Some(&basis.tariff.instance_price(entry)?.price.hourly() * &value_of(currency, basis).ok()?)
}

impl Group<'_> {
    /// Whether reservations and savings plans may cover it.
    pub(super) fn is_coverable(&self) -> bool {
        self.purchase == Purchase::PayAsYouGo
    }

    /// The type of its machines or instances.
    pub(super) fn first(&self) -> &Entry {
        self.usages[0].entry
    }

    /// What all of it costs in its own currency, before anything covers it.
    pub(super) fn full(&self) -> Exact {
        match &self.rate {
            Rate::Flat(price) => {
                let mut fees = Fees::new(*price, self.rules);
                self.usages.iter().for_each(|usage| fees.add(usage.from, usage.ns()));
                fees.total(0)
            }
            Rate::Spot(series) => {
                let free = |usage: &Metered<'_>| usage.entry.protected.unwrap_or_else(|| usage.from.saturating_add(series.protection));
                let fee = |usage: &Metered<'_>| {
                    let exact = |from: Time, to: Time| series.amount(usage.from, free(usage), from, to);
                    self.rules.rounded(exact, usage.from, usage.ns()).unwrap_or_else(|| exact(usage.from, usage.until()))
                };
                self.usages.iter().map(fee).sum()
            }
        }
    }

    /// Billed time of all of it.
    pub(super) fn unit_ns(&self) -> u128 {
        self.usages.iter().map(|usage| u128::from(usage.ns())).sum()
    }
}

/// The line of a group.
pub(super) fn line(group: &Group<'_>, basis: &Basis, weights: Weights) -> Line {
    let (due, unit_ns) = group.left.clone().unwrap_or_else(|| (group.full(), group.unit_ns()));
    let amount = (&due * &group.value).to_money();
    let is_instance = group.first().kind == Kind::Instance;
    // Machines are shown by the hour and instances by the second, as their price lists do.
    let (unit, unit_size) = if is_instance { ("instance-second", 1_000_000_000) } else { ("node-hour", 3_600_000_000_000) };
    let price = match &group.rate {
        Rate::Flat(price) => *price,
        Rate::Spot(series) if unit_ns == 0 => series.at(group.usages[0].from),
        Rate::Spot(_) => mean_price(&due, unit_ns),
    };
    let list = list_price(group, basis).map_or_else(|| due.clone(), |price| price.exact(unit_ns));
    Line {
        tier: group.tier.clone(),
        item: group.item.clone(),
        purchase: group.purchase,
        prepaid: group.purchase.is_prepaid(),
        price: price.times(&group.value),
        unit_ns,
        unit: unit.to_owned(),
        unit_size,
        list: &list * &group.value,
        amount,
        cells: cells::apportioned(amount, weights),
        note: group.note.clone(),
    }
}

/// What it would cost by use: for how much was saved.
fn list_price(group: &Group<'_>, basis: &Basis) -> Option<UnitPrice> {
    let entry = group.first();
    match group.purchase {
        Purchase::PayAsYouGo | Purchase::Owned => None,
        _ if entry.kind == Kind::Instance => basis.tariff.instance_price(entry).map(|priced| priced.price),
        _ => basis.tariff.types.get(&entry.instance_type).map(|rate| rate.price),
    }
}

/// The hourly price that gives `due` for `unit_ns`, to 10^-12.
pub(super) fn mean_price(due: &Exact, unit_ns: u128) -> UnitPrice {
    let hours = &Exact::whole(i128::try_from(unit_ns).unwrap_or(i128::MAX)) / &Exact::whole(3_600_000_000_000);
    UnitPrice::new((due / &hours).to_money(), Span::from_secs(3600))
}
