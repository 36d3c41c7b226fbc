//! Alibaba Cloud's kubernetes-cronhpa-controller: what a job does when it fires.
//!
//! Its target is a workload, whose replica count it sets, or an HPA, whose bounds it moves so that both can live together. It never shrinks a workload
//! through an HPA: it makes room, and the HPA shrinks it.

use crate::units::{Span, Time};

/// Time between two attempts of a job that failed.
pub const RETRY_INTERVAL: Span = Span::from_secs(3);
/// No further attempt begins later than this after the first.
pub const RETRY_TIMEOUT: Span = Span::from_secs(10);

/// What firing does to an HPA and its workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adjusted {
    /// `minReplicas` from now on.
    pub min: u32,
    /// `maxReplicas` from now on.
    pub max: u32,
    /// What the workload is scaled to at once; none if it is left to the HPA.
    pub scale_to: Option<u32>,
}

/// A job with `target` replicas fires on an HPA with these bounds whose workload has `current` replicas.
pub fn adjust(min: u32, max: u32, target: u32, current: u32) -> Adjusted {
    let max = max.max(target);
    let mut min = min.min(target);
    if (min == current && target < current) || target > current {
        min = target;
    }
    Adjusted { min, max, scale_to: (current < target).then_some(target) }
}

/// When an attempt that failed at `now` is repeated; none if that is too long after the first one at `started`.
pub fn next_attempt(started: Time, now: Time) -> Option<Time> {
    let next = now + RETRY_INTERVAL;
    (next <= started + RETRY_TIMEOUT).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::{Adjusted, adjust, next_attempt};
    use crate::units::Time;

    #[test]
    fn the_table_of_the_controllers_documentation() {
        // HPA min and max, target, replicas -> HPA min and max, scaled to.
        let table = [
            ((1, 10, 5, 5), (1, 10, None)),
            ((1, 10, 4, 5), (1, 10, None)),
            ((1, 10, 6, 5), (6, 10, Some(6))),
            ((5, 10, 4, 5), (4, 10, None)),
            ((5, 10, 11, 5), (11, 11, Some(11))),
        ];
        for ((min, max, target, current), (to_min, to_max, scale_to)) in table {
            assert_eq!(adjust(min, max, target, current), Adjusted { min: to_min, max: to_max, scale_to }, "{min}/{max}, {target}, {current}");
        }
    }

    #[test]
    fn bounds_widen_in_both_directions() {
        assert_eq!(adjust(6, 10, 3, 8), Adjusted { min: 3, max: 10, scale_to: None }, "below the minimum");
        assert_eq!(adjust(2, 4, 9, 9), Adjusted { min: 2, max: 9, scale_to: None }, "already there: only the maximum moves");
        assert_eq!(adjust(1, 10, 7, 0), Adjusted { min: 7, max: 10, scale_to: Some(7) }, "from zero");
    }

    #[test]
    fn a_failed_job_is_tried_four_times() {
        let started = Time::from_secs(100);
        let attempts: Vec<Time> = std::iter::successors(Some(started), |now| next_attempt(started, *now)).collect();
        assert_eq!(attempts, [100, 103, 106, 109].map(Time::from_secs));
    }
}
