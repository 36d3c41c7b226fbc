//! The scheduler: which nodes a pod may go to, and which it prefers.

mod amounts;
pub(crate) mod node_affinity;
mod nodes;
pub(crate) mod pod_affinity;
pub(crate) mod resources;
pub(crate) mod spread;
pub(crate) mod taints;
