//! Instance sizes in steps.

use sim_core::plan::SizeSteps;
use sim_core::units::{Bytes, MilliCpu};

use crate::check::code;
use crate::issue::{Issues, Path};
use crate::spec::Steps;

/// Between two sizes of memory, unless something else is said.
const MEMORY_STEP: Bytes = Bytes(1 << 20);

impl Steps {
    /// As a plan has it.
    pub fn plan(self) -> SizeSteps {
        let (least, most) = self.memory.per_cpu;
        let largest = u64::try_from(u128::from(self.cpu.to.0.0) * u128::from(most.0.0) / 1000).unwrap_or(u64::MAX);
        SizeSteps {
            cpu_from: self.cpu.from.0,
            cpu_to: self.cpu.to.0,
            cpu_step: self.cpu.step.0.max(MilliCpu(1)),
            least_per_cpu: least.0,
            most_per_cpu: most.0,
            memory_to: self.memory.to.map_or(Bytes(largest), |to| to.0),
            memory_step: self.memory.step.map_or(MEMORY_STEP, |step| step.0.max(Bytes(1))),
        }
    }

    /// Reports what no size can come of.
    pub fn check(self, path: &Path, issues: &mut Issues) {
        let (cpu, memory) = (path.key("cpu"), path.key("memory"));
        let found = self.plan();
        if self.cpu.step.0.0 == 0 {
            issues.error(code::TOO_SMALL, cpu.key("step"), "sizes of CPU are more than 0 apart");
        }
        if self.memory.step.is_some_and(|step| step.0.0 == 0) {
            issues.error(code::TOO_SMALL, memory.key("step"), "sizes of memory are more than 0 apart");
        }
        if found.cpu_from.0 == 0 {
            issues.error(code::TOO_SMALL, cpu.key("from"), "an instance has more than 0 CPU");
        }
        if found.cpu_to < found.cpu_from {
            issues.error(code::ORDER, cpu.key("to"), "the largest size is at least as large as the smallest");
        }
        if found.most_per_cpu.0 == 0 || found.most_per_cpu < found.least_per_cpu {
            issues.error(code::ORDER, memory.key("perCpu"), "the most memory for each vCPU is above 0, and not below the least");
        }
    }
}
