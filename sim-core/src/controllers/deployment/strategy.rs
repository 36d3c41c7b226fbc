//! How many pods more and how many fewer a rollout may have.

use crate::units::IntOrPercent;

/// How a Deployment exchanges one revision for the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Step by step.
    RollingUpdate {
        /// Pods above the replicas; a share is rounded up.
        max_surge: IntOrPercent,
        /// Pods that may be missing from the replicas; a share is rounded down.
        max_unavailable: IntOrPercent,
    },
    /// All old pods go before the first new one comes.
    Recreate,
}

impl Default for Strategy {
    fn default() -> Self {
        Self::RollingUpdate { max_surge: IntOrPercent::Percent(25), max_unavailable: IntOrPercent::Percent(25) }
    }
}

impl Strategy {
    /// Pods above the replicas that a rollout may have.
    pub fn max_surge(self, replicas: u32) -> u32 {
        match self {
            Self::RollingUpdate { max_surge, .. } => max_surge.of(replicas, true),
            Self::Recreate => 0,
        }
    }

    /// Pods that may be missing: at least one if there is no surge either, or nothing could ever change.
    pub fn max_unavailable(self, replicas: u32) -> u32 {
        let Self::RollingUpdate { max_unavailable, .. } = self else { return 0 };
        if replicas == 0 {
            return 0;
        }
        let unavailable = max_unavailable.of(replicas, false);
        let least = u32::from(unavailable == 0 && self.max_surge(replicas) == 0);
        unavailable.max(least).min(replicas)
    }
}
