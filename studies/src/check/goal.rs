//! What a search is for.

use sim_core::plan::Plan;
use sim_scenarios::issue::Path;
use sim_scenarios::spec::ShortOr;

use super::{Checker, code};
use crate::figures::Figures;
use crate::search::goal::{Constraint, Goal};
use crate::search::written::Judged;
use crate::spec;

/// Share of runs in which constraints hold, and certainty of the answer, where a study names none.
const USUAL: f64 = 0.95;

impl Checker<'_> {
    pub(super) fn goal(&mut self, written: &spec::Study, known: &Figures, plan: &Plan) -> Goal {
        let root = Path::root();
        let minimize = written.minimize.as_deref().unwrap_or("cost.total");
        let minimize = self.figure(known, minimize, &root.key("minimize")).unwrap_or_else(|| minimize.to_owned());
        let mut constraints = Vec::new();
        match &written.constraints {
            None => constraints = objectives(plan),
            Some(list) => {
                for (at, entry) in list.iter().enumerate() {
                    for (name, bound) in &entry.0 {
                        let path = root.key("constraints").index(at).key(name);
                        match bound {
                            ShortOr::Short(_) => self.met(name, plan, &path, &mut constraints),
                            ShortOr::Full(bound) => {
                                let Some(figure) = self.figure(known, name, &path) else { continue };
                                let bounds =
                                    [(bound.below, false, false), (bound.above, true, false), (bound.at_most, false, true), (bound.at_least, true, true)];
                                let before = constraints.len();
                                constraints.extend(bounds.into_iter().filter_map(|(bound, at_least, inclusive)| {
                                    Some(Constraint::Figure { figure: figure.clone(), at_least, inclusive, bound: bound? })
                                }));
                                if constraints.len() == before {
                                    self.issues.error(code::CONSTRAINT, path, "a constraint has a bound: `below`, `above`, `atMost` or `atLeast`");
                                }
                            }
                        }
                    }
                }
            }
        }
        let mut part = |key: &str, share: Option<f64>| {
            let share = share.unwrap_or(USUAL);
            if !(0.5..1.0).contains(&share) {
                self.issues.error(code::CONSTRAINT, root.key(key), "expected 50% or more, and less than 100%");
            }
            share
        };
        let share = part("share", written.share.as_ref().map(|share| share.0.0));
        let confidence = part("confidence", written.confidence.as_ref().map(|share| share.0.0));
        if written.budget == Some(0) {
            self.issues.error(code::CONSTRAINT, root.key("budget"), "a search takes at least one run");
        }
        Goal { minimize, constraints, on_average: written.judged == Judged::OnAverage, share, confidence, budget: written.budget }
    }

    /// `objectives: met`, or the name of one: `p99-web: met`.
    fn met(&mut self, name: &str, plan: &Plan, path: &Path, constraints: &mut Vec<Constraint>) {
        let all = objectives(plan);
        let of_name = all.iter().find(|objective| matches!(objective, Constraint::Objective { name: known, .. } if known == name));
        if name == "objectives" && !all.is_empty() {
            constraints.extend(all);
        } else if let Some(objective) = of_name {
            constraints.push(objective.clone());
        } else if all.is_empty() {
            self.issues.error(code::CONSTRAINT, path, "the scenario has no objectives").with_help("give it some, or bound a figure: `{p99: {below: 300}}`");
        } else {
            let names: Vec<String> = all.iter().map(Constraint::text).collect();
            self.issues.error(code::CONSTRAINT, path, format!("no objective has this name; there is {}", names.join(", ")));
        }
    }
}

/// All objectives of the scenario.
fn objectives(plan: &Plan) -> Vec<Constraint> {
    plan.objectives.iter().map(|objective| Constraint::Objective { name: objective.name.clone(), attain: objective.attain }).collect()
}
