//! Distributions of times: service times, start-up times, job lengths.

use rand_distr::{Distribution as _, Exp1, Gamma, StandardNormal};

use super::{Stream, unit};
use crate::math;

/// A distribution of non-negative numbers; the unit is the user's (here: seconds).
///
/// Base variates come from `rand_distr`; every transform is done over [`crate::math`], so that it is the same everywhere.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same value.
    Constant(f64),
    /// Uniform between two values.
    Uniform {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
    },
    /// Exponential with this mean.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Lognormal: `exp(mu + sigma * Z)`.
    LogNormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Gamma with a shape and a scale; Erlang-k has shape k.
    Gamma {
        /// Shape.
        shape: f64,
        /// Scale.
        scale: f64,
    },
    /// Weibull: `scale * E^(1/shape)` with E exponential.
    Weibull {
        /// Shape.
        shape: f64,
        /// Scale.
        scale: f64,
    },
    /// Pareto: at least `min`, tail index `alpha`.
    Pareto {
        /// Smallest value.
        min: f64,
        /// Tail index; the mean is finite above 1.
        alpha: f64,
    },
    /// Hyperexponential of two branches: with probability `share` exponential with mean `first`, else with mean `second`.
    HyperExponential {
        /// Probability of the first branch.
        share: f64,
        /// Mean of the first branch.
        first: f64,
        /// Mean of the second branch.
        second: f64,
    },
    /// One of several values, each with equal probability: measured times.
    Empirical(Vec<f64>),
}

impl Distribution {
    /// The lognormal with this mean and coefficient of variation: sigma^2 = ln(1 + cv^2), mu = ln(mean) - sigma^2 / 2.
    pub fn lognormal(mean: f64, cv: f64) -> Self {
        if cv == 0.0 {
            return Self::Constant(mean);
        }
        let variance = math::ln(1.0 + cv * cv);
        Self::LogNormal { mu: math::ln(mean) - variance / 2.0, sigma: variance.sqrt() }
    }

    /// The lognormal with this median and coefficient of variation.
    pub fn lognormal_median(median: f64, cv: f64) -> Self {
        let variance = math::ln(1.0 + cv * cv);
        Self::LogNormal { mu: math::ln(median), sigma: variance.sqrt() }
    }

    /// The gamma with this mean and coefficient of variation.
    pub fn gamma(mean: f64, cv: f64) -> Self {
        if cv == 0.0 {
            return Self::Constant(mean);
        }
        let shape = 1.0 / (cv * cv);
        Self::Gamma { shape, scale: mean / shape }
    }

    /// The Weibull with this mean and coefficient of variation, whose shape is found by bisection: `cv^2 = gamma(1 + 2/k) / gamma(1 + 1/k)^2 - 1`.
    pub fn weibull(mean: f64, cv: f64) -> Self {
        if cv == 0.0 {
            return Self::Constant(mean);
        }
        let squared = |shape: f64| math::gamma(1.0 + 2.0 / shape) / (math::gamma(1.0 + 1.0 / shape) * math::gamma(1.0 + 1.0 / shape)) - 1.0;
        let (mut low, mut high) = (0.05, 200.0);
        for _ in 0..100 {
            let middle = f64::midpoint(low, high);
            if squared(middle) > cv * cv {
                low = middle;
            } else {
                high = middle;
            }
        }
        let shape = f64::midpoint(low, high);
        Self::Weibull { shape, scale: mean / math::gamma(1.0 + 1.0 / shape) }
    }

    /// The hyperexponential with this mean and coefficient of variation, at least 1, whose two branches bring half of the mean each (balanced means).
    pub fn hyperexponential(mean: f64, cv: f64) -> Self {
        let squared = cv * cv;
        let share = f64::midpoint(1.0, ((squared - 1.0).max(0.0) / (squared + 1.0)).sqrt());
        Self::HyperExponential { share, first: mean / (2.0 * share), second: mean / (2.0 * (1.0 - share)) }
    }

    /// The distribution of `factor` times the value; `factor` is above 0.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(value * factor),
            Self::Uniform { min, max } => Self::Uniform { min: min * factor, max: max * factor },
            Self::Exponential { mean } => Self::Exponential { mean: mean * factor },
            Self::LogNormal { mu, sigma } => Self::LogNormal { mu: mu + math::ln(factor), sigma: *sigma },
            Self::Gamma { shape, scale } => Self::Gamma { shape: *shape, scale: scale * factor },
            Self::Weibull { shape, scale } => Self::Weibull { shape: *shape, scale: scale * factor },
            Self::Pareto { min, alpha } => Self::Pareto { min: min * factor, alpha: *alpha },
            Self::HyperExponential { share, first, second } => Self::HyperExponential { share: *share, first: first * factor, second: second * factor },
            Self::Empirical(values) => Self::Empirical(values.iter().map(|value| value * factor).collect()),
        }
    }

    /// The mean; infinite for a Pareto with a tail index of at most 1.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Uniform { min, max } => f64::midpoint(*min, *max),
            Self::Exponential { mean } => *mean,
            Self::LogNormal { mu, sigma } => math::exp(mu + sigma * sigma / 2.0),
            Self::Gamma { shape, scale } => shape * scale,
            Self::Weibull { shape, scale } => scale * math::gamma(1.0 + 1.0 / shape),
            Self::Pareto { min, alpha } if *alpha > 1.0 => alpha * min / (alpha - 1.0),
            Self::Pareto { .. } => f64::INFINITY,
            Self::HyperExponential { share, first, second } => share * first + (1.0 - share) * second,
            Self::Empirical(values) => values.iter().sum::<f64>() / values.len() as f64,
        }
    }

    /// The variance; none where it is infinite.
    pub fn variance(&self) -> Option<f64> {
        let of_squares = |square: f64| square - self.mean() * self.mean();
        Some(match self {
            Self::Constant(_) => 0.0,
            Self::Uniform { min, max } => (max - min) * (max - min) / 12.0,
            Self::Exponential { mean } => mean * mean,
            Self::LogNormal { sigma, .. } => (math::exp(sigma * sigma) - 1.0) * self.mean() * self.mean(),
            Self::Gamma { shape, scale } => shape * scale * scale,
            Self::Weibull { shape, scale } => of_squares(scale * scale * math::gamma(1.0 + 2.0 / shape)),
            Self::Pareto { min, alpha } if *alpha > 2.0 => of_squares(alpha * min * min / (alpha - 2.0)),
            Self::Pareto { .. } => return None,
            Self::HyperExponential { share, first, second } => of_squares(2.0 * (share * first * first + (1.0 - share) * second * second)),
            Self::Empirical(values) => of_squares(values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64),
        })
    }

    /// One value.
    #[inline]
    pub fn sample(&self, rng: &mut Stream) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Uniform { min, max } => min + (max - min) * unit(rng),
            Self::Exponential { mean } => mean * exp1(rng),
            Self::LogNormal { mu, sigma } => math::exp(mu + sigma * normal(rng)),
            Self::Gamma { shape, scale } => Gamma::new(*shape, *scale).expect("checked while the plan was built").sample(rng),
            Self::Weibull { shape, scale } => scale * math::pow(exp1(rng), 1.0 / shape),
            Self::Pareto { min, alpha } => min * math::exp(exp1(rng) / alpha),
            Self::HyperExponential { share, first, second } => {
                let mean = if unit(rng) < *share { first } else { second };
                mean * exp1(rng)
            }
            Self::Empirical(values) => values[super::below(rng, values.len() as u64) as usize],
        }
    }

    /// Fills `out` with what as many calls of [`Self::sample`] return, converted, but faster: the kind of distribution is looked at once.
    pub fn fill<T>(&self, rng: &mut Stream, out: &mut [T], convert: impl Fn(f64) -> T) {
        // A copy of its own can stay in registers.
        let mut local = rng.clone();
        match self {
            Self::Constant(value) => out.fill_with(|| convert(*value)),
            Self::Exponential { mean } => out.fill_with(|| convert(mean * exp1(&mut local))),
            Self::Gamma { shape, scale } => {
                let gamma = Gamma::new(*shape, *scale).expect("checked while the plan was built");
                out.fill_with(|| convert(gamma.sample(&mut local)));
            }
            Self::LogNormal { mu, sigma } => fill_with_powers(out, || mu + sigma * normal(&mut local), convert),
            Self::Pareto { min, alpha } => fill_with_powers(out, || exp1(&mut local) / alpha, |power| convert(min * power)),
            _ => out.fill_with(|| convert(self.sample(&mut local))),
        }
        *rng = local;
    }
}

/// Fills `out` with e to the power of what is drawn, converted. Powers of several numbers at a time cost half.
#[inline(always)]
fn fill_with_powers<T>(out: &mut [T], mut draw: impl FnMut() -> f64, convert: impl Fn(f64) -> T) {
    let mut powers = [0.0; 64];
    for some in out.chunks_mut(powers.len()) {
        let powers = &mut powers[..some.len()];
        powers.fill_with(&mut draw);
        math::exp_each(powers);
        some.iter_mut().zip(powers).for_each(|(out, power)| *out = convert(*power));
    }
}

/// A standard normal variate.
#[inline(always)]
fn normal(rng: &mut Stream) -> f64 {
    StandardNormal.sample(rng)
}

/// A standard exponential variate.
#[inline(always)]
pub fn exp1(rng: &mut Stream) -> f64 {
    Exp1.sample(rng)
}

#[cfg(test)]
mod tests {
    use super::Distribution;
    use crate::random::Streams;

    #[test]
    fn sample_means_agree_with_the_formula() {
        for (name, distribution, mean) in [
            ("uniform", Distribution::Uniform { min: 1.0, max: 3.0 }, 2.0),
            ("exponential", Distribution::Exponential { mean: 2.0 }, 2.0),
            ("lognormal", Distribution::lognormal(0.04, 1.5), 0.04),
            ("gamma", Distribution::gamma(3.0, 0.5), 3.0),
            ("weibull", Distribution::Weibull { shape: 2.0, scale: 1.0 }, 0.886_226_925_452_758),
            ("pareto", Distribution::Pareto { min: 1.0, alpha: 4.0 }, 4.0 / 3.0),
            ("weibull by cv", Distribution::weibull(2.0, 1.5), 2.0),
            ("hyperexponential", Distribution::hyperexponential(2.0, 3.0), 2.0),
            ("empirical", Distribution::Empirical(vec![1.0, 2.0, 6.0]), 3.0),
        ] {
            assert!((distribution.mean() / mean - 1.0).abs() < 1e-12, "{name}: mean {}", distribution.mean());
            let mut rng = Streams::new(3).stream(name);
            let n = 400_000;
            let values: Vec<f64> = (0..n).map(|_| distribution.sample(&mut rng)).collect();
            let sum: f64 = values.iter().sum();
            assert!((sum / f64::from(n) / mean - 1.0).abs() < 0.01, "{name}: {}", sum / f64::from(n));

            if let Some(variance) = distribution.variance() {
                let sampled = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / f64::from(n);
                assert!((sampled / variance - 1.0).abs() < 0.05, "{name}: variance {sampled}, by the formula {variance}");
            }
            let scaled = distribution.scaled(2.5);
            assert!((scaled.mean() / mean - 2.5).abs() < 1e-12, "{name}: {} times 2.5 is {}", mean, scaled.mean());
            let (mut rng, mut filled) = (Streams::new(3).stream(name), [0.0; 1000]);
            distribution.fill(&mut rng, &mut filled[..1], |value| value);
            distribution.fill(&mut rng, &mut filled[1..], |value| value);
            assert!(filled == values[..1000], "{name}: filling draws something else");
        }
    }
}
