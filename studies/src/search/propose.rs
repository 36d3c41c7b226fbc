//! Which points to run next.

use sim_core::math::exp;
use sim_core::random::below;

use super::Search;
use super::belief::Belief;
use super::evidence::normal_cdf;
use super::gaussian::Process;

/// Points looked at closely, and points looked at at all.
const CLOSE: usize = 300;
const POOL: usize = 1500;
/// Every so many batches one proposal goes where least is known.
const EXPLORE: u32 = 4;
/// A gain, as a share of the cost, that is not worth a run.
const WORTHLESS: f64 = 1e-5;
/// How much more a point beside the one to beat is worth: models miss what lies between grid points.
const BESIDE: f64 = 3.0;
/// Chance beyond which a point need not run again before its proof.
const SETTLED: f64 = 0.93;
/// More runs that a proof may take before a point in doubt is worth less.
const PATIENCE: f64 = 5.0;
/// Chance below which a point that was run is not run again.
const LOST: f64 = 0.08;

struct Scored {
    point: usize,
    value: f64,
}

impl Search<'_> {
    /// Points that fill the space: both ends, the middle, then always the one of a random few that is farthest from all chosen.
    pub(super) fn start(&mut self) -> Vec<usize> {
        let n = self.space.len();
        let dimensions = self.space.sizes.len();
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
        let pairs = self.space.coordinates[a].iter().zip(&self.space.coordinates[b]).zip(&self.space.categorical);
        pairs.map(|((x, y), categorical)| if *categorical { if (x - y).abs() < 1e-9 { 0.0 } else { 0.25 } } else { (x - y).powi(2) }).sum()
    }

    /// The next points to run once; none if nothing seems worth a run. Only a search that is `late` may come to that.
    pub(super) fn propose(&mut self, belief: &Belief<'_>, size: usize, late: bool) -> Vec<usize> {
        self.batches += 1;
        let explore = self.batches.is_multiple_of(EXPLORE);
        let pool = self.pool(belief);
        let rough = self.rough(belief, &pool);
        let mut chosen: Vec<usize> = Vec::new();
        // Until their runs end, the models' own beliefs stand for points that are chosen.
        let (mut cost, mut margin) = (None::<Process<'_>>, None::<Process<'_>>);
        for place in 0..size {
            let models = (cost.as_ref().unwrap_or(&belief.cost), margin.as_ref().unwrap_or(&belief.margin));
            let Some(point) = self.pick(belief, models, &rough, &chosen, explore && place == 0, late) else { break };
            chosen.push(point);
            if place + 1 < size {
                let at = self.space.coordinates[point].as_slice();
                (cost, margin) = (Some(models.0.with(at)), Some(models.1.with(at)));
            }
        }
        if chosen.is_empty() && !late {
            chosen.extend(pool.into_iter().find(|point| self.samples[*point].is_empty()));
        }
        chosen
    }

    /// The points that the means of the models do not rule out, best first, and some others: the means may be wrong.
    fn rough(&self, belief: &Belief<'_>, pool: &[usize]) -> Vec<usize> {
        let worth = belief.worth();
        let score = |point: &usize| {
            let at = self.space.coordinates[*point].as_slice();
            let gain = worth(belief.cost.mean(at)).max(-0.02) + 0.02;
            Scored { point: *point, value: gain * exp(belief.margin.mean(at).min(0.1) * 6.0) }
        };
        let mut scored: Vec<Scored> = pool.iter().map(score).collect();
        scored.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.point.cmp(&b.point)));
        let rest = scored.iter().skip(CLOSE).step_by((scored.len() / 100).max(1));
        scored.iter().take(CLOSE).chain(rest).map(|scored| scored.point).collect()
    }

    fn pick(
        &self,
        belief: &Belief<'_>,
        (cost, margin): (&Process<'_>, &Process<'_>),
        rough: &[usize],
        chosen: &[usize],
        explore: bool,
        late: bool,
    ) -> Option<usize> {
        let worth = belief.worth();
        let mut top: Option<Scored> = None;
        let mut offer = |point: usize, value: f64| {
            if !chosen.contains(&point) && top.as_ref().is_none_or(|top| value > top.value) {
                top = Some(Scored { point, value });
            }
        };
        for point in rough.iter().copied().filter(|point| self.samples[*point].is_empty()) {
            let at = self.space.coordinates[point].as_slice();
            let ((expected, unsure), (near, blurred)) = (cost.predict(at), margin.predict(at));
            let gain = match belief.best {
                None => worth(expected).max(0.01),
                Some((_, bar)) => improvement(bar - expected, unsure) / bar.abs().max(1e-12),
            };
            let chance = belief.chance(near, blurred);
            let beside = belief.best.is_some_and(|(best, _)| self.space.neighbours(best, point)) && chance > 0.02;
            offer(point, if explore { gain * blurred } else { gain * chance * if beside { BESIDE } else { 1.0 } });
        }
        // A point that was run is worth another run while it is in doubt.
        for known in belief.known.iter().filter(|known| !explore && (LOST..SETTLED).contains(&known.chance)) {
            // What lies close to its bound takes many: elsewhere they may find more.
            let runs = f64::from(known.runs_to_prove()) / PATIENCE;
            offer(known.point, worth(known.cost).max(0.0) * known.chance / runs.max(1.0));
        }
        top.filter(|top| !late || explore || top.value > WORTHLESS).map(|top| top.point)
    }

    /// Points not run yet: all of them, or neighbours of the best and a random choice.
    fn pool(&mut self, belief: &Belief<'_>) -> Vec<usize> {
        let n = self.space.len();
        let best = belief.best.map(|(point, _)| point);
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
fn improvement(gain: f64, deviation: f64) -> f64 {
    if deviation < 1e-12 {
        return gain.max(0.0);
    }
    let z = gain / deviation;
    let density = exp(-z * z / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
    (gain * normal_cdf(z) + deviation * density).max(0.0)
}
