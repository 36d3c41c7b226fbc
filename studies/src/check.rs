//! From what a study file says to a study that can be run, collecting every problem.

mod axis;
pub mod code;
mod goal;

use std::path::Path;

use sim_scenarios::decode;
use sim_scenarios::issue::{self, Issues, Severity};
use sim_scenarios::locate;
use sim_scenarios::overrides::Override;
use sim_scenarios::source::{SourceId, Sources};
use sim_scenarios::spec::ShortOr;
use sim_scenarios::template::Template;
use sim_scenarios::tree::{self, Node};
use sim_scenarios::wording::quote;
use sim_scenarios::{LoadOptions, render};

use crate::condition::Condition;
use crate::design::{Design, Kind, SOBOL_DIMENSIONS, Sample};
use crate::figures::{self, Figures};
use crate::replications::Replications;
use crate::search::goal::Goal;
use crate::spec::{self, WarmUp};

/// Most points of a study, before any is left out.
pub const MAX_POINTS: u64 = 10_000_000;

/// A study that can be run.
#[derive(Clone, Debug)]
pub struct Study {
    /// Its name.
    pub name: String,
    /// The question it answers.
    pub description: Option<String>,
    /// The scenario that is varied, with the study's fixed changes.
    pub template: Template,
    /// What varies.
    pub design: Design,
    /// How often each point is run.
    pub replications: Replications,
    /// When runs begin to count.
    pub warm_up: Option<WarmUp>,
    /// Seed of the first replication.
    pub base_seed: u64,
    /// Figures to show, by their whole paths.
    pub figures: Vec<String>,
    /// Currency of the scenario's bill.
    pub currency: String,
    /// What a search is for.
    pub goal: Goal,
}

/// What became of a study file.
#[derive(Debug)]
pub struct Loaded {
    /// The study; none if there is an error among the issues.
    pub study: Option<Study>,
    /// Everything that is wrong or suspicious.
    pub issues: Issues,
    /// The files that issues point into.
    pub sources: Sources,
}

impl Loaded {
    /// The issues for people; empty without any.
    pub fn report(&self, color: bool) -> String {
        render::text(&self.issues, &self.sources, color)
    }
}

/// Reads and checks the study in a file. `options` change its scenario, as for `run`.
pub fn load(path: &Path, options: &LoadOptions) -> Loaded {
    let mut sources = Sources::new();
    let mut issues = Issues::default();
    match sources.open(path) {
        Ok(id) => load_source(sources, id, issues, options),
        Err(problem) => {
            problem.report(&mut issues, issue::Path::root());
            Loaded { study: None, issues, sources }
        }
    }
}

fn load_source(mut sources: Sources, id: SourceId, mut issues: Issues, options: &LoadOptions) -> Loaded {
    if options.allow_outside {
        sources = sources.allow_outside();
    }
    let mut study = None;
    if let Some(root) = tree::parse(&sources, id, &mut issues) {
        let mut found = Issues::default();
        if let Some(written) = decode::decode::<spec::Study>(&root, &mut found) {
            study = Checker { root: &root, id, sources: &mut sources, issues: &mut found }.study(written, options);
        }
        found.locate(&root);
        issues.append(found);
    }
    Loaded { study: study.filter(|_| !issues.has_errors()), issues, sources }
}

struct Checker<'a> {
    root: &'a Node,
    id: SourceId,
    sources: &'a mut Sources,
    issues: &'a mut Issues,
}

impl Checker<'_> {
    fn study(&mut self, written: spec::Study, options: &LoadOptions) -> Option<Study> {
        let path = issue::Path::root();
        let changes = self.fixed(&written);
        let design = self.design(&written);
        let template = self.template(&written.scenario, &changes, options);
        let replications = self.replications(written.replications.as_ref());
        let template = template?;
        let base = template.build(&[]);
        let Some(plan) = &base.plan else {
            // The scenario's own problems, where they are; its sources begin with those of the study.
            self.issues.append(base.issues);
            *self.sources = base.sources;
            return None;
        };
        self.first(&design, &template);
        let known = probe(plan);
        let replications = Replications { until: self.until(&replications, &known), ..replications };
        let figures = written.figures.iter().enumerate().filter_map(|(i, short)| self.figure(&known, short, &path.key("figures").index(i))).collect();
        let goal = self.goal(&written, &known, plan);
        Some(Study {
            name: written.name.unwrap_or_else(|| plan.name.clone()),
            description: written.description,
            design,
            replications,
            warm_up: written.warm_up.map(|warm_up| warm_up.0),
            base_seed: options.seed.or(written.seed).unwrap_or(base.seed),
            figures,
            currency: plan.currency.clone(),
            goal,
            template,
        })
    }

    /// Whether there is a point at all, and whether its axes change what is there.
    fn first(&mut self, design: &Design, template: &Template) {
        if self.issues.has_errors() {
            return;
        }
        let path = issue::Path::root();
        let Some(point) = design.points().next() else {
            self.issues.error(code::CONDITION, path.key("exclude"), "no point is left: every one is left out");
            return;
        };
        let built = template.build(&point.changes());
        for issue in built.issues.iter().filter(|issue| issue.severity == Severity::Warning && issue.code == issue::code::OVERRIDE_PATH) {
            self.issues.push(issue.clone());
        }
    }

    /// `set` and `fidelity`: changes that all points share.
    fn fixed(&mut self, written: &spec::Study) -> Vec<Override> {
        let set = issue::Path::root().key("set");
        let change = |name: &str| {
            let found = locate::find(self.root, &set.key(name));
            Override::at(name, found.key.unwrap_or(found.node).span, found.node.clone(), self.issues)
        };
        let names: Vec<String> = written.set.names().map(str::to_owned).collect();
        let mut change = change;
        let mut changes: Vec<Override> = names.iter().filter_map(|name| change(name)).collect();
        if written.fidelity.is_some() {
            let found = locate::find(self.root, &issue::Path::root().key("fidelity"));
            changes.extend(Override::at("fidelity", found.key.unwrap_or(found.node).span, found.node.clone(), self.issues));
        }
        changes
    }

    fn template(&mut self, scenario: &str, changes: &[Override], options: &LoadOptions) -> Option<Template> {
        let id = match self.sources.enter_from(self.id, scenario) {
            Ok(id) => id,
            Err(problem) => {
                problem.report(self.issues, issue::Path::root().key("scenario"));
                return None;
            }
        };
        let template = Template::of(self.sources.clone(), id, Issues::default(), options);
        Some(template.changed(changes))
    }

    fn replications(&mut self, written: Option<&ShortOr<spec::Count, spec::Replications>>) -> Replications {
        let path = issue::Path::root().key("replications");
        match written {
            None => Replications::fixed(1),
            Some(ShortOr::Short(spec::Count(0))) => {
                self.issues.error(code::REPLICATIONS, path, "a point is run at least once");
                Replications::fixed(1)
            }
            Some(ShortOr::Short(count)) => Replications::fixed(count.0),
            Some(ShortOr::Full(full)) => {
                if full.min < 2 {
                    self.issues.error(code::REPLICATIONS, path.key("min"), "an interval takes at least 2 replications");
                }
                if full.max < full.min {
                    self.issues.error(code::REPLICATIONS, path.key("max"), format!("the most, {}, is below the least, {}", full.max, full.min));
                }
                let confidence = full.confidence.0.0;
                if !(0.5..1.0).contains(&confidence) {
                    self.issues.error(code::REPLICATIONS, path.key("confidence"), "a confidence lies between 50% and 100%, and is not 100%");
                }
                let until: Vec<(String, f64)> = full.until.0.iter().map(|(name, share)| (name.clone(), share.0.0)).collect();
                for (name, share) in &until {
                    if *share <= 0.0 {
                        self.issues.error(code::REPLICATIONS, path.key("until").key(name), "no interval is that narrow");
                    }
                }
                let max = if until.is_empty() { full.min } else { full.max };
                Replications { min: full.min, max, until, confidence }
            }
        }
    }

    fn until(&mut self, replications: &Replications, known: &Figures) -> Vec<(String, f64)> {
        let path = issue::Path::root().key("replications").key("until");
        replications.until.iter().filter_map(|(short, share)| Some((self.figure(known, short, &path.key(short))?, *share))).collect()
    }

    /// The whole path of a figure.
    fn figure(&mut self, known: &Figures, short: &str, path: &issue::Path) -> Option<String> {
        match figures::resolve(known.keys().map(String::as_str), short) {
            Ok(found) => Some(found.to_owned()),
            Err(problem) => {
                self.issues.error(code::FIGURE, path, format!("{} is no figure: {problem}", quote(short)));
                None
            }
        }
    }

    fn design(&mut self, written: &spec::Study) -> Design {
        let path = issue::Path::root();
        let axes = self.axes(written);
        let names: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).collect();
        let mut exclude = Vec::new();
        for (i, text) in written.exclude.iter().enumerate() {
            match Condition::parse(text, &names) {
                Ok(condition) => exclude.push(condition),
                Err(message) => {
                    self.issues.error(code::CONDITION, path.key("exclude").index(i), message);
                }
            }
        }
        let dimensions = self.dimensions(written, &axes);
        let sample = |sample: &spec::Sample| Sample { points: u64::from(sample.points), seed: sample.seed };
        let kind = match &written.design {
            spec::Design::Grid => Kind::Grid,
            spec::Design::Random(written) => Kind::Random(sample(written)),
            spec::Design::LatinHypercube(written) => Kind::LatinHypercube(sample(written)),
            spec::Design::Sobol(written) => Kind::Sobol(sample(written)),
        };
        let design = Design { axes, dimensions, exclude, kind };
        self.size(&design);
        design
    }

    fn size(&mut self, design: &Design) {
        let path = issue::Path::root();
        match design.kind {
            Kind::Grid => {
                for axis in design.axes.iter().filter(|axis| axis.count().is_none()) {
                    let message = format!("a grid takes values of {}, and its range is continuous", quote(&axis.name));
                    let issue = self.issues.error(code::RANGE, path.key("axes").key(&axis.name), message);
                    issue.with_help("add `step` or `count` to the range, or choose a sampled design such as `design: {sobol: {points: 64}}`");
                }
                let whole = design.axes.iter().all(|axis| axis.count().is_some());
                if whole && design.combinations().is_none_or(|points| points > MAX_POINTS) {
                    self.issues.error(code::TOO_MANY, path.key("axes"), format!("the grid has more than {MAX_POINTS} points"));
                }
            }
            Kind::Random(sample) | Kind::LatinHypercube(sample) | Kind::Sobol(sample) => {
                if !(1..=MAX_POINTS).contains(&sample.points) {
                    self.issues.error(code::TOO_MANY, path.key("design"), format!("expected 1 to {MAX_POINTS} points, found {}", sample.points));
                }
            }
        }
        if matches!(design.kind, Kind::Sobol(_)) && design.dimensions.len() > SOBOL_DIMENSIONS {
            self.issues
                .error(code::TOO_MANY, path.key("design"), format!("a Sobol design has at most {SOBOL_DIMENSIONS} axes"))
                .with_help("use `latinHypercube`");
        }
    }
}

/// Every figure that a run of the plan has, from a run of a second.
fn probe(plan: &sim_core::plan::Plan) -> Figures {
    let mut short = plan.clone();
    short.warm_up = sim_core::units::Span::ZERO;
    short.duration = short.duration.min(sim_core::units::Span::from_secs(1));
    let mut known = figures::of(&sim_core::simulation::run(&short, 1, |_| {}).summary);
    // Without requests in that second it has none.
    known.entry("cost.per_million_requests".to_owned()).or_insert(0.0);
    known
}

#[cfg(test)]
mod tests;
