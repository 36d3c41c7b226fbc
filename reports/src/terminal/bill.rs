//! The bill: invoice lines, who caused them, what nobody used, and what rests on an assumption.

use sim_core::record::{CostSummary, Record};
use sim_core::units::Money;

use super::page::{Ink, Page};
use super::table::{Table, figure, text};
use crate::format::{fixed, money, money_in, number, price};

pub(super) fn write(page: &mut Page, record: &Record) {
    lines(page, &record.summary.cost);
}

/// The lines of a bill, who caused them, and what rests on an assumption.
pub(super) fn lines(page: &mut Page, cost: &CostSummary) {
    if cost.lines.is_empty() && cost.total == Money::ZERO {
        return;
    }
    page.section("Cost", &cost.currency);
    let mut table = Table::new([
        text("item"),
        text("tier"),
        text("bought as").expendable(2),
        figure("quantity"),
        text("unit"),
        figure("unit price").expendable(1),
        figure("amount"),
    ]);
    for line in &cost.lines {
        let mark = if line.assumption { "*" } else { "" };
        let item = format!("{}{mark}", line.item);
        let [quantity, unit] = [number(line.quantity), page.word(&line.unit)];
        table.row([item, line.tier.clone(), page.word(&line.purchase), quantity, unit, price(line.unit_price), money(line.amount)]);
    }
    let empty = String::new;
    table.row([page.word("total"), empty(), empty(), empty(), empty(), empty(), money(cost.total)]);
    table.write(page);
    if let Some(price) = cost.per_million_requests {
        let words = page.word("  a million requests cost ");
        page.line(&[(Ink::Plain, &words), (Ink::Strong, &money_in(price, &cost.currency))]);
    }
    shares(page, "by workload", cost.by_workload.iter().map(|(name, amount)| (name.as_str(), *amount)), cost.total, cost.idle);
    if cost.lines.iter().any(|line| line.assumption) || !cost.assumptions.is_empty() {
        let texts = if cost.assumptions.is_empty() { page.word("the price is an assumption") } else { cost.assumptions.join("; ") };
        page.paragraph(Ink::Warn, "  * ", &texts);
    }
}

/// A line of shares, with what nobody requested last.
fn shares<'a>(page: &mut Page, title: &str, parts: impl Iterator<Item = (&'a str, Money)>, total: Money, idle: Money) {
    let share = |amount: Money| if total == Money::ZERO { String::new() } else { format!(" ({} %)", fixed(amount.as_f64() * 100.0 / total.as_f64(), 1)) };
    let mut texts: Vec<String> = parts.map(|(name, amount)| format!("{name} {}{}", money(amount), share(amount))).collect();
    if idle != Money::ZERO {
        texts.push(format!("{} {}{}", page.word("idle"), money(idle), share(idle)));
    }
    if !texts.is_empty() {
        page.paragraph(Ink::Plain, "  ", &format!("{title}: {}", texts.join(", ")));
    }
}
