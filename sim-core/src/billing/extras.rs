//! Lines that no machine or instance causes: standing fees, further items, penalties.

use super::cells::{Cell, Class, Weights, apportioned};
use super::commitment::over_hours;
use super::tariff::{ItemRate, ItemUnit};
use super::terms::{ItemUse, Quantity};
use super::{Basis, Hours, Line, Missing, value_of};
use crate::ledger::{Kind, Ledger};
use crate::plan::{PriceNote, Purchase};
use crate::units::{Exact, Money, Span, UnitPrice};

/// Nanoseconds of an hour.
const HOUR: u128 = 3_600_000_000_000;
/// What one piece counts in unit-nanoseconds.
const PIECE: u128 = 1_000_000_000;
/// Seconds of a day.
const DAY: i128 = 86_400;

fn whole(tier: &str, class: Class, basis: &Basis, by: Hours, amount: Money) -> Vec<Cell> {
    let weights = Weights::from([((tier.to_owned(), String::new(), String::new(), class, 0), 1 << 60)]);
    apportioned(amount, if by == Hours::Apart { over_hours(weights, basis) } else { weights })
}

/// The fee of virtual nodes that are billed like an instance all their life.
pub(super) fn standing(ledger: &Ledger, basis: &Basis, by: Hours) -> Result<Vec<Line>, Vec<Missing>> {
    let end = basis.terms.calendar.end;
    let mut lines: Vec<Line> = Vec::new();
    for node in ledger.things().filter(|entry| entry.kind == Kind::VirtualNode) {
        let Some(provider) = basis.tariff.providers.get(&node.provider) else { continue };
        let Some(spec) = provider.standing else { continue };
        let value = value_of(&provider.currency, basis)?;
        let (price, item) = (provider.price.of(spec).times(&value), format!("{} virtual node, {spec}", node.provider));
        let ns = u128::from(node.stopped.unwrap_or(end).since(node.started.unwrap_or(end)).as_nanos());
        if let Some(line) = lines.iter_mut().find(|line| line.tier == node.tier && line.item == item) {
            line.unit_ns += ns;
        } else {
            lines.push(Line {
                tier: node.tier.clone(),
                item,
                purchase: Purchase::PayAsYouGo,
                prepaid: false,
                price,
                unit_ns: ns,
                unit: "instance-second".to_owned(),
                unit_size: 1_000_000_000,
                list: Exact::zero(),
                amount: Money::ZERO,
                cells: Vec::new(),
                note: provider.price.note.clone(),
            });
        }
    }
    for line in &mut lines {
        line.list = line.price.exact(line.unit_ns);
        line.amount = line.list.to_money();
        line.cells = whole(&line.tier, Class::Other, basis, by, line.amount);
    }
    Ok(lines)
}

/// Load balancers, traffic, storage and the like.
pub(super) fn items(basis: &Basis, by: Hours) -> Result<Vec<Line>, Vec<Missing>> {
    basis.terms.items.iter().map(|item| line_of(item, basis, by)).collect()
}

fn line_of(item: &ItemUse, basis: &Basis, by: Hours) -> Result<Line, Vec<Missing>> {
    let rate = item.rate.as_ref().or_else(|| basis.tariff.items.get(&item.item)).ok_or_else(|| vec![Missing { what: format!("the item {}", item.item) }])?;
    let ItemRate { amount: price, unit, prepaid, currency, note } = rate;
    let value = value_of(currency, basis)?;
    let count = pieces(&item.quantity, basis);
    let ns = i128::from(basis.terms.calendar.billed_ns());
    let (due, unit_price, unit_ns, unit, unit_size) = match unit {
        // So much a day or a request of what has a price by time is that many hours, or whatever the price is for.
        ItemUnit::Time(per) if !matches!(item.quantity, Quantity::Count(_)) => {
            (&Exact::from(*price) * &count, UnitPrice::new(*price, *per), count.steps(per.as_nanos()), "hour".to_owned(), HOUR)
        }
        ItemUnit::Time(per) => {
            let price = UnitPrice::new(*price, *per);
            let unit_ns = (&count * &Exact::whole(ns)).steps(1);
            (&price.exact(ns.unsigned_abs()) * &count, price, unit_ns, "hour".to_owned(), HOUR)
        }
        // A price by the piece is kept as one for a second, so that a piece is 10^9 unit-nanoseconds.
        ItemUnit::Each(name) => (&Exact::from(*price) * &count, UnitPrice::new(*price, Span::from_secs(1)), count.steps(PIECE as u64), name.clone(), PIECE),
    };
    let due = &due * &value;
    let amount = due.to_money();
    Ok(Line {
        tier: "items".to_owned(),
        item: item.name.clone(),
        purchase: Purchase::Item,
        prepaid: *prepaid,
        price: unit_price.times(&value),
        unit_ns,
        unit,
        unit_size,
        list: due,
        amount,
        cells: whole("items", Class::Other, basis, by, amount),
        note: note.clone(),
    })
}

/// How much of an item is used in the run.
fn pieces(quantity: &Quantity, basis: &Basis) -> Exact {
    match quantity {
        Quantity::Count(count) => count.clone(),
        Quantity::PerDay(amount) => {
            let days = Exact::ratio(i128::from(basis.terms.calendar.billed_ns()), DAY * 1_000_000_000);
            amount * &days
        }
        Quantity::PerRequest { amount, service } => {
            let served = basis.workloads.iter().filter(|workload| service.as_ref().is_none_or(|name| workload.name == *name));
            amount * &Exact::whole(served.map(|workload| i128::from(workload.completed)).sum())
        }
    }
}

/// What is owed for objectives that were not met, of a bill of `before`.
pub(super) fn penalties(before: Money, basis: &Basis) -> Vec<Line> {
    let mut lines = Vec::new();
    for penalty in &basis.terms.penalties {
        let Some(attained) = basis.attained.get(&penalty.objective) else { continue };
        let owed = penalty.steps.iter().filter(|step| *attained < step.below.as_f64()).min_by(|a, b| a.below.cmp(&b.below));
        let Some(step) = owed else { continue };
        let due = &step.share * &Exact::from(before) + &step.amount;
        let amount = due.to_money();
        lines.push(Line {
            tier: "penalties".to_owned(),
            item: penalty.objective.clone(),
            purchase: Purchase::Penalty,
            prepaid: false,
            price: UnitPrice::new(amount, Span::from_secs(1)),
            unit_ns: PIECE,
            unit: "breach".to_owned(),
            unit_size: PIECE,
            list: due,
            amount,
            cells: whole("penalties", Class::Other, basis, Hours::Together, amount),
            note: PriceNote { assumption: false, given: true, source: "given in the scenario".to_owned() },
        });
    }
    lines
}
