//! A study as a search: its axes are the space, the simulator is the oracle, and every run is kept.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};
use sim_core::plan::{Fidelity, Plan, Traffic};
use sim_core::units::Time;
use sim_scenarios::issue::Severity;

use super::estate::{self, Estate};
use super::{Oracle, Sample, Space};
use crate::case::{Case, Outcome};
use crate::check::Study;
use crate::decimal::Decimal;
use crate::design::{Axis, Levels, Point};
use crate::identity::{Hash, Hasher};
use crate::runner::Runner;
use crate::spec::WarmUp;
use crate::store::{self, ReadError, Store};
use crate::warm_up;
/// Most points that a search looks at.
pub const MAX_POINTS: usize = 200_000;

/// Requests of a run from which rates are looked at first: fewer are simulated about as fast one by one.
pub const MANY_REQUESTS: f64 = 1e7;

/// When a search looks at rates before requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Where runs have [`MANY_REQUESTS`] and rates can be simulated.
    Auto,
    /// Where rates can be simulated.
    Always,
    /// Nowhere.
    Never,
}

/// Name of the entry that says what a store's runs are of.
const NAME: &str = "search.jsonl";

/// The points of a study.
#[derive(Debug)]
pub struct Points {
    /// As the search sees them.
    pub space: Space,
    /// As the simulator does.
    pub points: Vec<Point>,
}

impl Points {
    /// All points of a study; in words why it has none to search.
    pub fn of(study: &Study) -> Result<Self, String> {
        let design = &study.design;
        if let Some(axis) = design.axes.iter().find(|axis| axis.count().is_none()) {
            return Err(format!("axis `{}` is a range without steps: give it a `step` or a `count`", axis.name));
        }
        let points: Vec<Point> = design.points().take(MAX_POINTS + 1).collect();
        if points.len() > MAX_POINTS {
            return Err(format!("a search chooses among at most {MAX_POINTS} points: make ranges shorter or steps longer"));
        }
        if points.is_empty() {
            return Err("no point is left to choose from".to_owned());
        }
        let leads: Vec<usize> = design.dimensions.iter().filter_map(|axes| axes.first().copied()).collect();
        let sizes = leads.iter().map(|axis| design.axes[*axis].count().unwrap_or(1)).collect();
        let categorical = leads.iter().map(|axis| !ordered(&design.axes[*axis])).collect();
        let places = points.iter().map(|point| leads.iter().map(|axis| place(&design.axes[*axis], point, *axis)).collect()).collect();
        Ok(Self { space: Space::new(sizes, categorical, places), points })
    }

    /// The same, where it is known what machines each point has.
    #[must_use]
    pub fn with_estates(mut self, estates: &[Estate]) -> Self {
        self.space = self.space.with(&estate::levels(estates));
        self
    }

    /// Most runs where nobody says how many: a tenth of those that all points take with so many replications, and enough to be sure of an answer in a small
    /// study.
    pub fn usual_budget(&self, replications: u32) -> u32 {
        let all = self.points.len() as u64 * u64::from(replications);
        u32::try_from(all.div_ceil(10)).unwrap_or(u32::MAX).max(40)
    }
}

/// Whether the values of an axis are numbers of one unit that grow or fall.
fn ordered(axis: &Axis) -> bool {
    let Levels::List(levels) = &axis.levels else { return true };
    let numbers: Option<Vec<Decimal>> = levels.iter().map(|level| level.text.parse().ok()).collect();
    numbers.is_some_and(|numbers| {
        let one_unit = numbers.windows(2).all(|pair| pair[0].unit == pair[1].unit);
        let grows = numbers.windows(2).all(|pair| pair[0].as_f64() < pair[1].as_f64());
        let falls = numbers.windows(2).all(|pair| pair[0].as_f64() > pair[1].as_f64());
        one_unit && (grows || falls)
    })
}

fn place(axis: &Axis, point: &Point, at: usize) -> usize {
    let (Levels::List(levels), Some(level)) = (&axis.levels, &point.levels[at]) else { return 0 };
    levels.iter().position(|other| other.text == level.text).unwrap_or(0)
}

/// What a store's runs are of.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Claim {
    format: String,
    /// Hash of the plans of all points, the seed, and what is searched for.
    id: String,
}

/// Why a store was refused.
#[derive(Debug)]
pub enum Refusal {
    /// It holds runs of this search, and nobody asked to go on.
    NotEmpty,
    /// It holds runs of another one.
    Other,
    /// It said no.
    Io(io::Error),
}

/// Makes a store this search's, or refuses it. `study` is the identity of the study's points and seed.
pub fn claim(store: &dyn Store, study: &str, wanted: &Study, resume: bool) -> Result<(), Refusal> {
    let mut hasher = Hasher::new();
    hasher.text(study);
    let goal = crate::search::goal::Goal { budget: None, ..wanted.goal.clone() };
    hasher.text(&format_args!("{goal:?}"));
    let claim = Claim { format: "overspill.search/1".to_owned(), id: hasher.finish().to_string() };
    match store::read::<Claim>(store, NAME).map_err(|error| Refusal::Io(error.into()))? {
        Some(found) if found != claim => Err(Refusal::Other),
        Some(_) if !resume => Err(Refusal::NotEmpty),
        _ => store::write(store, NAME, &claim).map_err(Refusal::Io),
    }
}

/// The simulator as an oracle. Runs that the store holds are not run again, so a search that is started again takes the same way as before, faster.
pub struct Simulator<'a> {
    study: &'a Study,
    points: &'a Points,
    runner: &'a Runner,
    store: Option<&'a dyn Store>,
    /// Is told of every batch: runs so far.
    progress: &'a dyn Fn(u64),
    screen: Screen,
    cases: BTreeMap<usize, Case>,
    /// Everything that was run.
    pub outcomes: BTreeMap<(usize, u32), Outcome>,
    /// Runs by rates.
    screened: u64,
    /// Why rates were not looked at, if they might have been.
    pub refused: Option<String>,
}

impl std::fmt::Debug for Simulator<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("runs", &self.outcomes.len()).finish_non_exhaustive()
    }
}

impl<'a> Simulator<'a> {
    /// Nothing run yet.
    pub const fn new(
        study: &'a Study,
        points: &'a Points,
        runner: &'a Runner,
        store: Option<&'a dyn Store>,
        screen: Screen,
        progress: &'a dyn Fn(u64),
    ) -> Self {
        Self { study, points, runner, store, progress, screen, cases: BTreeMap::new(), outcomes: BTreeMap::new(), screened: 0, refused: None }
    }

    fn case(&mut self, point: usize) -> io::Result<()> {
        if !self.cases.contains_key(&point) {
            let loaded = self.study.template.build(&self.points.points[point].changes());
            let Some(plan) = loaded.plan else { return Err(io::Error::other(loaded.report(false))) };
            self.cases.insert(point, self.warmed(plan));
        }
        Ok(())
    }

    fn warmed(&self, plan: Plan) -> Case {
        let plan = match self.study.warm_up {
            None => plan,
            Some(WarmUp::After(span)) => warm_up::after(plan, span),
            Some(WarmUp::Auto) => warm_up::found(plan, self.study.base_seed, self.runner),
        };
        Case::new(plan, self.study.base_seed)
    }

    /// A point as rates instead of requests; why not, if that cannot be done.
    fn by_rates(&self, point: usize) -> Result<Case, String> {
        let template = self.study.template.clone().changed(&self.points.points[point].changes());
        let loaded = template.build_set(&["fidelity=flow".to_owned()]);
        let why = loaded.issues.iter().find(|issue| issue.severity == Severity::Error).map(|issue| issue.message.clone());
        loaded.plan.map(|plan| self.warmed(plan)).ok_or_else(|| why.unwrap_or_default())
    }

    /// Runs cases, each with a replication, as far as the store does not hold them.
    fn outcomes(&self, wanted: &[(&Case, u32)]) -> io::Result<Vec<Outcome>> {
        let store = self.store;
        let done: Vec<io::Result<Outcome>> = self.runner.map(wanted, |(case, replication)| {
            let Some(store) = store else { return Ok(case.run(*replication)) };
            let name = entry(&case.id(*replication));
            match store::read::<Outcome>(store, &name) {
                Ok(Some(outcome)) => Ok(outcome),
                Ok(None) | Err(ReadError::Damaged(_)) => {
                    let outcome = case.run(*replication);
                    store::write(store, &name, &outcome)?;
                    Ok(outcome)
                }
                Err(ReadError::Io(error)) => Err(error),
            }
        });
        done.into_iter().collect()
    }

    /// The plan of a point.
    pub fn plan(&mut self, point: usize) -> io::Result<&sim_core::plan::Plan> {
        self.case(point)?;
        self.cases.get(&point).map(|case| &case.plan).ok_or_else(|| io::Error::other("the point has no plan"))
    }
}

impl Oracle for Simulator<'_> {
    type Error = io::Error;

    fn run(&mut self, wanted: &[(usize, u32)]) -> io::Result<Vec<Sample>> {
        for (point, _) in wanted {
            self.case(*point)?;
        }
        let cases: Option<Vec<(&Case, u32)>> = wanted.iter().map(|(point, replication)| Some((self.cases.get(point)?, *replication))).collect();
        let done = self.outcomes(&cases.ok_or_else(|| io::Error::other("a point has no plan"))?)?;
        let mut samples = Vec::with_capacity(wanted.len());
        for (key, outcome) in wanted.iter().zip(done) {
            samples.push(self.study.goal.sample(&outcome.figures));
            self.outcomes.insert(*key, outcome);
        }
        (self.progress)(self.outcomes.len() as u64 + self.screened);
        Ok(samples)
    }

    fn screen(&mut self, points: &[usize]) -> io::Result<Option<Vec<Sample>>> {
        if self.screen == Screen::Never {
            return Ok(None);
        }
        for point in points {
            self.case(*point)?;
            let plan = &self.cases[point].plan;
            if plan.fidelity == Fidelity::Flow || (self.screen == Screen::Auto && requests(plan) < MANY_REQUESTS) {
                return Ok(None);
            }
        }
        let cases: Result<Vec<Case>, String> = points.iter().map(|point| self.by_rates(*point)).collect();
        let cases = match cases {
            Ok(cases) => cases,
            Err(why) => {
                self.refused = Some(why);
                return Ok(None);
            }
        };
        let wanted: Vec<(&Case, u32)> = cases.iter().map(|case| (case, 0)).collect();
        let samples = self.outcomes(&wanted)?.iter().map(|outcome| self.study.goal.sample(&outcome.figures)).collect();
        self.screened += points.len() as u64;
        (self.progress)(self.outcomes.len() as u64 + self.screened);
        Ok(Some(samples))
    }
}

/// Requests that the load of a plan brings in the mean, as far as that is known before.
pub fn requests(plan: &Plan) -> f64 {
    let of = |traffic: &Traffic| match traffic {
        Traffic::Requests(requests) => requests.rate.integral(Time::ZERO, Time::ZERO + plan.duration) + requests.recorded.len() as f64,
        _ => 0.0,
    };
    plan.services.values().map(|service| of(&service.traffic)).sum()
}

/// The name of a run's entry.
fn entry(id: &Hash) -> String {
    let id = id.to_string();
    format!("runs/{}/{id}.jsonl", &id[..2])
}
