//! What an autoscaler or a policy is for.

use serde::Deserialize;

/// Kind and name of an object in the same namespace.
#[derive(Debug, Deserialize)]
pub(super) struct Target {
    pub(super) kind: String,
    pub(super) name: String,
}
