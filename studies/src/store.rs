//! Where results are kept: small entries that are written whole or not at all, each with a hash of its content.

mod folder;
#[cfg(feature = "object-store")]
mod object;

pub use folder::Folder;
#[cfg(feature = "object-store")]
pub use object::Bucket;

use std::fmt;
use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::identity::Hash;

/// A place for entries with names such as `points/000/000123.jsonl`. Several processes may write at once; whoever writes the same name writes the same
/// content.
pub trait Store: Send + Sync {
    /// The entry of this name, if there is one.
    fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>>;
    /// Writes an entry: afterwards, or after a crash, it is there whole or not at all.
    fn put(&self, name: &str, content: &[u8]) -> io::Result<()>;
    /// Where it is, for messages.
    fn place(&self) -> String;
}

/// The store in a folder, or at a URL such as `s3://bucket/prefix` if built with that.
pub fn open(place: &str) -> io::Result<Box<dyn Store>> {
    if !place.contains("://") {
        return Ok(Box::new(Folder::open(std::path::Path::new(place))?));
    }
    #[cfg(feature = "object-store")]
    return Ok(Box::new(Bucket::open(place)?));
    #[cfg(not(feature = "object-store"))]
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        format!("`{place}` is an object store, which this program was built without: build it with `--features object-store`"),
    ))
}

/// The store in a folder that exists, or at a URL, to be read.
pub fn existing(place: &str) -> io::Result<Box<dyn Store>> {
    if place.contains("://") { open(place) } else { Ok(Box::new(Folder::existing(std::path::Path::new(place))?)) }
}

/// Why an entry could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// The store said no.
    Io(io::Error),
    /// The entry is not what was written.
    Damaged(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::Damaged(name) => write!(f, "entry `{name}` is not what was written: its content does not have the hash that stands in it"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Damaged(_) => None,
        }
    }
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) => error,
            damaged @ ReadError::Damaged(_) => Self::new(io::ErrorKind::InvalidData, damaged),
        }
    }
}

/// Writes a value as a line of JSON, and the hash of that line below it.
pub fn write(store: &dyn Store, name: &str, value: &impl Serialize) -> io::Result<()> {
    let mut content = serde_json::to_vec(value)?;
    let hash = Hash::of(&content);
    content.extend_from_slice(format!("\n{{\"sha256\":\"{hash}\"}}\n").as_bytes());
    store.put(name, &content)
}

/// Reads a value that [`write()`] wrote; none if there is no such entry.
pub fn read<T: DeserializeOwned>(store: &dyn Store, name: &str) -> Result<Option<T>, ReadError> {
    let Some(content) = store.get(name).map_err(ReadError::Io)? else { return Ok(None) };
    let damaged = || ReadError::Damaged(format!("{}/{name}", store.place()));
    let end = content.iter().position(|byte| *byte == b'\n').ok_or_else(damaged)?;
    let (line, rest) = content.split_at(end);
    if rest != format!("\n{{\"sha256\":\"{}\"}}\n", Hash::of(line)).as_bytes() {
        return Err(damaged());
    }
    serde_json::from_slice(line).map(Some).map_err(|_| damaged())
}

#[cfg(test)]
mod tests;
