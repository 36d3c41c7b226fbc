//! Differences between two plans that met the same customers.

use serde::Serialize;

use super::Estimate;

/// What can be said about a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every replication shows the same value twice.
    Same,
    /// The interval of the difference holds zero, or there is only one replication.
    NotDistinguishable,
    /// The second is higher.
    Higher,
    /// The second is lower.
    Lower,
}

impl Verdict {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::NotDistinguishable => "not distinguishable",
            Self::Higher => "higher",
            Self::Lower => "lower",
        }
    }
}

/// A figure of two plans, replication by replication on common random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Paired {
    /// The first plan's.
    pub a: Estimate,
    /// The second plan's.
    pub b: Estimate,
    /// Of the differences b - a.
    pub difference: Estimate,
    /// What can be said.
    pub verdict: Verdict,
    /// Variance that the difference would have with independent seeds, over the one it has; none where the latter is zero.
    pub variance_ratio: Option<f64>,
}

impl Paired {
    /// Compares pairs (a, b); none without any.
    pub fn of(pairs: &[(f64, f64)], confidence: f64) -> Option<Self> {
        let column = |value: fn(&(f64, f64)) -> f64| pairs.iter().map(value).collect::<Vec<f64>>();
        let a = Estimate::of(&column(|pair| pair.0), confidence)?;
        let b = Estimate::of(&column(|pair| pair.1), confidence)?;
        let difference = Estimate::of(&column(|pair| pair.1 - pair.0), confidence)?;
        let verdict = match (difference.low(), difference.high()) {
            _ if pairs.iter().all(|(a, b)| a == b) => Verdict::Same,
            (Some(low), _) if low > 0.0 => Verdict::Higher,
            (_, Some(high)) if high < 0.0 => Verdict::Lower,
            _ => Verdict::NotDistinguishable,
        };
        let independent = a.sd.zip(b.sd).map(|(a, b)| a * a + b * b);
        let variance_ratio = independent.zip(difference.sd).map(|(independent, sd)| independent / (sd * sd)).filter(|ratio| ratio.is_finite());
        Some(Self { a, b, difference, verdict, variance_ratio })
    }

    /// The difference as a share of the first plan's mean; none if that is zero.
    pub fn relative(&self) -> Option<f64> {
        (self.a.mean != 0.0).then(|| self.difference.mean / self.a.mean.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::{Paired, Verdict};

    #[test]
    fn pairs_tell_apart_what_means_alone_do_not() {
        let pairs: Vec<(f64, f64)> = (0..10).map(|i| (f64::from(i) * 10.0, f64::from(i).mul_add(10.0, 1.0 + f64::from(i % 2) * 0.1))).collect();
        let paired = Paired::of(&pairs, 0.95).unwrap();
        assert_eq!(paired.verdict, Verdict::Higher);
        assert!(paired.variance_ratio.unwrap() > 100_000.0);
        assert!(paired.b.low().unwrap() < paired.a.high().unwrap(), "the intervals of the means overlap");
        let swapped: Vec<(f64, f64)> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
        assert_eq!(Paired::of(&swapped, 0.95).unwrap().verdict, Verdict::Lower);
    }

    #[test]
    fn what_is_within_the_noise_is_not_distinguishable() {
        let pairs = [(1.0, 1.2), (1.0, 0.9), (1.0, 1.1), (1.0, 0.8)];
        assert_eq!(Paired::of(&pairs, 0.95).unwrap().verdict, Verdict::NotDistinguishable);
        assert_eq!(Paired::of(&[(1.0, 2.0)], 0.95).unwrap().verdict, Verdict::NotDistinguishable, "one replication proves nothing");
        assert_eq!(Paired::of(&[(1.0, 1.0)], 0.95).unwrap().verdict, Verdict::Same);
        assert_eq!(Paired::of(&[(1.0, 1.0), (2.0, 2.0)], 0.95).unwrap().verdict, Verdict::Same);
    }
}
