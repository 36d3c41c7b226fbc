//! Two plans on the same customers: what differs, by how much, and whether that is more than chance.

mod budget;

pub use budget::{Budget, Fared};

use std::collections::BTreeSet;

use serde::Serialize;

use crate::case::{Case, Outcome};
use crate::runner::Runner;
use crate::statistics::paired::{Paired, Verdict};

/// A comparison of two plans.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// Replications, each with the same seed for both.
    pub replications: usize,
    /// Confidence of intervals.
    pub confidence: f64,
    /// Every figure that both have in all replications, by its path.
    pub figures: Vec<(String, Paired)>,
    /// Figures that only one of them has.
    pub only_in_one: Vec<String>,
}

/// Runs both plans so many times; both have the same seeds.
pub fn run(a: &Case, b: &Case, replications: u32, confidence: f64, runner: &Runner) -> Comparison {
    let cases = [a, b];
    // Both of a pair follow each other, so that long and short runs mix.
    let wanted: Vec<(usize, u32)> = (0..replications).flat_map(|replication| [(0, replication), (1, replication)]).collect();
    let outcomes = runner.map(&wanted, |(case, replication)| cases[*case].run(*replication));
    let of = |case: usize| outcomes.iter().skip(case).step_by(2).collect::<Vec<&Outcome>>();
    Comparison::of(&of(0), &of(1), confidence)
}

impl Comparison {
    /// Compares outcomes, pair by pair.
    pub fn of(a: &[&Outcome], b: &[&Outcome], confidence: f64) -> Self {
        let names: BTreeSet<&String> = a.iter().chain(b).flat_map(|outcome| outcome.figures.keys()).collect();
        let mut comparison = Self { replications: a.len(), confidence, figures: Vec::new(), only_in_one: Vec::new() };
        for name in names {
            let pairs = a.iter().zip(b).map(|(a, b)| Some((*a.figures.get(name)?, *b.figures.get(name)?)));
            match pairs.collect::<Option<Vec<_>>>().and_then(|pairs| Paired::of(&pairs, confidence)) {
                Some(paired) => comparison.figures.push((name.clone(), paired)),
                None => comparison.only_in_one.push(name.clone()),
            }
        }
        comparison
    }

    /// The comparison of a figure.
    pub fn get(&self, figure: &str) -> Option<&Paired> {
        self.figures.iter().find(|(name, _)| name == figure).map(|(_, paired)| paired)
    }

    /// Figures that are not the same in both.
    pub fn different(&self) -> impl Iterator<Item = &(String, Paired)> {
        self.figures.iter().filter(|(_, paired)| paired.verdict != Verdict::Same)
    }
}
