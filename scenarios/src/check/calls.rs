//! Calls between services, and backends.

use std::collections::BTreeSet;

use sim_core::id::{Id, Table};
use sim_core::plan::{Backend, Call, Callee, Calls, Discipline, Requests, Service, Traffic};
use sim_core::random::Distribution;

use super::limits::{CONCURRENCY_MAX, SPAN_MAX};
use super::{Context, code, distribution, names, retries};
use crate::issue::Path;
use crate::spec::{self, Holds, Scenario, ShortOr};
use crate::wording::quote;

/// Who is called, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Called<'a> {
    /// Services that another one calls.
    services: BTreeSet<&'a str>,
    /// Backends, in order.
    backends: Vec<&'a str>,
}

impl Called<'_> {
    /// Whether some service calls the one of this name.
    pub(super) fn has(&self, service: &str) -> bool {
        self.services.contains(service)
    }
}

/// The calls of a step.
fn of_step(step: &spec::CallStep) -> &[spec::Call] {
    match step {
        ShortOr::Short(together) => together,
        ShortOr::Full(one) => std::slice::from_ref(one),
    }
}

/// Finds out who is called.
pub(super) fn called(scenario: &Scenario) -> Called<'_> {
    let calls = scenario.services.0.iter().flat_map(|(_, service)| &service.calls).flat_map(of_step);
    Called { services: calls.map(|call| call.to.as_str()).collect(), backends: scenario.backends.names().collect() }
}

/// The calls of the service at `path`.
pub(super) fn read(cx: &mut Context<'_>, written: &spec::Service, path: &Path) -> Calls {
    let place = path.key("calls");
    let mut steps = Vec::new();
    for (i, step) in written.calls.iter().enumerate() {
        let place = place.index(i);
        if let ShortOr::Short(together) = step
            && together.is_empty()
        {
            cx.issues.error(code::EMPTY, &place, "calls that are made together are at least one");
        }
        let calls = of_step(step).iter().enumerate();
        let at = |j: usize| if matches!(step, ShortOr::Short(_)) { place.index(j) } else { place.clone() };
        steps.push(calls.filter_map(|(j, written)| call(cx, written, &at(j))).collect());
    }
    if written.calls.is_empty() && written.holds.is_some() {
        cx.issues.warning(code::NO_EFFECT, path.key("holds"), "a service without `calls` waits for nobody");
    }
    Calls { steps, hold_worker: written.holds != Some(Holds::Nothing) }
}

fn call(cx: &mut Context<'_>, written: &spec::Call, path: &Path) -> Option<Call> {
    let name = written.to.as_str();
    let service = cx.service_names.iter().position(|known| known == name);
    let backend = cx.called.backends.iter().position(|known| *known == name);
    let to = match (service, backend) {
        (Some(place), _) => Some(Callee::Service(Id::new(place))),
        (None, Some(place)) => Some(Callee::Backend(Id::new(place))),
        (None, None) => {
            let known: Vec<String> = cx.service_names.iter().cloned().chain(cx.called.backends.iter().map(|&name| name.to_owned())).collect();
            names::unknown(cx, "service or backend", name, known.iter().map(String::as_str), &path.key("to"));
            None
        }
    };
    if written.timeout.is_some_and(|timeout| timeout.0.is_zero() || timeout.0 > SPAN_MAX) {
        cx.issues.error(code::TOO_SMALL, path.key("timeout"), "a time of more than 0 and at most 10 years is possible");
    }
    let retries = written.retries.as_ref().map(|written| retries::read(cx, written, &path.key("retries")));
    let probability = written.probability.map_or(1.0, |share| share.0.0);
    Some(Call { to: to?, probability, timeout: written.timeout.map(|timeout| timeout.0), retries, is_optional: written.optional })
}

/// The plan's backends.
pub(super) fn backends(cx: &mut Context<'_>, scenario: &Scenario) -> Table<Backend> {
    scenario.backends.0.iter().map(|(name, written)| backend(cx, scenario, name, written)).collect()
}

fn backend(cx: &mut Context<'_>, scenario: &Scenario, name: &str, written: &spec::Backend) -> Backend {
    let path = Path::root().key("backends").key(name);
    names::object(cx, "backend", name, &path);
    for (kind, taken) in [("service", scenario.services.get(name).is_some()), ("job", scenario.jobs.get(name).is_some())] {
        if taken {
            cx.issues.error(code::DUPLICATE_NAME, &path, format!("{} is both a {kind} and a backend", quote(name))).on_key();
        }
    }
    let calls = scenario.services.0.iter().flat_map(|(_, service)| &service.calls).flat_map(of_step);
    if calls.filter(|call| call.to == name).count() == 0 {
        cx.issues.warning(code::NO_EFFECT, &path, format!("no service calls the backend {}", quote(name))).on_key();
    }
    let is_shared = written.discipline == Some(spec::Discipline::ProcessorSharing);
    let concurrency = written.concurrency.unwrap_or(if is_shared { CONCURRENCY_MAX } else { 1 });
    if !(1..=CONCURRENCY_MAX).contains(&concurrency) {
        let code = if concurrency == 0 { code::TOO_SMALL } else { code::TOO_LARGE };
        cx.issues.error(code, path.key("concurrency"), format!("a backend works on 1 to {CONCURRENCY_MAX} calls at once"));
    }
    let cores = distribution::number(cx, written.cores.unwrap_or(1.0), 0.001, 100_000.0, &path.key("cores"));
    if written.cores.is_some() && !is_shared {
        cx.issues.warning(code::NO_EFFECT, path.key("cores"), "`cores` are shared with `discipline: processorSharing`");
    }
    let at_once = if is_shared { cores.min(f64::from(concurrency)) } else { f64::from(concurrency) };
    let service_time = match (&written.service_time, written.capacity) {
        (Some(service_time), None) => distribution::read(cx, service_time, true, &path.key("serviceTime")),
        (None, Some(capacity)) => {
            let capacity = capacity.0.0;
            if capacity <= 0.0 {
                cx.issues.error(code::TOO_SMALL, path.key("capacity"), "a backend answers more than 0 calls a second");
            }
            Distribution::Exponential { mean: at_once / capacity.max(f64::MIN_POSITIVE) }
        }
        (both, _) => {
            let (code, message) = if both.is_some() {
                (code::CONFLICT, "the work of a backend is given by `serviceTime` or by `capacity`")
            } else {
                (code::MISSING, "a backend needs `serviceTime` or `capacity`")
            };
            cx.issues.error(code, &path, message).on_key().with_help("for instance `{concurrency: 20, serviceTime: {exponential: 5ms}}`");
            Distribution::Constant(1.0)
        }
    };
    let discipline = if is_shared { Discipline::ProcessorSharing { cores, waiting: 0.0 } } else { Discipline::FirstComeFirstServed };
    let requests = Requests { discipline, queue_limit: written.queue_limit, ..Requests::new(service_time, concurrency.max(1)) };
    Backend { name: name.to_owned(), requests }
}

/// Looks for what the calls of all services cannot be together: a circle, or a call of what does not serve requests.
pub(super) fn check(cx: &mut Context<'_>, services: &Table<Service>) {
    let callees = |service: &Service| -> Vec<usize> {
        let Traffic::Requests(requests) = &service.traffic else { return Vec::new() };
        let calls = requests.calls.steps.iter().flatten();
        calls.filter_map(|call| if let Callee::Service(id) = call.to { Some(id.index()) } else { None }).collect()
    };
    let graph: Vec<Vec<usize>> = services.values().map(callees).collect();
    for start in 0..graph.len() {
        // A circle is reported once: by the first of its members.
        if let Some(circle) = circle(&graph, start) {
            let mut names: Vec<&str> = circle.iter().map(|place| services[Id::new(*place)].name.as_str()).collect();
            names.push(names[0]);
            let path = Path::root().key("services").key(names[0]).key("calls");
            let message = format!("these calls never come to an end: {}", names.join(" calls "));
            cx.issues.error(code::CIRCLE, path, message).on_key();
        }
    }
    let wrong = services.values().filter(|service| matches!(service.traffic, Traffic::CpuDemand { .. }) && cx.called.has(&service.name));
    let wrong: Vec<String> = wrong.map(|service| service.name.clone()).collect();
    for name in wrong {
        let message = format!("{} is called, and its load is a `cpuDemand`, which has no requests", quote(&name));
        cx.issues.error(code::MIXED_LOAD, Path::root().key("load").key(&name), message).on_key();
    }
}

/// A way from `start` back to it over places that are not before it.
fn circle(graph: &[Vec<usize>], start: usize) -> Option<Vec<usize>> {
    let mut seen = vec![false; graph.len()];
    let mut way = vec![(start, 0)];
    while let Some((place, next)) = way.last_mut() {
        let Some(&to) = graph[*place].get(*next) else {
            way.pop();
            continue;
        };
        *next += 1;
        if to == start {
            return Some(way.iter().map(|(place, _)| *place).collect());
        }
        if to > start && !seen[to] {
            seen[to] = true;
            way.push((to, 0));
        }
    }
    None
}
