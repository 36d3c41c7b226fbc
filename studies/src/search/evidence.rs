//! How certain it is that a point holds what it must, from the runs it has had.

use statrs::distribution::{Beta, ContinuousCDF, Normal, StudentsT};

use sim_core::math::ln;

use super::{Holds, Sample};

/// Most runs that the spread found at other points is worth at a point: points differ.
const PRIOR_RUNS: f64 = 8.0;

/// Means beyond which a point is so far from its bound that its spread is of another size.
pub(super) const NEAR: f64 = 0.4;

/// Margins up to here are left as they are.
const LINEAR: f64 = 0.3;

/// How far runs of one point differ.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread {
    /// Standard deviation of margins.
    pub sd: f64,
    /// Runs that it is known from.
    pub freedom: f64,
}

/// What the runs of one point say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evidence {
    /// Runs.
    pub runs: u32,
    /// Mean of what is minimised.
    pub cost: f64,
    /// How far from the bound, compressed beyond 0.3; positive is good.
    pub margin: f64,
    /// Probability that the point holds.
    pub certainty: f64,
    /// The same without holding against it that it has not run often: one as long as no run missed.
    pub likely: f64,
    /// Runs that missed, where each is judged alone.
    pub failed: u32,
    /// Sum of the squared deviations of its margins, where each run is judged alone.
    pub squares: f64,
}

/// Whether a compressed margin is one of the two of runs that only say yes or no.
pub(super) fn is_word(margin: f64) -> bool {
    (margin.abs() - compress(1.0)).abs() < 1e-9
}

/// A margin without its far ends: what is far on the good side is good enough, and by how far it fails matters little. Near the bound it is left as it is,
/// so that what runs differ by there can be told from points that are farther off.
pub(super) fn compress(margin: f64) -> f64 {
    let beyond = (margin.abs() - LINEAR).max(0.0);
    margin.clamp(-LINEAR, LINEAR) + (LINEAR * ln(1.0 + beyond / LINEAR)).copysign(margin)
}

/// The margin of a run: that of its tightest constraint.
pub(super) fn tightest(sample: &Sample) -> f64 {
    compress(sample.margins.iter().copied().fold(f64::INFINITY, f64::min).min(1e6))
}

/// What is known of a point; `spread` is that of all points.
pub(super) fn of(samples: &[Sample], holds: Holds, spread: Spread) -> Evidence {
    let prior = spread.freedom.clamp(3.0, PRIOR_RUNS);
    let pooled = prior * spread.sd * spread.sd;
    let runs = samples.len() as u32;
    if runs == 0 {
        return Evidence::default();
    }
    let n = f64::from(runs);
    let cost = samples.iter().map(|sample| sample.cost).sum::<f64>() / n;
    match holds {
        Holds::EachRun { share } => {
            let margins: Vec<f64> = samples.iter().map(tightest).collect();
            let margin = margins.iter().sum::<f64>() / n;
            let failed = margins.iter().filter(|margin| **margin <= 0.0).count() as f64;
            // The normal tail, from this point's spread and that of all others.
            let squares: f64 = margins.iter().map(|value| (value - margin).powi(2)).sum();
            let freedom = n - 1.0 + prior;
            let sd = ((squares + pooled) / freedom).sqrt().max(1e-6);
            let z = normal_quantile(share);
            let t = (margin - z * sd) / (sd * (1.0 / n + z * z / (2.0 * freedom)).sqrt());
            let tail = StudentsT::new(0.0, 1.0, freedom).map_or(0.5, |student| student.cdf(t));
            // The count, which assumes nothing: Jeffreys' posterior of the share of runs that fail.
            let counted = Beta::new(failed + 0.5, n - failed + 0.5).map_or(0.5, |beta| beta.cdf(1.0 - share));
            // Margins that have only two values say nothing of a tail; and a failure weighs more than any fit.
            let two_valued = margins.iter().copied().all(is_word);
            let certainty = if two_valued {
                counted
            } else if failed > 0.0 {
                tail.min(counted)
            } else {
                tail
            };
            Evidence { runs, cost, margin, certainty, likely: if failed > 0.0 { certainty.sqrt() } else { 1.0 }, failed: failed as u32, squares }
        }
        Holds::OnAverage => {
            let constraints = samples[0].margins.len();
            let mut all = Evidence { runs, cost, margin: 1.0, certainty: 1.0, likely: 1.0, failed: 0, squares: 0.0 };
            for constraint in 0..constraints {
                let values: Vec<f64> = samples.iter().map(|sample| sample.margins[constraint]).collect();
                let mean = values.iter().sum::<f64>() / n;
                let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
                let freedom = n - 1.0 + prior;
                let sd = ((squares + pooled) / freedom).sqrt().max(1e-6);
                let certainty = StudentsT::new(0.0, 1.0, freedom).map_or(0.5, |student| student.cdf(mean / (sd / n.sqrt())));
                all.margin = all.margin.min(compress(mean));
                all.certainty = all.certainty.min(certainty);
            }
            all
        }
    }
}

/// How far runs of one point differ, over all points that ran more than once, those near their bound if there are any; none if no point did.
pub(super) fn spread<'a>(points: impl Iterator<Item = &'a [Sample]>) -> Option<Spread> {
    let margins: Vec<Vec<f64>> = points.filter(|samples| samples.len() > 1).map(|samples| samples.iter().map(tightest).collect()).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let near = |values: &&Vec<f64>| mean(values).abs() < NEAR;
    let any = margins.iter().any(|values| near(&values));
    let (mut squares, mut freedom) = (0.0, 0.0);
    for values in margins.iter().filter(|values| !any || near(values)) {
        let mean = mean(values);
        squares += values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        freedom += values.len() as f64 - 1.0;
    }
    (freedom > 0.0).then(|| Spread { sd: (squares / freedom).sqrt(), freedom })
}

/// Probability that a standard normal value is below `x`.
pub(super) fn normal_cdf(x: f64) -> f64 {
    Normal::standard().cdf(x)
}

/// The standard normal value that a share of values is below.
pub(super) fn normal_quantile(share: f64) -> f64 {
    Normal::standard().inverse_cdf(share)
}

#[cfg(test)]
mod tests {
    use super::{Holds, Sample, Spread, of};

    const SPREAD: Spread = Spread { sd: 0.02, freedom: 3.0 };

    fn samples(margins: &[f64]) -> Vec<Sample> {
        margins.iter().map(|margin| Sample { cost: 1.0, margins: vec![*margin] }).collect()
    }

    #[test]
    fn certainty_grows_with_runs_and_falls_near_the_bound() {
        let holds = Holds::EachRun { share: 0.95 };
        let far = of(&samples(&[0.5, 0.55, 0.52]), holds, SPREAD).certainty;
        let near = of(&samples(&[0.01, 0.03, 0.02]), holds, SPREAD).certainty;
        let failed = of(&samples(&[0.5, 0.55, -0.1]), holds, SPREAD).certainty;
        assert!(far > 0.99 && near < 0.5 && failed < 0.1, "{far} {near} {failed}");
        assert!(
            of(&samples(&[1.0; 40]), holds, Spread { sd: 0.0, ..SPREAD }).certainty > of(&samples(&[1.0; 10]), holds, Spread { sd: 0.0, ..SPREAD }).certainty
        );
        assert!(of(&samples(&[1.0; 60]), holds, Spread { sd: 0.0, ..SPREAD }).certainty > 0.98, "59 runs without a failure prove 95 % with 95 %");
    }

    #[test]
    fn an_average_may_hold_where_single_runs_do_not() {
        let values = samples(&[0.3, -0.1, 0.25, 0.2, 0.3, 0.15, -0.05, 0.2]);
        assert!(of(&values, Holds::OnAverage, Spread { sd: 0.1, ..SPREAD }).certainty > 0.95);
        assert!(of(&values, Holds::EachRun { share: 0.95 }, Spread { sd: 0.1, ..SPREAD }).certainty < 0.1);
    }
}
