//! Named random streams: each is derived from (seed, name) alone, so that adding, removing or changing one part of a
//! scenario leaves the numbers that other parts draw as they were.

mod distribution;

pub use distribution::{Distribution, exp1};

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

/// The generator behind every stream.
pub type Stream = Xoshiro256PlusPlus;

/// Gives out the streams of one run.
#[derive(Clone, Copy, Debug)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    /// The streams of the run with this seed.
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The stream called `name`, for instance `web/arrivals`.
    pub fn stream(self, name: &str) -> Stream {
        self.indexed(name, 0)
    }

    /// A stream of its own for the `index`-th entity of a family, for instance the start-up of one pod.
    pub fn indexed(self, name: &str, index: u64) -> Stream {
        self.family(name).stream(index)
    }

    /// The streams called `name`, one for each entity of a family.
    pub fn family(self, name: &str) -> Family {
        let mut state = splitmix(self.seed ^ 0x0076_6572_7370_696c);
        for chunk in name.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            state = splitmix(state ^ u64::from_le_bytes(word));
        }
        Family { state: splitmix(state ^ name.len() as u64) }
    }
}

/// Streams of one name, one for each entity: what is derived from the name is derived once.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    state: u64,
}

impl Family {
    /// The stream of the `index`-th entity.
    pub fn stream(self, index: u64) -> Stream {
        let mut state = splitmix(self.state ^ index);
        let mut seed = [0; 32];
        for part in seed.chunks_exact_mut(8) {
            state = splitmix(state);
            part.copy_from_slice(&state.to_le_bytes());
        }
        Stream::from_seed(seed)
    }
}

/// One step of `SplitMix64` (Steele, Lea, Flood 2014): a bijection that mixes every bit.
fn splitmix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A uniform draw from `0..n`, by multiplication (Lemire); the bias is below n / 2^64.
#[inline(always)]
pub fn below(rng: &mut Stream, n: u64) -> u64 {
    use rand::Rng;
    ((u128::from(rng.next_u64()) * u128::from(n)) >> 64) as u64
}

/// A uniform draw from the open interval (0, 1).
#[inline(always)]
pub fn unit(rng: &mut Stream) -> f64 {
    use rand::Rng;
    ((rng.next_u64() >> 11) as f64 + 0.5) * (1.0 / (1u64 << 53) as f64)
}

#[cfg(test)]
mod tests {
    use super::{Streams, below, unit};
    use rand::Rng;

    #[test]
    fn the_derivation_is_frozen() {
        // These literals are part of the record format: a change of them changes every result of every scenario.
        let streams = Streams::new(1);
        let first = [streams.stream("web/arrivals").next_u64(), streams.stream("web/service").next_u64(), streams.indexed("web/service", 1).next_u64()];
        assert_eq!(first, FROZEN);
    }
    const FROZEN: [u64; 3] = [3_539_703_895_582_868_257, 2_549_572_826_057_188_527, 10_442_637_650_242_593_875];

    #[test]
    fn draws_stay_in_their_range() {
        let mut rng = Streams::new(7).stream("test");
        for _ in 0..10_000 {
            assert!(below(&mut rng, 3) < 3);
            let u = unit(&mut rng);
            assert!(0.0 < u && u < 1.0);
        }
    }
}
