//! Gaussian process regression over points of a grid: what is known about a figure where it was not measured (Rasmussen and Williams, Gaussian Processes for
//! Machine Learning, 2006).

mod kernel;
mod triangle;
mod tune;

use sim_core::math::ln;

use super::Space;
use kernel::Kernel;
pub(super) use kernel::Shape;
use triangle::{backward, dot, forward};
pub(super) use tune::tune;

/// Most times that a process may be less sure than it says.
const MOST_DOUBT: f64 = 10.0;

/// Keeps the matrix regular.
const JITTER: f64 = 1e-7;
/// Largest variance of a measurement, relative to that of the process.
const MOST_NOISE: f64 = 2.0;

/// A measured value: where, what, and how often.
#[derive(Clone, Debug)]
pub(super) struct Datum<'a> {
    /// Place in each dimension.
    pub at: &'a [usize],
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
    kernel: Kernel,
    at: Vec<&'a [usize]>,
    /// Correlation of each measurement with what requests show at its place.
    kin: Vec<f64>,
    /// Lower triangle of the Cholesky factor, row by row.
    factor: Vec<Vec<f64>>,
    weights: Vec<f64>,
    values: Vec<f64>,
    counts: Vec<f64>,
    mean: f64,
    /// Variance of a measurement, relative to that of the process.
    noise: f64,
    /// Variance of the process.
    variance: f64,
    likelihood: f64,
    /// By how much the process is too sure of itself: see [`Self::doubted`].
    doubt: f64,
}

impl<'a> Process<'a> {
    /// The process of this shape through the data; none without data.
    pub(super) fn fit(shape: &Shape, space: &Space, data: &[Datum<'a>]) -> Option<Self> {
        Self::with_noise(shape, space, data, shape.noise())
    }

    fn with_noise(shape: &Shape, space: &Space, data: &[Datum<'a>], noise: f64) -> Option<Self> {
        let n = data.len();
        if n == 0 {
            return None;
        }
        let (kernel, kinship) = (Kernel::new(shape, space), shape.kinship());
        let mean = data.iter().map(|datum| datum.value).sum::<f64>() / n as f64;
        let mut factor: Vec<Vec<f64>> = Vec::with_capacity(n);
        let mut determinant = 0.0;
        for i in 0..n {
            let mut row: Vec<f64> = Vec::with_capacity(i + 1);
            for j in 0..=i {
                let kin = if data[i].by_rates == data[j].by_rates { 1.0 } else { kinship };
                let mut sum = kin * kernel.of(data[i].at, data[j].at);
                if i == j {
                    sum += noise / data[i].count + JITTER - dot(&row, &row);
                    // Points that are nearly the same leave nothing but rounding.
                    sum = sum.max(1e-9);
                    determinant += ln(sum) / 2.0;
                    row.push(sum.sqrt());
                } else {
                    row.push((sum - dot(&row, &factor[j])) / factor[j][j]);
                }
            }
            factor.push(row);
        }
        let centred: Vec<f64> = data.iter().map(|datum| datum.value - mean).collect();
        let half = forward(&factor, &centred);
        let variance = (dot(&half, &half) / n as f64).max(1e-18);
        let likelihood = -(n as f64) / 2.0 * ln(variance) - determinant;
        let weights = backward(&factor, half);
        let at = data.iter().map(|datum| datum.at).collect();
        let kin = data.iter().map(|datum| if datum.by_rates { kinship } else { 1.0 }).collect();
        let (values, counts) = data.iter().map(|datum| (datum.value, datum.count)).unzip();
        Some(Self { kernel, at, kin, factor, weights, values, counts, mean, noise, variance, likelihood, doubt: 1.0 })
    }

    /// The same, with at least this variance of a measurement, in the unit of the values.
    pub(super) fn fit_with_noise(shape: &Shape, space: &Space, data: &[Datum<'a>], least: f64) -> Option<Self> {
        let process = Self::fit(shape, space, data)?;
        let noise = (least / process.variance).min(MOST_NOISE);
        if process.noise >= noise {
            return Some(process);
        }
        Self::with_noise(shape, space, data, noise)
    }

    /// The same, as unsure of itself as it turns out wrong about each of its measurements when it knows only the others. A figure with edges is not what a
    /// process expects: the likelihood then picks one that goes through all the data and knows nothing of what lies between.
    pub(super) fn doubted(mut self) -> Self {
        let n = self.at.len();
        let mut unit = vec![0.0; n];
        let squares = (0..n).map(|place| {
            unit[place] = 1.0;
            let solved = forward(&self.factor, &unit);
            unit[place] = 0.0;
            self.weights[place].powi(2) / (dot(&solved, &solved) * self.variance)
        });
        self.doubt = (squares.sum::<f64>() / n as f64).sqrt().clamp(1.0, MOST_DOUBT);
        self
    }

    /// Takes in one more measurement at a point, which finds what is expected there. Shape and scale stay.
    pub(super) fn expect(&mut self, at: &'a [usize]) {
        let near = self.near(at);
        let mut row = forward(&self.factor, &near);
        let left = self.kernel.of(at, at) + self.noise + JITTER - dot(&row, &row);
        row.push(left.max(1e-9).sqrt());
        self.at.push(at);
        self.kin.push(1.0);
        self.factor.push(row);
        // What is expected adds nothing to the mean anywhere.
        self.weights.push(0.0);
    }

    /// The expected value at a point.
    pub(super) fn mean(&self, at: &[usize]) -> f64 {
        let each = self.at.iter().zip(&self.kin).zip(&self.weights);
        self.mean + each.map(|((known, kin), weight)| weight * kin * self.kernel.of(at, known)).sum::<f64>()
    }

    /// How each measurement goes with what requests show at a place.
    fn near(&self, at: &[usize]) -> Vec<f64> {
        self.at.iter().zip(&self.kin).map(|(known, kin)| kin * self.kernel.of(at, known)).collect()
    }

    /// Variance of a measurement.
    pub(super) fn noise(&self) -> f64 {
        self.noise * self.variance
    }

    /// What is expected at a measured place, and the variance of that, if all other measurements were known only (Rasmussen and Williams, 5.12).
    pub(super) fn without(&self, place: usize) -> (f64, f64) {
        let mut unit = vec![0.0; self.at.len()];
        unit[place] = 1.0;
        let solved = forward(&self.factor, &unit);
        let precision = dot(&solved, &solved);
        let left = 1.0 / precision - self.noise / self.counts[place] - JITTER;
        (self.values[place] - self.weights[place] / precision, left.max(0.0) * self.variance * self.doubt.powi(2))
    }

    /// The expected value at a point and its standard deviation.
    pub(super) fn predict(&self, at: &[usize]) -> (f64, f64) {
        let outlook = self.outlook(at);
        (outlook.mean, self.deviation(&outlook))
    }

    /// What is known of a point.
    pub(super) fn outlook(&self, at: &[usize]) -> Outlook {
        let near = self.near(at);
        let mean = self.mean + dot(&near, &self.weights);
        let solved = forward(&self.factor, &near);
        let left = self.kernel.of(at, at) - dot(&solved, &solved);
        Outlook { mean, left, solved }
    }

    /// Standard deviation of what is known of a point.
    pub(super) fn deviation(&self, outlook: &Outlook) -> f64 {
        self.doubt * (outlook.left.max(0.0) * self.variance).sqrt()
    }

    /// What is known of a point after one more measurement, the last that was taken in.
    pub(super) fn update(&self, outlook: &mut Outlook, at: &[usize]) {
        let (Some(last), Some(row)) = (self.at.last(), self.factor.last()) else { return };
        let known = dot(row, &outlook.solved);
        let step = (self.kernel.of(at, last) - known) / row[outlook.solved.len()];
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

#[cfg(test)]
mod tests {
    use super::{Datum, Process, Shape, tune};
    use crate::search::Space;

    fn datum(space: &Space, point: usize, value: f64, by_rates: bool) -> Datum<'_> {
        Datum { at: &space.places[point], value, count: 1.0, by_rates }
    }

    #[test]
    fn a_sum_of_prices_is_known_after_a_few_points() {
        let space = Space::grid(&[5, 5], &[false, false]);
        let cost = |at: &[usize]| 10.0 + 7.5 * at[0] as f64 + 1.75 * at[1] as f64;
        let data: Vec<Datum<'_>> = [0, 4, 7, 12, 18, 20, 24].map(|i| datum(&space, i, cost(&space.places[i]), false)).into();
        let mut shape = Shape::new(&space);
        tune(&mut shape, &space, &data, true);
        let process = Process::fit(&shape, &space, &data).unwrap();
        for point in &space.places {
            let (mean, deviation) = process.predict(point);
            assert!((mean - cost(point)).abs() < 0.5, "{mean} at {point:?}, {} in truth", cost(point));
            assert!((mean - process.mean(point)).abs() < 1e-9 && deviation < 5.0);
        }
    }

    #[test]
    fn a_price_for_each_type_and_number_is_known_after_some() {
        let space = Space::grid(&[4, 12, 3], &[true, false, false]);
        let cost = |at: &[usize]| 5.0 + [1.0, 1.9, 3.5, 1.3][at[0]] * at[1] as f64;
        let data: Vec<Datum<'_>> = (0..space.len()).step_by(7).map(|i| datum(&space, i, cost(&space.places[i]), false)).collect();
        let mut shape = Shape::new(&space);
        for _ in 0..2 {
            tune(&mut shape, &space, &data, true);
        }
        let process = Process::fit(&shape, &space, &data).unwrap();
        for point in &space.places {
            assert!((process.mean(point) - cost(point)).abs() < 0.3, "{} at {point:?}, {} in truth", process.mean(point), cost(point));
        }
    }

    #[test]
    fn rates_show_the_way_and_requests_say_how_far_off_they_are() {
        // Requests find half of one more than rates do, everywhere.
        let space = Space::grid(&[21], &[false]);
        let rates = |at: usize| (0.3 * at as f64).sin();
        let mut data: Vec<Datum<'_>> = (0..21).step_by(2).map(|at| datum(&space, at, rates(at), true)).collect();
        data.extend([3, 12, 18].map(|at| datum(&space, at, rates(at) + 0.5, false)));
        let mut shape = Shape::new(&space);
        tune(&mut shape, &space, &data, true);
        tune(&mut shape, &space, &data, true);
        let process = Process::fit(&shape, &space, &data).unwrap();
        for at in 0..21 {
            let (mean, deviation) = process.predict(&[at]);
            assert!((mean - rates(at) - 0.5).abs() < 0.15, "{mean} ± {deviation} at {at}, {} by rates", rates(at));
        }
    }

    #[test]
    fn what_is_measured_is_known_and_what_is_far_is_not() {
        let space = Space::grid(&[11], &[false]);
        let data: Vec<Datum<'_>> = [1.0, -1.0, 2.0].iter().enumerate().map(|(at, value)| datum(&space, at, *value, false)).collect();
        let shape = Shape { lengths: vec![0], noise: 0, rest: 4, ..Shape::new(&space) };
        let process = Process::fit(&shape, &space, &data).unwrap();
        let (mean, near) = process.predict(&[1]);
        assert!((mean + 1.0).abs() < 1e-2 && near < 1e-2);
        assert!(process.predict(&[10]).1 > 0.5);
    }

    #[test]
    fn what_the_others_say_is_what_they_say_alone() {
        let space = Space::grid(&[11], &[false]);
        let places = [0, 3, 5, 8];
        // The one left out is the mean of the others, so that the mean stays.
        let all: Vec<Datum<'_>> =
            places.iter().zip([1.0, -1.0, 0.25, 0.75]).map(|(at, value)| Datum { count: 2.0, ..datum(&space, *at, value, false) }).collect();
        let others: Vec<Datum<'_>> = [0, 1, 3].map(|i| all[i].clone()).into();
        let shape = Shape { noise: 4, ..Shape::new(&space) };
        let (all, alone) = (Process::fit(&shape, &space, &all).unwrap(), Process::fit(&shape, &space, &others).unwrap());
        let ((mean, variance), outlook) = (all.without(2), alone.outlook(&[5]));
        assert!((mean - outlook.mean).abs() < 1e-9, "{mean} {}", outlook.mean);
        assert!((variance - outlook.left * all.variance).abs() < 1e-6 * variance, "{variance}");
    }

    #[test]
    fn a_process_that_is_wrong_about_what_it_knows_doubts_itself() {
        // Costs fall until the machines are enough, and rise from there.
        let space = Space::grid(&[21], &[false]);
        let cost = |at: usize| if at < 10 { 50.0 - 4.0 * at as f64 } else { 10.0 + 3.0 * (at - 10) as f64 };
        let data: Vec<Datum<'_>> = [0, 3, 6, 9, 10, 11, 14, 17, 20].map(|at| datum(&space, at, cost(at), false)).into();
        for noise in [0, 3, 5] {
            let process = Process::fit(&Shape { lengths: vec![2], noise, ..Shape::new(&space) }, &space, &data).unwrap();
            let squares = (0..data.len()).map(|place| {
                let (expected, variance) = process.without(place);
                (data[place].value - expected).powi(2) / (variance + process.noise() + super::JITTER * process.variance)
            });
            let wrong = (squares.sum::<f64>() / data.len() as f64).sqrt();
            let (before, doubted) = (process.predict(&[8]).1, process.doubted());
            let factor = wrong.clamp(1.0, super::MOST_DOUBT);
            assert!((doubted.predict(&[8]).1 - factor * before).abs() < 1e-6 * before, "{wrong} {noise}");
        }
    }

    #[test]
    fn a_point_that_is_chosen_is_known_before_it_is_run() {
        let space = Space::grid(&[21], &[false]);
        let data: Vec<Datum<'_>> = [(0, 1.0), (2, -1.0), (4, 2.0)].map(|(at, value)| datum(&space, at, value, false)).into();
        let mut process = Process::fit(&Shape { rest: 4, ..Shape::new(&space) }, &space, &data).unwrap();
        let (mut there, mut beside) = (process.outlook(&[16]), process.outlook(&[15]));
        let before = (process.deviation(&there), process.deviation(&beside), beside.mean);
        process.expect(&space.places[16]);
        process.update(&mut there, &[16]);
        process.update(&mut beside, &[15]);
        assert!(process.deviation(&there) < 0.05 * before.0 && process.deviation(&beside) < 0.5 * before.1, "{before:?}");
        let (mean, deviation) = process.predict(&[15]);
        assert!((mean - before.2).abs() < 1e-9 && (deviation - process.deviation(&beside)).abs() < 1e-9);
    }
}
