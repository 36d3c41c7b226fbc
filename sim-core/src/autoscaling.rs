//! Controllers that change a replica count.

pub mod hpa;
