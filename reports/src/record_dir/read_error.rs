//! Why a record could not be read, in words that say what to do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A folder could not be opened as a record.
#[derive(Debug)]
pub enum ReadError {
    /// There is nothing of that name.
    Missing(PathBuf),
    /// It is a file.
    NotAFolder(PathBuf),
    /// It has no manifest.
    NotARecord(PathBuf),
    /// It has no manifest, but the remains of a run that was stopped while it wrote.
    Interrupted(PathBuf),
    /// Its manifest is that of something else.
    Foreign {
        /// The folder.
        dir: PathBuf,
        /// What the manifest says it is; empty if it does not say.
        kind: String,
    },
    /// Its format is newer, or older, than this program can read.
    OtherFormat {
        /// The folder.
        dir: PathBuf,
        /// Its major format number.
        major: u64,
        /// Its minor format number.
        minor: u64,
        /// Version of the tool that wrote it.
        tool: String,
    },
    /// A file is not as long as it was when it was written.
    Length {
        /// The folder.
        dir: PathBuf,
        /// The file in it.
        file: String,
        /// Bytes that were written.
        expected: u64,
        /// Bytes that are there.
        found: u64,
    },
    /// A file is as long as it was, and something in it has changed.
    Damaged(PathBuf),
    /// A file does not hold what it should.
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The file system said no.
    Io {
        /// The file.
        path: PathBuf,
        /// Its words.
        problem: String,
    },
}

impl ReadError {
    pub(super) fn broken(dir: &Path, file: &str, problem: &impl ToString) -> Self {
        Self::Broken { path: dir.join(file), problem: problem.to_string() }
    }

    pub(super) fn io(dir: &Path, file: &str, error: &io::Error) -> Self {
        let problem = if error.kind() == io::ErrorKind::NotFound { "the file is missing".to_owned() } else { error.to_string() };
        Self::Io { path: dir.join(file), problem }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(dir) => write!(f, "there is no folder `{}`", dir.display()),
            Self::NotAFolder(path) => write!(f, "`{}` is a file; a record is a folder, as `overspill run --out DIR` writes it", path.display()),
            Self::NotARecord(dir) => {
                write!(f, "`{}` is not a record: it has no manifest.json; `overspill run SCENARIO --out DIR` writes a record", dir.display())
            }
            Self::Interrupted(dir) => write!(f, "`{}` holds the remains of a run that was stopped before its record was complete; run it again", dir.display()),
            Self::Foreign { dir, kind } if kind.is_empty() => write!(f, "`{}` is not a record: its manifest.json is that of something else", dir.display()),
            Self::Foreign { dir, kind } => write!(f, "`{}` is not a record of a run: its manifest.json says `{}`", dir.display(), kind.escape_debug()),
            Self::OtherFormat { dir, major, minor, tool } => {
                let own = super::FORMAT_MAJOR;
                let hint = if *major > u64::from(own) { "use a newer program" } else { "use an older program" };
                let tool = tool.escape_debug();
                write!(f, "`{}` has format {major}.{minor}, written by version {tool}; this program reads format {own}: {hint}", dir.display())
            }
            Self::Length { dir, file, expected, found } => {
                let what = if found < expected { "was truncated" } else { "was changed" };
                let file = dir.join(file);
                write!(f, "`{}` {what}: it has {found} bytes and was written with {expected}; copy the record again, or run it again", file.display())
            }
            Self::Damaged(path) => {
                write!(f, "`{}` was damaged or edited: it is not what was written; copy the record again, or run it again", path.display())
            }
            Self::Broken { path, problem } => write!(f, "`{}` cannot be read as part of a record: {problem}", path.display()),
            Self::Io { path, problem } => write!(f, "cannot read `{}`: {problem}", path.display()),
        }
    }
}

impl std::error::Error for ReadError {}
