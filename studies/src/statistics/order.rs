//! Quantiles from order statistics, without any assumption on the distribution.

use serde::Serialize;
use statrs::distribution::{Binomial, DiscreteCDF};

/// A quantile and an interval for it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quantile {
    /// The value at the quantile, between the two observations next to it.
    pub value: f64,
    /// Two observations that hold the true quantile between them with at least the confidence asked for; none if there are too few of them.
    pub interval: Option<(f64, f64)>,
}

/// The quantile `q` (0..1) of independent values, with an interval of at least this confidence (0..1); none without a value.
///
/// The number of values below the true quantile is binomial, so two ranks hold it between them with a known probability (David and Nagaraja, Order
/// Statistics, 3rd ed., 7.1).
pub fn quantile(values: &[f64], q: f64, confidence: f64) -> Option<Quantile> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let at = q * last as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    let value = below + (above - below) * (at - at.floor());
    Some(Quantile { value, interval: ranks(sorted.len(), q, confidence).map(|(low, high)| (sorted[low - 1], sorted[high - 1])) })
}

/// The ranks (from 1) whose observations hold the quantile between them: at most (1 - confidence) / 2 is given away on each side.
fn ranks(n: usize, q: f64, confidence: f64) -> Option<(usize, usize)> {
    let tail = (1.0 - confidence) / 2.0;
    let below = Binomial::new(q, n as u64).ok()?;
    // P(the l-th smallest exceeds the quantile) = P(fewer than l lie below it).
    let low = (1..=n).rev().find(|rank| below.cdf(*rank as u64 - 1) <= tail)?;
    let high = (1..=n).find(|rank| 1.0 - below.cdf(*rank as u64 - 1) <= tail)?;
    (low < high).then_some((low, high))
}

#[cfg(test)]
mod tests {
    use super::{quantile, ranks};

    #[test]
    fn ranks_are_those_of_the_tables() {
        // Conover, Practical Nonparametric Statistics, 3rd ed., 3.2: intervals of the median, 95 %.
        assert_eq!(ranks(5, 0.5, 0.95), None);
        assert_eq!(ranks(6, 0.5, 0.95), Some((1, 6)));
        assert_eq!(ranks(10, 0.5, 0.95), Some((2, 9)));
        assert_eq!(ranks(25, 0.5, 0.95), Some((8, 18)));
        // One in twenty lies above the 95th percentile: 59 values see it with 95 %.
        assert_eq!(ranks(20, 0.95, 0.95), None);
    }

    #[test]
    fn the_median_lies_in_its_interval() {
        let values: Vec<f64> = (1..=11).map(f64::from).collect();
        let median = quantile(&values, 0.5, 0.95).unwrap();
        assert_eq!((median.value, median.interval), (6.0, Some((2.0, 10.0))));
        assert_eq!(quantile(&[1.0, 2.0], 0.5, 0.95).unwrap().value, 1.5);
        assert_eq!(quantile(&[], 0.5, 0.95), None);
    }
}
