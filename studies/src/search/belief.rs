//! What the search believes: of points that were run, from their own runs and from those of their neighbours; of others, from the models alone.

mod rate;

use super::effects::Effects;
use super::evidence::{self, Evidence, Spread, normal_quantile};
use super::gaussian::{Datum, Process, Shape, tune};
use super::{Holds, Sample, Search, Space};

/// Most points that a model is made of: those nearest to winning.
const DATA: usize = 200;
/// Most points that their shapes are found from.
const TUNED: usize = 100;
/// Models are a little too sure of themselves.
const DOUBT: f64 = 1.2;
/// By how much a failed run makes it less likely that a point holds, beside what its margin says: margins have tails.
const FAILURE: f64 = 0.3;
/// Largest multiple, up or down, of the usual variance that runs of a point are taken to have.
const ERRATIC: f64 = 25.0;
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
/// Where runs only say yes or no, the models look for points where most say yes.
const MOSTLY: f64 = 0.3;

/// Shapes of the models, which change seldom.
#[derive(Clone, Debug)]
pub(super) struct Shapes {
    cost: Shape,
    margin: Shape,
    /// Points known when they were last fitted.
    tuned: usize,
}

impl Shapes {
    pub(super) fn new(dimensions: usize) -> Self {
        Self { cost: Shape::new(dimensions), margin: Shape::new(dimensions), tuned: 0 }
    }
}

/// A point that was run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub point: usize,
    /// Whether one that was run before it is the same system.
    pub is_twin: bool,
    /// What its own runs say.
    pub evidence: Evidence,
    /// Cost and margin without what its replications do to all points.
    pub cost: f64,
    pub margin: f64,
    /// Whether runs only say yes or no.
    pub word: bool,
    /// Probability that it holds, by the models, which its own runs are part of.
    pub modelled: f64,
    /// Probability that it holds, less sure of itself where runs only say yes or no.
    pub chance: f64,
    /// By how much its margin is more than it takes, and the variance of that.
    pub spare: f64,
    pub variance: f64,
    /// Variance of its runs, as a multiple of that of runs of a point that just holds.
    pub erratic: f64,
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
    pub margin: Process<'s>,
    /// What the mean margin of a point must be for it to hold, if its runs differ as they do at most points.
    needed: f64,
    /// Standard deviations that the mean margin must be above zero; zero where the mean itself counts.
    tail: f64,
    /// How far runs of a point differ.
    spread: Spread,
    /// Standard deviation of the error of what all points have in common, from the level of the replications and from what it takes.
    unsure: [f64; 2],
    /// What these errors fall with: replications seen, and runs beyond the first of a point.
    seen: [f64; 2],
    /// Variance of a run at a point that just holds, beside what its replication does to all.
    own: f64,
    /// Standard deviations that prove a point.
    proof: f64,
    /// More runs that there may be.
    left: u32,
    word: bool,
    /// Runs that prove a point if all say yes and none says more.
    words: f64,
    /// Whether it is time to prove something where runs only say yes or no.
    pub proving: bool,
    /// Variance of what no smooth model of the margin explains: edges and steps.
    rough: f64,
    /// The cheapest point that likely holds: its place in the space and its cost.
    pub best: Option<(usize, f64)>,
    /// Its margin.
    pub best_margin: f64,
    /// Cost of the cheapest point that is proved.
    pub bar: Option<f64>,
    /// By cost, from the cheapest on: the probability that no point that was run and costs no more holds.
    open: Vec<(f64, f64)>,
}

impl Belief<'_> {
    /// Judges the points that were run; `cost_own` is how far costs of one point's runs differ, relative to them.
    fn judge(&mut self, data: &[usize], space: &Space, cost_own: f64) {
        let typical = self.known.iter().map(|known| known.cost.abs()).sum::<f64>() / self.known.len().max(1) as f64;
        let cost_rough = (self.cost.noise() - (cost_own * typical).powi(2)).max(0.0);
        for place in 0..self.known.len() {
            let this = self.known[place];
            let runs = f64::from(this.evidence.runs);
            // What its neighbours say and what its own runs say, each as sure as it is.
            let at = data.binary_search(&place).ok();
            let cost = at.map_or(this.cost, |at| {
                let (by_others, variance) = self.cost.without(at);
                weighed(by_others, variance + cost_rough, this.cost, (cost_own * this.cost).powi(2) / runs).0
            });
            let (expected, deviation) = match at {
                Some(at) if !self.word => {
                    let (by_others, variance) = self.margin.without(at);
                    weighed(by_others, variance + self.rough, this.margin, self.own * this.erratic / runs)
                }
                _ => self.margin.predict(&space.places[this.point]),
            };
            let needed = if self.word { self.needed } else { self.tail * self.spread.sd_of(this.margin, this.evidence.squares, runs - 1.0) };
            let (spare, variance) = (expected - needed, (DOUBT * deviation).powi(2));
            let lost = FAILURE.powi(if self.word { 0 } else { this.evidence.failed as i32 });
            let holds = self.enough(spare, variance, this.erratic);
            let holds = holds * lost / (holds * lost + 1.0 - holds).max(1e-12);
            let to_prove = (self.words * f64::from(this.evidence.failed).mul_add(NO, 1.0) - runs).max(1.0);
            let (modelled, chance) = if self.word { (1.0, holds.min(this.evidence.likely)) } else { (holds, holds) };
            self.known[place] = Known { cost, modelled, chance, spare, variance, lost, to_prove, ..this };
        }
    }

    /// The points to run first where all this is known by rates: the cheapest that likely hold, and the one that most likely does.
    pub(super) fn first(&self) -> Vec<usize> {
        let mut order: Vec<&Known> = self.known.iter().filter(|known| known.likely() >= 0.5).collect();
        order.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.point.cmp(&b.point)));
        let surest = self.known.iter().max_by(|a, b| a.margin.total_cmp(&b.margin).then(b.point.cmp(&a.point)));
        let mut first: Vec<usize> = order.iter().take(3).copied().chain(surest).map(|known| known.point).collect();
        first.sort_unstable();
        first.dedup();
        first
    }

    /// The probability that a point of this cost is of use: that none of those holds that were run and are cheaper.
    pub(super) fn of_use(&self, cost: f64) -> f64 {
        if self.word {
            return 1.0;
        }
        let cheaper = self.open.partition_point(|entry| entry.0 < cost * SAME_COST);
        cheaper.checked_sub(1).map_or(1.0, |last| self.open[last].1)
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
        let space = self.space;
        let evidence: Vec<Evidence> = self.tried.iter().map(|point| self.evidence(*point)).collect();
        let margins: Vec<Vec<f64>> = self.tried.iter().map(|point| self.runs(*point).iter().map(evidence::tightest).collect()).collect();
        let blind = margins.iter().flatten().all(|margin| evidence::is_word(*margin));
        // Chance far from the bound is of another size and does not matter.
        let near = |values: &&Vec<f64>| values.iter().sum::<f64>().abs() < evidence::NEAR * values.len() as f64;
        let own: Vec<bool> = self.tried.iter().map(|point| self.twins[*point].is_none()).collect();
        let close = margins.iter().zip(&own).filter(|(values, own)| **own && values.len() > 1 && near(values)).count() > 1;
        let relative: Vec<Vec<f64>> = self
            .tried
            .iter()
            .zip(&evidence)
            .map(|(point, evidence)| self.runs(*point).iter().map(|sample| sample.cost / evidence.cost.abs().max(1e-12) - 1.0).collect())
            .collect();
        let cost_effects = Effects::of(&relative.iter().zip(&own).filter(|(_, own)| **own).map(|(values, _)| values.as_slice()), 1e-4);
        let (share, word) = match self.settings.holds {
            Holds::EachRun { share } => (Some(share), blind),
            Holds::OnAverage => (None, false),
        };
        let tail = share.map_or(0.0, normal_quantile);
        let needed = if word { MOSTLY } else { self.spread.least(tail) };
        // By how much runs of each point differ; values are looked at in this unit.
        let scales: Vec<f64> = evidence.iter().map(|of| if word { 1.0 } else { self.spread.sd(of.margin) }).collect();
        let scaled: Vec<Vec<f64>> = margins.iter().zip(&scales).map(|(values, scale)| values.iter().map(|value| value / scale).collect()).collect();
        let used =
            margins.iter().zip(&scaled).zip(&own).filter(|((values, _), own)| **own && (!close || near(values))).map(|((_, scaled), _)| scaled.as_slice());
        let margin_effects = Effects::of(&used, if word { self.spread.sd(0.0) } else { 1.0 });
        let usual = if word { 1.0 } else { self.spread.sd(needed) };
        let mut known: Vec<Known> = Vec::with_capacity(self.tried.len());
        for (place, point) in self.tried.iter().enumerate() {
            let of = evidence[place];
            let margin = of.margin - scales[place] * margin_effects.mean(margins[place].len());
            let erratic = (scales[place] / usual).powi(2).clamp(1.0 / ERRATIC, ERRATIC);
            let cost = of.cost.abs().max(1e-12).mul_add(cost_effects.free(&relative[place]), of.cost);
            known.push(Known {
                point: *point,
                is_twin: !own[place],
                evidence: of,
                cost,
                margin,
                word,
                modelled: 0.0,
                chance: 0.0,
                spare: 0.0,
                variance: 0.0,
                erratic,
                lost: 1.0,
                to_prove: 1.0,
            });
        }
        let data = near_winning(&known);
        let datum =
            |known: &Known, value: f64| Datum { at: space.places[known.point].as_slice(), value, count: f64::from(known.evidence.runs), by_rates: false };
        let by_rates = |(point, value): (usize, f64)| Datum { at: space.places[point].as_slice(), value, count: 1.0, by_rates: true };
        let screened = self.screened_near(&known);
        // What differs more from run to run says less.
        let erratic = |known: &Known, datum: Datum<'s>| Datum { count: datum.count / known.erratic, ..datum };
        let costs = data.iter().map(|at| datum(&known[*at], known[*at].cost)).chain(screened.iter().map(|(point, sample)| by_rates((*point, sample.cost))));
        let costs: Vec<Datum<'s>> = costs.collect();
        let tight = screened.iter().map(|(point, sample)| by_rates((*point, evidence::tightest(sample))));
        let margins: Vec<Datum<'s>> = data.iter().map(|at| erratic(&known[*at], datum(&known[*at], known[*at].margin))).chain(tight).collect();
        if self.tried.len() * 5 >= self.shapes.tuned * 6 {
            self.shapes.tuned = self.tried.len();
            tune(&mut self.shapes.cost, space, &thin(&costs), true);
            tune(&mut self.shapes.margin, space, &thin(&margins), !word);
        }
        let cost = Process::fit(&self.shapes.cost, space, &costs)?.doubted();
        let own = (usual * margin_effects.own).powi(2);
        let least = if margin_effects.freedom > 0.0 && !word { own } else { 0.0 };
        let margin = Process::fit_with_noise(&self.shapes.margin, space, &margins, least)?.doubted();
        // What it takes is known as well as the spread is.
        let unsure = [usual * margin_effects.unsure, if word { 0.0 } else { usual * tail * margin_effects.blurred }];
        let seen = [margin_effects.days, margin_effects.freedom.max(1.0)];
        let rough = if word { 0.0 } else { (margin.noise() - own).max(0.0) };
        let (proof, left) = (normal_quantile(self.proof()), self.left());
        // Jeffreys' posterior of the share of runs that fail, after none did, is about that of a squared normal value.
        let words = normal_quantile(f64::midpoint(1.0, self.proof())).powi(2) / (2.0 * (1.0 - share.unwrap_or(0.5)).max(1e-3));
        let proving = word && f64::from(left) <= RESERVE * f64::from(self.settings.budget);
        let mut belief = Belief {
            known,
            cost,
            margin,
            needed,
            tail,
            spread: self.spread,
            unsure,
            seen,
            own,
            proof,
            left,
            word,
            words,
            proving,
            rough,
            best: None,
            best_margin: 0.0,
            bar: None,
            open: Vec::new(),
        };
        belief.judge(&data, space, cost_effects.own);
        let holds = belief.known.iter().filter(|known| !known.is_twin && known.likely() >= TENTATIVE);
        belief.best = holds.min_by(|a, b| a.cost.total_cmp(&b.cost).then(a.point.cmp(&b.point))).map(|known| (known.point, known.cost));
        belief.best_margin = belief.best.and_then(|(point, _)| belief.known.iter().find(|known| known.point == point)).map_or(0.0, |known| known.margin);
        belief.bar = self.proved(&belief).map(|known| known.cost);
        let mut chances: Vec<(f64, f64)> = belief.known.iter().filter(|known| !known.is_twin).map(|known| (known.cost, known.likely())).collect();
        chances.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut none = 1.0;
        belief.open = chances
            .into_iter()
            .map(|(cost, chance)| {
                none *= 1.0 - chance.min(SURELY);
                (cost, none)
            })
            .collect();
        if if word { !proving } else { self.looking && f64::from(left) > LOOKING * f64::from(self.settings.budget) } {
            // While the search looks around, what likely holds is the one to beat: a proof of what will be beaten is a waste.
            let best = belief.best.map(|(_, cost)| cost);
            belief.bar = belief.bar.into_iter().chain(best).min_by(f64::total_cmp);
        }
        Some(belief)
    }
}

impl Search<'_> {
    /// What is known by rates of the points nearest to winning, cheapest first where nothing is known yet.
    fn screened_near(&self, known: &[Known]) -> Vec<&(usize, Sample)> {
        let holds = known.iter().filter(|known| known.margin > 0.0).map(|known| known.cost).min_by(f64::total_cmp);
        let bar = holds.unwrap_or_else(|| self.screened.iter().map(|(_, sample)| sample.cost).fold(f64::INFINITY, f64::min));
        let off = |sample: &Sample| (sample.cost - bar).abs() / bar.abs().max(1e-12) + evidence::tightest(sample).abs();
        let mut order: Vec<&(usize, Sample)> = self.screened.iter().collect();
        order.sort_by(|a, b| off(&a.1).total_cmp(&off(&b.1)).then(a.0.cmp(&b.0)));
        order.truncate(DATA / 2);
        order
    }
}

/// Two findings of one value, each as sure as it is, as one: what is expected and its standard deviation.
fn weighed(theirs: f64, their_variance: f64, own: f64, own_variance: f64) -> (f64, f64) {
    let weight = their_variance / (their_variance + own_variance).max(1e-18);
    (theirs + weight * (own - theirs), (weight * own_variance).sqrt())
}

/// Every so many of the data, if there are many.
fn thin<'d>(data: &[Datum<'d>]) -> Vec<Datum<'d>> {
    data.iter().step_by(data.len().div_ceil(TUNED).max(1)).cloned().collect()
}

/// The points that models are made of, in their order: all, or those nearest to winning and every so many of the others.
fn near_winning(known: &[Known]) -> Vec<usize> {
    if known.len() <= DATA {
        return (0..known.len()).collect();
    }
    let holds = known.iter().filter(|known| known.margin > 0.0);
    let bar = holds.map(|known| known.cost).min_by(f64::total_cmp);
    let off = |known: &Known| bar.map_or(0.0, |bar| (known.cost - bar).abs() / bar.abs().max(1e-12)) + known.margin.abs();
    let mut order: Vec<(f64, usize)> = known.iter().enumerate().map(|(place, known)| (off(known), place)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let near = DATA * 3 / 4;
    let rest = &order[near..];
    let stride = rest.len().div_ceil(DATA - near);
    let mut chosen: Vec<usize> = order[..near].iter().chain(rest.iter().step_by(stride)).map(|(_, place)| *place).collect();
    chosen.sort_unstable();
    chosen
}
