//! What a replication does to all points alike.
//!
//! Points meet the same customers, so a busy day is busy everywhere: a value is that of its point, plus an effect of its replication, plus the pair's own
//! chance. Most points run on the first replication only; what that one adds to all of them is learned from the points that ran on several, and taken away.
//! Effects are random with mean zero, points are not (a mixed model; the estimate shrinks towards zero as far as little is known).

/// Effects of replications, and what is left.
#[derive(Clone, Debug, Default)]
pub(super) struct Effects {
    /// By replication.
    of: Vec<f64>,
    /// Of the pair's own chance alone.
    pub own: f64,
    /// Of the error of the first replication's effect.
    pub unsure: f64,
    /// Of the error of the standard deviation of a value at one point.
    pub blurred: f64,
    /// How many runs beyond the first of a point all this is known from.
    pub freedom: f64,
    /// Replications that were seen.
    pub days: f64,
}

/// Replications that the belief is worth that half of the variance is common.
const DAYS: f64 = 3.0;
/// Passes over points and replications in turn.
const PASSES: usize = 12;

impl Effects {
    /// Effects from the values of points, each by replication from the first on; `assumed` is the standard deviation where no point ran twice.
    pub(super) fn of<'a>(points: &(impl Iterator<Item = &'a [f64]> + Clone), assumed: f64) -> Self {
        let several = || points.clone().filter(|values| values.len() > 1);
        let most = several().map(<[f64]>::len).max().unwrap_or(0);
        if most == 0 {
            return Self { of: Vec::new(), own: assumed, unsure: assumed / 2.0, blurred: assumed / 2.0, freedom: 0.0, days: 1.0 };
        }
        let squares = |effects: &[f64]| {
            let (mut squares, mut freedom) = (0.0, 0.0);
            for values in several() {
                let left = |(value, effect): (&f64, &f64)| value - effect;
                let mean = values.iter().zip(effects).map(left).sum::<f64>() / values.len() as f64;
                squares += values.iter().zip(effects).map(|pair| (left(pair) - mean).powi(2)).sum::<f64>();
                freedom += values.len() as f64 - 1.0;
            }
            (squares, freedom)
        };
        let mut effects = vec![0.0; most];
        let (all, freedom) = squares(&effects);
        let total = (all / freedom).sqrt();
        let enough = several().count() > 1 && total > 0.0;
        // Half of the variance may be common, until it is known.
        let mut own = if enough { 0.7 * total } else { total };
        for _ in 0..if enough { PASSES } else { 0 } {
            // As many times the own variance as the common one: what the shrinkage goes by.
            let shrink = (own * own / (total * total - own * own).max(0.05 * total * total)).min(20.0);
            let (mut sums, mut counts) = (vec![0.0; most], vec![0.0; most]);
            for values in several() {
                let mean = values.iter().zip(&effects).map(|(value, effect)| value - effect).sum::<f64>() / values.len() as f64;
                for (at, value) in values.iter().enumerate() {
                    sums[at] += value - mean;
                    counts[at] += 1.0;
                }
            }
            effects = sums.iter().zip(&counts).map(|(sum, count)| sum / (count + shrink)).collect();
            let spent = effects.iter().filter(|effect| **effect != 0.0).count() as f64 - 1.0;
            own = (squares(&effects).0 / (freedom - 0.7 * spent).max(freedom / 4.0)).sqrt().min(total);
        }
        // Of what is common to all points there are only as many draws as replications, however many points there are. A few say little: half and half then.
        let days = most as f64;
        let common = ((total * total - own * own) * (days - 1.0) + total * total / 2.0 * DAYS) / (days - 1.0 + DAYS);
        let own_part = total * total - common;
        let blurred = if total > 0.0 { (2.0 * common * common / (days - 1.0) + 2.0 * own_part * own_part / freedom).sqrt() / (2.0 * total) } else { 0.0 };
        Self { of: effects, own: own.max(1e-9), unsure: (common / days).sqrt(), blurred, freedom, days }
    }

    /// The mean effect of the first replications.
    pub(super) fn mean(&self, replications: usize) -> f64 {
        self.of.iter().take(replications).sum::<f64>() / replications.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::Effects;

    #[test]
    fn a_bad_day_is_told_from_a_bad_point() {
        // The first day takes 1 from everyone; own chance is small.
        let day = [-1.0, 0.4, 0.3, 0.2, 0.1];
        let point = |level: f64, own: f64, runs: usize| -> Vec<f64> {
            (0..runs).map(|at| level + day[at] + if (at + runs).is_multiple_of(2) { own } else { -own }).collect()
        };
        let points = [point(5.0, 0.02, 5), point(3.0, 0.03, 4), point(4.0, 0.01, 5), point(2.0, 0.0, 1)];
        let effects = Effects::of(&points.iter().map(Vec::as_slice), 0.1);
        let free = points[3][0] - effects.mean(1);
        assert!((free - 2.0).abs() < 0.15, "{free} of a point of 2 that ran on the bad day only");
        assert!(effects.own < 0.2, "{effects:?}");
    }

    #[test]
    fn nothing_is_assumed_of_days_that_one_point_saw() {
        let effects = Effects::of(&[[1.0, 2.0, 3.0].as_slice(), &[5.0]].into_iter(), 0.1);
        assert_eq!((effects.mean(1), effects.own), (0.0, 1.0));
        let none = Effects::of(&[[5.0].as_slice()].into_iter(), 0.1);
        assert!(none.freedom == 0.0 && none.own == 0.1);
    }
}
