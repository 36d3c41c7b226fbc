//! Values of the summary against what is written.

use serde_json::Value;
use sim_core::units::Money;

use super::Outcome;
use crate::spec::{Bounds, Expected};

/// Compares the value at a dotted path.
pub(super) fn compare(summary: &Value, key: &str, expected: &Expected) -> Outcome {
    let text = format!("{key} is {}", describe(expected));
    match lookup(summary, key) {
        Some(actual) => Outcome { text, passed: holds(actual, expected), detail: show(actual) },
        None => Outcome { text, passed: false, detail: "the summary has no such value".to_owned() },
    }
}

/// Whether a value is as expected.
pub(super) fn holds(actual: &Value, expected: &Expected) -> bool {
    match expected {
        Expected::Text(literal) => equals(actual, literal),
        Expected::Number(expected) => number(actual) == Some(*expected),
        Expected::Bounds(bounds) => number(actual).is_some_and(|number| within(number, bounds)),
    }
}

/// What is expected, in words.
pub(super) fn describe(expected: &Expected) -> String {
    match expected {
        Expected::Text(literal) => literal.clone(),
        Expected::Number(number) => number.to_string(),
        Expected::Bounds(bounds) => describe_bounds(bounds),
    }
}

/// Follows a dotted path; names such as `web.v1` hold dots themselves, so the longest name that exists is taken.
fn lookup<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    if key.is_empty() {
        return Some(value);
    }
    if let Value::Array(elements) = value {
        let (index, rest) = key.split_once('.').unwrap_or((key, ""));
        return lookup(elements.get(index.parse::<usize>().ok()?)?, rest);
    }
    let entries = value.as_object()?;
    let ends = key.match_indices('.').map(|(at, _)| at).chain([key.len()]);
    let mut ends: Vec<usize> = ends.collect();
    ends.reverse();
    ends.into_iter().find_map(|end| lookup(entries.get(&key[..end])?, key.get(end + 1..).unwrap_or("")))
}

/// A number at the digits that are written, rounded half up; anything else as text.
fn equals(actual: &Value, literal: &str) -> bool {
    let Ok(expected) = literal.parse::<Money>() else { return show(actual) == literal };
    let places = literal.split_once('.').map_or(0, |(_, decimals)| decimals.len() as u32);
    decimal(actual).is_some_and(|actual| actual.rounded(places) == expected)
}

/// The value as an exact decimal of 12 places.
fn decimal(value: &Value) -> Option<Money> {
    match value {
        Value::String(text) => text.parse().ok(),
        _ => format!("{:.12}", number(value)?).parse().ok(),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        Value::Array(elements) => Some(elements.len() as f64),
        Value::Object(entries) => Some(entries.len() as f64),
        Value::Null | Value::Bool(_) => None,
    }
}

fn within(number: f64, bounds: &Bounds) -> bool {
    bounds.below.is_none_or(|bound| number < bound)
        && bounds.above.is_none_or(|bound| number > bound)
        && bounds.at_least.is_none_or(|bound| number >= bound)
        && bounds.at_most.is_none_or(|bound| number <= bound)
        && bounds.between.is_none_or(|(low, high)| low <= number && number <= high)
}

fn describe_bounds(bounds: &Bounds) -> String {
    let named = [("below", bounds.below), ("above", bounds.above), ("at least", bounds.at_least), ("at most", bounds.at_most)];
    let mut parts: Vec<String> = named.iter().filter_map(|(name, bound)| bound.map(|bound| format!("{name} {bound}"))).collect();
    parts.extend(bounds.between.map(|(low, high)| format!("between {low} and {high}")));
    parts.join(" and ")
}

fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(elements) if elements.iter().all(Value::is_string) && !elements.is_empty() => {
            format!("{}: {}", elements.len(), elements.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Expected, compare};
    use serde_json::json;

    #[test]
    fn values_are_compared_at_their_printed_digits() {
        let summary = json!({
            "cost": { "by_tier": { "eci": "4.1304555" }, "total": "0.208333333333" },
            "requests": { "offered": 1000, "success_rate": 0.999_95 },
            "workloads": { "web.v1": { "replicas": { "max": 7 } } },
            "fidelity": "request",
            "warnings": ["a", "b"],
            "lines": [{ "amount": "2" }]
        });
        for (key, literal, passed) in [
            ("cost.by_tier.eci", "4.1304555", true),
            ("cost.by_tier.eci", "4.13", true),
            ("cost.by_tier.eci", "4.14", false),
            ("cost.total", "0.208333", true),
            ("requests.offered", "1000", true),
            ("requests.offered", "1001", false),
            ("requests.success_rate", "1.0000", true),
            ("requests.success_rate", "1.00000", false),
            ("requests.success_rate", "0.99995", true),
            ("workloads.web.v1.replicas.max", "7", true),
            ("fidelity", "request", true),
            ("fidelity", "flow", false),
            ("warnings", "2", true),
            ("lines.0.amount", "2", true),
            ("lines.1.amount", "2", false),
            ("no.such.key", "2", false),
        ] {
            let outcome = compare(&summary, key, &Expected::Text(literal.to_owned()));
            assert_eq!(outcome.passed, passed, "{key} {literal}: {}", outcome.detail);
        }
    }

    #[test]
    fn numbers_are_compared_exactly() {
        let summary = json!({ "rate": 0.6, "money": "67425", "list": [1, 2] });
        for (key, number, passed) in [("rate", 0.6, true), ("rate", 1.0, false), ("money", 67425.0, true), ("list", 2.0, true)] {
            assert_eq!(compare(&summary, key, &Expected::Number(number)).passed, passed, "{key}");
        }
    }

    #[test]
    fn bounds_are_strict_or_not_as_they_say() {
        let summary = json!({ "n": 300, "money": "2.5", "list": [] });
        let check = |key: &str, bounds: Bounds| compare(&summary, key, &Expected::Bounds(bounds)).passed;
        assert!(!check("n", Bounds { below: Some(300.0), ..Bounds::default() }));
        assert!(check("n", Bounds { at_most: Some(300.0), above: Some(299.0), ..Bounds::default() }));
        assert!(check("money", Bounds { between: Some((2.5, 3.0)), ..Bounds::default() }));
        assert!(check("list", Bounds { at_most: Some(0.0), ..Bounds::default() }));
    }
}
