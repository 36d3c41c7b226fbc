//! Shares of a whole: `99%` or `0.99`; and whole percents, as Kubernetes has them.

use std::fmt;
use std::str::FromStr;

use super::{Bare, Unit};

/// A share of a whole, in 0..=1.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Share(pub f64);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a share; expected a percentage such as `99%` or a number from 0 to 1 such as `0.99`");
        let (number, exponent) = text.trim().strip_suffix('%').map_or((text.trim(), "e0"), |number| (number.trim_end(), "e-2"));
        if number.is_empty() || !number.bytes().all(|c| c.is_ascii_digit() || c == b'.') {
            return Err(wrong());
        }
        // The exponent is part of the parsed text, so that `99.9%` is the double next to 0.999.
        let value: f64 = format!("{number}{exponent}").parse().map_err(|_| wrong())?;
        if (0.0..=1.0).contains(&value) { Ok(Self(value)) } else { Err(wrong()) }
    }
}

impl fmt::Display for Share {
    /// As a percentage of at most ten significant digits: multiplying by 100 must not show the double's last bits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:.8}", self.0 * 100.0);
        write!(f, "{}%", digits.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl Unit for Share {
    const NAME: &'static str = "Share";
    const EXPECTED: &'static str = "a share such as `99%`";
    const DESCRIPTION: &'static str = "A share: a percentage, or a number from 0 to 1.";
    const PATTERN: &'static str = r"^([0-9]+(\.[0-9]+)? ?%|[01](\.[0-9]+)?)$";
    const EXAMPLES: &'static [&'static str] = &["99%", "99.9%", "0.99"];
    const BARE: Bare = Bare::Any;
}

/// Whole percent, which may exceed 100: `60` or `60%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percent(pub u32);

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.trim().trim_end_matches('%').trim_end();
        number.parse().map(Self).map_err(|_| format!("`{text}` is not a percentage; expected a whole number such as `60` or `60%`"))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl Unit for Percent {
    const NAME: &'static str = "Percent";
    const EXPECTED: &'static str = "a whole percentage such as `60`";
    const DESCRIPTION: &'static str = "A whole percentage.";
    const PATTERN: &'static str = r"^[0-9]+ ?%?$";
    const EXAMPLES: &'static [&'static str] = &["60", "60%"];
    const BARE: Bare = Bare::Any;
}

#[cfg(test)]
mod tests {
    use super::{Percent, Share};

    #[test]
    fn shares_are_exact_and_bounded() {
        for (text, share, shown) in [("99%", 0.99, "99%"), ("0.99", 0.99, "99%"), ("99.9%", 0.999, "99.9%"), ("0", 0.0, "0%"), ("100%", 1.0, "100%")] {
            let parsed: Share = text.parse().unwrap();
            assert_eq!((parsed.0, parsed.to_string().as_str()), (share, shown));
        }
        for text in ["", "%", "99", "101%", "-1%", "nan", "1e-1", "1.2.3"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
        assert_eq!("60".parse(), Ok(Percent(60)));
        assert_eq!("60%".parse(), Ok(Percent(60)));
        assert!("60.5".parse::<Percent>().is_err());
    }
}
