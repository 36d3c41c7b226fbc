//! Controller flags and `behavior` as the vectors write them.

use serde::Deserialize;
use sim_core::autoscaling::hpa::{
    Behavior, HpaConfig, HpaMemory, PolicyKind, Recommendation, ScaleEvent, ScalingPolicy, ScalingRules, SelectPolicy, Tolerances,
};
use sim_core::plan::KubernetesVersion;
use sim_core::units::Span;

use super::pods::seconds;

/// The release that the vectors describe.
const RELEASE: KubernetesVersion = KubernetesVersion { major: 1, minor: 36 };

#[derive(Clone, Copy, Deserialize)]
pub(crate) struct ToleranceJson {
    pub(crate) scale_up: f64,
    pub(crate) scale_down: f64,
}

#[derive(Deserialize)]
pub(crate) struct RulesJson {
    pub(crate) stabilization_window_s: u64,
    pub(crate) select_policy: SelectJson,
    pub(crate) policies: Vec<PolicyJson>,
}

#[derive(Clone, Copy, Deserialize)]
pub(crate) enum SelectJson {
    Max,
    Min,
    Disabled,
}

#[derive(Deserialize)]
pub(crate) struct PolicyJson {
    pub(crate) r#type: KindJson,
    pub(crate) value: u32,
    pub(crate) period_s: u64,
}

#[derive(Clone, Copy, Deserialize)]
pub(crate) enum KindJson {
    Pods,
    Percent,
}

#[derive(Deserialize)]
pub(crate) struct EventJson {
    pub(crate) change: u32,
    pub(crate) age_s: i64,
}

#[derive(Deserialize)]
pub(crate) struct RecommendationJson {
    pub(crate) replicas: u32,
    pub(crate) age_s: i64,
}

impl ToleranceJson {
    /// The tolerances of an HPA that sets them for each direction.
    pub(crate) fn effective(self) -> Tolerances {
        let rules = |tolerance| Some(ScalingRules { tolerance: Some(tolerance), ..ScalingRules::default() });
        Tolerances::new(&config(), Some(&Behavior { scale_up: rules(self.scale_up), scale_down: rules(self.scale_down) }))
    }
}

impl RulesJson {
    pub(crate) fn rules(&self) -> ScalingRules {
        ScalingRules {
            stabilization_window: Some(Span::from_secs(self.stabilization_window_s)),
            select_policy: Some(match self.select_policy {
                SelectJson::Max => SelectPolicy::Max,
                SelectJson::Min => SelectPolicy::Min,
                SelectJson::Disabled => SelectPolicy::Disabled,
            }),
            policies: Some(self.policies.iter().map(PolicyJson::policy).collect()),
            tolerance: None,
        }
    }
}

impl PolicyJson {
    fn policy(&self) -> ScalingPolicy {
        let kind = match self.r#type {
            KindJson::Pods => PolicyKind::Pods,
            KindJson::Percent => PolicyKind::Percent,
        };
        ScalingPolicy { kind, value: self.value, period: Span::from_secs(self.period_s) }
    }
}

/// The default flags of the release.
pub(crate) fn config() -> HpaConfig {
    HpaConfig::defaults(RELEASE)
}

/// The flags with other periods for young pods.
pub(crate) fn config_with(cpu_initialization_period_s: u64, delay_of_initial_readiness_status_s: u64) -> HpaConfig {
    HpaConfig {
        cpu_initialization_period: Span::from_secs(cpu_initialization_period_s),
        initial_readiness_delay: Span::from_secs(delay_of_initial_readiness_status_s),
        ..config()
    }
}

pub(crate) fn events(events: &[EventJson]) -> Vec<ScaleEvent> {
    events.iter().map(|e| ScaleEvent { change: e.change, at_ns: seconds(-e.age_s) }).collect()
}

pub(crate) fn memory_of(recommendations: &[RecommendationJson]) -> HpaMemory {
    let recommendations = recommendations.iter().map(|r| Recommendation { replicas: r.replicas, at_ns: seconds(-r.age_s) }).collect();
    HpaMemory { recommendations: Some(recommendations), ..HpaMemory::default() }
}
