//! What a run is worth: the probability that it leads to a proof, for the runs that the proof takes.

use super::super::evidence::normal_cdf;
use super::super::prove::LEAST;
use super::{Belief, DOUBT, Known};

/// More runs of a point that a proof is planned with.
const PLANS: [u32; 12] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
/// More runs that a proof by yes and no may take before a point in doubt is worth less.
const PATIENCE: f64 = 5.0;
/// How many times further off than they say models may be where nobody looked.
const WRONG: f64 = 3.0;

impl Belief<'_> {
    /// Probability that it is enough to have so much more than it takes, known with this variance.
    pub(super) fn enough(&self, spare: f64, variance: f64, erratic: f64) -> f64 {
        normal_cdf(spare / self.common(0, 0).mul_add(erratic, variance).sqrt().max(1e-6))
    }

    /// Variance of what is unknown of all points alike, after more runs of a point that had `runs`.
    fn common(&self, runs: u32, more: u32) -> f64 {
        let days = self.seen[0].max(f64::from(runs + more));
        self.unsure[0].powi(2) * self.seen[0] / days + self.unsure[1].powi(2) * self.seen[1] / (self.seen[1] + f64::from(more))
    }

    /// Probability that a point that was not run holds, from what the models expect; it may lie at an edge.
    pub(in crate::search) fn prospect(&self, expected: f64, deviation: f64) -> f64 {
        self.enough(expected - self.needed, (DOUBT * deviation).powi(2) + self.rough, 1.0)
    }

    /// The same if the models were as wrong as they hardly are.
    pub(in crate::search) fn perhaps(&self, expected: f64, deviation: f64) -> f64 {
        self.prospect(expected, WRONG * deviation)
    }

    /// What a run of a point that was not run is worth, per unit of gain.
    pub(in crate::search) fn attempt(&self, expected: f64, deviation: f64) -> f64 {
        if self.word {
            return self.prospect(expected, deviation);
        }
        self.rate(expected - self.needed, (DOUBT * deviation).powi(2) + self.rough, 0, 1.0)
    }

    /// The same of a point that was run.
    pub(in crate::search) fn again(&self, known: &Known) -> f64 {
        if known.word {
            return known.chance / if self.proving { known.to_prove.sqrt() } else { (known.to_prove / PATIENCE).max(1.0) };
        }
        known.lost * self.rate(known.spare, known.variance, known.evidence.runs, known.erratic)
    }

    /// Probability that a point will be proved for each run that this takes, by the best number of runs. What is known after some more runs is foreseen: its
    /// variance falls, and the expected value moves by as much as the variance fell.
    fn rate(&self, spare: f64, variance: f64, runs: u32, erratic: f64) -> f64 {
        let own = self.own * erratic;
        let now = self.common(runs, 0).mul_add(erratic, variance);
        let mut best = 0.0_f64;
        let least = LEAST.saturating_sub(runs).max(1);
        for more in PLANS.iter().copied().filter(|more| (least..=self.left.max(least)).contains(more)) {
            let count = f64::from(more);
            let then = self.common(runs, more).mul_add(erratic, variance * own / (own + count * variance).max(1e-18));
            let chance = normal_cdf((spare - self.proof * then.sqrt()) / (now - then).max(1e-12).sqrt());
            // A point that is far from holding shows that at once, one near its bound late.
            let spent = if runs == 0 { chance } else { f64::midpoint(1.0, chance) };
            best = best.max(chance / (count - 1.0).mul_add(spent, 1.0));
        }
        best
    }
}
