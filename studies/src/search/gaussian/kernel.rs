//! How values at two points go together.
//!
//! A sum of orders (additive Gaussian processes: Duvenaud, Nickisch and Rasmussen 2011): a slope and a curve along each dimension, because costs are mostly
//! sums of prices times numbers; the products of any two of these, because a price depends on a machine's type; and the product of all, for what is none of
//! these. Curves are Matérn of order 5/2 with a length for each dimension (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, 4.2), values
//! of a categorical dimension are equally unlike each other, and a dimension may be idle.

use sim_core::math::exp;

use crate::search::Space;

/// Lengths that are tried, as shares of a dimension's range; a dimension of the last one is idle.
const LENGTHS: [f64; 7] = [0.15, 0.3, 0.6, 1.2, 2.5, 5.0, f64::INFINITY];
/// Weights of curves along one dimension, beside slopes.
const CURVES: [f64; 4] = [0.01, 0.1, 0.5, 2.0];
/// Weights of products of two dimensions.
const PAIRS: [f64; 4] = [1e-3, 0.03, 0.2, 1.0];
/// Weights of the product of all.
const RESTS: [f64; 5] = [1e-4, 3e-3, 0.03, 0.3, 2.0];
/// Shares of noise that are tried, as a variance relative to that of the process.
const NOISES: [f64; 6] = [1e-6, 1e-4, 1e-3, 1e-2, 0.1, 0.5];
/// Correlations of rates and requests that are tried.
const KINSHIPS: [f64; 5] = [0.5, 0.9, 0.98, 0.995, 0.999];
/// What a step away from the usual among these costs, in the logarithm of the likelihood.
const UNUSUAL: f64 = 0.25;
/// The usual ones: places in the lists above.
const USUAL: [usize; 6] = [3, 1, 1, 2, 1, 2];

/// The length of a dimension without an order that is idle as far as is known: another value may be another system all the same.
const MOST_ALIKE: f64 = 20.0;

/// What decides how a process varies: places in the lists above.
#[derive(Clone, Debug)]
pub(in crate::search) struct Shape {
    pub(super) lengths: Vec<usize>,
    pub(super) curves: usize,
    pub(super) pairs: usize,
    pub(super) rest: usize,
    pub(super) noise: usize,
    /// Correlation of what was found by rates with what requests show.
    pub(super) kinship: usize,
}

impl Shape {
    /// Before anything is known: what follows from dimensions is likelier to matter than they do.
    pub(in crate::search) fn new(space: &Space) -> Self {
        let lengths = space.explained.iter().map(|explained| usual_length(*explained)).collect();
        let [_, curves, pairs, rest, noise, kinship] = USUAL;
        Self { lengths, curves, pairs, rest, noise, kinship }
    }

    /// Where every dimension matters by itself.
    pub(super) fn of_each(space: &Space) -> Self {
        Self { lengths: vec![USUAL[0]; space.sizes.len()], ..Self::new(space) }
    }

    /// Of a sum of long curves without noise, as costs mostly are.
    pub(super) fn of_a_sum(space: &Space) -> Self {
        Self { lengths: vec![4; space.sizes.len()], noise: 0, ..Self::new(space) }
    }

    /// The number of dimensions.
    pub(super) fn dimensions(&self) -> usize {
        self.lengths.len()
    }

    /// Variance of a measurement, relative to that of the process.
    pub(super) fn noise(&self) -> f64 {
        NOISES[self.noise]
    }

    /// Correlation of what was found by rates with what requests show.
    pub(super) fn kinship(&self) -> f64 {
        KINSHIPS[self.kinship]
    }

    /// The parameter of a number, and how many choices it has.
    pub(super) fn parameter(&mut self, number: usize) -> (&mut usize, usize) {
        let count = self.lengths.len();
        match number.checked_sub(count) {
            None => (&mut self.lengths[number], LENGTHS.len()),
            Some(0) => (&mut self.curves, CURVES.len()),
            Some(1) => (&mut self.pairs, PAIRS.len()),
            Some(2) => (&mut self.rest, RESTS.len()),
            Some(3) => (&mut self.noise, NOISES.len()),
            Some(_) => (&mut self.kinship, KINSHIPS.len()),
        }
    }

    /// How far this is from the usual, as a logarithm of the likelihood.
    pub(super) fn unusual(&self, space: &Space) -> f64 {
        let others = [self.curves, self.pairs, self.rest, self.noise, self.kinship];
        let lengths = self.lengths.iter().zip(&space.explained).map(|(length, explained)| length.abs_diff(usual_length(*explained)));
        let off: usize = lengths.chain(others.iter().zip(&USUAL[1..]).map(|(a, b)| a.abs_diff(*b))).sum();
        UNUSUAL * off as f64
    }
}

/// The usual length of a dimension: one that others follow from is idle.
const fn usual_length(explained: bool) -> usize {
    if explained { LENGTHS.len() - 1 } else { USUAL[0] }
}

/// One dimension of a kernel.
#[derive(Clone, Debug)]
struct Dimension {
    /// Correlation of two values by how many places they are apart.
    alike: Vec<f64>,
    /// From -1 to 1 over the range: a slope; empty where there is none.
    slope: Vec<f64>,
}

/// How values at two points go together.
#[derive(Clone, Debug)]
pub(super) struct Kernel {
    dimensions: Vec<Dimension>,
    curves: f64,
    pairs: f64,
    rest: f64,
}

impl Kernel {
    pub(super) fn new(shape: &Shape, space: &Space) -> Self {
        let each = shape.lengths.iter().zip(&space.sizes).zip(&space.categorical);
        let dimensions = each.map(|((length, size), categorical)| {
            let (length, last) = (LENGTHS[*length], (size.max(&2) - 1) as f64);
            let alike = (0..*size).map(|apart| {
                if *categorical {
                    return if apart == 0 { 1.0 } else { exp(-0.5 / length.min(MOST_ALIKE)) };
                }
                let root = 5.0_f64.sqrt() * apart as f64 / last / length;
                (1.0 + root + root * root / 3.0) * exp(-root)
            });
            let slope = if *categorical || length.is_infinite() { Vec::new() } else { (0..*size).map(|place| 2.0 * place as f64 / last - 1.0).collect() };
            Dimension { alike: alike.collect(), slope }
        });
        Self { dimensions: dimensions.collect(), curves: CURVES[shape.curves], pairs: PAIRS[shape.pairs], rest: RESTS[shape.rest] }
    }

    pub(super) fn of(&self, a: &[usize], b: &[usize]) -> f64 {
        let (mut sum, mut squares, mut product) = (0.0, 0.0, 1.0);
        for ((x, y), dimension) in a.iter().zip(b).zip(&self.dimensions) {
            let alike = dimension.alike[x.abs_diff(*y)];
            let one = match dimension.slope.get(*x) {
                Some(slope) => slope.mul_add(dimension.slope[*y], self.curves * alike),
                None => alike,
            };
            sum += one;
            squares += one * one;
            product *= alike;
        }
        1.0 + sum + self.pairs * (sum * sum - squares) / 2.0 + self.rest * product
    }
}
