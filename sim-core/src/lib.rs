//! Overspill's simulator: from a [`plan::Plan`] and a seed to a [`record::Record`].
//!
//! Pure, deterministic and single-threaded: nothing here reads a file, a clock or the environment, and no plan that the checks of
//! `sim-scenarios` accept can make it fail.
//!
//! - [`simulation`]: one run; start reading there.
//! - [`engine`]: the event queue and the closed list of events.
//! - [`plan`]: the input. [`record`]: the output.
//! - [`cluster`], [`scheduling`], [`autoscaling`], [`supply`], [`metrics`]: the control plane.
//! - [`traffic`]: the data plane, where every request goes through its pod.
//! - [`ledger`], [`billing`]: who used what, and what it costs.
//! - [`units`], [`id`], [`random`], [`math`]: what everything else stands on.

pub mod autoscaling;
pub mod billing;
pub mod cluster;
pub mod controllers;
pub mod engine;
pub mod id;
pub mod ledger;
pub mod math;
pub mod metrics;
pub mod observe;
pub mod plan;
pub mod random;
pub mod record;
pub mod scheduling;
pub mod simulation;
pub mod supply;
pub mod traffic;
pub mod units;
