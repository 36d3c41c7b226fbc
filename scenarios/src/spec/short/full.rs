//! The full form, read from a mapping whose keys were not announced: unknown keys and surplus choices are found here.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, IntoDeserializer, MapAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

/// A mapping as a deserializer for a struct or an enum.
pub(in crate::spec) struct Full<A> {
    map: A,
}

impl<A> Full<A> {
    pub(in crate::spec) const fn new(map: A) -> Self {
        Self { map }
    }
}

impl<'de, A: MapAccess<'de>> Deserializer<'de> for Full<A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_map(self.map)
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, fields: &'static [&'static str], visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_map(Fields { map: self.map, fields })
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, variants: &'static [&'static str], visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_enum(Choice { map: self.map, variants })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq tuple tuple_struct map
        identifier ignored_any
    }
}

/// The entries of a struct. A wrong key is an error of the key itself, so that it is shown there and the rest is still read.
struct Fields<A> {
    map: A,
    fields: &'static [&'static str],
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let Some(key) = self.map.next_key_seed(Known { names: self.fields, is_choice: false })? else { return Ok(None) };
        let key: StrDeserializer<'_, A::Error> = key.into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// The only entry of an enum.
struct Choice<A> {
    map: A,
    variants: &'static [&'static str],
}

impl<'de, A: MapAccess<'de>> EnumAccess<'de> for Choice<A> {
    type Error = A::Error;
    type Variant = Content<A>;

    fn variant_seed<S: DeserializeSeed<'de>>(mut self, seed: S) -> Result<(S::Value, Content<A>), A::Error> {
        let expected = || format!("expected exactly one of `{}`", self.variants.join("`, `"));
        let Some(name) = self.map.next_key_seed(Known { names: self.variants, is_choice: true })? else { return Err(A::Error::custom(expected())) };
        let key: StrDeserializer<'_, A::Error> = name.into_deserializer();
        Ok((seed.deserialize(key)?, Content { map: self.map }))
    }
}

/// What stands behind the only key of an enum.
struct Content<A> {
    map: A,
}

impl<'de, A: MapAccess<'de>> Content<A> {
    fn last(mut self) -> Result<(), A::Error> {
        match self.map.next_entry::<String, IgnoredAny>()? {
            None => Ok(()),
            Some((surplus, _)) => Err(A::Error::custom(format_args!("`{surplus}` is one key too many: exactly one form is expected"))),
        }
    }
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for Content<A> {
    type Error = A::Error;

    fn unit_variant(mut self) -> Result<(), A::Error> {
        self.map.next_value::<()>()?;
        self.last()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(mut self, seed: S) -> Result<S::Value, A::Error> {
        let value = self.map.next_value_seed(seed)?;
        self.last()?;
        Ok(value)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, A::Error> {
        Err(A::Error::custom("a choice holds one value"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, A::Error> {
        Err(A::Error::custom("a choice holds one value"))
    }
}

/// A key that must be one of these names.
struct Known {
    names: &'static [&'static str],
    is_choice: bool,
}

impl<'de> DeserializeSeed<'de> for Known {
    type Value = &'static str;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<&'static str, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Known {
    type Value = &'static str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<&'static str, E> {
        let known = self.names.iter().find(|name| **name == key);
        known.copied().ok_or_else(|| if self.is_choice { E::unknown_variant(key, self.names) } else { E::unknown_field(key, self.names) })
    }
}
