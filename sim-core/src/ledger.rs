//! Who used what, from when to when: the only thing that billing reads.
//!
//! A ledger holds names and not ids, so that one that was written to a file bills like one that was just made.

mod entry;
mod held;
mod instant;
mod lives;
mod of_run;

pub(crate) use entry::family;
pub use entry::{Entry, Kind, Ledger};
pub(crate) use held::Held;
pub(crate) use lives::{Life, Lives, Names};
pub(crate) use of_run::{About, of_pod};
