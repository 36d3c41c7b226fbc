//! The search for the cheapest point of a grid that holds, with few runs.
//!
//! Models of cost and margin (Gaussian processes) propose points that are likely cheaper than the best one known and likely to hold; every fourth proposal
//! goes where least is known, so that a second region is not overlooked. A point that could win runs again, on the same customers as its rivals, until it
//! is certain or out of the race. Nothing is concluded from a model alone: the answer has been run, and its certainty is computed from its own runs.

mod evidence;
mod gaussian;
pub mod goal;
pub mod kubernetes;
mod propose;
pub mod report;
pub mod space;
pub mod study;
pub mod written;
pub mod yaml;

use evidence::Evidence;
pub use space::Space;

/// What one run of one point gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// What is minimised.
    pub cost: f64,
    /// For each constraint by how much it holds, relative to its bound; what is not above zero misses it.
    pub margins: Vec<f64>,
}

/// When a point holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Holds {
    /// All constraints hold in the same run, in at least this share of runs (0..1).
    EachRun {
        /// The share.
        share: f64,
    },
    /// Each constraint holds for the mean over runs.
    OnAverage,
}

/// Where runs come from: the simulator, or a function with a known optimum.
pub trait Oracle {
    /// Why a run can fail.
    type Error;
    /// Runs points, each given by its place in the space and the replication's number. Results are in the order asked for.
    fn run(&mut self, wanted: &[(usize, u32)]) -> Result<Vec<Sample>, Self::Error>;
}

/// How to search.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Most runs.
    pub budget: u32,
    /// When a point holds.
    pub holds: Holds,
    /// How certain that must be, in 0.5..1.
    pub confidence: f64,
    /// Seed of the search's own choices.
    pub seed: u64,
}

/// A point that was run.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its place in the space.
    pub point: usize,
    /// How often it was run.
    pub runs: u32,
    /// Mean of what is minimised.
    pub cost: f64,
    /// How far from the bound, on a scale of -1 to 1; positive is good.
    pub margin: f64,
    /// Probability that it holds.
    pub certainty: f64,
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The cheapest point that holds; none if no point that was run holds.
    pub best: Option<Candidate>,
    /// The next one.
    pub runner_up: Option<Candidate>,
    /// All points that were run, cheapest first.
    pub candidates: Vec<Candidate>,
    /// Samples of all points that were run, by place.
    pub samples: Vec<(usize, Vec<Sample>)>,
    /// Runs used.
    pub runs: u32,
}

/// Runs of a point before it counts as the one to beat.
const RACE: u32 = 3;
/// Certainty with which a point is the one to beat while the search goes on.
const TENTATIVE: f64 = 0.6;
/// Certainty below which a point is out of the race.
const LOST: f64 = 0.1;
/// Share of the budget that proves the answer.
const RESERVE: f64 = 0.3;
/// Runs of one point between two looks at it.
const STEP: u32 = 4;
/// Points proposed at once: fixed, so that the answer does not depend on the number of threads.
const BATCH: usize = 4;
/// How many times smaller than asked for the risk of one look is.
const LOOKS: f64 = 5.0;
/// Certainty of an answer that the budget was too small to prove.
const PLAUSIBLE: f64 = 0.5;

/// A search under way.
struct Search<'s> {
    space: &'s Space,
    settings: Settings,
    samples: Vec<Vec<Sample>>,
    /// Places of points that were run, in their order.
    tried: Vec<usize>,
    used: u32,
    spread: f64,
    models: propose::Models,
}

/// Searches a space.
pub fn search<O: Oracle>(space: &Space, settings: &Settings, oracle: &mut O) -> Result<Answer, O::Error> {
    let mut search = Search {
        space,
        settings: *settings,
        samples: vec![Vec::new(); space.len()],
        tried: Vec::new(),
        used: 0,
        spread: 0.02,
        models: propose::Models::new(space, settings.seed),
    };
    search.go(oracle)?;
    Ok(search.answer())
}

impl Search<'_> {
    fn go<O: Oracle>(&mut self, oracle: &mut O) -> Result<(), O::Error> {
        let start = self.start();
        self.run(oracle, start.into_iter().map(|point| (point, 1)).collect())?;
        let reserve = (RESERVE * f64::from(self.settings.budget)).ceil() as u32;
        let mut barren = false;
        while self.left() > 0 {
            let race = self.race();
            if !race.is_empty() {
                self.run(oracle, race)?;
                continue;
            }
            let explored = self.left() <= reserve;
            if barren || explored {
                if let Some(doubtful) = self.doubtful() {
                    self.run(oracle, vec![(doubtful, STEP)])?;
                    continue;
                }
                if barren {
                    break;
                }
            }
            // What is found with the last runs could not be proved.
            if self.left() <= RACE && self.best(self.proof()).is_some() {
                break;
            }
            let size = BATCH.min((self.settings.budget as usize / 25).max(1)).min(self.left() as usize);
            let batch = self.propose(size, f64::from(self.used) >= 0.6 * f64::from(self.settings.budget));
            barren = batch.is_empty();
            if barren && self.doubtful().is_none() {
                break;
            }
            self.run(oracle, batch.into_iter().map(|point| (point, 1)).collect())?;
        }
        Ok(())
    }

    const fn left(&self) -> u32 {
        self.settings.budget - self.used
    }

    /// Runs points so many times more each, as far as the budget goes.
    fn run<O: Oracle>(&mut self, oracle: &mut O, more: Vec<(usize, u32)>) -> Result<(), O::Error> {
        let mut wanted = Vec::new();
        for (point, count) in more {
            let done = self.samples[point].len() as u32;
            wanted.extend((done..done + count).map(|replication| (point, replication)));
        }
        wanted.truncate(self.left() as usize);
        let found = oracle.run(&wanted)?;
        for ((point, _), sample) in wanted.iter().zip(found) {
            if self.samples[*point].is_empty() {
                self.tried.push(*point);
            }
            self.samples[*point].push(sample);
        }
        self.used += wanted.len() as u32;
        self.spread = evidence::spread(self.tried.iter().map(|point| self.samples[*point].as_slice()));
        Ok(())
    }

    fn evidence(&self, point: usize) -> Evidence {
        evidence::of(&self.samples[point], self.settings.holds, self.spread)
    }

    /// The cheapest point that holds with this certainty.
    fn best(&self, certainty: f64) -> Option<(usize, Evidence)> {
        let known = self.tried.iter().map(|point| (*point, self.evidence(*point)));
        let sure = known.filter(|(_, evidence)| evidence.runs >= RACE.min(self.settings.budget) && evidence.certainty >= certainty);
        sure.min_by(|a, b| a.1.cost.total_cmp(&b.1.cost).then(a.0.cmp(&b.0)))
    }

    /// Points that held so far and are cheaper than the one to beat, but have not run often enough to beat it.
    fn race(&self) -> Vec<(usize, u32)> {
        let bar = self.best(TENTATIVE).map_or(f64::INFINITY, |(_, best)| best.cost);
        let mut open: Vec<(f64, usize, u32)> = self
            .tried
            .iter()
            .map(|point| (*point, self.evidence(*point)))
            .filter(|(_, evidence)| evidence.runs < RACE && evidence.margin > -2.0 * self.spread.min(0.1) && evidence.cost < bar)
            .map(|(point, evidence)| (evidence.cost, point, RACE - evidence.runs))
            .collect();
        open.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        // Cheap ones first: if one of them holds, the others need not run again.
        open.into_iter().take(1).map(|(_, point, runs)| (point, runs)).collect()
    }

    /// The cheapest point that may hold, is not certain to, and would win if it did.
    fn doubtful(&self) -> Option<usize> {
        let proof = self.proof();
        let bar = self.best(proof).map_or(f64::INFINITY, |(_, best)| best.cost);
        let most = (self.settings.budget / 3).max(2 * RACE);
        let known = self.tried.iter().map(|point| (*point, self.evidence(*point)));
        let open = known.filter(|(_, evidence)| evidence.cost < bar && evidence.certainty >= LOST && evidence.certainty < proof && evidence.runs < most);
        open.min_by(|a, b| a.1.cost.total_cmp(&b.1.cost).then(a.0.cmp(&b.0))).map(|(point, _)| point)
    }

    /// The certainty that ends the doubt about a point: above the confidence asked for, because several points are looked at again and again, and each
    /// look is a chance to be wrong.
    fn proof(&self) -> f64 {
        1.0 - (1.0 - self.settings.confidence) / LOOKS
    }

    fn answer(self) -> Answer {
        let mut candidates: Vec<Candidate> = self
            .tried
            .iter()
            .map(|point| {
                let Evidence { runs, cost, margin, certainty } = self.evidence(*point);
                Candidate { point: *point, runs, cost, margin, certainty }
            })
            .collect();
        candidates.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.point.cmp(&b.point)));
        let proof = self.proof();
        let proved = |candidate: &&Candidate| candidate.runs >= RACE && candidate.certainty >= proof;
        let likely = || candidates.iter().filter(|candidate| candidate.certainty >= PLAUSIBLE).max_by(|a, b| a.certainty.total_cmp(&b.certainty));
        let best = candidates.iter().find(proved).or_else(likely).cloned();
        let runner_up = best.as_ref().and_then(|best| {
            let other = |candidate: &&Candidate| candidate.point != best.point && candidate.cost >= best.cost && candidate.certainty >= PLAUSIBLE;
            candidates.iter().find(other).cloned()
        });
        let samples = self.tried.iter().map(|point| (*point, self.samples[*point].clone())).collect();
        Answer { best, runner_up, candidates, samples, runs: self.used }
    }
}
