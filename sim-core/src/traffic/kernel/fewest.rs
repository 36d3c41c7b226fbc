//! Which pod has the fewest requests, without looking at all of them.
//!
//! A tournament over the endpoints: each node knows the least number of requests among those below it, and when the next of these numbers may fall. As numbers
//! change only then, or when somebody says so, a choice looks at one or two pods and their nodes, however many pods there are.

/// Endpoints and how many requests each has.
#[derive(Clone, Debug, Default)]
pub(super) struct Fewest {
    slots: Vec<u32>,
    /// The place of each slot among the endpoints, where it is one.
    places: Vec<u32>,
    /// Leaves of the tree, a power of two; the first is the node with this number, and the root is node 1.
    leaves: usize,
    counts: Vec<u32>,
    /// When the number of a leaf, or of one below a node, is to be looked at again.
    until: Vec<u64>,
    /// Places whose numbers have changed.
    changed: Vec<u32>,
    is_stale: bool,
    /// The place whose turn it is.
    turn: usize,
}

/// Not among the endpoints.
const NOWHERE: u32 = u32::MAX;

impl Fewest {
    /// These are the endpoints from now on. The others keep their turns when the one at a place has gone.
    pub(super) fn reset(&mut self, endpoints: &[u32], turn: usize) {
        self.slots = endpoints.to_vec();
        self.places.clear();
        self.places.resize(endpoints.iter().max().map_or(0, |last| *last as usize + 1), NOWHERE);
        for (place, slot) in endpoints.iter().enumerate() {
            self.places[*slot as usize] = place as u32;
        }
        self.leaves = endpoints.len().next_power_of_two();
        self.turn = turn;
        self.is_stale = true;
    }

    /// The place whose turn it is.
    pub(super) const fn turn(&self) -> usize {
        self.turn
    }

    /// The number of a pod has changed otherwise than by what its last look said.
    pub(super) fn touch(&mut self, slot: u32) {
        if let Some(place) = self.places.get(slot as usize).filter(|place| **place != NOWHERE) {
            self.changed.push(*place);
        }
    }

    /// The pod with the fewest requests at `at`, in turn among those with as many; it is expected to get one. `look` tells how many a pod has, and when that
    /// changes next if it gets none.
    #[inline(always)]
    pub(super) fn pick(&mut self, at: u64, mut look: impl FnMut(u32) -> (u32, u64)) -> u32 {
        if self.is_stale {
            self.build(at, &mut look);
        }
        while let Some(place) = self.changed.pop() {
            self.update(place as usize, at, &mut look);
        }
        while self.until[1] <= at {
            self.update(self.first_due(), at, &mut look);
        }
        let start = if self.turn < self.slots.len() { self.turn } else { 0 };
        let best = self.next_best(start).or_else(|| self.next_best(0)).unwrap_or(start);
        self.turn = best + 1;
        self.changed.push(best as u32);
        self.slots[best]
    }

    /// Looks at all pods.
    fn build(&mut self, at: u64, look: &mut impl FnMut(u32) -> (u32, u64)) {
        self.is_stale = false;
        self.changed.clear();
        self.counts.clear();
        self.counts.resize(2 * self.leaves, u32::MAX);
        self.until.clear();
        self.until.resize(2 * self.leaves, u64::MAX);
        for (place, slot) in self.slots.iter().enumerate() {
            let (count, until) = look(*slot);
            (self.counts[self.leaves + place], self.until[self.leaves + place]) = (count, until.max(at + 1));
        }
        for node in (1..self.leaves).rev() {
            self.play(node);
        }
    }

    /// Looks at one pod.
    #[inline(always)]
    fn update(&mut self, place: usize, at: u64, look: &mut impl FnMut(u32) -> (u32, u64)) {
        let (count, until) = look(self.slots[place]);
        let mut node = self.leaves + place;
        (self.counts[node], self.until[node]) = (count, until.max(at + 1));
        while node > 1 {
            node /= 2;
            self.play(node);
        }
    }

    #[inline(always)]
    fn play(&mut self, node: usize) {
        let (left, right) = (2 * node, 2 * node + 1);
        self.counts[node] = self.counts[left].min(self.counts[right]);
        self.until[node] = self.until[left].min(self.until[right]);
    }

    /// The place that is to be looked at first.
    fn first_due(&self) -> usize {
        let mut node = 1;
        while node < self.leaves {
            node = 2 * node + usize::from(self.until[2 * node] != self.until[node]);
        }
        node - self.leaves
    }

    /// The first place from `start` on that has the least number of all; none if only places before it do.
    fn next_best(&self, start: usize) -> Option<usize> {
        let least = self.counts[1];
        let mut node = self.leaves + start;
        while self.counts[node] != least {
            // On to what lies to the right of this: up while it is the right one of a pair.
            node >>= node.trailing_ones();
            if node == 0 {
                return None;
            }
            node += 1;
        }
        while node < self.leaves {
            node = 2 * node + usize::from(self.counts[2 * node] != least);
        }
        Some(node - self.leaves)
    }
}

#[cfg(test)]
mod tests {
    use super::Fewest;
    use proptest::prelude::*;

    /// The plain way: from the one whose turn it is, the first with the fewest.
    fn plain(counts: &[u32], turn: &mut usize) -> usize {
        let start = if *turn < counts.len() { *turn } else { 0 };
        let best = (start..counts.len()).chain(0..start).min_by_key(|place| counts[*place]).unwrap_or(0);
        *turn = best + 1;
        best
    }

    proptest! {
        #[test]
        fn it_finds_what_looking_at_all_finds(
            pods in 1..40_usize,
            steps in prop::collection::vec((0..5_u64, 1..30_u64, any::<bool>()), 1..200),
        ) {
            // A pod has one request for each instant in its list that is still to come.
            let mut ends: Vec<Vec<u64>> = vec![Vec::new(); pods];
            let slots: Vec<u32> = (0..pods as u32).map(|place| 3 * place + 1).collect();
            let mut fewest = Fewest::default();
            fewest.reset(&slots, 0);
            let (mut turn, mut now) = (0, 0);
            for (gap, length, is_refused) in steps {
                now += gap;
                let counts: Vec<u32> = ends.iter().map(|ends| ends.iter().filter(|end| **end > now).count() as u32).collect();
                let expected = plain(&counts, &mut turn);
                let got = fewest.pick(now, |slot| {
                    let place = slot as usize / 3;
                    (counts[place], ends[place].iter().copied().filter(|end| *end > now).min().unwrap_or(u64::MAX))
                });
                prop_assert_eq!(got as usize / 3, expected);
                if !is_refused {
                    ends[expected].push(now + length);
                }
                // Somebody else takes one away.
                if length == 7 {
                    ends[expected].pop();
                    fewest.touch(got);
                }
            }
        }
    }
}
