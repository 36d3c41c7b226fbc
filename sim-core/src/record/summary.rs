//! The object that `run --json` prints.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    BackendSummary, CallSummary, CostSummary, FaultSummary, JobSummary, LatencySummary, NodeRow, ObjectiveSummary, PendingSummary, PoolSummary, RequestCounts,
    ServiceSeries, SpikeSummary, TierSummary, WorkloadSummary,
};

/// The object that `run --json` prints.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Summary {
    /// Always `overspill.summary/1`.
    pub schema: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Seed of the run.
    pub seed: u64,
    /// Date and time at which the run starts, as the scenario gives it; null if it gives none.
    #[serde(default)]
    pub start: Option<String>,
    /// `request`: every request was simulated.
    pub fidelity: String,
    /// Simulated time.
    pub simulated_s: f64,
    /// Time at the start that no figure but the series counts.
    #[serde(default)]
    pub warm_up_s: f64,
    /// Time it took; set by the caller, the only field that is not deterministic together with the ratio below.
    pub wall_s: f64,
    /// Simulated seconds in a second; set by the caller.
    pub simulated_to_wall: f64,
    /// Control-plane events.
    pub events: u64,
    /// Hash of everything deterministic, 16 hexadecimal digits.
    pub digest: String,
    /// Requests of all services: what their load brought, without calls of one service by another.
    pub requests: RequestCounts,
    /// Latency over all services.
    pub latency_ms: LatencySummary,
    /// By service.
    pub workloads: BTreeMap<String, WorkloadSummary>,
    /// By job.
    pub jobs: BTreeMap<String, JobSummary>,
    /// By tier.
    pub tiers: BTreeMap<String, TierSummary>,
    /// By node pool.
    #[serde(default)]
    pub pools: BTreeMap<String, PoolSummary>,
    /// Pods alive at the end, by namespace and node.
    pub pods_by_namespace: BTreeMap<String, BTreeMap<String, u32>>,
    /// Nodes at the end, by name.
    pub nodes: BTreeMap<String, NodeRow>,
    /// Pods that were Pending at the end, by workload, with the reason.
    pub pending: Vec<PendingSummary>,
    /// The bill.
    pub cost: CostSummary,
    /// Calls between services, by caller and in the order of its calls.
    #[serde(default)]
    pub calls: Vec<CallSummary>,
    /// What services call outside of the cluster, by name.
    #[serde(default)]
    pub backends: BTreeMap<String, BackendSummary>,
    /// How objectives fared.
    pub objectives: Vec<ObjectiveSummary>,
    /// What broke, in order.
    #[serde(default)]
    pub faults: Vec<FaultSummary>,
    /// How long capacity took to catch up with each rise of the load.
    pub spikes: Vec<SpikeSummary>,
    /// Success rate, throughput and concurrency over time, by service.
    pub series: BTreeMap<String, ServiceSeries>,
    /// Suspicious but possible: texts to show beside the result.
    pub warnings: Vec<String>,
}

impl Summary {
    /// Whether a service calls others.
    pub fn calls_others(&self, workload: &str) -> bool {
        self.calls.iter().any(|call| call.from == workload)
    }
}
