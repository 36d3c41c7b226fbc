//! Shares of requests where they depend on which pods there are.

use std::collections::BTreeMap;

use crate::math;
use crate::plan::Balancing;
use crate::traffic::kernel::{Endpoint, Ring};

/// Shares that differ by less than this factor are one.
const CLASS: f64 = 1.1;

/// How requests are divided among pods.
#[derive(Clone, Debug)]
pub(super) enum Shares {
    /// By the weights of pods.
    Weighted,
    /// By node, then evenly.
    Local,
    /// By keys on a ring, of which the k-th is asked for in proportion to 1 / k^skew.
    Hashed(Box<Ring>, f64),
}

impl Shares {
    /// Of a way to balance; none if all pods are alike.
    pub(super) fn new(balancing: &Balancing) -> Option<Self> {
        match *balancing {
            Balancing::Weighted(_) => Some(Self::Weighted),
            Balancing::Local => Some(Self::Local),
            Balancing::ConsistentHash { keys, skew } => Some(Self::Hashed(Box::new(Ring::new(keys, skew)), skew)),
            Balancing::Random | Balancing::RoundRobin | Balancing::PowerOfTwo | Balancing::LeastOutstanding | Balancing::Queue => None,
        }
    }

    /// The weight of each of these pods.
    pub(super) fn of(&mut self, pods: &[(u32, Endpoint)]) -> Vec<(u32, f64)> {
        match self {
            Self::Weighted => pods.iter().map(|(slot, endpoint)| (*slot, endpoint.weight)).collect(),
            Self::Local => {
                let mut on_node = BTreeMap::new();
                for (_, endpoint) in pods {
                    *on_node.entry(endpoint.node).or_insert(0.0) += 1.0;
                }
                pods.iter().map(|(slot, endpoint)| (*slot, 1.0 / on_node[&endpoint.node])).collect()
            }
            Self::Hashed(ring, skew) => {
                let slots: Vec<u32> = pods.iter().map(|pod| pod.0).collect();
                ring.place(&slots);
                let mut parts: BTreeMap<u32, f64> = slots.iter().map(|slot| (*slot, 0.0)).collect();
                for (key, slot) in ring.slots().iter().enumerate() {
                    if let Some(part) = parts.get_mut(slot) {
                        *part += math::pow((key + 1) as f64, -*skew);
                    }
                }
                parts.into_iter().map(|(slot, part)| (slot, class(part))).collect()
            }
        }
    }
}

/// The share that stands for its class.
fn class(share: f64) -> f64 {
    if share > 0.0 { math::pow(CLASS, (math::ln(share) / math::ln(CLASS)).round()) } else { 0.0 }
}
