//! What came of a file.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// What came of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Cases that agree.
    pub passed: usize,
    /// Cases that do not, in the order of the file.
    pub failures: Vec<Failure>,
    /// Kinds of cases that the simulator has nothing for, with the number of cases that were left out.
    pub skipped: BTreeMap<String, usize>,
}

/// A case that does not agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Name of the case.
    pub case: String,
    /// Kind of the case.
    pub kind: String,
    /// The first difference.
    #[serde(flatten)]
    pub difference: Difference,
}

/// Something that differs from what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What was compared.
    pub what: String,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub found: String,
}

impl Difference {
    pub(crate) fn new(what: &str, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { what: what.to_owned(), expected: expected.into(), found: found.into() }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.what, self.expected, self.found)
    }
}

/// `Ok` if a value is what was expected.
pub(crate) fn same<T: PartialEq + fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), Difference> {
    if found == expected { Ok(()) } else { Err(Difference::new(what, format!("{expected:?}"), format!("{found:?}"))) }
}

/// `Ok` if a message contains what was expected of it.
pub(crate) fn contains(message: &str, part: &str) -> Result<(), Difference> {
    if message.contains(part) { Ok(()) } else { Err(Difference::new("error", format!("a message with `{part}`"), format!("`{message}`"))) }
}
