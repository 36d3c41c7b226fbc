//! Kubernetes quantities: `500m`, `64Gi`, `1.5`, `2e3`.

use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::str::FromStr;

use serde::Serialize;

use super::{ParseUnitError, split_decimal};

/// Parts of one that a [`Quantity`] counts.
const NANO: i128 = 1_000_000_000;

/// A Kubernetes quantity, exact to 10^-9, rounded away from zero beyond that as Kubernetes does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    nano: i128,
}

impl Quantity {
    /// The quantity in 10^-9.
    pub const fn as_nano(self) -> i128 {
        self.nano
    }

    /// The quantity in thousandths, rounded away from zero.
    pub fn as_milli(self) -> i128 {
        round_away(self.nano, 1_000_000)
    }

    /// The whole quantity, rounded away from zero.
    pub fn as_units(self) -> i128 {
        round_away(self.nano, NANO)
    }
}

fn round_away(value: i128, step: i128) -> i128 {
    if value < 0 { -((-value + step - 1) / step) } else { (value + step - 1) / step }
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
        let (up, down): (i128, i128) = match suffix {
            "n" => (1, NANO),
            "u" => (1, 1_000_000),
            "m" => (1, 1_000),
            "" => (1, 1),
            "k" => (1_000, 1),
            "M" => (1_000_000, 1),
            "G" => (NANO, 1),
            "T" => (1_000 * NANO, 1),
            "P" => (1_000_000 * NANO, 1),
            "E" => (NANO * NANO, 1),
            "Ki" => (1 << 10, 1),
            "Mi" => (1 << 20, 1),
            "Gi" => (1 << 30, 1),
            "Ti" => (1 << 40, 1),
            "Pi" => (1 << 50, 1),
            "Ei" => (1 << 60, 1),
            _ => {
                let exponent: i32 = suffix.strip_prefix(['e', 'E']).and_then(|e| e.parse().ok()).filter(|e: &i32| e.abs() <= 18).ok_or_else(wrong)?;
                if exponent >= 0 { (10i128.pow(exponent as u32), 1) } else { (1, 10i128.pow(exponent.unsigned_abs())) }
            }
        };
        let nano = number.checked_mul(NANO).and_then(|n| n.checked_mul(up)).ok_or_else(wrong)?;
        Ok(Self { nano: sign * round_away(nano, scale * down) })
    }
}

macro_rules! amount {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }
        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }
        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0.checked_sub(other.0).expect("more given back than was taken"))
            }
        }
        impl SubAssign for $name {
            fn sub_assign(&mut self, other: Self) {
                *self = *self - other;
            }
        }
    };
}

amount! {
    /// CPU in thousandths of a core.
    MilliCpu
}
amount! {
    /// Memory in bytes.
    Bytes
}

/// The largest CPU or memory amount that is accepted: a million cores, or an exbibyte.
const CPU_MAX: i128 = 1_000_000_000;
const BYTES_MAX: i128 = 1 << 60;

impl FromStr for MilliCpu {
    type Err = ParseUnitError;

    fn from_str(text: &str) -> Result<Self, ParseUnitError> {
        let milli = text.parse::<Quantity>()?.as_milli();
        if !(0..=CPU_MAX).contains(&milli) {
            return Err(ParseUnitError::new(format!("`{text}` is not an amount of CPU; expected between 0 and a million cores")));
        }
        Ok(Self(milli as u64))
    }
}

impl FromStr for Bytes {
    type Err = ParseUnitError;

    fn from_str(text: &str) -> Result<Self, ParseUnitError> {
        let bytes = text.parse::<Quantity>()?.as_units();
        if !(0..=BYTES_MAX).contains(&bytes) {
            return Err(ParseUnitError::new(format!("`{text}` is not an amount of memory; expected between 0 and 1Ei")));
        }
        Ok(Self(bytes as u64))
    }
}

impl Bytes {
    /// `gib` gibibytes.
    pub const fn from_gib(gib: u64) -> Self {
        Self(gib << 30)
    }

    /// Whole mebibytes, rounded up.
    pub const fn as_mib_ceil(self) -> u64 {
        self.0.div_ceil(1 << 20)
    }
}

impl fmt::Display for MilliCpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) { write!(f, "{}", self.0 / 1000) } else { write!(f, "{}m", self.0) }
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (suffix, shift) in [("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)] {
            if self.0 >= 1 << shift && self.0.is_multiple_of(1 << shift) {
                return write!(f, "{}{suffix}", self.0 >> shift);
            }
        }
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, MilliCpu, Quantity};

    #[test]
    fn quantities_follow_kubernetes() {
        for (text, milli) in [("500m", 500), ("2", 2000), ("1.5", 1500), ("0.1m", 1), ("2e3", 2_000_000), ("1k", 1_000_000), ("-1m", -1)] {
            assert_eq!(text.parse::<Quantity>().unwrap().as_milli(), milli, "{text}");
        }
        assert_eq!("64Gi".parse::<Bytes>().unwrap(), Bytes::from_gib(64));
        assert_eq!("1.5".parse::<Quantity>().unwrap().as_units(), 2);
        for text in ["", "m", "1K", "1 Gi", "1gi", "1e", "--1", "1.2.3"] {
            assert!(text.parse::<Quantity>().is_err(), "{text}");
        }
        assert!("-1".parse::<MilliCpu>().is_err());
        assert!("1e18".parse::<MilliCpu>().is_err());
    }
}
