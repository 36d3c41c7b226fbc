//! `ElasticWorkload` (`autoscaling.alibabacloud.com/v1beta1`): the source workload up to its maximum, then elastic units in order.

/// The replicas of the source and of each elastic unit.
///
/// `source` holds the source's minimum and maximum. A unit without a maximum takes whatever is left; what nobody takes is not created.
pub fn allocate(source: (u32, u32), units: &[Option<u32>], replicas: u32) -> Vec<u32> {
    let (min, max) = source;
    // The source keeps its minimum even if fewer replicas are asked for.
    let own = replicas.min(max).max(min);
    let mut left = replicas.saturating_sub(own);
    let take = |max: &Option<u32>| {
        let taken = max.map_or(left, |max| max.min(left));
        left -= taken;
        taken
    };
    std::iter::once(own).chain(units.iter().map(take).collect::<Vec<_>>()).collect()
}

#[cfg(test)]
mod tests {
    use super::allocate;

    #[test]
    fn golden_case_g13_the_source_comes_first() {
        assert_eq!(allocate((0, 4), &[None], 6), [4, 2]);
        assert_eq!(allocate((0, 4), &[None], 3), [3, 0]);
        assert_eq!(allocate((2, 4), &[None], 1), [2, 0]);
        assert_eq!(allocate((0, 4), &[Some(3), Some(2)], 12), [4, 3, 2]);
    }
}
