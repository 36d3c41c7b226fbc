//! How requests come, find their pod and are served.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::text::{Duration, Share, Text};

/// How a request's pod is chosen among the ready ones.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum Balancing {
    /// At random, as kube-proxy does in iptables mode.
    Random,
    /// In turn.
    RoundRobin,
    /// The one of two random pods with fewer requests waiting or in work, as Envoy chooses.
    PowerOfTwo,
    /// `powerOfTwo` by the name that Envoy and Istio have for it.
    LeastRequest,
    /// The pod with the fewest requests waiting or in work; in turn among those with as many.
    LeastOutstanding,
    /// At random in proportion to a weight by tier: `{weighted: {idc: 3, eci: 1}}`; 1 where nothing is said.
    Weighted(BTreeMap<String, f64>),
    /// Nodes with such pods get equal shares and spread them over their own pods, as with `externalTrafficPolicy: Local`.
    Local,
    /// Each request has a key and each key its pod: `{consistentHash: {keys: 10000, skew: 1}}`.
    ConsistentHash(ConsistentHash),
    /// Not at all: requests wait in one queue, as messages do in Kafka, `RabbitMQ` or SQS, and each pod takes the next one whenever it is free. They wait there
    /// too while there is no pod, and come back when their pod goes. `queueLimit` and `timeout` are those of the queue.
    Queue,
}

/// Keys of requests, such as users or objects.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ConsistentHash {
    /// Number of keys.
    pub keys: u32,
    /// The k-th most popular key is asked for in proportion to 1 / k^skew; 0 for all alike, 1 for Zipf's law.
    #[serde(default)]
    pub skew: f64,
}

/// How requests are spaced around the rate.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum Arrivals {
    /// A Poisson process: many independent users.
    Poisson,
    /// Evenly: a load generator.
    Constant,
    /// Gaps from a gamma distribution: `{gamma: {cv: 0.5}}`; with a `cv` of 1/√k an Erlang distribution.
    Gamma(Variation),
    /// Gaps from a lognormal distribution.
    Lognormal(Variation),
    /// Gaps from a Weibull distribution.
    Weibull(Variation),
    /// Gaps from a hyperexponential distribution, which come in bursts: `{hyperexponential: {cv: 3}}`; the `cv` is at least 1.
    Hyperexponential(Variation),
}

/// How irregular gaps are.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Variation {
    /// Coefficient of variation: standard deviation over mean; 1 for a Poisson process.
    pub cv: f64,
}

/// How a pod shares its time among the requests that it works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Discipline {
    /// Each of the pod's `concurrency` workers does one request after the other, in order of arrival and at full speed.
    FirstComeFirstServed,
    /// Requests in work share the CPU evenly: the pod's CPU limit, or its request without a limit, or one core without either. `serviceTime` is what a
    /// request takes alone; with `cpuPerRequest`, the rest of it is spent waiting for others, which holds no CPU.
    ProcessorSharing,
}

/// How late those who send requests learn of changes of the pods: endpoint slices have to reach every proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct EndpointDelay {
    /// From readiness to the first request, for pods that start in the run.
    #[serde(default)]
    pub add: Duration,
    /// From the end of readiness to the last request.
    #[serde(default)]
    pub remove: Duration,
}

/// When a pod sheds load: a request that would meet any of these is rejected.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Shedding {
    /// A wait for a worker longer than this. With `processorSharing` or `calls`, where the wait is not known ahead: the first in the queue has waited for longer.
    pub wait: Option<Duration>,
    /// As many requests in work or waiting as this share of `concurrency`; `100%` refuses all that would have to wait.
    pub utilization: Option<Text<Share>>,
}

/// Slow first seconds of a pod.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct WarmUp {
    /// How long they take, from readiness.
    pub length: Duration,
    /// Speed of work that starts then, relative to a warm pod.
    pub speed: Text<Share>,
}
