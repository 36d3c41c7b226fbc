//! From what is written to a plan: units resolved, names turned into ids, every problem reported with a stable code and its place.
//!
//! Each file below checks one topic and returns a value in any case, a harmless one in place of a wrong one, so that one pass finds every problem. The plan
//! counts only if there was no error.

pub mod code;

mod affinity;
mod apply;
mod batch;
mod budget;
mod calls;
mod control;
mod costs;
mod custom_metrics;
mod distribution;
mod estate;
mod events;
mod expectation;
mod fault;
mod feasibility;
mod fidelity;
mod gates;
mod hpa;
mod job;
mod limits;
mod load;
mod machine_price;
mod names;
mod neighbours;
mod objective;
mod placement;
mod pods;
mod pool;
mod priority;
mod provider;
mod reservation;
mod resources;
mod retries;
mod rollout;
mod scaling;
mod scheduler;
mod service;
mod serving;
mod subsets;
mod supply;
mod traffic;
mod usage;
mod virtual_node;
mod weights;

use std::collections::BTreeMap;

use sim_core::billing::OwnedPart;
use sim_core::id::Table;
use sim_core::plan::{Fidelity, Job, KubernetesVersion, MetricSource, Plan, PodTemplate, Service, Variant};
use sim_core::units::Span;

pub(crate) use self::costs::unit as item_unit;
pub(crate) use self::scheduler::SCORE_PLUGINS;
pub(crate) use self::supply::selectors;

use self::estate::Estate;
use self::limits::{PODS_MAX, ROWS_TOTAL_MAX, SPAN_MAX, WINDOWS_MAX, WINDOWS_USUAL};
use crate::expect::Expectation;
use crate::issue::{Issues, Path};
use crate::locate;
use crate::prices::PriceBook;
use crate::source::{Located, Problem, Sources};
use crate::spec::{self, ClusterKind, Preference, Scenario};
use crate::text::DateTime;
use crate::tree::Node;
use crate::wording::quote;

/// What checks need besides the scenario itself.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The document, for places.
    pub root: &'a Node,
    /// Its files.
    pub sources: &'a Sources,
    /// The price book; none if it could not be read, which was reported.
    pub book: Option<&'a PriceBook>,
}

/// What all checks share.
struct Context<'a> {
    issues: &'a mut Issues,
    files: Files<'a>,
    /// Names of extended resources, in the order in which they appear.
    extended: Vec<String>,
    duration: Span,
    /// Most requests of a service.
    requests_max: f64,
    /// What the user's own machines cost part by part, by item.
    owned_parts: BTreeMap<String, Vec<OwnedPart>>,
    /// Pieces of load profiles so far.
    pieces: u64,
    /// Date and time at the start.
    start: Option<&'a DateTime>,
    /// Time of day at the start.
    time_of_day: Span,
    /// Feature gates that are on.
    gates: gates::Gates,
    /// Names of services, in order.
    service_names: Vec<String>,
    /// Who is called by services.
    called: calls::Called<'a>,
    /// What custom and external metrics show, by name.
    custom_metrics: BTreeMap<String, MetricSource>,
    /// What weights of preferred affinity mean to pods that do not say.
    preference: Preference,
    /// Priority classes.
    priorities: priority::Classes,
    /// The kind of cluster, if it is said.
    cluster_kind: Option<ClusterKind>,
    /// Whether the add-on ack-co-scheduler is there.
    has_co_scheduler: bool,
    /// The most pods that an event gives a service, by its name.
    scaled_by_hand: BTreeMap<&'a str, u32>,
}

/// Files that a scenario names.
struct Files<'a> {
    root: &'a Node,
    sources: &'a Sources,
}

impl Files<'_> {
    /// The file that the entry at `path` names, relative to the file that holds the entry.
    fn locate(&self, path: &Path, name: &str) -> Result<Located, Problem> {
        self.sources.locate_from(locate::span(self.root, path, false).source, name)
    }
}

/// Checks a scenario. The plan is there unless something is wrong.
pub fn check(scenario: &Scenario, input: Input<'_>, issues: &mut Issues) -> (Option<Plan>, Vec<Expectation>) {
    let fidelity = match scenario.fidelity {
        spec::Fidelity::Request => Fidelity::Request,
        spec::Fidelity::Flow => Fidelity::Flow,
    };
    let files = Files { root: input.root, sources: input.sources };
    let start = scenario.start.as_ref().map(|start| &start.0);
    let time_of_day = start.map_or(Span::ZERO, DateTime::time_of_day);
    let mut cx = Context {
        issues,
        files,
        extended: Vec::new(),
        duration: scenario.duration.0,
        requests_max: if fidelity == Fidelity::Flow { limits::RATES_MAX } else { limits::REQUESTS_MAX },
        owned_parts: BTreeMap::new(),
        pieces: 0,
        start,
        time_of_day,
        preference: scenario.placement.preference,
        priorities: priority::Classes::default(),
        gates: gates::Gates::default(),
        service_names: scenario.services.names().map(str::to_owned).collect(),
        called: calls::called(scenario),
        custom_metrics: BTreeMap::new(),
        cluster_kind: scenario.cluster.kind,
        has_co_scheduler: scenario.cluster.co_scheduler,
        scaled_by_hand: events::scaled(scenario),
    };
    let cx = &mut cx;
    names::free(cx, "scenario", &scenario.name, &Path::root().key("name"));
    duration(cx);
    let window = window(cx, scenario);
    let version = control::version(cx, &scenario.kubernetes);
    cx.gates = gates::read(cx, &scenario.kubernetes, version);
    cx.custom_metrics = custom_metrics::read(cx, scenario);
    cx.priorities = priority::classes(cx, scenario);
    let mut scheduler = scheduler::read(cx, &scenario.scheduler, version);
    scheduler.takes_over_unschedulable = scenario.cluster.virtual_kubelet_autoscaler;
    let mut estate = estate::read(cx, scenario, input.book);
    let node_scaling = pool::scaling(cx, scenario);
    let mut services = services(cx, scenario, &mut estate);
    let backends = calls::backends(cx, scenario);
    calls::check(cx, &services);
    let mut variants = Vec::new();
    let mut jobs = jobs(cx, scenario, &mut estate, &mut variants, version);
    total_pods(cx, &services, &jobs);
    total_rows(cx, window, services.len() + jobs.len() + estate.tiers.len() + estate.pools.len());
    let objectives = scenario.objectives.iter().enumerate();
    let objectives: Vec<_> =
        objectives.filter_map(|(i, written)| objective::read(cx, written, &services, &estate.tiers, &Path::root().key("objectives").index(i))).collect();
    let rollouts = rollout::revisions(cx, scenario, &mut services, jobs.len(), &mut estate, &mut variants);
    let namespaces = events::namespaces(cx, scenario, &services, &jobs);
    let actions =
        events::read(cx, scenario, &events::Targets { estate: &estate, namespaces: &namespaces, services: &services, jobs: &jobs, rollouts: &rollouts });
    let supply = supply::apply(cx, scenario, input.book, &mut estate, (&mut services, &mut jobs, &mut variants), &namespaces);
    let faults = fault::read(cx, scenario, version, &estate, &services, &jobs, &supply);
    let later = apply::placements(cx, scenario, &services, &mut estate);
    suspicions(cx, &services, &jobs, &estate);
    let disruption_budgets = budget::read(cx, scenario, &services);
    let metrics = control::metrics(cx, &scenario.metrics);
    let hpa = control::hpa_controller(cx, &scenario.hpa_controller, version);
    let api_outages = control::api_outages(cx, &scenario.kubernetes.api_outages);
    let terms = costs::terms(cx, scenario, input.book, &objectives);
    let mut plan = Plan {
        name: scenario.name.clone(),
        fidelity,
        duration: cx.duration,
        warm_up: warm_up(cx, scenario),
        origin: start.map(|start| start.text.clone()),
        kubernetes: version,
        scheduler,
        disruption_budgets,
        window,
        extended_resources: cx.extended.clone(),
        tiers: estate.tiers,
        providers: estate.providers,
        nodes: estate.nodes,
        pools: estate.pools,
        node_scaling,
        namespaces,
        supply,
        services,
        jobs,
        backends,
        variants,
        actions,
        metrics,
        hpa,
        api_outages,
        faults,
        currency: input.book.map(|book| book.currency.clone()).unwrap_or_default(),
        tariff: costs::tariff(scenario, input.book),
        terms,
        objectives,
    };
    plan.add_forms(later);
    let mut expectations = Vec::new();
    for (i, written) in scenario.expect.iter().enumerate() {
        expectation::read(cx, written, &plan, &Path::root().key("expect").index(i), &mut expectations);
    }
    fidelity::check(cx, &plan);
    let is_sound = !cx.issues.has_errors();
    if is_sound {
        weights::check(cx, &plan);
    }
    (is_sound.then_some(plan), expectations)
}

fn duration(cx: &mut Context<'_>) {
    let path = Path::root().key("duration");
    if cx.duration.is_zero() {
        cx.issues.error(code::TOO_SMALL, &path, "a run is longer than 0");
    } else if cx.duration > SPAN_MAX {
        cx.issues.error(code::TOO_LARGE, &path, "a run lasts at most 10 years");
        // Other checks multiply rates and counts by it.
        cx.duration = SPAN_MAX;
    }
}

fn warm_up(cx: &mut Context<'_>, scenario: &Scenario) -> Span {
    let warm_up = scenario.warm_up.map_or(Span::ZERO, |written| written.0);
    if warm_up >= cx.duration && !cx.duration.is_zero() {
        cx.issues.error(code::TOO_LARGE, Path::root().key("warmUp"), "the warm-up leaves nothing of the run to count");
        return Span::ZERO;
    }
    warm_up
}

fn window(cx: &mut Context<'_>, scenario: &Scenario) -> Span {
    /// Round lengths in seconds.
    const ROUND: [u64; 14] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 21_600];
    let path = Path::root().key("window");
    let Some(written) = scenario.window else {
        let fits = |seconds: &&u64| cx.duration.as_nanos() <= Span::from_secs(**seconds).as_nanos() * WINDOWS_USUAL;
        return Span::from_secs(*ROUND.iter().find(fits).unwrap_or(&86_400));
    };
    let window = written.0;
    if window.is_zero() {
        cx.issues.error(code::TOO_SMALL, &path, "a window is longer than 0");
        return Span::from_secs(60);
    }
    let count = cx.duration.as_nanos() / window.as_nanos();
    if count > WINDOWS_MAX {
        cx.issues.error(code::TOO_SMALL, &path, format!("{count} windows are too many: at most {WINDOWS_MAX} are possible"));
    }
    if window > cx.duration {
        cx.issues.warning(code::LONG_WINDOW, &path, "the window is longer than the run: there will be one row");
    }
    window
}

fn services(cx: &mut Context<'_>, scenario: &Scenario, estate: &mut Estate) -> Table<Service> {
    for name in scenario.load.names() {
        if scenario.services.get(name).is_none() {
            names::unknown(cx, "service", name, scenario.services.names(), &Path::root().key("load").key(name)).on_key();
        }
    }
    let none = Vec::new();
    scenario.services.0.iter().map(|(name, written)| service::read(cx, name, written, scenario.load.get(name).unwrap_or(&none), estate)).collect()
}

fn jobs(cx: &mut Context<'_>, scenario: &Scenario, estate: &mut Estate, variants: &mut Vec<Variant>, version: KubernetesVersion) -> Table<Job> {
    for name in scenario.jobs.names() {
        if scenario.services.get(name).is_some() {
            let message = format!("{} is both a service and a job", quote(name));
            cx.issues.error(code::DUPLICATE_NAME, Path::root().key("jobs").key(name), message).on_key();
        }
    }
    let (services, jobs) = (scenario.services.0.len(), scenario.jobs.0.len());
    let places = scenario.jobs.0.iter().enumerate();
    let read = places.map(|(place, (name, written))| {
        let classes = job::Classes { place: services + place, first: services + jobs, variants: &mut *variants };
        job::read(cx, name, written, estate, classes, version)
    });
    read.collect()
}

fn total_pods(cx: &mut Context<'_>, services: &Table<Service>, jobs: &Table<Job>) {
    let most = services.values().map(|service| service::most_pods(cx, service)).sum::<u64>() + jobs.values().map(|job| u64::from(job.pods)).sum::<u64>();
    if most > PODS_MAX {
        let largest = services.values().max_by_key(|service| service::most_pods(cx, service));
        let path = largest.map_or(Path::root().key("jobs"), |service| Path::root().key("services").key(&service.name));
        cx.issues.error(code::TOO_LARGE, path, format!("up to {most} pods at a time are too many: at most {PODS_MAX} are possible")).on_key();
    }
}

fn total_rows(cx: &mut Context<'_>, window: Span, things: usize) {
    let rows = (cx.duration.as_nanos() / window.as_nanos()).saturating_mul(things as u64);
    if rows > ROWS_TOTAL_MAX {
        let message = format!("{rows} rows of time series are too many: at most {ROWS_TOTAL_MAX} are possible");
        cx.issues.error(code::TOO_LARGE, Path::root().key("window"), message).with_help("choose a longer `window`");
    }
}

fn suspicions(cx: &mut Context<'_>, services: &Table<Service>, jobs: &Table<Job>, estate: &Estate) {
    let of_services = services.values().map(|service| ("services", &service.name, &service.template));
    let workloads: Vec<_> = of_services.chain(jobs.values().map(|job| ("jobs", &job.name, &job.template))).collect();
    let templates: Vec<&PodTemplate> = workloads.iter().map(|(_, _, template)| *template).collect();
    for (kind, name, template) in workloads {
        let path = Path::root().key(kind).key(name);
        feasibility::check(cx, name, template, estate, &path);
        neighbours::suspicions(cx, name, template, &templates, estate, &path);
    }
}

#[cfg(test)]
mod tests;
