//! From the parser's events to nodes. The only place, with `syntax`, that knows the YAML parser.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, Tag};

use super::{Kind, MAX_DEPTH, MAX_NODES, MAX_TEXT_BYTES, Node, syntax};
use crate::issue::{Issues, Path, code};
use crate::source::{SourceId, Span};
use crate::wording::quote;

/// Duplicate keys reported per file: a pasted block repeats all of them.
const MAX_DUPLICATES: usize = 20;

/// The budget of the file is spent: reading ends.
struct Exhausted;

/// A list or mapping that is still open.
struct Frame {
    span: Span,
    block: bool,
    anchor: usize,
    /// Elements, or keys and values in turn.
    children: Vec<Node>,
    mapping: bool,
}

impl Frame {
    const fn expects_key(&self) -> bool {
        self.mapping && self.children.len().is_multiple_of(2)
    }
}

/// A finished node that aliases may repeat, with what a copy costs.
struct Anchor {
    node: Node,
    nodes: usize,
    bytes: usize,
    depth: usize,
}

pub(super) struct Builder<'a> {
    text: &'a str,
    source: SourceId,
    offset: usize,
    issues: &'a mut Issues,
    documents: Vec<Node>,
    frames: Vec<Frame>,
    anchors: BTreeMap<usize, Anchor>,
    nodes: usize,
    bytes: usize,
    duplicates: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str, source: SourceId, offset: usize, issues: &'a mut Issues) -> Self {
        let (documents, frames, anchors) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { text, source, offset, issues, documents, frames, anchors, nodes: 0, bytes: 0, duplicates: 0 }
    }

    pub(super) fn run(mut self) -> Vec<Node> {
        let text = self.text.get(self.offset..).unwrap_or_default();
        let options = granit_parser::options! { emit_unresolved_aliases: true, emit_comments: false };
        let mut parser = Parser::new_from_str_with_options(text, options);
        while let Some(next) = parser.next_event() {
            match next {
                Ok((event, span)) => {
                    let tag = span.tag_span().map(|tag| self.place(&tag));
                    let span = self.place(&span);
                    if self.event(event, span, tag.unwrap_or(span)).is_err() {
                        break;
                    }
                }
                Err(error) => {
                    syntax::report(&error, self.text, self.source, self.offset, &self.path(), self.issues);
                    self.frames.clear();
                    if !parser.proceed_next_document().unwrap_or(false) {
                        break;
                    }
                }
            }
        }
        self.documents
    }

    fn place(&self, span: &granit_parser::Span) -> Span {
        let range = span.byte_range().unwrap_or_default();
        Span::new(self.source, self.offset + range.start, self.offset + range.end)
    }

    fn event(&mut self, event: Event<'_>, span: Span, tag_span: Span) -> Result<(), Exhausted> {
        if let Some(tag) = event.tag() {
            self.check_tag(tag, tag_span);
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = is_plain(tag.as_deref(), style == ScalarStyle::Plain);
                let is_key = self.frames.last().is_some_and(Frame::expects_key);
                let null = plain && !is_key && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                self.spend(1, text.len(), 0, span)?;
                let kind = if null { Kind::Null } else { Kind::Scalar { text: text.into_owned(), plain } };
                self.finish(Node { span, kind }, anchor)
            }
            Event::SequenceStart(style, anchor, _) => self.open(span, style, anchor, false),
            Event::MappingStart(style, anchor, _) => self.open(span, style, anchor, true),
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(id) => self.alias(id, span),
            Event::UnresolvedAlias(name) => {
                let path = self.path();
                self.issues
                    .error(code::ALIAS, path, format!("there is no anchor {} above", quote(&format!("&{name}"))))
                    .at(span)
                    .with_help("a value that starts with `*` repeats an anchor; put it in quotes if it is text");
                self.spend(1, 0, 0, span)?;
                self.finish(Node::null(span), 0)
            }
            Event::DocumentStart(..) => {
                self.anchors.clear();
                Ok(())
            }
            // The version of the parser is not fixed to one release, and other events carry no data.
            _ => Ok(()),
        }
    }

    fn open(&mut self, span: Span, style: StructureStyle, anchor: usize, mapping: bool) -> Result<(), Exhausted> {
        self.spend(1, 0, 1, span)?;
        self.frames.push(Frame { span, block: style == StructureStyle::Block, anchor, children: Vec::new(), mapping });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Exhausted> {
        let Some(Frame { mut span, block, anchor, children, mapping }) = self.frames.pop() else { return Ok(()) };
        // A block ends with its last line; the parser says so only when the next thing begins.
        span.end = if block { children.iter().map(|node| node.span.end).filter(|&end| end >= span.start).max().unwrap_or(span.start) } else { end.end };
        if let (true, Some(first)) = (block && mapping, children.first()) {
            span.start = span.start.min(first.span.start);
        }
        let kind = if mapping { Kind::Mapping(self.entries(children)?) } else { Kind::Sequence(children) };
        self.finish(Node { span, kind }, anchor)
    }

    /// Hands a finished node to the collection around it.
    fn finish(&mut self, node: Node, anchor: usize) -> Result<(), Exhausted> {
        if anchor != 0 {
            // Keeping a copy for later aliases costs as much as an alias.
            let (nodes, bytes, depth) = measure(&node);
            self.spend(nodes, bytes, 0, node.span)?;
            self.anchors.insert(anchor, Anchor { node: node.clone(), nodes, bytes, depth });
        }
        match self.frames.last_mut() {
            Some(frame) => frame.children.push(node),
            None if node.kind == Kind::Null => {}
            None => self.documents.push(node),
        }
        Ok(())
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<(), Exhausted> {
        let Some(anchor) = self.anchors.get(&id) else {
            let path = self.path();
            self.issues.error(code::ALIAS, path, "an alias cannot stand inside the value that it repeats").at(span);
            return self.finish(Node::null(span), 0);
        };
        let (nodes, bytes, depth) = (anchor.nodes, anchor.bytes, anchor.depth);
        self.spend(nodes, bytes, depth, span)?;
        let Some(node) = self.anchors.get(&id).map(|anchor| anchor.node.clone()) else { return Ok(()) };
        self.finish(node, 0)
    }

    /// Pairs keys with values: merges `<<`, refuses keys that are not text, and keeps the first of equal keys.
    fn entries(&mut self, children: Vec<Node>) -> Result<Vec<(Node, Node)>, Exhausted> {
        let mut entries: Vec<(Node, Node)> = Vec::with_capacity(children.len() / 2);
        let mut merged: Vec<(Node, Node)> = Vec::new();
        let mut known: BTreeMap<String, Span> = BTreeMap::new();
        let mut children = children.into_iter();
        while let (Some(key), Some(value)) = (children.next(), children.next()) {
            let Kind::Scalar { text, plain } = &key.kind else {
                self.bad_key(&key);
                continue;
            };
            if *plain && text == "<<" {
                self.merge(value, &mut merged)?;
            } else if *plain && key.span.start == key.span.end {
                self.bad_key(&key);
            } else if let Some(first) = known.get(text) {
                self.duplicate(text, *first, key.span);
            } else {
                known.insert(text.clone(), key.span);
                entries.push((key, value));
            }
        }
        for (key, value) in merged {
            let Some(text) = key.text() else { continue };
            if known.insert(text.to_owned(), key.span).is_none() {
                entries.push((key, value));
            }
        }
        Ok(entries)
    }

    /// Takes over the entries of a `<<` value; the first of several wins, as YAML has it.
    fn merge(&mut self, value: Node, merged: &mut Vec<(Node, Node)>) -> Result<(), Exhausted> {
        match value.kind {
            Kind::Mapping(entries) => merged.extend(entries),
            Kind::Sequence(elements) if elements.iter().all(|element| element.entries().is_some()) => {
                for element in elements {
                    self.merge(element, merged)?;
                }
            }
            _ => {
                let path = self.path();
                self.issues.error(code::ALIAS, path, format!("`<<` merges a mapping or a list of mappings, found {}", value.describe())).at(value.span);
            }
        }
        Ok(())
    }

    fn bad_key(&mut self, key: &Node) {
        let braces = self.text.get(key.span.start as usize..).is_some_and(|rest| rest.starts_with('{'));
        let found = if key.text().is_some() { "nothing before the `:`".to_owned() } else { key.describe() };
        let path = self.path();
        let issue = self.issues.error(code::KEY_FORM, path, format!("a key must be text, found {found}")).at(key.span);
        if braces {
            issue.with_help(syntax::TEMPLATE_HELP);
        }
    }

    fn duplicate(&mut self, text: &str, first: Span, second: Span) {
        self.duplicates += 1;
        if self.duplicates <= MAX_DUPLICATES {
            let path = self.path().key(text);
            self.issues.error(code::DUPLICATE_KEY, path, format!("key {} is given twice", quote(text))).on_key().at(second).relate(first, "first given here");
        }
    }

    fn check_tag(&mut self, tag: &Tag, span: Span) {
        let known = matches!(tag.core_suffix(), Some("str" | "int" | "float" | "bool" | "null" | "map" | "seq" | "binary" | "timestamp"));
        if known || tag.original() == "!" {
            return;
        }
        let path = self.path();
        let issue = self.issues.error(code::TAG, path, format!("the tag {} means nothing here", quote(&tag.original())));
        issue.at(span).with_help("put the value in quotes if it starts with `!`");
    }

    /// Counts what is about to be added; `levels` is how much deeper than the open collections it reaches.
    fn spend(&mut self, nodes: usize, bytes: usize, levels: usize, span: Span) -> Result<(), Exhausted> {
        self.nodes += nodes;
        self.bytes += bytes;
        let message = if self.frames.len() + levels > MAX_DEPTH {
            format!("nested more than {MAX_DEPTH} levels deep, which is the limit")
        } else if self.nodes > MAX_NODES {
            format!("more than {MAX_NODES} keys and values with aliases written out, which is the limit for a file")
        } else if self.bytes > MAX_TEXT_BYTES {
            format!("more than {} MiB of text with aliases written out, which is the limit for a file", MAX_TEXT_BYTES >> 20)
        } else {
            return Ok(());
        };
        let path = self.path();
        self.issues.error(code::LIMIT, path, message).at(span);
        self.documents.clear();
        Err(Exhausted)
    }

    /// The path of what is being read.
    fn path(&self) -> Path {
        self.frames.iter().fold(Path::root(), |path, frame| match frame.children.last() {
            _ if !frame.mapping => path.index(frame.children.len()),
            Some(key) if !frame.expects_key() => path.key(key.text().unwrap_or("?")),
            _ => path,
        })
    }
}

/// Whether a scalar may stand for a number or truth value, by its tag and style.
fn is_plain(tag: Option<&Tag>, plain: bool) -> bool {
    match tag.map(Tag::core_suffix) {
        Some(Some("int" | "float" | "bool" | "null")) => true,
        Some(Some("map" | "seq")) | None => plain,
        Some(_) => false,
    }
}

/// Nodes, bytes of text and levels of nesting of a node.
fn measure(node: &Node) -> (usize, usize, usize) {
    fn sum<'n>(nodes: impl Iterator<Item = &'n Node>) -> (usize, usize, usize) {
        let (count, bytes, depth) =
            nodes.map(measure).fold((1, 0, 0), |(count, bytes, depth), (nodes, text, levels)| (count + nodes, bytes + text, depth.max(levels)));
        (count, bytes, depth + 1)
    }
    match &node.kind {
        Kind::Null => (1, 0, 0),
        Kind::Scalar { text, .. } => (1, text.len(), 0),
        Kind::Sequence(elements) => sum(elements.iter()),
        Kind::Mapping(entries) => sum(entries.iter().flat_map(|(key, value)| [key, value])),
    }
}
