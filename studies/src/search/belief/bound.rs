//! One thing that must hold: what the runs say of it at each point, and what a model makes of that.

use super::super::effects::Effects;
use super::super::evidence::{self, ASSUMED, Reading, Spread, normal_cdf};
use super::super::gaussian::{Datum, Outlook, Process, Shape};
use super::super::{Sample, Space};
use super::{DOUBT, EDGE};

/// Largest multiple, up or down, of the usual variance that runs of a point are taken to have.
const ERRATIC: f64 = 25.0;
/// Where runs only say yes or no, the models look for points where most say yes.
const MOSTLY: f64 = 0.3;

/// What its runs say of one point.
#[derive(Clone, Copy, Debug)]
pub(in crate::search) struct Standing {
    /// Margin without what its replications do to all points.
    pub margin: f64,
    /// By how much it is more than it takes, and the variance of that.
    pub spare: f64,
    pub variance: f64,
    /// Variance of its runs, as a multiple of that of runs of a point that just holds.
    pub erratic: f64,
    /// Sum of the squared deviations of its runs.
    squares: f64,
    /// More runs than one.
    more: f64,
}

impl Standing {
    /// Whether its runs differ.
    pub(in crate::search) fn differs(&self) -> bool {
        self.squares > 0.0
    }
}

/// What was read of all runs.
pub(super) struct Seen {
    pub reading: Reading,
    /// How far runs of a point differ.
    pub spread: Spread,
    /// By point, in the order of their first runs.
    pub standings: Vec<Standing>,
    effects: Effects,
    needed: f64,
    tail: f64,
    /// Standard deviation of runs of a point that just holds; one where runs only say yes or no.
    usual: f64,
    word: bool,
}

impl Seen {
    /// Reads the runs of points, of which only those count that are `own` for what points have in common. A point holds if its mean margin is so many
    /// standard deviations (`tail`) above zero; with `word`, runs only say yes or no.
    pub(super) fn of(reading: Reading, points: &[&[Sample]], own: &[bool], tail: f64, word: bool) -> Self {
        let values: Vec<Vec<f64>> = points.iter().map(|samples| samples.iter().map(|sample| reading.of(sample)).collect()).collect();
        let each = || values.iter().zip(own).filter(|(_, own)| **own).map(|(values, _)| values.as_slice());
        let spread = evidence::spread(each()).unwrap_or(ASSUMED);
        // Chance far from the bound is of another size and does not matter.
        let near = |values: &[f64]| values.iter().sum::<f64>().abs() < evidence::NEAR * values.len() as f64;
        let close = each().filter(|values| values.len() > 1 && near(values)).count() > 1;
        let needed = if word { MOSTLY } else { spread.least(tail) };
        let found: Vec<evidence::Differing> = values.iter().map(|values| evidence::differing(values)).collect();
        // By how much runs of each point differ; values are looked at in this unit.
        let scales: Vec<f64> = found.iter().map(|found| if word { 1.0 } else { spread.sd(reading.settled(found.mean)) }).collect();
        let scaled: Vec<Vec<f64>> = values.iter().zip(&scales).map(|(values, scale)| values.iter().map(|value| value / scale).collect()).collect();
        let used = values.iter().zip(&scaled).zip(own).filter(|((values, _), own)| **own && (!close || near(values))).map(|((_, scaled), _)| scaled.as_slice());
        let effects = Effects::of(&used, if word { spread.sd(0.0) } else { 1.0 });
        let usual = if word { 1.0 } else { spread.sd(needed) };
        let standings = found.iter().zip(&scales).map(|(found, scale)| Standing {
            margin: reading.settled(found.mean - scale * effects.mean(found.freedom as usize + 1)),
            spare: 0.0,
            variance: 0.0,
            erratic: (scale / usual).powi(2).clamp(1.0 / ERRATIC, ERRATIC),
            squares: found.squares,
            more: found.freedom,
        });
        Self { reading, spread, standings: standings.collect(), effects, needed, tail, usual, word }
    }

    /// The model of this shape through the data, and what all points have in common.
    pub(super) fn modelled<'s>(&self, shape: &Shape, space: &Space, data: &[Datum<'s>]) -> Option<Bound<'s>> {
        let own = (self.usual * self.effects.own).powi(2);
        let least = if self.effects.freedom > 0.0 && !self.word { own } else { 0.0 };
        let process = Process::fit_with_noise(shape, space, data, least)?.doubted();
        let rough = if self.word { 0.0 } else { (process.noise() - own).max(0.0) };
        // What it takes is known as well as the spread is.
        let unsure = [self.usual * self.effects.unsure, if self.word { 0.0 } else { self.usual * self.tail * self.effects.blurred }];
        let seen = [self.effects.days, self.effects.freedom.max(1.0)];
        Some(Bound { process, needed: self.needed, tail: self.tail, spread: self.spread, word: self.word, unsure, seen, own, rough })
    }
}

/// What is believed of one thing that must hold.
#[derive(Debug)]
pub(in crate::search) struct Bound<'s> {
    pub process: Process<'s>,
    /// What the mean margin of a point must be for it to hold, if its runs differ as they do at most points.
    needed: f64,
    /// Standard deviations that the mean margin must be above zero; zero where the mean itself counts.
    tail: f64,
    spread: Spread,
    word: bool,
    /// Standard deviation of the error of what all points have in common, from the level of the replications and from what it takes.
    unsure: [f64; 2],
    /// What these errors fall with: replications seen, and runs beyond the first of a point.
    seen: [f64; 2],
    /// Variance of a run at a point that just holds, beside what its replication does to all.
    pub own: f64,
    /// Variance of what no smooth model of the margin explains: edges and steps.
    rough: f64,
}

impl Bound<'_> {
    /// Judges a point that was run: what its neighbours say and what its own runs say, each as sure as it is. `place` is that of the point in the data.
    pub(super) fn judge(&self, standing: &mut Standing, place: Option<usize>, at: &[usize]) {
        let (expected, deviation) = match place {
            Some(place) if !self.word => {
                let (by_others, variance) = self.process.without(place);
                super::weighed(by_others, variance + self.rough, standing.margin, self.own * standing.erratic / (standing.more + 1.0))
            }
            _ => self.process.predict(at),
        };
        let needed = if self.word { self.needed } else { self.tail * self.spread.sd_of(standing.margin, standing.squares, standing.more) };
        (standing.spare, standing.variance) = (expected - needed, (DOUBT * deviation).powi(2));
    }

    /// What the model expects of a point that was not run, as a standing, with so many times more doubt than the model has. Beside a point that was run, whose
    /// standing is `known`, a smooth model is wrong at an edge, by a share of the step that it expects there.
    pub(super) fn foreseen(&self, outlook: &Outlook, times: f64, known: Option<&Standing>) -> Standing {
        let edge = known.map_or(0.0, |known| EDGE * (known.margin - outlook.mean).abs());
        let deviation = times * self.process.deviation(outlook).hypot(edge);
        let variance = (DOUBT * deviation).powi(2) + self.rough;
        Standing { margin: outlook.mean, spare: outlook.mean - self.needed, variance, erratic: 1.0, squares: 0.0, more: 0.0 }
    }

    /// Probability that it holds.
    pub(super) fn enough(&self, standing: &Standing) -> f64 {
        normal_cdf(standing.spare / self.common(0, 0).mul_add(standing.erratic, standing.variance).sqrt().max(1e-6))
    }

    /// Probability that a point with so many runs is proved by so many more. What is known then is foreseen: the variance falls, and the expected value moves
    /// by as much as the variance fell. `proof` is how many standard deviations prove it.
    pub(super) fn proved_by(&self, standing: &Standing, runs: u32, more: u32, proof: f64) -> f64 {
        let Standing { spare, variance, erratic, .. } = *standing;
        let own = self.own * erratic;
        let now = self.common(runs, 0).mul_add(erratic, variance);
        let then = self.common(runs, more).mul_add(erratic, variance * own / (own + f64::from(more) * variance).max(1e-18));
        normal_cdf((spare - proof * then.sqrt()) / (now - then).max(1e-12).sqrt())
    }

    /// Variance of what is unknown of all points alike, after more runs of a point that had `runs`.
    fn common(&self, runs: u32, more: u32) -> f64 {
        let days = self.seen[0].max(f64::from(runs + more));
        self.unsure[0].powi(2) * self.seen[0] / days + self.unsure[1].powi(2) * self.seen[1] / (self.seen[1] + f64::from(more))
    }
}
