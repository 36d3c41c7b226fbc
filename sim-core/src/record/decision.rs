//! What controllers decided.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Something a controller chose.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DecisionRow {
    /// When, in seconds.
    pub t: f64,
    /// Who: `scheduler`, `hpa`, `scale`, `replicaset`, `job`, `provider`.
    pub controller: Cow<'static, str>,
    /// What: `created`, `placed`, `refused`, `scaled`, `kept`, `evicted`, `started`, `waited`, `completed`.
    pub action: Cow<'static, str>,
    /// About what: a pod or a workload.
    pub subject: String,
    /// Where to or by how much, for instance a node's name or `22 -> 44`.
    pub object: String,
    /// Why.
    pub reason: String,
}
