//! What is noted while a run goes on: decisions, the digest, CPU use.

pub mod attribution;
mod decision;
mod digest;
mod log;

pub use decision::{Decision, SupplyNote};
pub use digest::Digest;
pub(crate) use log::{Log, Wording};
