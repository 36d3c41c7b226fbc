//! What is noted while a run goes on: decisions, the digest, CPU use.

mod decision;
mod digest;

pub use decision::Decision;
pub use digest::Digest;
