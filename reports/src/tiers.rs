//! The order in which tiers are shown.

use sim_core::record::Record;

/// Own machines first, what is bought by the second last: the order in which capacity is used.
const FAMILIAR: [&str; 3] = ["idc", "ecs", "eci"];

/// Names of the record's tiers: the familiar ones in their order, then others as the record first mentions them.
pub(crate) fn in_order(record: &Record) -> Vec<&str> {
    let mentioned = record.tier_series.iter().map(|row| &row.tier).chain(record.nodes.iter().map(|node| &node.tier)).chain(record.summary.tiers.keys());
    let mut names: Vec<&str> = Vec::new();
    for name in mentioned {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names.sort_by_key(|name| FAMILIAR.iter().position(|familiar| familiar == name).unwrap_or(FAMILIAR.len()));
    names
}
