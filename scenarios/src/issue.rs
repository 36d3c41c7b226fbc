//! What is wrong with an input: collected, located, and shown all at once.
//!
//! Code ranges, stable for ever: `S00xx` files and YAML, `S01xx` shape (keys and types), `S015x` overrides, from `S02xx` on the meaning of a scenario.

pub mod code;
mod path;

pub use self::path::{Path, Segment};
use crate::locate;
use crate::source::Span;
use crate::tree::Node;

/// How bad an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The scenario cannot be run.
    Error,
    /// The scenario can be run, but probably does not say what its author meant.
    Warning,
}

impl Severity {
    /// The word that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A second place that explains an issue, such as the first of two equal keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The place.
    pub span: Span,
    /// What is there, in a few words.
    pub message: String,
}

/// One thing that is wrong, or suspicious, in the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Whether the scenario can still be run.
    pub severity: Severity,
    /// Stable identity of the kind of issue, such as `S0102`; never reused for another kind.
    pub code: &'static str,
    /// Where it is, in the words of the document.
    pub path: Path,
    /// Mark the key of the entry rather than its value.
    pub at_key: bool,
    /// What is wrong: a lowercase sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where it is, in bytes; filled in by [`Issues::locate`] for issues that only know their path.
    pub span: Option<Span>,
    /// Other places that explain it.
    pub related: Vec<Related>,
}

impl Issue {
    /// An issue at a path that is not located yet.
    pub fn new(severity: Severity, code: &'static str, path: impl Into<Path>, message: impl Into<String>) -> Self {
        Self { severity, code, path: path.into(), at_key: false, message: message.into(), help: None, span: None, related: Vec::new() }
    }

    /// Adds advice.
    pub fn with_help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Marks the key of the entry rather than its value.
    pub fn on_key(&mut self) -> &mut Self {
        self.at_key = true;
        self
    }

    /// Fixes the place, for issues that know it better than their path tells.
    pub fn at(&mut self, span: Span) -> &mut Self {
        self.span = Some(span);
        self
    }

    /// Points to a second place.
    pub fn relate(&mut self, span: Span, message: impl Into<String>) -> &mut Self {
        self.related.push(Related { span, message: message.into() });
        self
    }
}

/// Collects issues, so that a user sees every problem of an input in one go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issues {
    list: Vec<Issue>,
}

impl Issues {
    /// Records an error; the returned issue can be refined in place: `issues.error(…).with_help(…).on_key()`.
    pub fn error(&mut self, code: &'static str, path: impl Into<Path>, message: impl Into<String>) -> &mut Issue {
        self.push(Issue::new(Severity::Error, code, path, message))
    }

    /// Records a warning; see [`Issues::error`].
    pub fn warning(&mut self, code: &'static str, path: impl Into<Path>, message: impl Into<String>) -> &mut Issue {
        self.push(Issue::new(Severity::Warning, code, path, message))
    }

    /// Records an issue made elsewhere.
    pub fn push(&mut self, issue: Issue) -> &mut Issue {
        let at = self.list.len();
        self.list.push(issue);
        &mut self.list[at]
    }

    /// Takes over all issues of another collector.
    pub fn append(&mut self, mut other: Self) {
        self.list.append(&mut other.list);
    }

    /// Whether anything forbids a run.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|issue| issue.severity == Severity::Error)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Number of issues.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// The issues in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Issue> {
        self.list.iter()
    }

    /// Finds the place of every issue that only knows its path, in the document that the paths start from.
    ///
    /// Issues of several documents must be located per document, before [`Issues::append`].
    pub fn locate(&mut self, root: &Node) {
        for issue in &mut self.list {
            if issue.span.is_none() {
                issue.span = Some(locate::span(root, &issue.path, issue.at_key));
            }
        }
    }

    /// The issues by file and position, each once; issues without a place come last.
    pub fn sorted(&self) -> Vec<&Issue> {
        let mut list: Vec<&Issue> = self.list.iter().collect();
        list.sort_by_key(|issue| issue.span.map_or((1, u32::MAX, u32::MAX), |span| (0, span.source.index() as u32, span.start)));
        // Aliases and merge keys show one text at several paths; one report is enough.
        list.dedup_by(|b, a| a.span.is_some() && a.span == b.span && a.code == b.code && a.message == b.message);
        list
    }
}
