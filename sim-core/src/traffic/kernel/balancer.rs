//! Which pod gets a request.

use std::collections::BTreeMap;

use super::alias::Alias;
use super::customers::BATCH;
use super::fewest::Fewest;
use super::pick::Choice;
use super::ring::Ring;
use super::traits::Endpoint;
use crate::plan::Balancing;
use crate::random::{Stream, below};

/// The endpoints of a service, in the order in which they were added, and the way to choose among them.
#[derive(Clone, Debug)]
pub(super) struct Balancer {
    policy: Balancing,
    stream: Stream,
    endpoints: Vec<u32>,
    /// What is known of them, for choices that ask.
    details: Vec<Endpoint>,
    /// The endpoint whose turn it is.
    turn: usize,
    /// Which endpoints are drawn how often, for weights and nodes.
    shares: Alias,
    /// Which key has which endpoint.
    ring: Option<Box<Ring>>,
    /// Which endpoint has the fewest requests, where that is asked for.
    fewest: Fewest,
    /// Whether the endpoints have changed since the three above were made.
    is_stale: bool,
    chosen: Box<[u32; 2 * BATCH]>,
}

impl Balancer {
    pub(super) fn new(policy: Balancing, stream: Stream) -> Self {
        let ring = if let Balancing::ConsistentHash { keys, skew } = policy { Some(Box::new(Ring::new(keys, skew))) } else { None };
        let (endpoints, details) = (Vec::new(), Vec::new());
        let (shares, fewest) = (Alias::default(), Fewest::default());
        Self { policy, stream, endpoints, details, turn: 0, shares, ring, fewest, is_stale: true, chosen: Box::new([0; 2 * BATCH]) }
    }

    pub(super) fn add(&mut self, slot: u32, endpoint: Endpoint) {
        self.note_change();
        self.endpoints.push(slot);
        self.details.push(endpoint);
    }

    /// Whether this is an endpoint.
    pub(super) fn has(&self, slot: u32) -> bool {
        self.endpoints.contains(&slot)
    }

    /// Removes the endpoint if it is one.
    pub(super) fn remove(&mut self, slot: u32) {
        if let Some(index) = self.endpoints.iter().position(|&endpoint| endpoint == slot) {
            self.note_change();
            self.endpoints.remove(index);
            self.details.remove(index);
            // The others keep their turns.
            self.turn -= usize::from(index < self.turn);
        }
    }

    /// Notes that the endpoints change.
    fn note_change(&mut self) {
        if !self.is_stale && self.policy == Balancing::LeastOutstanding {
            self.turn = self.fewest.turn();
        }
        self.is_stale = true;
    }

    /// Notes that a pod has another number of requests, not by taking one or by its own progress.
    pub(super) fn touch(&mut self, slot: u32) {
        if self.policy == Balancing::LeastOutstanding {
            self.fewest.touch(slot);
        }
    }

    /// Chooses a pod for each of the next `count` requests, as far as that does not depend on the pods; none if there is no pod.
    ///
    /// A request takes as many draws with pods as without, so that those of later requests stay where they are.
    pub(super) fn choose(&mut self, count: usize) -> Option<Choice<'_>> {
        self.refresh();
        let (endpoints, chosen) = (&self.endpoints, &mut *self.chosen);
        match &self.policy {
            // Pods choose their requests.
            Balancing::Queue => return None,
            Balancing::Random => {
                // A copy of its own can stay in registers.
                let mut stream = self.stream.clone();
                if endpoints.is_empty() {
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
            Balancing::Weighted(_) | Balancing::Local => {
                let (shares, stream) = (&self.shares, &mut self.stream);
                chosen[..count].fill_with(|| endpoints.get(shares.draw(stream) as usize).copied().unwrap_or(0));
            }
            Balancing::ConsistentHash { .. } => {
                let (ring, stream) = (self.ring.as_ref()?, &mut self.stream);
                chosen[..count].fill_with(|| ring.draw(stream));
            }
            Balancing::RoundRobin | Balancing::LeastOutstanding if endpoints.is_empty() => {}
            Balancing::LeastOutstanding => return Some(Choice::Least(&mut self.fewest)),
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

    /// Takes in changes of the endpoints.
    fn refresh(&mut self) {
        if !self.is_stale {
            return;
        }
        self.is_stale = false;
        match &self.policy {
            Balancing::Weighted(_) => self.shares = Alias::new(&self.details.iter().map(|endpoint| endpoint.weight).collect::<Vec<_>>()),
            Balancing::Local => {
                let mut on_node = BTreeMap::new();
                for endpoint in &self.details {
                    *on_node.entry(endpoint.node).or_insert(0.0) += 1.0;
                }
                self.shares = Alias::new(&self.details.iter().map(|endpoint| 1.0 / on_node[&endpoint.node]).collect::<Vec<f64>>());
            }
            Balancing::LeastOutstanding => self.fewest.reset(&self.endpoints, self.turn),
            _ => {
                if let Some(ring) = &mut self.ring {
                    ring.place(&self.endpoints);
                }
            }
        }
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
    use super::{Choice, Endpoint};
    use crate::plan::Balancing;
    use crate::random::Streams;

    /// The next choices, one after the other; of two pods, both.
    fn given(balancer: &mut Balancer, count: usize) -> Option<Vec<u32>> {
        match balancer.choose(count)? {
            Choice::Given(slots) => Some(slots.to_vec()),
            Choice::Pairs(pairs) => Some(pairs.as_flattened().to_vec()),
            Choice::Least(_) => panic!("this choice depends on the pods"),
        }
    }

    #[test]
    fn turns_survive_changes_of_the_endpoints() {
        let mut balancer = Balancer::new(Balancing::RoundRobin, Streams::new(1).stream("b"));
        for slot in [10, 11, 12, 13] {
            balancer.add(slot, Endpoint::PLAIN);
        }
        assert_eq!(given(&mut balancer, 6), Some(vec![10, 11, 12, 13, 10, 11]));
        balancer.remove(10);
        assert_eq!(given(&mut balancer, 2), Some(vec![12, 13]));
        balancer.add(14, Endpoint::PLAIN);
        assert_eq!(given(&mut balancer, 2), Some(vec![14, 11]));
        balancer.remove(12);
        balancer.remove(12);
        assert_eq!(given(&mut balancer, 4), Some(vec![13, 14, 11, 13]));
        for slot in [11, 13, 14] {
            balancer.remove(slot);
        }
        assert_eq!(given(&mut balancer, 3), None);
        balancer.add(15, Endpoint::PLAIN);
        assert_eq!(given(&mut balancer, 2), Some(vec![15, 15]));
    }

    #[test]
    fn a_request_without_a_pod_uses_up_its_draw() {
        let hashed = Balancing::ConsistentHash { keys: 50, skew: 1.0 };
        for policy in [Balancing::Random, Balancing::PowerOfTwo, Balancing::Weighted(vec![1.0]), Balancing::Local, hashed] {
            let mut with = Balancer::new(policy, Streams::new(1).stream("b"));
            let mut without = with.clone();
            (0..100).for_each(|slot| with.add(slot, Endpoint::PLAIN));
            assert!(with.choose(7).is_some() && without.choose(7).is_none());
            (0..100).for_each(|slot| without.add(slot, Endpoint::PLAIN));
            assert_eq!(given(&mut with, 50), given(&mut without, 50));
        }
    }

    /// How often each slot below 8 is chosen in 80,000 requests.
    fn counts(balancer: &mut Balancer) -> [i32; 8] {
        let mut counts = [0; 8];
        for _ in 0..1000 {
            given(balancer, 80).unwrap().iter().for_each(|slot| counts[*slot as usize] += 1);
        }
        counts
    }

    #[test]
    fn weights_and_nodes_share_requests() {
        let mut weighted = Balancer::new(Balancing::Weighted(vec![]), Streams::new(1).stream("b"));
        for (slot, weight) in [(0, 3.0), (1, 1.0), (2, 0.0)] {
            weighted.add(slot, Endpoint { weight, ..Endpoint::PLAIN });
        }
        let shares = counts(&mut weighted);
        assert!((shares[0] - 60_000).abs() < 700 && (shares[1] - 20_000).abs() < 700 && shares[2] == 0, "{shares:?}");
        // Two nodes with three pods and one: the single pod gets half of all.
        let mut local = Balancer::new(Balancing::Local, Streams::new(1).stream("b"));
        for (slot, node) in [(0, 7), (1, 7), (2, 7), (3, 9)] {
            local.add(slot, Endpoint { node, ..Endpoint::PLAIN });
        }
        let shares = counts(&mut local);
        assert!((shares[3] - 40_000).abs() < 700 && shares[..3].iter().all(|count| (count - 13_333).abs() < 700), "{shares:?}");
        local.remove(3);
        assert_eq!(counts(&mut local)[3], 0);
    }

    #[test]
    fn pairs_are_different_and_equally_likely() {
        let mut balancer = Balancer::new(Balancing::PowerOfTwo, Streams::new(1).stream("b"));
        balancer.add(7, Endpoint::PLAIN);
        assert_eq!(given(&mut balancer, 2), Some(vec![7, 7, 7, 7]));
        balancer.add(8, Endpoint::PLAIN);
        balancer.add(9, Endpoint::PLAIN);
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
