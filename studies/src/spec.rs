//! What a study file says, as written. Doc comments here are the descriptions in the JSON Schema.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, SeqAccess, Visitor};
use sim_scenarios::spec::{Fidelity, Named, ShortOr};
use sim_scenarios::text::{Share, Text};

use crate::search::written::{Bound, Judged, Met};

/// A study of Overspill: a scenario, what to vary in it, and how often to run each variant.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Study {
    /// Name of the study, used in reports. Default: the name of its scenario.
    pub name: Option<String>,
    /// The question that the study answers, in a sentence or two.
    pub description: Option<String>,
    /// The scenario to vary: a file, relative to this one.
    pub scenario: String,
    /// How close each run looks at requests: `request` or `flow`. Default: as the scenario says.
    pub fidelity: Option<Fidelity>,
    /// Values of the scenario that are other than in its file in every point, by their path, for instance `services.web.autoscaler.hpa.min: 20`.
    #[serde(default)]
    pub set: Named<Anything>,
    /// Seed of the first replication, from which those of the others follow. Default: the scenario's.
    pub seed: Option<u64>,
    /// How often each point is run: a number, or `{min: 5, max: 100, until: {p99: 2%}}`. Default: 1.
    pub replications: Option<ShortOr<Count, Replications>>,
    /// Time at the start of each run that no figure counts, for steady states: a duration, or `auto` to find it from pilot runs (MSER-5).
    pub warm_up: Option<Text<WarmUp>>,
    /// What varies, by name: a list of values, or `{path: …, values: […]}` or `{path: …, range: {from: 10, to: 60, step: 10}}`. The name is the path where no
    /// path is given.
    #[serde(default)]
    pub axes: Named<ShortOr<Vec<Anything>, Axis>>,
    /// Axes that move together, by name: all first values, all second values, and so on. They have equally many values.
    #[serde(default)]
    pub zip: Vec<Vec<String>>,
    /// Points to leave out: conditions on axes, for instance `min > max` or `tier == eci and count >= 4`.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Which combinations are run. Default: all of them.
    #[serde(default)]
    pub design: Design,
    /// Figures that tables and charts show, by their path in the summary: `cost.total`, or short `p99`. Results hold all figures.
    #[serde(default)]
    pub figures: Vec<String>,
    /// For `optimize`: the figure to minimise. Default: `cost.total`.
    pub minimize: Option<String>,
    /// For `optimize`: what must hold, for instance `{objectives: met}`, `{latency_ms.p99: {below: 300}}`. Default: the objectives of the scenario.
    pub constraints: Option<Vec<Named<ShortOr<Met, Bound>>>>,
    /// For `optimize`: whether constraints hold run by run, or for the mean over runs.
    #[serde(default)]
    pub judged: Judged,
    /// For `optimize`: share of runs in which all constraints hold together, where they are judged run by run. Default: 95 %.
    pub share: Option<Text<Share>>,
    /// For `optimize`: how certain it must be that the answer holds. Default: 95 %.
    pub confidence: Option<Text<Share>>,
    /// For `optimize`: most runs. Default: a tenth of those that all points take, with `replications` each, and at least 40.
    pub budget: Option<u32>,
}

/// How often each point is run.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Replications {
    /// At least so often, and at least twice. Default: 5.
    #[serde(default = "default_min")]
    pub min: u32,
    /// At most so often. Default: 100.
    #[serde(default = "default_max")]
    pub max: u32,
    /// Go on until the interval of each of these figures is within this share of its mean, for instance `{p99: 2%, cost.total: 1%}`.
    #[serde(default)]
    pub until: Named<Text<Share>>,
    /// Confidence of intervals. Default: 95 %.
    #[serde(default = "default_confidence")]
    pub confidence: Text<Share>,
}

/// An axis.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Axis {
    /// The value of the scenario that varies, written as for `--set`: `services.web.replicas`. Several are set to the same value. Default: the axis' name.
    pub path: Option<Paths>,
    /// Its values, of any kind.
    pub values: Option<Vec<Anything>>,
    /// Its values as a range of numbers, which may have a unit: `{from: 30s, to: 90s, step: 15s}`.
    pub range: Option<Range>,
    /// Names of the values in tables and charts, as many as there are values; for values that are long.
    #[serde(default)]
    pub labels: Vec<String>,
    /// The axis varies only in points where this condition on earlier axes holds; elsewhere the scenario's value stays.
    pub when: Option<String>,
}

/// A range of numbers with the same unit. Without `step` or `count` it is continuous, for sampled designs.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Range {
    /// First value.
    pub from: Scalar,
    /// No value is beyond this one.
    pub to: Scalar,
    /// Distance of two values, exactly as a decimal.
    pub step: Option<Scalar>,
    /// Number of values, both ends included; instead of a step.
    pub count: Option<u32>,
    /// `log` spaces values (by `count`, or continuous ones) by ratio. Default: evenly.
    #[serde(default)]
    pub scale: Scale,
}

/// How values are spaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Scale {
    /// By difference.
    #[default]
    Linear,
    /// By ratio.
    Log,
}

/// Which combinations of values are run.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub enum Design {
    /// Every combination; the last axis varies fastest.
    #[default]
    Grid,
    /// Independent random points.
    Random(Sample),
    /// Random points of which each axis' range is covered evenly (Latin hypercube).
    LatinHypercube(Sample),
    /// Points of low discrepancy (Sobol's sequence), shifted at random; up to 21 axes. Powers of two cover the space best.
    Sobol(Sample),
}

/// A sampled design.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Sample {
    /// Number of points drawn, before any is left out.
    pub points: u32,
    /// Seed of the draw. Default: 1.
    #[serde(default = "default_seed")]
    pub seed: u64,
}

const fn default_min() -> u32 {
    5
}

const fn default_max() -> u32 {
    100
}

const fn default_confidence() -> Text<Share> {
    Text(Share(0.95))
}

const fn default_seed() -> u64 {
    1
}

/// Any YAML value; it is taken from the document as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Anything;

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

impl schemars::JsonSchema for Anything {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Anything")
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "description": "A value of the scenario." })
    }
}

/// The text of a scalar as it is written: `40`, `0.10`, `30s`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar(pub String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

impl schemars::JsonSchema for Scalar {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Scalar")
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "description": "A number, which may have a unit.", "type": ["string", "number"] })
    }
}

/// A whole number; the short form of something longer is read as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(pub u32);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| de::Error::custom(format!("`{text}` is not a number of times, such as `5`")))
    }
}

impl schemars::JsonSchema for Count {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Count")
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 1, "maximum": u32::MAX })
    }
}

/// One path, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths(pub Vec<String>);

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PathsVisitor)
    }
}

struct PathsVisitor;

impl<'de> Visitor<'de> for PathsVisitor {
    type Value = Paths;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path such as `services.web.replicas`, or a list of paths")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Paths, E> {
        Ok(Paths(vec![text.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Paths, A::Error> {
        let mut paths = Vec::new();
        while let Some(path) = seq.next_element()? {
            paths.push(path);
        }
        Ok(Paths(paths))
    }
}

impl schemars::JsonSchema for Paths {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Paths")
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" }, "minItems": 1 }] })
    }
}

/// When a run begins to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmUp {
    /// After this long.
    After(sim_core::units::Span),
    /// When pilot runs have settled.
    Auto,
}

impl std::str::FromStr for WarmUp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "auto" => Ok(Self::Auto),
            other => other.parse().map(Self::After).map_err(|error| format!("{error}, or `auto`")),
        }
    }
}

impl fmt::Display for WarmUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(span) => write!(f, "{span}"),
            Self::Auto => f.write_str("auto"),
        }
    }
}

impl sim_scenarios::text::Unit for WarmUp {
    const NAME: &'static str = "WarmUp";
    const EXPECTED: &'static str = "a duration such as `10m`, or `auto`";
    const DESCRIPTION: &'static str = "A duration, or `auto` to find it from pilot runs.";
    const PATTERN: &'static str = r"^(auto|0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|min|h|d|w))+)$";
    const EXAMPLES: &'static [&'static str] = &["10m", "auto"];
    const BARE: sim_scenarios::text::Bare = sim_scenarios::text::Bare::Zero;
}
