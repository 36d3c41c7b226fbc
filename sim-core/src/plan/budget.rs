//! `PodDisruptionBudget`s.

use super::neighbours::LabelSelector;
use crate::units::IntOrPercent;

/// How many pods of a group have to be there when some are disrupted on purpose.
#[derive(Clone, Debug)]
pub struct DisruptionBudget {
    /// Name, unique.
    pub name: String,
    /// Namespace of the pods.
    pub namespace: String,
    /// Which pods.
    pub selector: LabelSelector,
    /// How many.
    pub bound: Available,
}

/// A bound on healthy pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Available {
    /// `minAvailable`.
    AtLeast(IntOrPercent),
    /// `maxUnavailable`.
    AllBut(IntOrPercent),
}

impl Available {
    /// How many more pods may be disrupted now, when `expected` are wanted and `healthy` of them are ready.
    pub fn disruptions_allowed(self, expected: u32, healthy: u32) -> u32 {
        if expected == 0 {
            return 0;
        }
        let needed = match self {
            Self::AtLeast(bound) => bound.of(expected, true),
            Self::AllBut(bound) => expected.saturating_sub(bound.of(expected, true)),
        };
        healthy.saturating_sub(needed)
    }
}

#[cfg(test)]
mod tests {
    use super::Available::{AllBut, AtLeast};
    use crate::units::IntOrPercent::{Int, Percent};

    #[test]
    fn percentages_are_rounded_up() {
        // Of 7 pods 50 % are 4: 3 may go with `minAvailable`, 4 with `maxUnavailable`.
        assert_eq!((AtLeast(Percent(50)).disruptions_allowed(7, 7), AllBut(Percent(50)).disruptions_allowed(7, 7)), (3, 4));
        assert_eq!((AtLeast(Int(2)).disruptions_allowed(3, 3), AllBut(Int(2)).disruptions_allowed(3, 3)), (1, 2));
        assert_eq!(AllBut(Int(1)).disruptions_allowed(3, 2), 0, "one is missing already");
        assert_eq!(AtLeast(Int(0)).disruptions_allowed(0, 0), 0, "nobody wants any");
        assert_eq!(AllBut(Percent(200)).disruptions_allowed(3, 3), 3);
    }
}
