//! Quantities: how they are read, printed, compared and rounded.

use serde::Deserialize;
use serde_json::Value;
use sim_core::units::{Quantity, QuantityFormat};

use crate::report::{Difference, same};

type Checked = Result<(), Difference>;

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase")]
enum FormatJson {
    #[serde(rename = "DecimalSI")]
    DecimalSi,
    #[serde(rename = "BinarySI")]
    BinarySi,
    DecimalExponent,
}

impl FormatJson {
    fn format(self) -> QuantityFormat {
        match self {
            Self::DecimalSi => QuantityFormat::DecimalSi,
            Self::BinarySi => QuantityFormat::BinarySi,
            Self::DecimalExponent => QuantityFormat::DecimalExponent,
        }
    }
}

/// Reads what a case gives as a quantity or exact decimal.
fn read(text: &str) -> Result<Quantity, Difference> {
    text.parse().map_err(|error| Difference::new("quantity", format!("`{text}`"), format!("{error}")))
}

/// A result that has to be within range.
fn within(result: Option<Quantity>) -> Result<Quantity, Difference> {
    result.ok_or_else(|| Difference::new("result", "a quantity", "one that is out of range"))
}

/// The exact value as a plain decimal, as the files write it.
fn decimal(quantity: Quantity) -> String {
    let nano = quantity.as_nano();
    let (whole, fraction) = (nano.abs() / 1_000_000_000, nano.abs() % 1_000_000_000);
    let sign = if nano < 0 { "-" } else { "" };
    let fraction = format!("{fraction:09}");
    format!("{sign}{whole}.{fraction}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[derive(Deserialize)]
pub(crate) struct Text {
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parsed {
    value: Option<String>,
    format: Option<FormatJson>,
    #[serde(default)]
    error: bool,
}

pub(crate) fn parse(input: &Text, expect: &Parsed) -> Checked {
    let read = input.text.parse::<Quantity>();
    same("error", &read.is_err(), &expect.error)?;
    let Ok(quantity) = read else { return Ok(()) };
    same("value", &Some(decimal(quantity)), &expect.value)?;
    same("format", &Some(quantity.format()), &expect.format.map(FormatJson::format))?;
    // What holds without a sign holds with one, as the Go test checks too.
    for (sign, expected) in [("+", quantity), ("-", -quantity)] {
        if !input.text.starts_with(['+', '-']) {
            let signed = self::read(&format!("{sign}{}", input.text))?;
            same(&format!("with `{sign}`"), &(signed, signed.format()), &(expected, quantity.format()))?;
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Emitted {
    value: String,
    text: String,
}

pub(crate) fn parse_and_print(input: &Text, expect: &Emitted) -> Checked {
    let quantity = read(&input.text)?;
    same("value", &decimal(quantity), &expect.value)?;
    same("text", &quantity.to_string(), &expect.text)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Printed {
    text: String,
}

pub(crate) fn canonical(input: &Text, expect: &Printed) -> Checked {
    same("text", &read(&input.text)?.to_string(), &expect.text)
}

#[derive(Deserialize)]
pub(crate) struct Formatted {
    value: String,
    format: FormatJson,
}

pub(crate) fn print(input: &Formatted, expect: &Printed) -> Checked {
    same("text", &read(&input.value)?.with_format(input.format.format()).to_string(), &expect.text)
}

#[derive(Deserialize)]
pub(crate) struct Rounding {
    text: String,
    scale: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rounded {
    value: String,
    exact: bool,
}

pub(crate) fn round_up(input: &Rounding, expect: &Rounded) -> Checked {
    let quantity = read(&input.text)?;
    let rounded = within(quantity.round_up(input.scale))?;
    same("value", &decimal(rounded), &expect.value)?;
    same("exact", &(rounded == quantity), &expect.exact)
}

#[derive(Deserialize)]
pub(crate) struct Scaling {
    value: String,
    scale: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scaled {
    integer: i128,
}

pub(crate) fn scaled(input: &Scaling, expect: &Scaled) -> Checked {
    same("integer", &read(&input.value)?.as_scaled(input.scale), &expect.integer)
}

#[derive(Deserialize)]
pub(crate) struct Pair {
    a: String,
    b: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compared {
    sign: i8,
}

pub(crate) fn compare(input: &Pair, expect: &Compared) -> Checked {
    same("sign", &(read(&input.a)?.cmp(&read(&input.b)?) as i8), &expect.sign)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Valued {
    value: String,
}

pub(crate) fn add(input: &Pair, expect: &Valued) -> Checked {
    same("value", &decimal(within(read(&input.a)?.checked_add(read(&input.b)?))?), &expect.value)
}

pub(crate) fn subtract(input: &Pair, expect: &Valued) -> Checked {
    same("value", &decimal(within(read(&input.a)?.checked_sub(read(&input.b)?))?), &expect.value)
}

#[derive(Deserialize)]
pub(crate) struct One {
    a: String,
}

pub(crate) fn negate(input: &One, expect: &Valued) -> Checked {
    same("value", &decimal(-read(&input.a)?), &expect.value)
}

#[derive(Deserialize)]
pub(crate) struct Multiplication {
    a: String,
    b: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Product {
    value: String,
    fits_int64: bool,
}

pub(crate) fn multiply(input: &Multiplication, expect: &Product) -> Checked {
    let product = within(read(&input.a)?.checked_mul(input.b))?;
    same("value", &decimal(product), &expect.value)?;
    same("whether it fits 64 bits", &i64::try_from(product.as_units()).is_ok(), &expect.fits_int64)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Float {
    float: Value,
}

pub(crate) fn float(input: &Text, expect: &Float) -> Checked {
    same("float", &Some(read(&input.text)?.as_f64()), &expect.float.as_f64())
}
