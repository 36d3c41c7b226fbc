//! What the tests of this crate share: a folder of files, and the report that a user would read.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::include;
use crate::issue::Issues;
use crate::render;
use crate::source::{Problem, SourceId, Sources};
use crate::tree::{Kind, Node};

/// A folder that is deleted with the value.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("overspill-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = Self(std::env::temp_dir().join(name));
        fs::create_dir_all(&folder.0).unwrap();
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        folder
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Opens a file by its full path.
    pub(crate) fn open(&self, name: &str, sources: &mut Sources) -> Result<SourceId, Problem> {
        sources.open(&self.path(name))
    }

    /// Reads a file with its includes; the report names files relative to the folder.
    pub(crate) fn load(&self, name: &str, mut sources: Sources) -> (Option<Node>, String) {
        let mut issues = Issues::default();
        let root = match self.open(name, &mut sources) {
            Ok(id) => include::load(&mut sources, id, &mut issues),
            Err(problem) => {
                problem.report(&mut issues, crate::issue::Path::root());
                None
            }
        };
        (root, self.shorten(&render::text(&issues, &sources, false)))
    }

    /// Leaves the folder out of a report.
    pub(crate) fn shorten(&self, report: &str) -> String {
        report.replace(&format!("{}{}", self.0.display(), std::path::MAIN_SEPARATOR), "").replace(&self.0.display().to_string(), ".")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all::<&Path>(&self.0);
    }
}

/// A tree without positions, as one line.
pub(crate) fn flat(node: &Node) -> String {
    match &node.kind {
        Kind::Null => "null".to_owned(),
        Kind::Scalar { text, plain: true } => text.clone(),
        Kind::Scalar { text, plain: false } => format!("{text:?}"),
        Kind::Sequence(elements) => format!("[{}]", elements.iter().map(flat).collect::<Vec<_>>().join(", ")),
        Kind::Mapping(entries) => {
            let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{}: {}", flat(key), flat(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// Compares a report with what it should be, without the space around.
#[track_caller]
pub(crate) fn same(report: &str, expected: &str) {
    assert_eq!(report.trim(), expected.trim(), "\n{report}");
}
