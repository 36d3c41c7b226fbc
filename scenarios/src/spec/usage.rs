//! What a pod uses besides the CPU of its requests.

use serde::Deserialize;

use super::workload::Amounts;
use crate::text::{Cpu, Duration, Memory, Share, Text};

/// Memory that a pod holds: `base + perRequest x requests at the pod + growth + its part of total`. A metric for autoscalers; more than the pod's memory
/// limit is never measured.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct MemoryUse {
    /// As soon as its containers run.
    #[serde(default)]
    pub base: Memory,
    /// For each request that waits at the pod or is in work there.
    #[serde(default)]
    pub per_request: Memory,
    /// A leak, or a cache that fills, from when the pod is ready.
    pub growth: Option<Growth>,
    /// What all ready pods hold together over time, each an even part: `[[0s, 20Gi], [10m, 40Gi]]`. Each amount holds until the next.
    pub total: Option<Vec<(Duration, Memory)>>,
}

/// Memory that grows evenly.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Growth {
    /// Added in an hour.
    pub per_hour: Memory,
    /// Where it ends, for instance the size of a cache. Default: never.
    pub max: Option<Memory>,
}

/// CPU that a pod uses because it starts: class loading, caches, compilation. The metrics pipeline measures it before the pod is ready.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct StartUp {
    /// How much, for instance `800m`.
    pub cpu: Cpu,
    /// How long its containers run before it is ready: the last part of the node's `startUp`. Default: all of it.
    pub before_ready: Option<Duration>,
    /// How long it goes on after the pod turned ready.
    #[serde(default)]
    pub after_ready: Duration,
}

/// A container of each pod. Those that say nothing about their `cpu` or `memory` run what the others leave of what requests cause, in even parts.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Container {
    /// Name.
    pub name: String,
    /// What the scheduler reserves for it. The pod's `requests` are the sum over containers.
    #[serde(default)]
    pub requests: Amounts,
    /// CPU that it uses.
    pub cpu: Option<CpuPart>,
    /// Memory that it uses.
    pub memory: Option<MemoryPart>,
}

/// CPU that a container uses.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum CpuPart {
    /// The same all the time, on top of what requests cause: `{fixed: 20m}`.
    Fixed(Cpu),
    /// A share of what requests cause: `{share: 20%}`.
    Share(Text<Share>),
}

/// Memory that a container uses.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum MemoryPart {
    /// The same all the time, on top of what `memory` says: `{fixed: 64Mi}`.
    Fixed(Memory),
    /// A share of what `memory` says: `{share: 20%}`.
    Share(Text<Share>),
}
