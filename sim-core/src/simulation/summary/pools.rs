//! Node pools as rows of the record.

use std::collections::BTreeMap;

use super::super::Simulation;
use super::super::measuring::since;
use super::workloads::replica_summary;
use crate::cluster::NodeStatus;
use crate::id::Id;
use crate::plan::{Node, Offer, Tier};
use crate::record::{PendingTimes, PoolRow, PoolSummary};
use crate::units::Time;

impl Simulation<'_> {
    pub(super) fn pool_summaries(&self) -> BTreeMap<String, PoolSummary> {
        let (from, end) = (self.measured_from(), self.plan.end());
        let summary = |(id, pool, state): (_, &crate::plan::NodePool, &super::super::fleet::PoolState)| {
            let lives = self.fleet.lives.iter().filter(|life| self.fleet.pool_of(life.node) == Some(id));
            let ns: u128 = lives.map(|life| u128::from(life.released.unwrap_or(end).since(life.asked.max(from)).as_nanos())).sum();
            let mut waits: Vec<f64> = state.waits.iter().filter(|wait| wait.0 >= from).map(|wait| wait.1.as_secs_f64()).collect();
            waits.sort_by(f64::total_cmp);
            let at = |q: f64| waits.get(((waits.len() as f64 * q).ceil() as usize).saturating_sub(1)).copied().unwrap_or(0.0);
            let summary = PoolSummary {
                tier: self.plan.tiers[pool.tier].name.clone(),
                bounds: (pool.min, pool.max),
                nodes: replica_summary(&since(&state.steps, from), from, end),
                node_seconds: ns as f64 / 1e9,
                asked: state.asked,
                released: state.released,
                failed: state.failed,
                lacking: state.lacking,
                provisioning_s: PendingTimes { p50: at(0.5), p99: at(0.99), max: waits.last().copied().unwrap_or(0.0) },
            };
            (pool.name.clone(), summary)
        };
        self.pool_states().map(summary).collect()
    }

    /// Notes how each pool is at the end of a window.
    pub(in super::super) fn pool_window(&mut self) {
        let mut rows = Vec::with_capacity(self.plan.pools.len());
        for (_, pool, state) in self.pool_states() {
            let (mut pods, mut requested, mut allocatable, mut down) = (0, 0, 0, 0);
            for node in pool.offers.iter().flat_map(Offer::nodes) {
                let there = &self.nodes[node.index()];
                if there.status.is_registered() {
                    down += u32::from(self.is_down(node));
                    pods += self.fleet.pods_on(node).len() as u32;
                    requested += there.requested.cpu.0;
                    allocatable += there.allocatable.map_or(0, |resources| resources.cpu.0);
                }
            }
            rows.push(PoolRow {
                t: self.window_start.as_secs_f64(),
                pool: pool.name.clone(),
                tier: self.plan.tiers[pool.tier].name.clone(),
                nodes_ready: state.count(NodeStatus::Ready).saturating_sub(down),
                nodes_starting: state.count(NodeStatus::Provisioning) + state.count(NodeStatus::NotReady),
                nodes_down: down,
                nodes_leaving: state.count(NodeStatus::Leaving),
                pods,
                cpu_requested_cores: requested as f64 / 1000.0,
                cpu_allocatable_cores: allocatable as f64 / 1000.0,
            });
        }
        self.pool_rows.extend(rows);
    }

    /// Whether a node is worth a row: it is none of a pool's places that never had a machine.
    pub(super) fn was_there(&self, node: Id<Node>) -> bool {
        self.fleet.pool_of(node).is_none() || self.fleet.life_at(node, self.plan.end()).is_some()
    }

    /// Seconds of a tier's machines, and its nodes at the end and at most.
    pub(super) fn machines_of_tier(&self, tier: Id<Tier>) -> (f64, u32, u32) {
        let (from, end) = (self.measured_from(), self.plan.end());
        let fixed = self.plan.nodes.iter().filter(|(id, node)| node.tier == tier && self.fleet.pool_of(*id).is_none());
        let (nodes, machines) =
            fixed.fold((0, 0), |(nodes, machines), (id, _)| (nodes + 1, machines + u32::from(self.nodes[id.index()].allocatable.is_some())));
        let mut changes: Vec<(Time, i32)> = Vec::new();
        let mut ns = 0;
        for life in self.fleet.lives.iter().filter(|life| self.plan.nodes[life.node].tier == tier) {
            ns += u128::from(life.released.unwrap_or(end).since(life.asked.max(from)).as_nanos());
            if let Some(ready) = life.ready {
                changes.push((ready.max(from), 1));
                changes.extend(life.released.map(|released| (released.max(from), -1)));
            }
        }
        changes.sort_unstable();
        let (mut now, mut most) = (0, 0);
        for (_, change) in changes {
            now += change;
            most = most.max(now);
        }
        let count = |more: i32| nodes + more.unsigned_abs();
        (f64::from(machines) * self.measured_s() + ns as f64 / 1e9, count(now), count(most))
    }
}
