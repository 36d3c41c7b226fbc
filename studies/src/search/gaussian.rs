//! Gaussian process regression over points of a grid: what is known about a figure where it was not measured.
//!
//! The kernel is a linear part, because costs are mostly sums of prices times numbers, plus a Matérn kernel of order 5/2 with a length for each dimension
//! (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, 4.2). Values of a categorical dimension are equally unlike each other. Lengths
//! and the share of noise maximise the likelihood, whose scale is profiled out.

use sim_core::math::{exp, ln};

/// Lengths that are tried, as shares of a dimension's range.
const LENGTHS: [f64; 6] = [0.15, 0.3, 0.6, 1.2, 2.5, 5.0];
/// Shares of noise that are tried, as a variance relative to that of the process.
const NOISES: [f64; 5] = [1e-6, 1e-4, 1e-2, 0.1, 0.5];

/// Keeps the matrix regular.
const JITTER: f64 = 1e-7;
/// Largest variance of a measurement, relative to that of the process.
const MOST_NOISE: f64 = 2.0;

/// What decides how a process varies.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    lengths: Vec<f64>,
    noise: f64,
}

impl Shape {
    /// Before anything is known.
    pub(super) fn new(dimensions: usize) -> Self {
        Self { lengths: vec![0.6; dimensions], noise: 1e-4 }
    }

    fn kernel(&self, a: &[f64], b: &[f64], categorical: &[bool]) -> f64 {
        let (mut distance, mut alike, mut linear) = (0.0, 0.0, 1.0);
        for ((x, y), (length, categorical)) in a.iter().zip(b).zip(self.lengths.iter().zip(categorical)) {
            if *categorical {
                alike += if (x - y).abs() < 1e-9 { 0.0 } else { 0.5 / length };
            } else {
                let step = (x - y) / length;
                distance += step * step;
                linear += 4.0 * (x - 0.5) * (y - 0.5);
            }
        }
        let root = (5.0 * distance).sqrt();
        let matern = (1.0 + root + 5.0 * distance / 3.0) * exp(-root);
        exp(-alike) * (linear + matern)
    }
}

/// A measured value: where, what, and how often.
#[derive(Clone, Debug)]
pub(super) struct Datum<'a> {
    /// Coordinates in 0..1.
    pub at: &'a [f64],
    /// Mean of the measurements.
    pub value: f64,
    /// Their number.
    pub count: f64,
}

/// A fitted process.
#[derive(Debug)]
pub(super) struct Process<'a> {
    shape: Shape,
    categorical: &'a [bool],
    at: Vec<&'a [f64]>,
    /// Lower triangle of the Cholesky factor, row by row.
    factor: Vec<Vec<f64>>,
    weights: Vec<f64>,
    mean: f64,
    /// Variance of the process.
    variance: f64,
    likelihood: f64,
}

impl<'a> Process<'a> {
    /// The process of this shape through the data; none without data.
    pub(super) fn fit(shape: &Shape, categorical: &'a [bool], data: &[Datum<'a>]) -> Option<Self> {
        let n = data.len();
        if n == 0 {
            return None;
        }
        let mean = data.iter().map(|datum| datum.value).sum::<f64>() / n as f64;
        let mut factor: Vec<Vec<f64>> = Vec::with_capacity(n);
        let mut determinant = 0.0;
        for i in 0..n {
            let mut row: Vec<f64> = Vec::with_capacity(i + 1);
            for j in 0..=i {
                let mut sum = shape.kernel(data[i].at, data[j].at, categorical);
                if i == j {
                    sum += shape.noise / data[i].count + JITTER;
                }
                let other: &[f64] = if i == j { &row } else { &factor[j] };
                sum -= row.iter().zip(other).take(j).map(|(a, b)| a * b).sum::<f64>();
                if i == j {
                    // Points that are nearly the same leave nothing but rounding.
                    sum = sum.max(1e-9);
                    determinant += ln(sum) / 2.0;
                    row.push(sum.sqrt());
                } else {
                    row.push(sum / factor[j][j]);
                }
            }
            factor.push(row);
        }
        let centred: Vec<f64> = data.iter().map(|datum| datum.value - mean).collect();
        let half = forward(&factor, &centred);
        let variance = (half.iter().map(|value| value * value).sum::<f64>() / n as f64).max(1e-18);
        let likelihood = -(n as f64) / 2.0 * ln(variance) - determinant;
        let weights = backward(&factor, half);
        let at = data.iter().map(|datum| datum.at).collect();
        Some(Self { shape: shape.clone(), categorical, at, factor, weights, mean, variance, likelihood })
    }

    /// The same, with at least this variance of a measurement, in the unit of the values.
    pub(super) fn fit_with_noise(shape: &Shape, categorical: &'a [bool], data: &[Datum<'a>], least: f64) -> Option<Self> {
        let process = Self::fit(shape, categorical, data)?;
        let noise = (least / process.variance).min(MOST_NOISE);
        if shape.noise >= noise {
            return Some(process);
        }
        Self::fit(&Shape { noise, ..shape.clone() }, categorical, data)
    }

    /// The process as it will be after one more measurement at a point that finds what is expected there. Shape and scale stay.
    pub(super) fn with(&self, at: &'a [f64]) -> Self {
        let mut row: Vec<f64> = Vec::with_capacity(self.at.len() + 1);
        for (j, known) in self.at.iter().enumerate() {
            let sum = self.shape.kernel(at, known, self.categorical) - row.iter().zip(&self.factor[j]).map(|(a, b)| a * b).sum::<f64>();
            row.push(sum / self.factor[j][j]);
        }
        let left = self.shape.kernel(at, at, self.categorical) + self.shape.noise + JITTER - row.iter().map(|a| a * a).sum::<f64>();
        row.push(left.max(1e-9).sqrt());
        let mut process = Self { shape: self.shape.clone(), at: self.at.clone(), factor: self.factor.clone(), weights: self.weights.clone(), ..*self };
        process.at.push(at);
        process.factor.push(row);
        // What is expected adds nothing to the mean anywhere.
        process.weights.push(0.0);
        process
    }

    /// The expected value at a point.
    pub(super) fn mean(&self, at: &[f64]) -> f64 {
        let each = self.at.iter().zip(&self.weights);
        self.mean + each.map(|(known, weight)| weight * self.shape.kernel(at, known, self.categorical)).sum::<f64>()
    }

    /// The expected value at a point and its standard deviation.
    pub(super) fn predict(&self, at: &[f64]) -> (f64, f64) {
        let near: Vec<f64> = self.at.iter().map(|known| self.shape.kernel(at, known, self.categorical)).collect();
        let mean = self.mean + near.iter().zip(&self.weights).map(|(near, weight)| near * weight).sum::<f64>();
        let explained: f64 = forward(&self.factor, &near).iter().map(|value| value * value).sum();
        let left = (self.shape.kernel(at, at, self.categorical) - explained).max(0.0);
        (mean, (left * self.variance).sqrt())
    }
}

/// A better shape for the data: one pass over lengths and noise.
pub(super) fn tune(shape: &mut Shape, categorical: &[bool], data: &[Datum<'_>]) {
    let likelihood = |shape: &Shape| Process::fit(shape, categorical, data).map_or(f64::NEG_INFINITY, |process| process.likelihood);
    let mut best = likelihood(shape);
    for dimension in 0..=shape.lengths.len() {
        let choices: &[f64] = if dimension < shape.lengths.len() { &LENGTHS } else { &NOISES };
        for choice in choices {
            let mut other = shape.clone();
            match other.lengths.get_mut(dimension) {
                Some(length) => *length = *choice,
                None => other.noise = *choice,
            }
            let found = likelihood(&other);
            if found > best + 1e-9 {
                (best, *shape) = (found, other);
            }
        }
    }
}

fn forward(factor: &[Vec<f64>], values: &[f64]) -> Vec<f64> {
    let mut solved: Vec<f64> = Vec::with_capacity(values.len());
    for (row, value) in factor.iter().zip(values) {
        let known: f64 = row.iter().zip(&solved).map(|(a, b)| a * b).sum();
        let pivot = row[solved.len()];
        solved.push((value - known) / pivot);
    }
    solved
}

fn backward(factor: &[Vec<f64>], mut values: Vec<f64>) -> Vec<f64> {
    for i in (0..values.len()).rev() {
        values[i] /= factor[i][i];
        let solved = values[i];
        for (j, entry) in factor[i].iter().take(i).enumerate() {
            values[j] -= entry * solved;
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::{Datum, Process, Shape, tune};

    #[test]
    fn a_sum_of_prices_is_known_after_a_few_points() {
        let points: Vec<[f64; 2]> = (0..25).map(|i| [f64::from(i % 5) / 4.0, f64::from(i / 5) / 4.0]).collect();
        let cost = |at: &[f64; 2]| 10.0 + 30.0 * at[0] + 7.0 * at[1];
        let data: Vec<Datum<'_>> = [0, 4, 7, 12, 18, 20, 24].map(|i| Datum { at: &points[i], value: cost(&points[i]), count: 1.0 }).into();
        let mut shape = Shape::new(2);
        tune(&mut shape, &[false, false], &data);
        let process = Process::fit(&shape, &[false, false], &data).unwrap();
        for point in &points {
            let (mean, deviation) = process.predict(point);
            assert!((mean - cost(point)).abs() < 0.5, "{mean} at {point:?}, {} in truth", cost(point));
            assert!((mean - process.mean(point)).abs() < 1e-9 && deviation < 5.0);
        }
    }

    #[test]
    fn what_is_measured_is_known_and_what_is_far_is_not() {
        let points: [[f64; 1]; 3] = [[0.0], [0.1], [0.2]];
        let data: Vec<Datum<'_>> = points.iter().zip([1.0, -1.0, 2.0]).map(|(at, value)| Datum { at, value, count: 1.0 }).collect();
        let mut shape = Shape::new(1);
        shape.lengths = vec![0.15];
        shape.noise = 1e-6;
        let process = Process::fit(&shape, &[false], &data).unwrap();
        let (mean, near) = process.predict(&[0.1]);
        assert!((mean + 1.0).abs() < 1e-2 && near < 1e-2);
        assert!(process.predict(&[1.0]).1 > 0.5);
    }
}
