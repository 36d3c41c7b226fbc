//! Sobol's sequence: points that leave no part of the space empty.

use sim_core::random::{Streams, below};

/// Bits of a coordinate.
const BITS: usize = 32;

/// Most dimensions.
pub const DIMENSIONS: usize = PARAMETERS.len() + 1;

/// Degree and inner coefficients of a primitive polynomial over the field of two elements, and the first direction numbers, from the second dimension on
/// (Joe and Kuo, Constructing Sobol sequences with better two-dimensional projections, SIAM J. Sci. Comput. 30, 2008). The first dimension needs none.
const PARAMETERS: [(usize, u32, &[u32]); 20] = [
    (1, 0, &[1]),
    (2, 1, &[1, 3]),
    (3, 1, &[1, 3, 1]),
    (3, 2, &[1, 1, 1]),
    (4, 1, &[1, 1, 3, 3]),
    (4, 4, &[1, 3, 5, 13]),
    (5, 2, &[1, 1, 5, 5, 17]),
    (5, 4, &[1, 1, 5, 5, 5]),
    (5, 7, &[1, 1, 7, 11, 19]),
    (5, 11, &[1, 1, 5, 1, 1]),
    (5, 13, &[1, 1, 1, 3, 11]),
    (5, 14, &[1, 3, 5, 5, 31]),
    (6, 1, &[1, 3, 3, 9, 7, 49]),
    (6, 13, &[1, 1, 1, 15, 21, 21]),
    (6, 16, &[1, 3, 1, 13, 27, 49]),
    (6, 19, &[1, 1, 1, 15, 7, 5]),
    (6, 22, &[1, 3, 1, 15, 13, 25]),
    (6, 25, &[1, 1, 5, 5, 19, 61]),
    (7, 1, &[1, 3, 7, 11, 23, 15, 103]),
    (7, 4, &[1, 3, 7, 13, 13, 15, 69]),
];

/// The sequence in some dimensions, with a random digital shift of each, which keeps its evenness and leaves no point at the corner.
pub(super) struct Sobol {
    directions: Vec<[u32; BITS]>,
    shifts: Vec<u32>,
}

impl Sobol {
    pub(super) fn new(dimensions: usize, seed: u64) -> Self {
        assert!(dimensions <= DIMENSIONS, "there are direction numbers for {DIMENSIONS} dimensions only");
        let shift = |dimension: usize| below(&mut Streams::new(seed).indexed("design/sobol", dimension as u64), 1 << BITS) as u32;
        Self { directions: (0..dimensions).map(directions).collect(), shifts: (0..dimensions).map(shift).collect() }
    }

    /// Coordinate of a point in 0..1.
    pub(super) fn share(&self, dimension: usize, point: u64) -> f64 {
        let bits = self.raw(dimension, point) ^ self.shifts[dimension];
        (f64::from(bits) + 0.5) / (1u64 << BITS) as f64
    }

    /// The bits of a coordinate, without shift; points in the order of the Gray code, as is usual.
    fn raw(&self, dimension: usize, point: u64) -> u32 {
        let gray = point ^ (point >> 1);
        (0..BITS).filter(|bit| gray >> bit & 1 == 1).fold(0, |bits, bit| bits ^ self.directions[dimension][bit])
    }
}

fn directions(dimension: usize) -> [u32; BITS] {
    let mut v = [0; BITS];
    let Some((degree, coefficients, first)) = dimension.checked_sub(1).map(|at| PARAMETERS[at]) else {
        return std::array::from_fn(|bit| 1 << (BITS - 1 - bit));
    };
    for bit in 0..BITS {
        v[bit] = if bit < degree {
            first[bit] << (BITS - 1 - bit)
        } else {
            let inner = (1..degree).filter(|k| coefficients >> (degree - 1 - k) & 1 == 1).fold(0, |sum, k| sum ^ v[bit - k]);
            v[bit - degree] ^ v[bit - degree] >> degree ^ inner
        };
    }
    v
}

#[cfg(test)]
mod tests {
    use super::{DIMENSIONS, Sobol};

    #[test]
    fn the_first_points_are_the_published_ones() {
        // Joe and Kuo's own program, three dimensions.
        let sobol = Sobol::new(3, 1);
        let point = |i: u64| [0, 1, 2].map(|d| f64::from(sobol.raw(d, i)) / 4_294_967_296.0);
        assert_eq!(point(0), [0.0, 0.0, 0.0]);
        assert_eq!(point(1), [0.5, 0.5, 0.5]);
        assert_eq!(point(2), [0.75, 0.25, 0.25]);
        assert_eq!(point(3), [0.25, 0.75, 0.75]);
        assert_eq!(point(4), [0.375, 0.375, 0.625]);
        assert_eq!(point(5), [0.875, 0.875, 0.125]);
    }

    #[test]
    fn every_dimension_covers_every_interval_once() {
        let sobol = Sobol::new(DIMENSIONS, 9);
        for dimension in 0..DIMENSIONS {
            for block in [0, 3] {
                let mut cells: Vec<usize> = (block * 256..(block + 1) * 256).map(|i| (sobol.share(dimension, i) * 256.0) as usize).collect();
                cells.sort_unstable();
                assert_eq!(cells, (0..256).collect::<Vec<_>>(), "dimension {dimension}");
            }
        }
    }

    #[test]
    fn pairs_of_dimensions_are_even_too() {
        let sobol = Sobol::new(DIMENSIONS, 1);
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            let mut cells = [0; 64];
            for i in 0..1024 {
                cells[(sobol.share(a, i) * 8.0) as usize * 8 + (sobol.share(b, i) * 8.0) as usize] += 1;
            }
            assert!(cells.iter().all(|count| *count == 16), "{a} {b}: {cells:?}");
        }
    }
}
