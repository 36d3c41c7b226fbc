//! Which points to run next.

use sim_core::math::exp;
use sim_core::random::below;

use super::Search;
use super::belief::{Belief, EDGE};
use super::evidence::normal_cdf;
use super::gaussian::Outlook;

/// Points looked at closely, and points looked at at all.
const CLOSE: usize = 300;
const POOL: usize = 1500;
/// Every so many batches one proposal goes where least is known.
const EXPLORE: u32 = 4;
/// An expected gain, as a share of the cost, that is not worth a run.
const WORTHLESS: f64 = 3e-6;
/// A gain, as a share of the cost, for which a point beside the answer is run.
pub(super) const WORTH_A_LOOK: f64 = 1e-3;
/// How many times further off than they say models may be where nobody looked.
const WRONG: f64 = 3.0;
/// Chance below which a point that was run is not run again.
const LOST: f64 = 0.01;

/// A point that was not run, and what the models know of it.
pub(super) struct Rival {
    pub point: usize,
    pub cost: Outlook,
    /// Of each bound.
    margins: Vec<Outlook>,
    /// Whether it is beside the best point that likely holds.
    is_beside: bool,
}

impl Rival {
    /// The least of the margins that are expected.
    pub(super) fn tightest(&self) -> f64 {
        self.margins.iter().map(|outlook| outlook.mean).fold(f64::INFINITY, f64::min)
    }
}

pub(super) struct Scored {
    pub point: usize,
    pub value: f64,
}

impl<'s> Search<'s> {
    /// Points that fill the space: both ends, the middle, then always the one of a random few that is farthest from all chosen.
    pub(super) fn start(&mut self) -> Vec<usize> {
        let n = self.space.len();
        let dimensions = self.space.free();
        let count = (2 * dimensions + 4).max(self.settings.budget as usize / 8).min((self.settings.budget as usize).div_ceil(3)).min(n).max(1);
        let mut chosen = vec![n - 1];
        if count > 1 && n > 1 {
            chosen.push(0);
        }
        while chosen.len() < count {
            let mut best: Option<Scored> = None;
            for _ in 0..40 {
                let point = below(&mut self.dice, n as u64) as usize;
                let value = chosen.iter().map(|other| self.distance(point, *other)).fold(f64::INFINITY, f64::min);
                if best.as_ref().is_none_or(|best| value > best.value) {
                    best = Some(Scored { point, value });
                }
            }
            match best {
                Some(best) if best.value > 0.0 => chosen.push(best.point),
                _ => break,
            }
        }
        chosen
    }

    fn distance(&self, a: usize, b: usize) -> f64 {
        let pairs = self.space.coordinates[a].iter().zip(&self.space.coordinates[b]).zip(&self.space.categorical).take(self.space.free());
        pairs.map(|((x, y), categorical)| if *categorical { if (x - y).abs() < 1e-9 { 0.0 } else { 0.25 } } else { (x - y).powi(2) }).sum()
    }

    /// The next points to run once; none if nothing seems worth a run.
    pub(super) fn propose(&mut self, belief: &mut Belief<'s>, size: usize) -> Vec<usize> {
        self.batches += 1;
        let explore = self.batches.is_multiple_of(EXPLORE) && !belief.proving;
        let pool = self.pool(belief);
        let mut rivals: Vec<Rival> = self.rough(belief, &pool).into_iter().map(|point| self.rival(belief, point)).collect();
        let mut chosen: Vec<usize> = Vec::new();
        for place in 0..size {
            let picked = if explore && place == 0 { self.pick(belief, &rivals, &chosen, Some(WORTH_A_LOOK)) } else { None };
            let Some(point) = picked.or_else(|| self.pick(belief, &rivals, &chosen, None)) else { break };
            chosen.push(point);
            if place + 1 < size {
                // Until its runs end, the models' own beliefs stand for it.
                let at = self.space.places[point].as_slice();
                belief.cost.expect(at);
                for bound in &mut belief.bounds {
                    bound.process.expect(at);
                }
                for rival in &mut rivals {
                    let at = self.space.places[rival.point].as_slice();
                    belief.cost.update(&mut rival.cost, at);
                    for (bound, margin) in belief.bounds.iter().zip(&mut rival.margins) {
                        bound.process.update(margin, at);
                    }
                }
            }
        }
        chosen
    }

    /// The points that the means of the models do not rule out, best first, and some others: the means may be wrong.
    pub(super) fn rough(&self, belief: &Belief<'_>, pool: &[usize]) -> Vec<usize> {
        let worth = belief.worth();
        let score = |point: &usize| {
            let at = self.space.places[*point].as_slice();
            let gain = worth(belief.cost.mean(at)).max(-0.02) + 0.02;
            let margin = belief.bounds.iter().map(|bound| bound.process.mean(at)).fold(0.1, f64::min);
            Scored { point: *point, value: gain * exp(margin * 6.0) }
        };
        let mut scored: Vec<Scored> = pool.iter().map(score).collect();
        scored.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.point.cmp(&b.point)));
        let rest = scored.iter().skip(CLOSE).step_by((scored.len() / 100).max(1));
        scored.iter().take(CLOSE).chain(rest).map(|scored| scored.point).collect()
    }

    pub(super) fn rival(&self, belief: &Belief<'_>, point: usize) -> Rival {
        let at = self.space.places[point].as_slice();
        let is_beside = belief.best.as_ref().is_some_and(|best| self.space.neighbours(best.point, point));
        let margins = belief.bounds.iter().map(|bound| bound.process.outlook(at)).collect();
        Rival { point, cost: belief.cost.outlook(at), margins, is_beside }
    }

    pub(super) fn pick(&self, belief: &Belief<'_>, rivals: &[Rival], chosen: &[usize], explore: Option<f64>) -> Option<usize> {
        let worth = belief.worth();
        let mut top: Option<Scored> = None;
        let mut offer = |point: usize, value: f64| {
            if !chosen.contains(&point) && top.as_ref().is_none_or(|top| value > top.value) {
                top = Some(Scored { point, value });
            }
        };
        // Late and with nothing proved, what was run is nearer to a proof than what was not.
        let left = f64::from(self.left()) / f64::from(self.settings.budget);
        let bold = if belief.bar.is_some() || self.screening || left > 0.5 { 1.0 } else { left * left };
        for rival in rivals.iter().filter(|_| !belief.proving) {
            let point = rival.point;
            let (expected, unsure) = (rival.cost.mean, belief.cost.deviation(&rival.cost));
            // A smooth model is wrong at an edge, by a share of the step that it expects there.
            let beside = belief.best.as_ref().filter(|_| rival.is_beside);
            let unsure = unsure.hypot(beside.map_or(0.0, |best| EDGE * (best.cost - expected).abs()));
            let foreseen = |times: f64| belief.foreseen(&rival.margins, times, beside);
            let gain = match belief.bar {
                None => worth(expected).max(0.01),
                Some(bar) => improvement(bar - expected, unsure) / bar.abs().max(1e-12),
            };
            let gain = gain * belief.of_use(expected);
            offer(point, if explore.is_some() { gain * belief.holds(&foreseen(WRONG)) } else { bold * gain * belief.attempt(&foreseen(1.0)) });
        }
        // By rates a second run says no more.
        for known in
            belief.known.iter().filter(|known| !known.is_twin && explore.is_none() && !self.screening && known.likely() >= LOST && !self.is_proved(known))
        {
            offer(known.point, worth(known.cost).max(0.0) * belief.of_use(known.cost) * belief.again(known));
        }
        top.filter(|top| top.value > explore.unwrap_or(WORTHLESS)).map(|top| top.point)
    }

    /// Points not run yet: all of them, or neighbours of the best and a random choice.
    pub(super) fn pool(&mut self, belief: &Belief<'_>) -> Vec<usize> {
        let n = self.space.len();
        let best = belief.best.as_ref().map(|best| best.point);
        let mut pool: Vec<usize> = if n <= POOL {
            (0..n).collect()
        } else {
            let beside = (0..n).filter(|point| best.is_some_and(|best| self.space.neighbours(best, *point)));
            let mut pool: Vec<usize> = beside.collect();
            pool.extend((0..POOL).map(|_| below(&mut self.dice, n as u64) as usize));
            pool.sort_unstable();
            pool.dedup();
            pool
        };
        pool.retain(|point| self.samples[*point].is_empty());
        pool
    }
}

/// Expected improvement of a value that is `gain` better in the mean, with this standard deviation (Jones, Schonlau and Welch 1998).
pub(super) fn improvement(gain: f64, deviation: f64) -> f64 {
    if deviation < 1e-12 {
        return gain.max(0.0);
    }
    let z = gain / deviation;
    let density = exp(-z * z / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
    (gain * normal_cdf(z) + deviation * density).max(0.0)
}
