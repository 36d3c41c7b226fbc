//! What a run has cost so far.

use std::collections::BTreeMap;

use super::fee::Fees;
use super::lines::{self, Group, Rate};
use super::{Basis, Invoice, Line, Missing};
use crate::ledger::Ledger;
use crate::units::{Exact, Money, Time};

/// The cost of each tier from the start of the run to each of `until` (ascending).
///
/// At the end of the run it equals the invoice: lines of machines and instances are added up usage by usage, what is settled by the hour or charged as a
/// whole grows evenly with its use.
pub fn accrue(ledger: &Ledger, basis: &Basis, invoice: &Invoice, until: &[Time]) -> Result<Vec<BTreeMap<String, Money>>, Vec<Missing>> {
    let mut result = vec![BTreeMap::<String, Money>::new(); until.len()];
    let groups = lines::group(ledger, basis)?;
    let is_converted = !basis.terms.currency.is_empty() && basis.terms.currency != basis.tariff.currency;
    for (group, line) in groups.iter().zip(&invoice.lines) {
        match &group.rate {
            Rate::Flat(_) if line.unit_ns == group.unit_ns() && !is_converted => by_usage(group, line, until, &mut result),
            _ => by_share(line, until, &mut result, &shares(group, until)),
        }
    }
    let calendar = &basis.terms.calendar;
    let billed = i128::from(calendar.billed_ns().max(1));
    let even: Vec<Exact> = until.iter().map(|at| Exact::ratio(i128::from((*at).min(calendar.end).since(calendar.begin).as_nanos()), billed)).collect();
    for line in invoice.lines.iter().skip(groups.len()) {
        by_share(line, until, &mut result, &even);
    }
    Ok(result)
}

/// Adds a line's amount in given shares, to the tiers of its parts.
fn by_share(line: &Line, until: &[Time], result: &mut [BTreeMap<String, Money>], shares: &[Exact]) {
    let mut tiers = BTreeMap::<&str, Money>::new();
    for cell in &line.cells {
        *tiers.entry(&cell.tier).or_default() += cell.amount;
    }
    for (place, share) in (0..until.len()).zip(shares) {
        for (tier, amount) in &tiers {
            *result[place].entry((*tier).to_owned()).or_default() += (&Exact::from(*amount) * share).to_money();
        }
    }
}

/// The share of a group's use that lies before each instant.
fn shares(group: &Group<'_>, until: &[Time]) -> Vec<Exact> {
    let total = Exact::whole(i128::try_from(group.unit_ns()).unwrap_or(i128::MAX));
    let last = until.len().saturating_sub(1);
    let used = |at: &Time| -> u128 { group.usages.iter().map(|usage| u128::from(usage.until().min(*at).since(usage.from).as_nanos())).sum() };
    let share = |(place, at): (usize, &Time)| {
        // Rounded-up time lies beyond the end of the run, and is due at it.
        if place == last || total.is_zero() { Exact::one() } else { &Exact::whole(used(at) as i128) / &total }
    };
    until.iter().enumerate().map(share).collect()
}

/// Adds up the fees of a line usage by usage.
fn by_usage(group: &Group<'_>, line: &Line, until: &[Time], result: &mut [BTreeMap<String, Money>]) {
    let Rate::Flat(price) = group.rate else { return };
    let mut usages: Vec<_> = group.usages.iter().collect();
    usages.sort_by_key(|usage| usage.from);
    let mut ends = usages.clone();
    ends.sort_by_key(|usage| usage.to);
    let mut fees = Fees::new(price, group.rules);
    let (mut started, mut ended, mut running, mut sum_of_starts) = (0, 0, 0u128, 0u128);
    for (at, costs) in until.iter().zip(result) {
        while started < usages.len() && usages[started].from < *at {
            // A usage of no length never runs, also one at the very end of a window.
            if usages[started].from < usages[started].to {
                running += 1;
                sum_of_starts += u128::from(usages[started].from.as_nanos());
            }
            started += 1;
        }
        while ended < ends.len() && ends[ended].to <= *at {
            if ends[ended].from < ends[ended].to {
                running -= 1;
                sum_of_starts -= u128::from(ends[ended].from.as_nanos());
            }
            fees.add(ends[ended].from, ends[ended].ns());
            ended += 1;
        }
        let open_ns = running * u128::from(at.as_nanos()) - sum_of_starts;
        *costs.entry(line.tier.clone()).or_default() += (&fees.total(open_ns) * &group.value).to_money();
    }
}

#[cfg(test)]
mod tests {
    use super::accrue;
    use crate::billing::tests::{HOUR, basis, instance, machine, spec};
    use crate::billing::{Hours, Invoice, ItemRate, ItemUnit, ItemUse, Quantity};
    use crate::ledger::Ledger;
    use crate::plan::PriceNote;
    use crate::units::{Exact, Time};

    /// A machine at 1 an hour from the start on, and an instance of 1 vCPU and 2 GiB, 0.00006126 a second, from 600 s to 1800 s.
    #[test]
    fn machines_and_instances_cost_as_they_are_used() {
        let basis = basis(HOUR, &[("g7.xlarge", 4000, "1/h")]);
        let ledger = Ledger::from(vec![machine("m", "g7.xlarge", 4000, 0, None), instance(spec(1000, 2048), 600, Some(1800))]);
        let invoice = Invoice::of(&ledger, &basis, Hours::Together).unwrap();
        let costs = accrue(&ledger, &basis, &invoice, &[0, 600, 900, 1800, 3600].map(Time::from_secs)).unwrap();
        let of = |tier: &str| -> Vec<String> { costs.iter().map(|tiers| tiers.get(tier).copied().unwrap_or_default().to_string()).collect() };
        assert_eq!(of("ecs"), ["0", "0.166666666667", "0.25", "0.5", "1"]);
        assert_eq!(of("eci"), ["0", "0", "0.018378", "0.073512", "0.073512"]);
    }

    /// What is charged for the whole time grows evenly: 2 an hour for a load balancer.
    #[test]
    fn items_grow_evenly() {
        let mut basis = basis(HOUR, &[]);
        let rate = ItemRate {
            amount: "2".parse().unwrap(),
            unit: ItemUnit::Time(crate::units::Span::from_secs(HOUR)),
            prepaid: false,
            currency: String::new(),
            note: PriceNote::default(),
        };
        basis.terms.items = vec![ItemUse { name: "slb".into(), item: "slb".into(), rate: Some(rate), quantity: Quantity::Count(Exact::one()) }];
        let ledger = Ledger::from(Vec::new());
        let invoice = Invoice::of(&ledger, &basis, Hours::Together).unwrap();
        let costs = accrue(&ledger, &basis, &invoice, &[900, 3600].map(Time::from_secs)).unwrap();
        let totals: Vec<String> = costs.iter().map(|tiers| tiers.values().copied().sum::<crate::units::Money>().to_string()).collect();
        assert_eq!(totals, ["0.5", "2"]);
    }
}
