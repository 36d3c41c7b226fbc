//! What an autoscaler of nodes decides, as pure functions: how many nodes pods need, which pool grows, which nodes may go.
//!
//! The rules are cluster-autoscaler's; instant elasticity uses the same ones and looks at other times.

mod backoff;
mod balance;
mod estimate;
mod expander;
mod shrink;

pub use backoff::Backoff;
pub use balance::{Share, balance};
pub use estimate::{Estimate, Site, estimate, pod_share};
pub use expander::{Chosen, ExpansionOption, choose};
pub use shrink::{Cooldown, Removable, Removal, Utilization, cooldown, removals, utilization};
