//! Where the money went.

use std::collections::BTreeMap;

use sim_core::record::Record;
use sim_core::units::Money;

use super::{item, say};
use crate::format::{duration, money_in, number, percent, price};
use crate::terminal::page::{Ink, Page};

/// Invoice lines listed before the rest is only counted.
const LISTED: usize = 12;

pub(super) fn write(page: &mut Page, record: &Record) {
    let cost = &record.summary.cost;
    let money = |amount: Money| money_in(amount, &cost.currency);
    page.line(&[(Ink::Strong, "The bill")]);
    let ahead = if cost.prepaid == Money::ZERO { String::new() } else { format!(", {} of it paid ahead, used or not", money(cost.prepaid)) };
    say(page, &format!("{} of simulated time cost {}{ahead}.", duration(record.summary.simulated_s), money(cost.total)));
    if cost.idle > Money::ZERO {
        say(page, &format!("{} ({}) was for what nobody requested.", money(cost.idle), share(cost.idle, cost.total)));
    }
    if let Some(each) = cost.per_million_requests {
        say(page, &format!("A million answered requests cost {}.", money(each)));
    }
    for (title, parts) in [("By tier", &cost.by_tier), ("By workload", &cost.by_workload), ("By what it was paid for", &cost.by_class)] {
        cut(page, title, parts, cost.total, &cost.currency);
    }
    page.section("The largest lines", "");
    let mut lines: Vec<_> = cost.lines.iter().collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.amount));
    for line in lines.iter().take(LISTED) {
        let assumed = if line.assumption { ", an assumed price" } else { "" };
        let how = format!("{} {} at {} each{assumed}", number(line.quantity), line.unit, price(line.unit_price));
        item(page, &format!("{} ({}): {} = {how}", line.item, line.tier, money(line.amount)));
    }
    if lines.len() > LISTED {
        say(page, &format!("and {} more: see `overspill invoice`.", lines.len() - LISTED));
    }
    if cost.wrong_tier.pod_hours > 0.0 {
        let hours = number(cost.wrong_tier.pod_hours);
        say(page, &format!("Pods stayed {hours} pod-hours on a later tier while an earlier one had room; that cost {}.", money(cost.wrong_tier.cost)));
    }
}

/// Amounts cut one way, the largest first.
fn cut(page: &mut Page, title: &str, parts: &BTreeMap<String, Money>, total: Money, currency: &str) {
    if parts.is_empty() {
        return;
    }
    page.section(title, "");
    let mut parts: Vec<(&String, &Money)> = parts.iter().collect();
    parts.sort_by_key(|part| std::cmp::Reverse(*part.1));
    for (name, amount) in parts {
        item(page, &format!("{}: {} ({})", if name.is_empty() { "-" } else { name }, money_in(*amount, currency), share(*amount, total)));
    }
}

fn share(part: Money, whole: Money) -> String {
    if whole == Money::ZERO { "-".to_owned() } else { percent(part.as_pico() as f64 / whole.as_pico() as f64) }
}
