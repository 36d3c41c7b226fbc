//! Studies: many runs of a scenario, what they say together, and how sure that is.
//!
//! A [`Case`](case::Case) is one plan with its identity; a [`Runner`](runner::Runner) runs cases on all cores; [`replications`] says how often;
//! [`statistics`] says what the figures of several runs are worth; a [`store`] keeps every result under a hash of what it depends on.

pub mod case;
pub mod check;
pub mod compare;
pub mod condition;
pub mod decimal;
pub mod design;
pub mod emit;
pub mod figures;
pub mod headroom;
pub mod identity;
pub mod merge;
pub mod overview;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod replications;
pub mod resilience;
pub mod results;
pub mod runner;
pub mod schema;
pub mod search;
pub mod seed;
pub mod sensitivity;
pub mod spec;
pub mod statistics;
pub mod store;
pub mod sweep;
pub mod table;
pub mod warm_up;
