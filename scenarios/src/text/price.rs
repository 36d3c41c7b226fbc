//! Prices: `2.5/h`, `0.000049/s`, `480/month`.

use std::fmt;
use std::str::FromStr;

use sim_core::units::{Money, Span, UnitPrice};

use super::{Bare, Unit};

/// Hours of a month: 30 days.
const MONTH_HOURS: u64 = 720;

/// A price for some time of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Amount for each `per`.
    pub amount: Money,
    /// The time that it pays for.
    pub per: Span,
}

impl Price {
    /// The price as the core computes with it.
    pub fn unit_price(self) -> UnitPrice {
        UnitPrice::new(self.amount, self.per)
    }
}

impl FromStr for Price {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a price; expected an amount per unit of time, such as `2.5/h`, `0.000049/s` or `480/month`");
        let (amount, per) = text.split_once('/').ok_or_else(wrong)?;
        let per = match per.trim() {
            "s" => Span::from_secs(1),
            "min" => Span::from_secs(60),
            "h" => Span::from_secs(3600),
            "d" => Span::from_secs(86400),
            "month" => Span::from_secs(MONTH_HOURS * 3600),
            _ => return Err(wrong()),
        };
        let amount: Money = amount.trim().parse().map_err(|_| wrong())?;
        // A price beyond a billion would overflow the exact arithmetic of long bills.
        if amount < Money::ZERO || amount > Money::from_pico(10i128.pow(21)) {
            return Err(format!("`{text}` is not a price; expected an amount between 0 and 1,000,000,000"));
        }
        Ok(Self { amount, per })
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.amount, self.per)
    }
}

impl Unit for Price {
    const NAME: &'static str = "Price";
    const EXPECTED: &'static str = "a price such as `2.5/h`";
    const DESCRIPTION: &'static str = "A price: an amount of the price book's currency (at most 12 decimals) per s, min, h, d or month (of 720 h).";
    const PATTERN: &'static str = r"^[0-9]+(\.[0-9]+)? ?/ ?(s|min|h|d|month)$";
    const EXAMPLES: &'static [&'static str] = &["2.5/h", "0.000049/s", "480/month"];
    const BARE: Bare = Bare::Never;
}

#[cfg(test)]
mod tests {
    use super::Price;

    #[test]
    fn prices_are_exact() {
        let price: Price = "0.000049/s".parse().unwrap();
        assert_eq!(price.unit_price().amount(3_600_000_000_000).to_string(), "0.1764");
        let month: Price = "480/month".parse().unwrap();
        assert_eq!(month.unit_price().amount(24 * 3_600_000_000_000).to_string(), "16");
        for text in ["", "2.5", "2.5/y", "-1/h", "1e3/h", "2.5/h/h", "10000000000/h"] {
            assert!(text.parse::<Price>().is_err(), "{text}");
        }
    }
}
