//! How much more load a plan takes before it misses an objective.
//!
//! Bisection over the factor on the load. All factors meet the same random numbers, so that a higher factor is the same day with more customers. At each
//! factor an objective holds if it does in at least a share of the replications; the answer is the highest factor at which all hold, and the lowest at
//! which one did not.

use sim_core::plan::{Plan, Traffic};
use sim_core::units::Time;

use crate::case::{Case, Outcome};
use crate::runner::Runner;

/// Highest factor that is looked at.
const MOST: f64 = 64.0;
/// The bisection ends when both ends are this near, relative to the factor.
const PRECISION: f64 = 0.005;

/// How to look for headroom.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The service whose load grows; all of them if none is named.
    pub of: Option<&'a str>,
    /// Runs at each factor.
    pub replications: u32,
    /// Share of runs in which all objectives must be met (0..1).
    pub share: f64,
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
    /// Every factor looked at, ascending, with the number of runs in which all objectives were met.
    pub steps: Vec<Step>,
    /// Runs at each factor.
    pub replications: u32,
}

/// A factor that was looked at.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Step {
    /// Factor on the load.
    pub factor: f64,
    /// Runs in which all objectives were met.
    pub met: u32,
    /// Objectives missed in some run.
    pub missed: Vec<String>,
}

impl Headroom {
    /// How many periods of growth by this share (0.05 for 5 %) the factor allows; none if it allows none or growth never gets there.
    pub fn periods(&self, growth: f64) -> Option<f64> {
        let factor = self.factor.filter(|factor| *factor > 0.0)?;
        (growth > 0.0).then(|| sim_core::math::ln(factor) / sim_core::math::ln(1.0 + growth))
    }
}

/// The plan with its load, or that of one service, times a factor.
#[must_use]
pub fn scaled(plan: &Plan, of: Option<&str>, factor: f64) -> Plan {
    let mut plan = plan.clone();
    for service in plan.services.values_mut().filter(|service| of.is_none_or(|name| service.name == name)) {
        match &mut service.traffic {
            Traffic::None => {}
            Traffic::CpuDemand { demand, .. } => *demand = demand.scaled(factor),
            Traffic::Requests(requests) => {
                requests.rate = requests.rate.scaled(factor);
                for modulated in &mut requests.modulated {
                    modulated.states.iter_mut().for_each(|(rate, _)| *rate *= factor);
                }
                requests.recorded = repeated(&requests.recorded, factor);
                if let Some(users) = &mut requests.users {
                    users.count.iter_mut().for_each(|(_, count)| *count = (f64::from(*count) * factor).round() as u32);
                }
            }
        }
    }
    plan
}

/// Recorded arrivals `factor` times as often: each is there as often as the running total asks for.
fn repeated(recorded: &[Time], factor: f64) -> Vec<Time> {
    let total = |count: usize| (count as f64 * factor).floor() as usize;
    recorded.iter().enumerate().flat_map(|(at, time)| std::iter::repeat_n(*time, total(at + 1) - total(at))).collect()
}

/// Looks for the headroom of a plan.
pub fn find(plan: &Plan, seed: u64, question: &Question<'_>, runner: &Runner) -> Headroom {
    find_with(question, |factor| {
        let case = Case::new(scaled(plan, question.of, factor), seed);
        let outcomes = runner.replicate(0..question.replications, |replication| case.run(replication));
        step(factor, &outcomes)
    })
}

fn step(factor: f64, outcomes: &[Outcome]) -> Step {
    let missed = |outcome: &Outcome| -> Vec<String> {
        let name = |(path, value): (&String, &f64)| {
            let name = path.strip_prefix("objectives.")?.strip_suffix(".met")?;
            (*value == 0.0).then(|| name.to_owned())
        };
        outcome.figures.iter().filter_map(name).collect()
    };
    let each: Vec<Vec<String>> = outcomes.iter().map(missed).collect();
    let met = each.iter().filter(|missed| missed.is_empty()).count() as u32;
    let mut missed: Vec<String> = each.into_iter().flatten().collect();
    missed.sort();
    missed.dedup();
    Step { factor, met, missed }
}

/// The bisection, for any way to look at a factor.
fn find_with(question: &Question<'_>, mut look: impl FnMut(f64) -> Step) -> Headroom {
    let needed = (question.share * f64::from(question.replications) - 1e-9).ceil().max(1.0) as u32;
    let mut steps: Vec<Step> = Vec::new();
    let mut holds = |factor: f64| {
        let step = look(factor);
        let met = step.met >= needed;
        steps.push(step);
        met
    };
    let (mut good, mut bad) = (None, None);
    let mut factor = 1.0;
    if holds(factor) {
        while bad.is_none() && factor <= MOST {
            good = Some(factor);
            factor *= 2.0;
            if factor <= MOST && !holds(factor) {
                bad = Some(factor);
            }
        }
    } else {
        while good.is_none() && factor >= 1.0 / MOST {
            bad = Some(factor);
            factor /= 2.0;
            if factor >= 1.0 / MOST && holds(factor) {
                good = Some(factor);
            }
        }
    }
    if let (Some(mut low), Some(mut high)) = (good, bad) {
        while high - low > PRECISION * high {
            let middle = f64::midpoint(low, high);
            if holds(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        (good, bad) = (Some(low), Some(high));
    }
    steps.sort_by(|a, b| a.factor.total_cmp(&b.factor));
    let broken = bad.and_then(|bad| steps.iter().find(|step| step.factor >= bad)).map(|step| step.missed.clone()).unwrap_or_default();
    Headroom { factor: good, breaks_at: bad, broken, steps, replications: question.replications }
}

#[cfg(test)]
mod tests {
    use sim_core::units::Time;

    use super::{Headroom, Question, Step, find_with, repeated};

    fn of(limit: f64) -> Headroom {
        let question = Question { of: None, replications: 20, share: 0.95 };
        find_with(&question, |factor| {
            let met = if factor <= limit { 19 } else { 18 };
            Step { factor, met, missed: vec!["p99".to_owned()] }
        })
    }

    #[test]
    fn the_limit_is_found_above_and_below_the_load_as_it_is() {
        for limit in [1.0, 1.37, 5.0, 0.6, 0.11] {
            let found = of(limit);
            let (low, high) = (found.factor.unwrap(), found.breaks_at.unwrap());
            assert!(low <= limit && limit < high && high - low <= 0.005 * high, "{limit} is not in {low}..{high}");
            assert_eq!(found.broken, ["p99"]);
        }
        assert_eq!((of(1e9).breaks_at, of(1e9).factor), (None, Some(64.0)));
        assert_eq!(of(0.0).factor, None);
    }

    #[test]
    fn growth_is_compound() {
        let found = Headroom { factor: Some(1.1025), breaks_at: None, broken: Vec::new(), steps: Vec::new(), replications: 1 };
        assert!((found.periods(0.05).unwrap() - 2.0).abs() < 1e-9);
        assert_eq!(found.periods(0.0), None);
    }

    #[test]
    fn recorded_arrivals_are_repeated_evenly() {
        let recorded: Vec<Time> = (0..4).map(Time::from_secs).collect();
        assert_eq!(repeated(&recorded, 1.0), recorded);
        assert_eq!(repeated(&recorded, 0.5), [Time::from_secs(1), Time::from_secs(3)]);
        assert_eq!(repeated(&recorded, 2.5).len(), 10);
    }
}
