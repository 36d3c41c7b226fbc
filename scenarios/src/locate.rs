//! From a path to the place in a document, so that checks work on plain structs and are still shown where the user wrote.

use crate::issue::{Path, Segment};
use crate::source::Span;
use crate::tree::{Kind, Node};

/// What a path leads to.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The key, if the node is the value of a mapping.
    pub key: Option<&'a Node>,
    /// The node, or its deepest ancestor that exists.
    pub node: &'a Node,
    /// Whether the whole path exists.
    pub complete: bool,
}

/// Follows a path as far as it exists.
pub fn find<'a>(root: &'a Node, path: &Path) -> Found<'a> {
    let mut found = Found { key: None, node: root, complete: true };
    for segment in path.segments() {
        let next = match segment {
            Segment::Key(key) => found.node.entry(key).map(|(key, value)| (Some(key), value)),
            Segment::Index(index) => found.node.elements().and_then(|elements| elements.get(*index)).map(|element| (None, element)),
        };
        let Some((key, node)) = next else { return Found { complete: false, ..found } };
        found = Found { key, node, complete: true };
    }
    found
}

/// The node at a path, if it exists.
pub fn value<'a>(root: &'a Node, path: &Path) -> Option<&'a Node> {
    let found = find(root, path);
    found.complete.then_some(found.node)
}

/// The span to mark for a path: its value, its key if `at_key`, or the nearest thing that exists.
pub fn span(root: &Node, path: &Path, at_key: bool) -> Span {
    let found = find(root, path);
    match found.key {
        Some(key) if at_key => key.span,
        // What is missing has no place of its own: mark the key of the mapping that lacks it.
        Some(key) if !found.complete && found.node.text().is_none() => key.span,
        _ if found.complete => found.node.span,
        _ => opening(found.node),
    }
}

/// The first thing inside a mapping or list, to mark the place without underlining all of it.
pub(crate) fn opening(node: &Node) -> Span {
    match &node.kind {
        Kind::Mapping(entries) => {
            entries.first().map_or(node.span, |(key, _)| if key.span.source == node.span.source { key.span } else { node.span.at_start() })
        }
        Kind::Sequence(_) => node.span.at_start(),
        Kind::Null | Kind::Scalar { .. } => node.span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::Issues;
    use crate::source::Sources;
    use crate::tree;

    #[test]
    fn paths_lead_to_keys_and_values() {
        let mut sources = Sources::new();
        let id = sources.add("a.yaml", "services:\n  web:\n    prefer: [idc, ecs]\n    text: x\n");
        let root = tree::parse(&sources, id, &mut Issues::default()).unwrap();
        let prefer = Path::root().key("services").key("web").key("prefer");
        let show = |path: &Path, at_key| sources.slice(span(&root, path, at_key)).to_owned();
        assert_eq!(show(&prefer.index(1), false), "ecs");
        assert_eq!(show(&prefer, true), "prefer");
        assert_eq!(show(&prefer, false), "[idc, ecs]");
        assert_eq!(show(&prefer.index(7), false), "prefer");
        assert_eq!(show(&Path::root().key("services").key("web").key("cpu"), false), "web");
        assert_eq!(show(&Path::root().key("services").key("web").key("text").key("deeper"), false), "x");
        assert_eq!(show(&Path::root().key("load").key("web"), false), "services");
        assert_eq!(value(&root, &prefer.index(0)).and_then(Node::text), Some("idc"));
        assert!(value(&root, &prefer.index(2)).is_none());
    }
}
