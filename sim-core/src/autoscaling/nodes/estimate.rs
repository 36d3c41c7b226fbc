//! How many new nodes pods need: first fit, the largest pods first.

use crate::units::Resources;

/// The new nodes of one pool, all like its template, as far as they have been filled.
pub trait Site {
    /// Adds an empty node; false if there can be no more.
    fn add_node(&mut self) -> bool;
    /// Whether a pod of a group fits on the n-th new node, with what was placed before.
    fn fits(&self, group: usize, node: usize) -> bool;
    /// Places it there.
    fn place(&mut self, group: usize, node: usize);
    /// Whether a node that is too full for a pod of the group stays too full whatever else is placed: what resources say, but not how pods are spread.
    fn only_fills(&self, group: usize) -> bool;
}

/// What came of an estimate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// New nodes that hold pods.
    pub nodes: u32,
    /// Pods that they hold, by group.
    pub pods: Vec<u32>,
}

/// How much of a template a pod takes: its CPU share plus its memory share. Pods with more are placed first.
pub fn pod_share(requests: Resources, template: Resources) -> f64 {
    let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    share(requests.cpu.0, template.cpu.0) + share(requests.memory.0, template.memory.0)
}

/// Packs groups of pods that are alike, `groups[i]` pods of the i-th, in this order. Each goes to the first new node that takes it, else to a further one.
///
/// A pod that an empty new node does not take ends the turn of its group: it would not fit on the next one either.
pub fn estimate(groups: &[u32], site: &mut impl Site) -> Estimate {
    let mut nodes = 0;
    let mut holds: Vec<bool> = Vec::new();
    let mut pods = vec![0; groups.len()];
    for (group, count) in groups.iter().enumerate() {
        let mut first = 0;
        for _ in 0..*count {
            let found = (first..nodes).find(|node| site.fits(group, *node));
            if let (Some(found), true) = (found, site.only_fills(group)) {
                first = found;
            }
            let node = match found {
                Some(node) => node,
                // The last one is empty and does not take it.
                None if holds.last() == Some(&false) => break,
                None => {
                    if !site.add_node() {
                        break;
                    }
                    holds.push(false);
                    nodes += 1;
                    if !site.fits(group, nodes - 1) {
                        break;
                    }
                    nodes - 1
                }
            };
            site.place(group, node);
            holds[node] = true;
            pods[group] += 1;
        }
    }
    Estimate { nodes: holds.iter().filter(|holds| **holds).count() as u32, pods }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Site, estimate};

    /// Nodes of one resource.
    struct Bins {
        size: u32,
        most: usize,
        pods: Vec<u32>,
        free: Vec<u32>,
        lazy: bool,
    }

    impl Site for Bins {
        fn add_node(&mut self) -> bool {
            let adds = self.free.len() < self.most;
            if adds {
                self.free.push(self.size);
            }
            adds
        }
        fn fits(&self, group: usize, node: usize) -> bool {
            self.pods[group] <= self.free[node]
        }
        fn place(&mut self, group: usize, node: usize) {
            self.free[node] -= self.pods[group];
        }
        fn only_fills(&self, _: usize) -> bool {
            self.lazy
        }
    }

    fn packed(size: u32, most: usize, pods: &[(u32, u32)]) -> (u32, Vec<u32>) {
        let mut bins = Bins { size, most, pods: pods.iter().map(|pod| pod.0).collect(), free: Vec::new(), lazy: true };
        let found = estimate(&pods.iter().map(|pod| pod.1).collect::<Vec<_>>(), &mut bins);
        (found.nodes, found.pods)
    }

    #[test]
    fn first_fit_of_the_largest_first_fills_gaps_with_the_small_ones() {
        // Nodes of 10: three of 6 need three, which leave gaps of 4 for four of 4 less one.
        assert_eq!(packed(10, 99, &[(6, 3), (4, 4)]), (4, vec![3, 4]));
        assert_eq!(packed(10, 99, &[(11, 2), (4, 1)]), (1, vec![0, 1]), "what fits nowhere helps no pool");
        assert_eq!(packed(10, 2, &[(6, 3), (4, 3)]), (2, vec![2, 2]), "no more nodes than there can be");
    }

    proptest! {
        #[test]
        fn looking_on_where_the_last_pod_went_changes_nothing(size in 5u32..30, pods in prop::collection::vec((1u32..12, 1u32..9), 1..6)) {
            let counts: Vec<u32> = pods.iter().map(|pod| pod.1).collect();
            let bins = |lazy| Bins { size, most: 20, pods: pods.iter().map(|pod| pod.0).collect(), free: Vec::new(), lazy };
            prop_assert_eq!(estimate(&counts, &mut bins(true)), estimate(&counts, &mut bins(false)));
        }

        #[test]
        fn no_node_too_many(size in 5u32..30, pods in prop::collection::vec((1u32..5, 1u32..9), 1..6)) {
            let found = packed(size, 1000, &pods);
            let sum: u32 = pods.iter().map(|(size, count)| size * count).sum();
            prop_assert_eq!(found.1.iter().sum::<u32>(), pods.iter().map(|pod| pod.1).sum::<u32>());
            prop_assert!(found.0 >= sum.div_ceil(size) && found.0 <= 2 * sum.div_ceil(size));
        }
    }
}
