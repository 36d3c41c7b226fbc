//! Pools with equal nodes grow evenly (`balance-similar-node-groups`).

/// One of the pools that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Machines that it has or has asked for.
    pub size: u32,
    /// Most machines.
    pub max: u32,
}

/// How many of `new` machines each pool gets: always the smallest that is not at its maximum, the first of equal ones. What no pool has room for is left out.
pub fn balance(pools: &[Share], new: u32) -> Vec<u32> {
    let mut added = vec![0; pools.len()];
    for _ in 0..new {
        let open = pools.iter().zip(&added).enumerate().filter(|(_, (pool, added))| pool.size + **added < pool.max);
        let Some(place) = open.min_by_key(|(_, (pool, added))| pool.size + **added).map(|(place, _)| place) else { break };
        added[place] += 1;
    }
    added
}

#[cfg(test)]
mod tests {
    use super::{Share, balance};

    #[test]
    fn the_smallest_pools_catch_up_first() {
        let pools = [(1, 10), (3, 10), (2, 3)].map(|(size, max)| Share { size, max });
        // 1, 3, 2 -> 3, 3, 3 takes three machines; of two more, the third pool has no room for any.
        assert_eq!(balance(&pools, 3), [2, 0, 1]);
        assert_eq!(balance(&pools, 5), [3, 1, 1]);
        assert_eq!(balance(&pools, 100), [9, 7, 1], "what no pool has room for is left out");
    }
}
