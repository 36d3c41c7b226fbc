//! Node pools.

use serde::{Deserialize, Serialize};

use super::workload::{PendingTimes, ReplicaSummary};

/// A pool over the run.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct PoolSummary {
    /// Tier of its nodes.
    pub tier: String,
    /// Fewest and most machines that it may have.
    pub bounds: (u32, u32),
    /// Ready nodes.
    pub nodes: ReplicaSummary,
    /// Seconds of its machines, summed over machines, from asking to release.
    pub node_seconds: f64,
    /// Machines asked for.
    pub asked: u32,
    /// Machines released.
    pub released: u32,
    /// Machines that were given up because they did not become ready in time.
    pub failed: u32,
    /// Machines that the provider did not have.
    pub lacking: u32,
    /// Seconds from asking for a machine until its node was ready.
    pub provisioning_s: PendingTimes,
}

/// A window of a pool. Everything is as at its end.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct PoolRow {
    /// Start of the window in seconds.
    pub t: f64,
    /// Pool.
    pub pool: String,
    /// Tier of its nodes.
    pub tier: String,
    /// Ready nodes.
    pub nodes_ready: u32,
    /// Machines asked for that are no ready nodes yet.
    pub nodes_starting: u32,
    /// Nodes that do not answer.
    pub nodes_down: u32,
    /// Nodes that are emptied before they are released.
    pub nodes_leaving: u32,
    /// Pods bound to its nodes, those of DaemonSets not counted.
    pub pods: u32,
    /// CPU requested of its nodes, in cores.
    pub cpu_requested_cores: f64,
    /// Allocatable CPU of its nodes, in cores.
    pub cpu_allocatable_cores: f64,
}
