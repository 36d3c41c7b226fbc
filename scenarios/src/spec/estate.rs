//! Nodes and virtual nodes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::costs::OwnedMachine;
use super::distribution::Distribution;
use super::short::ShortOr;
use super::supply::{ScheduleStrategy, StartUpStages};
use super::workload::Amounts;
use crate::text::{Cpu, Duration, Memory, Price, Text};

/// Equal machines: bare metal, or virtual machines such as ECS instances.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Node {
    /// Name. With a `count` above 1 the machines are called `NAME-1`, `NAME-2` and so on.
    pub name: String,
    /// Number of machines; 0 leaves them out.
    #[serde(default = "one")]
    pub count: u32,
    /// Tier, the name by which `placement` and reports speak of these machines: `idc`, `ecs` or one's own. Default: the node's name.
    pub tier: Option<String>,
    /// Zone, for instance `cn-hangzhou-i`.
    pub zone: Option<String>,
    /// Machine type in the price book, for instance `ecs.c7.2xlarge`: gives capacity and price.
    pub instance_type: Option<String>,
    /// Installed resources, for instance `{cpu: 16, memory: 64Gi, nvidia.com/gpu: 2}`; `pods` limits the number of pods like `maxPods`.
    /// Wins over `instanceType`.
    #[serde(default)]
    pub capacity: Amounts,
    /// What the system keeps for itself: `none`, `ack-1.28` or `ack-1.20` for the formulas of Alibaba Cloud ACK from that release on, or `{policy, cpu, memory}`.
    /// Default: `none`.
    pub reserved: Option<ShortOr<ReservationPolicy, Reservation>>,
    /// Labels; `kubernetes.io/hostname`, the zone and the instance type are added as Kubernetes does.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Taints.
    #[serde(default)]
    pub taints: Vec<Taint>,
    /// Whether the machines take no new pods, as after `kubectl cordon`.
    #[serde(default)]
    pub unschedulable: bool,
    /// Most pods that the kubelet accepts. Default: 110, the kubelet's own; ACK allows up to 256.
    #[schemars(extend("default" = 110))]
    pub max_pods: Option<u32>,
    /// How the machine was bought. Default: `payAsYouGo` with an `instanceType`, else `owned`.
    pub billing: Option<Billing>,
    /// Price of one machine, for instance `2.5/h`; wins over the price book.
    pub price: Option<Text<Price>>,
    /// What one of the user's own machines costs, part by part; wins over the price book.
    pub owned: Option<OwnedMachine>,
    /// Time from binding a pod until it is ready, image pull included. Default: `2s`, an image that is already on the machine (an assumption).
    pub start_up: Option<Distribution>,
    /// Starts pods stage by stage, with the stages of their image, application and probe; `{}` for the usual times. Instead of `startUp`.
    pub start_up_stages: Option<StartUpStages>,
}

/// How a machine was bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Billing {
    /// The user's own machine: the price book's price for each vCPU, used or not.
    Owned,
    /// Paid ahead by the month: a fixed share of the pay-as-you-go price, used or not.
    Subscription,
    /// Paid ahead by the year, used or not.
    SubscriptionYear,
    /// Paid ahead for three years, used or not.
    SubscriptionThreeYears,
    /// Paid for as long as the machine exists.
    PayAsYouGo,
}

/// A rule for what the system keeps for itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
pub enum ReservationPolicy {
    /// Nothing.
    #[default]
    #[serde(rename = "none")]
    None,
    /// Alibaba Cloud ACK from 1.28 on. CPU: 6 % of the first core, 1 % of the second, 0.5 % of the third and fourth, 0.25 % of the rest.
    /// Memory: 255 MiB and 11 MiB for each of `maxPods`, at most 25 %.
    #[serde(rename = "ack-1.28")]
    Ack128,
    /// Alibaba Cloud ACK 1.20 to 1.27. CPU: 100m up to 4 cores, 25m for each further core up to 64, 12.5m up to 128, 5m above.
    /// Memory: 25 % of the first 4 GiB, 20 % of the next 4, 10 % of the next 8, 6 % of the next 112, 2 % of the rest.
    #[serde(rename = "ack-1.20")]
    Ack120,
}

/// What the system keeps for itself: a rule, and amounts on top of it, for instance for the pods of a control plane.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Reservation {
    /// The rule.
    #[serde(default)]
    pub policy: ReservationPolicy,
    /// CPU on top of the rule. The control plane of kubeadm requests 850m: 250m API server, 200m controller manager, 100m scheduler, 100m etcd, 200m for two CoreDNS.
    pub cpu: Option<Cpu>,
    /// Memory on top of the rule.
    pub memory: Option<Memory>,
}

/// A taint: keeps pods away that do not tolerate it.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Taint {
    /// Key.
    pub key: String,
    /// Value; may be left out.
    #[serde(default)]
    pub value: String,
    /// What happens to pods that do not tolerate it.
    pub effect: TaintEffect,
}

/// What a taint does to a pod that does not tolerate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum TaintEffect {
    /// Keeps it away.
    NoSchedule,
    /// Is avoided if possible.
    PreferNoSchedule,
    /// Keeps it away and evicts it.
    NoExecute,
}

/// A virtual node, as Virtual Kubelet registers one: it has no machine, and each of its pods becomes an instance of a provider.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct VirtualNode {
    /// Name. With a `count` above 1 the nodes are called `NAME-1`, `NAME-2` and so on.
    pub name: String,
    /// Number of such virtual nodes; 0 leaves them out.
    #[serde(default = "one")]
    pub count: u32,
    /// Tier, the name by which `placement` and reports speak of these instances.
    #[serde(default = "eci")]
    pub tier: String,
    /// Zone, for instance `cn-hangzhou-i`.
    pub zone: Option<String>,
    /// Provider of the instances: one of the price book's.
    #[serde(default = "eci")]
    pub provider: String,
    /// Labels besides the usual one.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Taints besides the usual one.
    #[serde(default)]
    pub taints: Vec<Taint>,
    /// Whether the node carries the usual label `type=virtual-kubelet`.
    #[serde(default = "yes")]
    pub default_label: bool,
    /// Whether the node carries the usual taint `virtual-kubelet.io/provider=alibabacloud:NoSchedule`, which keeps pods away that do not ask for it.
    #[serde(default = "yes")]
    pub default_taint: bool,
    /// Whether the node takes no new pods, as after `kubectl cordon`.
    #[serde(default)]
    pub unschedulable: bool,
    /// Most pods on this node.
    #[serde(default = "three_thousand")]
    pub max_pods: u32,
    /// Time from the accepted creation call until the pod is ready. Default: `{lognormal: {mean: 30s, cv: 0.25}}`: batches of 1000 ECI pods take 30 s
    /// without an image cache and 15 s with one (published figures; the spread is an assumption).
    pub start_up: Option<Distribution>,
    /// Starts pods stage by stage, with the stages of their image, application and probe; `{}` for the usual times. Instead of `startUp`.
    pub start_up_stages: Option<StartUpStages>,
    /// Subnets that instances are created in, of `vSwitches`; each lies in a zone. Default: those of `eciProfile`, else the node's own zone.
    #[serde(default)]
    pub v_switches: Vec<String>,
    /// In which order the subnets are tried. Default: `VSwitchRandom`.
    pub schedule_strategy: Option<ScheduleStrategy>,
    /// Whether there is one such node for each subnet, called after its zone, as older versions of the component register them.
    #[serde(default)]
    pub per_v_switch: bool,
    /// When the component starts that registers the node. Default: before the run.
    pub from: Option<Duration>,
}

const fn one() -> u32 {
    1
}

const fn three_thousand() -> u32 {
    3000
}

const fn yes() -> bool {
    true
}

fn eci() -> String {
    "eci".to_owned()
}
