//! How close a simulation looks at requests.

use serde::Deserialize;

/// How close a simulation looks at requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Fidelity {
    /// Every request.
    #[default]
    Request,
    /// Rates and probabilities: queueing formulas and fluids.
    Flow,
}
