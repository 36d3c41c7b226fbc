//! Student's t distribution.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The value that a t-distributed number with these degrees of freedom stays below with probability `p` (0..1).
pub fn quantile(degrees: usize, p: f64) -> f64 {
    StudentsT::new(0.0, 1.0, degrees as f64).map_or(f64::NAN, |distribution| distribution.inverse_cdf(p))
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // NIST/SEMATECH e-Handbook, table 1.3.6.7.2.
        for (degrees, p, expected) in [(1, 0.975, 12.706), (4, 0.975, 2.776), (9, 0.95, 1.833), (9, 0.975, 2.262), (29, 0.975, 2.045), (99, 0.995, 2.626)] {
            let found = quantile(degrees, p);
            assert!((found - expected).abs() < 5e-4, "{degrees} {p}: {found} instead of {expected}");
        }
    }
}
