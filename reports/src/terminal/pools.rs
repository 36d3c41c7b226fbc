//! Node pools: how many nodes, how fast they came, what went wrong.

use sim_core::record::Record;

use super::page::Page;
use super::table::Table;
use crate::format::{count, fixed};

/// A row for each pool.
pub(super) fn pools(page: &mut Page, record: &Record) {
    let pools = &record.summary.pools;
    if pools.is_empty() {
        return;
    }
    page.section("Node pools", "ready nodes; seconds from asking for a machine until its node was ready");
    let failures = pools.values().any(|pool| pool.failed + pool.lacking > 0);
    let mut columns = ["bounds", "mean", "most", "end", "node-h", "asked", "gone", "p50 s", "max s"].map(str::to_owned).to_vec();
    if failures {
        columns.extend(["no stock", "failed"].map(str::to_owned));
    }
    let mut table = Table::of(&["pool".to_owned()], &columns);
    for (name, pool) in pools {
        let whole = |n: u32| count(u64::from(n));
        let mut row = vec![
            name.clone(),
            format!("{}-{}", pool.bounds.0, pool.bounds.1),
            fixed(pool.nodes.mean, 1),
            whole(pool.nodes.max),
            whole(pool.nodes.r#final),
            fixed(pool.node_seconds / 3600.0, 1),
            whole(pool.asked),
            whole(pool.released),
            fixed(pool.provisioning_s.p50, 0),
            fixed(pool.provisioning_s.max, 0),
        ];
        if failures {
            row.extend([whole(pool.lacking), whole(pool.failed)]);
        }
        table.add(&row);
    }
    table.write(page);
}
