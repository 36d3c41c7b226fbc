//! A random order of many numbers without a list of them.

use sim_core::random::{Streams, below};

const ROUNDS: usize = 4;

/// A permutation of 0..n: a Feistel network over the next even number of bits, walked until it falls into the range (Black and Rogaway, Ciphers with
/// arbitrary finite domains, 2002).
pub(super) struct Permutation {
    n: u64,
    half_bits: u32,
    keys: [u64; ROUNDS],
}

impl Permutation {
    pub(super) fn new(n: u64, streams: Streams, name: &str) -> Self {
        let mut stream = streams.stream(name);
        let bits = 64 - n.saturating_sub(1).leading_zeros();
        Self { n, half_bits: bits.div_ceil(2).max(1), keys: [(); ROUNDS].map(|()| below(&mut stream, u64::MAX)) }
    }

    /// The number at a place.
    pub(super) fn of(&self, place: u64) -> u64 {
        let mut value = self.once(place);
        while value >= self.n {
            value = self.once(value);
        }
        value
    }

    fn once(&self, value: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let (mut left, mut right) = (value >> self.half_bits, value & mask);
        for key in self.keys {
            (left, right) = (right, left ^ (mixed(right ^ key) & mask));
        }
        left << self.half_bits | right
    }
}

/// The finaliser of `SplitMix64`.
const fn mixed(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Permutation, Streams};

    #[test]
    fn every_number_comes_once_and_in_no_order() {
        for n in [1, 2, 3, 10, 100, 1000, 1025] {
            let permutation = Permutation::new(n, Streams::new(7), "x");
            let all: Vec<u64> = (0..n).map(|place| permutation.of(place)).collect();
            let mut sorted = all.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..n).collect::<Vec<_>>());
            assert!(n < 10 || all != sorted);
        }
        let order = |seed: u64| (0..50).map(|place| Permutation::new(50, Streams::new(seed), "x").of(place)).collect::<Vec<_>>();
        assert_ne!(order(1), order(2));
    }
}
