//! How fast requests come, in slices of time in which that hardly changes.

use crate::plan::{Curve, Requests, Users};
use crate::units::Time;

/// A rate may change by this share of itself within a slice.
const SLICE: f64 = 0.03;
/// No slice of a changing rate is shorter than this, in nanoseconds.
const SHORTEST: u64 = 10_000_000;
/// Longest slice with recorded instants, in nanoseconds.
const RECORDED: u64 = 1_000_000_000;

/// What offers requests.
#[derive(Clone, Debug)]
pub(super) struct Load {
    rate: Curve,
    /// The piece of the curve that holds the present.
    piece: usize,
    recorded: Vec<u64>,
    next: usize,
    changes: Vec<(u64, u32)>,
    changed: usize,
}

/// Some time with what it brings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slice {
    pub(super) until: u64,
    /// Requests to be expected.
    pub(super) expected: f64,
    /// Requests that are recorded.
    pub(super) recorded: u64,
}

impl Load {
    pub(super) fn new(plan: &Requests, rate: Curve) -> Self {
        let recorded = plan.recorded.iter().map(|at| at.as_nanos()).collect();
        let changes = plan.users.iter().flat_map(|users: &Users| &users.count).map(|&(at, count)| (at.as_nanos(), count)).collect();
        Self { rate, piece: 0, recorded, next: 0, changes, changed: 0 }
    }

    /// The next slice from `now`, which ends at `until` or before.
    pub(super) fn slice(&mut self, now: u64, until: u64) -> Slice {
        let mut end = until;
        if let Some(&(at, _)) = self.changes.get(self.changed) {
            end = end.min(at.max(now + 1));
        }
        let (mut expected, mut recorded) = (0.0, 0);
        let pieces = self.rate.pieces();
        while self.piece + 1 < pieces.len() && pieces[self.piece + 1].start.as_nanos() <= now {
            self.piece += 1;
        }
        if let Some(piece) = pieces.get(self.piece) {
            if piece.start.as_nanos() > now {
                end = end.min(piece.start.as_nanos());
            } else {
                end = end.min(self.rate.piece_end(self.piece).as_nanos());
                let at = |ns: u64| self.rate.at_in(self.piece, Time::from_nanos(ns));
                let (first, last) = (at(now), at(end));
                let change = (last - first).abs();
                let allowed = SLICE * first.max(last / 50.0);
                if change > allowed {
                    let part = (end - now) as f64 * allowed / change;
                    end = end.min(now + (part as u64).max(SHORTEST));
                }
                expected = f64::midpoint(first, at(end)) * (end - now) as f64 / 1e9;
            }
        }
        if self.next < self.recorded.len() {
            end = end.min(now + RECORDED);
            if end < until && expected > 0.0 {
                expected = self.rate.integral(Time::from_nanos(now), Time::from_nanos(end));
            }
            while self.next < self.recorded.len() && self.recorded[self.next] < end {
                self.next += 1;
                recorded += 1;
            }
        }
        Slice { until: end, expected, recorded }
    }

    /// The number of users from `now` on, if it changes now.
    pub(super) fn users(&mut self, now: u64) -> Option<u32> {
        let mut wanted = None;
        while let Some(&(at, count)) = self.changes.get(self.changed).filter(|change| change.0 <= now) {
            debug_assert!(at <= now, "a change of users that is still to come");
            wanted = Some(count);
            self.changed += 1;
        }
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::Load;
    use crate::plan::{Curve, Requests};
    use crate::random::Distribution;
    use crate::units::Time;

    #[test]
    fn slices_add_up_to_the_integral_of_the_rate() {
        let t = Time::from_secs;
        let curve = Curve::through(&[(t(1), 0.0), (t(6), 500.0), (t(20), 500.0), (t(20), 30.0), (t(50), 10.0), (t(50), 0.0)]);
        let plan = Requests { recorded: vec![t(3), t(3), t(70)], ..Requests::new(Distribution::Constant(1.0), 1) };
        let mut load = Load::new(&plan, curve.clone());
        let (mut now, mut expected, mut recorded, mut slices) = (0, 0.0, 0, 0);
        for until in (5..=100).step_by(5).map(t) {
            while now < until.as_nanos() {
                let slice = load.slice(now, until.as_nanos());
                assert!(slice.until > now);
                (now, expected, recorded, slices) = (slice.until, expected + slice.expected, recorded + slice.recorded, slices + 1);
            }
        }
        assert!((expected - curve.integral(t(0), t(100))).abs() < 1e-6, "{expected}");
        assert_eq!(recorded, 3);
        assert!(slices < 600, "{slices}");
    }
}
