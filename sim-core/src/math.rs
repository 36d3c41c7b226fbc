//! Transcendental functions over `libm`: the only place that has them.
//!
//! The platform's own differ between machines in the last bit, which would make results differ too.

/// Natural logarithm.
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// e to the power x.
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// x to the power y.
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// Cosine of x radians.
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// The gamma function.
pub fn gamma(x: f64) -> f64 {
    libm::tgamma(x)
}

/// The complementary error function.
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// The natural logarithm of the gamma function of a positive number.
pub fn lgamma(x: f64) -> f64 {
    libm::lgamma(x)
}
