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

/// Correlations of rates and requests that are tried.
const KINSHIPS: [f64; 5] = [0.5, 0.9, 0.98, 0.995, 0.999];

/// Keeps the matrix regular.
const JITTER: f64 = 1e-7;
/// Largest variance of a measurement, relative to that of the process.
const MOST_NOISE: f64 = 2.0;

/// What decides how a process varies.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    lengths: Vec<f64>,
    noise: f64,
    /// Correlation of what was found by rates with what requests show.
    kinship: f64,
}

impl Shape {
    /// Before anything is known.
    pub(super) fn new(dimensions: usize) -> Self {
        Self { lengths: vec![0.6; dimensions], noise: 1e-4, kinship: 0.98 }
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
    /// Whether rates were simulated, not requests.
    pub by_rates: bool,
}

/// A fitted process.
#[derive(Debug)]
pub(super) struct Process<'a> {
    shape: Shape,
    categorical: &'a [bool],
    at: Vec<&'a [f64]>,
    /// Correlation of each measurement with what requests show at its place.
    kin: Vec<f64>,
    /// Lower triangle of the Cholesky factor, row by row.
    factor: Vec<Vec<f64>>,
    weights: Vec<f64>,
    values: Vec<f64>,
    counts: Vec<f64>,
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
                let kin = if data[i].by_rates == data[j].by_rates { 1.0 } else { shape.kinship };
                let mut sum = kin * shape.kernel(data[i].at, data[j].at, categorical);
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
        let kin = data.iter().map(|datum| if datum.by_rates { shape.kinship } else { 1.0 }).collect();
        let (values, counts) = data.iter().map(|datum| (datum.value, datum.count)).unzip();
        Some(Self { shape: shape.clone(), categorical, at, kin, factor, weights, values, counts, mean, variance, likelihood })
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

    /// Takes in one more measurement at a point, which finds what is expected there. Shape and scale stay.
    pub(super) fn expect(&mut self, at: &'a [f64]) {
        let near = self.near(at);
        let mut row = forward(&self.factor, &near);
        let left = self.shape.kernel(at, at, self.categorical) + self.shape.noise + JITTER - row.iter().map(|a| a * a).sum::<f64>();
        row.push(left.max(1e-9).sqrt());
        self.at.push(at);
        self.kin.push(1.0);
        self.factor.push(row);
        // What is expected adds nothing to the mean anywhere.
        self.weights.push(0.0);
    }

    /// The expected value at a point.
    pub(super) fn mean(&self, at: &[f64]) -> f64 {
        let each = self.at.iter().zip(&self.kin).zip(&self.weights);
        self.mean + each.map(|((known, kin), weight)| weight * kin * self.shape.kernel(at, known, self.categorical)).sum::<f64>()
    }

    /// How each measurement goes with what requests show at a place.
    fn near(&self, at: &[f64]) -> Vec<f64> {
        self.at.iter().zip(&self.kin).map(|(known, kin)| kin * self.shape.kernel(at, known, self.categorical)).collect()
    }

    /// Variance of a measurement.
    pub(super) fn noise(&self) -> f64 {
        self.shape.noise * self.variance
    }

    /// What is expected at a measured place, and the variance of that, if all other measurements were known only (Rasmussen and Williams, 5.12).
    pub(super) fn without(&self, place: usize) -> (f64, f64) {
        let mut unit = vec![0.0; self.at.len()];
        unit[place] = 1.0;
        let precision: f64 = forward(&self.factor, &unit).iter().map(|value| value * value).sum();
        let left = 1.0 / precision - self.shape.noise / self.counts[place] - JITTER;
        (self.values[place] - self.weights[place] / precision, left.max(0.0) * self.variance)
    }

    /// The expected value at a point and its standard deviation.
    pub(super) fn predict(&self, at: &[f64]) -> (f64, f64) {
        let outlook = self.outlook(at);
        (outlook.mean, self.deviation(&outlook))
    }

    /// What is known of a point.
    pub(super) fn outlook(&self, at: &[f64]) -> Outlook {
        let near = self.near(at);
        let mean = self.mean + near.iter().zip(&self.weights).map(|(near, weight)| near * weight).sum::<f64>();
        let solved = forward(&self.factor, &near);
        let left = self.shape.kernel(at, at, self.categorical) - solved.iter().map(|value| value * value).sum::<f64>();
        Outlook { mean, left, solved }
    }

    /// Standard deviation of what is known of a point.
    pub(super) fn deviation(&self, outlook: &Outlook) -> f64 {
        (outlook.left.max(0.0) * self.variance).sqrt()
    }

    /// What is known of a point after one more measurement, the last that was taken in.
    pub(super) fn update(&self, outlook: &mut Outlook, at: &[f64]) {
        let (Some(last), Some(row)) = (self.at.last(), self.factor.last()) else { return };
        let known: f64 = row.iter().zip(&outlook.solved).map(|(a, b)| a * b).sum();
        let step = (self.shape.kernel(at, last, self.categorical) - known) / row[outlook.solved.len()];
        outlook.left -= step * step;
        outlook.solved.push(step);
    }
}

/// What a process knows of a point, kept so that one more measurement elsewhere costs a step and not a new solution.
#[derive(Clone, Debug)]
pub(super) struct Outlook {
    /// The expected value.
    pub mean: f64,
    /// Share of the process' variance that is left.
    left: f64,
    /// The solution of the factor for this point.
    solved: Vec<f64>,
}

/// A better shape for the data: one pass over lengths, noise, and how rates go with requests where both are there.
pub(super) fn tune(shape: &mut Shape, categorical: &[bool], data: &[Datum<'_>]) {
    let likelihood = |shape: &Shape| Process::fit(shape, categorical, data).map_or(f64::NEG_INFINITY, |process| process.likelihood);
    let mut best = likelihood(shape);
    let count = shape.lengths.len();
    let mixed = data.iter().any(|datum| datum.by_rates) && data.iter().any(|datum| !datum.by_rates);
    for parameter in 0..if mixed { count + 2 } else { count + 1 } {
        let choices: &[f64] = match parameter.checked_sub(count) {
            None => &LENGTHS,
            Some(0) => &NOISES,
            Some(_) => &KINSHIPS,
        };
        for choice in choices {
            let mut other = shape.clone();
            match parameter.checked_sub(count) {
                None => other.lengths[parameter] = *choice,
                Some(0) => other.noise = *choice,
                Some(_) => other.kinship = *choice,
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
        let data: Vec<Datum<'_>> = [0, 4, 7, 12, 18, 20, 24].map(|i| Datum { at: &points[i], value: cost(&points[i]), count: 1.0, by_rates: false }).into();
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
    fn rates_show_the_way_and_requests_say_how_far_off_they_are() {
        // Requests find half of one more than rates do, everywhere.
        let points: Vec<[f64; 1]> = (0..21).map(|i| [f64::from(i) / 20.0]).collect();
        let rates = |at: &[f64; 1]| (6.0 * at[0]).sin();
        let mut data: Vec<Datum<'_>> = points.iter().step_by(2).map(|at| Datum { at, value: rates(at), count: 1.0, by_rates: true }).collect();
        data.extend([3, 12, 18].map(|i| Datum { at: &points[i], value: rates(&points[i]) + 0.5, count: 1.0, by_rates: false }));
        let mut shape = Shape::new(1);
        tune(&mut shape, &[false], &data);
        tune(&mut shape, &[false], &data);
        let process = Process::fit(&shape, &[false], &data).unwrap();
        for point in &points {
            let (mean, deviation) = process.predict(point);
            assert!((mean - rates(point) - 0.5).abs() < 0.15, "{mean} ± {deviation} at {point:?}, {} by rates", rates(point));
        }
    }

    #[test]
    fn what_is_measured_is_known_and_what_is_far_is_not() {
        let points: [[f64; 1]; 3] = [[0.0], [0.1], [0.2]];
        let data: Vec<Datum<'_>> = points.iter().zip([1.0, -1.0, 2.0]).map(|(at, value)| Datum { at, value, count: 1.0, by_rates: false }).collect();
        let mut shape = Shape::new(1);
        shape.lengths = vec![0.15];
        shape.noise = 1e-6;
        let process = Process::fit(&shape, &[false], &data).unwrap();
        let (mean, near) = process.predict(&[0.1]);
        assert!((mean + 1.0).abs() < 1e-2 && near < 1e-2);
        assert!(process.predict(&[1.0]).1 > 0.5);
    }

    #[test]
    fn what_the_others_say_is_what_they_say_alone() {
        let points: [[f64; 1]; 4] = [[0.0], [0.3], [0.5], [0.8]];
        // The one left out is the mean of the others, so that the mean stays.
        let data: Vec<Datum<'_>> = points.iter().zip([1.0, -1.0, 0.25, 0.75]).map(|(at, value)| Datum { at, value, count: 2.0, by_rates: false }).collect();
        let shape = Shape { noise: 0.1, ..Shape::new(1) };
        let all = Process::fit(&shape, &[false], &data).unwrap();
        let others: Vec<Datum<'_>> = [0, 1, 3].map(|i| data[i].clone()).into();
        let alone = Process::fit(&shape, &[false], &others).unwrap();
        let ((mean, variance), outlook) = (all.without(2), alone.outlook(&[0.5]));
        assert!((mean - outlook.mean).abs() < 1e-9, "{mean} {}", outlook.mean);
        assert!((variance - outlook.left * all.variance).abs() < 1e-6 * variance, "{variance}");
    }

    #[test]
    fn a_point_that_is_chosen_is_known_before_it_is_run() {
        let points: [[f64; 1]; 4] = [[0.0], [0.1], [0.2], [0.8]];
        let data: Vec<Datum<'_>> = points[..3].iter().zip([1.0, -1.0, 2.0]).map(|(at, value)| Datum { at, value, count: 1.0, by_rates: false }).collect();
        let mut process = Process::fit(&Shape::new(1), &[false], &data).unwrap();
        let (mut there, mut beside) = (process.outlook(&[0.8]), process.outlook(&[0.75]));
        let before = (process.deviation(&there), process.deviation(&beside), beside.mean);
        process.expect(&points[3]);
        process.update(&mut there, &[0.8]);
        process.update(&mut beside, &[0.75]);
        assert!(process.deviation(&there) < 0.05 * before.0 && process.deviation(&beside) < 0.5 * before.1, "{before:?}");
        let (mean, deviation) = process.predict(&[0.75]);
        assert!((mean - before.2).abs() < 1e-9 && (deviation - process.deviation(&beside)).abs() < 1e-9);
    }
}
