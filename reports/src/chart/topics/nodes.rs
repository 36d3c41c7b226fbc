//! Nodes of pools: how many are ready, and how many are on their way.

use sim_core::record::{PoolRow, Record};

use super::{named, over_time, series};
use crate::chart::palette::{INK, nth};
use crate::chart::spec::{ChartSpec, Mark, Panel, Points, Unit};
use crate::format::count;
use crate::lang::Both;

pub(in crate::chart) fn spec(record: &Record) -> Option<ChartSpec> {
    let pools = &record.summary.pools;
    if record.pool_series.is_empty() {
        return None;
    }
    let layers = pools.keys().enumerate().map(|(place, pool)| named(pool, nth(place), points(record, pool, |row| row.nodes_ready)));
    let mut panel = Panel::new("nodes ready", Unit::Count);
    panel.marks.push(Mark::Stack { layers: layers.collect(), step: true });
    let asked = super::sum(pools.keys().map(|pool| points(record, pool, |row| row.nodes_ready + row.nodes_starting)));
    panel.marks.push(Mark::Step(series("ready or being provisioned", INK, asked)));
    let peaks: Vec<String> = pools.iter().map(|(name, pool)| format!("{name} {}", count(u64::from(pool.nodes.max)))).collect();
    let facts = Both::new(format!("most at once: {}", peaks.join(", ")), format!("同时最多：{}", peaks.join("，")));
    Some(over_time(record, "Nodes by pool", &facts, vec![panel]))
}

/// A count of a pool; the rows are as at the ends of windows.
fn points(record: &Record, pool: &str, value: impl Fn(&PoolRow) -> u32) -> Points {
    let rows: Vec<_> = record.pool_series.iter().filter(|row| row.pool == pool).collect();
    let ends = rows.iter().skip(1).map(|row| row.t).chain([record.summary.simulated_s]);
    let first = rows.first().map(|row| (row.t, Some(f64::from(value(row)))));
    first.into_iter().chain(ends.zip(&rows).map(|(end, row)| (end, Some(f64::from(value(row)))))).collect()
}
