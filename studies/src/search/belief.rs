//! What the search believes: of points that were run, from their own runs and from those of their neighbours; of others, from the models alone.

use super::effects::Effects;
use super::evidence::{self, Evidence, normal_cdf, normal_quantile};
use super::gaussian::{Datum, Process, Shape, tune};
use super::{Holds, Search};

/// Most points that a model is made of: those nearest to winning.
const DATA: usize = 110;
/// Models are a little too sure of themselves.
const DOUBT: f64 = 1.2;
/// Certainty of a point that is the one to beat while the search goes on.
const TENTATIVE: f64 = 0.75;
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
    /// Probability that it holds, by the models, which its own runs are part of.
    pub modelled: f64,
    /// The same with more weight on its own runs.
    pub chance: f64,
    /// How far its margin is from what it takes, in standard deviations of a run.
    pub slack: f64,
}

/// All that is believed at one time.
pub(super) struct Belief<'s> {
    pub known: Vec<Known>,
    pub cost: Process<'s>,
    pub margin: Process<'s>,
    needed: f64,
    unsure: f64,
    /// The cheapest point that likely holds: its place in the space and its cost.
    pub best: Option<(usize, f64)>,
}

impl Belief<'_> {
    /// Probability that a margin expected with this standard deviation is enough.
    pub(super) fn chance(&self, expected: f64, deviation: f64) -> f64 {
        normal_cdf((expected - self.needed) / (DOUBT * deviation).hypot(self.unsure).max(1e-6))
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
        let near = |values: &&Vec<f64>| values.iter().sum::<f64>().abs() < 0.35 * values.len() as f64;
        let close = margins.iter().filter(|values| values.len() > 1).filter(near).count() > 1;
        let margin_effects = Effects::of(&margins.iter().filter(|values| !close || near(values)).map(Vec::as_slice), self.spread);
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
            let margin = if share.is_some() { margin_effects.free(&margins[place]) } else { of.margin };
            let cost = of.cost.abs().max(1e-12).mul_add(cost_effects.free(&relative[place]), of.cost);
            known.push(Known { point: *point, evidence: of, cost, margin, modelled: 0.0, chance: 0.0, slack: 0.0 });
        }
        let data = near_winning(&known);
        let datum = |known: &Known, value: f64| Datum { at: space.coordinates[known.point].as_slice(), value, count: f64::from(known.evidence.runs) };
        let costs: Vec<Datum<'s>> = data.iter().map(|at| datum(&known[*at], known[*at].cost)).collect();
        let margins: Vec<Datum<'s>> = data.iter().map(|at| datum(&known[*at], known[*at].margin)).collect();
        if self.tried.len() * 5 >= self.shapes.tuned * 6 {
            self.shapes.tuned = self.tried.len();
            tune(&mut self.shapes.cost, &space.categorical, &costs);
            tune(&mut self.shapes.margin, &space.categorical, &margins);
        }
        let cost = Process::fit(&self.shapes.cost, &space.categorical, &costs)?;
        let least = if margin_effects.known && !word { margin_effects.own.powi(2) } else { 0.0 };
        let margin = Process::fit_with_noise(&self.shapes.margin, &space.categorical, &margins, least)?;
        let unsure = if share.is_some() { margin_effects.unsure } else { margin_effects.unsure.max(0.0) };
        let mut belief = Belief { known, cost, margin, needed, unsure, best: None };
        for place in 0..belief.known.len() {
            let this = belief.known[place];
            let (expected, deviation) = belief.margin.predict(&space.coordinates[this.point]);
            let chance = belief.chance(expected, deviation);
            // A point's own runs say more of it than any model, the more there are.
            let weight = f64::from(this.evidence.runs) / (f64::from(this.evidence.runs) + 2.0);
            let this = &mut belief.known[place];
            this.modelled = if word { 1.0 } else { chance };
            this.chance = if word { chance.min(this.evidence.likely) } else { chance * (1.0 - weight) + this.evidence.certainty * weight };
            this.slack = (this.margin - needed) / margin_effects.total.max(1e-9);
        }
        let holds = belief.known.iter().filter(|known| known.chance >= TENTATIVE);
        belief.best = holds.min_by(|a, b| a.cost.total_cmp(&b.cost).then(a.point.cmp(&b.point))).map(|known| (known.point, known.cost));
        Some(belief)
    }
}

/// The points that models are made of: all, or those nearest to winning and every so many of the others.
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
    order[..near].iter().chain(rest.iter().step_by(stride)).map(|(_, place)| *place).collect()
}
