//! How much more load a plan takes before it misses an objective.
//!
//! All factors on the load meet the same random numbers, so that a higher factor is the same day with more customers, and each replication breaks at a
//! factor of its own. A plan holds a factor if all objectives are met in at least a share of the replications; the answer is the highest such factor that
//! was found, and the lowest at which it was shown not to hold. How it is looked for, with few runs, stands in `headroom/walk.rs`.

mod load;
mod walk;

use sim_core::plan::Plan;

pub use load::scaled;

use crate::case::{Case, Outcome};
use crate::runner::Runner;

/// How near both ends are by rates: they are off by more.
const ROUGH: f64 = 0.02;

/// How to look for headroom.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The service whose load grows; all of them if none is named.
    pub of: Option<&'a str>,
    /// Runs of which a share must meet all objectives.
    pub replications: u32,
    /// That share (0..1).
    pub share: f64,
    /// Both ends of the answer are this near, relative to the factor.
    pub precision: f64,
}

impl Question<'_> {
    /// How many replications may miss an objective.
    fn spare(&self) -> u32 {
        let needed = (self.share * f64::from(self.replications) - 1e-9).ceil().max(1.0) as u32;
        self.replications - needed.min(self.replications)
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Headroom {
    /// The highest factor on the load at which all objectives held; none if they do not hold as it is, nor with less.
    pub factor: Option<f64>,
    /// The lowest factor at which one did not hold; none if none was found.
    pub breaks_at: Option<f64>,
    /// Objectives that were missed there.
    pub broken: Vec<String>,
    /// Every factor looked at, ascending.
    pub steps: Vec<Step>,
    /// Replications that decide.
    pub replications: u32,
    /// Runs that it took.
    pub runs: u32,
    /// Runs by rates that showed where to look, besides.
    pub screened: u32,
}

/// A factor that was looked at.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Step {
    /// Factor on the load.
    pub factor: f64,
    /// Runs, as many as it took to decide.
    pub runs: u32,
    /// Runs of these in which all objectives were met.
    pub met: u32,
    /// Objectives missed in some run.
    pub missed: Vec<String>,
}

impl Headroom {
    /// How many periods of growth by this share (0.05 for 5 %) the factor allows, zero if the load of today is too much; none without a factor or growth.
    pub fn periods(&self, growth: f64) -> Option<f64> {
        let factor = self.factor.filter(|factor| *factor > 0.0)?;
        (growth > 0.0).then(|| (sim_core::math::ln(factor) / sim_core::math::ln(1.0 + growth)).max(0.0))
    }
}

/// Looks for the headroom of a plan. `rates` is the same plan by rates, if that can be simulated and is cheaper: it shows where to look, requests decide.
/// `progress` is told after each batch how many runs there were and about how many there will be.
pub fn find(plan: &Plan, rates: Option<&Plan>, seed: u64, question: &Question<'_>, runner: &Runner, progress: &mut dyn FnMut(u32, u32)) -> Headroom {
    let look = |plan: &Plan, wanted: &[(f64, u32)]| {
        runner.map(wanted, |(factor, replication)| missed(&Case::new(scaled(plan, question.of, *factor), seed).run(*replication)))
    };
    let rough = rates.map(|rates| {
        let question = Question { replications: 1, precision: question.precision.max(ROUGH), ..question.clone() };
        walk::find(&question, None, |wanted| look(rates, wanted), &mut |_, _| {})
    });
    let near = rough.as_ref().and_then(|rough| rough.factor);
    let found = walk::find(question, near, |wanted| look(plan, wanted), progress);
    Headroom { screened: rough.map_or(0, |rough| rough.runs), ..found }
}

/// Objectives that a run missed.
pub(crate) fn missed(outcome: &Outcome) -> Vec<String> {
    let name = |(path, value): (&String, &f64)| {
        let name = path.strip_prefix("objectives.")?.strip_suffix(".met")?;
        (*value == 0.0).then(|| name.to_owned())
    };
    outcome.figures.iter().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::Headroom;

    #[test]
    fn growth_is_compound() {
        let found = Headroom { factor: Some(1.1025), breaks_at: None, broken: Vec::new(), steps: Vec::new(), replications: 1, runs: 9, screened: 0 };
        assert!((found.periods(0.05).unwrap() - 2.0).abs() < 1e-9);
        assert_eq!(found.periods(0.0), None);
        assert_eq!(Headroom { factor: Some(0.6), ..found }.periods(0.05), Some(0.0));
    }
}
