//! Instants as exact decimal seconds in files: `84`, `12.951`.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serializer, de};

use crate::units::Time;

/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

fn text(at: Time) -> String {
    let (whole, part) = (at.as_nanos() / SECOND, at.as_nanos() % SECOND);
    if part == 0 { whole.to_string() } else { format!("{whole}.{}", format!("{part:09}").trim_end_matches('0')) }
}

fn parse(text: &str) -> Option<Time> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 9 || !part.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let part: u64 = format!("{part:0<9}").parse().ok()?;
    Some(Time::from_nanos(whole.checked_mul(SECOND)?.checked_add(part)?))
}

#[expect(clippy::trivially_copy_pass_by_ref, clippy::ref_option, reason = "serde hands the field over like this")]
pub(super) fn serialize<S: Serializer>(at: &Option<Time>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.map(text).unwrap_or_default())
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    let written = Cow::<'de, str>::deserialize(deserializer)?;
    if written.is_empty() {
        return Ok(None);
    }
    parse(&written).map(Some).ok_or_else(|| de::Error::custom(format!("`{written}` is not a time in seconds")))
}

#[cfg(test)]
mod tests {
    use super::{Time, parse, text};

    #[test]
    fn instants_are_read_back_to_the_nanosecond() {
        for ns in [0, 1, 84_000_000_000, 12_951_000_000, 999_999_999, u64::MAX] {
            assert_eq!(parse(&text(Time::from_nanos(ns))), Some(Time::from_nanos(ns)));
        }
        assert_eq!(text(Time::from_nanos(12_951_000_000)), "12.951");
        for wrong in ["x", "1.2.3", "-1", "1.0000000001", "99999999999999999999"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
