//! Calls between services, and backends.

use serde::Deserialize;

use super::clients::Retries;
use super::distribution::Distribution;
use super::serving::Discipline;
use super::short::ShortOr;
use crate::text::{Duration, Rate, Share, Text};

/// A step of the calls of a service: one call, or a list of calls that are made together. The next step begins when all of them are answered.
pub type CallStep = ShortOr<Vec<Call>, Call>;

/// A call of another service or of a backend: `{to: stock, probability: 30%, timeout: 500ms, retries: {attempts: 2}}`.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Call {
    /// Service or backend.
    pub to: String,
    /// Share of requests that make this call.
    #[schemars(extend("default" = "100%"))]
    pub probability: Option<Text<Share>>,
    /// The caller gives up after this long, each time that it sends. Default: never. What it asked for goes on, unless it is still in a queue.
    pub timeout: Option<Duration>,
    /// Sending again what timed out, was rejected or failed. Default: callers do not.
    pub retries: Option<Retries>,
    /// Whether a request succeeds without the answer. A request whose call fails otherwise fails at once.
    #[serde(default)]
    pub optional: bool,
}

/// What a service keeps while it waits for the services that it calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Holds {
    /// A worker, as servers with a thread or a process for each request do: while all wait, nothing else is worked on.
    Worker,
    /// Nothing, as event loops and gateways do.
    Nothing,
}

/// Something that services call outside of the cluster, such as a database or a partner's interface: its capacity is fixed, however many pods ask.
/// `{concurrency: 20, serviceTime: {exponential: 5ms}}`, or `{concurrency: 20, capacity: 4000/s}`.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Backend {
    /// Calls that it works on at once, for instance its connections.
    #[schemars(extend("default" = 1))]
    pub concurrency: Option<u32>,
    /// How long it works on a call. Either this or `capacity`.
    pub service_time: Option<Distribution>,
    /// Calls that it answers in a second at most: its work is then exponentially distributed with mean `concurrency` / `capacity`.
    pub capacity: Option<Text<Rate>>,
    /// Most calls waiting; further ones are rejected. Default: no limit.
    pub queue_limit: Option<u32>,
    /// How it shares its time among the calls that it works on.
    #[schemars(extend("default" = "firstComeFirstServed"))]
    pub discipline: Option<Discipline>,
    /// Cores that calls in work share, with `processorSharing`.
    #[schemars(extend("default" = 1))]
    pub cores: Option<f64>,
}
