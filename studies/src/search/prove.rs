//! Which point to run again, to be sure of it, and what the answer is.

use super::belief::{Belief, Known};
use super::{Answer, Candidate, Search};

/// Chance of a point that is counted on before anything is proved.
const LIKELY: f64 = 0.8;
/// Chance below which a point is out of the race.
const LOST: f64 = 0.05;
/// How many times smaller than asked for the risk of one look is.
const LOOKS: f64 = 2.5;
/// Chance from which a point is run again however many runs its proof takes.
const EVEN: f64 = 0.3;
/// The same while nothing is proved.
const HOPELESS: f64 = 0.003;
/// Runs of a point before it counts as proved.
pub(super) const LEAST: u32 = 3;
/// Certainty by its own runs alone that a proved point has at least, in case that the models are wrong there.
const GUARD: f64 = 0.8;
/// Certainty beyond which an answer is not run again.
const CONFIRMED: f64 = 0.995;
/// A gain, as a share of the cost, that is not worth a proof.
const WORTHLESS: f64 = 5e-4;
/// Certainties of an answer that the budget was too small to prove, the first that any point has.
const PLAUSIBLE: [f64; 4] = [0.95, 0.85, 0.7, 0.5];

impl Search<'_> {
    /// The certainty that ends the doubt about a point: above the confidence asked for, because several points are looked at again and again, and each
    /// look is a chance to be wrong.
    fn proof(&self) -> f64 {
        1.0 - (1.0 - self.settings.confidence) / LOOKS
    }

    /// Whether it is proved that a point holds: by the models, which its own runs are part of, without these contradicting; or by its own runs alone.
    pub(super) fn is_proved(&self, known: &Known) -> bool {
        self.is_sure(known, self.proof())
    }

    fn is_sure(&self, known: &Known, least: f64) -> bool {
        let own = if known.word { least } else { GUARD };
        known.evidence.runs >= LEAST.min(self.settings.budget) && known.evidence.certainty >= own && known.modelled >= least
    }

    /// The cheapest point that is proved.
    pub(super) fn proved<'b>(&self, belief: &'b Belief<'_>) -> Option<&'b Known> {
        belief.known.iter().filter(|known| self.is_proved(known)).min_by(|a, b| a.cost.total_cmp(&b.cost).then(a.point.cmp(&b.point)))
    }

    /// The point whose proof is worth most for its runs, and how many runs to give it.
    pub(super) fn doubtful(&self, belief: &Belief<'_>) -> Option<(usize, u32)> {
        let most = (self.settings.budget / 2).max(2 * LEAST);
        let proved = self.proved(belief).map(|proved| proved.cost);
        // With nothing to lose any point may be the one.
        let least = if proved.is_some() { LOST } else { HOPELESS };
        let open = |known: &&Known| known.likely() >= least && known.evidence.runs < most && !self.is_proved(known);
        // Until something is proved, the dearest point that holds is what there is.
        let likely = belief.known.iter().filter(|known| known.likely() >= LIKELY).map(|known| known.cost).max_by(f64::total_cmp);
        let bar = proved.or(likely.map(|cost| cost + 0.05 * cost.abs()));
        let gain = |known: &Known| bar.map_or(1.0, |bar| (bar - known.cost) / bar.abs().max(1e-12));
        // By the root of their number: what is dear to prove may be worth it, and what is cheap to prove may gain little.
        let value = |known: &Known| gain(known) * known.likely() / known.to_prove.sqrt();
        // What the rest of the budget cannot prove is left alone once something holds.
        let in_reach = |known: &&Known| proved.is_none() || known.likely() >= EVEN || known.to_prove <= 2.0 * f64::from(self.left());
        let chosen = belief.known.iter().filter(open).filter(|known| gain(known) > WORTHLESS).filter(in_reach);
        let chosen = chosen.max_by(|a, b| value(a).total_cmp(&value(b)).then(b.point.cmp(&a.point)));
        chosen.map(|known| (known.point, (known.to_prove as u32).clamp(2, 4)))
    }

    /// The answer as it is now, to be run more often with what is left of the budget, until it is beyond doubt.
    pub(super) fn unconfirmed(&self, belief: &Belief<'_>) -> Option<(usize, u32)> {
        let proved = self.proved(belief)?;
        let sure = proved.modelled.min(proved.evidence.certainty);
        (sure < CONFIRMED).then_some((proved.point, 2))
    }

    pub(super) fn answer(mut self) -> Answer {
        let belief = self.believe();
        let mut known: Vec<Known> = belief.map(|belief| belief.known).unwrap_or_default();
        known.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.point.cmp(&b.point)));
        let sure = |known: &Known| if known.word { known.evidence.certainty.min(known.chance) } else { known.modelled.min(known.evidence.certainty.sqrt()) };
        let plausible = |least: &f64| known.iter().find(|known| sure(known) >= *least);
        let best = known.iter().find(|known| self.is_sure(known, self.settings.confidence)).or_else(|| PLAUSIBLE.iter().find_map(plausible));
        let candidate = |known: &Known| {
            let super::evidence::Evidence { runs, cost, margin, certainty, .. } = known.evidence;
            Candidate { point: known.point, runs, cost, margin, certainty }
        };
        let runner_up = best.and_then(|best| {
            let other = |known: &&Known| known.point != best.point && known.cost >= best.cost && sure(known) >= 0.5;
            known.iter().find(other).map(candidate)
        });
        let best = best.map(candidate);
        let mut candidates: Vec<Candidate> = known.iter().map(candidate).collect();
        candidates.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.point.cmp(&b.point)));
        let samples = self.tried.iter().map(|point| (*point, self.samples[*point].clone())).collect();
        Answer { best, runner_up, candidates, samples, runs: self.used, screened: self.screened.len() as u32 }
    }
}
