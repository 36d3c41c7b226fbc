//! Issues as people and editors read them.

use std::fmt::Write as _;

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use crate::issue::{Issue, Issues, Severity};
use crate::source::{Sources, Span};
use crate::wording::visible;

/// Lines longer than this are not shown: the renderer's work grows with the length.
const MAX_LINE_BYTES: usize = 4096;

/// Two places further apart than this are shown as two excerpts.
const MAX_EXCERPT_LINES: usize = 50;

/// One issue for programs: an entry of `check --json`, and what an editor needs to mark the place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// Stable code, such as `S0102`.
    pub code: &'static str,
    /// File as the user named it.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    /// Address inside the document, such as `services.web.replicas`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// The issues for programs, by file and position.
pub fn rows(issues: &Issues, sources: &Sources) -> Vec<Row> {
    let row = |issue: &Issue| {
        let position = issue.span.map(|span| sources.position(span));
        Row {
            severity: issue.severity.name(),
            code: issue.code,
            file: issue.span.map(|span| sources.name(span.source).to_owned()),
            line: position.map(|position| position.line),
            column: position.map(|position| position.column),
            path: issue.path.to_string(),
            message: issue.message.clone(),
            help: issue.help.clone(),
        }
    };
    issues.sorted().into_iter().map(row).collect()
}

/// The issues for people, by file and position, each with the lines it is about; ends with a line break unless there is nothing to show.
pub fn text(issues: &Issues, sources: &Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut shown = String::new();
    let sorted = issues.sorted();
    for issue in sorted.iter().take(SHOWN_MAX) {
        if !shown.is_empty() {
            shown.push('\n');
        }
        shown.push_str(&renderer.render(&[report(issue, sources)]));
        shown.push('\n');
    }
    if let Some(more @ 1..) = sorted.len().checked_sub(SHOWN_MAX) {
        let _ = writeln!(shown, "\nand {more} more problems");
    }
    shown
}

/// Most issues shown to people: nobody reads a thousand.
const SHOWN_MAX: usize = 50;

fn report<'a>(issue: &'a Issue, sources: &'a Sources) -> Group<'a> {
    let level = match issue.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(issue.message.as_str()).id(issue.code));
    if let Some(span) = issue.span {
        let mut marks = vec![Mark { span, kind: AnnotationKind::Primary, label: None }];
        for related in &issue.related {
            let mark = Mark { span: related.span, kind: AnnotationKind::Context, label: Some(visible(&related.message)) };
            if marks.last().is_some_and(|last| near(last.span, related.span, sources)) {
                marks.push(mark);
            } else {
                group = group.elements(excerpt(&marks, sources));
                marks = vec![mark];
            }
        }
        group = group.elements(excerpt(&marks, sources));
    }
    match &issue.help {
        Some(help) => group.element(Level::HELP.message(visible(help))),
        None => group,
    }
}

struct Mark {
    span: Span,
    kind: AnnotationKind,
    label: Option<String>,
}

fn near(a: Span, b: Span, sources: &Sources) -> bool {
    let line = |span: Span| sources.line_of(span.source, span.start as usize);
    a.source == b.source && line(a).abs_diff(line(b)) <= MAX_EXCERPT_LINES
}

/// The lines that hold the marks, which lie near each other in one source.
fn excerpt<'a>(marks: &[Mark], sources: &'a Sources) -> Option<Element<'a>> {
    let source = marks.first()?.span.source;
    let lines = marks.iter().map(|mark| sources.line_of(source, mark.span.start as usize));
    let (first, last) = (lines.clone().min()?, lines.max()?);
    let (start, end) = (sources.line_range(source, first).0, sources.line_range(source, last).1);
    let name = sources.name(source);
    let too_long = (first..=last).any(|line| {
        let (start, end) = sources.line_range(source, line);
        end - start > MAX_LINE_BYTES
    });
    let text = sources.text(source).get(start..end).filter(|_| !too_long);
    let Some(text) = text else {
        let position = sources.position(marks.first()?.span);
        return Some(Origin::path(name).line(position.line).char_column(position.column).into());
    };
    let annotation = |mark: &Mark| -> Annotation<'a> {
        let line_end = sources.line_range(source, sources.line_of(source, mark.span.start as usize)).1;
        // What goes on over several lines is marked on its first one.
        // The renderer panics inside of characters, and marks of others may be a byte off.
        let whole = sources.text(source);
        let from = whole.floor_char_boundary((mark.span.start as usize).min(line_end));
        let to = whole.ceil_char_boundary((mark.span.end as usize).clamp(from, line_end));
        mark.kind.span(from - start..to - start).label(mark.label.clone())
    };
    Some(Snippet::source(text).line_start(first + 1).path(name).annotations(marks.iter().map(annotation)).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::Path;

    #[test]
    fn rows_for_programs() {
        let mut sources = Sources::new();
        let id = sources.add("flash.yaml", "a: 1\n名字: x\n");
        let mut issues = Issues::default();
        issues.error("S0001", Path::root(), "no place");
        issues.warning("S0299", Path::root().key("名字"), "odd").at(Span::new(id, 13, 14)).with_help("do");
        issues.error("S0200", Path::root().key("a"), "wrong").at(Span::new(id, 3, 4));
        let json = serde_json::to_value(rows(&issues, &sources)).unwrap();
        let place = |line, column| serde_json::json!(["flash.yaml", line, column]);
        let shown: Vec<_> = json.as_array().unwrap().iter().map(|row| serde_json::json!([row["file"], row["line"], row["column"]])).collect();
        assert_eq!(shown, [place(1, 4), place(2, 5), serde_json::json!([null, null, null])]);
        assert_eq!(json[1]["severity"], "warning");
        assert_eq!(json[1]["path"], "名字");
        assert_eq!(json[1]["help"], "do");
    }

    #[test]
    fn long_and_strange_lines() {
        let mut sources = Sources::new();
        let long = sources.add("long.yaml", format!("a: {}\nb: \u{1b}[31mred\r\n", "0123456789".repeat(1 << 20)));
        let start = std::time::Instant::now();
        let mut issues = Issues::default();
        issues.error("S0200", Path::root(), "here").at(Span::new(long, 5_000_000, 5_000_003));
        assert_eq!(text(&issues, &sources, false), "error[S0200]: here\n--> long.yaml:1:5000001\n");
        let mut issues = Issues::default();
        issues.error("S0200", Path::root(), "bad \u{1b}[0m").at(Span::new(long, 10_485_767, 10_485_769));
        let shown = text(&issues, &sources, false);
        assert!(!shown.contains('\u{1b}') && shown.contains("␛[31mred"), "{shown}");
        assert!(text(&issues, &sources, true).contains("\u{1b}["));
        assert!(start.elapsed() < std::time::Duration::from_secs(2));
    }

    #[test]
    fn places_far_apart_are_two_excerpts() {
        let mut sources = Sources::new();
        let id = sources.add("a.yaml", format!("a: 1\n{}a: 2\n", "#\n".repeat(100)));
        let mut issues = Issues::default();
        issues.error("S0011", Path::root(), "twice").at(Span::new(id, 205, 206)).relate(Span::new(id, 0, 1), "first");
        let shown = text(&issues, &sources, false);
        assert_eq!(shown.lines().count(), 10, "{shown}");
        assert!(shown.contains("::: a.yaml:1:1"), "{shown}");
    }
}
