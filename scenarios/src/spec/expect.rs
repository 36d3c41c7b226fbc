//! What a run must show, as written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::named::Named;
use super::short::Full;
use crate::text::Duration;

/// One entry of `expect`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expect {
    /// The instant that `pods` and `started` are about.
    pub at: Option<Duration>,
    /// Number of pods by tier at that instant.
    pub pods: Option<BTreeMap<String, Expected>>,
    /// Number of pods by tier that had been started by that instant: on a virtual node, whose instance had been created.
    pub started: Option<BTreeMap<String, Expected>>,
    /// Number of pods by tier that had been ready by that instant, and whose machine or instance had not stopped.
    pub ready: Option<BTreeMap<String, Expected>>,
    /// Number of ready nodes by pool or tier at that instant.
    pub nodes: Option<BTreeMap<String, Expected>>,
    /// The service or job that `pods` and `started` are about; all of them if left out.
    pub of: Option<String>,
    /// The zone that they are about; all of them if left out.
    pub zone: Option<String>,
    /// Number of decisions by their action over the whole run.
    pub decisions: BTreeMap<String, Expected>,
    /// Every change of the replica count, by service.
    pub replicas: Named<Vec<(Duration, u32)>>,
    /// Values of the summary, by dotted path.
    pub values: Vec<(String, Expected)>,
}

/// What a value of the summary is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// A text: a number in quotes is compared at the digits that are written, anything else as it is.
    Text(String),
    /// Exactly this number; a list is compared by its length.
    Number(f64),
    /// A number within bounds.
    Bounds(Bounds),
}

/// Bounds of a number. A list is compared by its length.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Bounds {
    /// Smaller than this.
    pub below: Option<f64>,
    /// Larger than this.
    pub above: Option<f64>,
    /// This or larger.
    pub at_least: Option<f64>,
    /// This or smaller.
    pub at_most: Option<f64>,
    /// From the first to the second, both included.
    pub between: Option<(f64, f64)>,
}

impl<'de> Deserialize<'de> for Expected {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExpectedVisitor)
    }
}

struct ExpectedVisitor;

impl<'de> Visitor<'de> for ExpectedVisitor {
    type Value = Expected;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, or bounds such as `{below: 300}`")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Expected, E> {
        Ok(Expected::Text(value.to_string()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Expected, E> {
        Ok(Expected::Number(number as f64))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Expected, E> {
        Ok(Expected::Number(number as f64))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Expected, E> {
        Ok(Expected::Number(number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Expected, E> {
        Ok(Expected::Text(text.to_owned()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Expected, E> {
        Ok(Expected::Text("null".to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Expected, A::Error> {
        Bounds::deserialize(Full::new(map)).map(Expected::Bounds)
    }
}

impl<'de> Deserialize<'de> for Expect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ExpectVisitor)
    }
}

struct ExpectVisitor;

impl<'de> Visitor<'de> for ExpectVisitor {
    type Value = Expect;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an expectation such as `{at: 84s, pods: {idc: 2}}` or `{cost.total: \"4.13\"}`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Expect, A::Error> {
        let mut expect = Expect::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "at" => expect.at = Some(map.next_value()?),
                "pods" => expect.pods = Some(map.next_value()?),
                "started" => expect.started = Some(map.next_value()?),
                "ready" => expect.ready = Some(map.next_value()?),
                "nodes" => expect.nodes = Some(map.next_value()?),
                "of" => expect.of = Some(map.next_value()?),
                "zone" => expect.zone = Some(map.next_value()?),
                "decisions" => expect.decisions = map.next_value()?,
                "replicas" => expect.replicas = map.next_value()?,
                _ => expect.values.push((key, map.next_value()?)),
            }
        }
        Ok(expect)
    }
}

impl schemars::JsonSchema for Expect {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Expect")
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let at = generator.subschema_for::<Duration>();
        let replicas = generator.subschema_for::<Named<Vec<(Duration, u32)>>>();
        let bounds = generator.subschema_for::<Bounds>();
        let value = serde_json::json!({ "anyOf": [{ "type": ["string", "number", "boolean", "null"] }, bounds] });
        let counts = serde_json::json!({ "type": "object", "additionalProperties": value });
        schemars::json_schema!({
            "description": "One entry of `expect`: pods by tier at an instant (`{at: 84s, pods: {idc: 2, eci: 2}, of: web, zone: cn-hangzhou-i}`), those that had been started by \
                then (`{at: 60s, started: {eci: 1000}}`), those that were ready (`{at: 90s, ready: {eci: 900}}`), ready nodes by pool or tier (`{at: 3m, nodes: {burst: 2}}`), decisions by their action (`{decisions: {NoStock: 2}}`), every change of the replica count \
                (`{replicas: {web: [[0s, 22], [15s, 44]]}}`), or values of the summary by dotted path (`{cost.by_tier.eci: \"4.1304555\"}`, \
                `{latency_ms.p99: {below: 300}}`). A number in quotes is compared at the digits that are written, one without quotes exactly, a list by its length.",
            "type": "object",
            "properties": { "at": at, "pods": counts, "started": counts, "ready": counts, "nodes": counts, "of": { "type": "string" }, "zone": { "type": "string" }, "decisions": counts, "replicas": replicas },
            "additionalProperties": value
        })
    }
}
