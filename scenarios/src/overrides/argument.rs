//! The text of an override: `services.web.replicas=3`.

use super::Override;
use crate::issue::{Issues, Path, Segment, code};
use crate::source::{SourceId, Sources, Span};
use crate::tree::{self, Kind, Node};

/// One step of the path, with its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub(super) segment: Segment,
    pub(super) span: Span,
}

impl Step {
    pub(super) fn extend(&self, path: &Path) -> Path {
        match &self.segment {
            Segment::Key(key) => path.key(key),
            Segment::Index(index) => path.index(*index),
        }
    }

    /// The key of an entry that the step creates.
    pub(super) fn key(&self) -> Node {
        let text = match &self.segment {
            Segment::Key(key) => key.clone(),
            Segment::Index(index) => index.to_string(),
        };
        Node { span: self.span, kind: Kind::Scalar { text, plain: true } }
    }
}

pub(super) fn parse(flag: &str, argument: &str, sources: &mut Sources, issues: &mut Issues) -> Option<Override> {
    // Sources drop a byte order mark; positions count in what they hold.
    let argument = argument.trim_start_matches('\u{feff}');
    let path_text = argument.split('=').next().unwrap_or_default();
    let id = sources.add(format!("{flag} {path_text}").trim_end(), argument);
    let mut scanner = Scanner { text: argument, at: 0, id };
    let steps = match scanner.steps() {
        Ok(steps) => steps,
        Err(message) => {
            let at = scanner.at.min(argument.len());
            let issue = issues.error(code::OVERRIDE_FORM, Path::root(), message).at(Span::new(id, at, at));
            issue.with_help(format!("write `{flag} PATH=VALUE`, for example `{flag} services.web.replicas=3`"));
            return None;
        }
    };
    // What a path creates is as deep as the path is long.
    if let Some(step) = steps.get(tree::MAX_DEPTH) {
        issues.error(code::LIMIT, Path::root(), format!("the path has more than {} steps, which is the limit", tree::MAX_DEPTH)).at(step.span);
        return None;
    }
    let before = issues.len();
    let mut values = tree::parse_from(sources, id, scanner.at, issues);
    if issues.len() > before {
        return None;
    }
    if let Some(second) = values.get(1) {
        issues.error(code::DOCUMENTS, Path::root(), format!("expected one value, found {}", values.len())).at(second.span);
        return None;
    }
    let end = Span::new(id, argument.len(), argument.len());
    Some(Override { steps, value: values.pop().unwrap_or_else(|| Node::null(end)) })
}

/// The steps of a path that stands alone; every step gets the place of the whole.
pub(super) fn path(path: &str, span: Span, issues: &mut Issues) -> Option<Vec<Step>> {
    let text = format!("{path}=");
    let mut scanner = Scanner { text: &text, at: 0, id: span.source };
    let wrong = match scanner.steps() {
        Ok(steps) if scanner.at == text.len() && steps.len() <= tree::MAX_DEPTH => return Some(steps.into_iter().map(|step| Step { span, ..step }).collect()),
        Ok(_) => "expected a path without `=`".to_owned(),
        Err(message) => message,
    };
    let issue = issues.error(code::OVERRIDE_FORM, Path::root(), format!("{} is not a path: {wrong}", crate::wording::quote(path))).at(span);
    issue.with_help("write it as for `--set`, for example `services.web.replicas`");
    None
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    id: SourceId,
}

impl<'a> Scanner<'a> {
    /// The steps up to the `=`, which is passed.
    fn steps(&mut self) -> Result<Vec<Step>, String> {
        let mut steps = Vec::new();
        loop {
            let start = self.at;
            let segment = match self.peek() {
                Some('[') => self.index()?,
                Some('"') => self.quoted()?,
                _ => self.plain()?,
            };
            steps.push(Step { segment, span: Span::new(self.id, start, self.at) });
            match self.peek() {
                Some('=') => {
                    self.at += 1;
                    return Ok(steps);
                }
                Some('.') if self.rest().starts_with(".[") => return Err("expected a key behind the dot".to_owned()),
                Some('.') => self.at += 1,
                Some('[') => {}
                Some(_) => return Err("expected `.`, `[` or `=`".to_owned()),
                None => return Err("expected `=` and a value".to_owned()),
            }
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn plain(&mut self) -> Result<Segment, String> {
        let rest = self.rest();
        let key = &rest[..rest.find(['.', '[', '=']).unwrap_or(rest.len())];
        if key.is_empty() {
            return Err("expected a key".to_owned());
        }
        self.at += key.len();
        Ok(Segment::Key(key.to_owned()))
    }

    fn index(&mut self) -> Result<Segment, String> {
        self.at += 1;
        let rest = self.rest();
        let digits = &rest[..rest.find(']').unwrap_or(rest.len())];
        let index = digits.parse().map_err(|_| "expected the number of an element, as in `[0]`".to_owned())?;
        self.at += digits.len();
        if self.peek() != Some(']') {
            return Err("expected `]`".to_owned());
        }
        self.at += 1;
        Ok(Segment::Index(index))
    }

    fn quoted(&mut self) -> Result<Segment, String> {
        self.at += 1;
        let mut key = String::new();
        let mut escaped = false;
        for c in self.rest().chars() {
            self.at += c.len_utf8();
            match c {
                '"' if !escaped => return Ok(Segment::Key(key)),
                '\\' if !escaped => escaped = true,
                c => {
                    escaped = false;
                    key.push(c);
                }
            }
        }
        Err("the quote is never closed".to_owned())
    }
}
