//! Where pieces of a scenario came from.

use crate::issue::{Issue, Issues, Path, Segment};
use crate::locate;
use crate::tree::Node;

/// Manifests, and which parts of the scenario they stand for.
#[derive(Debug, Default)]
pub struct Origins {
    documents: Vec<Node>,
    pieces: Vec<Piece>,
}

/// Everything below `scenario` is found below `manifest` of a document.
#[derive(Debug)]
struct Piece {
    scenario: Path,
    document: usize,
    manifest: Path,
}

impl Origins {
    /// Keeps a document.
    pub(super) fn keep(&mut self, document: Node) -> usize {
        self.documents.push(document);
        self.documents.len() - 1
    }

    /// A document.
    pub(super) fn document(&self, id: usize) -> &Node {
        &self.documents[id]
    }

    /// Remembers that a part of the scenario comes from a part of a document.
    pub(super) fn add(&mut self, scenario: Path, document: usize, manifest: Path) {
        self.pieces.push(Piece { scenario, document, manifest });
    }

    /// Moves issues about pieces of manifests to where they are written.
    pub fn relocate(&self, issues: &Issues) -> Issues {
        let mut moved = Issues::default();
        for issue in issues.iter() {
            moved.push(if issue.span.is_some() { issue.clone() } else { self.moved(issue) });
        }
        moved
    }

    fn moved(&self, issue: &Issue) -> Issue {
        let mut issue = issue.clone();
        let inside = |piece: &&Piece| issue.path.segments().starts_with(piece.scenario.segments());
        let Some(piece) = self.pieces.iter().filter(inside).max_by_key(|piece| piece.scenario.segments().len()) else { return issue };
        let rest = &issue.path.segments()[piece.scenario.segments().len()..];
        let segments: Vec<Segment> = piece.manifest.segments().iter().chain(rest).cloned().collect();
        issue.path = Path::from(segments);
        issue.span = Some(locate::span(&self.documents[piece.document], &issue.path, issue.at_key));
        issue
    }
}

/// The path of these keys.
pub(super) fn path(keys: &str) -> Path {
    keys.split('.').fold(Path::root(), |path, key| path.key(key))
}
