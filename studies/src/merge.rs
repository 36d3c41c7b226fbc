//! Parts of one study, run apart, become one.

use std::fmt;
use std::io;

use crate::store::{self, Store};
use crate::sweep::entry::{self, Entry};
use crate::sweep::manifest::{self, Manifest};

/// Why parts cannot be merged.
#[derive(Debug)]
pub enum MergeError {
    /// A store is not of a sweep.
    NoStudy(String),
    /// Two stores are of different studies, or of different versions of one.
    Different {
        /// The first.
        first: String,
        /// The other.
        other: String,
        /// What differs.
        differences: Vec<String>,
    },
    /// Two stores hold different results of one point, which cannot be if nobody changed them.
    Contradiction {
        /// The point.
        point: u64,
        /// Where the second is.
        place: String,
    },
    /// A store said no.
    Io(io::Error),
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStudy(place) => write!(f, "`{place}` holds no results of a sweep"),
            Self::Different { first, other, differences } => {
                write!(f, "`{first}` and `{other}` hold results of different studies, which are never mixed:")?;
                differences.iter().try_for_each(|difference| write!(f, "\n  - {difference}"))
            }
            Self::Contradiction { point, place } => write!(f, "`{place}` holds another result of point {point} than the store before it"),
            Self::Io(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for MergeError {}

impl From<io::Error> for MergeError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads what a store's results are of.
pub fn manifest(store: &dyn Store) -> Result<Manifest, MergeError> {
    store::read(store, manifest::NAME).map_err(io::Error::from)?.ok_or_else(|| MergeError::NoStudy(store.place()))
}

/// Copies the results of all parts into `into`, which may hold some of the same study already. Which points are missing shows when tables are made.
pub fn merge(parts: &[Box<dyn Store>], into: &dyn Store) -> Result<Manifest, MergeError> {
    let mut first: Option<(Manifest, String)> = None;
    let known = store::read::<Manifest>(into, manifest::NAME).map_err(io::Error::from)?.map(|manifest| (manifest, into.place()));
    let manifests = parts.iter().map(|part| Ok((manifest(part.as_ref())?, part.place())));
    for found in known.into_iter().map(Ok).chain(manifests) {
        let (found, place): (Manifest, String) = found.map_err(|error: MergeError| error)?;
        match &first {
            Some((manifest, first)) if manifest.id != found.id => {
                return Err(MergeError::Different { first: first.clone(), other: place, differences: manifest.differences(&found) });
            }
            Some(_) => {}
            None => first = Some((found, place)),
        }
    }
    let Some((manifest, _)) = first else { return Err(MergeError::NoStudy(into.place())) };
    store::write(into, manifest::NAME, &manifest)?;
    for point in 0..manifest.points {
        let name = entry::name(point);
        let mut held = into.get(&name)?;
        for part in parts {
            let Some(content) = part.get(&name)? else { continue };
            // A damaged entry is never copied.
            let entry = match store::read::<Entry>(part.as_ref(), &name) {
                Ok(entry) => entry,
                Err(store::ReadError::Damaged(_)) => None,
                Err(store::ReadError::Io(error)) => return Err(error.into()),
            };
            if entry.is_none_or(|entry| entry.study != manifest.id) {
                continue;
            }
            match &held {
                Some(held) if *held != content => return Err(MergeError::Contradiction { point, place: part.place() }),
                Some(_) => {}
                None => {
                    into.put(&name, &content)?;
                    held = Some(content);
                }
            }
        }
    }
    Ok(manifest)
}
