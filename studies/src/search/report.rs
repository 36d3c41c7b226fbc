//! What a search found, for people and programs.

use std::io;

use serde::Serialize;

use super::study::{Points, Simulator};
use super::{Answer, Candidate};
use crate::check::Study;
use crate::statistics::Estimate;
use crate::sweep;

/// The answer to a search.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of this layout.
    pub schema: &'static str,
    /// Name of the study.
    pub study: String,
    /// The figure that is minimised.
    pub minimize: String,
    /// When a point holds, in words.
    pub holds: String,
    /// Points to choose from.
    pub points: usize,
    /// Points that were run.
    pub tried: usize,
    /// Runs used, those by rates among them.
    pub runs: u32,
    /// Runs that simulated rates instead of requests, to look around.
    pub screened: u32,
    /// Most runs allowed.
    pub budget: u32,
    /// Whether the search ended because nothing seemed worth another run, and not because the budget was used up.
    pub complete: bool,
    /// Seed of the first replication.
    pub seed: u64,
    /// The cheapest point that holds.
    pub best: Option<Choice>,
    /// The next one.
    pub runner_up: Option<Choice>,
    /// What keeps the best point from being cheaper, in words.
    pub binds: Vec<String>,
    /// Points than which none that was run is both cheaper and further from its bounds, and the best one.
    pub frontier: Vec<Choice>,
}

/// A point that was run.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// Number of the point in the study.
    pub point: u64,
    /// Its values, each with the name of its axis.
    pub values: Vec<(String, String)>,
    /// How often it was run.
    pub runs: u32,
    /// What is minimised.
    pub cost: Option<Estimate>,
    /// Probability that it holds.
    pub certainty: f64,
    /// How far it is from its tightest bound, as the logarithm of a ratio, compressed beyond 0.3; positive holds.
    pub margin: f64,
    /// Each constraint.
    pub constraints: Vec<Held>,
}

/// How a point holds a constraint.
#[derive(Clone, Debug, Serialize)]
pub struct Held {
    /// The constraint in words.
    pub constraint: String,
    /// The figure that it looks at.
    pub of: String,
    /// Its figure over the runs.
    pub figure: Option<Estimate>,
    /// Runs in which it held.
    pub held: u32,
    /// Mean margin: relative distance from the bound, as a logarithm where both are positive.
    pub margin: f64,
}

impl Report {
    /// What an answer says about a study.
    pub fn of(study: &Study, points: &Points, answer: &Answer, simulator: &Simulator<'_>, budget: u32) -> Self {
        let goal = &study.goal;
        let choice = |candidate: &Candidate| choice(study, points, candidate, simulator);
        let words: Vec<String> = goal.constraints.iter().map(super::goal::Constraint::text).collect();
        let holds = if goal.on_average {
            format!("{} on average, with {:.0} % confidence", words.join(" and "), goal.confidence * 100.0)
        } else {
            format!("{} in {} % of runs, with {} % confidence", words.join(" and "), percent(goal.share), percent(goal.confidence))
        };
        Self {
            schema: "overspill.optimum/1",
            study: study.name.clone(),
            minimize: goal.minimize.clone(),
            holds,
            points: points.points.len(),
            tried: answer.candidates.len(),
            runs: answer.runs,
            screened: answer.screened,
            budget,
            complete: answer.complete,
            seed: study.base_seed,
            best: answer.best.as_ref().map(choice),
            runner_up: answer.runner_up.as_ref().map(choice),
            binds: answer.best.as_ref().map(|best| binds(study, points, answer, best)).unwrap_or_default(),
            frontier: frontier(answer).into_iter().map(choice).collect(),
        }
    }

    /// Writes the frontier as a table.
    pub fn csv(&self, out: impl io::Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        let Some(first) = self.frontier.first() else { return writer.flush() };
        let names = first.values.iter().map(|(name, _)| name.as_str());
        let constraints = first.constraints.iter().map(|held| held.constraint.as_str());
        writer.write_record(["point"].into_iter().chain(names).chain([self.minimize.as_str(), "runs", "certainty", "margin"]).chain(constraints))?;
        for choice in &self.frontier {
            let number = |value: f64| value.to_string();
            let values = choice.values.iter().map(|(_, value)| value.clone());
            let cost = choice.cost.map(|cost| number(cost.mean)).unwrap_or_default();
            let figures = choice.constraints.iter().map(|held| held.figure.map(|figure| number(figure.mean)).unwrap_or_default());
            let columns = [cost, choice.runs.to_string(), number(choice.certainty), number(choice.margin)];
            writer.write_record(std::iter::once(choice.point.to_string()).chain(values).chain(columns).chain(figures))?;
        }
        writer.flush()
    }
}

/// The points that no cheaper one is farther from its bounds than, cheapest first, and the answer: by the luck of a single run another may seem better.
fn frontier(answer: &Answer) -> Vec<&Candidate> {
    let best = answer.best.as_ref().map(|best| best.point);
    let mut farthest = f64::NEG_INFINITY;
    let on_it = |candidate: &&Candidate| {
        let is_farther = candidate.margin > farthest;
        farthest = farthest.max(candidate.margin);
        is_farther || Some(candidate.point) == best
    };
    answer.candidates.iter().filter(on_it).collect()
}

fn percent(share: f64) -> String {
    format!("{}", (share * 1e6).round() / 1e4)
}

fn choice(study: &Study, points: &Points, candidate: &Candidate, simulator: &Simulator<'_>) -> Choice {
    let point = &points.points[candidate.point];
    let outcomes: Vec<_> = (0..candidate.runs).filter_map(|replication| simulator.outcomes.get(&(candidate.point, replication))).collect();
    let confidence = study.goal.confidence;
    let estimate = |figure: &str| {
        let values: Vec<f64> = outcomes.iter().filter_map(|outcome| outcome.figures.get(figure).copied()).collect();
        Estimate::of(&values, confidence)
    };
    let constraints = study.goal.constraints.iter().map(|constraint| Held {
        constraint: constraint.text(),
        of: constraint.figure(),
        figure: estimate(&constraint.figure()),
        held: outcomes.iter().filter(|outcome| constraint.holds(&outcome.figures)).count() as u32,
        margin: outcomes.iter().map(|outcome| constraint.margin(&outcome.figures, study.goal.on_average)).sum::<f64>() / outcomes.len().max(1) as f64,
    });
    Choice {
        point: point.index,
        values: study.design.axes.iter().map(|axis| axis.name.clone()).zip(point.texts()).collect(),
        runs: candidate.runs,
        cost: estimate(&study.goal.minimize),
        certainty: candidate.certainty,
        margin: candidate.margin,
        constraints: constraints.collect(),
    }
}

/// What keeps the best point from being cheaper: constraints that its cheaper neighbours miss, and ends of ranges.
fn binds(study: &Study, points: &Points, answer: &Answer, best: &Candidate) -> Vec<String> {
    let space = &points.space;
    let mut lines = Vec::new();
    for (candidate, (_, samples)) in answer.candidates.iter().filter_map(|candidate| {
        let samples = answer.samples.iter().find(|(point, _)| *point == candidate.point)?;
        (candidate.cost < best.cost && space.neighbours(candidate.point, best.point)).then_some((candidate, samples))
    }) {
        let mean = |at: usize| samples.iter().map(|sample| sample.margins[at]).sum::<f64>() / samples.len() as f64;
        let missed = (0..study.goal.constraints.len()).filter(|at| mean(*at) <= 0.0 || samples.iter().any(|sample| sample.margins[*at] <= 0.0));
        let missed: Vec<String> = missed.map(|at| study.goal.constraints[at].text()).collect();
        let here = sweep::labels(study, &points.points[best.point]);
        let there = sweep::labels(study, &points.points[candidate.point]);
        let moved: Vec<String> = there.into_iter().filter(|label| !here.contains(label)).collect();
        let why = if missed.is_empty() { "not certain to hold".to_owned() } else { format!("misses {}", missed.join(", ")) };
        lines.push(format!("with {}: {why}", moved.join(", ")));
    }
    for (dimension, axes) in study.design.dimensions.iter().enumerate().filter(|(dimension, _)| !space.categorical[*dimension] && space.sizes[*dimension] > 1) {
        let place = space.places[best.point][dimension];
        let end = if place == 0 {
            "first"
        } else if place + 1 == space.sizes[dimension] {
            "last"
        } else {
            continue;
        };
        let Some(axis) = axes.first().map(|axis| &study.design.axes[*axis]) else { continue };
        lines.push(format!("{} is at the {end} value of its range: beyond it may be cheaper still", axis.name));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::{Answer, Candidate};
    use super::frontier;

    #[test]
    fn the_answer_is_on_the_frontier_whatever_a_single_run_says() {
        let of = |point: usize, cost: f64, margin: f64| Candidate { point, runs: 1, cost, margin, certainty: 0.5 };
        let candidates = vec![of(0, 1.0, -0.5), of(1, 2.0, 0.2), of(2, 2.0, 0.15), of(3, 3.0, 0.1), of(4, 4.0, 0.3)];
        let mut answer = Answer { best: Some(candidates[2].clone()), runner_up: None, candidates, samples: Vec::new(), runs: 5, screened: 0, complete: true };
        let points = |answer: &Answer| frontier(answer).iter().map(|candidate| candidate.point).collect::<Vec<_>>();
        assert_eq!(points(&answer), [0, 1, 2, 4]);
        answer.best = None;
        assert_eq!(points(&answer), [0, 1, 4]);
    }
}
