//! The insides of lists, mappings and choices, without the entries that were left out.

use std::slice;

use serde::Deserializer;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::Id;
use super::fault::Fault;
use super::filler::Filler;
use super::reader::{Reader, Trail};
use crate::issue::code;
use crate::tree::{Kind, Node};
use crate::wording::{either, quote};

/// Runs a seed and gives its error a place.
fn read<'de, S: DeserializeSeed<'de>>(seed: S, reader: Reader<'_>) -> Result<S::Value, Fault> {
    seed.deserialize(reader).map_err(|fault| fault.place(reader))
}

/// The elements of a list.
pub(super) struct Elements<'a> {
    list: Reader<'a>,
    rest: std::iter::Enumerate<slice::Iter<'a, Node>>,
}

impl<'a> Elements<'a> {
    pub(super) fn new(list: Reader<'a>, elements: &'a [Node]) -> Self {
        Self { list, rest: elements.iter().enumerate() }
    }
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let context = self.list.context;
        let Some((index, node)) = self.rest.find(|(_, node)| !context.is_removed(node)) else { return Ok(None) };
        read(seed, Reader { node, trail: &Trail::Index(self.list.trail, index), context }).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// The entries of a mapping.
pub(super) struct Entries<'a> {
    mapping: Reader<'a>,
    rest: slice::Iter<'a, (Node, Node)>,
    /// The keys that the type knows; `None` if any key will do.
    fields: Option<&'static [&'static str]>,
    current: Option<Current<'a>>,
    /// Missing keys that are made up, and how often that was tried.
    filled: Vec<(&'static str, usize)>,
}

enum Current<'a> {
    Written(&'a (Node, Node)),
    MadeUp(&'static str, usize),
}

impl<'a> Entries<'a> {
    pub(super) fn new(mapping: Reader<'a>, entries: &'a [(Node, Node)], fields: Option<&'static [&'static str]>) -> Self {
        let filled = mapping.context.filled.borrow().get(&Id::of(mapping.node)).map(|keys| keys.iter().map(|(&key, &attempt)| (key, attempt)).collect());
        Self { mapping, rest: entries.iter(), fields, current: None, filled: filled.unwrap_or_default() }
    }

    /// Whether an entry is to be read; unknown keys are reported here.
    fn wants(&self, (key, value): &(Node, Node)) -> bool {
        let context = self.mapping.context;
        if context.is_removed(key) || context.is_removed(value) {
            return false;
        }
        match self.fields {
            Some(fields) if !key.text().is_some_and(|name| fields.contains(&name)) => {
                context.report_unknown(key, fields, self.mapping.trail);
                false
            }
            _ => true,
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let written = loop {
            match self.rest.next() {
                Some(entry) if !self.wants(entry) => {}
                next => break next,
            }
        };
        if let Some(entry @ (key, _)) = written {
            self.current = Some(Current::Written(entry));
            let trail = Trail::Key(self.mapping.trail, key);
            return read(seed, Reader { node: key, trail: &trail, context: self.mapping.context }).map(Some);
        }
        let Some((key, attempt)) = self.filled.pop() else { return Ok(None) };
        self.current = Some(Current::MadeUp(key, attempt));
        seed.deserialize(key.into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        match self.current.take() {
            Some(Current::Written((key, value))) => {
                let trail = Trail::Key(self.mapping.trail, key);
                read(seed, Reader { node: value, trail: &trail, context: self.mapping.context })
            }
            Some(Current::MadeUp(key, attempt)) => seed.deserialize(Filler::new(attempt)).map_err(|_| Fault::unfit(self.mapping.node, key, attempt)),
            None => Err(Fault::custom("a value was asked for before its key")),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// A value that is one of several kinds: text, or a mapping whose only key tells the kind.
pub(super) struct Choice<'a> {
    whole: Reader<'a>,
    name: &'a str,
    /// Key and value; `None` if only the name is written.
    content: Option<(&'a Node, &'a Node)>,
}

impl<'a> Choice<'a> {
    pub(super) fn new(whole: Reader<'a>, variants: &'static [&'static str]) -> Result<Self, Fault> {
        let expected = || either(variants.iter().copied());
        let (name, key, content) = match &whole.node.kind {
            Kind::Scalar { text, .. } => (text.as_str(), whole.node, None),
            Kind::Mapping(entries) => match entries.as_slice() {
                [(key, value)] => (key.text().unwrap_or_default(), key, Some((key, value))),
                [] => return Err(Fault::wrong_type(whole, &expected())),
                several => {
                    let message = format!("expected exactly one of {}, found {} keys", expected(), several.len());
                    let fault = Fault::said(whole, code::UNKNOWN_CHOICE, message);
                    let mut known = several.iter().filter_map(|(key, _)| key.text().filter(|name| variants.contains(name)).map(|name| (name, key.span)));
                    return Err(match (known.next(), known.next()) {
                        // A file and what it includes may choose differently; show both.
                        (Some((_, first)), Some((_, second))) if first.source != second.source => {
                            let other = if first.source == whole.node.span.source { second } else { first };
                            fault.relate(other, "also chosen here").help("an included file is merged key by key")
                        }
                        (Some((known, _)), None) => fault.help(format!("what belongs to {} is indented below it", quote(known))),
                        _ => fault,
                    });
                }
            },
            _ => return Err(Fault::wrong_type(whole, &expected())),
        };
        if !variants.contains(&name) {
            return Err(Fault::choice(whole, name, key, variants));
        }
        if content.is_some_and(|(_, value)| whole.context.is_removed(value)) {
            return Err(Fault::follow_up(whole.node));
        }
        Ok(Self { whole, name, content })
    }

    /// Reads what belongs to the variant; a bare name stands for a variant left empty.
    fn read<T>(self, read: impl FnOnce(Reader<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let Reader { node, trail, context } = self.whole;
        match self.content {
            Some((key, value)) => read(Reader { node: value, trail: &Trail::Key(trail, key), context }),
            None => read(Reader { node: &Node::null(node.span), trail: &Trail::Key(trail, node), context }).map_err(|fault| fault.blame(node)),
        }
    }
}

impl<'de> EnumAccess<'de> for Choice<'_> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Fault> {
        let name: StrDeserializer<'_, Fault> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Choice<'_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        let name = quote(self.name);
        self.read(|reader| match &reader.node.kind {
            Kind::Null => Ok(()),
            Kind::Mapping(entries) if entries.is_empty() => Ok(()),
            _ => Err(Fault::said(reader, code::WRONG_TYPE, format!("{name} stands alone, found {}", reader.node.describe()))),
        })
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Fault> {
        self.read(|reader| read(seed, reader))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        self.read(|reader| reader.deserialize_tuple(length, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        self.read(|reader| reader.deserialize_struct("", fields, visitor))
    }
}
