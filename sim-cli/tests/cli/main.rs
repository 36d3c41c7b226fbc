//! The program as a stranger uses it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod bad_input;
mod conformance;
mod engines;
mod explain;
mod explain_gallery;
mod export;
mod money;
mod results;
mod searches;
mod studies;
mod support;
