//! `UnitedDeployment` of OpenKruise: how many replicas each subset gets.
//!
//! Either subsets have `replicas`, and those without share the rest evenly; or they have `minReplicas` and `maxReplicas`, which are filled in order:
//! first every minimum, then every maximum. Percentages are of all replicas, rounded half up. The rules are those of Kruise's allocator.

use std::fmt;

use crate::plan::{Count, SubsetSize};

/// What is looked at in a subset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubsetView<'a> {
    /// Name: decides between subsets of equal size.
    pub name: &'a str,
    /// How many replicas it is to have.
    pub size: SubsetSize,
    /// Replicas it has now.
    pub current: u32,
    /// Pods that run in it, if the deployment is adaptive: these never move.
    pub running: Option<u32>,
    /// Whether its pods find no node, so that an adaptive deployment gives it no more than run there.
    pub is_pinned: bool,
}

/// Why sizes of subsets make no sense together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSizes {
    /// `replicas` of subsets are more than there are.
    TooMany {
        /// The sum over subsets.
        specified: u32,
        /// All replicas.
        replicas: u32,
    },
    /// All subsets have `replicas`, and they are fewer than there are.
    TooFew {
        /// The sum over subsets.
        specified: u32,
        /// All replicas.
        replicas: u32,
    },
}

impl fmt::Display for BadSizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { specified, replicas } => write!(f, "the subsets ask for {specified} of {replicas} replicas"),
            Self::TooFew { specified, replicas } => write!(f, "the subsets ask for {specified} replicas only, of {replicas}"),
        }
    }
}

/// The replicas of each subset, in order. An impossible split is refused, and Kruise leaves the subsets as they are then.
pub fn allocate(subsets: &[SubsetView<'_>], replicas: u32) -> Result<Vec<u32>, BadSizes> {
    if subsets.iter().any(|subset| subset.running.is_some() || matches!(subset.size, SubsetSize::Between { .. })) {
        Ok(fill(subsets, replicas))
    } else {
        share(subsets, replicas)
    }
}

/// Minima in order, then maxima in order.
fn fill(subsets: &[SubsetView<'_>], replicas: u32) -> Vec<u32> {
    let bounds = |subset: &SubsetView<'_>| {
        let (min, max) = match subset.size {
            SubsetSize::Between { min, max } => (min.map_or(0, |min| min.of(replicas, Count::half_up)), max.map(|max| max.of(replicas, Count::half_up))),
            SubsetSize::Exactly(count) => {
                // Where pods may have to go elsewhere, a number is a goal and not a demand.
                let count = count.of(replicas, Count::half_up);
                (if subset.running.is_some() { 0 } else { count }, Some(count))
            }
            SubsetSize::Rest => (0, None),
        };
        let max = max.unwrap_or(u32::MAX);
        match subset.running {
            Some(running) if subset.is_pinned => (min.max(running), max.min(running)),
            Some(running) => (min.max(running.min(max)), max),
            None => (min, max),
        }
    };
    let bounds: Vec<(u32, u32)> = subsets.iter().map(bounds).collect();
    let mut left = replicas;
    let mut take = |wanted: u32| {
        let taken = wanted.min(left);
        left -= taken;
        taken
    };
    let mut allocated: Vec<u32> = bounds.iter().map(|(min, _)| take(*min)).collect();
    for (allocated, (_, max)) in allocated.iter_mut().zip(bounds) {
        *allocated += take(max.saturating_sub(*allocated));
    }
    // What pinned subsets leave over although all have a maximum, the first of the others takes.
    if let Some(first) = subsets.iter().position(|subset| !subset.is_pinned).filter(|_| subsets.iter().any(|subset| subset.is_pinned)) {
        allocated[first] += take(u32::MAX);
    }
    allocated
}

/// What is specified, and the rest evenly; of what does not divide, the largest subsets take one more each.
fn share(subsets: &[SubsetView<'_>], replicas: u32) -> Result<Vec<u32>, BadSizes> {
    let size = |subset: &SubsetView<'_>| match subset.size {
        SubsetSize::Exactly(count) => Some(count.of(replicas, Count::half_up)),
        SubsetSize::Rest | SubsetSize::Between { .. } => None,
    };
    let specified: u32 = subsets.iter().filter_map(size).sum();
    if specified > replicas {
        return Err(BadSizes::TooMany { specified, replicas });
    }
    if specified < replicas && subsets.iter().all(|subset| size(subset).is_some()) {
        return Err(BadSizes::TooFew { specified, replicas });
    }
    let mut open: Vec<usize> = (0..subsets.len()).filter(|place| size(&subsets[*place]).is_none()).collect();
    let mut allocated: Vec<u32> = subsets.iter().map(|subset| size(subset).unwrap_or(0)).collect();
    if open.is_empty() {
        return Ok(allocated);
    }
    let rest = replicas - specified;
    open.sort_by(|a, b| (subsets[*b].current, subsets[*b].name).cmp(&(subsets[*a].current, subsets[*a].name)));
    let (each, more) = (rest / open.len() as u32, rest % open.len() as u32);
    for (rank, place) in open.into_iter().enumerate() {
        allocated[place] = each + u32::from((rank as u32) < more);
    }
    Ok(allocated)
}

#[cfg(test)]
mod tests {
    use super::{BadSizes, SubsetView, allocate};
    use crate::plan::{Count, SubsetSize};

    const NAMES: [&str; 3] = ["a", "b", "c"];

    fn split(sizes: &[SubsetSize], replicas: u32) -> Vec<u32> {
        split_from(sizes, &[0; 3], replicas)
    }

    fn split_from(sizes: &[SubsetSize], current: &[u32], replicas: u32) -> Vec<u32> {
        allocate(&views(sizes, current, &[None; 3], 0), replicas).unwrap_or_default()
    }

    fn views<'a>(sizes: &[SubsetSize], current: &[u32], running: &[Option<u32>], pinned: usize) -> Vec<SubsetView<'a>> {
        let view = |i: usize| SubsetView { name: NAMES[i], size: sizes[i], current: current[i], running: running[i], is_pinned: i < pinned };
        (0..sizes.len()).map(view).collect()
    }

    fn pods(count: u32) -> SubsetSize {
        SubsetSize::Exactly(Count::Pods(count))
    }

    fn percent(percent: u32) -> SubsetSize {
        SubsetSize::Exactly(Count::percent(percent))
    }

    fn between(min: Option<u32>, max: Option<u32>) -> SubsetSize {
        SubsetSize::Between { min: min.map(Count::Pods), max: max.map(Count::Pods) }
    }

    #[test]
    fn golden_case_g13_specified_replicas() {
        assert_eq!(split(&[pods(1), percent(50), SubsetSize::Rest], 6), [1, 3, 2]);
        assert_eq!(split(&[percent(50), SubsetSize::Rest], 5), [3, 2], "half a pod is rounded up");
        assert_eq!([22, 30, 100].map(|n| split(&[percent(70), SubsetSize::Rest], n)), [[15, 7], [21, 9], [70, 30]]);
        assert_eq!([22, 30, 100].map(|n| split(&[percent(50), SubsetSize::Rest], n)), [[11, 11], [15, 15], [50, 50]]);
    }

    #[test]
    fn golden_case_g13_minima_and_maxima() {
        assert_eq!(split(&[between(Some(2), Some(4)), between(Some(2), None)], 5), [3, 2]);
        let seed = [between(None, Some(22)), between(None, None)];
        assert_eq!([22, 30, 100].map(|n| split(&seed, n)), [[22, 0], [22, 8], [22, 78]]);
        assert_eq!(split(&[between(Some(4), None), between(Some(4), None)], 5), [4, 1], "minima are served in order");
    }

    #[test]
    fn the_rest_is_shared_evenly_and_the_largest_take_what_does_not_divide() {
        let rest = [SubsetSize::Rest; 3];
        assert_eq!(split(&rest, 8), [2, 3, 3], "of equal size the last names come first");
        assert_eq!(split_from(&rest, &[5, 1, 1], 8), [3, 2, 3]);
    }

    #[test]
    fn impossible_splits_are_refused() {
        let too_many = allocate(&views(&[pods(4), pods(3)], &[0; 2], &[None; 2], 0), 6);
        assert_eq!(too_many, Err(BadSizes::TooMany { specified: 7, replicas: 6 }));
        let too_few = allocate(&views(&[pods(4), pods(3)], &[0; 2], &[None; 2], 0), 8);
        assert_eq!(too_few, Err(BadSizes::TooFew { specified: 7, replicas: 8 }));
    }

    #[test]
    fn golden_case_g13_an_unschedulable_subset_is_pinned() {
        let pinned = |sizes: &[SubsetSize]| allocate(&views(sizes, &[22, 0], &[Some(10), Some(0)], 1), 30).unwrap_or_default();
        assert_eq!(pinned(&[between(None, Some(22)), between(None, None)]), [10, 20]);
        assert_eq!(pinned(&[percent(70), SubsetSize::Rest]), [10, 20]);
        assert_eq!(pinned(&[percent(70), percent(30)]), [10, 20], "with nobody left open, the others take it over");
    }
    #[test]
    fn running_pods_of_an_adaptive_deployment_never_move() {
        let sizes = [between(None, Some(22)), between(None, None)];
        let split = |replicas, running: [u32; 2]| allocate(&views(&sizes, &running, &running.map(Some), 0), replicas).unwrap_or_default();
        assert_eq!(split(30, [10, 20]), [10, 20], "the first subset has room again, but nobody goes back");
        assert_eq!(split(35, [10, 20]), [15, 20], "only new pods go there");
        assert_eq!(split(25, [10, 20]), [10, 15], "scale-in takes the last subset first");
    }
}
