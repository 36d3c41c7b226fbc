//! The scenario language: from files to a [`Plan`].
//!
//! [`load`] does it all, and shows the way: a file becomes a [`tree`] that knows where everything was written; [`mod@include`] and [`overrides`] change it;
//! [`decode`] reads it into plain structures ([`spec`]); [`manifests`] add what Kubernetes objects say; [`check`] turns the whole into a plan and
//! [expectations](expect). Nothing stops at the first problem: they are collected as [`issue`]s and [rendered](render) together.

pub mod calendar;
pub mod check;
pub mod decode;
pub mod expect;
pub mod include;
pub mod issue;
pub mod locate;
pub mod manifests;
pub mod overrides;
pub mod prices;
pub mod render;
pub mod schema;
pub mod source;
pub mod spec;
pub mod suggest;
pub mod template;
pub mod templates;
pub mod text;
pub mod tree;
pub mod wording;

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod testing;

use std::path::Path;

use sim_core::plan::Plan;

use self::decode::Partly;
use self::expect::Expectation;
use self::issue::{Issues, Segment, Severity};
use self::prices::PriceBook;
use self::source::{SourceId, Sources};
use self::spec::{Scenario, ShortOr};
use self::tree::Node;

/// How a scenario is loaded.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// Changes, each as `PATH=VALUE`, made before anything is checked.
    pub set: Vec<String>,
    /// Whether the scenario may name files outside its own folder.
    pub allow_outside: bool,
    /// A seed that wins over the scenario's.
    pub seed: Option<u64>,
}

/// What became of a scenario.
#[derive(Debug)]
pub struct Loaded {
    /// What to simulate; none if there is an error among the issues.
    pub plan: Option<Plan>,
    /// What the run must show.
    pub expectations: Vec<Expectation>,
    /// Seed of the run.
    pub seed: u64,
    /// Everything that is wrong or suspicious.
    pub issues: Issues,
    /// The files that issues point into.
    pub sources: Sources,
    /// The scenario's own text, as written; empty if it could not be read.
    pub text: String,
}

impl Loaded {
    /// What to say if recordings that are not there are all that is wrong: data that may not travel with a scenario.
    pub fn missing_data(&self) -> Option<&str> {
        let mut errors = self.issues.iter().filter(|issue| issue.severity == Severity::Error);
        let is_data = |issue: &issue::Issue| issue.code == issue::code::UNREADABLE && issue.path.segments().contains(&Segment::Key("replay".to_owned()));
        let first = errors.next().filter(|issue| is_data(issue))?;
        errors.all(is_data).then_some(first.message.as_str())
    }

    /// The issues for people; empty without any.
    pub fn report(&self, color: bool) -> String {
        render::text(&self.issues, &self.sources, color)
    }
}

/// Reads and checks the scenario in a file.
pub fn load(path: &Path, options: &LoadOptions) -> Loaded {
    let mut sources = if options.allow_outside { Sources::new().allow_outside() } else { Sources::new() };
    let mut issues = Issues::default();
    let id = sources.open(path).map_err(|problem| problem.report(&mut issues, issue::Path::root()).code);
    match id {
        Ok(id) => load_source(sources, id, issues, options),
        Err(_) => Loaded { plan: None, expectations: Vec::new(), seed: options.seed.unwrap_or_default(), issues, sources, text: String::new() },
    }
}

/// Reads and checks a scenario that is no file; `name` stands for its file name in messages.
pub fn load_text(name: &str, text: &str, options: &LoadOptions) -> Loaded {
    let mut sources = if options.allow_outside { Sources::new().allow_outside() } else { Sources::new() };
    let id = sources.add(name, text);
    load_source(sources, id, Issues::default(), options)
}

fn load_source(mut sources: Sources, id: SourceId, mut issues: Issues, options: &LoadOptions) -> Loaded {
    let root = read_tree(&mut sources, id, &mut issues, &options.set);
    let text = sources.text(id).to_owned();
    finish(root, sources, issues, text, options.seed)
}

/// The document with everything that it includes, and changed as asked for; none if it cannot be read.
fn read_tree(sources: &mut Sources, id: SourceId, issues: &mut Issues, set: &[String]) -> Option<Node> {
    let mut root = include::load(sources, id, issues)?;
    for argument in set {
        overrides::set(&mut root, "--set", argument, sources, issues);
    }
    Some(root)
}

/// From the final document to what can be run.
fn finish(root: Option<Node>, mut sources: Sources, mut issues: Issues, text: String, mut seed: Option<u64>) -> Loaded {
    let mut plan = None;
    let mut expectations = Vec::new();
    if let Some(root) = root {
        let mut found = Issues::default();
        let mut partly = decode::decode_partly::<Scenario>(&root, &mut found);
        if let Some(scenario) = partly.value.take() {
            seed = seed.or(Some(scenario.seed));
            (plan, expectations) = interpret(scenario, &partly, &root, &mut sources, &mut found);
        }
        found.locate(&root);
        issues.append(found);
    }
    let plan = plan.filter(|_| !issues.has_errors());
    Loaded { plan, expectations, seed: seed.unwrap_or_default(), issues, sources, text }
}

/// From the decoded scenario to a plan: manifests, prices, checks.
fn interpret(mut scenario: Scenario, partly: &Partly<Scenario>, root: &Node, sources: &mut Sources, issues: &mut Issues) -> (Option<Plan>, Vec<Expectation>) {
    let origins = manifests::apply(&mut scenario, root, sources, issues);
    let book = price_book(&scenario, root, sources, issues);
    let mut found = Issues::default();
    let (plan, expectations) = check::check(&scenario, check::Input { root, sources, book: book.as_ref() }, &mut found);
    if !(partly.left_out.is_empty() && partly.made_up.is_empty()) {
        found = certain(&found, root, partly);
    }
    issues.append(origins.relocate(&found));
    (plan, expectations)
}

/// The issues that hold although parts of the scenario were left out: what a check misses may be what was left out, names may be gone, lists may have
/// shifted, and values may be made up.
fn certain(issues: &Issues, root: &Node, partly: &Partly<Scenario>) -> Issues {
    use check::code::{EMPTY, MISSING, NO_CPU_REQUEST, UNKNOWN_NAME};
    let is_element = |path: &issue::Path| matches!(path.segments().last(), Some(Segment::Index(_)));
    let shifted: Vec<&issue::Path> = partly.left_out.iter().filter(|path| is_element(path)).collect();
    let names = ["nodes", "virtualNodes", "providers", "manifests", "services", "jobs"].map(key);
    let gives_names = |path: &issue::Path| path.segments().first().is_none_or(|first| names.contains(first));
    let is_name = |path: &issue::Path| path.segments().len() <= 2 || path.segments().last().is_some_and(|last| ["name", "tier"].map(key).contains(last));
    let named = |path: &issue::Path| gives_names(path) && is_name(path);
    let names_gone = partly.left_out.iter().any(named) || partly.made_up.iter().any(|path| !path.is_root());
    let holds = |issue: &&issue::Issue| {
        let in_shifted_list = shifted.iter().any(|path| {
            let list = &path.segments()[..path.segments().len() - 1];
            issue.path.segments().len() > list.len() && issue.path.segments().starts_with(list)
        });
        let follows = match issue.code {
            UNKNOWN_NAME => names_gone,
            MISSING | EMPTY | NO_CPU_REQUEST => !partly.left_out.is_empty(),
            _ => false,
        };
        issue.severity == Severity::Error && !in_shifted_list && !follows && locate::find(root, &issue.path).complete
    };
    let mut kept = Issues::default();
    issues.iter().filter(holds).for_each(|issue| {
        kept.push(issue.clone());
    });
    kept
}

fn key(name: &str) -> Segment {
    Segment::Key(name.to_owned())
}

fn price_book(scenario: &Scenario, root: &Node, sources: &mut Sources, issues: &mut Issues) -> Option<PriceBook> {
    let prices = issue::Path::root().key("prices");
    let (name, path) = match &scenario.prices {
        None => (prices::DEFAULT, prices),
        Some(ShortOr::Short(name)) => (name.as_str(), prices),
        Some(ShortOr::Full(full)) => (full.book.as_deref().unwrap_or(prices::DEFAULT), prices.key("book")),
    };
    let from = locate::span(root, &path, false).source;
    prices::load(sources, from, name, &path, issues)
}
