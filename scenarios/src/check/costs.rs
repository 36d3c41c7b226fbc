//! What is paid beside machines and instances.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use sim_core::billing::{
    Calendar, DayKind, ItemRate, ItemUnit, ItemUse, Penalty, PenaltyStep, ProviderRate, Quantity, Reservation, SavingsKind, SavingsPlan, Tariff, Terms,
};
use sim_core::plan::{InstanceSpec, Objective, PriceNote};
use sim_core::units::{Exact, Span, Time};

use super::{Context, code, names};
use crate::issue::Path;
use crate::prices::PriceBook;
use crate::spec::{self, CostItem, Scenario, ShortOr};
use crate::text::{DateTime, ItemUnit as WrittenUnit, Ratio, Text};
use crate::wording::quote;

/// The price book with what the scenario changes in it.
pub(super) fn tariff(scenario: &Scenario, book: Option<&PriceBook>) -> Tariff {
    let mut tariff = book.map(PriceBook::tariff).unwrap_or_default();
    for (name, rate) in &mut tariff.providers {
        change(rate, scenario, name);
    }
    tariff
}

/// Notes what the scenario itself says of a provider, so that another book does not change it.
fn change(rate: &mut ProviderRate, scenario: &Scenario, name: &str) {
    let own = scenario.providers.get(name);
    rate.standing = own.and_then(|own| own.standing.as_ref()).map(|size| InstanceSpec::general(size.cpu.0, size.memory.0));
    let mut given = Vec::new();
    if let Some(own) = own {
        let has_market = !own.spot.prices.is_empty();
        given.extend([(has_market, "spot"), (own.price.is_some(), "price"), (own.specs.is_some(), "specs"), (own.rounding.is_some(), "rounding")]);
    }
    if let Some(ShortOr::Full(prices)) = &scenario.prices {
        let billing = &prices.billing;
        given.extend([
            (billing.start.is_some(), "start"),
            (billing.stop.is_some(), "stop"),
            (billing.granularity.is_some(), "granularity"),
            (billing.minimum.is_some(), "minimum"),
            (billing.sub_cent.is_some(), "subCent"),
            (billing.settled_places.is_some(), "settledPlaces"),
        ]);
    }
    rate.given = given.into_iter().filter(|(is_given, _)| *is_given).map(|(_, name)| name.to_owned()).collect();
}

/// What was agreed or is paid beside machines and instances.
pub(super) fn terms(cx: &mut Context<'_>, scenario: &Scenario, book: Option<&PriceBook>, objectives: &[Objective]) -> Terms {
    let (costs, path) = (&scenario.costs, Path::root().key("costs"));
    let own = book.map(|book| book.currency.as_str()).unwrap_or_default();
    let rates: BTreeMap<String, Exact> = costs.rates.iter().map(|(name, rate)| (name.clone(), rate.0.0.clone())).collect();
    let is_known = |currency: &str| currency == own || rates.contains_key(currency) || book.is_none_or(|book| book.rates.get(currency).is_some());
    for (name, rate) in &rates {
        if rate.is_zero() {
            cx.issues.error(code::TOO_SMALL, path.key("rates").key(name), "a currency is worth more than nothing");
        }
    }
    if let Some(currency) = costs.currency.as_deref().filter(|currency| !is_known(currency)) {
        unknown_currency(cx, currency, own, &path.key("currency"));
    }
    let reservations =
        costs.reserved_instances.0.iter().filter_map(|(name, written)| reservation(cx, name, written, book, &path.key("reservedInstances").key(name)));
    let reservations = reservations.collect();
    let savings_plans =
        costs.savings_plans.0.iter().map(|(name, written)| savings_plan(cx, name, written, book, &path.key("savingsPlans").key(name))).collect();
    let plans = costs.savings_plans.0.iter().map(|(name, _)| (name, path.key("savingsPlans").key(name)));
    for (name, path) in costs.reserved_instances.0.iter().map(|(name, _)| (name, path.key("reservedInstances").key(name))).chain(plans) {
        name_of_line(cx, name, &path);
    }
    let mut items = Vec::new();
    for (name, written) in &costs.items.0 {
        let path = path.key("items").key(name);
        name_of_line(cx, name, &path);
        if let Some(currency) = written.currency.as_deref().filter(|currency| !is_known(currency)) {
            unknown_currency(cx, currency, own, &path.key("currency"));
        }
        items.extend(item(cx, name, written, scenario, book, &path));
    }
    let penalties = costs.penalties.iter().enumerate().map(|(i, written)| penalty(cx, written, objectives, &path.key("penalties").index(i))).collect();
    Terms {
        reservations,
        savings_plans,
        items,
        penalties,
        owned_parts: std::mem::take(&mut cx.owned_parts),
        currency: costs.currency.clone().unwrap_or_default(),
        rates,
        calendar: calendar(cx, scenario, &path.key("calendar")),
    }
}

/// Names of lines end up in tables that people open as spreadsheets, where some would be taken for formulas.
fn name_of_line(cx: &mut Context<'_>, name: &str, path: &Path) {
    if name.trim().is_empty() || name.chars().any(char::is_control) || name.starts_with(['=', '+', '-', '@']) {
        let message = format!("{} is no name for a line of a bill", quote(name));
        cx.issues.error(code::BAD_NAME, path, message).with_help("begin with a letter or a digit, and stay on one line");
    }
}

fn unknown_currency(cx: &mut Context<'_>, currency: &str, own: &str, path: &Path) {
    let message = format!("the rate between {} and {} is unknown", quote(currency), quote(own));
    cx.issues.error(code::UNKNOWN_PRICE, path, message).with_help(format!("give `costs: {{rates: {{{currency}: …}}}}`, what one {currency} is worth in {own}"));
}

fn reservation(cx: &mut Context<'_>, name: &str, written: &spec::ReservedInstances, book: Option<&PriceBook>, path: &Path) -> Option<Reservation> {
    let book = book?;
    if book.machines.get(&written.instance_type).is_none() {
        names::unknown(cx, "machine type", &written.instance_type, book.machines.names(), &path.key("instanceType"));
        return None;
    }
    match (&written.price, &written.discount) {
        (Some(_), Some(_)) => {
            cx.issues.error(code::CONFLICT, path.key("discount"), "the price is given twice").with_help("give `price` or `discount`");
        }
        (None, None) => {
            cx.issues.error(code::MISSING, path, "the price of the reserved instances is unknown").with_help("give `price: …/h` or `discount: 70%`");
        }
        (_, Some(discount)) if discount.0.0 > Exact::one() => {
            cx.issues.error(code::TOO_LARGE, path.key("discount"), "at most the whole price is saved");
        }
        _ => {}
    }
    Some(Reservation {
        name: name.to_owned(),
        instance_type: written.instance_type.clone(),
        count: written.count,
        zone: written.zone.clone(),
        price: written.price.map(|price| price.0.unit_price()),
        discount: written.discount.as_ref().map(|discount| discount.0.0.clone()).unwrap_or_default(),
    })
}

fn savings_plan(cx: &mut Context<'_>, name: &str, written: &spec::SavingsPlan, book: Option<&PriceBook>, path: &Path) -> SavingsPlan {
    for (key, ratio) in &written.pay_ratios {
        if ratio.0.0.is_zero() || ratio.0.0 > Exact::one() {
            cx.issues.error(code::TOO_LARGE, path.key("payRatios").key(key), "a plan pays more than 0 % and at most 100 % of a price");
        }
    }
    if written.pay_ratios.is_empty() && book.is_some_and(|book| book.savings.0.is_empty()) {
        cx.issues
            .error(code::MISSING, path, "the price book has no reduced prices")
            .with_help("give `payRatios: {ecs.g6: 0.455}`, the share of the list price that is paid");
    }
    let kind = match written.kind {
        spec::SavingsKind::General => SavingsKind::General,
        spec::SavingsKind::Compute => SavingsKind::Compute,
    };
    let pay_ratios = written.pay_ratios.iter().map(|(key, ratio)| (key.clone(), ratio.0.0.clone())).collect();
    SavingsPlan { name: name.to_owned(), kind, commitment: written.commitment.0.unit_price(), pay_ratios }
}

fn item(cx: &mut Context<'_>, name: &str, written: &CostItem, scenario: &Scenario, book: Option<&PriceBook>, path: &Path) -> Option<ItemUse> {
    let key = written.item.as_deref().unwrap_or(name);
    let known = book.and_then(|book| book.items.get(key));
    if written.price.is_none() && known.is_none() && book.is_some() {
        let message = format!("the price of {} is unknown", quote(key));
        cx.issues.error(code::UNKNOWN_PRICE, path, message).with_help("give `price: 0.64/h` or `price: 0.8/GiB`, or the name of an `item` of the price book");
        return None;
    }
    let ways = [written.count.is_some(), written.per_day.is_some(), written.per_request.is_some()].into_iter().filter(|given| *given).count();
    if ways > 1 {
        cx.issues.error(code::CONFLICT, path, "how much of it is used is said more than once").with_help("give one of `count`, `perDay` and `perRequest`");
    }
    let rate = written.price.as_ref().map(|price| ItemRate {
        amount: price.0.amount,
        unit: unit(&price.0.unit),
        prepaid: written.prepaid.unwrap_or(false),
        currency: written.currency.clone().unwrap_or_default(),
        note: PriceNote { assumption: false, given: true, source: "given in the scenario".to_owned() },
    });
    if rate.is_none() && (written.prepaid.is_some() || written.currency.is_some()) {
        cx.issues.warning(code::NO_EFFECT, path, "`prepaid` and `currency` belong to a `price`; the price book's count");
    }
    let of = written.per_request.as_ref().and_then(|per| per.of.as_ref());
    if let Some(service) = of.filter(|service| scenario.services.get(service).is_none()) {
        names::unknown(cx, "service", service, scenario.services.names(), &path.key("perRequest").key("of"));
    }
    let value = |ratio: &Text<Ratio>| ratio.0.0.clone();
    let quantity = match (&written.count, &written.per_day, &written.per_request) {
        (_, _, Some(per)) => Quantity::PerRequest { amount: value(&per.amount), service: per.of.clone() },
        (_, Some(amount), None) => Quantity::PerDay(value(amount)),
        (count, None, None) => Quantity::Count(count.as_ref().map_or_else(Exact::one, value)),
    };
    Some(ItemUse { name: name.to_owned(), item: key.to_owned(), rate, quantity })
}

/// The unit of an item's price as billing knows it.
pub(crate) fn unit(written: &WrittenUnit) -> ItemUnit {
    match written {
        WrittenUnit::Time(per) => ItemUnit::Time(*per),
        WrittenUnit::Each(name) => ItemUnit::Each(name.clone()),
    }
}

fn penalty(cx: &mut Context<'_>, written: &spec::Penalty, objectives: &[Objective], path: &Path) -> Penalty {
    if !objectives.iter().any(|objective| objective.name == written.objective) {
        names::unknown(cx, "objective", &written.objective, objectives.iter().map(|objective| objective.name.as_str()), &path.key("objective"));
    }
    if written.steps.is_empty() {
        cx.issues.error(code::EMPTY, path.key("steps"), "a penalty has at least one step");
    }
    let value = |ratio: &Option<Text<Ratio>>| ratio.as_ref().map(|ratio| ratio.0.0.clone()).unwrap_or_default();
    let steps = written.steps.iter().map(|step| PenaltyStep { below: step.below.0.0.clone(), share: value(&step.share), amount: value(&step.amount) });
    Penalty { objective: written.objective.clone(), steps: steps.collect() }
}

/// Kinds of days, with how many of each a month and a year from the first day have.
fn calendar(cx: &mut Context<'_>, scenario: &Scenario, path: &Path) -> Calendar {
    let mut calendar = Calendar {
        kinds: Vec::new(),
        clock: cx.time_of_day,
        origin: cx.start.map(|start| start.text.clone()).unwrap_or_default(),
        begin: Time::ZERO,
        end: Time::ZERO + cx.duration,
    };
    let written = scenario.costs.calendar.as_ref();
    let Some(from) = written.and_then(|written| written.from.as_ref()).map(|from| &from.0).or(cx.start) else {
        if written.is_some() {
            cx.issues
                .error(code::MISSING, path, "the calendar does not know which days come")
                .with_help("give `from`, its first day, or the scenario's `start`");
        }
        return calendar;
    };
    let holidays: BTreeSet<Date> = written.iter().flat_map(|written| &written.holidays).map(|day| day.0.date()).collect();
    let load = |load: Option<&Text<Ratio>>| load.map(|load| load.0.0.clone());
    let weekend = load(written.and_then(|written| written.weekend_load.as_ref())).unwrap_or_else(Exact::one);
    let holiday = load(written.and_then(|written| written.holiday_load.as_ref())).unwrap_or_else(|| weekend.clone());
    let kind_of = |day: Date| match day.weekday() {
        _ if holidays.contains(&day) => 2,
        Weekday::Saturday | Weekday::Sunday => 1,
        _ => 0,
    };
    let count = |first: Date, end: Date| {
        let mut days = [0u32; 3];
        let mut day = first;
        while day < end {
            days[kind_of(day)] += 1;
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        days
    };
    let first = from.date();
    let after = |span: jiff::Span| first.checked_add(span).unwrap_or(Date::MAX);
    let (month, year) = (count(first, after(1.month())), count(first, after(1.year())));
    let mut in_run = [Vec::new(), Vec::new(), Vec::new()];
    if let Some(start) = cx.start.map(DateTime::date) {
        let nanos = u128::from(cx.duration.as_nanos()) + u128::from(cx.time_of_day.as_nanos());
        let days = nanos.div_ceil(u128::from(Span::from_secs(86_400).as_nanos())) as u32;
        for day in 0..days {
            if let Ok(date) = start.checked_add(i64::from(day).days()) {
                in_run[kind_of(date)].push(day);
            }
        }
    }
    let names = ["weekday", "weekend", "holiday"];
    for (place, (name, load)) in names.into_iter().zip([Exact::one(), weekend, holiday]).enumerate() {
        calendar.kinds.push(DayKind { name: name.to_owned(), in_run: std::mem::take(&mut in_run[place]), load, month: month[place], year: year[place] });
    }
    calendar
}
