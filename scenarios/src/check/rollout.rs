//! Rolling updates.

use std::collections::BTreeMap;

use sim_core::controllers::deployment::Strategy;
use sim_core::id::Table;
use sim_core::plan::{Balancing, RolloutRules, Service, Traffic, Variant};
use sim_core::units::{IntOrPercent, Span};

use super::estate::Estate;
use super::limits::SPAN_MAX;
use super::{Context, code, distribution, pods};
use crate::issue::Path;
use crate::spec::{self, Event, Scenario};
use crate::text::Text;

/// How the service at `path` exchanges one revision for the next.
pub(super) fn rules(cx: &mut Context<'_>, written: &spec::Service, path: &Path) -> RolloutRules {
    let default = RolloutRules::default();
    let strategy = match &written.strategy {
        None => default.strategy,
        Some(spec::Strategy::Recreate) => Strategy::Recreate,
        Some(spec::Strategy::RollingUpdate(bounds)) => {
            let path = path.key("strategy").key("rollingUpdate");
            let mut bound = |written: Option<Text<IntOrPercent>>, key: &str| {
                let bound = written.map_or(IntOrPercent::Percent(25), |text| text.0);
                if key == "maxUnavailable" && matches!(bound, IntOrPercent::Percent(percent) if percent > 100) {
                    cx.issues.error(code::TOO_LARGE, path.key(key), "Kubernetes accepts at most 100%");
                }
                bound
            };
            let (max_surge, max_unavailable) = (bound(bounds.max_surge, "maxSurge"), bound(bounds.max_unavailable, "maxUnavailable"));
            if max_surge.of(100, true) == 0 && max_unavailable.of(100, true) == 0 {
                cx.issues.warning(code::REFUSED, &path, "Kubernetes refuses to have both bounds at 0; one pod may be missing here");
            }
            Strategy::RollingUpdate { max_surge, max_unavailable }
        }
    };
    let mut span = |written: Option<Text<Span>>, default: Span, key: &str| {
        let span = written.map_or(default, |span| span.0);
        if span > SPAN_MAX {
            cx.issues.error(code::TOO_LARGE, path.key(key), "a time of at most 10 years is possible");
        }
        span
    };
    let min_ready = span(written.min_ready, default.min_ready, "minReady");
    let progress_deadline = span(written.progress_deadline, default.progress_deadline, "progressDeadline");
    if progress_deadline <= min_ready {
        let place = if written.progress_deadline.is_some() { "progressDeadline" } else { "minReady" };
        cx.issues.error(code::ORDER, path.key(place), "`progressDeadline` is longer than `minReady`");
    }
    RolloutRules { strategy, min_ready, progress_deadline }
}

/// The further templates that rollouts lead to, and the revision that each event leads to, by its place: 0 is the template at the start.
pub(super) fn revisions(
    cx: &mut Context<'_>,
    scenario: &Scenario,
    services: &mut Table<Service>,
    jobs: usize,
    estate: &mut Estate,
    variants: &mut Vec<Variant>,
) -> BTreeMap<usize, usize> {
    let mut events: Vec<(usize, &Event)> = scenario.events.iter().enumerate().collect();
    events.sort_by_key(|(_, event)| match event {
        Event::Rollout(rollout) => rollout.at.0,
        Event::UndoRollout(undo) => undo.at.0,
        _ => Span::ZERO,
    });
    let first_class = services.len() + jobs;
    let mut targets = BTreeMap::new();
    // By service: the revisions that were rolled out so far.
    let mut history: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, event) in events {
        let path = Path::root().key("events").index(place);
        let (name, revision) = match event {
            Event::Rollout(rollout) => {
                let Some(id) = services.find(|service| service.name == rollout.service) else { continue };
                let Some(written) = scenario.services.get(&rollout.service) else { continue };
                let mut template = pods::template(cx, &rollout.service, &pods::Written::from(&changed(written, rollout)), estate, &path.key("rollout"));
                if let Some(speed) = rollout.speed {
                    template.speed = distribution::number(cx, speed, 0.01, 1000.0, &path.key("rollout").key("speed"));
                    match &mut services[id].traffic {
                        Traffic::Requests(requests) if requests.balancing != Balancing::Queue => requests.revisions_differ |= template.speed != 1.0,
                        Traffic::Requests(_) => {}
                        Traffic::None | Traffic::CpuDemand { .. } => {
                            cx.issues.warning(code::NO_EFFECT, path.key("rollout").key("speed"), "this service gets no requests").on_key();
                        }
                    }
                }
                services[id].revisions.push(first_class + variants.len());
                variants.push(Variant { workload: id.index(), form: None, template });
                (&rollout.service, services[id].revisions.len())
            }
            Event::UndoRollout(undo) => {
                let past = history.get(undo.service.as_str()).map_or(&[][..], Vec::as_slice);
                let before = past.len().checked_sub(2).map_or(0, |before| past[before]);
                let to = undo.to_revision.map_or(before, |to| (to as usize).wrapping_sub(1));
                if past.is_empty() || to > past.iter().copied().max().unwrap_or(0) {
                    let place = if undo.to_revision.is_some() { "toRevision" } else { "service" };
                    cx.issues.error(code::UNKNOWN_NAME, path.key("undoRollout").key(place), "there is no such revision to go back to at that time");
                    continue;
                }
                (&undo.service, to)
            }
            _ => continue,
        };
        history.entry(name).or_default().push(revision);
        targets.insert(place, revision);
    }
    targets
}

/// The services as rollouts change them, with the place of the event, in the order of the further templates that rollouts lead to.
pub(super) fn changes<'a>(scenario: &'a Scenario, services: &Table<Service>) -> Vec<(usize, &'a str, spec::Service)> {
    let mut rollouts: Vec<(usize, &spec::Rollout)> = Vec::new();
    for (place, event) in scenario.events.iter().enumerate() {
        if let Event::Rollout(rollout) = event {
            rollouts.push((place, rollout));
        }
    }
    rollouts.sort_by_key(|(_, rollout)| rollout.at.0);
    let change = |(place, rollout): (usize, &'a spec::Rollout)| {
        services.find(|service| service.name == rollout.service)?;
        Some((place, rollout.service.as_str(), changed(scenario.services.get(&rollout.service)?, rollout)))
    };
    rollouts.into_iter().filter_map(change).collect()
}

/// The service as a rollout changes it.
fn changed(written: &spec::Service, rollout: &spec::Rollout) -> spec::Service {
    let mut service = written.clone();
    service.requests.0.extend(rollout.requests.0.clone());
    service.limits.0.extend(rollout.limits.0.clone());
    service.scored.0.retain(|name, _| !rollout.requests.0.contains_key(name) && !rollout.limits.0.contains_key(name));
    service.labels.extend(rollout.labels.clone());
    service.annotations.extend(rollout.annotations.clone());
    if let Some(image) = &rollout.image {
        service.image = Some(image.clone());
    }
    if let Some(start) = &rollout.application_start {
        service.application_start = Some(start.clone());
    }
    service.readiness = rollout.readiness.or(service.readiness);
    if let Some(node_selector) = &rollout.node_selector {
        service.node_selector.clone_from(node_selector);
    }
    if let Some(tolerations) = &rollout.tolerations {
        service.tolerations.clone_from(tolerations);
    }
    service
}
