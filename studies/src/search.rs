//! The search for the cheapest point of a grid that holds, with few runs.
//!
//! Models of cost and margin (Gaussian processes) say what a run of each point is worth: what it may save, times the probability that the point holds. A
//! point that was run and is in doubt competes with points that were not, so rivals race on the same customers without a schedule of their own; now and
//! then a proposal goes where least is known, so that a second region is not overlooked. What a replication does to all points alike is taken away first.
//! Nothing is concluded from a model alone: the answer has been run, and its certainty is computed from its own runs.

mod belief;
mod effects;
pub mod estate;
mod evidence;
mod gaussian;
pub mod goal;
pub mod kubernetes;
mod last;
mod propose;
mod prove;
pub mod report;
pub mod space;
pub mod study;
pub mod written;
pub mod yaml;

use belief::Shapes;
use sim_core::random::{Stream, Streams};
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

    /// Runs points once each by rates instead of requests: cheaper, and a little off. None where that cannot be done, or would not be cheaper.
    fn screen(&mut self, points: &[usize]) -> Result<Option<Vec<Sample>>, Self::Error> {
        let _ = points;
        Ok(None)
    }
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
    /// How far from the bound, compressed beyond 0.3; positive is good.
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
    /// Runs used, those by rates among them.
    pub runs: u32,
    /// Runs by rates.
    pub screened: u32,
    /// Whether nothing seemed worth another run before the budget was used up.
    pub complete: bool,
}

/// Share of the budget that is run by rates first, where that can be done.
const SCREENED: f64 = 0.3;
/// Points proposed at once: fixed, so that the answer does not depend on the number of threads.
const BATCH: usize = 4;
/// One in so many runs of a large budget is proposed at once: models take longer than runs then.
const SHARE: usize = 100;
/// Share of the budget that is left when the answer is looked at more closely, in time to find another one.
const CONFIRMING: f64 = 0.3;
/// Chance from which a cheaper point beside the answer is looked at before the answer is.
const LIKELY: f64 = 0.3;
/// More runs of the first point that may hold, and of the one that most surely does: they tell how far runs of one point differ near the bound and away from
/// it.
const CALIBRATION: u32 = 1;
/// The same of the first point where runs only say yes or no.
const WORDS: u32 = 3;

/// A search under way.
struct Search<'s> {
    space: &'s Space,
    settings: Settings,
    samples: Vec<Vec<Sample>>,
    /// Places of points that were run, in their order.
    tried: Vec<usize>,
    /// By point: the one run before it whose first run was the same to the last digit. On the same customers the two are one system under two names, as
    /// machines of any type are where there are none of them.
    twins: Vec<Option<usize>>,
    used: u32,
    /// What runs by rates gave; while these are made they stand where runs do.
    screened: Vec<(usize, Sample)>,
    /// Whether they are made now.
    screening: bool,
    shapes: Shapes,
    /// Whether what likely holds is the one to beat, and not what is proved.
    looking: bool,
    /// Batches proposed.
    batches: u32,
    /// The search's own choices.
    dice: Stream,
}

/// Searches a space.
pub fn search<O: Oracle>(space: &Space, settings: &Settings, oracle: &mut O) -> Result<Answer, O::Error> {
    let mut search = Search {
        space,
        settings: *settings,
        samples: vec![Vec::new(); space.len()],
        tried: Vec::new(),
        twins: vec![None; space.len()],
        used: 0,
        screened: Vec::new(),
        screening: false,
        shapes: Shapes::new(space),
        looking: true,
        batches: 0,
        dice: Streams::new(settings.seed).stream("search/choices"),
    };
    search.go(oracle)?;
    Ok(search.answer())
}

impl Search<'_> {
    fn go<O: Oracle>(&mut self, oracle: &mut O) -> Result<(), O::Error> {
        let start = self.start();
        let start = self.screen(oracle, &start)?.unwrap_or(start);
        self.run(oracle, start.into_iter().map(|point| (point, 1)).collect())?;
        let mut calibrated = false;
        while self.left() > 0 {
            let Some(mut belief) = self.believe() else { break };
            if !calibrated && let Some(best) = &belief.best {
                calibrated = true;
                let surest = belief.surest().filter(|surest| *surest != best.point).map(|surest| (surest, CALIBRATION));
                // Where runs only say yes or no they do not differ, and one more says little.
                let again = if best.word { vec![(best.point, WORDS)] } else { [(best.point, CALIBRATION)].into_iter().chain(surest).collect() };
                self.run(oracle, again)?;
                continue;
            }
            if f64::from(self.left()) <= CONFIRMING * f64::from(self.settings.budget)
                && let Some(answer) = self.unconfirmed(&belief)
            {
                let first = self.beside(&belief, LIKELY).map_or(answer, |point| (point, 1));
                self.run(oracle, vec![first])?;
                continue;
            }
            let budget = self.settings.budget as usize;
            let size = BATCH.min(budget / 25).max(budget / SHARE).clamp(1, self.left() as usize);
            let batch = self.propose(&mut belief, size);
            if !batch.is_empty() {
                self.run(oracle, batch.into_iter().map(|point| (point, 1)).collect())?;
                continue;
            }
            if self.looking {
                // Nothing is likely to be cheaper: what is found is to be proved.
                self.looking = false;
                continue;
            }
            let last = self.last(&belief, (budget / SHARE).clamp(1, size));
            if last.is_empty() {
                break;
            }
            self.run(oracle, last)?;
        }
        Ok(())
    }

    /// Looks at points by rates: at these, then at what the models find worth it. What should be run then; none where rates cannot be had.
    fn screen<O: Oracle>(&mut self, oracle: &mut O, start: &[usize]) -> Result<Option<Vec<usize>>, O::Error> {
        let most = (SCREENED * f64::from(self.settings.budget)) as usize;
        let mut batch: Vec<usize> = start.iter().copied().take(most).collect();
        self.screening = true;
        while !batch.is_empty()
            && let Some(found) = oracle.screen(&batch)?
        {
            for (point, sample) in batch.iter().zip(found) {
                self.tried.push(*point);
                self.samples[*point].push(sample);
            }
            self.used += batch.len() as u32;
            let size = BATCH.min(most - self.tried.len());
            let Some(mut belief) = self.believe() else { break };
            batch = if size == 0 { Vec::new() } else { self.propose(&mut belief, size) };
        }
        self.screening = false;
        let Some(belief) = self.believe() else { return Ok(None) };
        let first = belief.first();
        for point in std::mem::take(&mut self.tried) {
            self.screened.extend(self.samples[point].drain(..).map(|sample| (point, sample)));
        }
        self.shapes = Shapes::new(self.space);
        Ok(Some(first))
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
                self.twins[*point] =
                    self.tried.iter().copied().find(|other| self.twins[*other].is_none() && evidence::are_twins(&self.samples[*other][0], &sample));
                self.tried.push(*point);
            }
            self.samples[*point].push(sample);
        }
        self.used += wanted.len() as u32;
        Ok(())
    }

    /// What runs of a point gave, those of its twin if it has one.
    fn runs(&self, point: usize) -> &[Sample] {
        &self.samples[self.twins[point].unwrap_or(point)]
    }
}
