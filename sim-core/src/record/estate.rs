//! Tiers, nodes and pods.

use serde::{Deserialize, Serialize};

use super::LatencySummary;
use super::start_up::{StageCell, StartUpSummary};
use crate::units::Money;

/// A tier.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub struct TierSummary {
    /// Nodes in the tier at the end.
    pub nodes: u32,
    /// Most nodes at a time.
    #[serde(default)]
    pub peak_nodes: u32,
    /// Most pods at once.
    pub peak_pods: u32,
    /// Seconds that pods were bound there, summed over pods.
    pub pod_seconds: f64,
    /// Seconds of machines, summed over machines.
    pub node_seconds: f64,
    /// Its part of the bill.
    pub cost: Money,
    /// The part of that which no pod requested.
    pub idle_cost: Money,
    /// Where the time from creation to ready went.
    #[serde(default)]
    pub start_up: StartUpSummary,
    /// Requests that its pods answered in time.
    #[serde(default)]
    pub completed: u64,
    /// Their latency.
    #[serde(default)]
    pub latency_ms: LatencySummary,
}

/// A node at the end of the run.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct NodeRow {
    /// Name.
    pub node: String,
    /// Tier.
    pub tier: String,
    /// Zone.
    pub zone: String,
    /// Pods bound.
    pub pods: u32,
    /// Most pods at once.
    pub peak_pods: u32,
    /// Requested CPU in milliCPU.
    pub cpu_requested_milli: u64,
    /// Allocatable CPU in milliCPU; 0 for a virtual node.
    pub cpu_allocatable_milli: u64,
    /// Requested over allocatable CPU in percent with two decimals, rounded half up; empty for a virtual node.
    pub cpu_requested_percent: String,
    /// Requested memory in bytes.
    pub memory_requested: u64,
    /// Allocatable memory in bytes; 0 for a virtual node.
    pub memory_allocatable: u64,
    /// Requested over allocatable memory, as for CPU.
    pub memory_requested_percent: String,
    /// Its condition as `kubectl get nodes` shows it: `Ready`, `NotReady`, `Ready,SchedulingDisabled`.
    #[serde(default)]
    pub status: String,
    /// Its pool, empty for a node that is always there.
    #[serde(default)]
    pub pool: String,
    /// Machines that it was one after the other: 1 unless it is a place of a pool.
    #[serde(default)]
    pub machines: u32,
}

/// A pod's life. Times in seconds, empty if the phase was not reached.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct PodRow {
    /// Name.
    pub pod: String,
    /// Service or job.
    pub workload: String,
    /// Namespace.
    pub namespace: String,
    /// Node, empty if never bound.
    pub node: String,
    /// Tier, empty if never bound.
    pub tier: String,
    /// Zone of its instance, or of the node.
    pub zone: String,
    /// Instance size on a virtual node, for instance `2 vCPU 4 GiB`.
    pub spec: String,
    /// Phase at the end: Pending, Scheduled, Starting, Ready, Terminating, Succeeded or Terminated.
    pub phase: String,
    /// Created.
    pub created: f64,
    /// Bound to a node.
    pub scheduled: Option<f64>,
    /// Containers started to be created.
    pub starting: Option<f64>,
    /// Ready.
    pub ready: Option<f64>,
    /// Asked to terminate.
    pub terminating: Option<f64>,
    /// Gone, or succeeded.
    pub ended: Option<f64>,
    /// Why it is Pending or was removed.
    pub reason: String,
    /// Until the kubelet acted on it; on a virtual node, until the creation call. This and the further stages are empty on nodes with a single `startUp`.
    #[serde(default)]
    pub scheduling_s: StageCell,
    /// Its sandbox.
    #[serde(default)]
    pub sandbox_s: StageCell,
    /// Its image.
    #[serde(default)]
    pub pull_s: StageCell,
    /// Its application.
    #[serde(default)]
    pub application_s: StageCell,
    /// Until the readiness probe found out.
    #[serde(default)]
    pub readiness_s: StageCell,
    /// Until the load balancer knew.
    #[serde(default)]
    pub load_balancer_s: StageCell,
    /// Until a node was found, while its machine was being provisioned; empty on nodes that are always there.
    #[serde(default)]
    pub provisioning_s: StageCell,
    /// When the machine or instance under it stopped, if it did not go on afterwards.
    #[serde(default)]
    pub stopped: Option<f64>,
}

/// A kind of pod that was still Pending at the end.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct PendingSummary {
    /// Workload.
    pub workload: String,
    /// Pods.
    pub pods: u32,
    /// Why, as the scheduler says it.
    pub reason: String,
}
