//! CPU and memory as the simulator counts them: whole thousandths of a core, whole bytes.

use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{ParseUnitError, Quantity};

macro_rules! amount {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    use super::{Bytes, MilliCpu};

    #[test]
    fn amounts_are_read_as_quantities_within_bounds() {
        assert_eq!("64Gi".parse::<Bytes>().unwrap(), Bytes::from_gib(64));
        assert_eq!("1.5".parse::<MilliCpu>().unwrap(), MilliCpu(1500));
        assert!("-1".parse::<MilliCpu>().is_err());
        assert!("1e18".parse::<MilliCpu>().is_err());
    }
}
