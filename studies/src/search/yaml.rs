//! A scenario's document as YAML again, with the files that it reads beside it.

use std::collections::BTreeMap;
use std::path::Path;

use sim_scenarios::source::Sources;
use sim_scenarios::tree::{Kind, Node};

/// A document that runs alone.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its text.
    pub text: String,
    /// Files that it reads, by their path beside it.
    pub files: BTreeMap<String, String>,
}

/// Where files are put that a document reads.
const FOLDER: &str = "files";

/// Writes a document; names of files among `sources` are changed to copies in a folder beside it.
pub fn document(root: &Node, sources: &Sources) -> Document {
    let mut writer = Writer { text: String::new(), files: BTreeMap::new(), sources };
    writer.block(root, 0);
    Document { text: writer.text, files: writer.files }
}

struct Writer<'a> {
    text: String,
    files: BTreeMap<String, String>,
    sources: &'a Sources,
}

impl Writer<'_> {
    /// A node as a block whose lines begin at this depth.
    fn block(&mut self, node: &Node, depth: usize) {
        match &node.kind {
            Kind::Mapping(entries) if !entries.is_empty() => {
                for (at, (key, value)) in entries.iter().enumerate() {
                    // The first entry of a list's element stands behind the dash.
                    if at > 0 || self.text.is_empty() || self.text.ends_with('\n') {
                        self.indent(depth);
                    }
                    self.scalar(key);
                    self.text.push(':');
                    self.value(value, depth);
                }
            }
            Kind::Sequence(elements) if !elements.is_empty() => {
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 || self.text.is_empty() || self.text.ends_with('\n') {
                        self.indent(depth);
                    }
                    self.text.push_str("- ");
                    self.block(element, depth + 1);
                }
            }
            _ => {
                self.scalar(node);
                self.text.push('\n');
            }
        }
    }

    fn value(&mut self, node: &Node, depth: usize) {
        match &node.kind {
            Kind::Mapping(entries) if !entries.is_empty() => {
                self.text.push('\n');
                self.block(node, depth + 1);
            }
            Kind::Sequence(elements) if !elements.is_empty() => {
                self.text.push('\n');
                self.block(node, depth + 1);
            }
            _ => {
                self.text.push(' ');
                self.block(node, depth);
            }
        }
    }

    fn indent(&mut self, depth: usize) {
        self.text.extend(std::iter::repeat_n("  ", depth));
    }

    fn scalar(&mut self, node: &Node) {
        match &node.kind {
            Kind::Null => self.text.push_str("null"),
            Kind::Sequence(_) => self.text.push_str("[]"),
            Kind::Mapping(_) => self.text.push_str("{}"),
            Kind::Scalar { text, plain } => {
                let text = self.moved(text).unwrap_or_else(|| text.clone());
                if *plain && is_plain(&text) {
                    self.text.push_str(&text);
                } else {
                    // JSON's strings are YAML's double-quoted scalars.
                    self.text.push_str(&serde_json::Value::from(text).to_string());
                }
            }
        }
    }

    /// The new name of a file that the document reads.
    fn moved(&mut self, text: &str) -> Option<String> {
        let path = Path::new(text);
        path.extension()?;
        let wanted: Vec<_> = path.components().filter(|part| matches!(part, std::path::Component::Normal(_))).collect();
        // The first file is the document itself, or the study that asks for it.
        let found = self.sources.files().skip(1).find(|file| {
            let name: Vec<_> = Path::new(file.name).components().collect();
            name.len() >= wanted.len() && name[name.len() - wanted.len()..] == wanted[..]
        })?;
        let parts: Vec<String> = wanted.iter().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        let target = format!("{FOLDER}/{}", parts.join("/"));
        self.files.insert(target.clone(), found.text.to_owned());
        Some(target)
    }
}

/// Whether a scalar can stand without quotes in a block: careful rather than complete.
fn is_plain(text: &str) -> bool {
    let safe = |c: char| c.is_ascii_alphanumeric() || "._-+/%$()µ".contains(c);
    let starts =
        text.starts_with(|c: char| c.is_ascii_alphanumeric() || ".+-/".contains(c)) && text != "-" && !text.starts_with("- ") && !text.starts_with("---");
    starts && text.chars().all(safe)
}

#[cfg(test)]
mod tests {
    use sim_scenarios::issue::Issues;
    use sim_scenarios::source::Sources;
    use sim_scenarios::tree::{self, Kind, Node};

    use super::document;

    fn same(a: &Node, b: &Node) -> bool {
        match (&a.kind, &b.kind) {
            (Kind::Mapping(a), Kind::Mapping(b)) => a.len() == b.len() && a.iter().zip(b).all(|((k, v), (l, w))| same(k, l) && same(v, w)),
            (Kind::Sequence(a), Kind::Sequence(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
            (Kind::Scalar { text: a, .. }, Kind::Scalar { text: b, .. }) => a == b,
            (a, b) => a == b,
        }
    }

    #[test]
    fn a_document_reads_back_as_it_was() {
        let text = "name: a b\nempty: {}\nnone: []\nnil: ~\nlist:\n  - [1, [2, 3], {x: 'y: z'}]\n  - {k: v, deep: [{a: 1, b: [c]}]}\n  - \"two\\nlines # no comment\"\n  - '12'\ntime: 2h\n\"odd key: #\": -5\nprice: \"0.10\"\n";
        let read = |text: &str| {
            let mut sources = Sources::new();
            let id = sources.add("test.yaml", text);
            let mut issues = Issues::default();
            let root = tree::parse(&sources, id, &mut issues);
            assert!(!issues.has_errors(), "{text}");
            (root.unwrap(), sources)
        };
        let (root, sources) = read(text);
        let written = document(&root, &sources);
        let (again, _) = read(&written.text);
        assert!(same(&root, &again), "{}", written.text);
        assert!(written.files.is_empty());
    }
}
