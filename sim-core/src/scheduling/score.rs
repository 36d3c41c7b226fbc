//! Scores: which of the feasible nodes a pod goes to (kube-scheduler's default plugins, each 0..=100).

use super::filter::{matches_term, tolerates};
use crate::plan::{KubernetesVersion, Node, PodTemplate, TaintEffect};
use crate::units::Resources;

/// Plugin weights of a release.
#[derive(Clone, Copy, Debug)]
pub struct ScoreWeights {
    /// NodeResourcesFit with LeastAllocated.
    pub fit: i64,
    /// NodeResourcesBalancedAllocation.
    pub balanced: i64,
    /// NodeAffinity.
    pub affinity: i64,
    /// TaintToleration.
    pub taints: i64,
}

impl ScoreWeights {
    /// The defaults of `version`: NodeAffinity 1 and TaintToleration 1 until 1.22, then 2 and 3.
    pub fn of(version: KubernetesVersion) -> Self {
        if version >= (KubernetesVersion { major: 1, minor: 23 }) {
            Self { fit: 1, balanced: 1, affinity: 2, taints: 3 }
        } else {
            Self { fit: 1, balanced: 1, affinity: 1, taints: 1 }
        }
    }
}

/// LeastAllocated over CPU and memory with weight 1 each, `used` including the pod.
pub fn least_allocated(used: Resources, allocatable: Resources) -> i64 {
    let part =
        |used: u64, capacity: u64| (capacity > 0).then(|| if used > capacity { 0 } else { (u128::from(capacity - used) * 100 / u128::from(capacity)) as i64 });
    let parts = [part(used.cpu.0, allocatable.cpu.0), part(used.memory.0, allocatable.memory.0)];
    let counted = parts.iter().flatten().count() as i64;
    if counted == 0 { 0 } else { parts.iter().flatten().sum::<i64>() / counted }
}

/// BalancedAllocation over CPU and memory: 100 when both are used to the same fraction.
pub fn balanced_allocation(used: Resources, allocatable: Resources) -> i64 {
    if allocatable.cpu.0 == 0 || allocatable.memory.0 == 0 {
        return 0;
    }
    let cpu = (used.cpu.0 as f64 / allocatable.cpu.0 as f64).min(1.0);
    let memory = (used.memory.0 as f64 / allocatable.memory.0 as f64).min(1.0);
    ((1.0 - (cpu - memory).abs() / 2.0) * 100.0) as i64
}

/// NodeAffinity before normalisation: the sum of weights of preferred terms that match.
pub fn affinity_raw(template: &PodTemplate, node: &Node) -> i64 {
    template.preferred_affinity.iter().filter(|preferred| matches_term(&preferred.term, node)).map(|preferred| preferred.weight).sum()
}

/// TaintToleration before normalisation: `PreferNoSchedule` taints that the pod does not tolerate.
pub fn untolerated_preferences(template: &PodTemplate, node: &Node) -> i64 {
    let prefers_not = |taint: &&crate::plan::Taint| taint.effect == TaintEffect::PreferNoSchedule && !tolerates(&template.tolerations, taint);
    node.taints.iter().filter(prefers_not).count() as i64
}

/// Scales a raw score to 0..=100 by the largest raw score; `reverse` makes the largest the worst.
pub const fn normalise(raw: i64, max: i64, reverse: bool) -> i64 {
    let score = if max == 0 { 0 } else { raw * 100 / max };
    if reverse { 100 - score } else { score }
}

#[cfg(test)]
mod tests {
    use super::{balanced_allocation, least_allocated, normalise};
    use crate::units::{Bytes, MilliCpu, Resources};

    #[test]
    fn scores_truncate_as_kubernetes_does() {
        let r = |cpu, memory| Resources::new(MilliCpu(cpu), Bytes(memory));
        assert_eq!(least_allocated(r(3000, 5000), r(4000, 10000)), 37);
        assert_eq!(least_allocated(r(6000, 0), r(4000, 10000)), 50);
        assert_eq!(balanced_allocation(r(3000, 5000), r(6000, 10000)), 100);
        assert_eq!(balanced_allocation(r(3000, 0), r(4000, 10000)), 62);
        // Golden case G04: weights 80 and 20 become 100 and 25.
        assert_eq!((normalise(80, 80, false), normalise(20, 80, false), normalise(0, 0, true)), (100, 25, 100));
    }
}
