//! What goes wrong while decoding: first in serde's words, then with a place and in the user's words.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use super::reader::{Reader, Trail};
use super::{HELP, Id};
use crate::issue::{Issue, Path, Severity, code};
use crate::locate;
use crate::source::Span;
use crate::suggest;
use crate::tree::{Kind, Node};
use crate::wording::{either, quote};

/// An error on its way out of serde.
#[derive(Debug)]
pub(super) struct Fault(Box<State>);

#[derive(Debug)]
enum State {
    /// As a type raised it, not knowing where it stands.
    Loose(What),
    /// With its place: what to do about it, and what to say, if anything new.
    Placed(Outcome, Option<Issue>),
}

/// What an error means for the next attempt.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    /// This entry is wrong.
    Wrong(Id),
    /// This mapping lacks a key.
    Missing(Id, &'static str),
    /// What was made up for a missing key does not do, for the numbered time.
    Unfit(Id, &'static str, usize),
    /// Possibly wrong, possibly a consequence of what was made up.
    Doubtful,
}

#[derive(Debug)]
enum What {
    Type {
        expected: String,
    },
    Length {
        expected: String,
        found: usize,
    },
    Choice {
        found: String,
        options: Vec<&'static str>,
    },
    Missing(&'static str),
    Duplicate(&'static str),
    /// A key that is none of these.
    Unknown(&'static [&'static str]),
    Custom(String),
}

impl Fault {
    fn placed(outcome: Outcome, issue: Option<Issue>) -> Self {
        Self(Box::new(State::Placed(outcome, issue)))
    }

    fn loose(what: What) -> Self {
        Self(Box::new(State::Loose(what)))
    }

    /// A fault with nothing to say: its cause was reported when a part was left out.
    pub(super) fn follow_up(node: &Node) -> Self {
        Self::placed(Outcome::Wrong(Id::of(node)), None)
    }

    /// A fault with a finished message.
    pub(super) fn said(reader: Reader<'_>, code: &'static str, message: String) -> Self {
        let mut issue = issue(Severity::Error, code, reader.trail, message);
        issue.span = Some(reader.node.span);
        Self::placed(Outcome::Wrong(Id::of(reader.node)), Some(issue))
    }

    /// A value of the wrong kind.
    pub(super) fn wrong_type(reader: Reader<'_>, expected: &str) -> Self {
        let expected = if expected == "text" && reader.node.kind == Kind::Null { "a value" } else { expected };
        let message = format!("expected {expected}, found {}", reader.node.describe());
        Self::said(reader, code::WRONG_TYPE, message)
    }

    /// A value, or the key of one, that is none of the possible choices.
    pub(super) fn choice(reader: Reader<'_>, found: &str, at: &Node, options: &[&'static str]) -> Self {
        let message = format!("expected {}, found {}", either(options.iter().copied()), quote(found));
        let fault = Self::said(reader, code::UNKNOWN_CHOICE, message).at(at.span);
        match suggest::nearest(found, options.iter().copied()) {
            Some(known) => fault.help(format!("did you mean {}?", quote(known))),
            None => fault,
        }
    }

    /// Adds advice, unless there is nothing to say.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        if let State::Placed(_, Some(issue)) = &mut *self.0 {
            issue.with_help(help);
        }
        self
    }

    /// Points to a second place.
    pub(super) fn relate(mut self, span: Span, message: &str) -> Self {
        if let State::Placed(_, Some(issue)) = &mut *self.0 {
            issue.relate(span, message);
        }
        self
    }

    /// Marks another place.
    fn at(mut self, span: Span) -> Self {
        if let State::Placed(_, Some(issue)) = &mut *self.0 {
            issue.at(span);
        }
        self
    }

    /// Leaves out another node, for faults of nodes that exist only while decoding.
    pub(super) fn blame(mut self, node: &Node) -> Self {
        if let State::Placed(outcome, _) = &mut *self.0 {
            *outcome = Outcome::Wrong(Id::of(node));
        }
        self
    }

    /// A fault of what was made up for a missing key.
    pub(super) fn unfit(mapping: &Node, key: &'static str, attempt: usize) -> Self {
        Self::placed(Outcome::Unfit(Id::of(mapping), key, attempt), None)
    }

    /// Fixes the place of a loose fault: the value that was being read.
    pub(super) fn place(self, reader: Reader<'_>) -> Self {
        let what = match *self.0 {
            State::Loose(what) => what,
            placed @ State::Placed(..) => return Self(Box::new(placed)),
        };
        match what {
            What::Unknown(fields) => {
                if let Trail::Key(mapping, key) = reader.trail {
                    reader.context.report_unknown(key, fields, mapping);
                }
                Self::follow_up(reader.node)
            }
            // serde misses a key that the file holds only if it was left out.
            // It was there and wrong, which was reported.
            What::Missing(name) if reader.node.get(name).is_some() => Self::placed(Outcome::Missing(Id::of(reader.node), name), None),
            What::Missing(name) => Self::missing(reader, name),
            _ if reader.context.lost_a_part(reader.node) => Self::follow_up(reader.node),
            _ if reader.context.may_be_made_up(reader.node) => Self::placed(Outcome::Doubtful, None),
            What::Type { expected } => Self::wrong_type(reader, &words(&expected, reader.trail)),
            What::Length { expected, found } => {
                let expected = words(&expected, reader.trail);
                Self::said(reader, code::BAD_VALUE, format!("expected {expected}, found {found}"))
            }
            What::Choice { found, options } => Self::choice(reader, &found, reader.node, &options),
            What::Duplicate(name) => Self::said(reader, code::DUPLICATE_KEY, format!("key {} is given twice, under two names", quote(name))),
            What::Custom(text) => match text.split_once(HELP) {
                Some((message, help)) => Self::said(reader, code::BAD_VALUE, message.to_owned()).help(help),
                None => Self::said(reader, code::BAD_VALUE, text),
            },
        }
    }

    fn missing(reader: Reader<'_>, name: &'static str) -> Self {
        let outcome = Outcome::Missing(Id::of(reader.node), name);
        if reader.context.is_misspelt(reader.node, name) {
            return Self::placed(outcome, None);
        }
        let fault = Self::said(reader, code::MISSING_KEY, format!("missing key {}", quote(name)));
        // A mapping can be long: its own key, or else its first one, shows the place well enough.
        let mut fault = match reader.trail {
            Trail::Key(_, key) => fault.at(key.span),
            _ => fault.at(locate::opening(reader.node)),
        };
        if let State::Placed(placed, _) = &mut *fault.0 {
            *placed = outcome;
        }
        fault
    }

    /// What to do next, and the issue, if there is anything new to say.
    pub(super) fn into_outcome(self, root: &Node) -> (Outcome, Option<Issue>) {
        match *self.0 {
            State::Placed(outcome, issue) => (outcome, issue),
            State::Loose(what) => {
                let mut issue = Issue::new(Severity::Error, code::BAD_VALUE, Path::root(), what.to_string());
                issue.at(locate::opening(root));
                (Outcome::Wrong(Id::of(root)), Some(issue))
            }
        }
    }
}

/// An issue at the end of a trail.
pub(super) fn issue(severity: Severity, code: &'static str, trail: &Trail<'_>, message: String) -> Issue {
    Issue::new(severity, code, trail.path(), message)
}

/// What a type expects, in the words of the file rather than of Rust.
pub(super) fn words(expected: &str, trail: &Trail<'_>) -> String {
    match expected {
        "a sequence" => list_of(trail),
        "a map" => "a mapping".to_owned(),
        "a string" | "a borrowed string" | "string" | "a character" => "text".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        "unit" | "a unit" => "nothing".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        _ if expected.starts_with("a nonzero ") => "a whole number other than 0".to_owned(),
        _ if expected.starts_with("struct ") => "a mapping".to_owned(),
        _ => match expected.strip_prefix("a tuple of size ").or_else(|| expected.strip_prefix("an array of length ")) {
            Some(length) => format!("a list of {length} elements"),
            None => expected.to_owned(),
        },
    }
}

/// A list below `virtualNodes` is a list of virtual nodes.
pub(super) fn list_of(trail: &Trail<'_>) -> String {
    let Trail::Key(_, Node { kind: Kind::Scalar { text, .. }, .. }) = trail else { return "a list".to_owned() };
    let is_plural = text.len() > 2 && text.ends_with('s') && !text.ends_with("ss") && text.chars().all(|c| c.is_ascii_alphabetic());
    if !is_plural {
        return "a list".to_owned();
    }
    let mut things = String::new();
    for c in text.chars() {
        if c.is_ascii_uppercase() {
            things.push(' ');
        }
        things.push(c.to_ascii_lowercase());
    }
    format!("a list of {}", things.trim_start())
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type { expected } => write!(f, "expected {expected}"),
            Self::Length { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Choice { found, options } => write!(f, "expected {}, found {}", either(options.iter().copied()), quote(found)),
            Self::Missing(name) => write!(f, "missing key {}", quote(name)),
            Self::Unknown(options) => write!(f, "expected {}", either(options.iter().copied())),
            Self::Duplicate(name) => write!(f, "key {} is given twice", quote(name)),
            Self::Custom(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            State::Loose(what) => what.fmt(f),
            State::Placed(_, issue) => f.write_str(issue.as_ref().map_or("left out", |issue| &issue.message)),
        }
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::loose(What::Custom(message.to_string()))
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::loose(What::Type { expected: expected.to_string() })
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::loose(What::Type { expected: expected.to_string() })
    }

    fn invalid_length(found: usize, expected: &dyn Expected) -> Self {
        Self::loose(What::Length { expected: expected.to_string(), found })
    }

    fn unknown_variant(found: &str, options: &'static [&'static str]) -> Self {
        Self::loose(What::Choice { found: found.to_owned(), options: options.to_vec() })
    }

    fn unknown_field(_: &str, fields: &'static [&'static str]) -> Self {
        Self::loose(What::Unknown(fields))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::loose(What::Missing(name))
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::loose(What::Duplicate(name))
    }
}
