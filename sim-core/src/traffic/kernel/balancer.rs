//! Which pod gets a request.

use crate::plan::Balancing;

/// The endpoints of a service, in the order in which they were added, and the way to choose among them.
#[derive(Clone, Debug)]
pub(super) struct Balancer {
    policy: Balancing,
    endpoints: Vec<u32>,
    /// The endpoint whose turn it is, for round robin.
    turn: usize,
}

impl Balancer {
    pub(super) const fn new(policy: Balancing) -> Self {
        Self { policy, endpoints: Vec::new(), turn: 0 }
    }

    pub(super) fn add(&mut self, slot: u32) {
        self.endpoints.push(slot);
    }

    /// Removes the endpoint if it is one.
    pub(super) fn remove(&mut self, slot: u32) {
        if let Some(index) = self.endpoints.iter().position(|&endpoint| endpoint == slot) {
            self.endpoints.remove(index);
            // The others keep their turns.
            self.turn -= usize::from(index < self.turn);
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.endpoints.is_empty()
    }

    /// Chooses a pod for each of some requests, which come with a random word each.
    pub(super) fn choose(&mut self, words: &[u64], slots: &mut [u32]) {
        let count = self.endpoints.len();
        match self.policy {
            Balancing::Random => {
                for (slot, &word) in slots.iter_mut().zip(words) {
                    *slot = self.endpoints[((u128::from(word) * count as u128) >> 64) as usize];
                }
            }
            Balancing::RoundRobin => {
                for slot in slots {
                    self.turn = if self.turn < count { self.turn } else { 0 };
                    *slot = self.endpoints[self.turn];
                    self.turn += 1;
                }
            }
        }
    }
}
