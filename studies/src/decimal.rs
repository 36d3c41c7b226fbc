//! Numbers with a unit, computed exactly: ten steps of 0.1 are 1.0.

use std::fmt;
use std::str::FromStr;

/// Most digits behind the point.
const MAX_SCALE: u32 = 18;

/// A decimal number with whatever unit is written behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// The digits, without the point.
    mantissa: i128,
    /// How many of them stand behind the point.
    scale: u32,
    /// What follows the number: `s`, `m`, `Gi`, `/s`, `%`, or nothing.
    pub unit: String,
}

impl Decimal {
    /// The number as a double.
    pub fn as_f64(&self) -> f64 {
        self.mantissa as f64 / 10f64.powi(self.scale as i32)
    }

    /// The number `value` with `digits` significant digits and this unit.
    pub fn rounded(value: f64, digits: usize, unit: &str) -> Self {
        let text = format!("{value:.*e}", digits.saturating_sub(1));
        let (number, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let plain: Self = number.parse().unwrap_or(Self { mantissa: 0, scale: 0, unit: String::new() });
        let behind = plain.scale as i32 - exponent;
        let (mantissa, scale) =
            if behind < 0 { (plain.mantissa.saturating_mul(10i128.saturating_pow(behind.unsigned_abs())), 0) } else { (plain.mantissa, behind as u32) };
        Self { mantissa, scale, unit: unit.to_owned() }.shortened()
    }

    /// Without zeros at the end of the fraction.
    fn shortened(mut self) -> Self {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }

    /// Both with equally many digits behind the point; none if the numbers are too large.
    fn aligned(&self, other: &Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let raise = |number: &Self| number.mantissa.checked_mul(10i128.checked_pow(scale - number.scale)?);
        Some((raise(self)?, raise(other)?, scale))
    }

    /// The numbers from `self` to `to` (included if a step ends there) in steps of `step`; an error says what is wrong. `most` bounds their number.
    pub fn steps(&self, to: &Self, step: &Self, most: usize) -> Result<Vec<Self>, String> {
        let large = || "the numbers have too many digits".to_owned();
        let (from, step_size, first) = self.aligned(step).ok_or_else(large)?;
        let scaled = Self { mantissa: from, scale: first, unit: String::new() };
        let (_, end, scale) = scaled.aligned(to).ok_or_else(large)?;
        let factor = 10i128.checked_pow(scale - first).ok_or_else(large)?;
        let (from, step_size) = (from.checked_mul(factor).ok_or_else(large)?, step_size.checked_mul(factor).ok_or_else(large)?);
        if step_size <= 0 {
            return Err("a step is larger than zero".to_owned());
        }
        if end < from {
            return Err("a range ends before it begins".to_owned());
        }
        let count = (end - from) / step_size + 1;
        if count > most as i128 {
            return Err(format!("the range has {count} values, more than {most}"));
        }
        let shown = self.scale.max(step.scale);
        let value = |i: i128| {
            let mut value = Self { mantissa: from + i * step_size, scale, unit: self.unit.clone() };
            while value.scale > shown {
                value.mantissa /= 10;
                value.scale -= 1;
            }
            value
        };
        Ok((0..count).map(value).collect())
    }
}

impl FromStr for Decimal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let wrong = || format!("`{text}` is not a number with a unit, such as `40`, `0.25` or `30s`");
        let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = format!("{whole}{fraction}");
        if !digits.contains(|c: char| c.is_ascii_digit()) || fraction.contains(['-', '+', '.']) || unit.contains(|c: char| c.is_ascii_digit()) {
            return Err(wrong());
        }
        let mantissa = digits.parse().map_err(|_| wrong())?;
        let scale = fraction.len() as u32;
        if scale > MAX_SCALE || digits.len() > 30 {
            return Err(format!("`{text}` has too many digits"));
        }
        Ok(Self { mantissa, scale, unit: unit.to_owned() })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = format!("{:0width$}", self.mantissa.unsigned_abs(), width = self.scale as usize + 1);
        let (whole, fraction) = digits.split_at(digits.len() - self.scale as usize);
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction}{}", self.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    fn steps(from: &str, to: &str, step: &str) -> Result<Vec<String>, String> {
        let of = |text: &str| text.parse::<Decimal>().unwrap();
        of(from).steps(&of(to), &of(step), 1000).map(|values| values.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn steps_are_exact() {
        let tenths = steps("0", "1", "0.1").unwrap();
        assert_eq!(tenths, ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1.0"]);
        assert_eq!(steps("30s", "1.5s", "1s"), Err("a range ends before it begins".to_owned()));
        assert_eq!(steps("30s", "75s", "15s").unwrap(), ["30s", "45s", "60s", "75s"]);
        assert_eq!(steps("40", "65", "10").unwrap(), ["40", "50", "60"], "the end is no value if no step ends there");
        assert_eq!(steps("-1", "1.05", "0.5").unwrap(), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(steps("5", "5", "1").unwrap(), ["5"]);
        assert!(steps("0", "1", "0").is_err() && steps("0", "1", "0.0001").is_err());
    }

    #[test]
    fn numbers_are_rounded_to_significant_digits() {
        let show = |value: f64, unit: &str| Decimal::rounded(value, 6, unit).to_string();
        assert_eq!([show(0.123_456_789, ""), show(1_234_567.8, "s"), show(30.0, "s"), show(-0.000_012_5, "")], ["0.123457", "1234570s", "30s", "-0.0000125"]);
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in ["", "x", "1.2.3", "--1", "1e5", "s", "-"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
        assert_eq!("500m".parse::<Decimal>().unwrap().unit, "m");
    }
}
