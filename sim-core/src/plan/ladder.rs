//! The instance sizes of a provider: those that it lists, or any in steps of CPU and memory.

use serde::{Deserialize, Serialize};

use super::estate::InstanceSpec;
use crate::units::{Bytes, MilliCpu, Resources};

/// Sizes in steps of CPU and memory, in a range of memory for each vCPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizeSteps {
    /// The smallest CPU.
    pub cpu_from: MilliCpu,
    /// The largest.
    pub cpu_to: MilliCpu,
    /// Between two sizes of CPU, more than zero.
    pub cpu_step: MilliCpu,
    /// Least memory for each vCPU.
    pub least_per_cpu: Bytes,
    /// Most memory for each vCPU.
    pub most_per_cpu: Bytes,
    /// Most memory in all.
    pub memory_to: Bytes,
    /// Between two sizes of memory, more than zero.
    pub memory_step: Bytes,
}

impl SizeSteps {
    /// The size that `requests` are rounded up to: the least CPU that comes with so much memory, then the least memory that comes with this CPU. More CPU
    /// comes with no less memory, so that no other size is cheaper.
    pub fn round_up(&self, requests: Resources) -> Option<InstanceSpec> {
        let up = |amount: u64, step: u64| u128::from(amount.div_ceil(step)) * u128::from(step);
        let asked = up(requests.memory.0, self.memory_step.0);
        let for_memory = (asked * 1000).div_ceil(u128::from(self.most_per_cpu.0.max(1)));
        let least = u128::from(requests.cpu.0.max(self.cpu_from.0)).max(for_memory);
        let cpu = up(u64::try_from(least).ok()?, self.cpu_step.0);
        let for_cpu = (cpu * u128::from(self.least_per_cpu.0)).div_ceil(1000);
        let memory = asked.max(up(u64::try_from(for_cpu).ok()?, self.memory_step.0));
        let is_on_offer = cpu <= u128::from(self.cpu_to.0) && memory <= u128::from(self.memory_to.0);
        is_on_offer.then(|| Some(InstanceSpec::general(MilliCpu(u64::try_from(cpu).ok()?), Bytes(u64::try_from(memory).ok()?))))?
    }
}

/// The sizes on offer that hold `requests`, those of steps as far as they may be chosen.
pub(crate) fn fitting(specs: &[InstanceSpec], steps: Option<SizeSteps>, requests: Resources) -> impl Iterator<Item = InstanceSpec> + '_ {
    let listed = specs.iter().copied().filter(move |spec| requests.cpu <= spec.cpu && requests.memory <= spec.memory);
    listed.chain(steps.and_then(|steps| steps.round_up(requests)))
}

#[cfg(test)]
mod tests {
    use super::SizeSteps;
    use crate::units::{Bytes, MilliCpu, Resources};

    /// GKE Autopilot: steps of 1/4 vCPU, 1 to 6.5 GiB for each vCPU.
    #[test]
    fn steps_round_cpu_up_to_what_the_memory_needs_and_memory_to_what_the_cpu_comes_with() {
        let steps = SizeSteps {
            cpu_from: MilliCpu(250),
            cpu_to: MilliCpu(30_000),
            cpu_step: MilliCpu(250),
            least_per_cpu: Bytes::from_gib(1),
            most_per_cpu: Bytes(6656 << 20),
            memory_to: Bytes::from_gib(110),
            memory_step: Bytes(1 << 20),
        };
        let size = |cpu, mib: u64| steps.round_up(Resources::new(MilliCpu(cpu), Bytes(mib << 20))).map(|spec| (spec.cpu.0, spec.memory.0 >> 20));
        assert_eq!(size(100, 100), Some((250, 256)));
        assert_eq!(size(1100, 2048), Some((1250, 2048)));
        assert_eq!(size(4300, 8192), Some((4500, 8192)));
        assert_eq!(size(2000, 1024), Some((2000, 2048)), "at least 1 GiB for each vCPU");
        assert_eq!(size(1000, 6656), Some((1000, 6656)));
        assert_eq!(size(1000, 6657), Some((1250, 6657)), "at most 6.5");
        assert_eq!(size(1000, 10_240), Some((1750, 10_240)), "10 / 6.5 = 1.54");
        assert_eq!([size(30_001, 1), size(1000, 110 * 1024 + 1)], [None, None]);
    }
}
