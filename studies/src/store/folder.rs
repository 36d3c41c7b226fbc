//! A folder, which may be on a disk that several machines share.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::Store;

/// Where entries are written before they get their names.
const STAGING: &str = ".partial";

/// Entries as files.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    /// Names of files under construction differ within a process, by this, and between processes and machines, by the instant of opening.
    next: AtomicU64,
    opened: u128,
}

impl Folder {
    /// The store in this folder, which is created if it is not there.
    pub fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root.join(STAGING))?;
        let opened = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        Ok(Self { root: root.to_owned(), next: AtomicU64::new(0), opened })
    }

    /// The store in this folder, to be read only; an error if there is no such folder.
    pub fn existing(root: &Path) -> io::Result<Self> {
        if !root.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("there is no folder `{}`", root.display())));
        }
        Ok(Self { root: root.to_owned(), next: AtomicU64::new(0), opened: 0 })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl Store for Folder {
    fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.root.join(name)) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let staged = self.root.join(STAGING).join(format!("{}-{}-{number}", std::process::id(), self.opened));
        let target = self.root.join(name);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = File::create(&staged)?;
        file.write_all(content)?;
        // The name must not be on the disk before the content is.
        file.sync_all()?;
        fs::rename(&staged, &target)
    }

    fn place(&self) -> String {
        self.root.display().to_string()
    }
}
