//! From a tree to plain structs, with every problem at once.
//!
//! serde stops at the first error. Here the entry that caused it is reported, left out, and the document is decoded again, until nothing is wrong any more
//! or too much is. Types describe themselves by `derive(Deserialize)`; the wording of errors is made here, from what a type expects and what the file holds.
//!
//! Rules for types:
//! - a type with a notation of its own (`500m`, `30s`) asks for a string and gets the raw text of any scalar, `0.5` and `"0.5"` alike;
//! - its error is a lowercase fragment; what follows [`HELP`] in it becomes the advice;
//! - enums are tagged by their only key (`autoscaler: {hpa: {…}}`); a variant without content, or with only optional content, may be plain text;
//! - a list or mapping that is left empty (`nodes:`) is an empty one.

mod access;
mod fault;
mod filler;
mod reader;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use self::fault::Outcome;
use self::reader::{Reader, Trail};
use crate::issue::{Issues, Path, Severity, code};
use crate::suggest;
use crate::tree::Node;
use crate::wording::{every, quote};

/// Most errors reported for one document.
pub const MAX_ERRORS: usize = 100;

/// Most attempts at one document: an attempt may find only what follows from the one before.
const MAX_PASSES: usize = 3 * MAX_ERRORS;

/// Separates message from advice in the errors of types: `"expected a duration\nhelp: write 30s or 1h30m"`.
pub const HELP: &str = "\nhelp: ";

/// Reads a value; keys that the type does not know are errors.
///
/// Returns what can be had: entries with errors are left out if the type can do without them. Whether anything was wrong, `issues` says.
pub fn decode<T: DeserializeOwned>(root: &Node, issues: &mut Issues) -> Option<T> {
    run(root, issues, true).whole
}

/// What could be read of a document, for checks that go on although something is wrong.
#[derive(Debug)]
pub struct Partly<T> {
    /// The value, with made-up values for required keys that are missing; those stand nowhere in the document.
    pub value: Option<T>,
    /// What was left out because it is wrong, in the order of the document.
    pub left_out: Vec<Path>,
    /// Mappings with made-up values, in the order of the document.
    pub made_up: Vec<Path>,
}

/// Like [`decode`], but goes on where required keys are missing, and tells what was left out.
pub fn decode_partly<T: DeserializeOwned>(root: &Node, issues: &mut Issues) -> Partly<T> {
    let Run { whole, made_up, removed, filled } = run(root, issues, true);
    let [mut left_out, mut at] = [Vec::new(), Vec::new()];
    collect(root, &Path::root(), &removed, &mut left_out);
    collect(root, &Path::root(), &filled, &mut at);
    Partly { value: made_up.or(whole), left_out, made_up: at }
}

/// The paths of `wanted` nodes at and below `node`, which stands at `path`.
fn collect(node: &Node, path: &Path, wanted: &BTreeSet<Id>, paths: &mut Vec<Path>) {
    if wanted.contains(&Id::of(node)) {
        paths.push(path.clone());
    }
    for (index, element) in node.elements().unwrap_or_default().iter().enumerate() {
        collect(element, &path.clone().index(index), wanted, paths);
    }
    for (key, value) in node.entries().unwrap_or_default() {
        let path = path.clone().key(key.text().unwrap_or_default());
        if wanted.contains(&Id::of(key)) { paths.push(path) } else { collect(value, &path, wanted, paths) }
    }
}

/// Like [`decode`], but keys that the type does not know are skipped: for formats of others, of which only a part is read.
pub fn decode_known<T: DeserializeOwned>(root: &Node, issues: &mut Issues) -> Option<T> {
    run(root, issues, false).whole
}

struct Run<T> {
    /// The value, if nothing had to be made up.
    whole: Option<T>,
    /// The value with made-up values, if there had to be any.
    made_up: Option<T>,
    /// What was left out, besides unknown keys: with the made-up value if there is one, else with the whole one.
    removed: BTreeSet<Id>,
    /// Mappings with made-up values.
    filled: BTreeSet<Id>,
}

fn run<T: DeserializeOwned>(root: &Node, issues: &mut Issues, strict: bool) -> Run<T> {
    let context = Context { strict, removed: RefCell::default(), filled: RefCell::default(), unknown: RefCell::default() };
    let mut errors = 0;
    let mut whole = None;
    let mut made_up = None;
    for _ in 0..MAX_PASSES {
        if errors == MAX_ERRORS || context.is_removed(root) {
            break;
        }
        let fault = match T::deserialize(Reader::new(root, &context)) {
            Ok(value) if context.filled.borrow().is_empty() => {
                whole = Some(value);
                break;
            }
            Ok(value) => {
                made_up.get_or_insert_with(|| (value, context.removed.borrow().clone(), context.filled.borrow().keys().copied().collect()));
                context.leave_out_filled();
                continue;
            }
            Err(fault) => fault,
        };
        let (outcome, issue) = fault.into_outcome(root);
        let outcome = match outcome {
            // A type that does not take the key that it misses.
            Outcome::Missing(mapping, key) if context.is_filled(mapping, key) => Outcome::Wrong(mapping),
            outcome => {
                errors += usize::from(issue.is_some());
                if let Some(issue) = issue {
                    issues.push(issue);
                }
                outcome
            }
        };
        match outcome {
            Outcome::Missing(mapping, key) => context.fill(mapping, key, 0),
            Outcome::Unfit(mapping, key, attempt) if attempt + 1 < filler::TEXTS.len() => context.fill(mapping, key, attempt + 1),
            Outcome::Unfit(mapping, _, _) => context.leave_out(mapping),
            Outcome::Doubtful => context.leave_out_filled(),
            Outcome::Wrong(culprit) => context.leave_out(culprit),
        }
    }
    let unknown = context.unknown.into_inner();
    let (made_up, removed, filled) = match made_up {
        Some((value, removed, filled)) => (Some(value), removed, filled),
        None => (None, context.removed.into_inner(), BTreeSet::new()),
    };
    issues.append(unknown.issues);
    Run { whole, made_up, removed: removed.difference(&unknown.seen).copied().collect(), filled }
}

/// Identity of a node while a document is decoded: the tree does not change in that time, so its address is unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Id(*const Node);

impl Id {
    const fn of(node: &Node) -> Self {
        Self(std::ptr::from_ref(node))
    }
}

/// What the passes over one document share.
struct Context {
    strict: bool,
    /// Entries with errors, by their values, elements or keys.
    removed: RefCell<BTreeSet<Id>>,
    /// Mappings with missing keys that are made up for now, and how often that was tried.
    filled: RefCell<BTreeMap<Id, BTreeMap<&'static str, usize>>>,
    unknown: RefCell<Unknown>,
}

/// Keys that nobody reads; each pass meets them again.
#[derive(Default)]
struct Unknown {
    seen: BTreeSet<Id>,
    issues: Issues,
}

impl Context {
    fn is_removed(&self, node: &Node) -> bool {
        self.removed.borrow().contains(&Id::of(node))
    }

    fn leave_out(&self, id: Id) {
        self.filled.borrow_mut().remove(&id);
        self.removed.borrow_mut().insert(id);
    }

    fn fill(&self, mapping: Id, key: &'static str, attempt: usize) {
        self.filled.borrow_mut().entry(mapping).or_default().insert(key, attempt);
    }

    fn is_filled(&self, mapping: Id, key: &'static str) -> bool {
        self.filled.borrow().get(&mapping).is_some_and(|keys| keys.contains_key(key))
    }

    /// Ends making things up: mappings that lack a key are left out like everything else that is wrong.
    fn leave_out_filled(&self) {
        let filled = std::mem::take(&mut *self.filled.borrow_mut());
        self.removed.borrow_mut().extend(filled.into_keys());
    }

    /// Whether something directly inside was left out, so that an error of the whole may be no news.
    fn lost_a_part(&self, node: &Node) -> bool {
        let elements = node.elements().unwrap_or_default().iter();
        let entries = node.entries().unwrap_or_default().iter().flat_map(|(key, value)| [key, value]);
        elements.chain(entries).any(|part| self.is_removed(part))
    }

    /// Whether an error of a whole may come from a key that was made up somewhere inside.
    fn may_be_made_up(&self, node: &Node) -> bool {
        let inside = || {
            let mut elements = node.elements().unwrap_or_default().iter();
            let mut values = node.entries().unwrap_or_default().iter().map(|(_, value)| value);
            elements.any(|element| self.may_be_made_up(element)) || values.any(|value| self.may_be_made_up(value))
        };
        let filled = self.filled.borrow();
        !filled.is_empty() && (filled.contains_key(&Id::of(node)) || inside())
    }

    /// Whether a missing key is there under another spelling, which was reported.
    fn is_misspelt(&self, mapping: &Node, name: &str) -> bool {
        let unknown = self.unknown.borrow();
        let mut keys = mapping.entries().unwrap_or_default().iter().map(|(key, _)| key).filter(|key| unknown.seen.contains(&Id::of(key)));
        keys.any(|key| key.text().is_some_and(|text| suggest::nearest(text, [name]).is_some()))
    }

    fn report_unknown(&self, key: &Node, fields: &'static [&'static str], trail: &Trail<'_>) {
        let mut unknown = self.unknown.borrow_mut();
        let name = key.text().unwrap_or_default();
        if !self.strict || unknown.issues.len() >= MAX_ERRORS || !unknown.seen.insert(Id::of(key)) {
            return;
        }
        let issue = unknown.issues.push(fault::issue(Severity::Error, code::UNKNOWN_KEY, trail, format!("unknown key {}", quote(name))));
        issue.path = issue.path.key(name);
        issue.on_key().at(key.span);
        let before_colon = name.split_once(':').map(|(before, _)| before).filter(|before| fields.contains(before));
        if let Some(before) = before_colon {
            issue.with_help(format!("write a space behind the colon: `{before}: …`"));
        } else if let Some(known) = suggest::nearest(name, fields.iter().copied()) {
            issue.with_help(format!("did you mean {}?", quote(known)));
        } else if !fields.is_empty() {
            issue.with_help(format!("possible keys are {}", every(fields.iter().copied())));
        }
    }
}

#[cfg(test)]
mod tests;
