//! The kind of cluster and its add-ons.

use serde::Deserialize;

/// The scheduler that reads ResourcePolicies in registered clusters.
pub const CO_SCHEDULER: &str = "ack-co-scheduler";

/// The kind of cluster, and which add-ons it has.
#[derive(Clone, Copy, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Cluster {
    /// Kind. Default: a cluster of ACK, though with a warning where a registered cluster would differ.
    pub kind: Option<ClusterKind>,
    /// Whether the add-on ack-virtual-node is installed. Without it there are no virtual nodes.
    #[serde(default = "yes")]
    pub virtual_node: bool,
    /// Whether the add-on ack-co-scheduler is installed. Without it nobody looks at pods with `schedulerName: ack-co-scheduler`: they stay Pending.
    #[serde(default = "yes")]
    pub co_scheduler: bool,
    /// Whether virtual-kubelet-autoscaler is installed: pods that no node takes go to virtual nodes.
    #[serde(default)]
    pub virtual_kubelet_autoscaler: bool,
}

impl Default for Cluster {
    fn default() -> Self {
        Self { kind: None, virtual_node: true, co_scheduler: true, virtual_kubelet_autoscaler: false }
    }
}

/// Kinds of clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ClusterKind {
    /// A managed or dedicated cluster: its default scheduler follows ResourcePolicies.
    Ack,
    /// A cluster of one's own that is registered with ACK One: only pods with `schedulerName: ack-co-scheduler` follow ResourcePolicies.
    Registered,
    /// A serverless cluster: all pods run on virtual nodes, which have no taint.
    Ask,
}

const fn yes() -> bool {
    true
}
