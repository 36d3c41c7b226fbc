//! The service time as a law: its moments, its distribution function, and its values in portions.

use crate::math;
use crate::random::Distribution;

/// Service times of one service, in seconds at full speed.
#[derive(Clone, Debug)]
pub(super) struct Law {
    distribution: Distribution,
    pub(super) mean: f64,
    /// Squared coefficient of variation.
    pub(super) scv: f64,
    /// Values and their shares, closely spaced.
    pub(super) fine: Vec<(f64, f64)>,
    /// The same with few values.
    pub(super) coarse: Vec<(f64, f64)>,
}

/// Standard normal quantiles between which [`Law::coarse`] has a value each.
const FROM: f64 = -3.6;
const TO: f64 = 4.8;
const COARSE: f64 = 0.12;
const FINE: f64 = 0.02;

impl Law {
    /// The law of a distribution. What has no mean or no variance is cut off where one value in a million is larger.
    pub(super) fn new(distribution: &Distribution) -> Self {
        let fine = portions(distribution, FINE);
        let moment = |power: fn(f64) -> f64| fine.iter().map(|&(value, share)| power(value) * share).sum::<f64>();
        let mean = Some(distribution.mean()).filter(|mean| mean.is_finite()).unwrap_or_else(|| moment(|x| x));
        let variance = distribution.variance().unwrap_or_else(|| (moment(|x| x * x) - mean * mean).max(0.0));
        let scv = if mean > 0.0 { variance / (mean * mean) } else { 0.0 };
        let coarse = portions(distribution, COARSE);
        Self { distribution: distribution.clone(), mean, scv, fine: with_mean(fine, mean), coarse: with_mean(coarse, mean) }
    }

    /// Share of service times up to `x` seconds.
    pub(super) fn cdf(&self, x: f64) -> f64 {
        cdf(&self.distribution, x)
    }

    /// Squared coefficient of variation of what is left of a service in work: by its moments, of which the last is the third of the service time.
    pub(super) fn residual_scv(&self) -> f64 {
        let moment = |power: fn(f64) -> f64| self.fine.iter().map(|&(value, share)| share * power(value)).sum::<f64>();
        let (first, second, third) = (moment(|x| x), moment(|x| x * x), moment(|x| x * x * x));
        if second > 0.0 { (4.0 * third * first / (3.0 * second * second) - 1.0).clamp(0.0, 50.0) } else { 1.0 }
    }

    /// The share of service times above `x` seconds, and their mean relative to that of all.
    pub(super) fn above(&self, x: f64) -> (f64, f64) {
        let (share, sum) = self.fine.iter().filter(|(value, _)| *value > x).fold((0.0, 0.0), |sum, (value, share)| (sum.0 + share, sum.1 + value * share));
        if share > 0.0 { (share, sum / share / self.mean.max(1e-12)) } else { (0.0, 1.0) }
    }

    /// The mean of what is left of a service in work.
    pub(super) fn residual(&self) -> f64 {
        self.mean * f64::midpoint(1.0, self.scv)
    }
}

/// Values with their shares, cut at standard normal quantiles `step` apart.
fn portions(distribution: &Distribution, step: f64) -> Vec<(f64, f64)> {
    match distribution {
        Distribution::Constant(value) => return vec![(*value, 1.0)],
        Distribution::Empirical(values) => return empirical(values, if step < 0.1 { 400 } else { 70 }),
        _ => {}
    }
    let count = ((TO - FROM) / step) as usize;
    let mut portions = Vec::with_capacity(count);
    let mut below = 0.0;
    for index in 0..count {
        let upper = FROM + step * (index + 1) as f64;
        let to = if index + 1 == count { 1.0 } else { normal(upper) };
        portions.push((quantile(distribution, normal(upper - step / 2.0)), to - below));
        below = to;
    }
    portions
}

/// Measured values in at most `most` portions.
fn empirical(values: &[f64], most: usize) -> Vec<(f64, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let size = sorted.len().div_ceil(most);
    sorted.chunks(size).map(|some| (some.iter().sum::<f64>() / some.len() as f64, some.len() as f64 / sorted.len() as f64)).collect()
}

/// The same shares, with values scaled so that they have this mean.
fn with_mean(mut portions: Vec<(f64, f64)>, mean: f64) -> Vec<(f64, f64)> {
    let has: f64 = portions.iter().map(|(value, share)| value * share).sum();
    if has > 0.0 {
        for portion in &mut portions {
            portion.0 *= mean / has;
        }
    }
    portions
}

/// The standard normal distribution function.
pub(super) fn normal(z: f64) -> f64 {
    0.5 * math::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The value that the share `q` does not exceed, by bisection in the logarithm.
fn quantile(distribution: &Distribution, q: f64) -> f64 {
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if cdf(distribution, math::exp(middle)) < q {
            low = middle;
        } else {
            high = middle;
        }
    }
    math::exp(f64::midpoint(low, high))
}

/// Share of values up to `x`.
fn cdf(distribution: &Distribution, x: f64) -> f64 {
    if x < 0.0 {
        return 0.0;
    }
    match distribution {
        Distribution::Constant(value) => f64::from(u8::from(x >= *value)),
        Distribution::Uniform { min, max } => {
            if max > min {
                ((x - min) / (max - min)).clamp(0.0, 1.0)
            } else {
                f64::from(u8::from(x >= *min))
            }
        }
        Distribution::Exponential { mean } => 1.0 - math::exp(-x / mean),
        Distribution::LogNormal { mu, sigma } => {
            if x > 0.0 {
                normal((math::ln(x) - mu) / sigma)
            } else {
                0.0
            }
        }
        Distribution::Gamma { shape, scale } => lower_gamma(*shape, x / scale),
        Distribution::Weibull { shape, scale } => 1.0 - math::exp(-math::pow(x / scale, *shape)),
        Distribution::Pareto { min, alpha } => {
            if x > *min {
                1.0 - math::pow(min / x, *alpha)
            } else {
                0.0
            }
        }
        Distribution::HyperExponential { share, first, second } => 1.0 - share * math::exp(-x / first) - (1.0 - share) * math::exp(-x / second),
        Distribution::Empirical(values) => values.iter().filter(|value| **value <= x).count() as f64 / values.len() as f64,
    }
}

/// The regularised lower incomplete gamma function P(a, x): by its series below a + 1, by Lentz's continued fraction above (Press et al., Numerical
/// Recipes, 6.2).
fn lower_gamma(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = math::exp(shape * math::ln(x) - x - math::lgamma(shape));
    if x < shape + 1.0 {
        let (mut term, mut sum, mut at) = (1.0 / shape, 1.0 / shape, shape);
        while term > sum * 1e-15 {
            at += 1.0;
            term *= x / at;
            sum += term;
        }
        return (sum * front).min(1.0);
    }
    let mut partial = x + 1.0 - shape;
    let (mut numerator, mut denominator) = (f64::MAX, 1.0 / partial);
    let mut fraction = denominator;
    for step in 1..500 {
        let factor = -f64::from(step) * (f64::from(step) - shape);
        partial += 2.0;
        denominator = 1.0 / (factor * denominator + partial);
        numerator = partial + factor / numerator;
        fraction *= denominator * numerator;
        if (denominator * numerator - 1.0).abs() < 1e-14 {
            break;
        }
    }
    (1.0 - front * fraction).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::Law;
    use crate::random::Distribution;

    #[test]
    fn portions_have_the_moments_of_the_distribution() {
        for distribution in [
            Distribution::Constant(0.04),
            Distribution::Uniform { min: 1.0, max: 3.0 },
            Distribution::Exponential { mean: 2.0 },
            Distribution::lognormal(0.04, 1.0),
            Distribution::gamma(0.03, 1.0),
            Distribution::gamma(3.0, 0.3),
            Distribution::weibull(2.0, 1.5),
            Distribution::Pareto { min: 1.0, alpha: 6.0 },
            Distribution::hyperexponential(2.0, 3.0),
            Distribution::Empirical(vec![1.0, 2.0, 6.0]),
        ] {
            let law = Law::new(&distribution);
            for portions in [&law.fine, &law.coarse] {
                let (mass, mean) = portions.iter().fold((0.0, 0.0), |sum, &(value, share)| (sum.0 + share, sum.1 + value * share));
                assert!((mass - 1.0).abs() < 1e-9 && (mean / distribution.mean() - 1.0).abs() < 1e-9, "{distribution:?}: {mass} {mean}");
                let square: f64 = portions.iter().map(|&(value, share)| value * value * share).sum();
                let variance = square - mean * mean;
                assert!((variance - distribution.variance().unwrap()).abs() <= 0.05 * distribution.variance().unwrap(), "{distribution:?}: {variance}");
            }
        }
    }

    #[test]
    fn what_is_left_of_a_service_varies_as_its_moments_say() {
        // Exponential: itself. Lognormal with variation v: 4 (1 + v) / 3 - 1. Constant: uniform, 1 / 3.
        for (distribution, scv) in
            [(Distribution::Exponential { mean: 2.0 }, 1.0), (Distribution::lognormal(0.04, 1.0), 5.0 / 3.0), (Distribution::Constant(3.0), 1.0 / 3.0)]
        {
            let got = Law::new(&distribution).residual_scv();
            assert!((got / scv - 1.0).abs() < 0.03, "{distribution:?}: {got} for {scv}");
        }
        let (share, factor) = Law::new(&Distribution::Exponential { mean: 1.0 }).above(2.0);
        assert!((share - 0.1353).abs() < 0.003 && (factor - 3.0).abs() < 0.03, "{share} {factor}");
    }

    #[test]
    fn distribution_functions_agree_with_known_values() {
        // Erlang-2 with mean 2 at 2: 1 - 3 exp(-2); gamma of shape 0.5 and scale 2 is chi-squared with one degree of freedom: P(1) = 0.6826895.
        let erlang = Law::new(&Distribution::Gamma { shape: 2.0, scale: 1.0 });
        assert!((erlang.cdf(2.0) - 0.593_994_150_290_162).abs() < 1e-12);
        let chi = Law::new(&Distribution::Gamma { shape: 0.5, scale: 2.0 });
        assert!((chi.cdf(1.0) - 0.682_689_492_137_086).abs() < 1e-12);
        assert!((chi.cdf(9.0) - 0.997_300_203_936_740).abs() < 1e-12);
        let lognormal = Law::new(&Distribution::LogNormal { mu: 0.0, sigma: 1.0 });
        assert!((lognormal.cdf(1.0) - 0.5).abs() < 1e-12 && (lognormal.cdf(std::f64::consts::E) - 0.841_344_746_068_543).abs() < 1e-12);
    }
}
