//! Studies from file to table.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod coverage;
mod random_numbers;
mod resilience;
mod search;
mod support;
mod sweeps;
mod warm_up;
