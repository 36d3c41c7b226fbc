//! Cost by tier: as it adds up, and in an hour.

use sim_core::record::Record;
use sim_core::units::Money;

use super::{named, over_time};
use crate::chart::palette::of_tiers;
use crate::chart::spec::{ChartSpec, Mark, Panel, Points, Series, Unit};
use crate::format::{money, money_in};
use crate::lang::Both;
use crate::tiers;

pub(in crate::chart) fn spec(record: &Record) -> Option<ChartSpec> {
    let summary = &record.summary;
    let shown = |layer: &Series| layer.points.iter().any(|(_, value)| *value > Some(0.0));
    let layers = of_tiers(&tiers::in_order(record)).into_iter().map(|(tier, color)| named(tier, color, accumulated(record, tier)));
    let layers: Vec<_> = layers.filter(shown).collect();
    if layers.is_empty() {
        return None;
    }
    let cost = &summary.cost;
    let heading = |what: &str| if cost.currency.is_empty() { what.to_owned() } else { format!("{what}, {}", cost.currency) };
    let mut rates = Panel::new(heading("cost in an hour"), Unit::Number);
    let hourly = layers.iter().map(|layer| Series { points: per_hour(&layer.points), ..layer.clone() }).collect();
    rates.marks.push(Mark::Stack { layers: hourly, step: true });
    let mut panel = Panel::new(heading("cost so far"), Unit::Number);
    panel.marks.push(Mark::Stack { layers, step: false });
    let parts = tiers::in_order(record).into_iter().filter_map(|tier| Some((tier, *cost.by_tier.get(tier)?)));
    let parts: Vec<String> = parts.filter(|(_, amount)| *amount != Money::ZERO).map(|(tier, amount)| format!("{tier} {}", money(amount))).collect();
    let total = money_in(cost.total, &cost.currency);
    let mut facts = Both::new(format!("{total} in all: {}", parts.join(", ")), format!("合计 {total}：{}", parts.join("，")));
    if cost.idle != Money::ZERO {
        facts.en += &format!("; {} of it idle", money(cost.idle));
        facts.zh += &format!("；其中闲置 {}", money(cost.idle));
    }
    Some(over_time(record, "Cost by tier", &facts, vec![panel, rates]))
}

/// What is paid in an hour at the rate of each window.
fn per_hour(so_far: &Points) -> Points {
    let rate = |from: f64, to: f64, paid: f64| (from, Some((paid / (to - from).max(1e-9) * 3600.0).max(0.0)));
    let steps = so_far.windows(2).map(|pair| rate(pair[0].0, pair[1].0, pair[1].1.unwrap_or(0.0) - pair[0].1.unwrap_or(0.0)));
    let mut points: Points = steps.collect();
    let last = points.last().and_then(|(_, value)| *value);
    points.extend(so_far.last().filter(|_| last.is_some()).map(|(end, _)| (*end, last)));
    points
}

/// Cost of a tier from the start to the end of each window.
fn accumulated(record: &Record, tier: &str) -> Points {
    let rows: Vec<_> = record.tier_series.iter().filter(|row| row.tier == tier).collect();
    let ends = rows.iter().skip(1).map(|row| row.t).chain([record.summary.simulated_s]);
    std::iter::once((0.0, Some(0.0))).chain(ends.zip(&rows).map(|(end, row)| (end, Some(row.cost.as_f64())))).collect()
}
