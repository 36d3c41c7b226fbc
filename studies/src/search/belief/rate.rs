//! What a run is worth: the probability that it leads to a proof, for the runs that the proof takes.

use super::super::prove::LEAST;
use super::bound::Standing;
use super::{Belief, Known};

/// More runs of a point that a proof is planned with.
const PLANS: [u32; 12] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
/// More runs that a proof by yes and no may take before a point in doubt is worth less.
const PATIENCE: f64 = 5.0;

/// Points that share what is left of the budget.
const SHARED: u32 = 2;

impl Belief<'_> {
    /// Probability that a point holds all that it must: of each bound by itself.
    pub(in crate::search) fn holds(&self, standings: &[Standing]) -> f64 {
        self.bounds.iter().zip(standings).map(|(bound, standing)| bound.enough(standing)).product()
    }

    /// What a run of a point that was not run is worth, per unit of gain.
    pub(in crate::search) fn attempt(&self, foreseen: &[Standing]) -> f64 {
        if self.word { self.holds(foreseen) } else { self.rate(foreseen, 0) }
    }

    /// The same of a point that was run.
    pub(in crate::search) fn again(&self, known: &Known) -> f64 {
        if known.word {
            return known.chance / if self.proving { known.to_prove.sqrt() } else { (known.to_prove / PATIENCE).max(1.0) };
        }
        known.lost * self.rate(&known.standings, known.evidence.runs)
    }

    /// Probability that a point that was run will turn out to hold before the budget ends, with a share of what is left.
    pub(in crate::search) fn provable(&self, known: &Known) -> f64 {
        let more = (self.left / SHARED).max(1);
        let each = self.bounds.iter().zip(&known.standings).map(|(bound, standing)| bound.proved_by(standing, known.evidence.runs, more, self.proof));
        known.likely().min(each.product())
    }

    /// Probability that a point will be proved for each run that this takes, by the best number of runs.
    fn rate(&self, standings: &[Standing], runs: u32) -> f64 {
        let mut best = 0.0_f64;
        let least = LEAST.saturating_sub(runs).max(1);
        for more in PLANS.iter().copied().filter(|more| (least..=self.left.max(least)).contains(more)) {
            let chance: f64 = self.bounds.iter().zip(standings).map(|(bound, standing)| bound.proved_by(standing, runs, more, self.proof)).product();
            // A point that is far from holding shows that at once, one near its bound late.
            let spent = if runs == 0 { chance } else { f64::midpoint(1.0, chance) };
            best = best.max(chance / (f64::from(more) - 1.0).mul_add(spent, 1.0));
        }
        best
    }
}
