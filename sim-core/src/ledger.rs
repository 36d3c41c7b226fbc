//! Who used what, from when to when: the only thing that billing reads.
//!
//! A ledger holds names and not ids, so that one that was written to a file bills like one that was just made.

mod entry;
mod instant;
mod of_run;

pub(crate) use entry::family;
pub use entry::{Entry, Kind, Ledger};
pub(crate) use of_run::About;
