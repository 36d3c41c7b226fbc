//! Nodes and pods as they are at one instant.

mod cause;
mod node;
mod pod;
pub mod victims;

pub use cause::Cause;
pub use node::{NodeLife, NodeState, NodeStatus};
pub use pod::{Counters, Interruptions, Owner, Phase, Pod, Readings};
