//! Where custom and external metrics come from.

use std::collections::BTreeMap;

use sim_core::id::Id;
use sim_core::plan::{Curve, MetricSource};
use sim_core::units::{Span, Time};

use super::limits::SPAN_MAX;
use super::load::{replay, shapes};
use super::{Context, code, names};
use crate::issue::Path;
use crate::spec::{self, Scenario};
use crate::text::{Amount, Duration};
use crate::wording::quote;

/// Every metric that the scenario names.
pub(super) fn read(cx: &mut Context<'_>, scenario: &Scenario) -> BTreeMap<String, MetricSource> {
    let window = scenario.metrics.window.map_or(scenario.metrics.scrape_interval.0, |window| window.0);
    let path = Path::root().key("customMetrics");
    scenario.custom_metrics.0.iter().map(|(name, source)| (name.clone(), source_of(cx, scenario, source, window, &path.key(name)))).collect()
}

fn source_of(cx: &mut Context<'_>, scenario: &Scenario, written: &spec::MetricSource, window: Span, path: &Path) -> MetricSource {
    use spec::MetricSource as Written;
    match written {
        Written::RequestRate(rate) => {
            let path = path.key("requestRate");
            let window = rate.window.map_or(window, |window| window.0);
            if window.is_zero() || window > SPAN_MAX {
                cx.issues.error(code::TOO_SMALL, path.key("window"), "a window is longer than 0 and at most 10 years");
            }
            MetricSource::RequestRate { service: service(cx, scenario, &rate.of, &path), window }
        }
        Written::InFlight(of) => MetricSource::InFlight(service(cx, scenario, &of.of, &path.key("inFlight"))),
        Written::QueueLength(of) => MetricSource::QueueLength(service(cx, scenario, &of.of, &path.key("queueLength"))),
        Written::UnfinishedJobs(of) => {
            let place = scenario.jobs.names().position(|name| name == of.of);
            if place.is_none() {
                names::unknown(cx, "job", &of.of, scenario.jobs.names(), &path.key("unfinishedJobs").key("of"));
            }
            MetricSource::UnfinishedJobs(Id::new(place.unwrap_or(0)))
        }
        Written::PendingPods(of) => {
            let all = || scenario.services.names().chain(scenario.jobs.names());
            let place = all().position(|name| name == of.of);
            if place.is_none() {
                names::unknown(cx, "service or job", &of.of, all(), &path.key("pendingPods").key("of"));
            }
            MetricSource::PendingPods(place.unwrap_or(0))
        }
        Written::Steps(points) => MetricSource::Given(shapes::steps(cx, &values(points), &path.key("steps"))),
        Written::Linear(points) => MetricSource::Given(shapes::linear(cx, &values(points), &path.key("linear"))),
        Written::Recorded(recording) => {
            // A recording of a load is divided by its interval; a metric is a value as it is.
            let rate = replay::curve(cx, recording, &path.key("recorded"));
            MetricSource::Given(rate.scaled(recording.interval.0.as_secs_f64()))
        }
    }
}

/// A value is not negative; a negative one counts as nothing.
fn values(points: &[(Duration, Amount)]) -> Vec<(Span, f64)> {
    points.iter().map(|(at, value)| (at.0, value.0.as_f64().max(0.0))).collect()
}

fn service(cx: &mut Context<'_>, scenario: &Scenario, name: &str, path: &Path) -> Id<sim_core::plan::Service> {
    let place = scenario.services.names().position(|known| known == name);
    if place.is_none() {
        names::unknown(cx, "service", name, scenario.services.names(), &path.key("of"));
    }
    Id::new(place.unwrap_or(0))
}

/// The source of the metric of this name, which an HPA asks for at `path`. A metric that nobody has described is left out.
pub(super) fn known(cx: &mut Context<'_>, name: &str, path: &Path) -> Option<MetricSource> {
    let source = cx.custom_metrics.get(name).cloned();
    if source.is_none() {
        let message = format!("nothing says what the metric {} shows: it is left out", quote(name));
        cx.issues
            .warning(code::NOT_SIMULATED, path, message)
            .with_help(format!("say it at the top, for instance `customMetrics: {{{name}: {{requestRate: {{of: web}}}}}}`"));
    }
    source
}

/// The source of the metric of this name, which a trigger asks for at `path`.
pub(super) fn named(cx: &mut Context<'_>, name: &str, path: &Path) -> MetricSource {
    if let Some(source) = cx.custom_metrics.get(name) {
        return source.clone();
    }
    let known: Vec<String> = cx.custom_metrics.keys().cloned().collect();
    names::unknown(cx, "metric", name, known.iter().map(String::as_str), path)
        .with_help(format!("say under `customMetrics` what it shows, for instance `{name}: {{requestRate: {{of: web}}}}`"));
    MetricSource::Given(Curve::steps(&[(Time::ZERO, 0.0)]))
}

/// Checks that a metric can be read from each pod of a service.
pub(super) fn check_per_pod(cx: &mut Context<'_>, service: &str, source: &MetricSource, path: &Path) {
    let of = match source {
        MetricSource::RequestRate { service, .. } | MetricSource::InFlight(service) => Some(*service),
        MetricSource::Given(_) => None,
        MetricSource::QueueLength(_) | MetricSource::UnfinishedJobs(_) | MetricSource::PendingPods(_) => {
            cx.issues.error(code::REFUSED, path, "pods do not have this metric").with_help("use it as a metric of type `External`");
            None
        }
    };
    if of.is_some_and(|of| cx.service_names.get(of.index()).is_none_or(|name| name != service)) {
        cx.issues.error(code::REFUSED, path, "the pods of this service have no metric of another one").with_help("use it as a metric of type `External`");
    }
}
