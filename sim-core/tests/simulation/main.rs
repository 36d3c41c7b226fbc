//! Whole runs against worked cases, conservation laws and each other.

mod build;
mod hpa_step_load;
mod laws;
mod tiers;
