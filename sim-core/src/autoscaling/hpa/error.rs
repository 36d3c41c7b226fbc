//! Why a metric gave no proposal.

use std::fmt;

use super::ResourceName;

/// Why a metric gave no proposal, in the words of kube-controller-manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetricError {
    /// The API returned nothing.
    NoSamples {
        /// What was asked for, for instance `metrics for resource cpu`.
        metric: String,
        /// Which API.
        api: &'static str,
    },
    /// The scale target has no pods.
    NoPods,
    /// Every sample belongs to a pod that is pending, not ready, failed or going away.
    NoUsablePods,
    /// No sample belongs to a pod that requests the resource.
    NoKnownPods,
    /// A container without a request: there is nothing to take a percentage of, not even for the other pods.
    MissingRequest {
        /// The resource.
        resource: ResourceName,
        /// Name of the container, if the pod lists its containers.
        container: Option<String>,
        /// Place of the pod in the input.
        pod: usize,
    },
    /// The metric names a container that a pod does not have.
    ContainerNotFound {
        /// Name of the container.
        container: String,
        /// Place of the pod in the input.
        pod: usize,
    },
}

impl MetricError {
    /// The message, with a pod called what `pod_name` says; the calculation itself knows pods only by their place.
    pub fn message(&self, pod_name: impl Fn(usize) -> String) -> String {
        match self {
            Self::NoSamples { metric, api } => format!("unable to get {metric}: no metrics returned from {api} metrics API"),
            Self::NoPods => "no pods returned by selector while calculating replica count".to_owned(),
            Self::NoUsablePods => "did not receive metrics for targeted pods (pods might be unready)".to_owned(),
            Self::NoKnownPods => "no metrics returned matched known pods".to_owned(),
            Self::MissingRequest { resource, container: Some(container), pod } => {
                format!("missing request for {resource} in container {container} of Pod {}", pod_name(*pod))
            }
            Self::MissingRequest { resource, container: None, pod } => format!("missing request for {resource} in Pod {}", pod_name(*pod)),
            Self::ContainerNotFound { container, pod } => format!("container {container} not found in Pod {}", pod_name(*pod)),
        }
    }
}

impl fmt::Display for MetricError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(|place| format!("#{place}")))
    }
}

impl std::error::Error for MetricError {}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        })
    }
}
