//! What breaks, as written.

use serde::Deserialize;

use super::distribution::Distribution;
use super::provider::CreateLimit;
use crate::text::{Duration, Share, Text};

/// Something that breaks: at an instant (`at`), or again and again at random (`mtbf`), until it is repaired (`for`, or `mttr` at random).
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum Fault {
    /// A zone fails with its machines and instances: `{zoneOutage: {at: 10m, for: 30m, zone: cn-hangzhou-h}}`. No pod is created there meanwhile.
    ZoneOutage(ZoneOutage),
    /// Machines crash: `{nodeCrash: {at: 10m, for: 5m, node: ecs-1}}`, or each of a tier by itself: `{nodeCrash: {mtbf: 60d, mttr: 1h, tier: ecs}}`.
    NodeCrash(NodeCrash),
    /// The control plane hears nothing of a zone or node, whose pods run on: `{partition: {at: 10m, for: 10m, zone: cn-hangzhou-h}}`.
    Partition(Partition),
    /// Instances fail one by one: `{instanceFailure: {at: 10m, of: web, count: 1}}`, or each at random: `{instanceFailure: {mtbf: 90d}}`.
    InstanceFailure(InstanceFailure),
    /// A registry is slow or fails: `{registry: {at: 10m, for: 20m, registry: acr, bandwidth: 10%}}`.
    Registry(RegistryFault),
    /// The API of a provider refuses creation calls: `{providerApi: {at: 10m, for: 5m, provider: eci, errors: 50%}}`.
    ProviderApi(ProviderApi),
    /// Readiness probes of pods fail although their containers run: `{readinessFlap: {at: 10m, for: 20s, of: web, count: 3}}`.
    ReadinessFlap(ReadinessFlap),
    /// Recorded faults: `{trace: {file: faults.csv}}`.
    Trace(FaultTrace),
}

/// How pods go whose node or zone fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailMode {
    /// Each is reported as failed and replaced at once.
    Immediate,
    /// They stop. Kubernetes notices when the node has been silent for `nodeMonitorGracePeriod`, and replaces them when their toleration of
    /// `node.kubernetes.io/unreachable` has run out: after 50 s (40 s before Kubernetes 1.32) and 300 s, unless something else is said.
    #[default]
    NodeLease,
}

/// A zone that fails.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ZoneOutage {
    /// When. Give either this or `mtbf`.
    pub at: Option<Duration>,
    /// Mean time from whole to the next failure; a duration stands for an exponential distribution of this mean.
    pub mtbf: Option<Distribution>,
    /// How long it lasts; a distribution draws anew each time. Default: to the end of the run.
    pub r#for: Option<Distribution>,
    /// Mean time to repair: a duration stands for an exponential distribution of this mean. Give either this or `for`.
    pub mttr: Option<Distribution>,
    /// Zone of nodes or vSwitches.
    pub zone: String,
    /// How its pods go.
    #[serde(default)]
    pub mode: FailMode,
}

/// Machines that crash. With `tier` or `zone`, all that match: at one instant, or each at its own random ones.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct NodeCrash {
    /// When. Give either this or `mtbf`.
    pub at: Option<Duration>,
    /// Mean time from whole to the next failure; a duration stands for an exponential distribution of this mean.
    pub mtbf: Option<Distribution>,
    /// How long it lasts; a distribution draws anew each time. Default: to the end of the run.
    pub r#for: Option<Distribution>,
    /// Mean time to repair: a duration stands for an exponential distribution of this mean. Give either this or `for`.
    pub mttr: Option<Distribution>,
    /// Name of a machine, or of a group of machines.
    pub node: Option<String>,
    /// Tier of the machines.
    pub tier: Option<String>,
    /// Zone of the machines.
    pub zone: Option<String>,
    /// How their pods go.
    #[serde(default)]
    pub mode: FailMode,
}

/// A zone or node that the control plane does not hear from.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Partition {
    /// When. Give either this or `mtbf`.
    pub at: Option<Duration>,
    /// Mean time from whole to the next failure; a duration stands for an exponential distribution of this mean.
    pub mtbf: Option<Distribution>,
    /// How long it lasts; a distribution draws anew each time. Default: to the end of the run.
    pub r#for: Option<Distribution>,
    /// Mean time to repair: a duration stands for an exponential distribution of this mean. Give either this or `for`.
    pub mttr: Option<Distribution>,
    /// Zone. Give either this or `node`.
    pub zone: Option<String>,
    /// Name of a node, or of a group of nodes.
    pub node: Option<String>,
    /// Whether clients reach the pods until Kubernetes takes them out of their services. Default: they do.
    #[serde(default = "yes")]
    pub serves: bool,
}

/// Instances that fail by themselves.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct InstanceFailure {
    /// When the oldest of them fail. Give either this or `mtbf`.
    pub at: Option<Duration>,
    /// Mean lifetime of each instance; a duration stands for an exponential distribution of this mean.
    pub mtbf: Option<Distribution>,
    /// Service or job. Default: all.
    pub of: Option<String>,
    /// Tier. Default: all.
    pub tier: Option<String>,
    /// How many fail at `at`.
    pub count: Option<u32>,
}

/// A registry that is slow or fails.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct RegistryFault {
    /// When. Give either this or `mtbf`.
    pub at: Option<Duration>,
    /// Mean time from whole to the next failure; a duration stands for an exponential distribution of this mean.
    pub mtbf: Option<Distribution>,
    /// How long it lasts; a distribution draws anew each time. Default: to the end of the run.
    pub r#for: Option<Distribution>,
    /// Mean time to repair: a duration stands for an exponential distribution of this mean. Give either this or `for`.
    pub mttr: Option<Distribution>,
    /// Name of the registry.
    pub registry: String,
    /// The part of its bandwidth that is left. Default: nothing, so that pulls stand still.
    pub bandwidth: Option<Text<Share>>,
    /// Whether pulls end with an error instead. The kubelet tries again after 10 s, 20 s and so on up to 5 min.
    #[serde(default)]
    pub fails: bool,
}

/// A provider whose API refuses calls.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ProviderApi {
    /// When. Give either this or `mtbf`.
    pub at: Option<Duration>,
    /// Mean time from whole to the next failure; a duration stands for an exponential distribution of this mean.
    pub mtbf: Option<Distribution>,
    /// How long it lasts; a distribution draws anew each time. Default: to the end of the run.
    pub r#for: Option<Distribution>,
    /// Mean time to repair: a duration stands for an exponential distribution of this mean. Give either this or `for`.
    pub mttr: Option<Distribution>,
    /// Name of the provider.
    pub provider: String,
    /// The part of creation calls that end with an error. Default: all, or none with a `limit`.
    pub errors: Option<Text<Share>>,
    /// A limit beyond which calls are refused, on top of the provider's own, for which calls wait.
    pub limit: Option<CreateLimit>,
    /// How the virtual node tries again after a call that failed.
    #[serde(default)]
    pub backoff: ApiBackoff,
}

/// Pauses between attempts, each longer than the one before.
#[derive(Clone, Copy, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ApiBackoff {
    /// The first pause. Default: `1s`.
    pub initial: Option<Duration>,
    /// How many times as long each is as the one before. Default: 2.
    pub factor: Option<f64>,
    /// The longest. Default: `1m`.
    pub max: Option<Duration>,
}

/// Probes that fail.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ReadinessFlap {
    /// When. Give either this or `mtbf`.
    pub at: Option<Duration>,
    /// Mean time from whole to the next failure; a duration stands for an exponential distribution of this mean.
    pub mtbf: Option<Distribution>,
    /// How long it lasts; a distribution draws anew each time. Default: to the end of the run.
    pub r#for: Option<Distribution>,
    /// Mean time to repair: a duration stands for an exponential distribution of this mean. Give either this or `for`.
    pub mttr: Option<Distribution>,
    /// Service.
    pub of: String,
    /// How many of its ready pods, the oldest first. Give either this or `share`. Default: 1.
    pub count: Option<u32>,
    /// Which part of its ready pods, rounded up.
    pub share: Option<Text<Share>>,
}

/// Recorded faults: a CSV file with the columns `start`, `end`, `kind` and `target`.
///
/// Times are since the start of the run: numbers of `unit`, or durations such as `10m`. An empty `end` stands for never. Kinds are `zoneOutage`, `nodeCrash`,
/// `partition`, `instanceFailure`, `registry`, `providerApi` and `readinessFlap`; the target is the name of the zone, node, registry, provider or service.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct FaultTrace {
    /// Path of the file, relative to this one.
    pub file: String,
    /// What a number in the file counts. Default: `1s`.
    pub unit: Option<Duration>,
    /// How pods of failed zones and nodes go.
    #[serde(default)]
    pub mode: FailMode,
}

const fn yes() -> bool {
    true
}
