//! What was missing in a window: what held it back, and whose it was.

use std::collections::BTreeMap;

use crate::observe::attribution::{Bottleneck, Charges, Weights, divide};
use crate::units::Span;

/// Pod-time that was missing, by what held it back and by the service or backend that lacked it. A member is a service's place, or that of a backend behind
/// all services.
#[derive(Clone, Debug, Default)]
pub(super) struct Blame {
    weights: Weights,
    members: BTreeMap<usize, u128>,
}

impl Blame {
    /// All of it is missing at one member.
    pub(super) fn at(member: usize, weights: &Weights) -> Self {
        Self { members: BTreeMap::from([(member, weights.sum())]), weights: *weights }
    }

    /// Adds all of another's.
    pub(super) fn merge(&mut self, other: &Self) {
        self.weights.merge(&other.weights);
        for (member, pod_ns) in &other.members {
            *self.members.entry(*member).or_default() += pod_ns;
        }
    }

    /// Whether nothing was missing.
    pub(super) fn is_nothing(&self) -> bool {
        self.weights.sum() == 0
    }

    /// What held most of it back.
    pub(super) fn largest(&self) -> Bottleneck {
        self.weights.largest()
    }

    /// Divides a span by what held capacity back, and by where; both add up to it.
    pub(super) fn split(&self, span: Span) -> (Charges, BTreeMap<usize, u64>) {
        let pod_ns: Vec<u128> = self.members.values().copied().collect();
        let parts = if self.is_nothing() { vec![0; pod_ns.len()] } else { divide(&pod_ns, span) };
        (self.weights.split(span), self.members.keys().copied().zip(parts).filter(|part| part.1 > 0).collect())
    }
}
