//! Which configurations survive the loss of any one zone at the peak, and what they cost.
//!
//! Each replication of a configuration is run as it is and once for each zone, which is lost when most is asked for; all on the same customers. A
//! configuration survives a loss if all objectives are met in at least a share of the replications, the time of the loss included.

use std::collections::BTreeSet;

use sim_core::plan::{FailMode, Fault, FaultBegins, FaultKind, Plan, Repair};
use sim_core::simulation;
use sim_core::units::{Span, Time};

use crate::case::{Case, Outcome};
use crate::runner::Runner;
use crate::seed;
use crate::statistics::Estimate;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Zones that are lost, one at a time; all that have nodes if none is named.
    pub zones: Vec<String>,
    /// When; at the peak if no time is given.
    pub at: Option<Time>,
    /// For how long; to the end of the run if no time is given.
    pub lasts: Option<Span>,
    /// Runs of each case.
    pub replications: u32,
    /// Share of them in which all objectives must be met (0..1).
    pub share: f64,
    /// Confidence of intervals (0..1).
    pub confidence: f64,
}

/// A configuration to look at.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// What people call it.
    pub name: String,
    /// What is run.
    pub plan: Plan,
    /// Seed of the first replication.
    pub seed: u64,
}

/// How a configuration fares.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Finding {
    /// Its name.
    pub name: String,
    /// Its cost without any loss.
    pub cost: Option<Estimate>,
    /// When zones are lost, in seconds.
    pub at_s: f64,
    /// As it is, then without each zone.
    pub trials: Vec<Trial>,
    /// Whether it holds as it is and survives every loss.
    pub survives: bool,
}

/// One case of a configuration.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Trial {
    /// The zone that is lost; none as it is.
    pub zone: Option<String>,
    /// Runs: fewer than asked for where it is clear before.
    pub runs: u32,
    /// Runs of these that met all objectives.
    pub met: u32,
    /// Objectives missed in some run.
    pub missed: Vec<String>,
    /// 99th percentile of latency over all services, in milliseconds.
    pub p99_ms: Option<Estimate>,
    /// Share of requests answered in time.
    pub success_rate: Option<Estimate>,
    /// Whether it holds.
    pub holds: bool,
}

/// Replications of all cases that run at once: fixed, so that what is run does not depend on the number of threads.
const BATCH: u32 = 4;

impl Question {
    /// How many replications may miss an objective.
    fn spare(&self) -> u32 {
        let needed = (self.share * f64::from(self.replications) - 1e-9).ceil().max(1.0) as u32;
        self.replications - needed.min(self.replications)
    }
}

/// Zones that have machines or virtual nodes, by name.
pub fn zones(plan: &Plan) -> Vec<String> {
    let zones: BTreeSet<&String> = plan.nodes.values().map(|node| &node.zone).filter(|zone| !zone.is_empty()).collect();
    zones.into_iter().cloned().collect()
}

/// Stretches of a run among which the busiest is looked for.
const STRETCHES: f64 = 60.0;
/// Busy enough to count as the peak, relative to the busiest stretch: of a plateau the beginning counts, wherever chance puts its highest point.
const BUSY: f64 = 0.95;

/// When most is asked for in a run: the start of the busiest sixtieth of it, by requests, or by the demand for CPU where there are none.
pub fn peak(plan: &Plan, seed: u64) -> Time {
    let record = simulation::run(plan, seed::of_replication(seed, 0), |_| {});
    let length = (plan.duration.as_nanos() as f64 / 1e9 / STRETCHES).max(1e-9);
    let mut stretches = vec![(f64::INFINITY, 0, 0.0); STRETCHES as usize];
    for row in &record.workload_series {
        let at = ((row.t / length) as usize).min(stretches.len() - 1);
        let (from, requests, cores) = &mut stretches[at];
        *from = from.min(row.t);
        *requests += row.offered;
        *cores += row.cpu_demand_cores;
    }
    let requests = stretches.iter().any(|stretch| stretch.1 > 0);
    let asked = |stretch: &(f64, u64, f64)| if requests { stretch.1 as f64 } else { stretch.2 };
    let most = stretches.iter().map(asked).fold(0.0, f64::max);
    let first = stretches.iter().find(|stretch| stretch.0.is_finite() && asked(stretch) >= BUSY * most).map_or(0.0, |stretch| stretch.0);
    Time::ZERO + Span::from_secs_f64(first)
}

/// The plan without a zone from an instant on.
#[must_use]
pub fn without(plan: &Plan, zone: &str, at: Time, lasts: Option<Span>) -> Plan {
    let mut plan = plan.clone();
    plan.faults.list.push(Fault {
        target: format!("zone {zone}"),
        begins: FaultBegins::At(at),
        repair: lasts.map_or(Repair::Never, Repair::After),
        kind: FaultKind::Zone { zone: zone.to_owned(), mode: FailMode::default() },
    });
    plan
}

/// How a configuration fares. With `early` a case that cannot hold any more ends the look, which is enough to know that the configuration does not survive.
pub fn examine(configuration: &Configuration, question: &Question, early: bool, runner: &Runner, progress: &dyn Fn(u64)) -> Finding {
    let Configuration { name, plan, seed } = configuration;
    let at = question.at.unwrap_or_else(|| peak(plan, *seed));
    let zones = if question.zones.is_empty() { zones(plan) } else { question.zones.clone() };
    let mut names = vec![None];
    names.extend(zones.into_iter().map(Some));
    let plans = names.iter().map(|zone| zone.as_deref().map_or_else(|| plan.clone(), |zone| without(plan, zone, at, question.lasts)));
    let cases: Vec<Case> = plans.map(|plan| Case::new(plan, *seed)).collect();
    let mut outcomes: Vec<Vec<Outcome>> = vec![Vec::new(); cases.len()];
    let missed = |outcomes: &[Outcome]| outcomes.iter().filter(|outcome| !crate::headroom::missed(outcome).is_empty()).count() as u32;
    let spare = question.spare();
    let mut done = 0;
    while done < question.replications && !(early && outcomes.iter().any(|outcomes| missed(outcomes) > spare)) {
        // One replication often tells; the others follow a few at a time.
        let more = if done == 0 && early { 1 } else { BATCH }.min(question.replications - done);
        let wanted: Vec<(usize, u32)> = (done..done + more).flat_map(|replication| (0..cases.len()).map(move |case| (case, replication))).collect();
        for ((case, _), outcome) in wanted.iter().zip(runner.run(&cases, &wanted)) {
            outcomes[*case].push(outcome);
        }
        done += more;
        progress(wanted.len() as u64);
    }
    let trial = |(zone, outcomes): (Option<String>, &Vec<Outcome>)| {
        let estimate = |figure: &str| {
            let values: Vec<f64> = outcomes.iter().filter_map(|outcome| outcome.figures.get(figure).copied()).collect();
            Estimate::of(&values, question.confidence)
        };
        let mut names: Vec<String> = outcomes.iter().flat_map(crate::headroom::missed).collect();
        names.sort();
        names.dedup();
        let runs = outcomes.len() as u32;
        Trial {
            zone,
            runs,
            met: runs - missed(outcomes),
            missed: names,
            p99_ms: estimate("latency_ms.p99"),
            success_rate: estimate("requests.success_rate"),
            holds: runs == question.replications && missed(outcomes) <= spare,
        }
    };
    let trials: Vec<Trial> = names.into_iter().zip(&outcomes).map(trial).collect();
    let costs: Vec<f64> = outcomes[0].iter().filter_map(|outcome| outcome.figures.get("cost.total").copied()).collect();
    Finding {
        name: name.clone(),
        cost: Estimate::of(&costs, question.confidence),
        at_s: at.as_secs_f64(),
        survives: trials.iter().all(|trial| trial.holds),
        trials,
    }
}

/// Looks at configurations from the cheapest on until one survives, and returns those looked at; the last one survives, if any does. The order is that of
/// one run of each as it is.
pub fn cheapest(configurations: &[Configuration], question: &Question, runner: &Runner, progress: &dyn Fn(u64)) -> Vec<Finding> {
    let cost = |configuration: &Configuration| {
        let case = Case::new(configuration.plan.clone(), configuration.seed);
        case.run(0).figures.get("cost.total").copied().unwrap_or(f64::INFINITY)
    };
    let costs = runner.map(configurations, cost);
    progress(configurations.len() as u64);
    let mut order: Vec<usize> = (0..configurations.len()).collect();
    order.sort_by(|a, b| costs[*a].total_cmp(&costs[*b]).then(a.cmp(b)));
    let mut found = Vec::new();
    for place in order {
        found.push(examine(&configurations[place], question, true, runner, progress));
        if found.last().is_some_and(|finding| finding.survives) {
            break;
        }
    }
    found
}
