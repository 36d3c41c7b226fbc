//! At which pod something happens next.

/// Pods by when something happens there: a tournament, in which each node knows the earliest instant below it.
#[derive(Clone, Debug, Default)]
pub(super) struct Soonest {
    /// Leaves, a power of two; the first is the node with this number, and the root is node 1.
    leaves: usize,
    nodes: Vec<u64>,
}

impl Soonest {
    /// The earliest instant; `u64::MAX` if nothing happens.
    pub(super) fn at(&self) -> u64 {
        self.nodes.get(1).copied().unwrap_or(u64::MAX)
    }

    /// Where that is, the first of several; there must be one.
    pub(super) fn slot(&self) -> u32 {
        let mut node = 1;
        while node < self.leaves {
            node = 2 * node + usize::from(self.nodes[2 * node] != self.nodes[node]);
        }
        (node - self.leaves) as u32
    }

    /// Something happens at a pod at this instant next; `u64::MAX` for nothing.
    pub(super) fn set(&mut self, slot: u32, at: u64) {
        let slot = slot as usize;
        if slot >= self.leaves {
            self.grow(slot + 1);
        }
        let mut node = self.leaves + slot;
        self.nodes[node] = at;
        while node > 1 {
            node /= 2;
            self.nodes[node] = self.nodes[2 * node].min(self.nodes[2 * node + 1]);
        }
    }

    fn grow(&mut self, slots: usize) {
        let leaves = slots.next_power_of_two();
        let mut nodes = vec![u64::MAX; 2 * leaves];
        nodes[leaves..leaves + self.leaves].copy_from_slice(&self.nodes[self.leaves..]);
        for node in (1..leaves).rev() {
            nodes[node] = nodes[2 * node].min(nodes[2 * node + 1]);
        }
        (self.leaves, self.nodes) = (leaves, nodes);
    }
}

#[cfg(test)]
mod tests {
    use super::Soonest;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_tells_the_earliest_and_the_first_of_several(changes in prop::collection::vec((0..40_usize, prop_oneof![0..20_u64, Just(u64::MAX)]), 1..200)) {
            let (mut soonest, mut instants) = (Soonest::default(), vec![u64::MAX; 40]);
            prop_assert_eq!(soonest.at(), u64::MAX);
            for (slot, at) in changes {
                soonest.set(slot as u32, at);
                instants[slot] = at;
                let earliest = *instants.iter().min().unwrap_or(&u64::MAX);
                prop_assert_eq!(soonest.at(), earliest);
                if earliest < u64::MAX {
                    prop_assert_eq!(Some(soonest.slot() as usize), instants.iter().position(|other| *other == earliest));
                }
            }
        }
    }
}
