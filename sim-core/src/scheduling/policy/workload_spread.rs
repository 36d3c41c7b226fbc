//! `WorkloadSpread` of OpenKruise: new pods go to the first subset that misses some, and deletion costs take them back in reverse.
//!
//! Percentages are of the workload's replicas, rounded up. The rules are those of Kruise's controller and webhook.

use crate::plan::{Count, DeletionCosts};

/// What is looked at in a subset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubsetView {
    /// Most pods in it, if there is a bound.
    pub max: Option<u32>,
    /// Pods in it that are neither ended nor terminating.
    pub active: u32,
    /// Whether new pods may go there: an adaptive spread shuns a subset whose pods found no node.
    pub is_schedulable: bool,
}

/// `maxReplicas` as a number of pods: a percentage of the replicas is rounded up.
pub fn max_replicas(max: Count, replicas: u32) -> u32 {
    max.of(replicas, Count::up)
}

/// The subset of a new pod: the first that misses pods; none if all have theirs.
pub fn subset_of_new_pod(subsets: &[SubsetView]) -> Option<usize> {
    subsets.iter().position(|subset| subset.is_schedulable && subset.max.is_none_or(|max| subset.active < max))
}

/// The deletion cost of a pod.
///
/// `place` is its subset's place among `subsets`, if it has one; `within_max` tells whether it is among the subset's first `maxReplicas` pods.
/// While a rollout goes on, subsets count in reverse for pods of old revisions.
pub fn deletion_cost(costs: DeletionCosts, subsets: usize, place: Option<usize>, is_bounded: bool, within_max: bool, is_old: bool) -> i32 {
    let subsets = subsets as i32;
    let Some(place) = place else {
        return match costs {
            DeletionCosts::BySubset => -100 * (subsets + 1),
            DeletionCosts::First => 0,
        };
    };
    let place = if is_old { subsets - 1 - place as i32 } else { place as i32 };
    match costs {
        DeletionCosts::BySubset if within_max => 100 * (subsets - place),
        DeletionCosts::BySubset => -100 * (place + 1),
        DeletionCosts::First if !is_bounded => 0,
        DeletionCosts::First if within_max => 100,
        DeletionCosts::First => -100,
    }
}

#[cfg(test)]
mod tests {
    use super::{SubsetView, deletion_cost, max_replicas, subset_of_new_pod};
    use crate::plan::{Count, DeletionCosts};

    /// Deletion costs of the pods in subsets a (max 10), b (max 10) and c, with this many pods each.
    fn costs(rule: DeletionCosts, pods: [u32; 3], is_old: bool) -> Vec<(u32, i32)> {
        let mut found: Vec<(u32, i32)> = Vec::new();
        for (place, (count, max)) in pods.into_iter().zip([Some(10), Some(10), None]).enumerate() {
            for pod in 0..count {
                let cost = deletion_cost(rule, 3, Some(place), max.is_some(), max.is_none_or(|max| pod < max), is_old);
                match found.last_mut().filter(|last| last.1 == cost) {
                    Some(last) => last.0 += 1,
                    None => found.push((1, cost)),
                }
            }
        }
        found
    }

    #[test]
    fn golden_case_g13_deletion_costs() {
        let rule = DeletionCosts::BySubset;
        assert_eq!(costs(rule, [10, 10, 10], false), [(10, 300), (10, 200), (10, 100)]);
        assert_eq!(costs(rule, [20, 20, 20], false), [(10, 300), (10, -100), (10, 200), (10, -200), (20, 100)]);
        assert_eq!(costs(rule, [10, 10, 10], true), [(10, 100), (10, 200), (10, 300)]);
        assert_eq!(deletion_cost(rule, 3, None, false, false, false), -400);
        // Two subsets, as in golden case G02.
        assert_eq!([0, 1].map(|place| deletion_cost(rule, 2, Some(place), place == 0, true, false)), [200, 100]);
    }

    #[test]
    fn the_first_release_knew_three_costs() {
        assert_eq!(costs(DeletionCosts::First, [20, 10, 10], false), [(10, 100), (10, -100), (10, 100), (10, 0)]);
        assert_eq!(deletion_cost(DeletionCosts::First, 3, None, false, false, false), 0);
    }

    #[test]
    fn golden_case_g13_percentages_are_rounded_up() {
        assert_eq!([22, 30, 100, 0].map(|replicas| max_replicas(Count::percent(30), replicas)), [7, 9, 30, 0]);
        assert_eq!(max_replicas(Count::Pods(10), 3), 10);
    }

    #[test]
    fn new_pods_go_to_the_first_subset_that_misses_some() {
        let subset = |max, active| SubsetView { max, active, is_schedulable: true };
        assert_eq!(subset_of_new_pod(&[subset(Some(2), 1), subset(None, 5)]), Some(0));
        assert_eq!(subset_of_new_pod(&[subset(Some(2), 2), subset(None, 5)]), Some(1));
        assert_eq!(subset_of_new_pod(&[subset(Some(2), 3), subset(Some(5), 5)]), None);
        assert_eq!(subset_of_new_pod(&[SubsetView { is_schedulable: false, ..subset(None, 0) }, subset(None, 5)]), Some(1));
    }
}
