//! The best of many nodes that differ in the pods that count there and in their resources, kept up to date one change at a time.

/// Candidates by level, which is the number of pods that count on them. Of all on one level only those with the highest rank can be the best, whatever the
/// level is worth: so each level knows its highest rank and how many share it, and a look at the best is one at the levels.
#[derive(Clone, Debug, Default)]
pub struct ByPods {
    /// Level and rank of each candidate; rank 0 for one that is out.
    places: Vec<Place>,
    tops: Vec<Level>,
    /// Candidates that are not out.
    live: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    level: u32,
    rank: u32,
}

/// The candidates of one level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// How many there are.
    pub live: u32,
    /// Their highest rank; no more than a bound of it while none is counted.
    pub rank: u32,
    /// How many have it.
    count: u32,
}

impl ByPods {
    /// Sets level and rank of a candidate; a rank of 0 takes it out. All are out at first.
    #[inline]
    pub fn set(&mut self, candidate: usize, level: u32, rank: u32) {
        if candidate >= self.places.len() {
            self.places.resize(candidate + 1, Place::default());
        }
        let place = Place { level, rank };
        let before = std::mem::replace(&mut self.places[candidate], place);
        if before == place {
            return;
        }
        if before.rank > 0 {
            let old = &mut self.tops[before.level as usize];
            old.live -= 1;
            self.live -= 1;
            old.count -= u32::from(old.count > 0 && before.rank == old.rank);
        }
        if rank > 0 {
            if level as usize >= self.tops.len() {
                self.tops.resize(level as usize + 1, Level::default());
            }
            let new = &mut self.tops[level as usize];
            if new.live == 0 || rank > new.rank {
                (new.rank, new.count) = (rank, 1);
            } else {
                new.count += u32::from(rank == new.rank);
            }
            new.live += 1;
            self.live += 1;
        }
    }

    /// The levels, from that without pods on, each with its highest rank; the last may be empty.
    pub fn each(&mut self) -> &[Level] {
        if self.tops.iter().any(|level| level.live > 0 && level.count == 0) {
            self.count_again();
        }
        &self.tops
    }

    /// Looks for the highest rank of levels whose best candidates have all gone.
    #[cold]
    fn count_again(&mut self) {
        let lost: Vec<bool> = self.tops.iter().map(|level| level.count == 0).collect();
        self.tops.iter_mut().filter(|level| level.count == 0).for_each(|level| level.rank = 0);
        for place in self.places.iter().filter(|place| place.rank > 0 && lost[place.level as usize]) {
            let level = &mut self.tops[place.level as usize];
            if place.rank > level.rank {
                (level.rank, level.count) = (place.rank, 0);
            }
            level.count += u32::from(place.rank == level.rank);
        }
    }

    /// Candidates that are not out.
    pub const fn live(&self) -> usize {
        self.live
    }

    /// How many are the best of levels that win.
    pub fn count(&self, wins: &[bool]) -> u64 {
        self.tops.iter().zip(wins).filter(|(_, wins)| **wins).map(|(level, _)| u64::from(level.count)).sum()
    }

    /// The `n`-th of these, in the order of the candidates.
    pub fn nth(&self, wins: &[bool], n: usize) -> Option<usize> {
        let winner = |(level, wins): (&Level, &bool)| if *wins { level.rank } else { u32::MAX };
        let winners: Vec<u32> = self.tops.iter().zip(wins).map(winner).collect();
        let is_best = |(candidate, place): (usize, &Place)| (winners.get(place.level as usize) == Some(&place.rank)).then_some(candidate);
        self.places.iter().enumerate().filter_map(is_best).nth(n)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::ByPods;

    proptest! {
        #[test]
        fn the_levels_agree_with_a_scan(size in 1usize..60, changes in prop::collection::vec((0usize..60, 0u32..4, 0u32..4), 1..200), look in 1usize..5) {
            let mut by_pods = ByPods::default();
            let mut places = vec![(0, 0); size];
            for (round, (candidate, level, rank)) in changes.into_iter().enumerate() {
                let candidate = candidate % size;
                by_pods.set(candidate, level, rank);
                places[candidate] = (level, rank);
                if !round.is_multiple_of(look) {
                    continue;
                }
                prop_assert_eq!(by_pods.live(), places.iter().filter(|place| place.1 > 0).count());
                let each = by_pods.each().to_vec();
                for (level, found) in each.iter().enumerate() {
                    let there = || places.iter().filter(|place| place.0 as usize == level && place.1 > 0);
                    prop_assert_eq!(found.live as usize, there().count());
                    let Some(top) = there().map(|place| place.1).max() else { continue };
                    prop_assert_eq!(found.rank, top);
                    let mut wins = vec![false; each.len()];
                    wins[level] = true;
                    let best: Vec<usize> = (0..size).filter(|i| places[*i] == (level as u32, top)).collect();
                    prop_assert_eq!(by_pods.count(&wins) as usize, best.len());
                    let found: Vec<usize> = (0..best.len()).filter_map(|n| by_pods.nth(&wins, n)).collect();
                    prop_assert_eq!(found, best);
                }
            }
        }
    }
}
