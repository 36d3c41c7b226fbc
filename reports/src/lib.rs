//! What a reader sees of a run: a [`Record`](sim_core::record::Record) as a terminal summary, as a folder of files, and as charts.
//!
//! Nothing here computes results. Every figure comes from the record, so the table, the CSV and the picture cannot disagree.

#![expect(clippy::format_push_string, reason = "texts are short and for people; `write!` would add a result that cannot fail")]

pub mod chart;
pub mod clock;
pub mod columns;
pub mod export;
mod faults;
pub mod format;
pub mod html;
pub mod invoice;
pub mod lang;
pub mod record_dir;
mod shares;
mod stages;
pub mod terminal;
mod tiers;
mod words;
