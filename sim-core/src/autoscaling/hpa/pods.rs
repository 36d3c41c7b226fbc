//! What one pod contributes: whether its sample is trusted, what it requests, what it uses.

use super::{HpaConfig, MetricError, PodPhaseView, PodView, ResourceName, nanoseconds};

/// How a pod takes part in an average.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodGroup {
    /// Its sample counts.
    Ready,
    /// Its sample is dropped; while growing it counts as using nothing.
    Unready,
    /// It has no sample; what it counts as depends on the direction.
    Missing,
    /// As if it did not exist.
    Ignored,
}

/// Sorts a pod into its group. `sampled`: whether there is a sample for the metric; `resource`: the resource of a resource metric.
///
/// Succeeded pods are not special: Kubernetes counts them as long as somebody reports a sample of them.
pub fn classify(config: &HpaConfig, pod: &PodView<'_>, resource: Option<ResourceName>, sampled: bool, now_ns: i64) -> PodGroup {
    if pod.deleting || pod.phase == PodPhaseView::Failed {
        PodGroup::Ignored
    } else if pod.phase == PodPhaseView::Pending {
        PodGroup::Unready
    } else if !sampled {
        PodGroup::Missing
    } else if resource == Some(ResourceName::Cpu) && !cpu_is_trusted(config, pod, now_ns) {
        PodGroup::Unready
    } else {
        PodGroup::Ready
    }
}

/// Whether the CPU of a pod says something about load: starting up burns CPU that will not come back.
fn cpu_is_trusted(config: &HpaConfig, pod: &PodView<'_>, now_ns: i64) -> bool {
    let (Some(condition), Some(start_ns), Some(sample)) = (pod.ready, pod.start_ns, pod.sample) else {
        return false;
    };
    if start_ns.saturating_add(nanoseconds(config.cpu_initialization_period)) > now_ns {
        // The window of the sample must lie wholly after the pod turned ready.
        condition.ready && sample.at_ns >= condition.since_ns.saturating_add(sample.window_ns)
    } else {
        // A pod that was ready once is believed even while it is not: overload may be the very reason.
        condition.ready || start_ns.saturating_add(nanoseconds(config.initial_readiness_delay)) <= condition.since_ns
    }
}

/// What a pod requests, or one of its containers; `place` is where it stands in the input.
pub fn request_of(pod: &PodView<'_>, place: usize, resource: ResourceName, container: Option<&str>) -> Result<i64, MetricError> {
    let missing = |name: Option<&str>| MetricError::MissingRequest { resource, container: name.map(str::to_owned), pod: place };
    if let Some(name) = container {
        let found = pod.containers.iter().find(|c| c.name == name);
        let found = found.ok_or_else(|| MetricError::ContainerNotFound { container: name.to_owned(), pod: place })?;
        return found.requests.get(resource).ok_or_else(|| missing(Some(name)));
    }
    if let Some(request) = pod.requests.get(resource) {
        return Ok(request);
    }
    if pod.containers.is_empty() {
        return Err(missing(None));
    }
    pod.containers.iter().map(|c| c.requests.get(resource).ok_or_else(|| missing(Some(c.name)))).sum()
}

/// What the sample of a pod says about a resource, or about that of one of its containers.
pub(super) fn usage_of(pod: &PodView<'_>, resource: ResourceName, container: Option<&str>) -> Option<i64> {
    let sample = pod.sample?;
    if let Some(name) = container {
        return pod.containers.iter().find(|c| c.name == name)?.usage?.get(resource);
    }
    if let Some(usage) = sample.usage.get(resource) {
        return Some(usage);
    }
    let mut sampled = pod.containers.iter().filter_map(|c| c.usage).peekable();
    sampled.peek()?;
    // One container that lacks the resource spoils the sample of the whole pod.
    sampled.map(|usage| usage.get(resource)).sum()
}
