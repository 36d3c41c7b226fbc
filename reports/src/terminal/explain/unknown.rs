//! A name that the record does not have.

use std::fmt;

/// Names that are suggested.
const SUGGESTED: usize = 3;

/// A name that the record does not have, with those that may have been meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    kind: &'static str,
    name: String,
    near: Vec<String>,
}

impl Unknown {
    /// `known` are all names of this kind, in order.
    pub(super) fn new<'a>(kind: &'static str, name: &str, known: impl Iterator<Item = &'a str>) -> Self {
        let mut near: Vec<(usize, &str)> = known.map(|known| (strsim::damerau_levenshtein(name, known), known)).collect();
        near.sort_by_key(|entry| entry.0);
        near.dedup();
        Self { kind, name: name.to_owned(), near: near.into_iter().take(SUGGESTED).map(|(_, known)| known.to_owned()).collect() }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, name, near } = self;
        write!(f, "there is no {kind} `{name}` in this record")?;
        match near.as_slice() {
            [] => write!(f, "; it has no {kind} at all"),
            [one] => write!(f, "; did you mean `{one}`?"),
            several => write!(f, "; did you mean one of `{}`?", several.join("`, `")),
        }
    }
}
