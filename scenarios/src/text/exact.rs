//! Exact numbers: ratios, discounts, exchange rates, and prices by the piece.

use std::fmt;
use std::str::FromStr;

use sim_core::units::{Exact, Money, Span};

use super::{Bare, Unit};

/// An exact number, such as a discount or an exchange rate.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio(pub Exact);

impl FromStr for Ratio {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a number; expected one such as `0.455`, `45.5%` or `91/200`");
        let value: Exact = text.trim().parse().map_err(|_| wrong())?;
        // More digits than any rate has would only slow exact arithmetic down.
        if value.is_negative() || value > Exact::whole(1_000_000_000_000) || text.len() > 40 { Err(wrong()) } else { Ok(Self(value)) }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Unit for Ratio {
    const NAME: &'static str = "Ratio";
    const EXPECTED: &'static str = "a number such as `0.455` or `45.5%`";
    const DESCRIPTION: &'static str = "An exact number that is not negative: a decimal, a percentage or a fraction.";
    const PATTERN: &'static str = r"^[0-9]+(\.[0-9]+)? ?%?$|^[0-9]+/[0-9]+$";
    const EXAMPLES: &'static [&'static str] = &["0.455", "45.5%", "2/3"];
    const BARE: Bare = Bare::Any;
}

/// The price of something beside machines: for some time, or for a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemPrice {
    /// Amount for each `unit`.
    pub amount: Money,
    /// What it is for.
    pub unit: ItemUnit,
}

/// What the price of an item is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemUnit {
    /// Some time of use.
    Time(Span),
    /// A piece of this name.
    Each(String),
}

impl FromStr for ItemPrice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(price) = text.parse::<super::Price>() {
            return Ok(Self { amount: price.amount, unit: ItemUnit::Time(price.per) });
        }
        let wrong = || format!("`{text}` is not the price of an item; expected an amount for some time or for a piece, such as `0.64/h` or `0.8/GiB`");
        let (amount, unit) = text.split_once('/').ok_or_else(wrong)?;
        let amount: Money = amount.trim().parse().map_err(|_| wrong())?;
        let unit = unit.trim();
        let is_name = unit.chars().next().is_some_and(char::is_alphabetic) && unit.len() <= 32;
        if !is_name || amount < Money::ZERO || amount > Money::from_pico(10i128.pow(21)) {
            return Err(wrong());
        }
        Ok(Self { amount, unit: ItemUnit::Each(unit.to_owned()) })
    }
}

impl fmt::Display for ItemPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.unit {
            ItemUnit::Time(per) => write!(f, "{}", super::Price { amount: self.amount, per: *per }),
            ItemUnit::Each(name) => write!(f, "{}/{name}", self.amount),
        }
    }
}

impl Unit for ItemPrice {
    const NAME: &'static str = "ItemPrice";
    const EXPECTED: &'static str = "a price such as `0.64/h` or `0.8/GiB`";
    const DESCRIPTION: &'static str = "An amount for some time (s, min, h, d, month) or for a piece of any name.";
    const PATTERN: &'static str = r"^[0-9]+(\.[0-9]+)? ?/ ?\S.*$";
    const EXAMPLES: &'static [&'static str] = &["0.64/h", "0.8/GiB", "120/month"];
    const BARE: Bare = Bare::Never;
}

#[cfg(test)]
mod tests {
    use super::{ItemPrice, Ratio};

    #[test]
    fn numbers_and_item_prices_are_exact() {
        assert_eq!("45.5%".parse::<Ratio>(), "0.455".parse());
        for text in ["-1", "x", "1/0", ""] {
            assert!(text.parse::<Ratio>().is_err(), "{text}");
        }
        for text in ["0.64/h", "0.8/GiB", "2/million requests"] {
            assert!(text.parse::<ItemPrice>().is_ok(), "{text}");
        }
        for text in ["0.8", "0.8/", "-1/GiB", "x/GiB", "1/9"] {
            assert!(text.parse::<ItemPrice>().is_err(), "{text}");
        }
    }
}
