//! What a provider has is not given out twice.

use sim_core::ledger::{Entry, Kind};
use sim_core::plan::{Market, Plan, Purchase, Stock, StockUnit};
use sim_core::record::Record;
use sim_core::units::Time;

/// The instances that were there, by when they started.
fn instances(record: &Record) -> Vec<&Entry> {
    let mut all: Vec<&Entry> = record.ledger.entries.iter().filter(|entry| entry.kind == Kind::Instance && entry.started.is_some()).collect();
    all.sort_by_key(|entry| entry.started);
    all
}

/// How much of something is held when each instance starts, itself included: what stops at an instant makes room for what starts there.
fn held<'a>(all: &[&'a Entry], is_about: impl Fn(&Entry) -> bool, amount: impl Fn(&Entry) -> u64) -> Vec<(&'a Entry, u64)> {
    let about: Vec<&Entry> = all.iter().copied().filter(|entry| is_about(entry)).collect();
    let at_start = |(place, entry): (usize, &&'a Entry)| {
        let goes_on = |other: &&&Entry| other.stopped.is_none_or(|stopped| Some(stopped) > entry.started);
        (*entry, about[..=place].iter().filter(goes_on).map(|other| amount(other)).sum())
    };
    about.iter().enumerate().map(at_start).collect()
}

/// No subnet has more instances than addresses. The subnets of these scenarios lie in a zone each.
pub(crate) fn addresses(plan: &Plan, record: &Record) {
    let all = instances(record);
    for vswitch in plan.supply.vswitches.values() {
        let Some(most) = vswitch.addresses.filter(|_| plan.warm_up.is_zero()) else { continue };
        for (entry, held) in held(&all, |entry| entry.zone == vswitch.zone, |_| 1) {
            assert!(held <= u64::from(most), "{} is instance {held} in {}, which has {most} addresses", entry.resource, vswitch.name);
        }
    }
}

/// No instance starts that the provider had not when the pod was bound, or later.
pub(crate) fn stocks(plan: &Plan, record: &Record) {
    if !plan.warm_up.is_zero() {
        return;
    }
    let all = instances(record);
    for stock in plan.providers.values().flat_map(|provider| &provider.supply.stock).filter(|stock| stock.of.is_none()) {
        let is_about = |entry: &Entry| {
            let market = if entry.purchase == Purchase::Spot { Market::Spot } else { Market::OnDemand };
            stock.zone.as_ref().is_none_or(|zone| *zone == entry.zone) && stock.market.is_none_or(|of| of == market)
        };
        let amount = |entry: &Entry| if stock.unit == StockUnit::Instances { 1 } else { entry.cpu_milli };
        for (entry, held) in held(&all, is_about, amount) {
            // It may have been found while its creation call still waited.
            let Some(most) = most_between(stock, entry.requested.unwrap(), entry.started.unwrap()) else { continue };
            assert!(held <= most, "{} makes {held} of a stock of {most} at {:?}", entry.resource, entry.started);
        }
    }
}

/// The most that a stock held from one instant to another; none if it was without limit.
fn most_between(stock: &Stock, from: Time, to: Time) -> Option<u64> {
    let first = stock.levels.partition_point(|(at, _)| *at <= from).saturating_sub(1);
    let levels: Option<Vec<u64>> = stock.levels[first..].iter().take_while(|(at, _)| *at <= to).map(|level| level.1).collect();
    levels?.into_iter().max()
}
