//! Renders example records every way there is.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod charts;
mod example;
mod html;
mod read;
mod record_dir;
mod terminal;
