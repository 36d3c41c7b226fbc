//! Limits: how far one evaluation may move, and between which bounds.

use super::memory::record;
use super::{Behavior, HpaConfig, HpaMemory, HpaSpec, PolicyKind, ScaleEvent, ScalingPolicy, ScalingRules, SelectPolicy, nanoseconds};
use crate::plan::KubernetesVersion;
use crate::units::Span;

/// The release from which a rate limit counts the changes of both directions; before, growing ignored removals and shrinking additions.
///
/// kubernetes/kubernetes#109058 changed it. Its bug report (#108354) is of February 2022, when 1.23 was out, and `OpenShift` still had to pick the change
/// onto its 1.25 in October 2022, so 1.26 is the first release with it.
const BOTH_DIRECTIONS_COUNT: KubernetesVersion = KubernetesVersion { major: 1, minor: 26 };

static DEFAULT_UP: [ScalingPolicy; 2] = [
    ScalingPolicy { kind: PolicyKind::Pods, value: 4, period: Span::from_secs(15) },
    ScalingPolicy { kind: PolicyKind::Percent, value: 100, period: Span::from_secs(15) },
];
static DEFAULT_DOWN: [ScalingPolicy; 1] = [ScalingPolicy { kind: PolicyKind::Percent, value: 100, period: Span::from_secs(15) }];

/// What kept a size from being reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// It grows as fast as it may.
    ScaleUpLimit,
    /// It is at `maxReplicas`.
    TooManyReplicas,
    /// It shrinks as fast as it may.
    ScaleDownLimit,
    /// It is at `minReplicas`.
    TooFewReplicas,
}

impl Limit {
    /// The reason of the condition `ScalingLimited`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ScaleUpLimit => "ScaleUpLimit",
            Self::TooManyReplicas => "TooManyReplicas",
            Self::ScaleDownLimit => "ScaleDownLimit",
            Self::TooFewReplicas => "TooFewReplicas",
        }
    }
}

/// The rules of one direction with every gap filled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EffectiveRules<'a> {
    /// Stabilisation window.
    pub window_ns: i64,
    /// Which policy wins.
    pub select: SelectPolicy,
    /// Rate limits.
    pub policies: &'a [ScalingPolicy],
}

impl<'a> EffectiveRules<'a> {
    /// The rules for growing.
    pub fn up(behavior: &'a Behavior) -> Self {
        Self::fill(behavior.scale_up.as_ref(), Span::ZERO, &DEFAULT_UP)
    }

    /// The rules for shrinking.
    pub fn down(behavior: &'a Behavior, config: &HpaConfig) -> Self {
        Self::fill(behavior.scale_down.as_ref(), config.downscale_stabilization, &DEFAULT_DOWN)
    }

    fn fill(rules: Option<&'a ScalingRules>, window: Span, policies: &'static [ScalingPolicy]) -> Self {
        Self {
            window_ns: nanoseconds(rules.and_then(|r| r.stabilization_window).unwrap_or(window)),
            select: rules.and_then(|r| r.select_policy).unwrap_or(SelectPolicy::Max),
            policies: rules.and_then(|r| r.policies.as_deref()).unwrap_or(policies),
        }
    }

    /// The longest period of a policy: no older event can count.
    fn longest_period_ns(&self) -> i64 {
        self.policies.iter().map(|policy| nanoseconds(policy.period)).max().unwrap_or(0)
    }

    /// Whether an event of this direction is too old to count under any policy.
    pub fn outdates(&self, event: &ScaleEvent, now_ns: i64) -> bool {
        now_ns.saturating_sub(event.at_ns) > self.longest_period_ns()
    }
}

/// Replicas that `events` moved within the last `period`.
pub fn change_within(events: &[ScaleEvent], period: Span, now_ns: i64) -> u32 {
    events.iter().filter(|event| now_ns.saturating_sub(event.at_ns) < nanoseconds(period)).map(|event| event.change).sum()
}

/// The largest size that the policies for growing allow; it may lie below the current size.
pub fn scale_up_limit(config: &HpaConfig, rules: &EffectiveRules<'_>, current: u32, memory: &HpaMemory, now_ns: i64) -> i64 {
    let count_removals = config.version >= BOTH_DIRECTIONS_COUNT;
    let sizes = rules.policies.iter().map(|policy| {
        let removed = if count_removals { change_within(&memory.scale_down_events, policy.period, now_ns) } else { 0 };
        let added = change_within(&memory.scale_up_events, policy.period, now_ns);
        let base = i64::from(current) - i64::from(added) + i64::from(removed);
        match policy.kind {
            PolicyKind::Pods => base + i64::from(policy.value),
            // Rounded up, or a small percentage would never grow a small workload. In doubles as the original: 100 + 10 % gives 111.
            PolicyKind::Percent => (base as f64 * (1.0 + f64::from(policy.value) / 100.0)).ceil() as i64,
        }
    });
    let limit = match rules.select {
        SelectPolicy::Max => sizes.max(),
        SelectPolicy::Min => sizes.min(),
        SelectPolicy::Disabled => None,
    };
    limit.unwrap_or(i64::from(current))
}

/// The smallest size that the policies for shrinking allow; it may lie above the current size.
pub fn scale_down_limit(config: &HpaConfig, rules: &EffectiveRules<'_>, current: u32, memory: &HpaMemory, now_ns: i64) -> i64 {
    let count_additions = config.version >= BOTH_DIRECTIONS_COUNT;
    let sizes = rules.policies.iter().map(|policy| {
        let removed = change_within(&memory.scale_down_events, policy.period, now_ns);
        let added = if count_additions { change_within(&memory.scale_up_events, policy.period, now_ns) } else { 0 };
        let base = i64::from(current) - i64::from(added) + i64::from(removed);
        match policy.kind {
            PolicyKind::Pods => base - i64::from(policy.value),
            // What remains is truncated. In doubles as the original: 100 - 90 % leaves 9.
            PolicyKind::Percent => (base as f64 * (1.0 - f64::from(policy.value) / 100.0)) as i64,
        }
    });
    // The largest change leaves the fewest replicas.
    let limit = match rules.select {
        SelectPolicy::Max => sizes.min(),
        SelectPolicy::Min => sizes.max(),
        SelectPolicy::Disabled => None,
    };
    limit.unwrap_or(i64::from(current))
}

/// Limits `desired` for an HPA without `behavior`: growth to twice the size, or to 4; no limit on shrinking but the minimum.
pub fn limit_without_behavior(spec: &HpaSpec, current: u32, desired: u32) -> (u32, Option<Limit>) {
    let cap = current.saturating_mul(2).max(4);
    if desired < spec.min {
        (spec.min, Some(Limit::TooFewReplicas))
    } else if desired > cap.min(spec.max) {
        if cap < spec.max { (cap, Some(Limit::ScaleUpLimit)) } else { (spec.max, Some(Limit::TooManyReplicas)) }
    } else {
        (desired, None)
    }
}

/// Limits `desired` for an HPA with `behavior`.
pub fn limit_with_behavior(
    config: &HpaConfig,
    spec: &HpaSpec,
    behavior: &Behavior,
    current: u32,
    desired: u32,
    memory: &HpaMemory,
    now_ns: i64,
) -> (u32, Option<Limit>) {
    let size = |replicas: i64| replicas.clamp(0, i64::from(u32::MAX)) as u32;
    if desired > current {
        // An exhausted budget stops growth; it never shrinks.
        let limit = size(scale_up_limit(config, &EffectiveRules::up(behavior), current, memory, now_ns)).max(current);
        if desired > limit.min(spec.max) {
            return if limit < spec.max { (limit, Some(Limit::ScaleUpLimit)) } else { (spec.max, Some(Limit::TooManyReplicas)) };
        }
    } else if desired < current {
        let limit = size(scale_down_limit(config, &EffectiveRules::down(behavior, config), current, memory, now_ns)).min(current);
        if desired < limit.max(spec.min) {
            return if limit > spec.min { (limit, Some(Limit::ScaleDownLimit)) } else { (spec.min, Some(Limit::TooFewReplicas)) };
        }
    }
    (desired, None)
}

/// Remembers a change of the size, which counts in the rate limits to come. Without `behavior` there are none.
pub fn store_scale_event(config: &HpaConfig, behavior: Option<&Behavior>, from: u32, to: u32, memory: &mut HpaMemory, now_ns: i64) {
    let Some(behavior) = behavior else { return };
    let event = ScaleEvent { change: from.abs_diff(to), at_ns: now_ns };
    if to > from {
        let rules = EffectiveRules::up(behavior);
        record(&mut memory.scale_up_events, event, |past| rules.outdates(past, now_ns));
    } else if to < from {
        let rules = EffectiveRules::down(behavior, config);
        record(&mut memory.scale_down_events, event, |past| rules.outdates(past, now_ns));
    }
}
