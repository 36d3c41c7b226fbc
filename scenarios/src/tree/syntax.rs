//! Syntax errors in the words of somebody who writes YAML by hand.

use granit_parser::{ErrorKind, ScanError};

use super::MAX_DEPTH;
use crate::issue::{Issues, Path, code};
use crate::source::{SourceId, Span};
use crate::wording::quote;

/// Advice for `{{ … }}`, which YAML reads as a mapping inside a mapping.
pub(super) const TEMPLATE_HELP: &str = "this looks like a template: render it first (`helm template`, `kustomize build`), or put the text in quotes";

const CONFLICT_MARKS: [&str; 3] = ["<<<<<<<", "=======", ">>>>>>>"];

/// Records a syntax error; positions of the parser count from `offset` in the source.
pub(super) fn report(error: &ScanError, text: &str, source: SourceId, offset: usize, path: &Path, issues: &mut Issues) {
    let mut at = (offset + error.marker().byte_offset().unwrap_or(0)).min(text.len());
    let line_start = text.get(..at).unwrap_or_default().rfind('\n').map_or(0, |newline| newline + 1);
    if is_tab(error.kind()) {
        at = indenting_tab(text, line_start, at).unwrap_or(at);
    }
    let line = text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
    let length = text.get(at..).and_then(|rest| rest.chars().next()).filter(|&c| c != '\n').map_or(0, char::len_utf8);
    let (code, message, help) = explain(error.kind(), line);
    let issue = issues.error(code, path, message).at(Span::new(source, at, at + length));
    if let Some(help) = help {
        issue.with_help(help);
    }
}

fn explain(kind: &ErrorKind, line: &str) -> (&'static str, String, Option<String>) {
    if CONFLICT_MARKS.iter().any(|mark| line.starts_with(mark)) {
        return (code::SYNTAX, "a merge conflict is not resolved".to_owned(), Some("keep one side and delete the marker lines".to_owned()));
    }
    if line.contains("{{") {
        return (code::SYNTAX, "template marks are not YAML".to_owned(), Some(TEMPLATE_HELP.to_owned()));
    }
    if *kind == ErrorKind::RecursionLimitExceeded {
        return (code::LIMIT, format!("nested more than {MAX_DEPTH} levels deep, which is the limit"), None);
    }
    let (message, help) = words(kind);
    (code::SYNTAX, message, (!help.is_empty()).then(|| help.to_owned()))
}

const fn is_tab(kind: &ErrorKind) -> bool {
    use ErrorKind as E;
    matches!(kind, E::TabInBlockIndentation | E::TabInIndentation | E::TabNotAllowed | E::TabInPlainScalar | E::TabAtBlockScalarStart)
}

/// The tab that is meant: in the indentation of this line, or else the next one, where the parser stops a line early.
fn indenting_tab(text: &str, line_start: usize, at: usize) -> Option<usize> {
    let line = text.get(line_start..)?;
    let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
    let here = line[..indentation].find('\t').map(|tab| line_start + tab);
    here.or_else(|| text.get(at..)?.find('\t').map(|tab| at + tab))
}

const TAB_HELP: &str = "YAML is indented with spaces only: replace the tab by spaces";

/// Message and advice; the rarer kinds keep the parser's own words.
fn words(kind: &ErrorKind) -> (String, &'static str) {
    use ErrorKind as E;
    let (message, help) = match kind {
        tab if is_tab(tab) => ("a tab is used for indentation", TAB_HELP),
        E::ExpectedBlockMappingKey => (
            "this line does not fit the keys above it",
            "entries of one mapping start in one column; a list (`- …`) and keys do not mix on one level, and a quoted value ends with its quote",
        ),
        E::ExpectedBlockSequenceEntry => ("this line does not fit the list above it", "elements of one list start with `- ` in one column"),
        E::InvalidIndentation | E::InvalidBlockScalarIndent | E::InvalidFlowScalarIndent => {
            ("wrong indentation", "entries of one mapping or list start in one column")
        }
        E::MappingValueNotAllowed => {
            ("unexpected `:`", "put text that holds `: ` in quotes; or a line is indented too far; or the line above lacks a `:` with a space behind it")
        }
        E::SimpleKeyExpected => ("expected `key: value`", "a key is followed by `:` and a space"),
        E::InvalidSimpleKey => ("this key is too long, or its `:` is on another line", ""),
        E::InvalidColonPlacement | E::ExpectedFlowSequenceSeparator => {
            ("expected `,` or `]`", "elements between `[` and `]` are separated by commas, or the list is never closed")
        }
        E::ExpectedFlowMappingSeparator => ("expected `,` or `}`", "entries between `{` and `}` are separated by commas, or the mapping is never closed"),
        E::UnclosedFlowCollection { open } => return (format!("{} is never closed", quote(&open.to_string())), ""),
        E::MismatchedFlowCollectionEnd { open, close } => {
            return (format!("{} is closed by {}", quote(&open.to_string()), quote(&close.to_string())), "");
        }
        E::MisplacedFlowCollectionEnd => ("this bracket closes nothing", "put text that starts with a bracket in quotes"),
        E::InvalidQuotedScalarIndent => ("quoted text is not closed before this line", "close the quote above, or indent the continuation"),
        E::UnclosedQuotedScalar | E::DocumentIndicatorInQuotedScalar => ("a quote is never closed", ""),
        E::InvalidTrailingDoubleQuotedScalar | E::InvalidTrailingSingleQuotedScalar => (
            "text goes on behind the closing quote",
            "put the whole value in quotes; inside, write `\\\"` between double quotes and `''` between single quotes",
        ),
        E::UnknownQuotedScalarEscape => ("unknown escape in double quotes", "use single quotes, in which `\\` is an ordinary character, or write `\\\\`"),
        E::UnexpectedCharacter { character } if character.is_control() => {
            return (format!("the control character {} is not allowed", quote(&character.to_string())), "");
        }
        E::UnexpectedCharacter { character } => {
            return (format!("a value cannot start with {}", quote(&character.to_string())), "put the value in quotes");
        }
        E::MissingAnchorOrAliasName => ("a name is missing behind `&` or `*`", "put a value that starts with `&` or `*` in quotes"),
        E::UndeclaredTagHandle => ("this tag is not declared", "put a value that starts with `!` in quotes"),
        E::InvalidBlockScalarHeader => ("text starts on the line below `|` or `>`", "put a value that starts with `|` or `>` in quotes"),
        E::CommentNotSeparated => ("a comment needs a space before `#`", ""),
        E::BlockEntryInFlowCollection => ("`- ` cannot stand between brackets", "elements between `[` and `]` are separated by commas"),
        E::BlockSequenceEntryNotAllowed => ("a list cannot start here", "put `- ` on a line of its own below the key"),
        other => return (lowercase(&other.to_string()), ""),
    };
    (message.to_owned(), help)
}

fn lowercase(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
