//! The best of many nodes, kept up to date one change at a time.

/// Scores of a row of candidates in a tournament tree: the highest score and how many share it are known at the root, so that a large
/// cluster costs little more to schedule than a small one.
#[derive(Clone, Debug)]
pub struct Ranking {
    /// Leaves start at `width`; the parent of `i` is `i / 2`.
    tree: Vec<Top>,
    width: usize,
}

/// The highest score below a place in the tree, and how many candidates share it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Top {
    /// One above the score; 0 for a candidate that is out.
    rank: u32,
    count: u32,
}

impl Ranking {
    /// A ranking of `candidates`, all of them out.
    pub fn new(candidates: usize) -> Self {
        let width = candidates.next_power_of_two();
        Self { tree: vec![Top::default(); 2 * width], width }
    }

    /// Sets the score of a candidate; none takes it out.
    pub fn set(&mut self, candidate: usize, score: Option<u32>) {
        let mut place = self.width + candidate;
        self.tree[place] = score.map_or(Top::default(), |score| Top { rank: score + 1, count: 1 });
        while place > 1 {
            place /= 2;
            let (left, right) = (self.tree[2 * place], self.tree[2 * place + 1]);
            let top = match left.rank.cmp(&right.rank) {
                std::cmp::Ordering::Greater => left,
                std::cmp::Ordering::Less => right,
                std::cmp::Ordering::Equal => Top { rank: left.rank, count: left.count + right.count },
            };
            if self.tree[place] == top {
                break;
            }
            self.tree[place] = top;
        }
    }

    /// How many candidates share the highest score; 0 if all are out.
    pub fn tied(&self) -> u32 {
        self.tree[1].count
    }

    /// The `n`-th of the candidates that share the highest score.
    pub fn best(&self, mut n: u32) -> usize {
        assert!(n < self.tied(), "fewer candidates share the highest score");
        let rank = self.tree[1].rank;
        let mut place = 1;
        while place < self.width {
            let left = self.tree[2 * place];
            let in_left = if left.rank == rank { left.count } else { 0 };
            place *= 2;
            if n >= in_left {
                n -= in_left;
                place += 1;
            }
        }
        place - self.width
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Ranking;

    proptest! {
        #[test]
        fn the_root_agrees_with_a_scan(size in 1usize..20, changes in prop::collection::vec((0usize..20, prop::option::of(0u32..4)), 1..100)) {
            let mut ranking = Ranking::new(size);
            let mut scores = vec![None; size];
            for (candidate, score) in changes {
                let candidate = candidate % size;
                ranking.set(candidate, score);
                scores[candidate] = score;
                let top = scores.iter().flatten().max();
                let best: Vec<usize> = (0..size).filter(|i| scores[*i].is_some() && scores[*i].as_ref() == top).collect();
                prop_assert_eq!(ranking.tied() as usize, best.len());
                let found: Vec<usize> = (0..ranking.tied()).map(|n| ranking.best(n)).collect();
                prop_assert_eq!(found, best);
            }
        }
    }
}
