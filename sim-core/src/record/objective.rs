//! How objectives fared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How an objective fared.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ObjectiveSummary {
    /// Its name.
    pub name: String,
    /// The service it is about; null for all services together.
    pub workload: Option<String>,
    /// Latency quantile that it bounds, in 0..1; null if it bounds the share of errors.
    pub quantile: Option<f64>,
    /// The bound: milliseconds for a latency, a share in 0..=1 for errors.
    pub bound: f64,
    /// Share of windows asked for.
    pub target: f64,
    /// Share of windows in which it held; 1 without any.
    pub attained: f64,
    /// Whether the target was reached.
    pub met: bool,
    /// When it did not hold.
    pub breaches: Vec<Breach>,
    /// Seconds in breach by what held capacity back, for instance `image pull` or `max replicas`: they add up to the length of all breaches.
    #[serde(default)]
    pub attribution: BTreeMap<String, f64>,
    /// The same seconds by the service or backend whose capacity was held back.
    #[serde(default)]
    pub bottlenecks: BTreeMap<String, f64>,
}

/// A stretch of windows in which an objective did not hold.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Breach {
    /// Start in seconds.
    pub from: f64,
    /// End in seconds.
    pub to: f64,
    /// What held capacity back most, in words.
    pub cause: String,
    /// Seconds by what held capacity back; they add up to the length of the breach.
    #[serde(default)]
    pub attribution: BTreeMap<String, f64>,
    /// The same seconds by the service or backend whose capacity was held back.
    #[serde(default)]
    pub bottlenecks: BTreeMap<String, f64>,
}
