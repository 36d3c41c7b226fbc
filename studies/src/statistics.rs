//! What several independent numbers say: means, intervals, quantiles, differences.

mod compensated;
pub mod mser;
pub mod order;
pub mod paired;
mod student;

pub use compensated::sum;
pub use student::quantile as student_quantile;

use serde::Serialize;

/// Mean, spread and interval of a figure over replications.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Number of replications.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, with n - 1 in the denominator; none of one replication.
    pub sd: Option<f64>,
    /// Half the width of the interval for the mean; none of one replication.
    pub half_width: Option<f64>,
}

impl Estimate {
    /// The estimate from independent values, with a Student t interval of this confidence (0..1); none without a value.
    pub fn of(values: &[f64], confidence: f64) -> Option<Self> {
        let n = values.len();
        if n == 0 {
            return None;
        }
        let mean = sum(values.iter().copied()) / n as f64;
        let sd = (n > 1).then(|| (sum(values.iter().map(|value| (value - mean).powi(2))) / (n - 1) as f64).sqrt());
        let half_width = sd.map(|sd| student_quantile(n - 1, f64::midpoint(1.0, confidence)) * sd / (n as f64).sqrt());
        Some(Self { n, mean, sd, half_width })
    }

    /// Lower end of the interval.
    pub fn low(&self) -> Option<f64> {
        self.half_width.map(|half| self.mean - half)
    }

    /// Upper end of the interval.
    pub fn high(&self) -> Option<f64> {
        self.half_width.map(|half| self.mean + half)
    }
}

#[cfg(test)]
mod tests {
    use super::Estimate;

    #[test]
    fn the_interval_is_the_one_of_the_textbook() {
        // Law, Simulation Modeling and Analysis, 5th ed., example 4.26: ten observations, 90 % interval 1.34 ± 0.24.
        let values = [1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09];
        let estimate = Estimate::of(&values, 0.9).unwrap();
        assert!((estimate.mean - 1.343).abs() < 1e-9);
        assert!((estimate.half_width.unwrap() - 0.24).abs() < 0.005, "{:?}", estimate.half_width);
        assert!((estimate.sd.unwrap().powi(2) - 0.17).abs() < 0.005);
    }

    #[test]
    fn one_value_has_no_spread_and_none_no_estimate() {
        assert_eq!(Estimate::of(&[], 0.95), None);
        let one = Estimate::of(&[7.0], 0.95).unwrap();
        assert_eq!((one.mean, one.sd, one.half_width, one.low()), (7.0, None, None, None));
    }
}
