//! From the days of a run to a month and a year.

use super::terms::{Calendar, DayKind};
use super::{Basis, Invoice, Missing, accrue};
use crate::ledger::Ledger;
use crate::record::ProjectionSummary;
use crate::units::{Exact, Money, Time};

/// Nanoseconds of a day.
const DAY: u64 = 86_400_000_000_000;

/// What a month and a year cost if they go on like the run: a day of a kind that the run has costs what such days cost in it, on average; a day of another
/// kind costs what is paid ahead, and of what is paid by use the share that the calendar gives.
pub(super) fn project(ledger: &Ledger, basis: &Basis, invoice: &Invoice) -> Result<ProjectionSummary, Vec<Missing>> {
    let calendar = &basis.terms.calendar;
    let whole_days = Exact::ratio(i128::from(calendar.billed_ns().max(1)), i128::from(DAY));
    let sum = |prepaid: bool| -> Money { invoice.lines.iter().filter(|line| line.prepaid == prepaid).map(|line| line.amount).sum() };
    let [prepaid, postpaid] = [true, false].map(|prepaid| &Exact::from(sum(prepaid)) / &whole_days);
    let kinds = kinds(calendar);
    let measured = if kinds.iter().any(|kind| !kind.in_run.is_empty()) { day_costs(ledger, basis, invoice)? } else { Vec::new() };
    let (mut month, mut year) = (Exact::zero(), Exact::zero());
    for kind in &kinds {
        let days: Vec<&(Exact, u64)> = kind.in_run.iter().filter_map(|day| measured.get(*day as usize)).collect();
        let length: u64 = days.iter().map(|(_, ns)| ns).sum();
        let cost = if length == 0 {
            &postpaid * &kind.load + &prepaid
        } else {
            let cost: Exact = days.iter().map(|(cost, _)| cost.clone()).sum();
            &cost / &Exact::ratio(i128::from(length), i128::from(DAY))
        };
        month += &cost * &Exact::whole(i128::from(kind.month));
        year += &cost * &Exact::whole(i128::from(kind.year));
    }
    let days = |count: fn(&DayKind) -> u32| kinds.iter().map(|kind| (kind.name.clone(), count(kind))).collect();
    Ok(ProjectionSummary { month: month.to_money(), year: year.to_money(), month_days: days(|kind| kind.month), year_days: days(|kind| kind.year) })
}

fn kinds(calendar: &Calendar) -> Vec<DayKind> {
    if calendar.kinds.is_empty() {
        return vec![DayKind { name: "day".to_owned(), in_run: Vec::new(), load: Exact::one(), month: 30, year: 365 }];
    }
    calendar.kinds.clone()
}

/// The cost of each calendar day that the run touches, and how much of the day it covers.
fn day_costs(ledger: &Ledger, basis: &Basis, invoice: &Invoice) -> Result<Vec<(Exact, u64)>, Vec<Missing>> {
    let calendar = &basis.terms.calendar;
    let (begin, end, clock) = (calendar.begin.as_nanos(), calendar.end.as_nanos(), calendar.clock.as_nanos() % DAY);
    // Days of the warm-up have no length.
    let mut bounds = vec![begin];
    let mut next = DAY - clock;
    while next < end {
        bounds.push(next.max(begin));
        next += DAY;
    }
    bounds.push(end);
    let until: Vec<Time> = bounds[1..].iter().map(|ns| Time::from_nanos(*ns)).collect();
    let costs = accrue(ledger, basis, invoice, &until)?;
    let totals: Vec<Exact> = costs.iter().map(|tiers| Exact::from(tiers.values().copied().sum::<Money>())).collect();
    let cost = |day: usize| if day == 0 { totals[0].clone() } else { &totals[day] - &totals[day - 1] };
    Ok((0..totals.len()).map(|day| (cost(day), bounds[day + 1] - bounds[day])).collect())
}
