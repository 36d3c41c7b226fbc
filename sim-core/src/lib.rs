//! Overspill's simulator: from a [`plan::Plan`] and a seed to a [`record::Record`].

pub mod autoscaling;
pub mod id;
pub mod math;
pub mod plan;
pub mod random;
pub mod record;
pub mod units;
