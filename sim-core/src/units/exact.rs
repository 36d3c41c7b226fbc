//! Exact rationals: amounts before they are rounded, shares and ratios.

use std::cmp::Ordering;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Sub, SubAssign};
use std::str::FromStr;

use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::{One, Signed, ToPrimitive, Zero};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::money::SCALE;
use super::{Money, ParseUnitError, split_decimal};

/// An exact rational number: an amount of money before its one rounding, or a ratio such as a discount. Serialised as a decimal, or as `a/b` where
/// the decimals do not end.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact(BigRational);

impl Exact {
    /// `numerator / denominator`.
    pub fn ratio(numerator: i128, denominator: i128) -> Self {
        assert!(denominator != 0, "a ratio to nothing");
        // Common factors are found faster in numbers of fixed length.
        let (numerator, denominator) = Ratio::new(numerator, denominator).into_raw();
        Self(BigRational::new_raw(BigInt::from(numerator), BigInt::from(denominator)))
    }

    /// A whole number.
    pub fn whole(number: i128) -> Self {
        Self(BigRational::from_integer(BigInt::from(number)))
    }

    /// Nothing.
    pub fn zero() -> Self {
        Self(BigRational::zero())
    }

    /// One.
    pub fn one() -> Self {
        Self::whole(1)
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Whether it is less than nothing.
    pub fn is_negative(&self) -> bool {
        self.0.is_negative()
    }

    /// The amount in 10^-12 of the currency, rounded half up: the one rounding of an invoice line.
    pub fn to_money(&self) -> Money {
        let short = || {
            let (numerator, denominator) = self.parts()?;
            let doubled = numerator.checked_mul(2 * SCALE)?.checked_add(denominator)?;
            Some(Money::from_pico(doubled.div_euclid(denominator.checked_mul(2)?)))
        };
        if let Some(money) = short() {
            return money;
        }
        let pico: BigRational = (&self.0 * BigInt::from(2 * SCALE) + BigInt::from(1)) / BigInt::from(2);
        Money::from_pico(pico.floor().to_integer().to_i128().expect("an amount beyond 10^26 of the currency"))
    }

    /// Rounded half up to `places` decimals.
    #[must_use]
    pub fn rounded(&self, places: u32) -> Self {
        let scale = BigInt::from(10).pow(places);
        let steps: BigRational = (&self.0 * (&scale * BigInt::from(2)) + BigInt::from(1)) / BigInt::from(2);
        Self(BigRational::new(steps.floor().to_integer(), scale))
    }

    /// The nearest double, for display and statistics.
    pub fn as_f64(&self) -> f64 {
        self.0.to_f64().unwrap_or(f64::NAN)
    }

    /// Whole parts of `1 / steps`, rounded down, for weights.
    pub fn steps(&self, steps: u64) -> u128 {
        (&self.0 * BigInt::from(steps)).floor().to_integer().to_u128().unwrap_or(0)
    }

    /// Numerator and denominator, if they are not too long.
    pub fn parts(&self) -> Option<(i128, i128)> {
        Some((self.0.numer().to_i128()?, self.0.denom().to_i128()?))
    }

    /// The smaller of two.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        if other.cmp(&self) == Ordering::Less { other } else { self }
    }
}

impl From<Money> for Exact {
    fn from(money: Money) -> Self {
        Self::ratio(money.as_pico(), SCALE)
    }
}

impl<'a> Add<&'a Exact> for Exact {
    type Output = Self;
    fn add(self, other: &'a Self) -> Self {
        if other.is_zero() {
            return self;
        }
        Self(self.0 + &other.0)
    }
}

impl Add for Exact {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign<&Exact> for Exact {
    fn add_assign(&mut self, other: &Exact) {
        self.0 += &other.0;
    }
}

impl AddAssign for Exact {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl SubAssign<&Exact> for Exact {
    fn sub_assign(&mut self, other: &Exact) {
        self.0 -= &other.0;
    }
}

impl Sub<&Exact> for &Exact {
    type Output = Exact;
    fn sub(self, other: &Exact) -> Exact {
        Exact(&self.0 - &other.0)
    }
}

impl Sub for Exact {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul<&Exact> for &Exact {
    type Output = Exact;
    fn mul(self, other: &Exact) -> Exact {
        if other.0.is_one() {
            return self.clone();
        }
        Exact(&self.0 * &other.0)
    }
}

impl Div<&Exact> for &Exact {
    type Output = Exact;
    fn div(self, other: &Exact) -> Exact {
        assert!(!other.is_zero(), "a division by nothing");
        Exact(&self.0 / &other.0)
    }
}

impl Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::zero(), Add::add)
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let money = self.to_money();
        if Self::from(money) == *self { money.fmt(f) } else { write!(f, "{}/{}", self.0.numer(), self.0.denom()) }
    }
}

impl FromStr for Exact {
    type Err = ParseUnitError;

    /// `0.455`, `45.5%` or `91/200`.
    fn from_str(text: &str) -> Result<Self, ParseUnitError> {
        let wrong = || ParseUnitError::new(format!("`{text}` is not a number such as `0.455`, `45.5%` or `91/200`"));
        if let Some((a, b)) = text.split_once('/') {
            let (a, b): (BigInt, BigInt) = (a.trim().parse().map_err(|_| wrong())?, b.trim().parse().map_err(|_| wrong())?);
            return if b.is_zero() { Err(wrong()) } else { Ok(Self(BigRational::new(a, b))) };
        }
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (number, scale, rest) = split_decimal(digits).ok_or_else(wrong)?;
        match rest.trim() {
            "" => Ok(Self::ratio(sign * number, scale)),
            "%" => Ok(&Self::ratio(sign * number, scale) / &Self::whole(100)),
            _ => Err(wrong()),
        }
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Exact;

    fn exact(text: &str) -> Exact {
        text.parse().unwrap()
    }

    #[test]
    fn ratios_stay_exact_and_round_half_up_once() {
        let third = Exact::ratio(1, 3);
        assert_eq!((third.clone() + third.clone() + third.clone()).to_string(), "1");
        assert_eq!(third.to_string(), "1/3");
        assert_eq!(exact("1/3"), third);
        assert_eq!(third.to_money().to_string(), "0.333333333333");
        assert_eq!(exact("0.0000000000005").to_money().to_string(), "0.000000000001");
        assert_eq!(exact("45.5%"), exact("0.455"));
        assert_eq!([exact("0.005").rounded(2), exact("0.00499").rounded(2)], [exact("0.01"), exact("0")]);
        assert!("a".parse::<Exact>().is_err() && "1/0".parse::<Exact>().is_err());
    }

    #[test]
    fn large_amounts_do_not_overflow() {
        // A billion an hour for ten years, by a denominator that ends nowhere.
        let amount = &(&exact("1000000000") * &Exact::whole(87_600)) / &exact("0.455");
        assert_eq!((&amount * &exact("0.455")).to_string(), "87600000000000");
    }
}
