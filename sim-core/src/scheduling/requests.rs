//! What a pod requests in all.

use crate::units::{Bytes, MilliCpu};

/// What the score of free resources counts for a container that requests no CPU. An explicit 0 stays 0.
pub const STAND_IN_CPU: MilliCpu = MilliCpu(100);
/// The same for memory.
pub const STAND_IN_MEMORY: Bytes = Bytes(200 << 20);

/// What a container requests of one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerRequest {
    /// A container that runs as long as the pod.
    Main(i128),
    /// An init container that goes on running (`restartPolicy: Always`).
    Sidecar(i128),
    /// An init container that ends before the next one starts.
    Init(i128),
}

/// What the scheduler counts for a pod of one resource: containers in the order in which they are written, init containers by themselves.
///
/// The sum over those that run together, or, if that is more, the most that is needed while the pod is being set up. A request for the pod
/// as a whole replaces it, and the overhead of the runtime comes on top.
pub fn pod_request(containers: impl IntoIterator<Item = ContainerRequest>, whole: Option<i128>, overhead: i128) -> i128 {
    let (mut main, mut sidecars, mut peak) = (0, 0, 0);
    for container in containers {
        match container {
            ContainerRequest::Main(request) => main += request,
            ContainerRequest::Sidecar(request) => {
                sidecars += request;
                peak = peak.max(sidecars);
            }
            ContainerRequest::Init(request) => peak = peak.max(sidecars + request),
        }
    }
    whole.unwrap_or_else(|| peak.max(main + sidecars)) + overhead
}

#[cfg(test)]
mod tests {
    use super::ContainerRequest::{Init, Main, Sidecar};
    use super::pod_request;

    #[test]
    fn what_runs_together_or_the_peak_of_the_set_up() {
        assert_eq!(pod_request([Main(500), Main(1000), Sidecar(100), Init(2000)], None, 0), 2100);
        assert_eq!(pod_request([Init(400), Sidecar(100), Main(500)], None, 0), 600);
        assert_eq!(pod_request([Sidecar(100), Init(400), Sidecar(50), Main(100)], None, 7), 507);
        assert_eq!(pod_request([Main(500)], Some(200), 7), 207);
    }
}
