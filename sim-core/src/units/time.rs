//! Simulated time: integer nanoseconds since the start of the run.

use std::fmt;
use std::num::NonZeroU64;
use std::ops::{Add, AddAssign, Mul, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{ParseUnitError, split_decimal};

/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

/// An instant: nanoseconds since the start of the run. Runs can last 584 years.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
pub struct Time {
    /// One more than the nanoseconds, so that an instant that may be missing takes no more room: a pod has a dozen of them.
    after: NonZeroU64,
}

/// A length of time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(u64);

impl Time {
    /// The start of the run.
    pub const ZERO: Self = Self { after: NonZeroU64::MIN };
    /// Later than every instant of a run: "never".
    pub const MAX: Self = Self { after: NonZeroU64::MAX };

    /// The instant `ns` nanoseconds after the start, at most [`Time::MAX`].
    pub const fn from_nanos(ns: u64) -> Self {
        Self { after: NonZeroU64::MIN.saturating_add(ns) }
    }

    /// The instant `s` seconds after the start.
    pub const fn from_secs(s: u64) -> Self {
        Self::from_nanos(s * SECOND)
    }

    /// Nanoseconds since the start.
    pub const fn as_nanos(self) -> u64 {
        self.after.get() - 1
    }

    /// Seconds since the start, for display and statistics.
    pub fn as_secs_f64(self) -> f64 {
        self.as_nanos() as f64 / SECOND as f64
    }

    /// Time since `earlier`, zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.after.get().saturating_sub(earlier.after.get()))
    }

    /// This instant moved by `span`, at most [`Time::MAX`].
    #[must_use]
    pub const fn saturating_add(self, span: Span) -> Self {
        Self { after: self.after.saturating_add(span.0) }
    }
}

impl Default for Time {
    fn default() -> Self {
        Self::ZERO
    }
}

impl From<u64> for Time {
    fn from(ns: u64) -> Self {
        Self::from_nanos(ns)
    }
}

impl From<Time> for u64 {
    fn from(time: Time) -> Self {
        time.as_nanos()
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Time").field(&self.as_nanos()).finish()
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Longer than any run.
    pub const MAX: Self = Self(u64::MAX);

    /// A span of `ns` nanoseconds.
    pub const fn from_nanos(ns: u64) -> Self {
        Self(ns)
    }

    /// A span of `ms` milliseconds.
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms * 1_000_000)
    }

    /// A span of `s` seconds.
    pub const fn from_secs(s: u64) -> Self {
        Self(s * SECOND)
    }

    /// The nearest whole number of nanoseconds to `s` seconds; negative and NaN become zero, too long becomes [`Span::MAX`].
    pub fn from_secs_f64(s: f64) -> Self {
        Self((s * SECOND as f64 + 0.5) as u64)
    }

    /// Nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds, for display and statistics.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / SECOND as f64
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The smallest multiple of `step` that is not shorter; itself when `step` is zero.
    #[must_use]
    pub fn round_up_to(self, step: Self) -> Self {
        if step.is_zero() { self } else { Self(self.0.div_ceil(step.0) * step.0) }
    }
}

impl Add<Span> for Time {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self { after: self.after.checked_add(span.0).expect("an instant beyond 584 years") }
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub for Time {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        Span(self.after.get().checked_sub(earlier.after.get()).expect("a span that ends before it starts"))
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.checked_add(other.0).expect("a span beyond 584 years"))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Mul<u64> for Span {
    type Output = Self;
    fn mul(self, factor: u64) -> Self {
        Self(self.0.checked_mul(factor).expect("a span beyond 584 years"))
    }
}

/// Parses `90s`, `1m30s`, `1.5h`, `250ms`, `2d`; a bare `0` needs no unit.
impl FromStr for Span {
    type Err = ParseUnitError;

    fn from_str(text: &str) -> Result<Self, ParseUnitError> {
        let wrong = || ParseUnitError::new(format!("`{text}` is not a duration; expected a number with a unit, such as `90s`, `1m30s`, `250ms` or `2h`"));
        let mut rest = text.trim();
        if rest == "0" {
            return Ok(Self::ZERO);
        }
        if rest.is_empty() {
            return Err(wrong());
        }
        let mut total: i128 = 0;
        while !rest.is_empty() {
            let (number, scale, tail) = split_decimal(rest).ok_or_else(wrong)?;
            let end = tail.find(|c: char| !c.is_alphabetic()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(end);
            let unit_ns: i128 = match unit {
                "ns" => 1,
                "us" | "µs" => 1_000,
                "ms" => 1_000_000,
                "s" => i128::from(SECOND),
                "m" | "min" => 60 * i128::from(SECOND),
                "h" => 3600 * i128::from(SECOND),
                "d" => 86400 * i128::from(SECOND),
                "w" => 7 * 86400 * i128::from(SECOND),
                _ => return Err(wrong()),
            };
            total = number.checked_mul(unit_ns).and_then(|ns| total.checked_add(ns / scale)).ok_or_else(wrong)?;
            rest = tail;
        }
        let limit = 200 * 366 * 86400 * i128::from(SECOND);
        if total > limit {
            return Err(ParseUnitError::new(format!("`{text}` is longer than 200 years")));
        }
        Ok(Self(total as u64))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut whole, fraction) = (self.0 / SECOND, self.0 % SECOND);
        if whole == 0 && fraction > 0 {
            let ms = self.0 as f64 / 1e6;
            return if self.0.is_multiple_of(1_000_000) { write!(f, "{}ms", self.0 / 1_000_000) } else { write!(f, "{ms}ms") };
        }
        let mut wrote = false;
        for (unit, size) in [("d", 86400), ("h", 3600), ("m", 60)] {
            if whole >= size {
                write!(f, "{}{unit}", whole / size)?;
                whole %= size;
                wrote = true;
            }
        }
        if fraction > 0 {
            let digits = format!("{fraction:09}");
            write!(f, "{whole}.{}s", digits.trim_end_matches('0'))
        } else if whole > 0 || !wrote {
            write!(f, "{whole}s")
        } else {
            Ok(())
        }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Span(self.as_nanos()).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn durations_parse_exactly_and_print_back() {
        for (text, ns, printed) in [
            ("90s", 90_000_000_000, "1m30s"),
            ("1m30s", 90_000_000_000, "1m30s"),
            ("1.5h", 5_400_000_000_000, "1h30m"),
            ("250ms", 250_000_000, "250ms"),
            ("0", 0, "0s"),
            ("2d", 172_800_000_000_000, "2d"),
            ("1.25s", 1_250_000_000, "1.25s"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!((span.as_nanos(), span.to_string().as_str()), (ns, printed), "{text}");
        }
        for text in ["", "5", "s", "5 s", "-5s", "5x", "1.2.3s", "99999999999999999999h", "1e3s"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
