//! What to run when hardly anything seems worth a run any more and runs are left: what may make the answer cheaper, or surer.

use super::Search;
use super::belief::{Belief, Known, Standing};
use super::evidence::MANY;
use super::gaussian::Outlook;
use super::propose::{Rival, Scored, WORTH_A_LOOK, improvement};
use super::prove::{LEAST, SEVERAL};

/// Chance for which a point beside the answer is looked at where there is nothing better to do.
const UNLIKELY: f64 = 0.01;
/// A gain, as a share of the cost, for which a point is looked at.
const WORTH_A_GLANCE: f64 = 1e-7;
/// What another point has to save, as a share of the cost, to be worth telling from the answer.
const SAVING: f64 = 0.005;
/// What it is expected to save beyond that, as a share of the cost, from which on it runs again.
const SOME: f64 = 2e-5;
/// Certainty by the number of runs that missed, from which a point is open whatever the models say of it.
const OPEN: f64 = 0.05;
/// The last one in so many runs of the budget makes the answer sure.
const LATE: u32 = 16;
/// Certainty beyond which an answer is not run again.
const CONFIRMED: f64 = 0.995;
/// Probability that nothing cheaper turns out to hold, below which an answer is not worth many runs yet.
const STAYS: f64 = 0.5;
/// Runs of a point for which it is run once more at a time; twice at least.
const GROWTH: u32 = 8;

impl<'s> Search<'s> {
    /// The next runs: of a point beside the answer, of the answer, of one that may yet beat it, of some that the models do not know well, of the answer again.
    /// Empty if nothing is left to do.
    pub(super) fn last(&mut self, belief: &Belief<'s>, size: usize) -> Vec<(usize, u32)> {
        let one = self.beside(belief, UNLIKELY).map(|point| (point, 1)).or_else(|| self.unconfirmed(belief)).or_else(|| self.contested(belief));
        if let Some(one) = one {
            return vec![one];
        }
        let some = self.elsewhere(belief, size);
        if some.is_empty() { self.uncounted(belief).into_iter().collect() } else { some.into_iter().map(|point| (point, 1)).collect() }
    }

    /// Of the points beside the answer that were not run and may be cheaper, the one most likely to hold: models are smooth, and what they model has edges.
    pub(super) fn beside(&self, belief: &Belief<'_>, least: f64) -> Option<usize> {
        let answer = self.proved(belief).or(belief.best.as_ref())?;
        let open = (0..self.space.len()).filter(|point| self.samples[*point].is_empty() && self.space.neighbours(answer.point, *point));
        let scored = open.filter_map(|point| {
            let at = self.space.places[point].as_slice();
            let gain = (answer.cost - belief.cost.mean(at)) / answer.cost.abs().max(1e-12);
            let outlooks: Vec<Outlook> = belief.bounds.iter().map(|bound| bound.process.outlook(at)).collect();
            let value = belief.holds(&belief.foreseen(&outlooks, 1.0, Some(answer)));
            (gain > WORTH_A_LOOK && value > least).then_some(Scored { point, value })
        });
        scored.max_by(|a, b| a.value.total_cmp(&b.value).then(b.point.cmp(&a.point))).map(|scored| scored.point)
    }

    /// The answer as it is now, to be run more often with what is left of the budget, until it is beyond doubt.
    pub(super) fn unconfirmed(&self, belief: &Belief<'_>) -> Option<(usize, u32)> {
        let proved = self.proved(belief)?;
        let sure = proved.modelled.min(proved.evidence.certainty);
        let few = proved.evidence.runs < self.several() && belief.of_use(proved.cost) >= STAYS;
        let late = self.left() <= self.settings.budget / LATE;
        (few || late && sure < CONFIRMED).then_some((proved.point, 2))
    }

    /// A point that was run, may hold and may cost less than the answer; or the answer itself, where it is the one of the two whose cost is less certain.
    fn contested(&self, belief: &Belief<'_>) -> Option<(usize, u32)> {
        let answer = self.proved(belief)?;
        let contest = |known: &Known| {
            let cost = answer.cost.abs().max(1e-12);
            let saves = improvement(answer.cost - known.cost - SAVING * cost, known.cost_unsure.hypot(answer.cost_unsure));
            // Models may be wrong about how runs differ; their number is not.
            let counted = Some(known.evidence.counted).filter(|counted| *counted >= OPEN).unwrap_or_default();
            saves / cost * if self.is_proved(known) { 1.0 } else { belief.provable(known).max(counted) }
        };
        let others = belief.known.iter().filter(|known| !known.is_twin && known.point != answer.point);
        let scored = others.map(|known| (contest(known), known)).filter(|(value, _)| *value > SOME);
        let (_, rival) = scored.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.point.cmp(&a.1.point)))?;
        let next = if self.is_proved(rival) && rival.cost_unsure < answer.cost_unsure { answer } else { rival };
        Some((next.point, (next.evidence.runs / GROWTH).max(2)))
    }

    /// The points that were not run and may be worth most if the models are wrong.
    fn elsewhere(&mut self, belief: &Belief<'s>, size: usize) -> Vec<usize> {
        let pool = self.pool(belief);
        let rivals: Vec<Rival> = self.rough(belief, &pool).into_iter().map(|point| self.rival(belief, point)).collect();
        if let Some(point) = self.pick(belief, &rivals, &[], Some(WORTH_A_GLANCE)) {
            return vec![point];
        }
        // The models rule out all that may be cheaper. They may be sure of it for no reason: what misses least is tried first.
        let Some(bar) = belief.bar else { return Vec::new() };
        let may_save = |rival: &&Rival| improvement(bar - rival.cost.mean, belief.cost.deviation(&rival.cost)) / bar.abs().max(1e-12) > WORTH_A_LOOK;
        let mut cheaper: Vec<&Rival> = rivals.iter().filter(may_save).collect();
        cheaper.sort_by(|a, b| b.tightest().total_cmp(&a.tightest()).then(a.point.cmp(&b.point)));
        cheaper.iter().take(size).map(|rival| rival.point).collect()
    }

    /// The answer as it is now, to be run more often because nothing else is worth it.
    fn uncounted(&self, belief: &Belief<'_>) -> Option<(usize, u32)> {
        let proved = self.proved(belief)?;
        let differs = proved.standings.iter().any(Standing::differs);
        (differs && proved.evidence.runs < MANY).then_some((proved.point, 2))
    }

    /// Runs that an answer has at least, where the budget allows: few that go well may be luck, because margins have tails that no model knows.
    fn several(&self) -> u32 {
        (self.settings.budget / 5).clamp(LEAST, SEVERAL)
    }
}
