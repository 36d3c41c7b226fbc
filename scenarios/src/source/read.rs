//! From the file system to a text, with a clear sentence for everything that can be wrong on the way.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

use super::{SourceId, Sources, Span};
use crate::issue::{self, Issue, Issues, code};
use crate::suggest;
use crate::wording::quote;

/// Largest file that is read as YAML; traces and other data have readers of their own.
pub const MAX_FILE_BYTES: usize = 16 << 20;

/// Names looked at for "did you mean": a mistyped path must not cost a walk through a huge folder.
const MAX_NAMES: usize = 1000;

/// Why a file could not be used; [`Problem::report`] says where it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Stable code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where in the file itself, if the file could be shown.
    pub span: Option<Span>,
}

impl Problem {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None, span: None }
    }

    fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Records the problem as an error of the entry that named the file.
    pub fn report(self, issues: &mut Issues, path: impl Into<issue::Path>) -> &mut Issue {
        let issue = issues.error(self.code, path, self.message);
        issue.help = self.help;
        issue.span = self.span;
        issue
    }
}

/// A file that exists and may be read, for readers that do not want a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Canonical path.
    pub path: PathBuf,
    /// Name for messages, relative as the user wrote it.
    pub name: String,
}

impl Sources {
    /// Opens the file that a user named; the first one fixes the scenario's own folder.
    pub fn open(&mut self, path: &Path) -> Result<SourceId, Problem> {
        let name = path.display().to_string();
        let real = canonical(path, &name)?;
        if self.root.is_none() {
            self.root = real.parent().map(Path::to_path_buf);
        }
        self.read(Located { path: real, name })
    }

    /// Opens a file that a source refers to, relative to that source; a file opened twice is one source.
    pub fn open_from(&mut self, from: SourceId, name: &str) -> Result<SourceId, Problem> {
        let located = self.locate_from(from, name)?;
        self.read(located)
    }

    /// Opens the scenario that a study names, relative to it, and makes its folder the one that the scenario may read.
    pub fn enter_from(&mut self, from: SourceId, name: &str) -> Result<SourceId, Problem> {
        let source = &self.list[from.index()];
        let base = source.path.as_deref().and_then(Path::parent).unwrap_or(Path::new("."));
        let shown = join(Path::new(&source.name).parent(), name);
        let real = canonical(&base.join(name), &shown)?;
        if !real.is_file() {
            return Err(not_a_file(&real, &shown));
        }
        self.root = real.parent().map(Path::to_path_buf);
        self.read(Located { path: real, name: shown })
    }

    /// Finds a file that a source refers to, relative to that source, without reading it.
    pub fn locate_from(&self, from: SourceId, name: &str) -> Result<Located, Problem> {
        let source = &self.list[from.index()];
        let base = source.path.as_deref().and_then(Path::parent).unwrap_or(Path::new("."));
        let shown = join(Path::new(&source.name).parent(), name);
        let real = canonical(&base.join(name), &shown)?;
        let inside = self.root.as_ref().is_some_and(|root| real.starts_with(root));
        if !inside && !self.allow_outside {
            return Err(Problem::new(code::OUTSIDE, format!("{} lies outside the folder of the scenario", quote(&shown)))
                .with_help("a scenario reads only files in its own folder and below; copy the file there, or allow files outside explicitly"));
        }
        // A pipe or device named inside a file could block for ever.
        if !real.is_file() {
            return Err(not_a_file(&real, &shown));
        }
        Ok(Located { path: real, name: shown })
    }

    /// The file of a source, canonical; `None` for texts that are not files.
    pub fn path(&self, id: SourceId) -> Option<&Path> {
        self.list[id.index()].path.as_deref()
    }

    fn read(&mut self, located: Located) -> Result<SourceId, Problem> {
        if let Some(known) = self.list.iter().position(|source| source.path.as_ref() == Some(&located.path)) {
            return Ok(SourceId(known as u32));
        }
        let Located { path, name } = located;
        if path.is_dir() {
            return Err(not_a_file(&path, &name));
        }
        let mut bytes = Vec::new();
        File::open(&path).and_then(|file| file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)).map_err(|error| unreadable(&name, &error))?;
        if bytes.len() > MAX_FILE_BYTES {
            let limit = MAX_FILE_BYTES >> 20;
            return Err(Problem::new(code::TOO_LARGE, format!("{} is larger than {limit} MiB, the limit for YAML", quote(&name)))
                .with_help("keep traces and other data in files of their own (CSV)"));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(self.insert(&name, text, Some(path))),
            Err(error) => Err(self.not_utf8(&name, path, &error)),
        }
    }

    fn not_utf8(&mut self, name: &str, path: PathBuf, error: &std::string::FromUtf8Error) -> Problem {
        let bytes = error.as_bytes();
        let at = error.utf8_error().valid_up_to();
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            return Problem::new(code::NOT_UTF8, format!("{} is UTF-16, not UTF-8", quote(name))).with_help("save the file as UTF-8");
        }
        let message = format!("{} is not UTF-8 text: unexpected byte 0x{:02X}", quote(name), bytes[at]);
        // The replacement character takes three bytes; everything before it is unchanged but for a byte order mark.
        let lossy = String::from_utf8_lossy(bytes).into_owned();
        let length = lossy.len();
        let id = self.insert(name, lossy, Some(path));
        let at = at - (length - self.text(id).len());
        let mut problem = Problem::new(code::NOT_UTF8, message).with_help("save the file as UTF-8");
        problem.span = Some(Span::new(id, at, at + '\u{FFFD}'.len_utf8()));
        problem
    }
}

fn canonical(path: &Path, name: &str) -> Result<PathBuf, Problem> {
    if name.is_empty() {
        return Err(Problem::new(code::UNREADABLE, "the name of the file is empty"));
    }
    fs::canonicalize(path).map_err(|error| {
        let problem = unreadable(name, &error);
        match similar(path).filter(|_| error.kind() == ErrorKind::NotFound) {
            Some(known) => problem.with_help(format!("did you mean {}?", quote(&join(Path::new(name).parent(), &known)))),
            None => problem,
        }
    })
}

fn unreadable(name: &str, error: &std::io::Error) -> Problem {
    let reason = match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    Problem::new(code::UNREADABLE, format!("cannot read {}: {reason}", quote(name)))
}

fn not_a_file(path: &Path, name: &str) -> Problem {
    let kind = if path.is_dir() { "a folder" } else { "not a regular file" };
    Problem::new(code::NOT_A_FILE, format!("{} is {kind}; a file is expected", quote(name)))
}

/// The name in the same folder that comes nearest.
fn similar(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let wanted = path.file_name().and_then(OsStr::to_str)?;
    let mut names: Vec<String> = fs::read_dir(folder).ok()?.take(MAX_NAMES).filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    // The order of a folder is the file system's; messages must not depend on it.
    names.sort_unstable();
    suggest::nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}

/// `gallery/flash.yaml` and `../prices/a.yaml` make `prices/a.yaml`: what the user would type in the folder where the program runs.
fn join(folder: Option<&Path>, name: &str) -> String {
    let mut joined: Vec<Component<'_>> = Vec::new();
    let whole = folder.unwrap_or(Path::new("")).join(name);
    for component in whole.components() {
        match (component, joined.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                joined.pop();
            }
            _ => joined.push(component),
        }
    }
    let short: PathBuf = joined.into_iter().collect();
    if short.as_os_str().is_empty() { name.to_owned() } else { short.display().to_string() }
}
