//! Things with a short and a full form: `eci` for `{tier: eci}`.

mod full;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};

pub(super) use self::full::Full;

/// Written short, as a scalar or a list, or in full, as a mapping.
///
/// The shape of the text decides, so that an error inside either form is reported where it is.
#[derive(Clone, Debug, PartialEq)]
pub enum ShortOr<S, F> {
    /// A scalar or a list.
    Short(S),
    /// A mapping.
    Full(F),
}

impl<'de, S: Deserialize<'de>, F: Deserialize<'de>> Deserialize<'de> for ShortOr<S, F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShortVisitor(PhantomData))
    }
}

struct ShortVisitor<S, F>(PhantomData<(S, F)>);

impl<'de, S: Deserialize<'de>, F: Deserialize<'de>> ShortVisitor<S, F> {
    fn text<E: de::Error>(text: &str) -> Result<ShortOr<S, F>, E> {
        S::deserialize(text.into_deserializer()).map(ShortOr::Short)
    }
}

impl<'de, S: Deserialize<'de>, F: Deserialize<'de>> Visitor<'de> for ShortVisitor<S, F> {
    type Value = ShortOr<S, F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the short form or a mapping")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Self::text(text)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Self::text(if value { "true" } else { "false" })
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Self::text(&number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Self::text(&number.to_string())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        Self::text(&number.to_string())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        S::deserialize(SeqAccessDeserializer::new(seq)).map(ShortOr::Short)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        F::deserialize(Full::new(map)).map(ShortOr::Full)
    }
}

impl<S: schemars::JsonSchema, F: schemars::JsonSchema> schemars::JsonSchema for ShortOr<S, F> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Or{}", S::schema_name(), F::schema_name()))
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [generator.subschema_for::<S>(), generator.subschema_for::<F>()] })
    }
}
