//! Filters and scores of the scheduler, as pure functions, and the queue of pods without a node.

mod filter;
mod queue;
mod ranking;
mod score;

pub use filter::{Refusal, matches_terms, static_refusal, tolerates};
pub use queue::PendingQueue;
pub use ranking::Ranking;
pub use score::{ScoreWeights, affinity_raw, balanced_allocation, least_allocated, normalise, untolerated_preferences};
