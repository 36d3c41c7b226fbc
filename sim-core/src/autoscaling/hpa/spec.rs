//! What an HPA is told: its object and the controller's flags.

use crate::plan::{KubernetesVersion, Phase};
use crate::random::Distribution;
use crate::units::Span;

/// Flags of kube-controller-manager that concern the HPA, with what depends on the release.
#[derive(Clone, Debug)]
pub struct HpaConfig {
    /// Time between two evaluations of one HPA.
    pub sync_period: Span,
    /// When the first evaluation happens.
    pub phase: Phase,
    /// Seconds that an evaluation takes; none for no time. The next one is due a period after its end, because the controller's queue adds an HPA again
    /// when it is done with it.
    pub evaluation_time: Option<Distribution>,
    /// Relative deviation from the target that is left alone.
    pub tolerance: f64,
    /// How long after its start a pod's CPU is mistrusted.
    pub cpu_initialization_period: Span,
    /// A pod that was never ready within this time after its start counts as unready.
    pub initial_readiness_delay: Span,
    /// Default scale-down stabilisation window.
    pub downscale_stabilization: Span,
    /// Release whose rules apply.
    pub version: KubernetesVersion,
}

impl HpaConfig {
    /// The defaults of kube-controller-manager in `version`.
    pub const fn defaults(version: KubernetesVersion) -> Self {
        Self {
            sync_period: Span::from_secs(15),
            phase: Phase::Random,
            evaluation_time: None,
            tolerance: 0.1,
            cpu_initialization_period: Span::from_secs(300),
            initial_readiness_delay: Span::from_secs(30),
            downscale_stabilization: Span::from_secs(300),
            version,
        }
    }
}

/// What the API server fills in for an HPA without metrics.
static DEFAULT_METRICS: [MetricSpec; 1] = [MetricSpec::Resource { resource: ResourceName::Cpu, target: Target::Utilization(80) }];

/// An HPA object.
#[derive(Clone, Debug, PartialEq)]
pub struct HpaSpec {
    /// Fewest replicas.
    pub min: u32,
    /// Most replicas.
    pub max: u32,
    /// Metrics; the largest proposal wins. None at all means CPU at 80 %.
    pub metrics: Vec<MetricSpec>,
    /// `spec.behavior`; its mere presence changes the rules.
    pub behavior: Option<Behavior>,
}

impl HpaSpec {
    /// The metrics that count.
    pub fn effective_metrics(&self) -> &[MetricSpec] {
        if self.metrics.is_empty() { &DEFAULT_METRICS } else { &self.metrics }
    }
}

/// One metric and its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetricSpec {
    /// CPU or memory of the pods.
    Resource {
        /// Which.
        resource: ResourceName,
        /// Target.
        target: Target,
    },
    /// CPU or memory of one container of each pod.
    ContainerResource {
        /// Which.
        resource: ResourceName,
        /// Name of the container.
        container: String,
        /// Target.
        target: Target,
    },
    /// A custom metric of each pod.
    Pods {
        /// Name of the metric.
        name: String,
        /// Target in milli-units, averaged over pods.
        average: i64,
    },
    /// A metric of one Kubernetes object.
    Object {
        /// Name of the metric.
        name: String,
        /// Target.
        target: ValueTarget,
    },
    /// A metric from outside the cluster; its series are summed.
    External {
        /// Name of the metric.
        name: String,
        /// Target.
        target: ValueTarget,
    },
}

/// A resource that the metrics API reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceName {
    /// CPU.
    Cpu,
    /// Memory.
    Memory,
}

/// A target of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Whole percent of the request, averaged over pods.
    Utilization(u32),
    /// Milli-units averaged over pods.
    AverageValue(i64),
}

/// A target of a metric that does not belong to single pods, in milli-units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueTarget {
    /// The value itself.
    Value(i64),
    /// The value divided by the number of replicas.
    AverageValue(i64),
}

/// `spec.behavior`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Behavior {
    /// Rules for growing; missing parts get defaults.
    pub scale_up: Option<ScalingRules>,
    /// Rules for shrinking; missing parts get defaults.
    pub scale_down: Option<ScalingRules>,
}

/// Rules of one direction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScalingRules {
    /// Stabilisation window.
    pub stabilization_window: Option<Span>,
    /// Which policy wins.
    pub select_policy: Option<SelectPolicy>,
    /// Rate limits; none means the defaults, a list replaces them all.
    pub policies: Option<Vec<ScalingPolicy>>,
    /// Tolerance of this direction; none means the controller's. Releases before 1.33 do not know the field and ignore it.
    pub tolerance: Option<f64>,
}

/// Which of several policies wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectPolicy {
    /// The one that allows the largest change.
    Max,
    /// The one that allows the smallest change.
    Min,
    /// No change in this direction.
    Disabled,
}

/// At most `value` (pods or percent) in each `period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScalingPolicy {
    /// Unit of the value.
    pub kind: PolicyKind,
    /// Pods or percent.
    pub value: u32,
    /// Period.
    pub period: Span,
}

/// Unit of a scaling policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// Pods.
    Pods,
    /// Percent of the current size.
    Percent,
}
