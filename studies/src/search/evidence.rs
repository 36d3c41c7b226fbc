//! How certain it is that a point holds what it must, from the runs it has had.

use statrs::distribution::{Beta, ContinuousCDF, Normal, StudentsT};
use statrs::function::gamma::ln_gamma;

use sim_core::math::{exp, ln};

use super::{Holds, Sample};

/// Means beyond which a point is so far from its bound that its spread is of another size.
pub(super) const NEAR: f64 = 0.4;

/// Margins up to here are left as they are.
const LINEAR: f64 = 0.3;

/// Margins beyond which the spread is that at this margin.
const REACH: f64 = 0.5;
/// Slopes of the logarithm of the variance over the margin that are tried, and how far from none is usual.
const SLOPES: std::ops::RangeInclusive<i32> = -12..=6;
const USUAL_SLOPE: f64 = 3.0;
/// Runs that the trend may be worth at a point, and what it is worth before it is known how much points differ.
const WORTHS: [f64; 5] = [2.0, 4.0, 8.0, 16.0, 32.0];
const USUAL_WORTH: f64 = 16.0;
/// How much likelier, as a logarithm, another worth has to be for each step from the usual one.
const UNUSUAL: f64 = 2.0;
/// Most runs that the trend is worth where the runs of a point judge it alone.
const MOST: f64 = 8.0;
/// A margin that is as good, or as bad, as any.
const MUCH: f64 = 1e6;
/// Runs of a point whose number says enough: as many without a failure as prove that 95 of 100 hold.
pub(super) const MANY: u32 = 59;
/// Sums of squares below which runs do not differ.
const NOTHING: f64 = 1e-12;

/// How far runs of one point differ. Mostly overload is erratic and room to spare is not, so the variance of margins has a trend: its logarithm falls or rises
/// with the margin. Points differ from the trend, too, as if their variances were drawn from an inverse chi-square distribution (Smyth 2004, Linear models
/// and empirical Bayes methods).
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread {
    /// Variance of margins at the bound.
    pub variance: f64,
    /// By how much its logarithm rises with the margin.
    pub slope: f64,
    /// Runs of a point that the trend is worth there.
    pub worth: f64,
    /// Runs that all this is known from.
    pub freedom: f64,
}

impl Spread {
    /// Standard deviation of the margins of runs of a point with this mean.
    pub(super) fn sd(&self, margin: f64) -> f64 {
        (self.variance * exp(self.slope * margin.clamp(-REACH, REACH))).sqrt().max(1e-6)
    }

    /// The mean margin of a point that is so many standard deviations above zero.
    pub(super) fn least(&self, deviations: f64) -> f64 {
        let (mut low, mut high) = (0.0, 10.0);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if middle < deviations * self.sd(middle) { low = middle } else { high = middle }
        }
        high
    }

    /// The same of a point with so many runs more than one whose squared deviations have this sum.
    pub(super) fn sd_of(&self, margin: f64, squares: f64, more: f64) -> f64 {
        ((self.worth * self.sd(margin).powi(2) + squares) / (self.worth + more)).sqrt()
    }
}

/// Before any point ran twice.
pub(super) const ASSUMED: Spread = Spread { variance: 4e-4, slope: 0.0, worth: 8.0, freedom: 0.0 };

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
    /// The same by how many of them missed alone, where each is judged.
    pub counted: f64,
    /// The same without holding against it that it has not run often: one as long as no run missed.
    pub likely: f64,
    /// Runs that missed, where each is judged alone.
    pub failed: u32,
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

/// Whether two runs are so much alike that their points are one system: to the last digit, in figures that hardly agree by chance.
pub(super) fn are_twins(a: &Sample, b: &Sample) -> bool {
    let says_much = |margin: &f64| (1e-6..1.0).contains(&margin.abs());
    a == b && a.margins.iter().any(says_much)
}

/// The margin of a run: that of its tightest constraint.
pub(super) fn tightest(sample: &Sample) -> f64 {
    compress(sample.margins.iter().copied().fold(f64::INFINITY, f64::min).min(MUCH))
}

/// What is looked at of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The margin of the tightest constraint.
    Tightest,
    /// That of one constraint.
    Each(usize),
    /// The same as it is: what counts is the mean over runs.
    Plain(usize),
}

impl Reading {
    pub(super) fn of(self, sample: &Sample) -> f64 {
        match self {
            Self::Tightest => tightest(sample),
            Self::Each(constraint) => compress(sample.margins[constraint].min(MUCH)),
            Self::Plain(constraint) => sample.margins[constraint].clamp(-MUCH, MUCH),
        }
    }

    /// The margin of a point, from the mean of what is read of its runs.
    pub(super) fn settled(self, mean: f64) -> f64 {
        if matches!(self, Self::Plain(_)) { compress(mean) } else { mean }
    }
}

/// What to look at: each constraint by itself that is the tightest in any run. One that fails in some runs hides in the tightest behind one that is always
/// near, and each is smoother than the least of all. Where some constraint only says yes or no, the tightest of all is looked at.
pub(super) fn readings<'a>(runs: &(impl Iterator<Item = &'a Sample> + Clone), holds: Holds) -> Vec<Reading> {
    let constraints = runs.clone().next().map_or(0, |sample| sample.margins.len());
    let is_tightest = |constraint: &usize| runs.clone().any(|sample| sample.margins.iter().all(|other| *other >= sample.margins[*constraint]));
    let only_words = |constraint: usize| runs.clone().all(|sample| is_word(compress(sample.margins[constraint])));
    match holds {
        Holds::OnAverage => (0..constraints).filter(is_tightest).map(Reading::Plain).collect(),
        Holds::EachRun { .. } if constraints < 2 || (0..constraints).any(only_words) => vec![Reading::Tightest],
        Holds::EachRun { .. } => (0..constraints).filter(is_tightest).map(Reading::Each).collect(),
    }
}

/// What is known of a point from what is read of its runs, each reading with how far runs of one point differ in it.
pub(super) fn of(samples: &[Sample], holds: Holds, readings: &[(Reading, Spread)]) -> Evidence {
    let runs = samples.len() as u32;
    if runs == 0 {
        return Evidence::default();
    }
    let n = f64::from(runs);
    let cost = samples.iter().map(|sample| sample.cost).sum::<f64>() / n;
    let (mut margin, mut certainty) = (f64::INFINITY, 1.0);
    for (reading, spread) in readings {
        let values: Vec<f64> = samples.iter().map(|sample| reading.of(sample)).collect();
        let Differing { mean, squares, .. } = differing(&values);
        margin = reading.settled(mean).min(margin);
        // The normal tail, from this point's spread and that of all others.
        let prior = spread.worth.min(spread.freedom).clamp(3.0, MOST);
        let freedom = n - 1.0 + prior;
        let sd = ((squares + prior * spread.sd(reading.settled(mean)).powi(2)) / freedom).sqrt().max(1e-6);
        let z = match holds {
            Holds::EachRun { share } => normal_quantile(share),
            Holds::OnAverage => 0.0,
        };
        let t = (mean - z * sd) / (sd * (1.0 / n + z * z / (2.0 * freedom)).sqrt());
        certainty *= StudentsT::new(0.0, 1.0, freedom).map_or(0.5, |student| student.cdf(t));
    }
    let Holds::EachRun { share } = holds else { return Evidence { runs, cost, margin, certainty, counted: certainty, likely: 1.0, failed: 0 } };
    let failed = samples.iter().filter(|sample| tightest(sample) <= 0.0).count() as f64;
    // The count, which assumes nothing: Jeffreys' posterior of the share of runs that fail.
    let counted = Beta::new(failed + 0.5, n - failed + 0.5).map_or(0.5, |beta| beta.cdf(1.0 - share));
    // Margins that have only two values say nothing of a tail; a failure weighs more than any fit; and many runs need none.
    if samples.iter().all(|sample| is_word(tightest(sample))) {
        certainty = counted;
    } else if runs >= MANY {
        certainty = if failed > 0.0 { counted } else { counted.max(certainty) };
    } else if failed > 0.0 {
        certainty = counted.min(certainty);
    }
    Evidence { runs, cost, margin, certainty, counted, likely: if failed > 0.0 { certainty.sqrt() } else { 1.0 }, failed: failed as u32 }
}

/// How far runs of one point differ, from what was read of the runs of each point; none if no point ran more than once.
pub(super) fn spread<'a>(points: impl Iterator<Item = &'a [f64]>) -> Option<Spread> {
    let of = |values: &[f64]| {
        let found = differing(values);
        Differing { mean: found.mean.clamp(-REACH, REACH), squares: found.squares.max(NOTHING), ..found }
    };
    let points: Vec<Differing> = points.filter(|values| values.len() > 1).map(of).collect();
    let freedom: f64 = points.iter().map(|point| point.freedom).sum();
    let trend = |slope: f64| {
        let variance = points.iter().map(|point| point.squares * exp(-slope * point.mean)).sum::<f64>() / freedom;
        let likelihood: f64 = points.iter().map(|point| -point.freedom / 2.0 * (ln(variance) + slope * point.mean)).sum();
        (likelihood - (slope / USUAL_SLOPE).powi(2) / 2.0, slope, variance)
    };
    let (_, slope, variance) = SLOPES.map(|slope| trend(f64::from(slope))).filter(|trend| trend.0.is_finite()).max_by(|a, b| a.0.total_cmp(&b.0))?;
    let worth = |worth: f64| {
        let each = points.iter().map(|point| {
            let (half, prior) = (point.freedom / 2.0, worth * variance * exp(slope * point.mean));
            ln_gamma(worth / 2.0 + half) - ln_gamma(worth / 2.0) + worth / 2.0 * ln(prior) - (worth / 2.0 + half) * ln(prior + point.squares)
        });
        each.sum::<f64>() - UNUSUAL * ln(worth / USUAL_WORTH).abs()
    };
    let worth = WORTHS.into_iter().max_by(|a, b| worth(*a).total_cmp(&worth(*b)))?;
    Some(Spread { variance, slope, worth, freedom })
}

/// By how much values differ from their mean.
pub(super) fn differing(values: &[f64]) -> Differing {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    Differing { mean, squares: values.iter().map(|value| (value - mean).powi(2)).sum(), freedom: values.len() as f64 - 1.0 }
}

/// What was read of the runs of a point.
pub(super) struct Differing {
    pub mean: f64,
    /// Sum of squared deviations.
    pub squares: f64,
    /// Runs beyond the first.
    pub freedom: f64,
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
    use super::{Holds, Reading, Sample, Spread, are_twins, of, readings, spread};

    const SPREAD: Spread = Spread { variance: 4e-4, slope: 0.0, worth: 8.0, freedom: 3.0 };

    fn samples(margins: &[f64]) -> Vec<Sample> {
        margins.iter().map(|margin| Sample { cost: 1.0, margins: vec![*margin] }).collect()
    }

    fn of_margins(margins: &[f64], holds: Holds, spread: Spread) -> super::Evidence {
        of(&samples(margins), holds, &[(readings(&samples(margins).iter(), holds)[0], spread)])
    }

    #[test]
    fn certainty_grows_with_runs_and_falls_near_the_bound() {
        let holds = Holds::EachRun { share: 0.95 };
        let far = of_margins(&[0.5, 0.55, 0.52], holds, SPREAD).certainty;
        let near = of_margins(&[0.01, 0.03, 0.02], holds, SPREAD).certainty;
        let failed = of_margins(&[0.5, 0.55, -0.1], holds, SPREAD).certainty;
        assert!(far > 0.99 && near < 0.5 && failed < 0.1, "{far} {near} {failed}");
        assert!(
            of_margins(&[1.0; 40], holds, Spread { variance: 0.0, ..SPREAD }).certainty
                > of_margins(&[1.0; 10], holds, Spread { variance: 0.0, ..SPREAD }).certainty
        );
        assert!(of_margins(&[1.0; 60], holds, Spread { variance: 0.0, ..SPREAD }).certainty > 0.98, "59 runs without a failure prove 95 % with 95 %");
    }

    #[test]
    fn many_runs_count_whatever_they_look_like() {
        // Either just enough or plenty: a normal tail would reach far below zero.
        let runs = |failed: usize, all: usize| -> Vec<f64> {
            (0..all)
                .map(|run| {
                    if run < failed {
                        -0.02
                    } else if run.is_multiple_of(2) {
                        0.01
                    } else {
                        0.9
                    }
                })
                .collect()
        };
        let certainty = |failed: usize, all: usize| of_margins(&runs(failed, all), Holds::EachRun { share: 0.95 }, SPREAD).certainty;
        assert!(certainty(0, 20) < 0.2 && certainty(0, 60) > 0.98, "{} {}", certainty(0, 20), certainty(0, 60));
        assert!(certainty(3, 200) > 0.98 && certainty(3, 60) < 0.8, "{} {}", certainty(3, 200), certainty(3, 60));
    }

    #[test]
    fn overload_is_erratic_and_room_to_spare_is_not() {
        let points = [[-0.4, -0.1, -0.3, 0.0], [-0.25, 0.05, -0.1, 0.1], [0.3, 0.31, 0.29, 0.3], [0.2, 0.22, 0.21, 0.19]];
        let found = spread(points.iter().map(<[f64; 4]>::as_slice)).unwrap();
        assert!(found.slope < -2.0 && found.sd(0.25) < 0.05 && found.sd(-0.2) > 0.1, "{found:?}");
        let least = found.least(1.645);
        assert!((least - 1.645 * found.sd(least)).abs() < 1e-3, "{least}");
        let alike = [[-0.1, -0.14], [0.0, 0.03], [0.2, 0.24], [0.3, 0.27]];
        assert!(spread(alike.iter().map(<[f64; 2]>::as_slice)).unwrap().slope.abs() < 3.0);
    }

    #[test]
    fn twins_agree_to_the_last_digit_in_a_figure_that_says_much() {
        let run = |cost: f64, margin: f64| Sample { cost, margins: vec![5.0, margin] };
        assert!(are_twins(&run(1.5, 0.123), &run(1.5, 0.123)));
        assert!(!are_twins(&run(1.5, 0.123), &run(1.5, 0.124)) && !are_twins(&run(1.5, 0.123), &run(1.6, 0.123)));
        assert!(!are_twins(&run(1.5, 5.0), &run(1.5, 5.0)), "much too good says nothing");
    }

    #[test]
    fn an_average_may_hold_where_single_runs_do_not() {
        let values = [0.3, -0.1, 0.25, 0.2, 0.3, 0.15, -0.05, 0.2];
        assert!(of_margins(&values, Holds::OnAverage, Spread { variance: 0.01, ..SPREAD }).certainty > 0.95);
        assert!(of_margins(&values, Holds::EachRun { share: 0.95 }, Spread { variance: 0.01, ..SPREAD }).certainty < 0.1);
    }

    #[test]
    fn a_constraint_that_fails_now_and_then_does_not_hide_behind_one_that_is_always_near() {
        // The first has five standard deviations to spare and is the tightest of all these runs; the second fails in one of ten.
        let each = |margins: [f64; 2]| Sample { cost: 1.0, margins: margins.into() };
        let runs = [[0.10, 0.30], [0.12, 0.14], [0.08, 0.45], [0.11, 0.22], [0.10, 0.60], [0.09, 0.12]].map(each);
        let holds = Holds::EachRun { share: 0.95 };
        let more = [each([0.2, 0.1])];
        let found = readings(&runs.iter().chain(&more), holds);
        assert_eq!(found, [Reading::Each(0), Reading::Each(1)]);
        let apart = of(&runs, holds, &[(found[0], SPREAD), (found[1], Spread { variance: 0.04, ..SPREAD })]).certainty;
        let together = of(&runs, holds, &[(Reading::Tightest, SPREAD)]).certainty;
        assert!(together > 0.95 && apart < 0.5, "{together} {apart}");
        let words = [each([0.1, 1.0]), each([0.2, -1.0])];
        assert_eq!(readings(&words.iter(), holds), [Reading::Tightest], "yes and no have no spread");
    }
}
