//! What runs of each point cost.

use super::super::Sample;
use super::super::effects::Effects;
use super::super::evidence::differing;

/// Runs that what is usual is worth at one point.
const WORTH: f64 = 2.0;
/// What costs of one point's runs differ by, relative to them, before any ran twice.
const ASSUMED: f64 = 1e-4;

/// What runs of each point cost.
#[derive(Debug)]
pub(super) struct Costs {
    /// Means, without what replications do to all points.
    pub of_points: Vec<f64>,
    /// How many times further than usually costs of a point's runs differ: those of reserved machines alone do not, those of machines by the second do.
    pub scales: Vec<f64>,
    /// Standard deviation of the costs of a usual point's runs beside what replications do to all, relative to them.
    pub own: f64,
}

impl Costs {
    /// Reads the runs of points, of which only those count that are `own` for what points have in common.
    pub(super) fn of(points: &[&[Sample]], own: &[bool]) -> Self {
        let means: Vec<f64> = points.iter().map(|samples| samples.iter().map(|sample| sample.cost).sum::<f64>() / samples.len() as f64).collect();
        let relative =
            |(samples, mean): (&&[Sample], &f64)| -> Vec<f64> { samples.iter().map(|sample| (sample.cost - mean) / mean.abs().max(1e-12)).collect() };
        let relative: Vec<Vec<f64>> = points.iter().zip(&means).map(relative).collect();
        let found: Vec<(f64, f64)> = relative.iter().map(|values| differing(values)).map(|found| (found.squares, found.freedom)).collect();
        let all = found.iter().zip(own).filter(|(_, own)| **own).fold((0.0, 0.0), |sum, ((squares, freedom), _)| (sum.0 + squares, sum.1 + freedom));
        let usual = all.0 / f64::max(all.1, 1.0);
        let scale = |(squares, freedom): &(f64, f64)| if usual > 0.0 { ((WORTH + squares / usual) / (WORTH + freedom)).sqrt() } else { 1.0 };
        let scales: Vec<f64> = found.iter().map(scale).collect();
        let scaled: Vec<Vec<f64>> = relative.iter().zip(&scales).map(|(values, scale)| values.iter().map(|value| value / scale).collect()).collect();
        let effects = Effects::of(&scaled.iter().zip(own).filter(|(_, own)| **own).map(|(values, _)| values.as_slice()), ASSUMED);
        let of_points = means.iter().zip(&scales).zip(points).map(|((mean, scale), samples)| mean - mean.abs() * scale * effects.mean(samples.len()));
        Self { of_points: of_points.collect(), scales, own: effects.own }
    }
}

#[cfg(test)]
mod tests {
    use super::{Costs, Sample};

    #[test]
    fn a_busy_day_costs_nothing_where_machines_are_reserved() {
        // By the second the first day costs a tenth more, the others less; reserved machines cost the same every day.
        let days = [0.1, -0.04, -0.03, -0.03, 0.02, -0.02];
        let runs = |cost: f64, share: f64, runs: usize| -> Vec<Sample> {
            days.iter().take(runs).map(|day| Sample { cost: cost * share.mul_add(*day, 1.0), margins: vec![0.1] }).collect()
        };
        let points = [runs(2.0, 1.0, 6), runs(3.0, 1.0, 6), runs(1.0, 0.0, 6), runs(4.0, 1.0, 1)];
        let points: Vec<&[Sample]> = points.iter().map(Vec::as_slice).collect();
        let costs = Costs::of(&points, &[true; 4]);
        let off = |point: usize, truth: f64| (costs.of_points[point] / truth - 1.0).abs();
        assert!(off(2, 1.0) < 1e-3 && costs.scales[2] < 0.6 && costs.scales[0] > 1.0, "{costs:?}");
        assert!(off(3, 4.0) < 0.06, "{costs:?}: it ran on the busy day only, and seemed a tenth too dear");
    }
}
