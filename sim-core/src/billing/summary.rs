//! The invoice as the record shows it.

use super::alternatives::alternatives;
use super::cells::Class;
use super::{Basis, Invoice, Line, Missing, projection, wrong_tier};
use crate::ledger::Ledger;
use crate::record::{CommitmentSummary, CostSummary, InvoiceLine, WrongTierSummary};
use crate::units::{Exact, Money};

/// Everything that a record says about money.
pub fn summarize(ledger: &Ledger, basis: &Basis, invoice: &Invoice) -> Result<CostSummary, Vec<Missing>> {
    let total = invoice.total();
    let mut cost = CostSummary { currency: invoice.currency.clone(), total, ..CostSummary::default() };
    for tier in &basis.tiers {
        cost.by_tier.insert(tier.clone(), Money::ZERO);
    }
    for workload in &basis.workloads {
        cost.by_workload.insert(workload.name.clone(), Money::ZERO);
    }
    for class in Class::ALL {
        cost.by_class.insert(class.name().to_owned(), Money::ZERO);
    }
    for line in &invoice.lines {
        *cost.by_item.entry(line.item.clone()).or_default() += line.amount;
        if line.prepaid {
            cost.prepaid += line.amount;
        } else {
            cost.postpaid += line.amount;
        }
        for cell in &line.cells {
            *cost.by_tier.entry(cell.tier.clone()).or_default() += cell.amount;
            *cost.by_zone.entry(cell.zone.clone()).or_default() += cell.amount;
            *cost.by_class.entry(cell.class.name().to_owned()).or_default() += cell.amount;
            if !cell.workload.is_empty() {
                *cost.by_workload.entry(cell.workload.clone()).or_default() += cell.amount;
            }
            if matches!(cell.class, Class::Unallocated | Class::CommitmentIdle) {
                cost.idle += cell.amount;
            }
        }
    }
    let completed: u64 = basis.workloads.iter().map(|workload| workload.completed).sum();
    let per = |amount: Money, count: u64, times: i128| {
        (count > 0).then(|| (&(&Exact::from(amount) * &Exact::whole(times)) / &Exact::whole(i128::from(count))).to_money())
    };
    cost.per_million_requests = per(total, completed, 1_000_000);
    for workload in basis.workloads.iter().filter(|workload| workload.is_job) {
        let amount = cost.by_workload.get(&workload.name).copied().unwrap_or_default();
        cost.per_successful_job.extend(per(amount, workload.succeeded, 1).map(|price| (workload.name.clone(), price)));
    }
    cost.lines = invoice.lines.iter().map(invoice_line).collect();
    cost.assumptions = invoice
        .lines
        .iter()
        .filter(|line| line.note.assumption)
        .map(|line| format!("{} ({}): {}", line.item, line.purchase.name(), line.note.source))
        .collect();
    let in_other_currency = !basis.terms.currency.is_empty() && basis.terms.currency != basis.tariff.currency;
    if in_other_currency && let Some(rate) = basis.tariff.rates.get(&basis.terms.currency).filter(|rate| rate.note.assumption) {
        cost.assumptions.push(format!("one {} is {} {}: {}", basis.terms.currency, rate.value, basis.tariff.currency, rate.note.source));
    }
    cost.assumptions.dedup();
    let wrong = wrong_tier::sweep(ledger, basis);
    let value = super::value_of(&invoice.currency, basis)?;
    cost.wrong_tier = WrongTierSummary { pod_hours: wrong.pod_ns as f64 / 3.6e12, cost: (&wrong.cost / &value).to_money() };
    cost.commitments = invoice.commitments.iter().map(commitment).collect();
    let alternatives = alternatives(ledger, basis, invoice);
    cost.alternatives = alternatives.list;
    cost.burst_break_even_hours = alternatives.burst_break_even_hours;
    cost.projection = Some(projection::project(ledger, basis, invoice)?);
    Ok(cost)
}

fn invoice_line(line: &Line) -> InvoiceLine {
    InvoiceLine {
        item: line.item.clone(),
        tier: line.tier.clone(),
        purchase: line.purchase.name().to_owned(),
        prepaid: line.prepaid,
        quantity: line.unit_ns as f64 / line.unit_size as f64,
        unit: line.unit.clone(),
        unit_price: line.price.amount(line.unit_size),
        amount: line.amount,
        assumption: line.note.assumption,
        source: line.note.source.clone(),
    }
}

fn commitment(usage: &super::CommitmentUse) -> CommitmentSummary {
    CommitmentSummary {
        name: usage.name.clone(),
        item: usage.item.clone(),
        purchase: usage.purchase.name().to_owned(),
        cost: usage.cost.to_money(),
        covered_list: usage.covered_list.to_money(),
        utilisation: usage.utilisation.as_f64(),
        coverage: usage.coverage.as_f64(),
        break_even_hours_a_month: usage.break_even_hours.as_f64(),
    }
}
