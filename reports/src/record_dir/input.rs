//! Copies of the files that a scenario was read from, so that a record can be understood, and run again, without them.

use std::path::{Component, Path};

/// Folder of the copies.
pub(super) const FOLDER: &str = "inputs";
/// Larger files are named and not copied.
const LARGEST: usize = 2 << 20;

/// A file that the scenario was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its name as the user wrote it.
    pub name: String,
    /// Where the copy lies in the record, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Input {
    /// An input whose copy keeps the place that the file has below the scenario's folder, so that what refers to it still finds it.
    /// `inside` is that place; files from elsewhere, `number` of them so far, go to a folder of their own.
    pub fn new(name: &str, inside: Option<&Path>, number: usize, text: &str) -> Self {
        let parts = inside.and_then(|path| {
            let part = |component| if let Component::Normal(part) = component { part.to_str() } else { None };
            path.components().map(part).collect::<Option<Vec<_>>>()
        });
        let last = Path::new(name).file_name().map(|last| last.to_string_lossy().into_owned()).unwrap_or_default();
        let path = parts
            .filter(|parts| !parts.is_empty())
            .map_or_else(|| format!("{FOLDER}/outside/{number}-{last}"), |parts| format!("{FOLDER}/{}", parts.join("/")));
        Self { name: name.to_owned(), path, text: text.to_owned() }
    }

    /// Where the copy lies; none if there is none, because the file is too large.
    pub(super) fn stored(&self) -> Option<String> {
        (self.text.len() <= LARGEST).then(|| self.path.clone())
    }
}

/// Whether a path from a manifest stays inside the record's folder of copies.
pub(super) fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    parts.next() == Some(Component::Normal(FOLDER.as_ref())) && parts.all(|part| matches!(part, Component::Normal(_)))
}
