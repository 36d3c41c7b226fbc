//! A YAML document as a tree that knows where everything was written.

mod build;
pub(crate) mod scalar;
mod syntax;

use self::build::Builder;
use crate::issue::{Issues, Path, code};
use crate::source::{SourceId, Sources, Span};
use crate::wording::quote;

/// Deepest nesting of lists and mappings.
pub const MAX_DEPTH: usize = 64;

/// Most keys, values and elements of one file, with aliases written out.
pub const MAX_NODES: usize = 200_000;

/// Most text of one file, with aliases written out.
pub const MAX_TEXT_BYTES: usize = 64 << 20;

/// A piece of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it is written. A node that comes from an alias lies where the anchor is.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a [`Node`] is. Which scalars are numbers or truth values is decided by whoever asks for one.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Nothing, `~` or `null`.
    Null,
    /// Text; `plain` if it is written without quotes, so that it may stand for a number or a truth value.
    Scalar {
        /// The text after YAML's escapes.
        text: String,
        /// Written without quotes.
        plain: bool,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// Keys, always scalars, each once, and their values, as written.
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    /// A node without content.
    pub const fn null(span: Span) -> Self {
        Self { span, kind: Kind::Null }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The entries of a mapping.
    pub fn entries(&self) -> Option<&[(Self, Self)]> {
        match &self.kind {
            Kind::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The elements of a list.
    pub fn elements(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::Sequence(elements) => Some(elements),
            _ => None,
        }
    }

    /// Key and value of an entry of a mapping.
    pub fn entry(&self, key: &str) -> Option<(&Self, &Self)> {
        self.entries()?.iter().find(|(name, _)| name.text() == Some(key)).map(|(name, value)| (name, value))
    }

    /// The value of an entry of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, value)| value)
    }

    /// Number of nodes, this one included.
    pub fn count(&self) -> usize {
        match &self.kind {
            Kind::Null | Kind::Scalar { .. } => 1,
            Kind::Sequence(elements) => 1 + elements.iter().map(Self::count).sum::<usize>(),
            Kind::Mapping(entries) => 1 + entries.iter().map(|(key, value)| key.count() + value.count()).sum::<usize>(),
        }
    }

    /// What it is, for messages: text `abc`, a list, nothing.
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::Null => "nothing".to_owned(),
            Kind::Scalar { text, plain: true } if scalar::boolean(text).is_some() || scalar::number(text).is_some() => quote(text),
            Kind::Scalar { text, plain: true } => format!("text {}", quote(text)),
            Kind::Scalar { text, plain: false } => format!("text {}", quote(&format!("\"{text}\""))),
            Kind::Sequence(elements) if elements.is_empty() => "an empty list".to_owned(),
            Kind::Sequence(_) => "a list".to_owned(),
            Kind::Mapping(entries) if entries.is_empty() => "an empty mapping".to_owned(),
            Kind::Mapping(_) => "a mapping".to_owned(),
        }
    }
}

/// The documents of a YAML stream, such as a file of Kubernetes manifests; empty documents are left out.
///
/// A document with a syntax error is reported and left out, the following ones are read.
pub fn parse_all(sources: &Sources, id: SourceId, issues: &mut Issues) -> Vec<Node> {
    parse_from(sources, id, 0, issues)
}

/// The only document of a YAML file; `None`, with an issue, if it cannot be read or there is not exactly one.
pub fn parse(sources: &Sources, id: SourceId, issues: &mut Issues) -> Option<Node> {
    let before = issues.len();
    let mut documents = parse_from(sources, id, 0, issues);
    let broken = issues.iter().skip(before).any(|issue| matches!(issue.code, code::SYNTAX | code::LIMIT));
    if broken {
        return None;
    }
    if let Some(second) = documents.get(1) {
        let count = documents.len();
        issues.error(code::DOCUMENTS, Path::root(), format!("expected one document, found {count}")).at(second.span);
        return None;
    }
    if documents.is_empty() {
        let message = format!("{} is empty", quote(sources.name(id)));
        issues.error(code::EMPTY, Path::root(), message).at(Span::new(id, 0, 0));
    }
    documents.pop()
}

/// Like [`parse_all`], for a text that starts in the middle of a source.
pub(crate) fn parse_from(sources: &Sources, id: SourceId, offset: usize, issues: &mut Issues) -> Vec<Node> {
    Builder::new(sources.text(id), id, offset, issues).run()
}

#[cfg(test)]
mod tests;
