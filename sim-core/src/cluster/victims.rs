//! Which pod goes first when a `ReplicaSet` shrinks.
//!
//! Not "the newest first": age counts only by powers of two, and within one power the smaller uid goes, so that victims among pods of
//! similar age look random. The rules are those of Kubernetes' `ActivePodsWithRanks`.

use std::cmp::Ordering;

use crate::plan::KubernetesVersion;

/// The release in which deletion costs and logarithmic ages were switched on.
const DELETION_COST_AND_BUCKETS: KubernetesVersion = KubernetesVersion { major: 1, minor: 22 };

/// Which parts of the order apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VictimRules {
    /// Whether deletion costs count.
    pub deletion_cost: bool,
    /// Whether ages are compared by powers of two, uids deciding within one.
    pub age_buckets: bool,
}

/// What the order looks at in a pod that is neither ended nor already terminating.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VictimView {
    /// Whether it has a node.
    pub assigned: bool,
    /// Phase.
    pub phase: VictimPhase,
    /// Whether it is ready.
    pub ready: bool,
    /// The annotation `controller.kubernetes.io/pod-deletion-cost`, 0 if unset.
    pub deletion_cost: i32,
    /// Active pods of the same Deployment on its node: crowded nodes are relieved first.
    pub rank: u32,
    /// Since when it is ready.
    pub ready_since_ns: Option<i64>,
    /// When it was created.
    pub created_ns: Option<i64>,
    /// Restarts of the container that restarted most.
    pub restarts: u32,
    /// Stands for the uid, by which pods of similar age are ordered. Real uids are random, so draw this one too.
    pub uid: u64,
}

/// Phase of a pod, in the order of deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VictimPhase {
    /// Not started.
    Pending,
    /// Its node is silent.
    Unknown,
    /// Running.
    Running,
}

impl VictimRules {
    /// The rules of a release.
    pub fn of(version: KubernetesVersion) -> Self {
        let on = version >= DELETION_COST_AND_BUCKETS;
        Self { deletion_cost: on, age_buckets: on }
    }

    /// Compares two pods: [`Ordering::Less`] if `a` is deleted before `b`.
    ///
    /// This relation is not transitive, neither here nor in Kubernetes: three pods of one age bucket can form a circle when two of them
    /// share a time and so are compared by their restarts. Sorting functions that insist on a total order may panic on it; use
    /// [`Self::deletion_order`].
    pub fn compare(self, a: &VictimView, b: &VictimView, now_ns: i64) -> Ordering {
        self.look_at(a, now_ns).compare(&self.look_at(b, now_ns))
    }

    /// The places of `pods` in the order of deletion; ties keep their order. Cut off after as many as are too many.
    pub fn deletion_order(self, pods: &[VictimView], now_ns: i64) -> Vec<usize> {
        let looks: Vec<Look<'_>> = pods.iter().map(|pod| self.look_at(pod, now_ns)).collect();
        let mut order = Vec::with_capacity(pods.len());
        for (place, look) in looks.iter().enumerate() {
            // Insertion by halving, because it is well defined for a relation that is not transitive.
            let rank = order.partition_point(|&earlier: &usize| looks[earlier].compare(look).is_le());
            order.insert(rank, place);
        }
        order
    }

    fn look_at(self, pod: &VictimView, now_ns: i64) -> Look<'_> {
        let cost = if self.deletion_cost { pod.deletion_cost } else { 0 };
        // From the first that is looked at to the last, each less where the pod goes earlier.
        let state = u128::from(pod.assigned) << 96
            | (pod.phase as u128) << 80
            | u128::from(pod.ready) << 72
            | u128::from(cost.cast_unsigned() ^ 1 << 31) << 32
            | u128::from(u32::MAX - pod.rank);
        let bucket = |at: Option<i64>| at.filter(|_| self.age_buckets).map(|at| age_bucket(now_ns.saturating_sub(at)));
        Look { pod, state, ready: bucket(pod.ready_since_ns), created: bucket(pod.created_ns) }
    }
}

/// What is found out once about a pod that is compared with several.
struct Look<'v> {
    pod: &'v VictimView,
    /// Everything that counts before times do.
    state: u128,
    /// The buckets of its ages, where these count.
    ready: Option<i32>,
    created: Option<i32>,
}

impl Look<'_> {
    fn compare(&self, other: &Self) -> Ordering {
        let (a, b) = (self.pod, other.pod);
        if self.state != other.state {
            return self.state.cmp(&other.state);
        }
        if a.ready && b.ready && a.ready_since_ns != b.ready_since_ns {
            return self.younger_first((a.ready_since_ns, self.ready), (b.ready_since_ns, other.ready), other);
        }
        if a.restarts != b.restarts {
            return b.restarts.cmp(&a.restarts);
        }
        if a.created_ns == b.created_ns { Ordering::Equal } else { self.younger_first((a.created_ns, self.created), (b.created_ns, other.created), other) }
    }

    /// Compares two different times; an unset one goes first. Whatever comes out is final, later keys are not consulted.
    fn younger_first(&self, own: (Option<i64>, Option<i32>), theirs: (Option<i64>, Option<i32>), other: &Self) -> Ordering {
        match (own, theirs) {
            ((_, Some(own)), (_, Some(theirs))) => own.cmp(&theirs).then(self.pod.uid.cmp(&other.pod.uid)),
            ((Some(own), _), (Some(theirs), _)) => theirs.cmp(&own),
            ((own, _), (theirs, _)) => own.is_some().cmp(&theirs.is_some()),
        }
    }
}

/// The power of two, in nanoseconds, that an age has reached: -1 for an age that is not positive.
///
/// Kubernetes takes the logarithm in doubles, which agrees but for the last nanoseconds below a power of two beyond six days.
fn age_bucket(age_ns: i64) -> i32 {
    if age_ns > 0 { age_ns.ilog2() as i32 } else { -1 }
}

#[cfg(test)]
mod tests {
    use super::{VictimPhase, VictimRules, VictimView};
    use crate::plan::KubernetesVersion;

    const HOUR: i64 = 3_600_000_000_000;
    const NEW: VictimRules = VictimRules { deletion_cost: true, age_buckets: true };

    fn ready(age_ns: i64, uid: u64) -> VictimView {
        VictimView {
            assigned: true,
            phase: VictimPhase::Running,
            ready: true,
            deletion_cost: 0,
            rank: 1,
            ready_since_ns: Some(-age_ns),
            created_ns: Some(-age_ns),
            restarts: 0,
            uid,
        }
    }

    #[test]
    fn similar_ages_go_by_uid_not_newest_first() {
        // 3600 s and 4000 s share the bucket of 2^41 ns, 4400 s does not.
        let pods = [ready(HOUR, 7), ready(4_000_000_000_000, 3), ready(4_400_000_000_000, 1)];
        assert_eq!(NEW.deletion_order(&pods, 0), [1, 0, 2]);
    }

    #[test]
    fn before_1_22_the_youngest_goes_and_cost_is_ignored() {
        let old = VictimRules::of(KubernetesVersion { major: 1, minor: 20 });
        let cheap = VictimView { deletion_cost: -100, ..ready(4_000_000_000_000, 1) };
        assert_eq!(old.deletion_order(&[cheap, ready(HOUR, 7)], 0), [1, 0]);
        assert_eq!(VictimRules::of(KubernetesVersion { major: 1, minor: 33 }).deletion_order(&[ready(HOUR, 7), cheap], 0), [1, 0]);
    }

    #[test]
    fn a_circle_of_preferences_still_gives_an_order() {
        // By restarts 0 before 1, by uid 1 before 2 and 2 before 0.
        let twin = VictimView { restarts: 5, ..ready(HOUR, 3) };
        let pods = [twin, ready(HOUR, 1), ready(HOUR + 1, 2)];
        assert!(NEW.compare(&pods[0], &pods[1], 0).is_lt() && NEW.compare(&pods[1], &pods[2], 0).is_lt() && NEW.compare(&pods[2], &pods[0], 0).is_lt());
        let mut order = NEW.deletion_order(&pods, 0);
        order.sort_unstable();
        assert_eq!(order, [0, 1, 2]);
    }
}
