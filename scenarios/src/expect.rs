//! Expectations: what a scenario says its run must show, and whether it did.

mod value;

use std::collections::BTreeMap;

use serde_json::Value;
use sim_core::ledger::{Entry, Kind};
use sim_core::record::Record;
use sim_core::units::{Span, Time};

use crate::issue::Path;
use crate::spec::Expected;

/// Something that a run must show.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Where the scenario says so, for messages.
    pub path: Path,
    /// What it says.
    pub claim: Claim,
}

/// What an expectation claims.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// A number of pods in a tier at an instant, not yet gone.
    Pods {
        /// The instant, since the start.
        at: Span,
        /// From when on a pod counts.
        counted: Counted,
        /// Service or job; none for all.
        of: Option<String>,
        /// Zone; none for all.
        zone: Option<String>,
        /// Tier.
        tier: String,
        /// Number of pods.
        pods: Expected,
    },
    /// A number of ready nodes of a pool or tier at an instant.
    Nodes {
        /// The instant, since the start.
        at: Span,
        /// Pool or tier.
        of: String,
        /// Zone; none for all.
        zone: Option<String>,
        /// Number of nodes.
        nodes: Expected,
    },
    /// How often something was decided.
    Decisions {
        /// Action of the decision, for instance `NoStock`.
        action: String,
        /// What the number is compared with.
        expected: Expected,
    },
    /// Every change of a service's replica count.
    Replicas {
        /// Service.
        service: String,
        /// Time and replicas, the first at 0.
        steps: Vec<(Span, u32)>,
    },
    /// A value of the summary.
    Value {
        /// Dotted path, for instance `cost.by_tier.eci` or `nodes.idc.pods`.
        key: String,
        /// What it is compared with.
        expected: Expected,
    },
}

/// From when on a pod counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Bound to a node.
    Bound,
    /// Its containers started to be created.
    Started,
    /// It was ready for the first time, and what it ran on had not stopped.
    Ready,
}

/// How an expectation fared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The claim in words.
    pub text: String,
    /// Whether the run shows it.
    pub passed: bool,
    /// What the run shows.
    pub detail: String,
}

/// Compares what was expected with what a run left, one outcome for each expectation.
pub fn evaluate(expectations: &[Expectation], record: &Record) -> Vec<Outcome> {
    let summary = serde_json::to_value(&record.summary).unwrap_or(Value::Null);
    expectations
        .iter()
        .map(|expectation| match &expectation.claim {
            Claim::Pods { at, counted, of, zone, tier, pods } => pods_at(record, (*at, *counted), (of.as_deref(), zone.as_deref(), tier), pods),
            Claim::Nodes { at, of, zone, nodes } => nodes_at(record, *at, of, zone.as_deref(), nodes),
            Claim::Decisions { action, expected } => {
                let found = record.decisions.iter().filter(|row| row.action == *action).count();
                Outcome {
                    text: format!("decisions {action}: {}", value::describe(expected)),
                    passed: value::holds(&Value::from(found), expected),
                    detail: found.to_string(),
                }
            }
            Claim::Replicas { service, steps } => replicas(record, service, steps),
            Claim::Value { key, expected } => value::compare(&summary, key, expected),
        })
        .collect()
}

fn pods_at(record: &Record, (at, counted): (Span, Counted), (of, zone, tier): (Option<&str>, Option<&str>, &str), expected: &Expected) -> Outcome {
    let t = at.as_secs_f64();
    let counts = |row: &&sim_core::record::PodRow| {
        let from = match counted {
            Counted::Bound => row.scheduled,
            Counted::Started => row.starting,
            Counted::Ready => row.ready,
        };
        row.tier == tier
            && of.is_none_or(|name| row.workload == name)
            && zone.is_none_or(|zone| row.zone == zone)
            && from.is_some_and(|from| from <= t)
            && row.ended.is_none_or(|ended| t < ended)
            && (counted != Counted::Ready || row.stopped.is_none_or(|stopped| t < stopped))
    };
    let found = record.pods.iter().filter(counts).count();
    let whose = of.map(|name| format!(" of {name}")).unwrap_or_default();
    let zone = zone.map(|zone| format!(", zone {zone},")).unwrap_or_default();
    let what = match counted {
        Counted::Bound => "pods",
        Counted::Started => "started pods",
        Counted::Ready => "ready pods",
    };
    Outcome {
        text: format!("{what}{whose} in {tier}{zone} at {at}: {}", value::describe(expected)),
        passed: value::holds(&Value::from(found), expected),
        detail: found.to_string(),
    }
}

fn nodes_at(record: &Record, at: Span, of: &str, zone: Option<&str>, expected: &Expected) -> Outcome {
    let instant = Time::ZERO + at;
    let pools: BTreeMap<&str, &str> = record.nodes.iter().map(|row| (row.node.as_str(), row.pool.as_str())).collect();
    // A machine that was paid ahead is paid for when it has left the cluster, too.
    let has_left = |entry: &Entry| {
        let is_about = |row: &&sim_core::record::DecisionRow| row.subject == entry.node && matches!(&*row.action, "ready" | "released");
        let last = || record.decisions.iter().take_while(|row| row.t <= at.as_secs_f64()).filter(is_about).last();
        entry.purchase.is_prepaid() && !entry.pool.is_empty() && last().is_some_and(|row| row.action == "released")
    };
    let counts = |entry: &&Entry| {
        matches!(entry.kind, Kind::Machine | Kind::VirtualNode)
            && (entry.tier == of || pools.get(entry.node.as_str()) == Some(&of))
            && !has_left(entry)
            && zone.is_none_or(|zone| entry.zone == zone)
            && entry.ready.is_some_and(|ready| ready <= instant)
            && entry.stopped.is_none_or(|stopped| instant < stopped)
    };
    let found = record.ledger.entries.iter().filter(counts).count();
    let zone = zone.map(|zone| format!(", zone {zone},")).unwrap_or_default();
    Outcome {
        text: format!("nodes of {of}{zone} at {at}: {}", value::describe(expected)),
        passed: value::holds(&Value::from(found), expected),
        detail: found.to_string(),
    }
}

fn replicas(record: &Record, service: &str, expected: &[(Span, u32)]) -> Outcome {
    let show = |steps: &[(f64, u32)]| steps.iter().map(|(t, n)| format!("{n} at {t}s")).collect::<Vec<_>>().join(", ");
    let expected: Vec<(f64, u32)> = expected.iter().map(|(at, n)| (at.as_secs_f64(), *n)).collect();
    let text = format!("replicas of {service}: {}", show(&expected));
    match record.summary.workloads.get(service) {
        Some(workload) => Outcome { text, passed: workload.replicas.steps == expected, detail: show(&workload.replicas.steps) },
        None => Outcome { text, passed: false, detail: format!("the run has no service {service}") },
    }
}

#[cfg(test)]
mod tests {
    use crate::LoadOptions;

    /// One pod on a machine that holds one, from the start; two more for a while, one of which finds an instance 10 s after it was asked for.
    const SCENARIO: &str = "\
name: test
duration: 2m
nodes: [{name: idc, capacity: {cpu: 1}, maxPods: 1}]
virtualNodes: [{name: vk, startUp: 10s}]
services: {web: {requests: {cpu: 1}, placement: {prefer: [idc, eci]}, scale: [{at: 30s, replicas: 3}, {at: 90s, replicas: 1}], terminationGracePeriod: 0s}}
expect:
  - {at: 29s, pods: {idc: 1, eci: 0}}
  - {at: 30s, pods: {idc: 1, eci: 2}, of: web}
  - {at: 89s, pods: {eci: {between: [2, 3]}}}
  - {at: 2m, pods: {eci: 0}}
  - {replicas: {web: [[0s, 1], [30s, 3], [90s, 1]]}}
  - {workloads.web.replicas.max: 3, tiers.eci.peak_pods: {atLeast: 2}, nodes.idc.pods: 1}
  - {at: 30s, pods: {idc: 2}}
  - {replicas: {web: [[0s, 1]]}}
  - {cost.currency: USD}
";

    #[test]
    fn what_a_run_shows_is_compared_with_what_was_expected() {
        let loaded = crate::load_text("test.yaml", SCENARIO, &LoadOptions::default());
        let plan = loaded.plan.as_ref().unwrap_or_else(|| panic!("{}", loaded.report(false)));
        let record = sim_core::simulation::run(plan, loaded.seed, |_| {});
        let outcomes = super::evaluate(&loaded.expectations, &record);
        let failed: Vec<String> =
            outcomes.iter().filter(|outcome| !outcome.passed).map(|outcome| format!("{}; found {}", outcome.text, outcome.detail)).collect();
        assert_eq!(outcomes.len(), 13);
        assert_eq!(
            failed,
            ["pods in idc at 30s: 2; found 1", "replicas of web: 1 at 0s; found 1 at 0s, 3 at 30s, 1 at 90s", "cost.currency is USD; found CNY"]
        );
    }
}
