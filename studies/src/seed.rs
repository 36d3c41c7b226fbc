//! Seeds of replications.

use sim_core::random::{Streams, below};

/// Seeds fit into the 53 bits that every program reads from JSON and CSV without loss.
const SEEDS: u64 = 1 << 53;

/// The seed of a replication, counted from 0, of every case of a study with this base seed. The first has the base seed itself, so that it is the run
/// that `overspill run` shows.
///
/// All cases meet the same customers in the same replication (common random numbers), and replications are independent of each other.
pub fn of_replication(base: u64, replication: u32) -> u64 {
    match replication {
        0 => base,
        later => below(&mut Streams::new(base).indexed("study/replication", u64::from(later)), SEEDS),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::of_replication;

    #[test]
    fn the_derivation_is_frozen() {
        // These literals decide every result of every study: a change of them changes all of these.
        let seeds = [of_replication(1, 0), of_replication(1, 1), of_replication(1, 2), of_replication(1, 999), of_replication(2, 1)];
        assert_eq!(seeds, FROZEN);
    }
    const FROZEN: [u64; 5] = [1, 6_513_451_003_911_036, 4_548_648_866_884_217, 3_256_339_809_962_292, 4_820_952_276_891_932];

    #[test]
    fn seeds_differ_and_fit_into_a_double() {
        let seeds: BTreeSet<u64> = (0..10).flat_map(|base| (1..1000).map(move |replication| of_replication(base, replication))).collect();
        assert_eq!(seeds.len(), 10 * 999);
        assert!(seeds.iter().all(|seed| *seed as f64 as u64 == *seed && *seed < 1 << 53));
    }
}
