//! `--set services.web.replicas=3`: changes to a document before anything is checked, so that an override cannot build what a file could not.
//!
//! `nodes[0].count=3` counts from 0, `nodes.idc.count=3` names the element whose `name` is `idc`, and quotes protect dots: `labels."kubernetes.io/arch"=arm64`.
//! The value is YAML. It replaces what is there; keys that are not there are created.

mod argument;

use self::argument::Step;
use crate::issue::{Issues, Path, Segment, code};
use crate::source::{Sources, Span};
use crate::suggest;
use crate::tree::{Kind, Node};
use crate::wording::{every, quote};

/// Applies one override, written as `PATH=VALUE`; `flag` is what the user typed before it and names it in messages.
pub fn set(root: &mut Node, flag: &str, argument: &str, sources: &mut Sources, issues: &mut Issues) {
    if let Some(parsed) = Override::parse(flag, argument, sources, issues) {
        parsed.apply(root, issues);
    }
}

/// A change of one value of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    steps: Vec<Step>,
    value: Node,
}

impl Override {
    /// Reads `PATH=VALUE`; the text becomes a source of its own, so that messages can point into it.
    pub fn parse(flag: &str, argument: &str, sources: &mut Sources, issues: &mut Issues) -> Option<Self> {
        argument::parse(flag, argument, sources, issues)
    }

    /// Reads a path alone, written at `span` of a source, for a value that stands elsewhere.
    pub fn at(path: &str, span: Span, value: Node, issues: &mut Issues) -> Option<Self> {
        Some(Self { steps: argument::path(path, span, issues)?, value })
    }

    /// The same change with another value, a plain scalar.
    #[must_use]
    pub fn with_text(&self, text: &str) -> Self {
        let kind = Kind::Scalar { text: text.to_owned(), plain: true };
        self.with_value(Node { span: self.value.span, kind })
    }

    /// The same change with another value.
    #[must_use]
    pub fn with_value(&self, value: Node) -> Self {
        Self { steps: self.steps.clone(), value }
    }

    /// The value that is set.
    pub const fn value(&self) -> &Node {
        &self.value
    }

    /// Changes a document; if the path cannot exist in it, the document stays as it is and there is an issue.
    pub fn apply(&self, root: &mut Node, issues: &mut Issues) {
        let mut path = Path::root();
        let mut node = &mut *root;
        // Nothing is created before the whole way is known to be open: what is missing ends the search.
        let mut rest = self.steps.as_slice();
        while let [step, after @ ..] = rest {
            let found = match find(node, step, &path) {
                Ok(found) => found,
                Err(refusal) => {
                    let issue = issues.error(code::OVERRIDE_PATH, &path, refusal.message).at(step.span);
                    issue.help = refusal.help;
                    return;
                }
            };
            let Some(index) = found else { break };
            path = step.extend(&path);
            node = match &mut node.kind {
                Kind::Mapping(entries) => &mut entries[index].1,
                Kind::Sequence(elements) => &mut elements[index],
                Kind::Null | Kind::Scalar { .. } => return,
            };
            rest = after;
        }
        if let Some(refused) = rest.iter().skip(1).find(|step| matches!(step.segment, Segment::Index(_))) {
            let message = format!("there is no list at {} to take an element of", quote(&path.to_string()));
            issues.error(code::OVERRIDE_PATH, &path, message).at(refused.span).with_help("set the whole list: `PATH=[…]`");
            return;
        }
        warn_of_misspelling(node, rest, &path, issues);
        let [first, inner @ ..] = rest else {
            *node = self.value.clone();
            return;
        };
        let value = inner.iter().rev().fold(self.value.clone(), |value, step| Node { span: step.span, kind: Kind::Mapping(vec![(step.key(), value)]) });
        match &mut node.kind {
            Kind::Mapping(entries) => entries.push((first.key(), value)),
            _ => *node = Node { span: first.span, kind: Kind::Mapping(vec![(first.key(), value)]) },
        }
    }
}

struct Refusal {
    message: String,
    help: Option<String>,
}

/// The position of the entry or element that a step leads to; `None` if it does not exist but may be created.
fn find(node: &Node, step: &Step, path: &Path) -> Result<Option<usize>, Refusal> {
    let place = if path.is_root() { "the document".to_owned() } else { quote(&path.to_string()) };
    match (&node.kind, &step.segment) {
        (Kind::Mapping(entries), Segment::Key(wanted)) => Ok(entries.iter().position(|(key, _)| key.text() == Some(wanted))),
        (Kind::Null, Segment::Key(_)) => Ok(None),
        (Kind::Sequence(elements), Segment::Index(index)) if *index < elements.len() => Ok(Some(*index)),
        (Kind::Sequence(elements), Segment::Index(_)) => {
            Err(Refusal { message: format!("{place} has {} elements, counted from 0", elements.len()), help: None })
        }
        (Kind::Sequence(elements), Segment::Key(wanted)) => {
            let name = |element: &Node| element.get("name").and_then(Node::text).map(str::to_owned);
            if let Some(index) = elements.iter().position(|element| name(element).as_deref() == Some(wanted)) {
                return Ok(Some(index));
            }
            let names: Vec<String> = elements.iter().filter_map(name).collect();
            let known = || names.iter().map(String::as_str);
            let help = match suggest::nearest(wanted, known()) {
                Some(near) => format!("did you mean {}?", quote(near)),
                None if names.is_empty() => "its elements have no names: count them from 0, as in `[0]`".to_owned(),
                None => format!("its elements are {}", every(known())),
            };
            Err(Refusal { message: format!("{place} is a list without an element named {}", quote(wanted)), help: Some(help) })
        }
        (Kind::Mapping(entries), Segment::Index(_)) => {
            let known = every(entries.iter().filter_map(|(key, _)| key.text()));
            Err(Refusal { message: format!("{place} is a mapping, not a list"), help: (!known.is_empty()).then(|| format!("its keys are {known}")) })
        }
        (Kind::Null, Segment::Index(_)) => Err(Refusal { message: format!("{place} is empty"), help: Some("set the whole list: `PATH=[…]`".to_owned()) }),
        (Kind::Scalar { .. }, _) => Err(Refusal { message: format!("{place} is {}, with nothing inside", node.describe()), help: None }),
    }
}

/// A new mapping beside one of almost the same name is probably none: `services.wbe.replicas=3`.
fn warn_of_misspelling(node: &Node, missing: &[Step], path: &Path, issues: &mut Issues) {
    let [Step { segment: Segment::Key(created), span, .. }, _, ..] = missing else { return };
    let siblings = node.entries().unwrap_or_default().iter().filter_map(|(key, _)| key.text());
    if let Some(near) = suggest::nearest(created, siblings) {
        let message = format!("this creates {}, which was not there", quote(&path.key(created).to_string()));
        issues.warning(code::OVERRIDE_PATH, path.key(created), message).at(*span).with_help(format!("did you mean {}?", quote(near)));
    }
}

#[cfg(test)]
mod tests;
