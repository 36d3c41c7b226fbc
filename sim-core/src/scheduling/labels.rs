//! Labels, and requirements on them.

use std::collections::BTreeMap;
use std::fmt;

use crate::plan::{LabelSelector, Operator, Requirement};

/// Labels of a node or pod.
pub type Labels = BTreeMap<String, String>;

/// Whether labels satisfy all requirements of a selector.
pub fn selects(selector: &LabelSelector, labels: &Labels) -> bool {
    selector.requirements.iter().all(|requirement| holds(requirement, labels.get(&requirement.key).map(String::as_str)))
}

/// Whether a value, if there is one, satisfies a requirement.
pub(super) fn holds(requirement: &Requirement, value: Option<&str>) -> bool {
    let is_listed = |value: &str| requirement.values.iter().any(|listed| listed == value);
    let integers = || Some((value?.parse::<i64>().ok()?, requirement.values.first()?.parse::<i64>().ok()?));
    match requirement.operator {
        Operator::In => value.is_some_and(is_listed),
        Operator::NotIn => !value.is_some_and(is_listed),
        Operator::Exists => value.is_some(),
        Operator::DoesNotExist => value.is_none(),
        Operator::Gt => integers().is_some_and(|(label, bound)| label > bound),
        Operator::Lt => integers().is_some_and(|(label, bound)| label < bound),
    }
}

/// The part of a requirement that Kubernetes would refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadPart {
    /// The key.
    Key,
    /// The operator, which cannot be used here.
    Operator,
    /// The list of values: too many or too few, or not an integer where one is needed.
    Values,
    /// One of the values.
    Value(usize),
}

impl fmt::Display for BadPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key => f.write_str("key"),
            Self::Operator => f.write_str("operator"),
            Self::Values => f.write_str("values"),
            Self::Value(place) => write!(f, "values[{place}]"),
        }
    }
}

/// What is wrong with a requirement on a label; none if it is valid.
pub fn bad_part(requirement: &Requirement) -> Option<BadPart> {
    let Requirement { key, operator, values } = requirement;
    if !is_label_key(key) {
        return Some(BadPart::Key);
    }
    let fits = match operator {
        Operator::In | Operator::NotIn => !values.is_empty(),
        Operator::Exists | Operator::DoesNotExist => values.is_empty(),
        Operator::Gt | Operator::Lt => matches!(&values[..], [value] if value.parse::<i64>().is_ok()),
    };
    if !fits {
        return Some(BadPart::Values);
    }
    values.iter().position(|value| !is_label_value(value)).map(BadPart::Value)
}

/// Whether a text can be the key of a label: `name` or `domain/name`.
pub fn is_label_key(key: &str) -> bool {
    match key.split_once('/') {
        None => is_name(key),
        Some((domain, name)) => domain.len() <= 253 && domain.split('.').all(is_domain_part) && is_name(name),
    }
}

/// Whether a text can be the value of a label.
pub fn is_label_value(value: &str) -> bool {
    value.is_empty() || is_name(value)
}

fn is_name(name: &str) -> bool {
    name.len() <= 63 && framed(name, u8::is_ascii_alphanumeric, |c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.'))
}

fn is_domain_part(part: &str) -> bool {
    let is_outer = |c: &u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    framed(part, is_outer, |c| is_outer(c) || *c == b'-')
}

/// Whether a text is not empty, starts and ends as `is_outer` says and has nothing inside that `is_inner` does not allow.
fn framed(text: &str, is_outer: impl Fn(&u8) -> bool, is_inner: impl Fn(&u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(&is_outer) && bytes.last().is_some_and(&is_outer) && bytes.iter().all(is_inner)
}

#[cfg(test)]
mod tests {
    use super::{BadPart, bad_part, is_label_key, is_label_value};
    use crate::plan::{Operator, Requirement};

    #[test]
    fn keys_and_values_have_the_form_of_kubernetes() {
        for key in ["app", "topology.kubernetes.io/zone", "a_B.c-1", "x/Y"] {
            assert!(is_label_key(key), "{key}");
        }
        for key in ["", "-a", "a-", "/a", "a/", "A.b/c", "a..b/c", "a/b/c", "two words", &"a".repeat(64)] {
            assert!(!is_label_key(key), "{key}");
        }
        assert!(is_label_value("") && is_label_value("v1.2_3") && !is_label_value("-1") && !is_label_value("a b"));
    }

    #[test]
    fn requirements_are_refused_in_the_part_that_is_wrong() {
        let part = |key: &str, operator, values: &[&str]| {
            bad_part(&Requirement { key: key.into(), operator, values: values.iter().map(|value| (*value).into()).collect() })
        };
        assert_eq!(part("a b", Operator::In, &[]), Some(BadPart::Key));
        assert_eq!(part("a", Operator::NotIn, &[]), Some(BadPart::Values));
        assert_eq!(part("a", Operator::DoesNotExist, &["b"]), Some(BadPart::Values));
        assert_eq!(part("a", Operator::Gt, &["1", "2"]), Some(BadPart::Values));
        assert_eq!(part("a", Operator::Lt, &["1.5"]), Some(BadPart::Values));
        assert_eq!(part("a", Operator::In, &["b", "c d"]), Some(BadPart::Value(1)));
        assert_eq!(part("a", Operator::Lt, &["7"]), None);
    }
}
