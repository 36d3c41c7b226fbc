//! When objectives were not held, and what held capacity back.

use sim_core::record::{Breach, ObjectiveSummary, Record};
use sim_core::units::Money;

use super::teller::Teller;
use crate::format::{count, money_in, percent};
use crate::lang::Both;
use crate::shares::{self, Group};

/// Breaches listed before the rest is only counted.
const LISTED: usize = 40;

pub(super) fn write(teller: &mut Teller<'_>, record: &Record) {
    let objectives = &record.summary.objectives;
    if objectives.is_empty() {
        return teller.say("The scenario states no objectives, so nothing could be breached.", "场景没有设定目标，因此不存在违反。");
    }
    for objective in objectives.iter().filter(|objective| objective.breaches.is_empty()) {
        held(teller, objective);
    }
    for group in shares::groups(record) {
        for objective in &group.objectives {
            held(teller, objective);
        }
        causes(teller, record, &group);
        price(teller, record, group.objectives[0]);
        let breaches = &group.objectives[0].breaches;
        for breach in breaches.iter().take(LISTED) {
            let span = format!("{} {} {}", teller.at(breach.from), teller.pick("to", "至"), teller.at(breach.to));
            let cause = Both::of(&breach.cause);
            teller.entry(&span, cause.en, cause.zh);
        }
        if breaches.len() > LISTED {
            let rest = count((breaches.len() - LISTED) as u64);
            teller.say(format!("and {rest} more."), format!("另有 {rest} 次。"));
        }
    }
}

/// Whether an objective held, and how often.
pub(super) fn held(teller: &mut Teller<'_>, objective: &ObjectiveSummary) {
    let (name, attained, asked) = (Both::of(&objective.name), percent(objective.attained), percent(objective.target));
    let (en, zh) = if objective.met { ("met", "达成") } else { ("not met", "未达成") };
    teller.say(
        format!("{}: held in {attained} of the windows with requests, {asked} asked for: {en}.", name.en),
        format!("{}：在 {attained} 有请求的时间窗内成立，要求 {asked}：{zh}。", name.zh),
    );
}

/// Seconds by cause, the largest first: they add up to the breached time.
pub(super) fn causes(teller: &mut Teller<'_>, record: &Record, group: &Group<'_>) {
    let total = Both::duration(group.breached_s);
    let (en, zh) = if group.objectives.len() > 1 { ("They were", "这些目标均") } else { ("It was", "该目标") };
    teller.say(format!("{en} breached for {}, which is charged to:", total.en), format!("{zh}未达成 {}，归因如下：", total.zh));
    for (cause, seconds) in &group.causes {
        let (name, time, share) = (Both::of(cause), Both::duration(*seconds), percent(seconds / group.breached_s));
        teller.item(format!("{}: {} ({share})", name.en, time.en), format!("{}：{}（{share}）", name.zh, time.zh));
    }
    if let Some(whose) = shares::whose(record, group) {
        teller.say(whose.en + ".", whose.zh + "。");
    }
}

/// What a breach cost: requests that got no answer, and what the estate cost in that time.
pub(super) fn price(teller: &mut Teller<'_>, record: &Record, objective: &ObjectiveSummary) {
    let inside = |t: f64| objective.breaches.iter().any(|breach| (breach.from..breach.to).contains(&t));
    let rows = record.workload_series.iter().filter(|row| objective.workload.as_ref().is_none_or(|name| *name == row.workload) && inside(row.t));
    let (offered, lost) = rows.fold((0, 0), |(offered, lost), row| (offered + row.offered, lost + row.timed_out + row.rejected + row.failed));
    let spent: Money = objective.breaches.iter().map(|breach| spent(record, breach)).sum();
    let [lost, offered] = [lost, offered].map(count);
    let spent = money_in(spent, &record.summary.cost.currency);
    teller.say(
        format!("In that time {lost} of {offered} requests got no answer, and the estate cost {spent}."),
        format!("期间 {offered} 个请求中有 {lost} 个没有得到应答，整体费用 {spent}。"),
    );
}

/// What the estate cost over a breach: the running cost at its end without that at its start.
fn spent(record: &Record, breach: &Breach) -> Money {
    // A row's cost is that at the end of its window, which is the start of the next.
    let until = |t: f64| -> Money {
        let end = record.tier_series.partition_point(|row| row.t < t);
        let last = record.tier_series[..end].last().map_or(f64::NEG_INFINITY, |row| row.t);
        record.tier_series[..end].iter().rev().take_while(|row| row.t == last).map(|row| row.cost).sum()
    };
    until(breach.to) - until(breach.from)
}
