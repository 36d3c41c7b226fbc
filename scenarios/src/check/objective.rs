//! Service level objectives.

use sim_core::id::Table;
use sim_core::plan::{LatencyPart, Objective, ObjectiveTarget, Service, Tier, Traffic};

use super::{Context, code, names};
use crate::issue::Path;
use crate::spec::{self, LatencyCause};
use crate::text::Share;

/// The plan's objective.
pub(super) fn read(cx: &mut Context<'_>, written: &spec::Objective, services: &Table<Service>, tiers: &Table<Tier>, path: &Path) -> Option<Objective> {
    let latencies = [
        (written.p50, "p50", 0.5),
        (written.p90, "p90", 0.9),
        (written.p95, "p95", 0.95),
        (written.p99, "p99", 0.99),
        (written.p999, "p999", 0.999),
        (written.p9999, "p9999", 0.9999),
        (written.max, "max", 1.0),
    ];
    let mut targets: Vec<(&str, String, ObjectiveTarget)> = Vec::new();
    for (bound, key, quantile) in latencies {
        if let Some(bound) = bound {
            if bound.0.is_zero() {
                cx.issues.error(code::TOO_SMALL, path.key(key), "a bound is longer than 0");
            }
            targets.push((key, format!("{key} below {}", bound.0), ObjectiveTarget::Latency { quantile, below: bound.0 }));
        }
    }
    if let Some(errors) = written.errors {
        targets.push(("errors", format!("errors below {}", errors.0), ObjectiveTarget::Errors { below: errors.0.0 }));
    }
    let attain = written.attain.map_or(1.0, |attain| attain.0.0);
    if attain <= 0.0 {
        cx.issues.error(code::TOO_SMALL, path.key("attain"), "an objective holds in more than 0 % of windows");
    }
    let service = match &written.of {
        None => None,
        Some(name) => {
            let known = services.find(|service| service.name == *name);
            match known {
                None => {
                    names::unknown(cx, "service", name, services.values().map(|service| service.name.as_str()), &path.key("of"));
                }
                Some(id) if !matches!(services[id].traffic, Traffic::Requests(_)) => {
                    cx.issues.warning(code::NO_EFFECT, path.key("of"), format!("the service `{name}` gets no requests, so this objective is always met"));
                }
                Some(_) => {}
            }
            Some(known?)
        }
    };
    match targets.as_slice() {
        [(_, words, target)] => {
            let whose = written.of.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
            let part = part(cx, written, tiers, path);
            let which = part.as_ref().map(|(_, words)| format!("{words} ")).unwrap_or_default();
            let target = match (*target, part) {
                (ObjectiveTarget::Latency { quantile, below }, Some((part, _))) => ObjectiveTarget::Part { part, quantile, below },
                (ObjectiveTarget::Errors { .. }, Some(_)) => {
                    let message = "`tier` and `cause` are for bounds on latency: a request that was not answered has neither";
                    cx.issues.error(code::CONFLICT, path.key("errors"), message).on_key();
                    *target
                }
                (target, _) => target,
            };
            let name = written.name.clone().unwrap_or_else(|| format!("{whose}{which}{words} in {} of windows", Share(attain)));
            Some(Objective { name, service, target, attain })
        }
        [] => {
            cx.issues
                .error(code::MISSING, path, "an objective needs a bound")
                .with_help("for instance `{p99: 300ms, of: web, attain: 99%}` or `{errors: 0.1%}`");
            None
        }
        [_, (second, ..), ..] => {
            cx.issues.error(code::CONFLICT, path.key(*second), "an objective has one bound").on_key().with_help("write one objective for each");
            None
        }
    }
}

/// The part of the latency that an objective is about, in the plan and in words; none for all of it.
fn part(cx: &mut Context<'_>, written: &spec::Objective, tiers: &Table<Tier>, path: &Path) -> Option<(LatencyPart, String)> {
    match (&written.tier, written.cause) {
        (None, None) => None,
        (Some(_), Some(_)) => {
            cx.issues.error(code::CONFLICT, path.key("cause"), "an objective is about a tier or about a cause").on_key();
            None
        }
        (None, Some(cause)) => Some(match cause {
            LatencyCause::Waiting => (LatencyPart::Waiting, "waiting".to_owned()),
            LatencyCause::Service => (LatencyPart::Service, "service".to_owned()),
            LatencyCause::Retry => (LatencyPart::Retry, "retry".to_owned()),
            LatencyCause::Calls => (LatencyPart::Calls, "calls".to_owned()),
        }),
        (Some(name), None) => {
            let known = tiers.find(|tier| tier.name == *name);
            if known.is_none() {
                names::unknown(cx, "tier", name, tiers.values().map(|tier| tier.name.as_str()), &path.key("tier"));
            }
            known.map(|tier| (LatencyPart::Tier(tier), format!("in {name}")))
        }
    }
}
