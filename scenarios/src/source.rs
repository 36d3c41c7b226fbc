//! The texts that input comes from: files as the user named them, and little ones such as a `--set` argument.

mod read;

use std::path::PathBuf;

pub use self::read::{Located, MAX_FILE_BYTES, Problem};
use crate::wording::visible;

/// Identifies one of the [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

impl SourceId {
    /// Position in the order of loading.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A range of bytes of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text it belongs to.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A range of bytes; the file limit keeps offsets within 32 bits.
    pub const fn new(source: SourceId, start: usize, end: usize) -> Self {
        Self { source, start: start as u32, end: end as u32 }
    }

    /// The empty range where this one starts.
    #[must_use]
    pub const fn at_start(self) -> Self {
        Self { end: self.start, ..self }
    }
}

/// A place as editors count: lines from 1, columns in characters from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

#[derive(Clone, Debug)]
struct Source {
    name: String,
    text: String,
    /// Canonical path; `None` for texts that are not files.
    path: Option<PathBuf>,
    /// Offsets at which lines start, so that a place is found without reading the text again.
    lines: Vec<u32>,
}

/// A file among the [`Sources`].
#[derive(Debug, Clone)]
pub struct SourceFile<'a> {
    /// Its name as the user wrote it.
    pub name: &'a str,
    /// Its path below the scenario's folder; none if it lies outside.
    pub inside: Option<PathBuf>,
    /// Its text.
    pub text: &'a str,
}

/// Every text of one scenario.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    list: Vec<Source>,
    /// The scenario's own folder, canonical: set by the first file opened.
    root: Option<PathBuf>,
    allow_outside: bool,
}

impl Sources {
    /// No texts yet; files may refer only to files inside the folder of the first one opened.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets files refer to files outside the scenario's own folder.
    #[must_use]
    pub const fn allow_outside(mut self) -> Self {
        self.allow_outside = true;
        self
    }

    /// Adds a text that is not a file, under the name that messages show.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        self.insert(&name.into(), text.into(), None)
    }

    /// The whole text.
    pub fn text(&self, id: SourceId) -> &str {
        &self.list[id.index()].text
    }

    /// The name as the user wrote it.
    pub fn name(&self, id: SourceId) -> &str {
        &self.list[id.index()].name
    }

    /// Every file that was read, in the order of reading: the scenario itself first. With its text and its path as seen from the scenario's
    /// folder, or none if it lies outside.
    pub fn files(&self) -> impl Iterator<Item = SourceFile<'_>> {
        let inside = |path: &PathBuf| Some(path.strip_prefix(self.root.as_ref()?).ok()?.to_owned());
        self.list.iter().filter_map(move |source| {
            let path = source.path.as_ref()?;
            Some(SourceFile { name: &source.name, inside: inside(path), text: &source.text })
        })
    }

    /// The text of a span.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.source).get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Line and column of the start of a span.
    pub fn position(&self, span: Span) -> Position {
        let line = self.line_of(span.source, span.start as usize);
        let (start, _) = self.line_range(span.source, line);
        let text = self.text(span.source);
        let before = text.get(start..text.floor_char_boundary(span.start as usize)).unwrap_or_default();
        Position { line: line + 1, column: before.chars().count() + 1 }
    }

    /// Number of the line, from 0, that an offset lies in.
    pub(crate) fn line_of(&self, id: SourceId, offset: usize) -> usize {
        self.list[id.index()].lines.partition_point(|&start| start as usize <= offset).saturating_sub(1)
    }

    /// The bytes of a line, counted from 0, without its line break.
    pub(crate) fn line_range(&self, id: SourceId, line: usize) -> (usize, usize) {
        let source = &self.list[id.index()];
        let start = source.lines.get(line).map_or(source.text.len(), |&start| start as usize);
        let end = source.lines.get(line + 1).map_or(source.text.len(), |&next| next as usize);
        (start, start + source.text[start..end].trim_end_matches(['\n', '\r']).len())
    }

    fn insert(&mut self, name: &str, mut text: String, path: Option<PathBuf>) -> SourceId {
        // A byte order mark is no part of the text and would shift the columns of the first line.
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        // A file name may hold anything; shown in a terminal it must not steer it.
        let name = visible(name).replace('\n', "\u{fffd}");
        let id = SourceId(self.list.len() as u32);
        let lines = std::iter::once(0).chain(text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n').map(|(at, _)| at as u32 + 1)).collect();
        self.list.push(Source { name, text, path, lines });
        id
    }
}

#[cfg(test)]
mod tests;
