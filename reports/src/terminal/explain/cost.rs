//! Where the money went.

use std::collections::BTreeMap;

use sim_core::record::Record;
use sim_core::units::Money;

use super::teller::Teller;
use crate::format::{money_in, number, percent, price};
use crate::lang::Both;

/// Invoice lines listed before the rest is only counted.
const LISTED: usize = 12;

pub(super) fn write(teller: &mut Teller<'_>, record: &Record) {
    let cost = &record.summary.cost;
    let money = |amount: Money| money_in(amount, &cost.currency);
    teller.title("The bill", "账单");
    let (length, total) = (Both::duration(record.summary.simulated_s), money(cost.total));
    let ahead = if cost.prepaid == Money::ZERO { None } else { Some(money(cost.prepaid)) };
    teller.say(
        format!(
            "{} of simulated time cost {total}{}.",
            length.en,
            ahead.as_ref().map_or_else(String::new, |ahead| format!(", {ahead} of it paid ahead, used or not"))
        ),
        format!("仿真的 {}共花费 {total}{}。", length.zh, ahead.as_ref().map_or_else(String::new, |ahead| format!("，其中预付 {ahead}，用与不用都要付"))),
    );
    if cost.idle > Money::ZERO {
        let (idle, part) = (money(cost.idle), share(cost.idle, cost.total));
        teller.say(format!("{idle} ({part}) was for what nobody requested."), format!("其中 {idle}（{part}）花在没有人申请的资源上。"));
    }
    if let Some(each) = cost.per_million_requests.map(money) {
        teller.say(format!("A million answered requests cost {each}."), format!("每百万个已应答请求花费 {each}。"));
    }
    cut(teller, ("By tier", "按层级"), &cost.by_tier, cost.total, &cost.currency);
    cut(teller, ("By workload", "按工作负载"), &cost.by_workload, cost.total, &cost.currency);
    cut(teller, ("By what it was paid for", "按用途"), &cost.by_class, cost.total, &cost.currency);
    teller.section("The largest lines", "金额最大的条目", "");
    let mut lines: Vec<_> = cost.lines.iter().collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.amount));
    for line in lines.iter().take(LISTED) {
        let (quantity, unit, each) = (number(line.quantity), Both::of(&line.unit), price(line.unit_price));
        let (en, zh) = if line.assumption { (", an assumed price", "，单价为假设") } else { ("", "") };
        let (item, tier, amount) = (&line.item, &line.tier, money(line.amount));
        teller.item(
            format!("{item} ({tier}): {amount} = {quantity} {} at {each} each{en}", unit.en),
            format!("{item}（{tier}）：{amount} = {quantity} {} × 单价 {each}{zh}", unit.zh),
        );
    }
    if lines.len() > LISTED {
        let rest = lines.len() - LISTED;
        teller.say(format!("and {rest} more: see `overspill invoice`."), format!("另有 {rest} 条：见 `overspill invoice`。"));
    }
    if cost.wrong_tier.pod_hours > 0.0 {
        let (hours, wasted) = (number(cost.wrong_tier.pod_hours), money(cost.wrong_tier.cost));
        teller.say(
            format!("Pods stayed {hours} pod-hours on a later tier while an earlier one had room; that cost {wasted}."),
            format!("有 {hours} 个 Pod 小时停留在靠后的层级，而靠前的层级有空位；多花费 {wasted}。"),
        );
    }
}

/// Amounts cut one way, the largest first.
fn cut(teller: &mut Teller<'_>, (en, zh): (&str, &str), parts: &BTreeMap<String, Money>, total: Money, currency: &str) {
    if parts.is_empty() {
        return;
    }
    teller.section(en, zh, "");
    let mut parts: Vec<(&String, &Money)> = parts.iter().collect();
    parts.sort_by_key(|part| std::cmp::Reverse(*part.1));
    for (name, amount) in parts {
        let name = match name.as_str() {
            "" => Both::of("-"),
            // Classes of a bill are words; the rest are names that somebody chose.
            class if en == "By what it was paid for" => Both::of(class),
            name => Both::new(name, name),
        };
        let (amount, part) = (money_in(*amount, currency), share(*amount, total));
        teller.item(format!("{}: {amount} ({part})", name.en), format!("{}：{amount}（{part}）", name.zh));
    }
}

fn share(part: Money, whole: Money) -> String {
    if whole == Money::ZERO { "-".to_owned() } else { percent(part.as_pico() as f64 / whole.as_pico() as f64) }
}
