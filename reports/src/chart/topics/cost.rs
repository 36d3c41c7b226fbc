//! Cost as it adds up, by tier.

use sim_core::record::Record;
use sim_core::units::Money;

use super::{series, subtitle};
use crate::chart::palette::of_tiers;
use crate::chart::spec::{ChartSpec, Mark, Panel, Points, Unit};
use crate::format::{money, money_in};
use crate::tiers;

pub(in crate::chart) fn spec(record: &Record) -> Option<ChartSpec> {
    let summary = &record.summary;
    let layers = of_tiers(&tiers::in_order(record)).into_iter().map(|(tier, color)| series(tier, color, accumulated(record, tier)));
    let layers: Vec<_> = layers.filter(|layer| layer.points.iter().any(|(_, value)| *value > Some(0.0))).collect();
    if layers.is_empty() {
        return None;
    }
    let cost = &summary.cost;
    let mut panel = Panel::new(if cost.currency.is_empty() { "cost so far".to_owned() } else { format!("cost so far, {}", cost.currency) }, Unit::Number);
    panel.marks.push(Mark::Stack { layers, step: false });
    let parts = tiers::in_order(record).into_iter().filter_map(|tier| Some((tier, *cost.by_tier.get(tier)?)));
    let parts: Vec<String> = parts.filter(|(_, amount)| *amount != Money::ZERO).map(|(tier, amount)| format!("{tier} {}", money(amount))).collect();
    let mut facts = format!("{} in all: {}", money_in(cost.total, &cost.currency), parts.join(", "));
    if cost.idle != Money::ZERO {
        facts += &format!("; {} of it idle", money(cost.idle));
    }
    let subtitle = subtitle(record, &facts);
    Some(ChartSpec { title: "Cost by tier".to_owned(), subtitle, end_s: summary.simulated_s, panels: vec![panel] })
}

/// Cost of a tier from the start to the end of each window.
fn accumulated(record: &Record, tier: &str) -> Points {
    let rows: Vec<_> = record.tier_series.iter().filter(|row| row.tier == tier).collect();
    let ends = rows.iter().skip(1).map(|row| row.t).chain([record.summary.simulated_s]);
    std::iter::once((0.0, Some(0.0))).chain(ends.zip(&rows).map(|(end, row)| (end, Some(row.cost.as_f64())))).collect()
}
