//! How objectives fared.

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
}

/// A stretch of windows in which an objective did not hold.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Breach {
    /// Start in seconds.
    pub from: f64,
    /// End in seconds.
    pub to: f64,
    /// What held capacity back, in words.
    pub cause: String,
}
