//! Controllers that change a replica count, as pure functions from what they see to what they decide.

pub mod cron_hpa;
pub mod hpa;
pub mod keda;
pub mod nodes;
pub mod predictive;
