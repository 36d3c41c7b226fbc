//! Draws from weights in constant time.

use crate::random::{Stream, below, unit};

/// Walker's alias table, built by Vose's method: each place keeps its own number with some probability and has one other.
#[derive(Clone, Debug, Default)]
pub(super) struct Alias {
    places: Vec<(f64, u32)>,
}

impl Alias {
    /// Draws number *i* in proportion to the *i*-th weight; all alike if no weight is above zero.
    pub(super) fn new(weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let scaled = |weight: &f64| if total > 0.0 { weight * weights.len() as f64 / total } else { 1.0 };
        let mut left: Vec<f64> = weights.iter().map(scaled).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..left.len()).partition(|&i| left[i] < 1.0);
        let mut places: Vec<(f64, u32)> = (0..left.len()).map(|i| (1.0, i as u32)).collect();
        while let (Some(&few), Some(&many)) = (small.last(), large.last()) {
            small.pop();
            places[few] = (left[few], many as u32);
            left[many] -= 1.0 - left[few];
            if left[many] < 1.0 {
                large.pop();
                small.push(many);
            }
        }
        Self { places }
    }

    /// A number; zero if there are none. Two draws in any case.
    #[inline]
    pub(super) fn draw(&self, stream: &mut Stream) -> u32 {
        let (place, share) = (below(stream, self.places.len().max(1) as u64) as u32, unit(stream));
        match self.places.get(place as usize) {
            Some(&(own, other)) if share >= own => other,
            _ => place,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Alias;
    use crate::random::Streams;

    #[test]
    fn numbers_come_in_proportion_to_their_weights() {
        let weights = [1.0, 0.0, 5.0, 2.5, 1.5];
        let (alias, mut stream, mut counts) = (Alias::new(&weights), Streams::new(1).stream("b"), [0_u32; 5]);
        for _ in 0..100_000 {
            counts[alias.draw(&mut stream) as usize] += 1;
        }
        for (count, weight) in counts.iter().zip(weights) {
            // A standard deviation of at most 160.
            assert!((f64::from(*count) - weight * 10_000.0).abs() < 600.0, "{counts:?}");
        }
        assert_eq!(counts[1], 0);
        assert!((0..100).all(|_| Alias::new(&[]).draw(&mut stream) == 0));
    }
}
