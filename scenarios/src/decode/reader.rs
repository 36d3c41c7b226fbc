//! The serde side of a node: what a type asks for against what the file holds.

use serde::Deserializer;
use serde::de::{Expected, Visitor};

use super::Context;
use super::access::{Choice, Elements, Entries};
use super::fault::{Fault, list_of, words};
use crate::issue::{Path, Segment, code};
use crate::tree::scalar::{self, Number};
use crate::tree::{Kind, Node};
use crate::wording::{every, quote};

/// The way from the root to a node, on the stack: a path is built only for errors.
#[derive(Clone, Copy)]
pub(super) enum Trail<'a> {
    Root,
    Key(&'a Trail<'a>, &'a Node),
    Index(&'a Trail<'a>, usize),
}

impl Trail<'_> {
    /// The path that the trail describes.
    pub(super) fn path(&self) -> Path {
        let mut segments = Vec::new();
        let mut trail = self;
        loop {
            trail = match trail {
                Trail::Root => break,
                Trail::Key(parent, key) => {
                    segments.push(Segment::Key(key.text().unwrap_or_default().to_owned()));
                    parent
                }
                Trail::Index(parent, index) => {
                    segments.push(Segment::Index(*index));
                    parent
                }
            };
        }
        segments.reverse();
        Path::from(segments)
    }
}

/// A node about to be decoded.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) node: &'a Node,
    pub(super) trail: &'a Trail<'a>,
    pub(super) context: &'a Context,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(root: &'a Node, context: &'a Context) -> Self {
        Self { node: root, trail: &Trail::Root, context }
    }

    fn mismatch(self, expected: &dyn Expected) -> Fault {
        Fault::wrong_type(self, &words(&expected.to_string(), self.trail))
    }

    fn whole(self, min: i128, max: i128) -> Result<i128, Fault> {
        let Kind::Scalar { text, plain } = &self.node.kind else { return Err(Fault::wrong_type(self, "a whole number")) };
        let number = if *plain { scalar::number(text) } else { None };
        let Some(value) = number.and_then(Number::whole) else {
            let too_large = number.is_some_and(|number| number.real().fract() == 0.0);
            let fault = if too_large { self.out_of_range(min, max) } else { Fault::wrong_type(self, "a whole number") };
            return Err(match scalar::number_help(text, *plain) {
                Some(help) => fault.help(help),
                None => fault,
            });
        };
        if (min..=max).contains(&value) { Ok(value) } else { Err(self.out_of_range(min, max)) }
    }

    fn out_of_range(self, min: i128, max: i128) -> Fault {
        let negative = self.node.text().is_some_and(|text| text.starts_with('-'));
        let range = if min == 0 && negative { "of 0 or more".to_owned() } else { format!("from {min} to {max}") };
        Fault::said(self, code::OUT_OF_RANGE, format!("expected a whole number {range}, found {}", self.node.describe()))
    }

    fn real(self) -> Result<f64, Fault> {
        let Kind::Scalar { text, plain } = &self.node.kind else { return Err(Fault::wrong_type(self, "a number")) };
        let number = if *plain { scalar::number(text) } else { None };
        number.map(Number::real).ok_or_else(|| {
            let fault = Fault::wrong_type(self, "a number");
            match scalar::number_help(text, *plain) {
                Some(help) => fault.help(help),
                None => fault,
            }
        })
    }

    fn sequence<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let elements = match &self.node.kind {
            Kind::Sequence(elements) => elements.as_slice(),
            Kind::Null => &[],
            _ => return Err(self.not_a_list(&list_of(self.trail))),
        };
        visitor.visit_seq(Elements::new(self, elements)).map_err(|fault| fault.place(self))
    }

    fn not_a_list(self, expected: &str) -> Fault {
        let fault = Fault::wrong_type(self, expected);
        match self.node.text() {
            Some(text) if text.starts_with('-') => fault.help("write a space behind the dash: `- …`"),
            Some(text) if !text.contains('\n') => fault.help(format!("a list of one is written {}", quote(&format!("[{text}]")))),
            _ => fault.help("each element of a list starts with `- `"),
        }
    }

    fn mapping<'de, V: Visitor<'de>>(self, fields: Option<&'static [&'static str]>, visitor: V) -> Result<V::Value, Fault> {
        let entries = match &self.node.kind {
            Kind::Mapping(entries) => entries.as_slice(),
            Kind::Null => &[],
            kind => {
                let fault = Fault::wrong_type(self, "a mapping");
                return Err(match (kind, fields) {
                    (Kind::Scalar { text, plain: true }, _) if text.contains(':') && !text.contains(": ") => {
                        fault.help("write a space behind the colon: `key: value`")
                    }
                    (_, Some(fields)) if !fields.is_empty() => fault.help(format!("its keys are {}", every(fields.iter().copied()))),
                    _ => fault.help("write `key: value`"),
                });
            }
        };
        visitor.visit_map(Entries::new(self, entries, fields)).map_err(|fault| fault.place(self))
    }
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $type:ty,)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            let value = self.whole(i128::from(<$type>::MIN), i128::from(<$type>::MAX))?;
            visitor.$visit(value as $type).map_err(|fault: Fault| fault.place(self))
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Fault;

    whole_numbers! {
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_i128 visit_i128 i128,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let result = match &self.node.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Sequence(_) => return self.sequence(visitor),
            Kind::Mapping(_) => return self.mapping(None, visitor),
            Kind::Scalar { text, plain: false } => visitor.visit_str(text),
            Kind::Scalar { text, plain: true } => match (scalar::boolean(text), scalar::number(text)) {
                (Some(value), _) => visitor.visit_bool(value),
                (_, Some(Number::Whole(value))) => match (u64::try_from(value), i64::try_from(value)) {
                    (Ok(value), _) => visitor.visit_u64(value),
                    (_, Ok(value)) => visitor.visit_i64(value),
                    _ => visitor.visit_f64(value as f64),
                },
                (_, Some(Number::Real(value))) => visitor.visit_f64(value),
                _ => visitor.visit_str(text),
            },
        };
        result.map_err(|fault: Fault| fault.place(self))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let (text, plain) = match &self.node.kind {
            Kind::Scalar { text, plain } => (text.as_str(), *plain),
            _ => return Err(self.mismatch(&visitor)),
        };
        match (scalar::boolean(text), plain) {
            (Some(value), true) => visitor.visit_bool(value).map_err(|fault: Fault| fault.place(self)),
            (Some(value), false) => Err(self.mismatch(&visitor).help(format!("remove the quotes: `{value}`"))),
            _ => Err(match text.to_ascii_lowercase().as_str() {
                "yes" | "on" | "y" | "1" => self.mismatch(&visitor).help("write `true`"),
                "no" | "off" | "n" | "0" => self.mismatch(&visitor).help("write `false`"),
                _ => self.mismatch(&visitor),
            }),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let value = self.real()?;
        if value.abs() > f64::from(f32::MAX) {
            return Err(Fault::said(self, code::OUT_OF_RANGE, format!("the number {} is too large", self.node.describe())));
        }
        visitor.visit_f64(value).map_err(|fault: Fault| fault.place(self))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let value = self.real()?;
        visitor.visit_f64(value).map_err(|fault: Fault| fault.place(self))
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let value = self.whole(0, i128::MAX)?;
        visitor.visit_u128(value.unsigned_abs()).map_err(|fault: Fault| fault.place(self))
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.text() {
            Some(text) => visitor.visit_str(text).map_err(|fault: Fault| fault.place(self)),
            None => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.kind {
            Kind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
        .map_err(|fault: Fault| fault.place(self))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.kind {
            Kind::Null => visitor.visit_unit().map_err(|fault: Fault| fault.place(self)),
            _ => Err(Fault::wrong_type(self, "nothing")),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self).map_err(|fault: Fault| fault.place(self))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.sequence(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        let expected = format!("a list of {length} elements");
        match self.node.elements() {
            None => Err(Fault::wrong_type(self, &expected)),
            Some(elements) if elements.iter().any(|element| self.context.is_removed(element)) => Err(Fault::follow_up(self.node)),
            Some(elements) if elements.len() != length => Err(Fault::said(self, code::BAD_VALUE, format!("expected {expected}, found {}", elements.len()))),
            Some(_) => self.sequence(visitor),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, length: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.mapping(None, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        self.mapping(Some(fields), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, variants: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_enum(Choice::new(self, variants)?).map_err(|fault| fault.place(self))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }
}
