//! Node pools and what makes them grow and shrink.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::control::PhaseText;
use super::distribution::Distribution;
use super::estate::{Billing, Reservation, ReservationPolicy, Taint};
use super::placement::Toleration;
use super::short::ShortOr;
use super::supply::{SpotPrices, StartUpStages};
use super::workload::Amounts;
use crate::text::{Duration, Price, Share, Text};

/// Equal machines that an autoscaler asks for when pods find no node, and releases when nobody needs them.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Pool {
    /// Tier, the name by which `placement` and reports speak of these machines. Default: the pool's name.
    pub tier: Option<String>,
    /// Machine type in the price book, for instance `ecs.c7.xlarge`: gives capacity and price.
    pub instance_type: Option<String>,
    /// Several machine types in order: the next when there is none left of the one before. The autoscaler takes the pool for the smallest of them.
    #[serde(default)]
    pub instance_types: Vec<String>,
    /// Installed resources, for instance `{cpu: 4, memory: 8Gi}`. Wins over `instanceType`.
    #[serde(default)]
    pub capacity: Amounts,
    /// What the system keeps for itself, as for `nodes`. Default: `none`.
    pub reserved: Option<ShortOr<ReservationPolicy, Reservation>>,
    /// Zone, for instance `cn-hangzhou-i`.
    pub zone: Option<String>,
    /// Several zones, in the order of preference of `zonePolicy: priority`.
    #[serde(default)]
    pub zones: Vec<String>,
    /// Which of several zones a new machine gets. Default: `balance`.
    pub zone_policy: Option<ZonePolicy>,
    /// Labels of its nodes; the hostname, the zone, the instance type and `alibabacloud.com/nodepool-id` (the pool's name) are added.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Taints of its nodes.
    #[serde(default)]
    pub taints: Vec<Taint>,
    /// Most pods that the kubelet accepts. Default: 110.
    pub max_pods: Option<u32>,
    /// How machines are bought. Default: `payAsYouGo`. A machine that was paid ahead leaves the cluster and stays paid for.
    pub billing: Option<Billing>,
    /// Price of one machine, for instance `2.5/h`; wins over the price book.
    pub price: Option<Text<Price>>,
    /// Time from binding a pod until it is ready, as for `nodes`. Default: `2s`.
    pub start_up: Option<Distribution>,
    /// Starts pods stage by stage, as for `nodes`. A new machine has no images.
    pub start_up_stages: Option<StartUpStages>,
    /// Fewest machines.
    #[serde(default)]
    pub min: u32,
    /// Most machines.
    pub max: u32,
    /// Machines at the start. Default: `min`.
    pub initial: Option<u32>,
    /// Preference of the expander `priority`: the highest wins.
    #[serde(default)]
    pub priority: i32,
    /// Image of its nodes, which decides how long a machine takes. Default: `standard`.
    pub image: Option<NodeImage>,
    /// Time from asking for a machine until it is a node of the cluster. Default: as published for the `image`: 120 s for `standard` with cluster-autoscaler, 103 s with
    /// instant elasticity.
    pub provisioning: Option<Distribution>,
    /// Time from then until the node is ready and takes pods. Default: `0s`, which the published times hold already.
    pub readiness: Option<Distribution>,
    /// How many machines the provider has. Default: as many as are asked for.
    #[serde(default)]
    pub stock: Vec<PoolStock>,
    /// Buys machines on the spot market: `{bid: 0.3/h, prices: [{share: [[0s, 30%], [10m, 90%]]}]}`, or `{}`. While the market asks for more than the bid there
    /// are none to be had, and a falling `stock` takes machines back.
    pub spot: Option<PoolSpot>,
    /// Share of machines that never become nodes, and are given up after `maxNodeProvisionTime`. Default: `0%`.
    pub failure_rate: Option<Text<Share>>,
    /// Whether its nodes are never released, as with the annotation `cluster-autoscaler.kubernetes.io/scale-down-disabled`.
    #[serde(default)]
    pub scale_down_disabled: bool,
    /// Differs from the autoscaler's.
    pub scale_down_utilization_threshold: Option<Text<Share>>,
    /// Differs from the autoscaler's.
    pub scale_down_gpu_utilization_threshold: Option<Text<Share>>,
    /// Differs from the autoscaler's.
    pub scale_down_unneeded_time: Option<Duration>,
    /// Differs from the autoscaler's.
    pub scale_down_unready_time: Option<Duration>,
    /// Differs from the autoscaler's.
    pub max_node_provision_time: Option<Duration>,
}

/// Which of several zones a new machine gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ZonePolicy {
    /// The one with the fewest machines of the pool.
    Balance,
    /// The first one that has some left.
    Priority,
}

/// Image of a pool's nodes. Published times for 100 machines, with cluster-autoscaler and with instant elasticity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum NodeImage {
    /// A public image: 120 s; 103 s.
    Standard,
    /// A public image, with Qboot: 90 s.
    StandardQboot,
    /// Machines that are kept switched off (swift mode): 60 s; not with instant elasticity.
    Swift,
    /// The same with Qboot: 45 s; not with instant elasticity.
    SwiftQboot,
    /// `ContainerOS`: 45 s with instant elasticity.
    ContainerOs,
    /// One's own: `provisioning` says how long it takes.
    Custom,
}

/// Machines that the provider has, all the time (`available`) or from each time on (`levels`).
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PoolStock {
    /// Zone. Default: each of the pool's zones has as many.
    pub zone: Option<String>,
    /// Machine type. Default: there are as many of each of the pool's types.
    pub instance_type: Option<String>,
    /// How many there are.
    pub available: Option<u32>,
    /// How many there are from each time on: `[[0s, 10], [10m, 0]]`.
    pub levels: Option<Vec<(Duration, u32)>>,
}

/// How a pool buys on the spot market.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PoolSpot {
    /// Most that is paid for a machine, for instance `0.3/h`. Default: whatever the market asks.
    pub bid: Option<Text<Price>>,
    /// Prices over time; the first entry that is about a machine counts. Without any it costs its full price.
    #[serde(default)]
    pub prices: Vec<SpotPrices>,
    /// How long a machine keeps the price that it was bought at and is not taken away. Default: `1h`, as ECS has it unless it is told otherwise.
    pub protection: Option<Duration>,
    /// How long before its end a machine is told of it. Its node is then emptied, as far as disruption budgets let it. Default: `300s`, as ECS does.
    pub notice: Option<Duration>,
    /// After its protection a machine is looked at this often. Default: `5m`.
    pub check_interval: Option<Duration>,
    /// Reclaims per hour of an unprotected machine, besides those for price and stock. Default: 0.
    pub reclaims_per_hour: Option<f64>,
}

/// Pods of a DaemonSet: one on every machine that matches.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct DaemonSet {
    /// What a pod requests.
    pub requests: Amounts,
    /// Labels that the machine carries. Default: every machine.
    #[serde(default)]
    pub node_selector: BTreeMap<String, String>,
    /// Tolerations.
    #[serde(default)]
    pub tolerations: Vec<Toleration>,
}

/// cluster-autoscaler, with its flags by their names.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ClusterAutoscaler {
    /// Whose defaults count where nothing is said. Default: `upstream`, or `ack` with `instantElasticity`.
    pub profile: Option<AutoscalerProfile>,
    /// Time between two looks at the cluster. Default: `10s`; `60s` in the profile `ack`.
    pub scan_interval: Option<Duration>,
    /// When the first look is. Default: `0s`.
    pub phase: Option<Text<PhaseText>>,
    /// How one of several pools is chosen to grow: `random`, `most-pods`, `least-waste`, `price`, `priority` or `least-nodes`, or several of them after commas: each
    /// decides among those that the one before leaves.
    #[schemars(extend("default" = "least-waste"))]
    pub expander: Option<String>,
    /// Whether pools with equal nodes grow evenly.
    #[serde(default)]
    pub balance_similar_node_groups: bool,
    /// Most nodes of the cluster, 0 for no limit.
    #[serde(default)]
    pub max_nodes_total: u32,
    /// Least and most cores of all machines, as `min:max`.
    #[schemars(extend("default" = "0:320000"))]
    pub cores_total: Option<String>,
    /// Least and most GiB of memory of all machines, as `min:max`.
    #[schemars(extend("default" = "0:6400000"))]
    pub memory_total: Option<String>,
    /// Most machines asked for at a time.
    #[schemars(extend("default" = 1000))]
    pub max_nodes_per_scaleup: Option<u32>,
    /// Pods younger than this are not looked at.
    #[schemars(extend("default" = "0s"))]
    pub new_pod_scale_up_delay: Option<Duration>,
    /// Pods of a lower priority neither make pools grow nor keep nodes.
    #[schemars(extend("default" = -10))]
    pub expendable_pods_priority_cutoff: Option<i32>,
    /// A machine that is no ready node after this long is given up.
    #[schemars(extend("default" = "15m"))]
    pub max_node_provision_time: Option<Duration>,
    /// Whether pools shrink.
    pub scale_down_enabled: Option<bool>,
    /// No node goes so soon after machines were asked for.
    #[schemars(extend("default" = "10m"))]
    pub scale_down_delay_after_add: Option<Duration>,
    /// No node goes so soon after the last one did. Default: the scan interval.
    pub scale_down_delay_after_delete: Option<Duration>,
    /// No node goes so soon after one could not be emptied.
    #[schemars(extend("default" = "3m"))]
    pub scale_down_delay_after_failure: Option<Duration>,
    /// How long a node has to be unneeded before it goes.
    #[schemars(extend("default" = "10m"))]
    pub scale_down_unneeded_time: Option<Duration>,
    /// How long a node has to be unready before it goes.
    #[schemars(extend("default" = "20m"))]
    pub scale_down_unready_time: Option<Duration>,
    /// Whether nodes that are not ready go.
    pub scale_down_unready_enabled: Option<bool>,
    /// A node may be unneeded while less than this share of it is requested.
    #[schemars(extend("default" = "50%"))]
    pub scale_down_utilization_threshold: Option<Text<Share>>,
    /// The same for GPUs of nodes that have some.
    #[schemars(extend("default" = "50%"))]
    pub scale_down_gpu_utilization_threshold: Option<Text<Share>>,
    /// Most nodes with pods that are unneeded at a time.
    #[schemars(extend("default" = 30))]
    pub scale_down_non_empty_candidates_count: Option<u32>,
    /// Share of nodes that are looked at besides those known to be unneeded.
    #[schemars(extend("default" = "10%"))]
    pub scale_down_candidates_pool_ratio: Option<Text<Share>>,
    /// At least so many.
    #[schemars(extend("default" = 50))]
    pub scale_down_candidates_pool_min_count: Option<u32>,
    /// Most nodes on their way out at a time.
    #[schemars(extend("default" = 10))]
    pub max_scale_down_parallelism: Option<u32>,
    /// Most of these that have pods.
    #[schemars(extend("default" = 1))]
    pub max_drain_parallelism: Option<u32>,
    /// Longest time that an evicted pod gets to finish.
    #[schemars(extend("default" = "10m"))]
    pub max_graceful_termination: Option<Duration>,
    /// How long an eviction is tried.
    #[schemars(extend("default" = "2m"))]
    pub max_pod_eviction_time: Option<Duration>,
    /// A node that could not go is looked at again after this long.
    #[schemars(extend("default" = "5m"))]
    pub unremovable_node_recheck_timeout: Option<Duration>,
    /// With more unready nodes than this share, and than `okTotalUnreadyCount`, nothing is done.
    #[schemars(extend("default" = "45%"))]
    pub max_total_unready_percentage: Option<Text<Share>>,
    /// See `maxTotalUnreadyPercentage`.
    #[schemars(extend("default" = 3))]
    pub ok_total_unready_count: Option<u32>,
    /// How long a pool is left alone after a failure; doubled by each further one.
    #[schemars(extend("default" = "5m"))]
    pub initial_node_group_backoff_duration: Option<Duration>,
    /// At most.
    #[schemars(extend("default" = "30m"))]
    pub max_node_group_backoff_duration: Option<Duration>,
    /// After this long without a failure the next one counts as the first.
    #[schemars(extend("default" = "3h"))]
    pub node_group_backoff_reset_timeout: Option<Duration>,
    /// Whether pods in `kube-system` that no disruption budget covers keep their node.
    pub skip_nodes_with_system_pods: Option<bool>,
    /// Whether pods with local storage keep their node.
    pub skip_nodes_with_local_storage: Option<bool>,
    /// Whether pods of DaemonSets count as no use.
    #[serde(default)]
    pub ignore_daemonsets_utilization: bool,
}

/// Whose defaults count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AutoscalerProfile {
    /// As cluster-autoscaler starts without flags.
    Upstream,
    /// As ACK sets it up: a look every 60 s.
    Ack,
}

/// Instant elasticity: pools grow as soon as pods find no node, several of them at once, and only with what the provider has.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct InstantElasticity {
    /// Time from the scheduler's verdict until machines are asked for: pods that fail in between are served together. Default: `1s` (an assumption).
    pub reaction: Option<Duration>,
    /// Most machines in one call.
    #[schemars(extend("default" = 180))]
    pub batch: Option<u32>,
    /// Time between two looks at nodes that may go. Default: `30s` (an assumption).
    pub interval: Option<Duration>,
}
