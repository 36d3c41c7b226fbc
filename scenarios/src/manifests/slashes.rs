//! `//` comments: documentation shows them behind values, YAML takes them for part of the value.

use crate::check::code;
use crate::issue::{Issues, Path};
use crate::source::{Sources, Span};
use crate::tree::{Kind, Node};

/// Cuts comments off the unquoted values of a document, with one warning.
pub(super) fn strip(document: &mut Node, sources: &Sources, issues: &mut Issues) {
    let mut found = Vec::new();
    walk(document, sources, &mut found);
    let Some(&first) = found.first() else { return };
    let message = match found.len() {
        1 => "`//` does not start a comment in YAML: it was taken for one".to_owned(),
        several => format!("`//` does not start a comment in YAML: {several} were taken for comments"),
    };
    issues.warning(code::SLASHES, Path::root(), message).at(first).with_help("write `#`, or quote the value");
}

fn walk(node: &mut Node, sources: &Sources, found: &mut Vec<Span>) {
    match &mut node.kind {
        Kind::Scalar { text, plain: true } => {
            // A text over several lines is prose, not a value with a comment.
            let is_one_line = sources.slice(node.span).starts_with(text.as_str());
            let Some(start) = comment(text).filter(|_| is_one_line) else { return };
            found.push(Span::new(node.span.source, node.span.start as usize + start, node.span.start as usize + text.len()));
            text.truncate(text[..start].trim_end().len());
            node.span.end = node.span.start + text.len() as u32;
        }
        Kind::Sequence(elements) => elements.iter_mut().for_each(|element| walk(element, sources, found)),
        Kind::Mapping(entries) => entries.iter_mut().for_each(|(_, value)| walk(value, sources, found)),
        Kind::Null | Kind::Scalar { .. } => {}
    }
}

/// Where a comment starts: slashes behind a space, so that `https://…` stays.
fn comment(text: &str) -> Option<usize> {
    text.match_indices("//").map(|(at, _)| at).find(|&at| at > 0 && text[..at].ends_with([' ', '\t', '\u{3000}']))
}
