//! Exact money: integers of 10^-12 of a currency unit, and prices as exact rationals.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Exact, ParseUnitError, Span, split_decimal};

/// Parts of a currency unit that a [`Money`] counts.
pub(super) const SCALE: i128 = 1_000_000_000_000;

/// An amount of money in 10^-12 of the currency. Serialised as a decimal string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i128);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One unit of the currency.
    pub const ONE: Self = Self(SCALE);

    /// An amount of `pico` times 10^-12 of the currency.
    pub const fn from_pico(pico: i128) -> Self {
        Self(pico)
    }

    /// The amount in 10^-12 of the currency.
    pub const fn as_pico(self) -> i128 {
        self.0
    }

    /// `numerator / denominator` in 10^-12 of the currency, rounded half up: the one rounding of an invoice line.
    pub fn from_ratio(numerator: i128, denominator: i128) -> Self {
        assert!(denominator > 0, "a price per nothing");
        let doubled = numerator.checked_mul(2).and_then(|n| n.checked_add(denominator)).expect("an amount beyond 10^26 of the currency");
        Self(doubled.div_euclid(2 * denominator))
    }

    /// The amount as a float, for charts only.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / SCALE as f64
    }

    /// Rounded half up to `places` decimal places (at most 12).
    #[must_use]
    pub fn rounded(self, places: u32) -> Self {
        let step = 10i128.pow(12 - places.min(12));
        Self((self.0 * 2 + step).div_euclid(2 * step) * step)
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    /// All significant decimals; with a precision (`{:.2}`), rounded half up to that many places.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = f.precision().map_or(*self, |places| self.rounded(places as u32)).0;
        let (sign, value) = if value < 0 { ("-", -value) } else { ("", value) };
        let digits = format!("{:012}", value % SCALE);
        let decimals = match f.precision() {
            Some(places) => digits[..places.min(12)].to_owned(),
            None => digits.trim_end_matches('0').to_owned(),
        };
        let point = if decimals.is_empty() { "" } else { "." };
        f.pad_integral(sign.is_empty(), "", &format!("{}{point}{decimals}", value / SCALE))
    }
}

impl FromStr for Money {
    type Err = ParseUnitError;

    fn from_str(text: &str) -> Result<Self, ParseUnitError> {
        let wrong = || ParseUnitError::new(format!("`{text}` is not an amount of money; expected a decimal such as `0.000049`"));
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (number, scale, rest) = split_decimal(digits).ok_or_else(wrong)?;
        if !rest.is_empty() || SCALE % scale != 0 {
            return Err(wrong());
        }
        Ok(Self(sign * number.checked_mul(SCALE / scale).ok_or_else(wrong)?))
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Through text, as it was written: a float would change it.
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A price for one unit used for some time, kept as the exact rational `pico / divisor` per `per`.
///
/// Subscription prices need the divisor: 480 hours' price for a month of 720 hours is `price * 480 / 720` an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitPrice {
    /// Numerator, in 10^-12 of the currency.
    pub pico: i128,
    /// Denominator, positive.
    pub divisor: i128,
    /// The time that the price pays for.
    pub per: Span,
}

impl UnitPrice {
    /// `price` for each `per` of use.
    pub fn new(price: Money, per: Span) -> Self {
        assert!(!per.is_zero(), "a price per no time");
        Self { pico: price.as_pico(), divisor: 1, per }
    }

    /// This price times `numerator / denominator`.
    #[must_use]
    pub fn scaled(self, numerator: i128, denominator: i128) -> Self {
        assert!(denominator > 0, "a price per nothing");
        Self { pico: self.pico * numerator, divisor: self.divisor * denominator, per: self.per }
    }

    /// The amount due for `unit_ns` unit-nanoseconds (for instance two nodes for one second: 2 * 10^9), rounded once.
    pub fn amount(self, unit_ns: u128) -> Money {
        let quantity = i128::try_from(unit_ns).expect("a quantity beyond 10^38 unit-nanoseconds");
        let short = || {
            let denominator = self.divisor.checked_mul(i128::from(self.per.as_nanos()))?;
            // Whole periods first, so that the product stays far from the limit of i128.
            let (whole, part) = (quantity / denominator, quantity % denominator);
            let rest = self.pico.checked_mul(part)?.checked_mul(2)?.checked_add(denominator)?;
            Some(Money::from_pico(self.pico.checked_mul(whole)?) + Money::from_pico(rest.div_euclid(denominator.checked_mul(2)?)))
        };
        // Discounts and rates with many digits need more room.
        short().unwrap_or_else(|| self.exact(unit_ns).to_money())
    }

    /// The amount due for `unit_ns` unit-nanoseconds, not rounded.
    pub fn exact(self, unit_ns: u128) -> Exact {
        let quantity = i128::try_from(unit_ns).expect("a quantity beyond 10^38 unit-nanoseconds");
        let per = i128::from(self.per.as_nanos());
        let short = || Some(Exact::ratio(self.pico.checked_mul(quantity)?, SCALE.checked_mul(self.divisor)?.checked_mul(per)?));
        short().unwrap_or_else(|| {
            let denominator = &(&Exact::whole(SCALE) * &Exact::whole(self.divisor)) * &Exact::whole(per);
            &(&Exact::whole(self.pico) * &Exact::whole(quantity)) / &denominator
        })
    }

    /// The price of one unit for an hour, not rounded.
    pub fn hourly(self) -> Exact {
        self.exact(3_600_000_000_000)
    }

    /// The same price with `factor` as part of it, to 10^-24 of the currency where the exact one has too many digits.
    #[must_use]
    pub fn times(self, factor: &Exact) -> Self {
        let exact = || {
            let (numerator, denominator) = factor.parts()?;
            Some(Self { pico: self.pico.checked_mul(numerator)?, divisor: self.divisor.checked_mul(denominator)?, per: self.per })
        };
        exact().unwrap_or_else(|| {
            let pico = &Exact::ratio(self.pico, self.divisor) * factor;
            // Money rounds half up to 10^-12 of what it is given: here of 10^-12 of the currency.
            Self { pico: pico.to_money().as_pico(), divisor: SCALE, per: self.per }
        })
    }

    /// The price of one unit for `per`, rounded to 10^-12 of the currency, for display.
    pub fn rounded(self) -> Money {
        Money::from_ratio(self.pico, self.divisor)
    }
}

/// `0.815397/h`; a price that was scaled shows the factor: `391.39056*1/720/h`, and one per an odd time shows that: `3/5400000000000ns`.
impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Money::from_pico(self.pico))?;
        if self.divisor != 1 {
            write!(f, "*1/{}", self.divisor)?;
        }
        match UNITS.iter().find(|(_, seconds)| self.per == Span::from_secs(*seconds)) {
            Some((name, _)) => write!(f, "/{name}"),
            None => write!(f, "/{}ns", self.per.as_nanos()),
        }
    }
}

/// Times that prices are given for, in seconds.
const UNITS: [(&str, u64); 5] = [("s", 1), ("min", 60), ("h", 3600), ("d", 86_400), ("month", 720 * 3600)];

impl FromStr for UnitPrice {
    type Err = ParseUnitError;

    fn from_str(text: &str) -> Result<Self, ParseUnitError> {
        let wrong = || ParseUnitError::new(format!("`{text}` is not a price such as `0.5/h`"));
        let (amount, per) = text.rsplit_once('/').ok_or_else(wrong)?;
        let known = UNITS.iter().find(|(name, _)| *name == per).map(|(_, seconds)| Span::from_secs(*seconds));
        let per = known.or_else(|| per.strip_suffix("ns")?.parse().ok().map(Span::from_nanos)).filter(|per| !per.is_zero()).ok_or_else(wrong)?;
        let (amount, divisor) = match amount.split_once("*1/") {
            Some((amount, divisor)) => (amount, divisor.parse().ok().filter(|divisor| *divisor > 0).ok_or_else(wrong)?),
            None => (amount, 1),
        };
        Ok(Self { pico: amount.parse::<Money>()?.as_pico(), divisor, per })
    }
}

impl Serialize for UnitPrice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UnitPrice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Splits `total` in proportion to `weights`; the parts add up to `total` exactly. All-zero weights give all-zero parts.
pub fn apportion(total: Money, weights: &[u128]) -> Vec<Money> {
    let sum: u128 = weights.iter().sum();
    if sum == 0 {
        return vec![Money::ZERO; weights.len()];
    }
    // Weights can be large (milliCPU-nanoseconds); only their proportion matters, so 60 bits of it are kept.
    let shift = (128 - sum.leading_zeros()).saturating_sub(60);
    let sum = (sum >> shift) as i128;
    let (mut running, mut paid) = (0u128, Money::ZERO);
    weights
        .iter()
        .map(|weight| {
            running += weight;
            let share = (running >> shift) as i128;
            let (whole, part) = (total.as_pico() / sum, total.as_pico() % sum);
            let due = Money::from_pico(whole * share) + Money::from_ratio(part * share, sum);
            let step = due - paid;
            paid = due;
            step
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Money, UnitPrice, apportion};
    use crate::units::{Exact, Span};

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn decimals_survive_a_round_trip() {
        for text in ["0", "0.000049", "-12.5", "1630.795", "0.000000000001"] {
            assert_eq!(money(text).to_string(), text);
        }
        assert_eq!(format!("{:.2}", money("0.125")), "0.13");
        assert_eq!(format!("{:.2}", money("28.125")), "28.13");
        assert!("1.0000000000001".parse::<Money>().is_err());
        assert!("1e3".parse::<Money>().is_err());
    }

    #[test]
    fn an_hourly_price_is_divided_once() {
        // G17: 0.5 an hour for 1500 s is 0.208333..., for 3060 s exactly 0.425.
        let price = UnitPrice::new(money("0.5"), Span::from_secs(3600));
        assert_eq!(price.amount(1500 * 1_000_000_000).to_string(), "0.208333333333");
        assert_eq!(price.amount(3060 * 1_000_000_000).to_string(), "0.425");
    }

    #[test]
    fn factors_with_many_digits_neither_overflow_nor_lose_a_digit() {
        // 0.05 an hour, converted at 1 / 7.123456789012, for three hours: 0.0210571923776...
        let rate: Exact = "7.123456789012".parse().unwrap();
        let factor = &Exact::one() / &rate;
        let price = UnitPrice::new(money("0.05"), Span::from_secs(3600)).times(&factor);
        assert_eq!(price.amount(3 * 3_600_000_000_000).to_string(), "0.021057192378");
        // A second factor leaves what i128 can hold; the amount is still that of exact arithmetic.
        let both = price.times(&"0.333333333333".parse().unwrap()).times(&factor);
        let exact = &(&(&Exact::from(money("0.15")) * &"0.333333333333".parse().unwrap()) * &factor) * &factor;
        assert_eq!(both.amount(3 * 3_600_000_000_000), exact.to_money());
    }

    #[test]
    fn subscription_of_eight_nodes_for_a_day_is_golden_case_g29() {
        let price = UnitPrice::new(money("0.815397"), Span::from_secs(3600)).scaled(480, 720);
        assert_eq!(price.amount(8 * 86400 * 1_000_000_000).to_string(), "104.370816");
    }

    #[test]
    fn prices_are_read_back_as_written() {
        for text in ["0.815397/h", "0.000049/s", "480/month", "1/d", "2/5400000000000ns", "391.39056*1/720/h"] {
            assert_eq!(text.parse::<UnitPrice>().unwrap().to_string(), text);
        }
        for text in ["2", "2/y", "2/0ns", "2*1/0/h", "x/h"] {
            assert!(text.parse::<UnitPrice>().is_err(), "{text}");
        }
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let parts = apportion(money("10"), &[1, 1, 1]);
        assert_eq!(parts.iter().copied().sum::<Money>(), money("10"));
        let large = apportion(money("123456.789"), &[u128::MAX / 4, u128::MAX / 8]);
        assert_eq!(large.iter().copied().sum::<Money>(), money("123456.789"));
        assert_eq!(apportion(money("1"), &[0, 0]), vec![Money::ZERO; 2]);
    }
}
