//! The Kubernetes `HorizontalPodAutoscaler` v2, as kube-controller-manager runs it.
//!
//! Everything here is a pure function from what the controller would see to a decision with its reason; [`reconcile`] is one evaluation.
//! Its steps are public because the tables of the Kubernetes tests exercise them one by one:
//!
//! 1. each metric makes a proposal ([`propose`]): pods are grouped ([`classify`]), averaged, and compared with the target;
//! 2. the largest proposal is stabilised against recent ones ([`stabilize_with_behavior`], [`stabilize_without_behavior`]);
//! 3. the result is limited ([`limit_with_behavior`], [`limit_without_behavior`]).
//!
//! Left out: the scale-to-zero feature gate (`minReplicas: 0` is simply obeyed), and what the first releases with `behavior` did
//! differently while both of its windows were in use.

mod decision;
mod error;
mod input;
mod limit;
mod memory;
mod pods;
mod proposal;
mod spec;
mod stabilize;
#[cfg(test)]
mod tests;
mod tolerance;

pub use decision::{Explanation, Failures, HpaDecision, Limited, Reason, Stabilization, Stabilized};
pub use error::MetricError;
pub use input::{Amounts, ContainerView, HpaInput, MetricValues, PodPhaseView, PodView, ReadyCondition, Sample};
pub use limit::{EffectiveRules, Limit, change_within, limit_with_behavior, limit_without_behavior, scale_down_limit, scale_up_limit, store_scale_event};
use memory::record;
pub use memory::{HpaMemory, Recommendation, ScaleEvent};
pub use pods::{PodGroup, classify, request_of};
pub use proposal::{Gaps, MetricProposal, Outcome, Reading, propose};
pub use spec::{Behavior, HpaConfig, HpaSpec, MetricSpec, PolicyKind, ResourceName, ScalingPolicy, ScalingRules, SelectPolicy, Target, ValueTarget};
pub use stabilize::{stabilize_with_behavior, stabilize_without_behavior};
pub use tolerance::Tolerances;

use crate::units::Span;

/// Evaluates an HPA once: decides the size of its target from what is `seen`, and remembers what later evaluations need.
///
/// The caller applies [`HpaDecision::desired`]; the memory takes for granted that this succeeds.
pub fn reconcile(config: &HpaConfig, spec: &HpaSpec, now_ns: i64, seen: &HpaInput<'_>, memory: &mut HpaMemory) -> HpaDecision {
    let current = seen.spec_replicas;
    memory.meet(current, now_ns);
    // The bounds come before everything else: no metric, window or rate limit delays them.
    let decision = if current == 0 && spec.min != 0 {
        HpaDecision::new(current, 0, Reason::ScalingDisabled)
    } else if current > spec.max {
        HpaDecision::new(current, spec.max, Reason::AboveMaximum { max: spec.max })
    } else if current < spec.min {
        HpaDecision::new(current, spec.min, Reason::BelowMinimum { min: spec.min })
    } else {
        follow_metrics(config, spec, now_ns, seen, memory)
    };
    if decision.scaled {
        store_scale_event(config, spec.behavior.as_ref(), current, decision.desired, memory, now_ns);
    }
    decision
}

/// Evaluates an HPA again that sees the same as the last time, when it kept `current` replicas because of `last`. Where all proposals in its windows are
/// of this size, [`reconcile`] would come to the same decision: then the evaluation is remembered, and this is true. Otherwise it has to be asked.
pub fn repeat(config: &HpaConfig, spec: &HpaSpec, now_ns: i64, current: u32, last: &Reason, memory: &mut HpaMemory) -> bool {
    let Reason::Metrics(Explanation { proposal, stabilized: None, limited: None, failures: None, .. }) = last else { return false };
    let Some(remembered) = &memory.recommendations else { return false };
    let window_ns = spec.behavior.as_ref().map_or(nanoseconds(config.downscale_stabilization), |behavior| {
        EffectiveRules::up(behavior).window_ns.max(EffectiveRules::down(behavior, config).window_ns)
    });
    let outdated = |past: &Recommendation| now_ns.saturating_sub(past.at_ns) > window_ns;
    let agrees = |past: &Recommendation| past.replicas == current || outdated(past);
    let is_steady = proposal.replicas == current && (spec.min..=spec.max).contains(&current) && remembered.iter().all(agrees);
    if is_steady {
        record(memory.recommendations(), Recommendation { replicas: current, at_ns: now_ns }, outdated);
    }
    is_steady
}

/// The size that the metrics ask for, stabilised and limited.
fn follow_metrics(config: &HpaConfig, spec: &HpaSpec, now_ns: i64, seen: &HpaInput<'_>, memory: &mut HpaMemory) -> HpaDecision {
    let current = seen.spec_replicas;
    let metrics = spec.effective_metrics();
    let tolerances = Tolerances::new(config, spec.behavior.as_ref());
    let mut largest: Option<(&MetricSpec, MetricProposal)> = None;
    let mut failures: Option<Failures> = None;
    for (place, metric) in metrics.iter().enumerate() {
        let values = seen.values.get(place).copied().unwrap_or(MetricValues::FromPods);
        match propose(metric, values, seen, now_ns, config, &tolerances) {
            Ok(proposal) if largest.is_none_or(|(_, best)| proposal.replicas > best.replicas) => largest = Some((metric, proposal)),
            Ok(_) => {}
            Err(error) => failures.get_or_insert_with(|| Failures { failed: 0, metrics: metrics.len(), metric: metric.clone(), error }).failed += 1,
        }
    }

    let proposed = largest.map(|(_, proposal)| proposal.replicas);
    // A metric that cannot be read might have asked for more: it blocks shrinking, not growing.
    if let Some(failures) = failures.take_if(|_| proposed.is_none_or(|replicas| replicas < current)) {
        return HpaDecision::new(current, current, Reason::FailedMetrics { failures, withheld: proposed });
    }
    let (metric, proposal) = largest.expect("every metric either proposes or fails");

    let stable = stabilize(config, spec, current, proposal.replicas, memory, now_ns);
    let before_limits = stable.map_or(proposal.replicas, |s| s.replicas);
    let (desired, limit) = match &spec.behavior {
        None => limit_without_behavior(spec, current, before_limits),
        Some(behavior) => limit_with_behavior(config, spec, behavior, current, before_limits, memory, now_ns),
    };
    let limited = limit.map(|by| Limited { replicas: desired, by, by_policy: spec.behavior.is_some() });
    let explanation = Explanation { metric: metric.clone(), metrics: metrics.len(), proposal, stabilized: stable, limited, failures };
    HpaDecision::new(current, desired, Reason::Metrics(explanation))
}

/// Stabilises a proposal and says what did it, where that changed anything.
fn stabilize(config: &HpaConfig, spec: &HpaSpec, current: u32, proposal: u32, memory: &mut HpaMemory, now_ns: i64) -> Option<Stabilized> {
    let (replicas, up_ns, down_ns) = match &spec.behavior {
        None => {
            let window_ns = nanoseconds(config.downscale_stabilization);
            (stabilize_without_behavior(window_ns, proposal, memory, now_ns), 0, window_ns)
        }
        Some(behavior) => {
            let (up, down) = (EffectiveRules::up(behavior).window_ns, EffectiveRules::down(behavior, config).window_ns);
            (stabilize_with_behavior(up, down, current, proposal, memory, now_ns), up, down)
        }
    };
    let (by, window_ns) = match replicas.cmp(&proposal) {
        std::cmp::Ordering::Less => (Stabilization::ScaleUpStabilized, up_ns),
        std::cmp::Ordering::Equal => return None,
        std::cmp::Ordering::Greater => (Stabilization::ScaleDownStabilized, down_ns),
    };
    Some(Stabilized { replicas, by, window: Span::from_nanos(window_ns as u64) })
}

/// A span as the signed number that ages are compared with.
fn nanoseconds(span: Span) -> i64 {
    i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)
}
