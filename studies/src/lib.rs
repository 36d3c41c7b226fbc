//! Studies: many runs of a scenario, what they say together, and how sure that is.
//!
//! A [`Case`](case::Case) is one plan with its identity; a [`Runner`](runner::Runner) runs cases on all cores; [`replications`] says how often;
//! [`statistics`] says what the figures of several runs are worth; a [`store`] keeps every result under a hash of what it depends on.

pub mod case;
pub mod figures;
pub mod identity;
pub mod replications;
pub mod runner;
pub mod seed;
pub mod statistics;
pub mod store;
