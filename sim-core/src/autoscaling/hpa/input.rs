//! What the controller sees at one evaluation: the scale, the pods, their samples.
//!
//! Instants are nanoseconds since the start of the run; they may be negative, because pods that exist at the start have been running for
//! long. Amounts are in thousandths of a core or of a byte, as Kubernetes calculates with them.

use super::ResourceName;

/// Everything that one evaluation of an HPA reads.
#[derive(Clone, Copy, Debug, Default)]
pub struct HpaInput<'a> {
    /// Replicas that the scale target asks for.
    pub spec_replicas: u32,
    /// Replicas that exist, as the scale target reports them.
    pub status_replicas: u32,
    /// Every pod of the scale target, failed and terminating ones included.
    pub pods: &'a [PodView<'a>],
    /// What the metrics APIs returned for each metric of the spec, by its position. Metrics beyond the end count as
    /// [`MetricValues::FromPods`], so that a spec with only resource metrics needs none.
    pub values: &'a [MetricValues<'a>],
    /// Samples that the resource metrics API returned for pods that the target does not select. Kubernetes counts them where it counts
    /// samples, although it has no request to compare them with.
    pub stray_samples: &'a [Amounts],
}

/// What a metrics API returned for one metric.
#[derive(Clone, Copy, Debug)]
pub enum MetricValues<'a> {
    /// A resource metric is read from the samples of the pods; any other kind is unavailable.
    FromPods,
    /// Milli-units for each pod, in the order of [`HpaInput::pods`]; none where the API returned no sample.
    PerPod(&'a [Option<i64>]),
    /// Milli-units of each series of an external metric, or the one value of an object.
    Series(&'a [i64]),
}

/// A pod, small enough to be built anew for thousands of pods at every evaluation.
#[derive(Clone, Copy, Debug, Default)]
pub struct PodView<'a> {
    /// Phase.
    pub phase: PodPhaseView,
    /// Whether its deletion has been asked for.
    pub deleting: bool,
    /// When the kubelet acknowledged it.
    pub start_ns: Option<i64>,
    /// Its Ready condition.
    pub ready: Option<ReadyCondition>,
    /// Requests of the pod as a whole: of its only container, or set at pod level. For a resource that has none here the containers are
    /// summed.
    pub requests: Amounts,
    /// Its sample from the resource metrics API.
    pub sample: Option<Sample>,
    /// Containers and restartable init containers one by one; may be empty unless a container is named or has to be summed.
    pub containers: &'a [ContainerView<'a>],
    /// How many further pods look the same, for simulations that do not tell them apart.
    pub alike: u32,
}

/// Phase of a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PodPhaseView {
    /// Not all containers have started; unscheduled pods too.
    Pending,
    /// Running.
    #[default]
    Running,
    /// All containers have ended well.
    Succeeded,
    /// All containers have ended, one badly.
    Failed,
}

/// The Ready condition of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadyCondition {
    /// Whether the pod is ready.
    pub ready: bool,
    /// When that last changed.
    pub since_ns: i64,
}

/// Usage of a pod over a window that ended at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// End of the window.
    pub at_ns: i64,
    /// Length of the window.
    pub window_ns: i64,
    /// Usage of the pod as a whole. For a resource that has none here the containers are summed.
    pub usage: Amounts,
}

/// Thousandths of cores and bytes; none where unset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// CPU in thousandths of a core.
    pub cpu: Option<i64>,
    /// Memory in thousandths of a byte.
    pub memory: Option<i64>,
}

/// A container of a pod.
#[derive(Clone, Copy, Debug)]
pub struct ContainerView<'a> {
    /// Name.
    pub name: &'a str,
    /// Requests.
    pub requests: Amounts,
    /// Its part of the pod's sample; none where the sample lacks the container.
    pub usage: Option<Amounts>,
}

impl Amounts {
    /// Only CPU.
    pub const fn cpu(milli: i64) -> Self {
        Self { cpu: Some(milli), memory: None }
    }

    /// The amount of a resource.
    pub const fn get(self, resource: ResourceName) -> Option<i64> {
        match resource {
            ResourceName::Cpu => self.cpu,
            ResourceName::Memory => self.memory,
        }
    }
}
