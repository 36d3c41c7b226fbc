//! Which points to run next.

use sim_core::math::exp;
use sim_core::random::{Stream, Streams, below};

use super::evidence::{normal_cdf, normal_quantile};
use super::gaussian::{Datum, Process, Shape, tune};
use super::{Holds, Search, Space, TENTATIVE};

/// Most points that a model is made of: those nearest to winning.
const DATA: usize = 110;
/// Points looked at closely, and points looked at at all.
const CLOSE: usize = 200;
const POOL: usize = 6000;
/// Every so many batches one proposal goes where least is known.
const EXPLORE: u32 = 4;
/// A gain, as a share of the cost, that is not worth a run.
const WORTHLESS: f64 = 2e-4;

/// What the search believes, and its own dice.
pub(super) struct Models {
    cost: Shape,
    margin: Shape,
    tuned: usize,
    batches: u32,
    dice: Stream,
}

impl Models {
    pub(super) fn new(space: &Space, seed: u64) -> Self {
        let dimensions = space.sizes.len();
        Self { cost: Shape::new(dimensions), margin: Shape::new(dimensions), tuned: 0, batches: 0, dice: Streams::new(seed).stream("search/choices") }
    }
}

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
                let point = below(&mut self.models.dice, n as u64) as usize;
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
    pub(super) fn propose(&mut self, size: usize, late: bool) -> Vec<usize> {
        self.models.batches += 1;
        let explore = self.models.batches.is_multiple_of(EXPLORE);
        let mut chosen: Vec<usize> = Vec::new();
        let pool = self.pool();
        let data = self.data();
        let space = self.space;
        let (mut costs, mut margins) = (Vec::new(), Vec::new());
        for point in &data {
            let evidence = self.evidence(*point);
            let at = space.coordinates[*point].as_slice();
            costs.push(Datum { at, value: evidence.cost, count: f64::from(evidence.runs) });
            margins.push(Datum { at, value: evidence.margin, count: f64::from(evidence.runs) });
        }
        if self.tried.len() * 5 >= self.models.tuned * 6 {
            self.models.tuned = self.tried.len();
            tune(&mut self.models.cost, &space.categorical, &costs);
            tune(&mut self.models.margin, &space.categorical, &margins);
        }
        let mut rough = Vec::new();
        for place in 0..size {
            let cost = Process::fit(&self.models.cost, &space.categorical, &costs);
            let margin = Process::fit(&self.models.margin, &space.categorical, &margins);
            let (Some(cost), Some(margin)) = (cost, margin) else { break };
            if place == 0 {
                rough = self.rough(&pool, &cost, &margin);
            }
            rough.retain(|point| !chosen.contains(point));
            let found = self.pick(&rough, &cost, &margin, explore && place == 0, late);
            let Some(point) = found else { break };
            // Until its run ends, the model's own belief stands for it.
            let at = space.coordinates[point].as_slice();
            let (cost, margin) = (cost.mean(at), margin.mean(at));
            costs.push(Datum { at, value: cost, count: 1.0 });
            margins.push(Datum { at, value: margin, count: 1.0 });
            chosen.push(point);
        }
        if chosen.is_empty() && !late {
            chosen.extend(pool.first());
        }
        chosen
    }

    /// The points that the means of the models do not rule out, best first, and some others: the means may be wrong.
    fn rough(&self, pool: &[usize], cost: &Process<'_>, margin: &Process<'_>) -> Vec<usize> {
        let worth = self.worth();
        let score = |point: &usize| {
            let at = self.space.coordinates[*point].as_slice();
            let gain = worth(cost.mean(at)).max(-0.02) + 0.02;
            Scored { point: *point, value: gain * exp(margin.mean(at).min(0.1) * 6.0) }
        };
        let mut scored: Vec<Scored> = pool.iter().map(score).collect();
        scored.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.point.cmp(&b.point)));
        let rest = scored.iter().skip(CLOSE).step_by((scored.len() / 100).max(1));
        scored.iter().take(CLOSE).chain(rest).map(|scored| scored.point).collect()
    }

    /// What an expected cost is worth: the gain over the point to beat, as a share of its cost; before there is one, how cheap it is.
    fn worth(&self) -> impl Fn(f64) -> f64 {
        let bar = self.best(TENTATIVE).map(|(_, best)| best.cost);
        let costs = self.tried.iter().map(|point| self.evidence(*point).cost);
        let (low, high) = costs.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), cost| (low.min(cost), high.max(cost)));
        move |expected| match bar {
            Some(bar) => (bar - expected) / bar.abs().max(1e-12),
            None => 1.0 - 0.5 * (expected - low) / (high - low).max(1e-12),
        }
    }

    fn pick(&self, rough: &[usize], cost: &Process<'_>, margin: &Process<'_>, explore: bool, late: bool) -> Option<usize> {
        let best = self.best(TENTATIVE);
        let bar = best.map(|(_, best)| best.cost);
        let worth = self.worth();
        let needed = match self.settings.holds {
            Holds::EachRun { share } => normal_quantile(share) * self.spread,
            Holds::OnAverage => 0.0,
        };
        let mut top: Option<Scored> = None;
        for point in rough {
            let at = self.space.coordinates[*point].as_slice();
            let ((expected, unsure), (near, blurred)) = (cost.predict(at), margin.predict(at));
            let gain = match bar {
                None => worth(expected).max(0.01),
                Some(bar) => improvement(bar - expected, unsure) / bar.abs().max(1e-12),
            };
            let chance = normal_cdf((near - needed) / (1.2 * blurred).max(1e-6));
            let beside = best.is_some_and(|(best, _)| self.space.neighbours(best, *point)) && chance > 0.02;
            let value = if explore { gain * blurred } else { gain * chance * if beside { 2.0 } else { 1.0 } };
            if top.as_ref().is_none_or(|top| value > top.value) {
                top = Some(Scored { point: *point, value });
            }
        }
        top.filter(|top| !late || explore || top.value > WORTHLESS).map(|top| top.point)
    }

    /// Points not run yet: all of them, or neighbours of the best and a random choice.
    fn pool(&mut self) -> Vec<usize> {
        let n = self.space.len();
        if n <= POOL {
            return (0..n).filter(|point| self.samples[*point].is_empty()).collect();
        }
        let best = self.best(TENTATIVE).map(|(point, _)| point);
        let mut pool: Vec<usize> = (0..n).filter(|point| best.is_some_and(|best| self.space.neighbours(best, *point))).collect();
        pool.extend((0..POOL).map(|_| below(&mut self.models.dice, n as u64) as usize));
        pool.sort_unstable();
        pool.dedup();
        pool.retain(|point| self.samples[*point].is_empty());
        pool
    }

    /// The points that a model is made of: all, or those nearest to winning and every so many of the others.
    fn data(&self) -> Vec<usize> {
        if self.tried.len() <= DATA {
            return self.tried.clone();
        }
        let bar = self.best(TENTATIVE).map_or(f64::INFINITY, |(_, best)| best.cost);
        let mut order: Vec<(f64, usize)> = self
            .tried
            .iter()
            .map(|point| {
                let evidence = self.evidence(*point);
                let off = if bar.is_finite() { (evidence.cost - bar).abs() / bar.abs().max(1e-12) } else { 0.0 };
                (off + evidence.margin.abs(), *point)
            })
            .collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let near = DATA * 3 / 4;
        let rest = &order[near..];
        let stride = rest.len().div_ceil(DATA - near);
        order[..near].iter().chain(rest.iter().step_by(stride)).map(|(_, point)| *point).collect()
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
