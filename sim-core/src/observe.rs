//! What is noted while a run goes on: decisions, the digest, CPU use.

pub mod attribution;
mod decision;
mod digest;

pub use decision::{Decision, SupplyNote};
pub use digest::Digest;
