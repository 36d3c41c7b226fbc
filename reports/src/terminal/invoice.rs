//! The whole bill, for those who pay it.

use sim_core::record::CostSummary;
use sim_core::units::Money;

use super::NARROWEST;
use super::bill;
use super::page::{Ink, Page};
use super::table::{Table, figure, text};
use crate::format::{fixed, money, money_in};

/// The bill in lines of at most `width` columns: its lines, an optional cut, what it was paid for, commitments, alternatives and the projection.
pub fn invoice(cost: &CostSummary, cut: Option<(&str, &[(String, Money)])>, width: usize, color: bool) -> String {
    let mut page = Page::new(width.max(NARROWEST), color);
    bill::lines(&mut page, cost);
    if let Some((by, rows)) = cut {
        page.section(&format!("By {by}"), &cost.currency);
        amounts(&mut page, by, rows.iter().map(|(name, amount)| (name.as_str(), *amount)), cost.total);
    }
    page.section("What it was paid for", &cost.currency);
    amounts(
        &mut page,
        "class",
        cost.by_class.iter().filter(|(_, amount)| **amount != Money::ZERO).map(|(name, amount)| (name.replace('_', " "), *amount)),
        cost.total,
    );
    page.line(&[(Ink::Plain, &format!("  paid ahead {}, by use {}", money(cost.prepaid), money(cost.postpaid)))]);
    for (job, price) in &cost.per_successful_job {
        page.line(&[(Ink::Plain, &format!("  a successful {job} costs {}", money_in(*price, &cost.currency)))]);
    }
    if cost.wrong_tier.pod_hours > 0.0 {
        let hours = fixed(cost.wrong_tier.pod_hours, 2);
        page.paragraph(
            Ink::Warn,
            "  ",
            &format!("{hours} pod-hours on a later tier while an earlier one had room, for {}", money_in(cost.wrong_tier.cost, &cost.currency)),
        );
    }
    commitments(&mut page, cost);
    alternatives(&mut page, cost);
    if let Some(projection) = &cost.projection {
        page.section("If it goes on like this", &cost.currency);
        let days = |days: &std::collections::BTreeMap<String, u32>| days.iter().map(|(kind, n)| format!("{n} {kind}s")).collect::<Vec<_>>().join(", ");
        page.line(&[(Ink::Plain, &format!("  a month: {}  ({})", money(projection.month), days(&projection.month_days)))]);
        page.line(&[(Ink::Plain, &format!("  a year:  {}  ({})", money(projection.year), days(&projection.year_days)))]);
    }
    page.finish()
}

fn amounts(page: &mut Page, title: &str, rows: impl Iterator<Item = (impl Into<String>, Money)>, total: Money) {
    let mut table = Table::of(&[title.to_owned()], &["amount".to_owned(), "share".to_owned()]);
    for (name, amount) in rows {
        let share = if total == Money::ZERO { String::new() } else { format!("{} %", fixed(amount.as_f64() * 100.0 / total.as_f64(), 1)) };
        table.add(&[name.into(), money(amount), share]);
    }
    table.write(page);
}

fn commitments(page: &mut Page, cost: &CostSummary) {
    if cost.commitments.is_empty() {
        return;
    }
    page.section("Reserved and committed", &cost.currency);
    let mut table = Table::new([text("name"), text("item"), figure("cost"), figure("covered"), figure("used"), figure("coverage"), figure("break-even")]);
    for usage in &cost.commitments {
        let percent = |share: f64| format!("{} %", fixed(share * 100.0, 1));
        let hours = format!("{} h/month", fixed(usage.break_even_hours_a_month, 1));
        let row =
            [usage.name.clone(), usage.item.clone(), money(usage.cost), money(usage.covered_list), percent(usage.utilisation), percent(usage.coverage), hours];
        table.row(row);
    }
    table.write(page);
}

fn alternatives(page: &mut Page, cost: &CostSummary) {
    if cost.alternatives.is_empty() {
        return;
    }
    page.section("The same load elsewhere", &cost.currency);
    let mut table = Table::new([text("alternative"), text("item"), figure("nodes"), figure("cost"), figure("against this")]);
    for other in &cost.alternatives {
        let against =
            if other.cost == Money::ZERO { String::new() } else { format!("{} %", fixed((cost.total.as_f64() / other.cost.as_f64() - 1.0) * 100.0, 1)) };
        let nodes = if other.nodes == 0 { String::new() } else { other.nodes.to_string() };
        let mark = if other.assumption { "*" } else { "" };
        table.row([format!("{}{mark}", other.name), other.item.clone(), nodes, money(other.cost), against]);
    }
    table.write(page);
    if cost.alternatives.iter().any(|other| other.assumption) {
        page.paragraph(Ink::Warn, "  * ", "the price is an assumption");
    }
    if let Some(hours) = cost.burst_break_even_hours {
        let text = format!("instances for the busiest moment are cheaper than subscribed nodes for it up to {} hours a day", fixed(hours, 2));
        page.paragraph(Ink::Plain, "  ", &text);
    }
}
