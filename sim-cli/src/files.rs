//! Files that a user names one by one or by their folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Files given, and those below folders given that are wanted, in order. Hidden folders and links to folders are not entered.
pub(crate) fn below(paths: &[PathBuf], wanted: impl Fn(&Path) -> bool) -> anyhow::Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    let mut folders = Vec::new();
    for path in paths {
        if path.is_dir() {
            folders.push(path.clone());
        } else {
            files.insert(path.clone());
        }
    }
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if path.is_dir() && !hidden && !path.is_symlink() {
                folders.push(path);
            } else if wanted(&path) {
                files.insert(path);
            }
        }
    }
    Ok(files)
}
