//! Newtypes for everything that has a unit: time, money, CPU, memory.
//!
//! All of them are integers, so that a sum does not depend on its order and two machines agree.

mod amounts;
mod exact;
mod int_or_percent;
mod money;
mod quantity;
mod resources;
mod time;

pub use amounts::{Bytes, MilliCpu};
pub use exact::Exact;
pub use int_or_percent::IntOrPercent;
pub use money::{Money, UnitPrice, apportion};
pub use quantity::{Quantity, QuantityFormat};
pub use resources::{EXTENDED_MAX, Resource, Resources};
pub use time::{Span, Time};

/// A text that is not what its type expects; the message names what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseUnitError {
    /// What is wrong, as a lowercase fragment.
    pub message: String,
}

impl ParseUnitError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl std::fmt::Display for ParseUnitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParseUnitError {}

/// Splits `text` into an exact decimal and what follows it: `"1.5h"` is `(15, 10, "h")`.
///
/// Returns the digits without the point, the power of ten they are to be divided by, and the rest.
/// `None` when there is no digit or the digits do not fit 36 places.
pub(crate) fn split_decimal(text: &str) -> Option<(i128, i128, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = whole.len() + fraction.len();
    if digits == 0 || digits > 36 || fraction.contains('.') {
        return None;
    }
    let mut value: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        value = value * 10 + i128::from(digit - b'0');
    }
    Some((value, 10i128.pow(fraction.len() as u32), rest))
}
