//! Why a record could not be written.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A record could not be written.
#[derive(Debug)]
pub enum RecordDirError {
    /// The folder holds something that is not a record, and might be dear to someone.
    NotARecord(PathBuf),
    /// The file system said no.
    Io {
        /// What was to be read or written.
        path: PathBuf,
        /// Its words.
        source: io::Error,
    },
}

impl fmt::Display for RecordDirError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotARecord(dir) => write!(f, "folder `{}` is not empty and not a record; choose another or empty it", dir.display()),
            Self::Io { path, .. } => write!(f, "cannot write `{}`", path.display()),
        }
    }
}

impl std::error::Error for RecordDirError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotARecord(_) => None,
            Self::Io { source, .. } => Some(source),
        }
    }
}

/// Adds the path to an I/O error, which does not know it.
pub(super) trait At<T> {
    /// The same result, with `path` in its error.
    fn at(self, path: &Path) -> Result<T, RecordDirError>;
}

impl<T, E: Into<io::Error>> At<T> for Result<T, E> {
    fn at(self, path: &Path) -> Result<T, RecordDirError> {
        self.map_err(|source| RecordDirError::Io { path: path.to_owned(), source: source.into() })
    }
}
