//! The invoice: a group of lines for each tier, and what each workload's part is.

use serde::Serialize;
use sim_core::record::{InvoiceLine, Record};
use sim_core::units::Money;

use crate::format::{fixed, money, percent, price};
use crate::lang::Both;
use crate::tiers;

/// The lines of a tier.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    pub tier: String,
    pub amount: String,
    pub exact: String,
    pub value: f64,
    pub share: String,
    pub idle: String,
    pub lines: Vec<Line>,
}

/// A line, written for reading and for sorting.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub item: String,
    pub purchase: Both,
    pub quantity: String,
    pub unit: Both,
    pub unit_price: String,
    pub amount: String,
    /// Quantity, price and amount for sorting.
    pub values: [f64; 3],
    /// Quantity, price and amount with all their places.
    pub exact: [String; 3],
    pub assumption: bool,
}

/// A workload's part of the bill.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    pub name: String,
    pub amount: String,
    pub share: String,
    pub percent: f64,
}

/// Groups in the order of tiers, without tiers that cost nothing and have no line.
pub(super) fn groups(record: &Record) -> Vec<Group> {
    let cost = &record.summary.cost;
    let mut names = tiers::in_order(record);
    // A line may belong to no tier: a penalty, a fee.
    for line in &cost.lines {
        if !names.contains(&line.tier.as_str()) {
            names.push(&line.tier);
        }
    }
    let group = |tier: &str| {
        let lines: Vec<&InvoiceLine> = cost.lines.iter().filter(|line| line.tier == tier).collect();
        let amount: Money = lines.iter().map(|line| line.amount).sum();
        let idle = record.summary.tiers.get(tier).map(|tier| tier.idle_cost).filter(|idle| *idle != Money::ZERO);
        let group = Group {
            tier: tier.to_owned(),
            amount: money(amount),
            exact: amount.to_string(),
            value: amount.as_f64(),
            share: share(amount, cost.total),
            idle: idle.map(money).unwrap_or_default(),
            lines: lines.iter().map(|line| self::line(line)).collect(),
        };
        (!lines.is_empty()).then_some(group)
    };
    names.into_iter().filter_map(group).collect()
}

fn line(line: &InvoiceLine) -> Line {
    let decimals = if line.quantity.fract() == 0.0 { 0 } else { 2 };
    Line {
        item: line.item.clone(),
        purchase: Both::of(&line.purchase),
        quantity: fixed(line.quantity, decimals),
        unit: Both::of(&line.unit),
        unit_price: price(line.unit_price),
        amount: money(line.amount),
        values: [line.quantity, line.unit_price.as_f64(), line.amount.as_f64()],
        exact: [line.quantity.to_string(), line.unit_price.to_string(), line.amount.to_string()],
        assumption: line.assumption,
    }
}

/// By workload, the largest first, and last what was idle.
pub(super) fn by_workload(record: &Record) -> (Vec<Part>, Option<Part>) {
    let cost = &record.summary.cost;
    let part = |name: &str, amount: Money| {
        let percent = if cost.total == Money::ZERO { 0.0 } else { amount.as_f64() / cost.total.as_f64() * 100.0 };
        Part { name: name.to_owned(), amount: money(amount), share: share(amount, cost.total), percent }
    };
    let mut workloads: Vec<(&String, &Money)> = cost.by_workload.iter().collect();
    workloads.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let idle = (cost.idle != Money::ZERO).then(|| part("", cost.idle));
    (workloads.into_iter().map(|(name, amount)| part(name, *amount)).collect(), idle)
}

fn share(amount: Money, total: Money) -> String {
    if total == Money::ZERO { String::new() } else { percent(amount.as_f64() / total.as_f64()) }
}
