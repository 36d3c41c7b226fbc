//! What the scores of the plugins weigh, and how they are brought to one scale.

use crate::plan::KubernetesVersion;

/// Plugin weights of a release.
#[derive(Clone, Copy, Debug)]
pub struct ScoreWeights {
    /// NodeResourcesFit.
    pub fit: i64,
    /// NodeResourcesBalancedAllocation.
    pub balanced: i64,
    /// NodeAffinity.
    pub affinity: i64,
    /// TaintToleration.
    pub taints: i64,
    /// `PodTopologySpread`.
    pub spread: i64,
    /// `InterPodAffinity`.
    pub pod_affinity: i64,
}

impl ScoreWeights {
    /// The defaults of `version`: `PodTopologySpread` 1 until 1.18, then 2; NodeAffinity, `InterPodAffinity` and TaintToleration 1 until 1.22, then 2, 2 and 3.
    pub fn of(version: KubernetesVersion) -> Self {
        let since = |minor| version >= (KubernetesVersion { major: 1, minor });
        let old = Self { fit: 1, balanced: 1, affinity: 1, taints: 1, spread: if since(19) { 2 } else { 1 }, pod_affinity: 1 };
        if since(23) { Self { affinity: 2, taints: 3, pod_affinity: 2, ..old } } else { old }
    }
}

/// Scales a raw score to 0..=100 by the largest raw score; `reverse` makes the largest the worst.
pub const fn normalise(raw: i64, max: i64, reverse: bool) -> i64 {
    let score = if max == 0 { 0 } else { raw * 100 / max };
    if reverse { 100 - score } else { score }
}

/// Scales raw scores to 0..=100 between the least and the largest, as `InterPodAffinity` does: all 0 when they are equal.
pub fn normalise_between(scores: &mut [i64]) {
    let (min, max) = scores.iter().fold((i64::MAX, i64::MIN), |(min, max), score| (min.min(*score), max.max(*score)));
    for score in scores {
        // In doubles and in this order, as Kubernetes does: 29 of 100 gives 28.
        *score = if max > min { (100.0 * ((*score - min) as f64 / (max - min) as f64)) as i64 } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::{normalise, normalise_between};

    #[test]
    fn scales() {
        // Golden case G04: weights 80 and 20 become 100 and 25.
        assert_eq!((normalise(80, 80, false), normalise(20, 80, false), normalise(0, 0, true)), (100, 25, 100));
        let mut scores = [-100, -71, 0];
        normalise_between(&mut scores);
        assert_eq!(scores, [0, 28, 100]);
        let mut equal = [7, 7];
        normalise_between(&mut equal);
        assert_eq!(equal, [0, 0]);
    }
}
