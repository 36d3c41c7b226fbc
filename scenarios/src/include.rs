//! `include: [base.yaml, …]`: a file on top of others.
//!
//! Every included file is merged before the one that includes it, in the order of the list: mappings are merged key by key, everything else is replaced by what
//! comes later. Names are relative to the including file. Each node keeps its source, so that errors show the file that holds the mistake.

use std::collections::BTreeMap;

use crate::issue::{Issues, Path, code};
use crate::source::{SourceId, Sources, Span};
use crate::tree::{self, Kind, Node};
use crate::wording::quote;

/// The key that names the included files.
const KEY: &str = "include";

/// Longest chain of files that include one another.
pub const MAX_DEPTH: usize = 16;

/// Most files one scenario includes, counted as often as they are included.
pub const MAX_FILES: usize = 64;

/// Most keys, values and elements of all files together.
pub const MAX_NODES: usize = 1_000_000;

/// Reads a document with everything it includes; `None`, with issues, if any of it cannot be read.
pub fn load(sources: &mut Sources, id: SourceId, issues: &mut Issues) -> Option<Node> {
    let mut loader = Loader { sources, issues, chain: vec![id], files: 0, nodes: 0 };
    loader.load(id)
}

struct Loader<'a> {
    sources: &'a mut Sources,
    issues: &'a mut Issues,
    /// The files that are being read, each included by the one before.
    chain: Vec<SourceId>,
    files: usize,
    nodes: usize,
}

impl Loader<'_> {
    fn load(&mut self, id: SourceId) -> Option<Node> {
        let mut root = tree::parse(self.sources, id, self.issues)?;
        self.nodes += root.count();
        if self.nodes > MAX_NODES {
            let message = format!("more than {MAX_NODES} keys and values in all included files together, which is the limit");
            self.issues.error(code::LIMIT, Path::root(), message).at(root.span.at_start());
            return None;
        }
        let Kind::Mapping(entries) = &mut root.kind else { return Some(root) };
        let Some(at) = entries.iter().position(|(key, _)| key.text() == Some(KEY)) else { return Some(root) };
        let (_, value) = entries.remove(at);

        let mut base: Option<Node> = None;
        let mut complete = true;
        for (name, span, path) in self.names(&value)? {
            match self.include(id, &name, span, &path) {
                Some(node) => {
                    base = Some(match base {
                        Some(base) => merge(base, node),
                        None => node,
                    });
                }
                // The other files may have problems of their own to show.
                None => complete = false,
            }
        }
        let merged = match base {
            Some(base) => merge(base, root),
            None => root,
        };
        complete.then_some(merged)
    }

    /// The file names of an `include:` entry.
    fn names(&mut self, value: &Node) -> Option<Vec<(String, Span, Path)>> {
        let path = Path::root().key(KEY);
        let listed: Vec<(&Node, Path)> = match &value.kind {
            Kind::Sequence(elements) => elements.iter().enumerate().map(|(index, element)| (element, path.index(index))).collect(),
            Kind::Null => Vec::new(),
            _ => vec![(value, path)],
        };
        let mut names = Vec::with_capacity(listed.len());
        let mut complete = true;
        for (node, path) in listed {
            if let Some(name) = node.text() {
                names.push((name.to_owned(), node.span, path));
            } else {
                complete = false;
                let message = format!("expected the name of a file, found {}", node.describe());
                self.issues
                    .error(code::INCLUDE_FORM, path, message)
                    .at(node.span)
                    .with_help("write `include: base.yaml` or `include: [base.yaml, prices.yaml]`");
            }
        }
        complete.then_some(names)
    }

    fn include(&mut self, from: SourceId, name: &str, span: Span, path: &Path) -> Option<Node> {
        let id = match self.sources.open_from(from, name) {
            Ok(id) => id,
            Err(problem) => {
                let issue = problem.report(self.issues, path);
                issue.span = issue.span.or(Some(span));
                return None;
            }
        };
        self.files += 1;
        let (error, message) = if let Some(at) = self.chain.iter().position(|&open| open == id) {
            let circle: Vec<String> = self.chain[at..].iter().chain([&id]).map(|&file| quote(self.sources.name(file))).collect();
            (code::INCLUDE_CYCLE, format!("files include each other: {}", circle.join(" -> ")))
        } else if self.chain.len() > MAX_DEPTH {
            (code::INCLUDE_LIMIT, format!("more than {MAX_DEPTH} files include one another in a chain, which is the limit"))
        } else if self.files > MAX_FILES {
            (code::INCLUDE_LIMIT, format!("more than {MAX_FILES} files are included, which is the limit"))
        } else {
            self.chain.push(id);
            let node = self.load(id);
            self.chain.pop();
            let node = node?;
            if node.entries().is_some() {
                return Some(node);
            }
            (code::INCLUDE_FORM, format!("an included file holds a mapping, {} holds {}", quote(self.sources.name(id)), node.describe()))
        };
        // Once the limit is passed every further file would say the same.
        if error != code::INCLUDE_LIMIT || !self.issues.iter().any(|issue| issue.code == error) {
            self.issues.error(error, path, message).at(span);
        }
        None
    }
}

/// What `over` says wins over what `base` says; mappings are merged key by key.
pub fn merge(base: Node, over: Node) -> Node {
    match (base.kind, over.kind) {
        (Kind::Mapping(mut entries), Kind::Mapping(changes)) => {
            let known: BTreeMap<String, usize> = entries.iter().enumerate().filter_map(|(at, (key, _))| key.text().map(|text| (text.to_owned(), at))).collect();
            for (key, value) in changes {
                match key.text().and_then(|text| known.get(text)) {
                    Some(&at) => {
                        let old = std::mem::replace(&mut entries[at].1, Node::null(value.span));
                        entries[at] = (key, merge(old, value));
                    }
                    None => entries.push((key, value)),
                }
            }
            Node { span: over.span, kind: Kind::Mapping(entries) }
        }
        (_, kind) => Node { span: over.span, kind },
    }
}

#[cfg(test)]
mod tests;
