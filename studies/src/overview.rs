//! The points of a sweep with the figures to show: what tables and charts are made of.

use std::io;

use crate::figures;
use crate::statistics::Estimate;
use crate::store::Store;
use crate::sweep::manifest::Manifest;
use crate::table;

/// Figures that are shown where a study names none.
const USUAL: [&str; 4] = ["cost.total", "latency_ms.p99", "requests.success_rate", "cost.per_million_requests"];

/// A sweep at a glance.
#[derive(Clone, Debug)]
pub struct Overview {
    /// What the study is.
    pub manifest: Manifest,
    /// Figures, by their paths.
    pub figures: Vec<String>,
    /// In their order.
    pub points: Vec<Summary>,
}

/// A point at a glance.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Its number.
    pub index: u64,
    /// Its values, in the order of the axes; empty where one does not apply.
    pub values: Vec<String>,
    /// For each figure; none where no run has it.
    pub estimates: Vec<Option<Estimate>>,
}

impl Overview {
    /// Reads a complete sweep.
    pub fn read(store: &dyn Store, manifest: &Manifest, known: &std::collections::BTreeSet<String>) -> io::Result<Self> {
        let figures = shown(manifest, known);
        let mut points = Vec::new();
        table::each(store, manifest, |entry| {
            let of = |figure: &String| {
                let values: Vec<f64> = entry.outcomes.iter().filter_map(|outcome| outcome.figures.get(figure).copied()).collect();
                Estimate::of(&values, manifest.confidence)
            };
            points.push(Summary { index: entry.point, estimates: figures.iter().map(of).collect(), values: entry.values });
            Ok(())
        })?;
        Ok(Self { manifest: manifest.clone(), figures, points })
    }

    /// The place of a figure among those shown.
    pub fn place(&self, figure: &str) -> Option<usize> {
        figures::resolve(self.figures.iter().map(String::as_str), figure).ok().and_then(|name| self.figures.iter().position(|known| known == name))
    }

    /// The mean of a figure in a point.
    pub fn mean(&self, point: usize, figure: usize) -> Option<f64> {
        self.points[point].estimates[figure].map(|estimate| estimate.mean)
    }

    /// Points that no other beats in both figures, smaller being better, in the order of the first: the Pareto frontier.
    pub fn frontier(&self, first: usize, second: usize) -> Vec<usize> {
        let both = |point: usize| self.mean(point, first).zip(self.mean(point, second));
        let mut order: Vec<(usize, (f64, f64))> = (0..self.points.len()).filter_map(|point| Some((point, both(point)?))).collect();
        order.sort_by(|(_, a), (_, b)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut best = f64::INFINITY;
        order.retain(|(_, (_, second))| {
            *second < best && {
                best = *second;
                true
            }
        });
        order.into_iter().map(|(point, _)| point).collect()
    }
}

/// The figures to show: those that the study names, else the usual ones that its runs have.
pub fn shown(manifest: &Manifest, known: &std::collections::BTreeSet<String>) -> Vec<String> {
    if !manifest.figures.is_empty() {
        return manifest.figures.clone();
    }
    let met = known.iter().filter(|name| crate::figures::is_met(name));
    USUAL.iter().map(|name| (*name).to_owned()).filter(|name| known.contains(name)).chain(met.cloned()).collect()
}
