//! Policies that say who may go where, in what number: one file each, as pure functions.

pub mod elastic_workload;
pub mod resource_policy;
pub mod united_deployment;
pub mod workload_spread;
