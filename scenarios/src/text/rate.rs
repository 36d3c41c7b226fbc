//! Rates: `800/s`, `48000/min`, `1M/h`.

use std::fmt;
use std::str::FromStr;

use super::{Bare, Unit};

/// Events per second.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rate(pub f64);

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a rate; expected a number per unit of time, such as `800/s`, `48k/min` or `5/h`");
        if text.trim() == "0" {
            return Ok(Self(0.0));
        }
        let (number, per) = text.split_once('/').ok_or_else(wrong)?;
        let number = number.trim();
        let digits = number.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let factor = match &number[digits.len()..] {
            "" => 1.0,
            "k" => 1e3,
            "M" => 1e6,
            "G" => 1e9,
            _ => return Err(wrong()),
        };
        let seconds = match per.trim() {
            "s" | "sec" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            "d" => 86400.0,
            _ => return Err(wrong()),
        };
        if !digits.starts_with(|c: char| c.is_ascii_digit()) || !digits.bytes().all(|c| c.is_ascii_digit() || c == b'.') {
            return Err(wrong());
        }
        let value: f64 = digits.parse().map_err(|_| wrong())?;
        Ok(Self(value * factor / seconds))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.0)
    }
}

impl Unit for Rate {
    const NAME: &'static str = "Rate";
    const EXPECTED: &'static str = "a rate such as `800/s`";
    const DESCRIPTION: &'static str = "A rate: a number (k, M and G mean thousands, millions and billions) per s, min, h or d.";
    const PATTERN: &'static str = r"^(0|[0-9]+(\.[0-9]+)?[kMG]? ?/ ?(s|sec|m|min|h|d))$";
    const EXAMPLES: &'static [&'static str] = &["800/s", "48k/min", "0.5/s", "1M/h"];
    const BARE: Bare = Bare::Zero;
}

#[cfg(test)]
mod tests {
    use super::Rate;

    #[test]
    fn rates_are_per_second() {
        for (text, rate) in
            [("800/s", 800.0), ("48000/min", 800.0), ("48k/min", 800.0), ("0.5/s", 0.5), ("1M/h", 1e6 / 3600.0), ("0", 0.0), ("5 / h", 5.0 / 3600.0)]
        {
            assert_eq!(text.parse(), Ok(Rate(rate)), "{text}");
        }
        for text in ["", "800", "/s", "-1/s", "1e3/s", "inf/s", "1.2.3/s", "1/y", "1K/s", "1/s/s"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
