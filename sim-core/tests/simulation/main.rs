//! Whole runs against worked cases, conservation laws and each other.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod actions;
mod attribution;
mod build;
mod faults;
mod gangs;
mod hpa_step_load;
mod jobs;
mod laws;
mod neighbours;
mod pace;
mod pools;
mod preemption;
mod rollouts;
mod scheduler;
mod spot_pools;
mod stopping;
mod supply;
mod tiers;
