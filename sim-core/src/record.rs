//! What a run leaves: plain data that reports, expectations and re-pricing read.
//!
//! Keys of [`Summary`] are a contract: they may be added, never renamed. Times are in seconds, latencies in milliseconds, money in
//! decimal strings.
//!
//! Programs open records of older ones: a field that is added carries `#[serde(default)]`, and a column is added after the others.

mod calls;
mod cost;
mod decision;
mod estate;
mod fault;
mod job;
mod objective;
mod pool;
mod requests;
mod rows;
mod series;
mod start_up;
mod summary;
mod workload;

pub use calls::{BackendSummary, CallSummary};
pub use cost::{AlternativeSummary, CommitmentSummary, CostSummary, InvoiceLine, ProjectionSummary, WrongTierSummary};
pub use decision::DecisionRow;
pub use estate::{NodeRow, PendingSummary, PodRow, TierSummary};
pub use fault::FaultSummary;
pub use job::JobSummary;
pub use objective::{Breach, ObjectiveSummary};
pub use pool::{PoolRow, PoolSummary};
pub use requests::{LatencyCauses, LatencySummary, RequestCounts};
pub use rows::Rows;
pub use series::{TierRow, WorkloadRow};
pub use start_up::{StageCell, StageSummary, StageTimes, StartUpSummary};
pub use summary::Summary;
pub use workload::{HpaBounds, MeanMax, PendingTimes, ReplicaSummary, RolloutSummary, ServiceSeries, SpikeSummary, TierPods, WorkloadSummary};

/// Everything that a run leaves.
#[derive(Clone, Debug)]
pub struct Record {
    /// Totals.
    pub summary: Summary,
    /// One row per window and workload.
    pub workload_series: Vec<WorkloadRow>,
    /// One row per window and tier.
    pub tier_series: Vec<TierRow>,
    /// One row per window and node pool.
    pub pool_series: Vec<PoolRow>,
    /// One row per pod, in the order of creation.
    pub pods: Rows<PodRow>,
    /// One row per node that can hold pods.
    pub nodes: Vec<NodeRow>,
    /// What controllers decided, in order.
    pub decisions: Rows<DecisionRow>,
    /// Who used what, from when to when.
    pub ledger: crate::ledger::Ledger,
    /// What the bill was made of besides the ledger.
    pub basis: crate::billing::Basis,
}
