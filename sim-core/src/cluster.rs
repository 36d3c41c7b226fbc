//! Nodes and pods as they are at one instant.

mod node;
mod pod;
pub mod victims;

pub use node::NodeState;
pub use pod::{Owner, Phase, Pod};
