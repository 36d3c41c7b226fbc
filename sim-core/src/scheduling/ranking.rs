//! The best of many nodes, kept up to date one change at a time.

use std::cmp::Ordering;

/// Candidates of a block: few enough that a scan of them is one of two cache lines.
const BLOCK: usize = 32;

/// Scores of a row of candidates in blocks, each of which knows its highest score and how many share it: a change costs next to nothing, and a
/// look at the best is one at the blocks, so that a large cluster costs little more to schedule than a small one.
#[derive(Clone, Debug, Default)]
pub struct Ranking {
    /// One above the score; 0 for a candidate that is out, and for those that fill up the last block.
    ranks: Vec<u32>,
    blocks: Vec<Top>,
}

/// The highest rank of some candidates, and how many of them have it; none counts for candidates that are out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Top {
    rank: u32,
    count: u32,
}

/// The candidates with the highest score.
#[derive(Clone, Copy, Debug)]
pub struct Best<'a> {
    ranking: &'a Ranking,
    top: Top,
}

impl Ranking {
    /// A ranking of `candidates`, all of them out.
    pub fn new(candidates: usize) -> Self {
        let blocks = candidates.div_ceil(BLOCK);
        Self { ranks: vec![0; blocks * BLOCK], blocks: vec![Top::default(); blocks] }
    }

    /// Sets the score of a candidate; none takes it out.
    #[inline]
    pub fn set(&mut self, candidate: usize, score: Option<u32>) {
        let rank = score.map_or(0, |score| score + 1);
        let before = std::mem::replace(&mut self.ranks[candidate], rank);
        if before == rank {
            return;
        }
        let block = candidate / BLOCK;
        let top = &mut self.blocks[block];
        if rank > top.rank {
            *top = Top { rank, count: 1 };
            return;
        }
        top.count += u32::from(rank == top.rank && rank > 0);
        if before == top.rank {
            top.count -= 1;
            if top.count == 0 {
                *top = Top::of(&self.ranks[block * BLOCK..][..BLOCK]);
            }
        }
    }

    /// The score of a candidate; none if it is out.
    #[inline]
    pub fn score(&self, candidate: usize) -> Option<u32> {
        self.ranks[candidate].checked_sub(1)
    }

    /// The scores in the order of the candidates; none of those that are out, and of some beyond the last.
    pub fn scores(&self) -> impl Iterator<Item = Option<u32>> + Clone + '_ {
        self.ranks.iter().map(|rank| rank.checked_sub(1))
    }

    /// The candidates with the highest score, as it is now.
    pub fn best(&self) -> Best<'_> {
        let top = self.blocks.iter().fold(Top::default(), |best, block| match block.rank.cmp(&best.rank) {
            Ordering::Less => best,
            Ordering::Equal => Top { count: best.count + block.count, ..best },
            Ordering::Greater => *block,
        });
        Best { ranking: self, top }
    }
}

impl Top {
    fn of(ranks: &[u32]) -> Self {
        let rank = ranks.iter().copied().fold(0, u32::max);
        let count = if rank == 0 { 0 } else { ranks.iter().map(|other| u32::from(*other == rank)).sum() };
        Self { rank, count }
    }
}

impl Best<'_> {
    /// How many there are; 0 if all candidates are out.
    pub const fn count(&self) -> u32 {
        self.top.count
    }

    /// The `n`-th of them, in the order of the candidates.
    pub fn nth(&self, mut n: u32) -> usize {
        assert!(n < self.top.count, "fewer candidates share the highest score");
        for (place, block) in self.ranking.blocks.iter().enumerate().filter(|(_, block)| block.rank == self.top.rank) {
            if n < block.count {
                let ranks = &self.ranking.ranks[place * BLOCK..][..BLOCK];
                let mut best = ranks.iter().enumerate().filter(|(_, rank)| **rank == self.top.rank).skip(n as usize);
                return place * BLOCK + best.next().expect("the block counts them").0;
            }
            n -= block.count;
        }
        unreachable!("the blocks count them")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Ranking;

    proptest! {
        #[test]
        fn the_root_agrees_with_a_scan(size in 1usize..200, changes in prop::collection::vec((0usize..200, prop::option::of(0u32..4)), 1..300)) {
            let mut ranking = Ranking::new(size);
            let mut scores = vec![None; size];
            for (candidate, score) in changes {
                let candidate = candidate % size;
                ranking.set(candidate, score);
                scores[candidate] = score;
                let top = scores.iter().flatten().max();
                let best: Vec<usize> = (0..size).filter(|i| scores[*i].is_some() && scores[*i].as_ref() == top).collect();
                prop_assert_eq!(ranking.best().count() as usize, best.len());
                let found: Vec<usize> = (0..ranking.best().count()).map(|n| ranking.best().nth(n)).collect();
                prop_assert_eq!(found, best);
            }
        }
    }
}
