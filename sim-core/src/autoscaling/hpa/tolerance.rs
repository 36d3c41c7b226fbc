//! Deviations from the target that are left alone.

use super::{Behavior, HpaConfig};
use crate::plan::KubernetesVersion;

/// The release that introduced a tolerance for each direction, and with it another form of the comparison.
const TOLERANCE_BY_DIRECTION: KubernetesVersion = KubernetesVersion { major: 1, minor: 33 };

/// Which ratios of usage to target count as equal to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerances {
    up: f64,
    down: f64,
    by_direction: bool,
}

impl Tolerances {
    /// The tolerances of an HPA with this `behavior`.
    pub fn new(config: &HpaConfig, behavior: Option<&Behavior>) -> Self {
        let by_direction = config.version >= TOLERANCE_BY_DIRECTION;
        let own = |rules: Option<&super::ScalingRules>| rules.and_then(|r| r.tolerance).filter(|_| by_direction).unwrap_or(config.tolerance);
        Self { up: own(behavior.and_then(|b| b.scale_up.as_ref())), down: own(behavior.and_then(|b| b.scale_down.as_ref())), by_direction }
    }

    /// Whether the ratio is near enough to 1. Computed in doubles like the original, whose two forms differ exactly at the bound:
    /// 1.1 was outside a tolerance of 0.1 and is inside since 1.33.
    pub fn contain(&self, ratio: f64) -> bool {
        if self.by_direction { 1.0 - self.down <= ratio && ratio <= 1.0 + self.up } else { (1.0 - ratio).abs() <= self.up }
    }
}
