//! Which nodes may go, and when.

use crate::plan::{PoolShrink, ShrinkRules};
use crate::units::{Resources, Time};

/// How much of a node is requested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Utilization {
    /// The larger share of CPU and memory; of GPUs alone on a node that has some.
    pub share: f64,
    /// Whether GPUs decided.
    pub of_gpus: bool,
}

impl Utilization {
    /// Whether the node is a candidate: its use lies below the pool's threshold.
    pub const fn is_low(self, rules: &PoolShrink) -> bool {
        self.share < if self.of_gpus { rules.gpu_utilization_threshold } else { rules.utilization_threshold }
    }
}

/// How much of `allocatable` is requested, by requests and not by use; `gpu` is the place of GPUs among extended resources.
pub fn utilization(requested: Resources, allocatable: Resources, gpu: Option<usize>) -> Utilization {
    let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    if let Some(gpu) = gpu.filter(|gpu| allocatable.extended[*gpu] > 0) {
        return Utilization { share: share(requested.extended[gpu], allocatable.extended[gpu]), of_gpus: true };
    }
    Utilization { share: share(requested.cpu.0, allocatable.cpu.0).max(share(requested.memory.0, allocatable.memory.0)), of_gpus: false }
}

/// What keeps any node from going now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cooldown {
    /// A node was asked for not long ago.
    AfterAdd,
    /// A node went not long ago.
    AfterDelete,
    /// A node could not be emptied not long ago.
    AfterFailure,
}

/// What keeps any node from going now, after the last time that one was asked for, went, or could not go.
pub fn cooldown(rules: &ShrinkRules, now: Time, added: Option<Time>, deleted: Option<Time>, failed: Option<Time>) -> Option<Cooldown> {
    let within = |last: Option<Time>, delay| last.is_some_and(|last| now < last.saturating_add(delay));
    if within(added, rules.delay_after_add) {
        Some(Cooldown::AfterAdd)
    } else if within(failed, rules.delay_after_failure) {
        Some(Cooldown::AfterFailure)
    } else {
        within(deleted, rules.delay_after_delete).then_some(Cooldown::AfterDelete)
    }
}

/// A node that is not needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removable {
    /// Its pool.
    pub pool: usize,
    /// Whether no pod has to move.
    pub is_empty: bool,
    /// Whether it is ready.
    pub is_ready: bool,
    /// Since when it is not needed.
    pub since: Time,
    /// What it has installed.
    pub capacity: Resources,
}

/// What becomes of a node that is not needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It goes.
    Goes,
    /// It has not been unneeded, or unready, for long enough.
    NotYet,
    /// Its pool is as small as it may be.
    MinimumSize,
    /// The cluster would have less CPU or memory than it must.
    MinimumResources,
    /// Enough nodes are on their way out.
    Crowded,
}

/// Which nodes go now, in the order given: empty ones in bulk, then others one by one.
///
/// `pools` are rules, size and minimum of each pool, nodes on their way out not counted; `leaving` are nodes on their way out, and those of them that had
/// pods; `spare` is what the cluster has above its least CPU and memory.
pub fn removals(rules: &ShrinkRules, nodes: &[Removable], pools: &[(PoolShrink, u32, u32)], leaving: (u32, u32), spare: (u64, u64), now: Time) -> Vec<Removal> {
    let mut sizes: Vec<u32> = pools.iter().map(|pool| pool.1).collect();
    let (mut cpu, mut memory) = spare;
    let mut room = rules.parallelism.saturating_sub(leaving.0);
    let mut drains = rules.drain_parallelism.saturating_sub(leaving.1);
    let mut found = vec![Removal::NotYet; nodes.len()];
    for empty in [true, false] {
        for (place, node) in nodes.iter().enumerate().filter(|(_, node)| node.is_empty == empty) {
            let (shrink, _, min) = &pools[node.pool];
            let wait = if node.is_ready { shrink.unneeded_time } else { shrink.unready_time };
            found[place] = if now < node.since.saturating_add(wait) {
                Removal::NotYet
            } else if sizes[node.pool] <= *min {
                Removal::MinimumSize
            } else if node.capacity.cpu.0 > cpu || node.capacity.memory.0 > memory {
                Removal::MinimumResources
            } else if room == 0 || !empty && drains == 0 {
                Removal::Crowded
            } else {
                room -= 1;
                drains -= u32::from(!empty);
                sizes[node.pool] -= 1;
                cpu -= node.capacity.cpu.0;
                memory -= node.capacity.memory.0;
                Removal::Goes
            };
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::Removal::{Crowded, Goes, MinimumResources, MinimumSize, NotYet};
    use super::{Cooldown, Removable, cooldown, removals, utilization};
    use crate::plan::{PoolShrink, ShrinkRules};
    use crate::units::{Bytes, MilliCpu, Resources, Time};

    fn size(cpu: u64, gib: u64) -> Resources {
        Resources::new(MilliCpu(cpu), Bytes::from_gib(gib))
    }

    #[test]
    fn requests_below_half_of_a_node_make_it_a_candidate() {
        let rules = PoolShrink::default();
        // 1.9 of 3.92 cores are 48.5 %, 4 of 7 GiB 57.1 %: memory decides.
        assert!(utilization(size(1900, 3), size(3920, 7), None).is_low(&rules));
        assert!(!utilization(size(1900, 4), size(3920, 7), None).is_low(&rules));
        assert!(!utilization(size(1960, 0), size(3920, 7), None).is_low(&rules), "exactly half is no candidate");
        let with_gpus = |cpu, gpus| Resources { extended: [gpus, 0, 0, 0], ..size(cpu, 0) };
        let found = utilization(with_gpus(3900, 1), with_gpus(3920, 4), Some(0));
        assert!(found.of_gpus && found.is_low(&rules), "of a node with GPUs only these count");
        assert!(!utilization(with_gpus(3900, 0), with_gpus(3920, 0), Some(0)).of_gpus);
    }

    #[test]
    fn nothing_goes_soon_after_a_change() {
        let at = |s| Some(Time::from_secs(s));
        let rules = ShrinkRules::default();
        assert_eq!(cooldown(&rules, Time::from_secs(699), at(100), None, None), Some(Cooldown::AfterAdd));
        assert_eq!(cooldown(&rules, Time::from_secs(700), at(100), None, at(521)), Some(Cooldown::AfterFailure));
        assert_eq!(cooldown(&rules, Time::from_secs(700), at(100), at(695), at(520)), Some(Cooldown::AfterDelete));
        assert_eq!(cooldown(&rules, Time::from_secs(705), at(100), at(695), at(520)), None);
    }

    #[test]
    fn empty_nodes_go_in_bulk_and_others_one_by_one() {
        let node = |is_empty, since| Removable { pool: 0, is_empty, is_ready: true, since: Time::from_secs(since), capacity: size(4000, 8) };
        let nodes = [node(false, 0), node(true, 0), node(false, 0), node(true, 1), node(true, 0)];
        let pool = |size, min| [(PoolShrink::default(), size, min)];
        let at = Time::from_secs(600);
        let go = |pools: &[_], leaving, spare| removals(&ShrinkRules::default(), &nodes, pools, leaving, spare, at);
        let plenty = (1 << 40, 1 << 50);
        assert_eq!(go(&pool(5, 0), (0, 0), plenty), [Goes, Goes, Crowded, NotYet, Goes]);
        assert_eq!(go(&pool(5, 3), (0, 0), plenty), [MinimumSize, Goes, MinimumSize, NotYet, Goes], "empty ones first");
        assert_eq!(go(&pool(5, 0), (9, 1), plenty), [Crowded, Goes, Crowded, NotYet, Crowded], "ten at a time");
        assert_eq!(go(&pool(5, 0), (0, 0), (4000, 1 << 50)), [MinimumResources, Goes, MinimumResources, NotYet, MinimumResources]);
    }
}
