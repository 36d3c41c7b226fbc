//! What the search believes: of points that were run, from their own runs and from those of their neighbours; of others, from the models alone.

mod bound;
mod cost;
mod data;
mod rate;

use sim_core::math::{exp, ln};

use super::evidence::{self, Evidence, Reading, Spread, normal_quantile};
use super::gaussian::{Datum, Outlook, Process, Shape, tune};
use super::{Holds, Sample, Search, Space};
use bound::Seen;
pub(super) use bound::{Bound, Standing};
use cost::Costs;
use data::{Data, thin};

/// Models are a little too sure of themselves.
const DOUBT: f64 = 1.2;
/// By how much a failed run makes it less likely that a point holds, beside what its margin says: margins have tails.
const FAILURE: f64 = 0.3;
/// How far a model may be off from one point to the next, as a share of the difference.
pub(super) const EDGE: f64 = 0.4;
/// Certainty of a point that is the one to beat while the search goes on.
const TENTATIVE: f64 = 0.75;
/// Share of the budget from which on down proofs count, and not what likely holds.
const LOOKING: f64 = 0.6;
/// Costs from this share of one on are as good as it.
const SAME_COST: f64 = 0.998;
/// Most certain that a point is taken to hold.
const SURELY: f64 = 0.97;
/// Share of the budget that is kept for such proofs, which take many runs.
const RESERVE: f64 = 0.3;
/// How many times more runs a proof by yes and no takes for each no.
const NO: f64 = 0.8;

/// Shapes of the models, which change seldom.
#[derive(Clone, Debug)]
pub(super) struct Shapes {
    cost: Shape,
    /// By what is read of the runs.
    margins: Vec<(Reading, Shape)>,
    /// Points known when they were last fitted.
    tuned: usize,
}

impl Shapes {
    pub(super) fn new(space: &Space) -> Self {
        Self { cost: Shape::new(space), margins: Vec::new(), tuned: 0 }
    }

    fn margin(&mut self, reading: Reading, space: &Space) -> &mut Shape {
        let place = self.margins.iter().position(|(known, _)| *known == reading).unwrap_or_else(|| {
            self.margins.push((reading, Shape::new(space)));
            self.margins.len() - 1
        });
        &mut self.margins[place].1
    }
}

/// A point that was run.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub point: usize,
    /// Whether one that was run before it is the same system.
    pub is_twin: bool,
    /// What its own runs say.
    pub evidence: Evidence,
    /// Cost without what its replications do to all points, and the standard deviation of its error.
    pub cost: f64,
    pub cost_unsure: f64,
    /// How many times further than usually costs of its runs differ.
    cost_scale: f64,
    /// The least margin of these.
    pub margin: f64,
    /// What its runs say of each bound.
    pub standings: Vec<Standing>,
    /// Whether runs only say yes or no.
    pub word: bool,
    /// Probability that it holds, by the models, which its own runs are part of.
    pub modelled: f64,
    /// Probability that it holds, less sure of itself where runs only say yes or no.
    pub chance: f64,
    /// By how much failed runs make it less likely that it holds, beside what their margins say.
    pub lost: f64,
    /// About how many more runs it takes to be sure of it, where runs only say yes or no.
    pub to_prove: f64,
}

impl Known {
    /// Probability that it holds.
    pub(super) fn likely(&self) -> f64 {
        if self.word { self.chance } else { self.modelled }
    }
}

/// All that is believed at one time.
pub(super) struct Belief<'s> {
    pub known: Vec<Known>,
    pub cost: Process<'s>,
    pub bounds: Vec<Bound<'s>>,
    /// Standard deviations that prove a point.
    proof: f64,
    /// More runs that there may be.
    left: u32,
    word: bool,
    /// Runs that prove a point if all say yes and none says more.
    words: f64,
    /// Share of runs that may fail.
    may_fail: f64,
    /// Whether it is time to prove something where runs only say yes or no.
    pub proving: bool,
    /// The cheapest point that likely holds.
    pub best: Option<Known>,
    /// Cost of the cheapest point that is proved.
    pub bar: Option<f64>,
    /// By cost, from the cheapest on: the probability that no point that was run and costs no more will turn out to hold.
    open: Vec<(f64, f64)>,
}

impl Belief<'_> {
    /// Judges the points that were run; `cost_own` is how far costs of one point's runs differ, relative to them.
    fn judge(&mut self, data: &[usize], space: &Space, cost_own: f64) {
        let typical = self.known.iter().map(|known| known.cost.abs()).sum::<f64>() / self.known.len().max(1) as f64;
        let cost_rough = (self.cost.noise() - (cost_own * typical).powi(2)).max(0.0);
        for place in 0..self.known.len() {
            let mut this = self.known[place].clone();
            let runs = f64::from(this.evidence.runs);
            let at = data.binary_search(&place).ok();
            this.cost_unsure = cost_own * this.cost_scale * this.cost.abs() / runs.sqrt();
            if let Some(at) = at {
                let (by_others, variance) = self.cost.without(at);
                (this.cost, this.cost_unsure) = weighed(by_others, variance + cost_rough, this.cost, this.cost_unsure.powi(2));
            }
            for (bound, standing) in self.bounds.iter().zip(&mut this.standings) {
                bound.judge(standing, at, &space.places[this.point]);
            }
            // Of many runs some may fail.
            let failed = (f64::from(this.evidence.failed) - self.may_fail / 2.0 * runs).max(0.0);
            this.lost = if self.word { 1.0 } else { exp(failed * ln(FAILURE)) };
            let holds = self.holds(&this.standings);
            let holds = holds * this.lost / (holds * this.lost + 1.0 - holds).max(1e-12);
            this.to_prove = (self.words * f64::from(this.evidence.failed).mul_add(NO, 1.0) - runs).max(1.0);
            (this.modelled, this.chance) = if self.word { (1.0, holds.min(this.evidence.likely)) } else { (holds, holds) };
            self.known[place] = this;
        }
    }

    /// The points to run first where all this is known by rates: the cheapest that likely hold, and the one that most likely does.
    pub(super) fn first(&self) -> Vec<usize> {
        let mut order: Vec<&Known> = self.known.iter().filter(|known| known.likely() >= 0.5).collect();
        order.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.point.cmp(&b.point)));
        let mut first: Vec<usize> = order.iter().take(3).map(|known| known.point).chain(self.surest()).collect();
        first.sort_unstable();
        first.dedup();
        first
    }

    /// What the models expect of a point that was not run, of each bound: see [`Bound::foreseen`].
    pub(super) fn foreseen(&self, outlooks: &[Outlook], times: f64, beside: Option<&Known>) -> Vec<Standing> {
        let each = self.bounds.iter().zip(outlooks).enumerate();
        each.map(|(nth, (bound, outlook))| bound.foreseen(outlook, times, beside.map(|known| &known.standings[nth]))).collect()
    }

    /// The point with the most to spare.
    pub(super) fn surest(&self) -> Option<usize> {
        self.known.iter().max_by(|a, b| a.margin.total_cmp(&b.margin).then(b.point.cmp(&a.point))).map(|known| known.point)
    }

    /// The probability that a point of this cost is of use: that none of those holds that were run and are cheaper.
    pub(super) fn of_use(&self, cost: f64) -> f64 {
        if self.word {
            return 1.0;
        }
        let cheaper = self.open.partition_point(|entry| entry.0 < cost * SAME_COST);
        cheaper.checked_sub(1).map_or(1.0, |last| self.open[last].1)
    }

    /// By cost, from the cheapest on: the probability that no point that was run and costs no more will turn out to hold.
    fn none_holds(&self) -> Vec<(f64, f64)> {
        let mut chances: Vec<(f64, f64)> = self.known.iter().filter(|known| !known.is_twin).map(|known| (known.cost, self.provable(known))).collect();
        chances.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut none = 1.0;
        for (_, chance) in &mut chances {
            none *= 1.0 - chance.min(SURELY);
            *chance = none;
        }
        chances
    }

    /// The gain of a cost over the one to beat, as a share of that; before there is one, how cheap it is.
    pub(super) fn worth(&self) -> impl Fn(f64) -> f64 {
        let bar = self.bar;
        let costs = self.known.iter().map(|known| known.cost);
        let (low, high) = costs.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), cost| (low.min(cost), high.max(cost)));
        move |expected| match bar {
            Some(bar) => (bar - expected) / bar.abs().max(1e-12),
            None => 1.0 - 0.5 * (expected - low) / (high - low).max(1e-12),
        }
    }
}

impl<'s> Search<'s> {
    /// What is believed now; none before the first run.
    pub(super) fn believe(&mut self) -> Option<Belief<'s>> {
        let (space, holds) = (self.space, self.settings.holds);
        let points: Vec<&[Sample]> = self.tried.iter().map(|point| self.runs(*point)).collect();
        let own: Vec<bool> = self.tried.iter().map(|point| self.twins[*point].is_none()).collect();
        let runs = points.iter().copied().flatten();
        let (share, word) = match holds {
            Holds::EachRun { share } => (Some(share), runs.clone().all(|sample| evidence::is_word(evidence::tightest(sample)))),
            Holds::OnAverage => (None, false),
        };
        let tail = share.map_or(0.0, normal_quantile);
        let seen: Vec<Seen> = evidence::readings(&runs, holds).into_iter().map(|reading| Seen::of(reading, &points, &own, tail, word)).collect();
        let (known, cost_own) = self.found(&points, &own, &seen, word);
        let data = Data::of(space, &known, &self.screened);
        let costs = data.values(|known| (known.cost, known.cost_scale.powi(2)), |sample| sample.cost);
        let margins = |(nth, seen): (usize, &Seen)| {
            let standing = |known: &Known| (known.standings[nth].margin, known.standings[nth].erratic);
            data.values(standing, |sample| seen.reading.settled(seen.reading.of(sample)))
        };
        let margins: Vec<Vec<Datum<'s>>> = seen.iter().enumerate().map(margins).collect();
        let places = data.places;
        let grown = self.tried.len() * 5 >= self.shapes.tuned * 6;
        if grown {
            self.shapes.tuned = self.tried.len();
            tune(&mut self.shapes.cost, space, &thin(&costs), true);
        }
        let cost = Process::fit(&self.shapes.cost, space, &costs)?.doubted();
        let mut bounds: Vec<Bound<'s>> = Vec::with_capacity(seen.len());
        for (seen, margins) in seen.iter().zip(&margins) {
            let shape = self.shapes.margin(seen.reading, space);
            if grown {
                tune(shape, space, &thin(margins), !word);
            }
            bounds.push(seen.modelled(shape, space, margins)?);
        }
        let (proof, left) = (normal_quantile(self.proof()), self.left());
        // Jeffreys' posterior of the share of runs that fail, after none did, is about that of a squared normal value.
        let may_fail = 1.0 - share.unwrap_or(0.5);
        let words = normal_quantile(f64::midpoint(1.0, self.proof())).powi(2) / (2.0 * may_fail.max(1e-3));
        let proving = word && f64::from(left) <= RESERVE * f64::from(self.settings.budget);
        let mut belief = Belief { known, cost, bounds, proof, left, word, words, may_fail, proving, best: None, bar: None, open: Vec::new() };
        belief.judge(&places, space, cost_own);
        let holds = belief.known.iter().filter(|known| !known.is_twin && known.likely() >= TENTATIVE);
        belief.best = holds.min_by(|a, b| a.cost.total_cmp(&b.cost).then(a.point.cmp(&b.point))).cloned();
        belief.bar = self.proved(&belief).map(|known| known.cost);
        belief.open = belief.none_holds();
        if if word { !proving } else { self.looking && f64::from(left) > LOOKING * f64::from(self.settings.budget) } {
            // While the search looks around, what likely holds is the one to beat: a proof of what will be beaten is a waste.
            let best = belief.best.as_ref().map(|best| best.cost);
            belief.bar = belief.bar.into_iter().chain(best).min_by(f64::total_cmp);
        }
        Some(belief)
    }

    /// What the runs of each point say, and how far costs of one point's runs differ, relative to them.
    fn found(&self, points: &[&[Sample]], own: &[bool], seen: &[Seen], word: bool) -> (Vec<Known>, f64) {
        let spreads: Vec<(Reading, Spread)> = seen.iter().map(|seen| (seen.reading, seen.spread)).collect();
        let evidence: Vec<Evidence> = points.iter().map(|samples| evidence::of(samples, self.settings.holds, &spreads)).collect();
        let costs = Costs::of(points, own);
        let known = self.tried.iter().zip(evidence).enumerate().map(|(place, (point, evidence))| {
            let standings: Vec<Standing> = seen.iter().map(|seen| seen.standings[place]).collect();
            Known {
                point: *point,
                is_twin: !own[place],
                evidence,
                cost: costs.of_points[place],
                cost_unsure: 0.0,
                cost_scale: costs.scales[place],
                margin: standings.iter().map(|standing| standing.margin).fold(f64::INFINITY, f64::min),
                standings,
                word,
                modelled: 0.0,
                chance: 0.0,
                lost: 1.0,
                to_prove: 1.0,
            }
        });
        (known.collect(), costs.own)
    }
}

/// Two findings of one value, each as sure as it is, as one: what is expected and its standard deviation.
fn weighed(theirs: f64, their_variance: f64, own: f64, own_variance: f64) -> (f64, f64) {
    let weight = their_variance / (their_variance + own_variance).max(1e-18);
    (theirs + weight * (own - theirs), (weight * own_variance).sqrt())
}
