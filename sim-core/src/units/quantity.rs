//! Kubernetes quantities: `500m`, `64Gi`, `1.5`, `2e3`.

mod canonical;

use std::cmp::Ordering;
use std::ops::Neg;
use std::str::FromStr;

use super::{ParseUnitError, split_decimal};

/// Decimal places that are kept.
const PLACES: i32 = 9;
/// Largest magnitude in 10^-9: 10^27 units, far above what Kubernetes counts and far below where sums of a few overflow.
const NANO_MAX: i128 = 10i128.pow(36);
/// What a quantity with a binary suffix is capped at.
const BINARY_MAX: i128 = i64::MAX as i128 * 10i128.pow(PLACES as u32);

/// A Kubernetes quantity, exact to 10^-9, rounded away from zero beyond that as Kubernetes does.
///
/// Two quantities are equal if their values are, however they are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quantity {
    nano: i128,
    format: QuantityFormat,
}

/// The family of suffixes that a quantity is printed with: that of the text it was read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuantityFormat {
    /// Powers of 1000: `500m`, `2`, `4G`.
    #[default]
    DecimalSi,
    /// Powers of 1024: `64Gi`.
    BinarySi,
    /// Powers of ten in scientific notation: `2e3`.
    DecimalExponent,
}

impl Quantity {
    /// `nano` times 10^-9; none beyond 10^27.
    pub fn from_nano(nano: i128) -> Option<Self> {
        (-NANO_MAX..=NANO_MAX).contains(&nano).then_some(Self { nano, format: QuantityFormat::DecimalSi })
    }

    /// The same value, printed in another format.
    #[must_use]
    pub const fn with_format(self, format: QuantityFormat) -> Self {
        Self { format, ..self }
    }

    /// The format it is printed in.
    pub const fn format(self) -> QuantityFormat {
        self.format
    }

    /// The quantity in 10^-9.
    pub const fn as_nano(self) -> i128 {
        self.nano
    }

    /// The quantity in thousandths, rounded away from zero.
    pub fn as_milli(self) -> i128 {
        self.as_scaled(-3)
    }

    /// The whole quantity, rounded away from zero.
    pub fn as_units(self) -> i128 {
        self.as_scaled(0)
    }

    /// The quantity in units of 10^`scale`, rounded away from zero; 10^-9 is the finest unit.
    pub fn as_scaled(self, scale: i32) -> i128 {
        round_away(self.nano, step(scale))
    }

    /// The nearest double.
    pub fn as_f64(self) -> f64 {
        self.nano as f64 / 1e9
    }

    /// The next multiple of 10^`scale`, away from zero; none beyond 10^27.
    pub fn round_up(self, scale: i32) -> Option<Self> {
        self.replace(self.as_scaled(scale).checked_mul(step(scale)))
    }

    /// The sum, in the format of the first; none beyond 10^27.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.replace(self.nano.checked_add(other.nano))
    }

    /// The difference, in the format of the first; none beyond 10^27.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(-other)
    }

    /// The product, in the same format; none beyond 10^27.
    pub fn checked_mul(self, factor: i64) -> Option<Self> {
        self.replace(self.nano.checked_mul(i128::from(factor)))
    }

    fn replace(self, nano: Option<i128>) -> Option<Self> {
        Some(Self::from_nano(nano?)?.with_format(self.format))
    }
}

impl Neg for Quantity {
    type Output = Self;

    fn neg(self) -> Self {
        Self { nano: -self.nano, ..self }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nano == other.nano
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nano.cmp(&other.nano)
    }
}

/// 10^`scale` in 10^-9, held within what a quantity can be compared with.
fn step(scale: i32) -> i128 {
    10i128.pow(scale.saturating_add(PLACES).clamp(0, 37) as u32)
}

fn round_away(value: i128, step: i128) -> i128 {
    value / step + if value % step == 0 { 0 } else { value.signum() }
}

impl FromStr for Quantity {
    type Err = ParseUnitError;

    fn from_str(text: &str) -> Result<Self, ParseUnitError> {
        let wrong =
            || ParseUnitError::new(format!("`{text}` is not a quantity; expected a number with an optional suffix, such as `500m`, `2`, `1.5` or `64Gi`"));
        let (sign, digits) = match text.as_bytes().first() {
            Some(b'-') => (-1, &text[1..]),
            Some(b'+') => (1, &text[1..]),
            _ => (1, text),
        };
        let (number, scale, suffix) = split_decimal(digits).ok_or_else(wrong)?;
        let (factor, exponent, mut format) = multiplier(suffix).ok_or_else(wrong)?;
        // Powers of ten cancel out before anything is multiplied: `1.0000000000000000001E` is within range.
        let exponent = exponent.saturating_add(PLACES).saturating_sub(scale.ilog10() as i32);
        let scaled = number.checked_mul(factor).ok_or_else(wrong)?;
        let mut nano = match u32::try_from(exponent) {
            Ok(up) => 10i128.checked_pow(up).and_then(|ten| scaled.checked_mul(ten)).or((scaled == 0).then_some(0)).ok_or_else(wrong)?,
            Err(_) => 10i128.checked_pow(exponent.unsigned_abs()).map_or(scaled.signum(), |ten| round_away(scaled, ten)),
        };
        if format == QuantityFormat::BinarySi {
            nano = nano.min(BINARY_MAX);
            // A fraction of a byte has no binary suffix.
            if 0 < nano && nano < step(0) {
                format = QuantityFormat::DecimalSi;
            }
        }
        Ok(Self::from_nano(sign * nano).ok_or_else(wrong)?.with_format(format))
    }
}

/// What a suffix multiplies by, as a factor and a power of ten.
fn multiplier(suffix: &str) -> Option<(i128, i32, QuantityFormat)> {
    let decimal = |exponent| Some((1, exponent, QuantityFormat::DecimalSi));
    if let Some(place) = canonical::DECIMAL.iter().position(|known| *known == suffix) {
        return decimal(3 * place as i32 - PLACES);
    }
    if let Some(place) = canonical::BINARY.iter().position(|known| *known == suffix) {
        return Some((1 << (10 * (place + 1)), 0, QuantityFormat::BinarySi));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    Some((1, exponent, QuantityFormat::DecimalExponent))
}

#[cfg(test)]
mod tests {
    use super::{Quantity, QuantityFormat};

    #[test]
    fn quantities_follow_kubernetes() {
        for (text, milli) in [("500m", 500), ("2", 2000), ("1.5", 1500), ("0.1m", 1), ("2e3", 2_000_000), ("1k", 1_000_000), ("-1m", -1)] {
            assert_eq!(text.parse::<Quantity>().unwrap().as_milli(), milli, "{text}");
        }
        assert_eq!("1.5".parse::<Quantity>().unwrap().as_units(), 2);
        for text in ["", "m", "1K", "1 Gi", "1gi", "1e", "--1", "1.2.3"] {
            assert!(text.parse::<Quantity>().is_err(), "{text}");
        }
    }

    #[test]
    fn nothing_is_out_of_range_without_a_word() {
        let parse = |text: &str| text.parse::<Quantity>();
        for text in ["1e28", "-1e28", "1e2147483647", "10000000000E"] {
            assert!(parse(text).is_err(), "{text}");
        }
        for text in ["0e2147483647", "0e-2147483648"] {
            assert_eq!(parse(text).unwrap().as_nano(), 0, "{text}");
        }
        for text in ["1e-40", "1e-2147483648", "0.000000000001n"] {
            assert_eq!(parse(text).unwrap().as_nano(), 1, "{text}");
        }
        let most = parse("1e27").unwrap();
        assert_eq!((most.checked_add(most), most.checked_sub(-most), most.checked_mul(-2), most.round_up(28)), (None, None, None, None));
        assert_eq!((most.as_scaled(i32::MAX), most.as_scaled(i32::MIN)), (1, most.as_nano()));
    }

    #[test]
    fn formats_do_not_matter_in_comparisons() {
        let (a, b) = ("1Ki".parse::<Quantity>().unwrap(), "1024".parse::<Quantity>().unwrap());
        assert_eq!(a, b);
        assert_eq!((a.format(), b.format()), (QuantityFormat::BinarySi, QuantityFormat::DecimalSi));
    }
}
