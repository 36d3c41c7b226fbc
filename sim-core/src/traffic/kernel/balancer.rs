//! Which pod gets a request.

use super::customers::BATCH;
use super::pick::Choice;
use crate::plan::Balancing;
use crate::random::{Stream, below};

/// The endpoints of a service, in the order in which they were added, and the way to choose among them.
#[derive(Clone, Debug)]
pub(super) struct Balancer {
    policy: Balancing,
    stream: Stream,
    endpoints: Vec<u32>,
    /// The endpoint whose turn it is.
    turn: usize,
    chosen: Box<[u32; 2 * BATCH]>,
}

impl Balancer {
    pub(super) fn new(policy: Balancing, stream: Stream) -> Self {
        Self { policy, stream, endpoints: Vec::new(), turn: 0, chosen: Box::new([0; 2 * BATCH]) }
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

    /// Chooses a pod for each of the next `count` requests, as far as that does not depend on the pods; none if there is no pod.
    pub(super) fn choose(&mut self, count: usize) -> Option<Choice<'_>> {
        let (endpoints, chosen) = (&self.endpoints, &mut *self.chosen);
        match self.policy {
            Balancing::Random => {
                // A copy of its own can stay in registers.
                let mut stream = self.stream.clone();
                if endpoints.is_empty() {
                    // The draws of later requests stay where they are.
                    chosen[..count].fill_with(|| below(&mut stream, 1) as u32);
                } else {
                    chosen[..count].fill_with(|| endpoints[below(&mut stream, endpoints.len() as u64) as usize]);
                }
                self.stream = stream;
            }
            Balancing::PowerOfTwo => {
                let pairs = &mut chosen.as_chunks_mut().0[..count];
                draw_pairs(&mut self.stream, endpoints, pairs);
                return if endpoints.is_empty() { None } else { Some(Choice::Pairs(pairs)) };
            }
            Balancing::RoundRobin | Balancing::LeastOutstanding if endpoints.is_empty() => {}
            Balancing::LeastOutstanding => return Some(Choice::Least { endpoints, turn: &mut self.turn }),
            Balancing::RoundRobin => {
                for slot in &mut chosen[..count] {
                    self.turn = if self.turn < endpoints.len() { self.turn } else { 0 };
                    *slot = endpoints[self.turn];
                    self.turn += 1;
                }
            }
        }
        if endpoints.is_empty() { None } else { Some(Choice::Given(&chosen[..count])) }
    }
}

/// Draws two different pods each time, or the only one twice: two draws however many pods there are, so that those of later requests stay where they are.
fn draw_pairs(stream: &mut Stream, endpoints: &[u32], pairs: &mut [[u32; 2]]) {
    let pods = endpoints.len() as u64;
    let mut local = stream.clone();
    for pair in pairs {
        let (first, other) = (below(&mut local, pods.max(1)), below(&mut local, pods.max(2) - 1));
        let second = if pods < 2 { 0 } else { other + u64::from(other >= first) };
        *pair = [first, second].map(|index| endpoints.get(index as usize).copied().unwrap_or(0));
    }
    *stream = local;
}

#[cfg(test)]
mod tests {
    use super::Balancer;
    use super::Choice;
    use crate::plan::Balancing;
    use crate::random::Streams;

    /// The next choices, one after the other; of two pods, both.
    fn given(balancer: &mut Balancer, count: usize) -> Option<Vec<u32>> {
        match balancer.choose(count)? {
            Choice::Given(slots) => Some(slots.to_vec()),
            Choice::Pairs(pairs) => Some(pairs.as_flattened().to_vec()),
            Choice::Least { .. } => panic!("this choice depends on the pods"),
        }
    }

    #[test]
    fn turns_survive_changes_of_the_endpoints() {
        let mut balancer = Balancer::new(Balancing::RoundRobin, Streams::new(1).stream("b"));
        for slot in [10, 11, 12, 13] {
            balancer.add(slot);
        }
        assert_eq!(given(&mut balancer, 6), Some(vec![10, 11, 12, 13, 10, 11]));
        balancer.remove(10);
        assert_eq!(given(&mut balancer, 2), Some(vec![12, 13]));
        balancer.add(14);
        assert_eq!(given(&mut balancer, 2), Some(vec![14, 11]));
        balancer.remove(12);
        balancer.remove(12);
        assert_eq!(given(&mut balancer, 4), Some(vec![13, 14, 11, 13]));
        for slot in [11, 13, 14] {
            balancer.remove(slot);
        }
        assert_eq!(given(&mut balancer, 3), None);
        balancer.add(15);
        assert_eq!(given(&mut balancer, 2), Some(vec![15, 15]));
    }

    #[test]
    fn a_request_without_a_pod_uses_up_its_draw() {
        for policy in [Balancing::Random, Balancing::PowerOfTwo] {
            let mut with = Balancer::new(policy, Streams::new(1).stream("b"));
            let mut without = with.clone();
            (0..100).for_each(|slot| with.add(slot));
            assert!(with.choose(7).is_some() && without.choose(7).is_none());
            (0..100).for_each(|slot| without.add(slot));
            assert_eq!(given(&mut with, 50), given(&mut without, 50));
        }
    }

    #[test]
    fn pairs_are_different_and_equally_likely() {
        let mut balancer = Balancer::new(Balancing::PowerOfTwo, Streams::new(1).stream("b"));
        balancer.add(7);
        assert_eq!(given(&mut balancer, 2), Some(vec![7, 7, 7, 7]));
        balancer.add(8);
        balancer.add(9);
        let mut counts = [[0_u32; 3]; 3];
        for _ in 0..100 {
            for pair in given(&mut balancer, 90).unwrap().chunks(2) {
                counts[pair[0] as usize - 7][pair[1] as usize - 7] += 1;
            }
        }
        for (i, j) in (0..9).map(|k| (k / 3, k % 3)) {
            // A sixth of 9,000, with a standard deviation of 35.
            assert!(if i == j { counts[i][j] == 0 } else { counts[i][j].abs_diff(1500) < 150 }, "{counts:?}");
        }
    }
}
