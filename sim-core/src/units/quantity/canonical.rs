//! The one way in which Kubernetes prints a quantity.

use std::fmt;

use super::{PLACES, Quantity, QuantityFormat, step};

/// Suffixes of the powers of 1000, from 10^-9.
pub(super) const DECIMAL: [&str; 10] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
/// Suffixes of the powers of 1024, from 2^10.
pub(super) const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/// The shortest whole number with a suffix: `1080m` and not `1.08`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nano == 0 {
            return f.write_str("0");
        }
        match self.format {
            // Small numbers and fractions are clearer without a binary suffix.
            QuantityFormat::BinarySi if self.nano % step(0) == 0 && self.nano.abs() >= 1024 * step(0) => {
                let (mantissa, places) = reduce(self.nano / step(0), 1024, BINARY.len());
                write!(f, "{mantissa}{}", places.checked_sub(1).map_or("", |place| BINARY[place]))
            }
            QuantityFormat::BinarySi | QuantityFormat::DecimalSi => {
                let (mantissa, places) = reduce(self.nano, 1000, DECIMAL.len() - 1);
                write!(f, "{mantissa}{}", DECIMAL[places])
            }
            QuantityFormat::DecimalExponent => {
                let (mantissa, places) = reduce(self.nano, 1000, usize::MAX);
                match 3 * places as i32 - PLACES {
                    0 => write!(f, "{mantissa}"),
                    exponent => write!(f, "{mantissa}e{exponent}"),
                }
            }
        }
    }
}

/// Divides by `base` as often as nothing is lost, `most` times at most.
fn reduce(mut mantissa: i128, base: i128, most: usize) -> (i128, usize) {
    let mut times = 0;
    while times < most && mantissa % base == 0 {
        mantissa /= base;
        times += 1;
    }
    (mantissa, times)
}
