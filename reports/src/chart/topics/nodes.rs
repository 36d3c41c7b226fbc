//! Nodes of pools: how many are ready, and how many are on their way.

use sim_core::record::{PoolRow, Record};

use super::{series, subtitle};
use crate::chart::palette::{INK, nth};
use crate::chart::spec::{ChartSpec, Mark, Panel, Points, Unit};
use crate::format::{count, duration};

pub(in crate::chart) fn spec(record: &Record) -> Option<ChartSpec> {
    let summary = &record.summary;
    if record.pool_series.is_empty() {
        return None;
    }
    let layers = summary.pools.keys().enumerate().map(|(place, pool)| series(pool, nth(place), points(record, pool, |row| row.nodes_ready)));
    let mut panel = Panel::new("nodes ready", Unit::Count);
    panel.marks.push(Mark::Stack { layers: layers.collect(), step: true });
    let asked = super::sum(summary.pools.keys().map(|pool| points(record, pool, |row| row.nodes_ready + row.nodes_starting)));
    panel.marks.push(Mark::Step(series("ready or being provisioned", INK, asked)));
    let facts = summary.pools.iter().map(|(name, pool)| {
        let wait = if pool.provisioning_s.max > 0.0 { format!(", within {}", duration(pool.provisioning_s.max)) } else { String::new() };
        format!("{name}: at most {}{wait}", count(u64::from(pool.nodes.max)))
    });
    let subtitle = subtitle(record, &facts.collect::<Vec<_>>().join("; "));
    Some(ChartSpec { title: "Nodes by pool".to_owned(), subtitle, end_s: summary.simulated_s, panels: vec![panel] })
}

/// A count of a pool; the rows are as at the ends of windows.
fn points(record: &Record, pool: &str, value: impl Fn(&PoolRow) -> u32) -> Points {
    let rows: Vec<_> = record.pool_series.iter().filter(|row| row.pool == pool).collect();
    let ends = rows.iter().skip(1).map(|row| row.t).chain([record.summary.simulated_s]);
    let first = rows.first().map(|row| (row.t, Some(f64::from(value(row)))));
    first.into_iter().chain(ends.zip(&rows).map(|(end, row)| (end, Some(f64::from(value(row)))))).collect()
}
