//! How pods start, where images come from, and what providers can run out of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::distribution::Distribution;
use super::short::ShortOr;
use crate::text::{Cpu, Duration, Memory, Price, Rate, Share, Text};

/// The stages of a pod's start that depend on its node. Image, application and probe are the pod's own.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct StartUpStages {
    /// Time until the kubelet acts on a bound pod; on a virtual node, until the creation call. Default: `1s` on virtual nodes (as their scheduling policy adds), else
    /// `0s`.
    pub scheduling: Option<Distribution>,
    /// Time to create the sandbox: network, volumes, the instance itself. Default: `{lognormal: {median: 8s, cv: 0.25}}` on virtual nodes, else `1s` (assumptions).
    pub sandbox: Option<Distribution>,
    /// Time for an image that is there already, in an image cache or on the machine. Default: `{uniform: {min: 0s, max: 5s}}` on virtual nodes (as published for ECI),
    /// else `0s`.
    pub cached: Option<Distribution>,
    /// Time from a successful probe until the load balancer sends requests; the pod turns ready only then, as with a readiness gate. Default: `0s`.
    pub load_balancer: Option<Distribution>,
}

/// A registry that images are pulled from, in bytes a second.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Registry {
    /// Bytes a second that all pulls share evenly, for instance `2G/s`. Default: no such limit.
    pub bandwidth: Option<Text<Rate>>,
    /// Most bytes a second for one pull, for instance `25.9M/s`. Default: no such limit.
    pub per_pull: Option<Text<Rate>>,
}

/// A pod's image, as far as pulling it takes time. Counts on nodes with `startUpStages`.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Image {
    /// Name: pods with images of the same name share them on a machine. Default: the workload's name.
    pub name: Option<String>,
    /// Compressed size, for instance `386M`.
    pub size: Memory,
    /// Registry: one of `registries`, or `acr` (25.9 MB/s for each pull, as measured in one region) or `docker-hub` (7.7 MB/s). Default: `acr`.
    pub registry: Option<String>,
    /// Share of instances that find it in the provider's image cache. Default: `0%`.
    pub cached: Option<Text<Share>>,
}

/// A readiness probe. Counts on nodes with `startUpStages`.
#[derive(Clone, Copy, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Readiness {
    /// From the start of the container to the first probe. Default: `0s`.
    pub initial_delay: Option<Duration>,
    /// Between two probes. Default: `10s`.
    pub period: Option<Duration>,
    /// Successes in a row that make the pod ready. Default: 1.
    pub successes: Option<u32>,
}

/// What of a host a pod needs. No virtual node runs such a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum NeedsHost {
    /// It is a pod of a DaemonSet: one on every host.
    DaemonSet,
    /// It mounts a path of the host.
    HostPath,
    /// It uses the host's network.
    HostNetwork,
    /// A container is privileged.
    Privileged,
}

/// A subnet in which instances are created.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct VSwitch {
    /// Zone that it lies in.
    pub zone: String,
    /// Free addresses for instances, each of which takes one: at most 252 of a /24, of which the provider keeps four. Default: as many as are needed.
    pub addresses: Option<u32>,
}

/// The order in which a virtual node tries its subnets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
pub enum ScheduleStrategy {
    /// As listed: the next only when there is no instance to be had in the one before.
    #[serde(rename = "VSwitchOrdered")]
    Ordered,
    /// At random.
    #[serde(rename = "VSwitchRandom")]
    Random,
}

/// The ConfigMap `kube-system/eci-profile`: subnets, and annotations for pods that selectors match. A pod's own annotations win, then the first selector
/// that matches, then later ones.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct EciProfile {
    /// Subnets of virtual nodes that list none of their own.
    #[serde(default)]
    pub v_switch_ids: Vec<String>,
    /// Selectors, in order.
    #[serde(default)]
    pub selectors: Vec<ProfileSelector>,
    /// Changes during the run. They count for pods created from then on; one that cannot be read leaves everything as it was.
    #[serde(default)]
    pub reloads: Vec<ProfileReload>,
}

/// Which pods get which annotations.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ProfileSelector {
    /// Name.
    pub name: String,
    /// Labels of the namespace; without it, any namespace.
    pub namespace_selector: Option<MatchLabels>,
    /// Labels of the pod; without it, any pod.
    pub object_selector: Option<MatchLabels>,
    /// What the pods get.
    #[serde(default)]
    pub effect: ProfileEffect,
}

/// Labels that must be there.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct MatchLabels {
    /// Labels with their values.
    #[serde(default)]
    pub match_labels: BTreeMap<String, String>,
}

/// What a selector adds to pods.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ProfileEffect {
    /// Annotations.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Labels, which have no effect on a simulation.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// A change of the profile.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ProfileReload {
    /// When.
    pub at: Duration,
    /// The new data of the ConfigMap, text by key, as Kubernetes keeps it: `vSwitchIds` is a list with commas, `selectors` a JSON text.
    pub data: BTreeMap<String, String>,
}

/// A finite stock of a provider, either `available` all the time or `levels` that change.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Stock {
    /// Zone. Default: all zones together.
    pub zone: Option<String>,
    /// Machine type, for instance `ecs.g7.xlarge`. Default: instances of every kind together.
    pub spec: Option<String>,
    /// The market that it is for. Default: both.
    pub market: Option<Market>,
    /// What is counted. Default: `instances` with a `spec`, else `vcpu`.
    pub unit: Option<StockUnit>,
    /// How much there is.
    pub available: Option<u64>,
    /// How much there is from each time on: `[[0s, 100], [10m, 0], [20m, 100]]`.
    pub levels: Option<Vec<(Duration, u64)>>,
}

/// What a stock is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum StockUnit {
    /// Instances.
    Instances,
    /// vCPUs.
    Vcpu,
}

/// How an instance is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Market {
    /// At the full price.
    OnDemand,
    /// At the market price, until it is taken away.
    Spot,
}

/// The spot market of a provider.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct SpotMarket {
    /// Prices over time; the first entry that is about an instance counts. Without any an instance costs its full price.
    #[serde(default)]
    pub prices: Vec<SpotPrices>,
    /// How long before its end an instance is told of it. Default: `180s`, as ECI does; ECS gives `300s`.
    pub notice: Option<Duration>,
    /// After its protection an instance is looked at this often. Default: `5m`.
    pub check_interval: Option<Duration>,
    /// Reclaims per hour of an unprotected instance, besides those for price and stock. Default: 0.
    pub reclaims_per_hour: Option<f64>,
}

/// Spot prices, either of one instance or as a share of its full price.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SpotPrices {
    /// Zone. Default: all zones.
    pub zone: Option<String>,
    /// Machine type. Default: every kind of instance.
    pub spec: Option<String>,
    /// Price of an instance from each time on: `[[0s, 10/h], [30m, 12/h]]`.
    pub price: Option<Vec<(Duration, Text<Price>)>>,
    /// Share of the full price from each time on: `[[0s, 30%]]`.
    pub share: Option<Vec<(Duration, Text<Share>)>>,
}

/// What an account may use of a provider at a time.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Quota {
    /// vCPUs at the full price.
    pub vcpu: Option<Cpu>,
    /// vCPUs on the spot market.
    pub spot_vcpu: Option<Cpu>,
    /// Pods on all virtual nodes of the provider together. Default: 20000 in an ASK cluster, else as many as the nodes take.
    pub pods: Option<u32>,
}

/// An image: its size alone, or in full.
pub type ImageForm = ShortOr<Memory, Image>;
