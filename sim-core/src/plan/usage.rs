//! What a pod uses besides the CPU of its requests: memory, the CPU of its start, and how use divides over containers.

use super::curve::Curve;
use crate::units::{Bytes, MilliCpu, Span};

/// What a pod of a service uses besides the CPU of its requests.
#[derive(Clone, Debug, Default)]
pub struct PodUsage {
    /// Memory; none if it is not simulated.
    pub memory: Option<MemoryUse>,
    /// Memory limit of the pod, if any.
    pub memory_limit: Option<Bytes>,
    /// CPU that starting takes.
    pub start_up: Option<StartUpCpu>,
    /// Containers one by one; empty if nobody asks for them.
    pub containers: Vec<Container>,
    /// Whether the pod as a whole requests what its template says, rather than its containers.
    pub pod_level_requests: bool,
}

/// The memory of a pod that is running: base + per request in flight + growth + its part of what all hold together.
#[derive(Clone, Debug, Default)]
pub struct MemoryUse {
    /// As soon as its containers run.
    pub base: Bytes,
    /// For each request that waits at the pod or is in work there.
    pub per_request: Bytes,
    /// A leak or a cache that fills.
    pub growth: Option<Growth>,
    /// What all ready pods hold together, in bytes over time, each an even part.
    pub shared: Option<Curve>,
}

/// Memory that grows evenly while a pod is ready.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
    /// Bytes added in an hour.
    pub per_hour: Bytes,
    /// Where it ends: the size of a cache. None for a leak.
    pub max: Option<Bytes>,
}

/// CPU that a pod uses because it starts, whatever its requests use.
#[derive(Clone, Copy, Debug)]
pub struct StartUpCpu {
    /// How much.
    pub cpu: MilliCpu,
    /// How long its containers run before the pod is ready, at most from when they start to be created.
    pub before_ready: Option<Span>,
    /// How long it goes on after the pod turned ready.
    pub after_ready: Span,
}

/// A container of a pod, or an init container that goes on running.
#[derive(Clone, Debug)]
pub struct Container {
    /// Name.
    pub name: String,
    /// CPU request, if it has one.
    pub cpu_request: Option<MilliCpu>,
    /// Memory request, if it has one.
    pub memory_request: Option<Bytes>,
    /// Its part of the pod's CPU.
    pub cpu: Part<MilliCpu>,
    /// Its part of the pod's memory.
    pub memory: Part<Bytes>,
}

/// What a container has of the pod's use of a resource.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part<T> {
    /// This much on top of what requests cause, as long as the pod runs.
    Fixed(T),
    /// This share of what requests cause, in millionths. The shares of all containers add up to a million.
    Share(u32),
}

/// Millionths in a whole.
pub const MILLION: u32 = 1_000_000;

impl PodUsage {
    /// CPU that containers use whatever happens, in milliCPU.
    pub fn fixed_cpu(&self) -> u64 {
        self.containers.iter().map(|container| if let Part::Fixed(cpu) = container.cpu { cpu.0 } else { 0 }).sum()
    }

    /// Memory that containers use whatever happens, in bytes.
    pub fn fixed_memory(&self) -> u64 {
        self.containers.iter().map(|container| if let Part::Fixed(memory) = container.memory { memory.0 } else { 0 }).sum()
    }

    /// Whether a pod uses CPU while it is not ready, so that somebody can measure it then.
    pub const fn runs_before_ready(&self) -> bool {
        self.start_up.is_some()
    }
}

impl MemoryUse {
    /// The memory of a ready pod without fixed parts, in bytes: `in_flight` requests are at it, it has been ready for `ready_for`, and `shared` is its part
    /// of what all pods hold.
    pub fn ready(&self, in_flight: u64, ready_for: Span, shared: f64) -> u64 {
        let grown = self.growth.map_or(0, |growth| growth.after(ready_for));
        let of_requests = self.per_request.0.saturating_mul(in_flight);
        self.base.0.saturating_add(of_requests).saturating_add(grown).saturating_add(shared as u64)
    }
}

impl Growth {
    /// Bytes after this long, rounded down.
    pub fn after(self, time: Span) -> u64 {
        const HOUR: u128 = 3_600_000_000_000;
        let grown = u128::from(self.per_hour.0) * u128::from(time.as_nanos()) / HOUR;
        let grown = u64::try_from(grown).unwrap_or(u64::MAX);
        self.max.map_or(grown, |max| grown.min(max.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{Growth, MemoryUse};
    use crate::units::{Bytes, Span};

    const MIB: u64 = 1 << 20;

    #[test]
    fn memory_adds_up() {
        let leak = Growth { per_hour: Bytes(60 * MIB), max: None };
        let memory = MemoryUse { base: Bytes(100 * MIB), per_request: Bytes(2 * MIB), growth: Some(leak), shared: None };
        assert_eq!(memory.ready(0, Span::ZERO, 0.0), 100 * MIB);
        assert_eq!(memory.ready(7, Span::from_secs(600), (5 * MIB) as f64), (100 + 14 + 10 + 5) * MIB);
        assert_eq!(memory.ready(u64::MAX, Span::from_secs(600), 0.0), u64::MAX);
    }

    #[test]
    fn a_cache_fills_up_to_its_size() {
        let cache = Growth { per_hour: Bytes(60 * MIB), max: Some(Bytes(30 * MIB)) };
        assert_eq!([0, 60, 1800, 7200].map(|s| cache.after(Span::from_secs(s)) / MIB), [0, 1, 30, 30]);
    }
}
