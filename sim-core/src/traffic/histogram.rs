//! A log-linear histogram of nanoseconds.

/// Sub-buckets an octave, as a power of two. With the middle of a bucket as its value, the relative error is at most 1/256.
const PRECISION: u32 = 7;
const SUB_BUCKETS: u64 = 1 << PRECISION;
/// A power of two above the 7,424 buckets in use, so that a mask takes the place of a bounds check.
const BUCKETS: usize = 8192;

/// Counts of `u64` nanoseconds in bounded memory (64 KiB), whatever the number of values.
///
/// Count, sum and largest value are exact; quantiles have a relative error of at most 1/256 (0.4 %), and values below 256 ns none.
#[derive(Clone)]
pub struct Histogram {
    buckets: Box<[u64; BUCKETS]>,
    count: u64,
    sum: u128,
    max: u64,
}

impl Histogram {
    /// A histogram without values.
    pub fn new() -> Self {
        let buckets = vec![0; BUCKETS].into_boxed_slice().try_into().expect("as long as it was made");
        Self { buckets, count: 0, sum: 0, max: 0 }
    }

    /// Adds a value.
    #[inline]
    pub fn record(&mut self, value: u64) {
        self.buckets[bucket(value)] += 1;
        self.count += 1;
        self.sum += u128::from(value);
        self.max = self.max.max(value);
    }

    /// Adds a value `times` times.
    pub fn record_times(&mut self, value: u64, times: u64) {
        self.buckets[bucket(value)] += times;
        self.count += times;
        self.sum += u128::from(value) * u128::from(times);
        self.max = self.max.max(value);
    }

    /// Adds values, the same as as many calls of [`Self::record`] but faster.
    pub fn record_all(&mut self, values: &[u64]) {
        let (mut sum, mut max) = (0, self.max);
        for &value in values {
            self.buckets[bucket(value)] += 1;
            sum += u128::from(value);
            max = max.max(value);
        }
        self.count += values.len() as u64;
        self.sum += sum;
        self.max = max;
    }

    /// Number of values.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Whether there is no value.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Sum of the values, exact.
    pub const fn sum(&self) -> u128 {
        self.sum
    }

    /// The largest value, exact; zero without values.
    pub const fn max(&self) -> u64 {
        self.max
    }

    /// The mean in nanoseconds, of the exact sum; zero without values.
    pub fn mean(&self) -> f64 {
        if self.is_empty() { 0.0 } else { self.sum as f64 / self.count as f64 }
    }

    /// The share of values that are zero, exact; 1 without values.
    pub fn share_of_zeros(&self) -> f64 {
        if self.is_empty() { 1.0 } else { self.buckets[0] as f64 / self.count as f64 }
    }

    /// The smallest value that at least the share `q` of the values do not exceed (nearest rank), to within the relative error; zero without values.
    pub fn quantile(&self, q: f64) -> u64 {
        if self.is_empty() {
            return 0;
        }
        // Values that are all alike need no bucket: their mean is exact.
        if self.buckets[bucket(self.max)] == self.count {
            return (self.mean() + 0.5) as u64;
        }
        let rank = ((q * self.count as f64).ceil() as u64).clamp(1, self.count);
        let mut seen = 0;
        for index in self.touched() {
            seen += self.buckets[index];
            if seen >= rank {
                return middle(index as u64).min(self.max);
            }
        }
        self.max
    }

    /// Adds all values of `other`.
    pub fn merge(&mut self, other: &Self) {
        for index in other.touched() {
            self.buckets[index] += other.buckets[index];
        }
        self.count += other.count;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }

    /// Removes all values.
    pub fn clear(&mut self) {
        let touched = self.touched();
        self.buckets[touched].fill(0);
        (self.count, self.sum, self.max) = (0, 0, 0);
    }

    /// The buckets that can hold a count: those of a window are rarely worth walking to the last.
    fn touched(&self) -> std::ops::Range<usize> {
        if self.is_empty() { 0..0 } else { 0..bucket(self.max) + 1 }
    }
}

/// The bucket of a value: the value itself below 256, from there on the octave and the seven bits after the leading one.
#[inline(always)]
const fn bucket(value: u64) -> usize {
    let shift = (63 - PRECISION) - (value | SUB_BUCKETS).leading_zeros();
    (((shift as usize) << PRECISION) + (value >> shift) as usize) & (BUCKETS - 1)
}

/// The middle of a bucket.
const fn middle(bucket: u64) -> u64 {
    if bucket < 2 * SUB_BUCKETS {
        return bucket;
    }
    let shift = (bucket >> PRECISION) - 1;
    let lowest = (bucket - (shift << PRECISION)) << shift;
    lowest + (1 << shift) / 2
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Histogram {
    fn eq(&self, other: &Self) -> bool {
        (self.count, self.sum, self.max) == (other.count, other.sum, other.max) && self.buckets == other.buckets
    }
}

impl std::fmt::Debug for Histogram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Histogram")
            .field("count", &self.count)
            .field("mean", &self.mean())
            .field("p50", &self.quantile(0.5))
            .field("p99", &self.quantile(0.99))
            .field("max", &self.max)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{BUCKETS, Histogram, bucket, middle};
    use crate::random::{Streams, exp1};
    use proptest::prelude::*;

    #[test]
    fn buckets_are_contiguous_and_cover_every_value() {
        for value in 0..100_000_u64 {
            assert!(bucket(value + 1) - bucket(value) <= 1, "{value}");
        }
        for octave in 8..64 {
            assert_eq!(bucket(1 << octave), bucket((1 << octave) - 1) + 1, "2^{octave}");
        }
        assert_eq!(bucket(u64::MAX), 7423);
        const { assert!(7423 < BUCKETS) };
    }

    #[test]
    fn quantiles_stay_within_the_stated_error_of_the_nearest_rank() {
        let mut rng = Streams::new(1).stream("histogram");
        let mut values: Vec<u64> = (0..100_001).map(|_| (exp1(&mut rng) * 5e7) as u64).collect();
        let mut histogram = Histogram::new();
        for &value in &values {
            histogram.record(value);
        }
        values.sort_unstable();
        for q in [0.0, 0.001, 0.5, 0.9, 0.99, 0.999, 1.0] {
            let exact = values[((q * 100_001.0_f64).ceil() as usize).max(1) - 1] as f64;
            let got = histogram.quantile(q) as f64;
            assert!((got / exact - 1.0).abs() <= 1.0 / 256.0, "q {q}: {got} for {exact}");
        }
        assert_eq!((histogram.count(), histogram.max()), (100_001, values[100_000]));
        assert_eq!(histogram.sum(), values.iter().map(|&v| u128::from(v)).sum());
        assert_eq!(histogram.quantile(1.0), bucket_value(values[100_000]).min(values[100_000]));
    }

    fn bucket_value(value: u64) -> u64 {
        middle(bucket(value) as u64)
    }

    #[test]
    fn an_empty_histogram_answers_zero() {
        let empty = Histogram::default();
        assert_eq!((empty.count(), empty.max(), empty.quantile(0.5), empty.mean()), (0, 0, 0, 0.0));
        let mut some = Histogram::default();
        some.record_all(&[0, 1, 0, 900]);
        assert_eq!((empty.share_of_zeros(), some.share_of_zeros()), (1.0, 0.5));
        let mut merged = Histogram::new();
        merged.merge(&empty);
        assert_eq!(merged, empty);
    }

    proptest! {
        #[test]
        fn the_middle_of_a_bucket_is_near_its_values(value: u64) {
            let error = bucket_value(value).abs_diff(value) as f64 / value.max(1) as f64;
            prop_assert!(error <= 1.0 / 256.0, "{} for {}", bucket_value(value), value);
        }

        #[test]
        fn merging_and_clearing_equal_recording_afresh(a in prop::collection::vec(any::<u64>(), 0..50), b in prop::collection::vec(any::<u64>(), 0..50)) {
            let of = |values: &[u64]| {
                let mut histogram = Histogram::new();
                for &value in values {
                    histogram.record(value);
                }
                histogram
            };
            let mut merged = of(&a);
            merged.merge(&of(&b));
            prop_assert_eq!(&merged, &of(&[a, b].concat()));
            merged.clear();
            prop_assert_eq!(merged, Histogram::new());
        }
    }
}
