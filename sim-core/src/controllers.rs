//! The workload controllers of Kubernetes as pure functions: from what they see to what they do next.

pub mod deployment;
pub mod job;
