//! Which point to run again, to be sure of it, and what the answer is.

use super::belief::{Belief, Known};
use super::evidence::MANY;
use super::{Answer, Candidate, Search};

/// How many times smaller than asked for the risk of one look is.
const LOOKS: f64 = 2.5;
/// Runs of a point before it counts as proved.
pub(super) const LEAST: u32 = 3;
/// Certainty by its own runs alone that a proved point with few runs has at least, in case that the models are wrong there.
const GUARD: f64 = 0.8;
/// Runs of an answer that are enough while there is something else to look at, and that must then make it sure by themselves: a few alike may be luck.
pub(super) const SEVERAL: u32 = 20;
/// Most certain that an answer is said to be: chance is all that is known of it.
const SUREST: f64 = 0.999_999;
/// Certainties of an answer that the budget was too small to prove, the first that any point has.
const PLAUSIBLE: [f64; 4] = [0.95, 0.85, 0.7, 0.5];

impl Search<'_> {
    /// The certainty that ends the doubt about a point: above the confidence asked for, because several points are looked at again and again, and each
    /// look is a chance to be wrong.
    pub(super) fn proof(&self) -> f64 {
        1.0 - (1.0 - self.settings.confidence) / LOOKS
    }

    /// Whether it is proved that a point holds: by the models, which its own runs are part of, without these contradicting; or by its own runs alone.
    pub(super) fn is_proved(&self, known: &Known) -> bool {
        self.is_sure(known, self.proof())
    }

    fn is_sure(&self, known: &Known, least: f64) -> bool {
        let (own, modelled) = (known.evidence.certainty, known.modelled);
        let guard = if known.word { least } else { GUARD };
        let by_models = known.evidence.runs < SEVERAL && own >= guard && modelled >= least;
        known.evidence.runs >= LEAST.min(self.settings.budget) && (by_models || own >= least && (modelled >= GUARD || known.evidence.runs >= MANY))
    }

    /// The cheapest point that is proved.
    pub(super) fn proved<'b>(&self, belief: &'b Belief<'_>) -> Option<&'b Known> {
        belief.known.iter().filter(|known| !known.is_twin && self.is_proved(known)).min_by(|a, b| a.cost.total_cmp(&b.cost).then(a.point.cmp(&b.point)))
    }

    pub(super) fn answer(mut self) -> Answer {
        let complete = self.left() > 0;
        let belief = self.believe();
        let mut known: Vec<Known> = belief.map(|belief| belief.known).unwrap_or_default();
        known.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.point.cmp(&b.point)));
        let sure = |known: &Known| if known.word { known.evidence.certainty.min(known.chance) } else { known.modelled.min(known.evidence.certainty.sqrt()) };
        let others = || known.iter().filter(|known| !known.is_twin);
        let plausible = |least: &f64| others().find(|known| sure(known) >= *least);
        let best = others().find(|known| self.is_sure(known, self.settings.confidence)).or_else(|| PLAUSIBLE.iter().find_map(plausible));
        let candidate = |known: &Known| {
            let super::evidence::Evidence { runs, cost, margin, certainty, .. } = known.evidence;
            Candidate { point: known.point, runs, cost, margin, certainty: certainty.min(SUREST) }
        };
        let runner_up = best.and_then(|best| {
            let other = |known: &&Known| known.point != best.point && known.cost >= best.cost && sure(known) >= 0.5;
            others().find(other).map(candidate)
        });
        let best = best.map(candidate);
        let mut candidates: Vec<Candidate> = known.iter().map(candidate).collect();
        candidates.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.point.cmp(&b.point)));
        let samples = self.tried.iter().map(|point| (*point, self.samples[*point].clone())).collect();
        Answer { best, runner_up, candidates, samples, runs: self.used, screened: self.screened.len() as u32, complete }
    }
}
