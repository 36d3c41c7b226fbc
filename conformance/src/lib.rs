//! Conformance vectors: what Kubernetes decides in given situations, against the functions that a simulation calls.
//!
//! [`run`] takes the text of a vector file: a JSON object whose `cases` each hold a `name`, a `kind`, an `input` and what to `expect`. The modules below know
//! one topic each: they read the inputs as the files write them, hand them to the simulator, and compare. Nothing is decided here.

mod billing;
mod cron;
mod hpa;
mod instances;
mod nodes;
mod quantity;
mod report;
mod scheduler;
mod suite;
mod victims;

pub use report::{Difference, Failure, Report};
pub use suite::{NotVectors, run};
