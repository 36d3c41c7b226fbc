//! What a study file says about the search, as written. Doc comments here are the descriptions in the JSON Schema.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{self, Deserializer};

/// When a constraint holds, and how certain that must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Judged {
    /// All constraints hold together in at least `share` of all runs.
    #[default]
    EachRun,
    /// Each constraint holds for the mean of its figure over runs.
    OnAverage,
}

/// Bounds of a figure, in the figure's own unit; latencies are in milliseconds.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Bound {
    /// The figure is less than this.
    pub below: Option<f64>,
    /// The figure is greater than this.
    pub above: Option<f64>,
    /// The figure is this or less.
    pub at_most: Option<f64>,
    /// The figure is this or more.
    pub at_least: Option<f64>,
}

/// The word `met`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met;

impl<'de> Deserialize<'de> for Met {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "met" { Ok(Self) } else { Err(de::Error::custom(format!("`{text}` is neither `met` nor a bound such as `{{below: 300}}`"))) }
    }
}

impl schemars::JsonSchema for Met {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Met")
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "const": "met", "description": "It is met." })
    }
}
