//! ResourcePolicy (`scheduling.alibabacloud.com/v1alpha1`): units in order, and when to go on to the next one.
//!
//! The rules are those of the ACK documentation on priority-based resource scheduling: a pod goes to the next unit when the one before is at its
//! `max`, lacks room, or both, as `whenTryNextUnits` says; a unit that is neither left nor has room keeps the pod waiting, so that node scale-out can
//! serve it.

use crate::plan::TryNext;
use crate::units::Time;

/// What a policy looks at in one of its units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitView {
    /// Whether the unit holds `max` pods already, or the pod would take it above `maxResources`.
    pub at_max: bool,
    /// Whether it has a `max` or `maxResources` at all.
    pub is_bounded: bool,
    /// Whether a node of the unit has room.
    pub has_room: bool,
    /// Whether pods of the policy are terminating in it.
    pub has_terminating: bool,
    /// Whether its pods wait for node scale-out (label `k8s.aliyun.com/resource-policy-wait-for-ecs-scaling`).
    pub waits_for_nodes: bool,
}

/// What a pod does about a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It goes there.
    Place,
    /// It stays Pending and goes nowhere else: until room is found, or for a timeout at most.
    Wait(Wait),
    /// It looks at the next unit.
    Next(Passed),
}

/// Why a pod waits for a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The unit is below its maximum.
    ForRoom,
    /// The same, but only until this instant.
    Until(Time),
    /// Pods of the policy are terminating there.
    ForTerminating,
}

/// Why a pod went past a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Passed {
    /// It was at its maximum.
    AtMax,
    /// No node in it had room.
    NoRoom,
    /// No node in it had room for as long as the policy's timeout.
    TimedOut,
}

impl Passed {
    /// The words in reasons.
    pub const fn words(self) -> &'static str {
        match self {
            Self::AtMax => "at its max",
            Self::NoRoom => "without room",
            Self::TimedOut => "without room for the timeout",
        }
    }
}

impl Wait {
    /// The words in reasons.
    pub const fn words(self) -> &'static str {
        match self {
            Self::ForRoom => "waits for room, because the unit is below its max",
            Self::Until(_) => "waits for room until the timeout",
            Self::ForTerminating => "waits for terminating pods of the unit",
        }
    }
}

/// What a pod does about a unit at `now`, if it has waited `since` then for the unit.
pub fn step(rule: TryNext, unit: UnitView, since: Time, now: Time) -> Step {
    let passed = if unit.at_max { Passed::AtMax } else { Passed::NoRoom };
    if unit.has_room && !unit.at_max {
        return Step::Place;
    }
    match rule {
        TryNext::ExceedMax if unit.at_max || !unit.is_bounded => Step::Next(passed),
        TryNext::ExceedMax => Step::Wait(Wait::ForRoom),
        TryNext::TimeoutOrExceedMax { .. } if unit.at_max || !(unit.is_bounded || unit.waits_for_nodes) => Step::Next(passed),
        TryNext::TimeoutOrExceedMax { timeout } => {
            let until = since.saturating_add(timeout);
            if now < until { Step::Wait(Wait::Until(until)) } else { Step::Next(Passed::TimedOut) }
        }
        TryNext::LackResourceAndNoTerminating if unit.has_terminating => Step::Wait(Wait::ForTerminating),
        TryNext::LackResourceOrExceedMax | TryNext::LackResourceAndNoTerminating => Step::Next(passed),
    }
}

#[cfg(test)]
mod tests {
    use super::{Passed, Step, UnitView, Wait, step};
    use crate::plan::TryNext;
    use crate::units::{Span, Time};

    const TIMEOUT: TryNext = TryNext::TimeoutOrExceedMax { timeout: Span::from_secs(900) };
    const FREE: UnitView = UnitView { at_max: false, is_bounded: true, has_room: true, has_terminating: false, waits_for_nodes: false };

    /// The columns of golden case G12 (3).
    fn columns() -> [UnitView; 6] {
        let lacking = UnitView { has_room: false, ..FREE };
        let full = UnitView { at_max: true, ..FREE };
        [
            FREE,
            lacking,
            UnitView { has_terminating: true, ..lacking },
            full,
            UnitView { has_terminating: true, ..full },
            UnitView { is_bounded: false, ..lacking },
        ]
    }

    fn row(rule: TryNext, waited: u64) -> [&'static str; 6] {
        columns().map(|unit| match step(rule, unit, Time::from_secs(100), Time::from_secs(100 + waited)) {
            Step::Place => "ecs",
            Step::Wait(_) => "pending",
            Step::Next(_) => "eci",
        })
    }

    #[test]
    fn golden_case_g12_when_the_next_unit_is_tried() {
        assert_eq!(row(TryNext::ExceedMax, 0), ["ecs", "pending", "pending", "eci", "eci", "eci"]);
        assert_eq!(row(TIMEOUT, 899), ["ecs", "pending", "pending", "eci", "eci", "eci"]);
        assert_eq!(row(TIMEOUT, 900), ["ecs", "eci", "eci", "eci", "eci", "eci"]);
        assert_eq!(row(TryNext::LackResourceOrExceedMax, 0), ["ecs", "eci", "eci", "eci", "eci", "eci"]);
        assert_eq!(row(TryNext::LackResourceAndNoTerminating, 0), ["ecs", "eci", "pending", "eci", "pending", "eci"]);
    }

    #[test]
    fn with_the_wait_label_a_unit_without_a_maximum_is_waited_for_too() {
        let unit = UnitView { is_bounded: false, has_room: false, waits_for_nodes: true, ..FREE };
        let at = |seconds| step(TIMEOUT, unit, Time::from_secs(100), Time::from_secs(seconds));
        assert_eq!(at(999), Step::Wait(Wait::Until(Time::from_secs(1000))));
        assert_eq!(at(1000), Step::Next(Passed::TimedOut));
        assert_eq!(step(TryNext::ExceedMax, unit, Time::ZERO, Time::ZERO), Step::Next(Passed::NoRoom));
    }

    #[test]
    fn terminating_pods_hold_pods_back_without_a_maximum_too() {
        let unit = UnitView { is_bounded: false, has_room: false, has_terminating: true, ..FREE };
        assert_eq!(step(TryNext::LackResourceAndNoTerminating, unit, Time::ZERO, Time::ZERO), Step::Wait(Wait::ForTerminating));
    }
}
