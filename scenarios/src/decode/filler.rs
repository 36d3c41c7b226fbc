//! A value for a key that is missing, so that reading goes on to the next thing that is wrong. What is read this way is thrown away.

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error, IntoDeserializer, Visitor};

use super::fault::Fault;

/// Texts to try for types with a notation of their own; a type that takes none of them costs nothing but the next message.
pub(super) const TEXTS: [&str; 6] = ["1", "1s", "1/s", "1%", "x", "00:00"];

/// Types may contain themselves.
const MAX_DEPTH: usize = 8;

/// Answers whatever a type asks for.
#[derive(Clone, Copy)]
pub(super) struct Filler {
    attempt: usize,
    depth: usize,
}

impl Filler {
    /// A value that answers questions for text with the numbered one of [`TEXTS`].
    pub(super) const fn new(attempt: usize) -> Self {
        Self { attempt, depth: 0 }
    }

    fn inner(self) -> Result<Self, Fault> {
        if self.depth == MAX_DEPTH { Err(Fault::custom("nested too deeply to be made up")) } else { Ok(Self { depth: self.depth + 1, ..self }) }
    }

    const fn text(self) -> &'static str {
        TEXTS[self.attempt % TEXTS.len()]
    }
}

impl IntoDeserializer<'_, Fault> for Filler {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! answers {
    ($($visit:ident($value:expr): $($method:ident)*;)*) => {
        $($(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit($value(self))
        })*)*
    };
}

impl<'de> Deserializer<'de> for Filler {
    type Error = Fault;

    answers! {
        visit_u8(|_| 1): deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
            deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128;
        visit_f64(|_| 1.0): deserialize_f32 deserialize_f64;
        visit_bool(|_| false): deserialize_bool;
        visit_char(|_| 'x'): deserialize_char;
        visit_str(Self::text): deserialize_any deserialize_str deserialize_string deserialize_identifier deserialize_bytes deserialize_byte_buf;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_none()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(SeqDeserializer::new(std::iter::empty::<Self>()))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(SeqDeserializer::new(std::iter::repeat_n(self.inner()?, length)))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, length: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_map(MapDeserializer::new(std::iter::empty::<(Self, Self)>()))
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        let inner = self.inner()?;
        visitor.visit_map(MapDeserializer::new(fields.iter().map(|&name| (name, inner))))
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, variants: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        let inner = self.inner()?;
        let first = variants.iter().take(1).map(|&name| (name, inner));
        visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(first)))
    }
}
