//! Which pod gets a request.

use super::customers::BATCH;
use crate::plan::Balancing;
use crate::random::{Stream, below};

/// The endpoints of a service, in the order in which they were added, and the way to choose among them.
#[derive(Clone, Debug)]
pub(super) struct Balancer {
    policy: Balancing,
    stream: Stream,
    endpoints: Vec<u32>,
    /// The endpoint whose turn it is, for round robin.
    turn: usize,
    chosen: Box<[u32; BATCH]>,
}

impl Balancer {
    pub(super) fn new(policy: Balancing, stream: Stream) -> Self {
        Self { policy, stream, endpoints: Vec::new(), turn: 0, chosen: Box::new([0; BATCH]) }
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

    /// Chooses a pod for each of the next `count` requests; none if there is no pod.
    pub(super) fn choose(&mut self, count: usize) -> Option<&[u32]> {
        let (endpoints, chosen) = (&self.endpoints, &mut self.chosen[..count]);
        match self.policy {
            Balancing::Random => {
                // A copy of its own can stay in registers.
                let mut stream = self.stream.clone();
                if endpoints.is_empty() {
                    // The draws of later requests stay where they are.
                    chosen.fill_with(|| below(&mut stream, 1) as u32);
                } else {
                    chosen.fill_with(|| endpoints[below(&mut stream, endpoints.len() as u64) as usize]);
                }
                self.stream = stream;
            }
            Balancing::RoundRobin if endpoints.is_empty() => {}
            Balancing::RoundRobin => {
                for slot in &mut *chosen {
                    self.turn = if self.turn < endpoints.len() { self.turn } else { 0 };
                    *slot = endpoints[self.turn];
                    self.turn += 1;
                }
            }
        }
        if endpoints.is_empty() { None } else { Some(chosen) }
    }
}

#[cfg(test)]
mod tests {
    use super::Balancer;
    use crate::plan::Balancing;
    use crate::random::Streams;

    #[test]
    fn turns_survive_changes_of_the_endpoints() {
        let mut balancer = Balancer::new(Balancing::RoundRobin, Streams::new(1).stream("b"));
        for slot in [10, 11, 12, 13] {
            balancer.add(slot);
        }
        assert_eq!(balancer.choose(6), Some(&[10, 11, 12, 13, 10, 11][..]));
        balancer.remove(10);
        assert_eq!(balancer.choose(2), Some(&[12, 13][..]));
        balancer.add(14);
        assert_eq!(balancer.choose(2), Some(&[14, 11][..]));
        balancer.remove(12);
        balancer.remove(12);
        assert_eq!(balancer.choose(4), Some(&[13, 14, 11, 13][..]));
        for slot in [11, 13, 14] {
            balancer.remove(slot);
        }
        assert_eq!(balancer.choose(3), None);
        balancer.add(15);
        assert_eq!(balancer.choose(2), Some(&[15, 15][..]));
    }

    #[test]
    fn a_request_without_a_pod_uses_up_its_draw() {
        let mut with = Balancer::new(Balancing::Random, Streams::new(1).stream("b"));
        let mut without = with.clone();
        (0..100).for_each(|slot| with.add(slot));
        assert!(with.choose(7).is_some() && without.choose(7).is_none());
        (0..100).for_each(|slot| without.add(slot));
        assert_eq!(with.choose(50), without.choose(50));
    }
}
