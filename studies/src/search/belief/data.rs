//! What models are made of: what was found near to winning, by requests and by rates.

use super::super::evidence;
use super::super::gaussian::Datum;
use super::super::{Sample, Space};
use super::Known;

/// Most points that a model is made of: those nearest to winning.
const DATA: usize = 200;
/// Most points that their shapes are found from.
const TUNED: usize = 100;

/// The points that models are made of.
pub(super) struct Data<'k, 's> {
    space: &'s Space,
    known: &'k [Known],
    /// Places among the points that were run, in their order.
    pub places: Vec<usize>,
    screened: Vec<&'k (usize, Sample)>,
}

impl<'k, 's> Data<'k, 's> {
    /// Chooses among points that were run by requests and by rates.
    pub(super) fn of(space: &'s Space, known: &'k [Known], screened: &'k [(usize, Sample)]) -> Self {
        Self { space, known, places: near_winning(known), screened: screened_near(known, screened) }
    }

    /// What models learn from: `by_requests` gives a value and how many times more than usually runs of that point differ, which then say less.
    pub(super) fn values(&self, by_requests: impl Fn(&Known) -> (f64, f64), by_rates: impl Fn(&Sample) -> f64) -> Vec<Datum<'s>> {
        let at = |point: usize| self.space.places[point].as_slice();
        let own = self.places.iter().map(|place| &self.known[*place]).map(|known| {
            let (value, erratic) = by_requests(known);
            Datum { at: at(known.point), value, count: f64::from(known.evidence.runs) / erratic, by_rates: false }
        });
        let screened = self.screened.iter().map(|(point, sample)| Datum { at: at(*point), value: by_rates(sample), count: 1.0, by_rates: true });
        own.chain(screened).collect()
    }
}

/// What is known by rates of the points nearest to winning, cheapest first where nothing is known yet.
fn screened_near<'k>(known: &[Known], screened: &'k [(usize, Sample)]) -> Vec<&'k (usize, Sample)> {
    let holds = known.iter().filter(|known| known.margin > 0.0).map(|known| known.cost).min_by(f64::total_cmp);
    let bar = holds.unwrap_or_else(|| screened.iter().map(|(_, sample)| sample.cost).fold(f64::INFINITY, f64::min));
    let off = |sample: &Sample| (sample.cost - bar).abs() / bar.abs().max(1e-12) + evidence::tightest(sample).abs();
    let mut order: Vec<&(usize, Sample)> = screened.iter().collect();
    order.sort_by(|a, b| off(&a.1).total_cmp(&off(&b.1)).then(a.0.cmp(&b.0)));
    order.truncate(DATA / 2);
    order
}

/// Every so many of the data, if there are many.
pub(super) fn thin<'d>(data: &[Datum<'d>]) -> Vec<Datum<'d>> {
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
