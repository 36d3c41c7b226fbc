//! Consistent hashing: keys and pods on a ring.

use super::alias::Alias;
use crate::math;
use crate::random::Stream;

/// Places of each pod on the ring, so that pods get about equal parts of it.
const PLACES: u64 = 64;

/// Which pod each key has: the next one clockwise on a ring of hashes.
#[derive(Clone, Debug)]
pub(in crate::traffic) struct Ring {
    popularity: Alias,
    /// Keys by their hash.
    keys: Vec<(u64, u32)>,
    /// The slot of each key; zero without pods.
    slots: Vec<u32>,
}

impl Ring {
    /// Keys of which the k-th is asked for in proportion to 1 / k^skew; no pods yet.
    pub(in crate::traffic) fn new(keys: u32, skew: f64) -> Self {
        let weights: Vec<f64> = (1..=keys).map(|k| math::pow(f64::from(k), -skew)).collect();
        let mut hashed: Vec<(u64, u32)> = (0..keys).map(|key| (hash(u64::from(key)), key)).collect();
        hashed.sort_unstable();
        Self { popularity: Alias::new(&weights), keys: hashed, slots: vec![0; keys as usize] }
    }

    /// Gives each key its pod among these.
    pub(in crate::traffic) fn place(&mut self, slots: &[u32]) {
        let mut ring: Vec<(u64, u32)> =
            slots.iter().flat_map(|&slot| (0..PLACES).map(move |place| (hash(1 << 63 | u64::from(slot) << 16 | place), slot))).collect();
        ring.sort_unstable();
        let mut next = 0;
        for &(hash, key) in &self.keys {
            while next < ring.len() && ring[next].0 < hash {
                next += 1;
            }
            self.slots[key as usize] = ring.get(next).or(ring.first()).map_or(0, |place| place.1);
        }
    }

    /// The slot of each key, from the most popular one on.
    pub(in crate::traffic) fn slots(&self) -> &[u32] {
        &self.slots
    }

    /// The pod of a random request.
    pub(super) fn draw(&self, stream: &mut Stream) -> u32 {
        self.slots[self.popularity.draw(stream) as usize]
    }
}

/// A bijection that mixes every bit (`MurmurHash3`'s finaliser).
const fn hash(x: u64) -> u64 {
    let x = (x ^ (x >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let x = (x ^ (x >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ (x >> 33)
}

#[cfg(test)]
mod tests {
    use super::Ring;

    #[test]
    fn a_pod_that_goes_moves_its_own_keys_only() {
        let mut ring = Ring::new(10_000, 0.0);
        ring.place(&[0, 1, 2, 3, 4]);
        let before = ring.slots.clone();
        for slot in 0..5 {
            let keys = before.iter().filter(|&&of| of == slot).count();
            assert!((1200..3000).contains(&keys), "pod {slot} has {keys} keys");
        }
        ring.place(&[0, 1, 3, 4]);
        for (old, new) in before.iter().zip(&ring.slots) {
            assert!(old == new || *old == 2, "a key of pod {old} moved to {new}");
        }
    }
}
