//! What the search believes: of points that were run, from their own runs and from those of their neighbours; of others, from the models alone.

use super::effects::Effects;
use super::evidence::{self, Evidence, normal_cdf, normal_quantile};
use super::gaussian::{Datum, Process, Shape, tune};
use super::{Holds, Sample, Search};

/// Most points that a model is made of: those nearest to winning.
const DATA: usize = 110;
/// Models are a little too sure of themselves.
const DOUBT: f64 = 1.2;
/// Certainty of a point that is the one to beat while the search goes on.
const TENTATIVE: f64 = 0.75;
/// Standard deviations that make sure.
const SURE: f64 = 2.05;
/// Runs before a point counts as proved.
const LEAST: f64 = super::prove::LEAST as f64;
/// How many standard deviations of the mean of a quarter of all runs a point should be within its bound.
const PROVABLE: f64 = 1.5;
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
    /// What its own runs say.
    pub evidence: Evidence,
    /// Cost and margin without what its replications do to all points.
    pub cost: f64,
    pub margin: f64,
    /// Whether runs only say yes or no.
    pub word: bool,
    /// Probability that it holds, by the models, which its own runs are part of.
    pub modelled: f64,
    /// Probability that it can be proved to hold.
    pub chance: f64,
    /// About how many more runs it takes to be sure of it.
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
    needed: f64,
    /// What is looked for: a little more than what it takes, because no budget proves a point that lies at its bound.
    aim: f64,
    unsure: f64,
    /// Variance of what no smooth model of the margin explains: edges and steps.
    rough: f64,
    /// The cheapest point that likely holds: its place in the space and its cost.
    pub best: Option<(usize, f64)>,
}

impl Belief<'_> {
    /// Probability that a margin expected with this standard deviation is enough.
    fn holds(&self, expected: f64, deviation: f64) -> f64 {
        self.enough(expected - self.needed, deviation)
    }

    fn enough(&self, spare: f64, deviation: f64) -> f64 {
        normal_cdf(spare / (DOUBT * deviation).hypot(self.unsure).max(1e-6))
    }

    /// Probability that it is enough to be proved.
    pub(super) fn chance(&self, expected: f64, deviation: f64) -> f64 {
        self.enough(expected - self.aim, deviation)
    }

    /// The same of a point that was not run, which may lie at an edge.
    pub(super) fn prospect(&self, expected: f64, deviation: f64) -> f64 {
        self.chance(expected, (deviation * deviation + self.rough).sqrt())
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

    /// The gain of a cost over the one to beat, as a share of that; before there is one, how cheap it is.
    pub(super) fn worth(&self) -> impl Fn(f64) -> f64 {
        let bar = self.best.map(|(_, cost)| cost);
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
        let margins: Vec<Vec<f64>> = self.tried.iter().map(|point| self.samples[*point].iter().map(evidence::tightest).collect()).collect();
        let blind = margins.iter().flatten().all(|margin| evidence::is_word(*margin));
        // Chance far from the bound is of another size and does not matter.
        let near = |values: &&Vec<f64>| values.iter().sum::<f64>().abs() < evidence::NEAR * values.len() as f64;
        let close = margins.iter().filter(|values| values.len() > 1).filter(near).count() > 1;
        let margin_effects = Effects::of(&margins.iter().filter(|values| !close || near(values)).map(Vec::as_slice), self.spread.sd);
        let relative: Vec<Vec<f64>> = self
            .tried
            .iter()
            .zip(&evidence)
            .map(|(point, evidence)| self.samples[*point].iter().map(|sample| sample.cost / evidence.cost.abs().max(1e-12) - 1.0).collect())
            .collect();
        let cost_effects = Effects::of(&relative.iter().map(Vec::as_slice), 1e-4);
        let (share, word) = match self.settings.holds {
            Holds::EachRun { share } => (Some(share), blind),
            Holds::OnAverage => (None, false),
        };
        let needed = match share {
            Some(_) if word => MOSTLY,
            Some(share) => normal_quantile(share) * margin_effects.total,
            None => 0.0,
        };
        let mut known: Vec<Known> = Vec::with_capacity(self.tried.len());
        for (place, point) in self.tried.iter().enumerate() {
            let of = evidence[place];
            let margin = if share.is_some() { margin_effects.free(&margins[place]) } else { of.margin - margin_effects.mean(margins[place].len()) };
            let cost = of.cost.abs().max(1e-12).mul_add(cost_effects.free(&relative[place]), of.cost);
            known.push(Known { point: *point, evidence: of, cost, margin, word, modelled: 0.0, chance: 0.0, to_prove: 1.0 });
        }
        let data = near_winning(&known);
        let datum =
            |known: &Known, value: f64| Datum { at: space.coordinates[known.point].as_slice(), value, count: f64::from(known.evidence.runs), by_rates: false };
        let by_rates = |(point, value): (usize, f64)| Datum { at: space.coordinates[point].as_slice(), value, count: 1.0, by_rates: true };
        let screened = self.screened_near(&known);
        let costs = data.iter().map(|at| datum(&known[*at], known[*at].cost)).chain(screened.iter().map(|(point, sample)| by_rates((*point, sample.cost))));
        let costs: Vec<Datum<'s>> = costs.collect();
        let tight = screened.iter().map(|(point, sample)| by_rates((*point, evidence::tightest(sample))));
        let margins: Vec<Datum<'s>> = data.iter().map(|at| datum(&known[*at], known[*at].margin)).chain(tight).collect();
        if self.tried.len() * 5 >= self.shapes.tuned * 6 {
            self.shapes.tuned = self.tried.len();
            tune(&mut self.shapes.cost, &space.categorical, &costs);
            tune(&mut self.shapes.margin, &space.categorical, &margins);
        }
        let cost = Process::fit(&self.shapes.cost, &space.categorical, &costs)?;
        let least = if margin_effects.freedom > 0.0 && !word { margin_effects.own.powi(2) } else { 0.0 };
        let margin = Process::fit_with_noise(&self.shapes.margin, &space.categorical, &margins, least)?;
        // What it takes is known as well as the spread is.
        let unsure = margin_effects.unsure.hypot(if word { 0.0 } else { share.map_or(0.0, normal_quantile) * margin_effects.blurred });
        let aim = if word { needed } else { needed + PROVABLE * margin_effects.total / (f64::from(self.settings.budget) / 4.0).max(1.0).sqrt() };
        let own = margin_effects.own.powi(2);
        let rough = if word { 0.0 } else { (margin.noise() - own).max(0.0) };
        let mut belief = Belief { known, cost, margin, needed, aim, unsure, rough, best: None };
        for place in 0..belief.known.len() {
            let this = belief.known[place];
            // What its neighbours say and what its own runs say, each as sure as it is.
            let (expected, deviation) = match data.binary_search(&place) {
                Ok(at) if !word => {
                    let (expected, variance) = belief.margin.without(at);
                    let (theirs, its) = (variance + rough, own / f64::from(this.evidence.runs));
                    let weight = theirs / (theirs + its).max(1e-18);
                    (expected + weight * (this.margin - expected), (weight * its).sqrt())
                }
                _ => belief.margin.predict(&space.coordinates[this.point]),
            };
            let (holds, chance) = (belief.holds(expected, deviation), belief.chance(expected, deviation));
            let this = &mut belief.known[place];
            this.modelled = if word { 1.0 } else { holds };
            this.chance = if word { chance.min(this.evidence.likely) } else { chance };
            // What is known of it now is worth so many runs; sureness grows with their root.
            let worth = if word { f64::from(this.evidence.runs) } else { (margin_effects.total / deviation.max(1e-9)).powi(2).clamp(1.0, 1e3) };
            let sure = normal_quantile(if word { this.evidence.certainty } else { holds }.clamp(1e-3, 1.0 - 1e-6)).max(0.3);
            this.to_prove = (worth * ((SURE / sure).powi(2) - 1.0)).max(LEAST - f64::from(this.evidence.runs)).clamp(1.0, 1e3);
        }
        let holds = belief.known.iter().filter(|known| known.likely() >= TENTATIVE);
        belief.best = holds.min_by(|a, b| a.cost.total_cmp(&b.cost).then(a.point.cmp(&b.point))).map(|known| (known.point, known.cost));
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
