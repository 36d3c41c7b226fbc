//! Conditions on the values of axes: `min > max`, `tier == eci and count >= 4`, `type in [c7, g7]`.

use std::cmp::Ordering;

use sim_core::units::{Quantity, Span};

/// What holds or does not hold in a point: all of its clauses.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition(Vec<Clause>);

#[derive(Clone, Debug, PartialEq)]
struct Clause {
    left: Operand,
    operator: Operator,
    right: Vec<Operand>,
}

#[derive(Clone, Debug, PartialEq)]
enum Operand {
    /// The value of an axis, by its place.
    Axis(usize),
    Literal(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    /// Equal to one of several.
    In,
}

/// Longer ones first, because shorter ones begin like them.
const OPERATORS: [(&str, Operator); 7] = [
    (" in ", Operator::In),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl Condition {
    /// Reads a condition over axes with these names.
    pub fn parse(text: &str, axes: &[&str]) -> Result<Self, String> {
        text.split(" and ").map(|clause| Clause::parse(clause, axes)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether it holds; `value` gives the value of an axis, none where the axis does not apply: nothing holds of that.
    pub fn holds<'a>(&self, value: impl Fn(usize) -> Option<&'a str>) -> bool {
        self.0.iter().all(|clause| clause.holds(&value))
    }

    /// The axes that it asks for, by their places.
    pub fn axes(&self) -> impl Iterator<Item = usize> {
        self.0.iter().flat_map(|clause| std::iter::once(&clause.left).chain(&clause.right)).filter_map(|operand| match operand {
            Operand::Axis(axis) => Some(*axis),
            Operand::Literal(_) => None,
        })
    }
}

impl Clause {
    fn parse(text: &str, axes: &[&str]) -> Result<Self, String> {
        let found = OPERATORS.iter().filter_map(|(sign, operator)| text.find(sign).map(|at| (at, *sign, *operator)));
        // The first in the text; of two at one place the longer.
        let Some((at, sign, operator)) = found.min_by_key(|(at, sign, _)| (*at, usize::MAX - sign.len())) else {
            return Err(format!("`{}` is no condition: expected a comparison such as `count >= 4` (==, !=, <, <=, >, >=, in)", text.trim()));
        };
        let (left, right) = (text[..at].trim(), text[at + sign.len()..].trim());
        let operand = |text: &str| match axes.iter().position(|name| *name == text) {
            Some(axis) => Operand::Axis(axis),
            None => Operand::Literal(text.trim_matches(['"', '\'']).to_owned()),
        };
        let right = match operator {
            Operator::In => {
                let list = right
                    .strip_prefix('[')
                    .and_then(|rest| rest.strip_suffix(']'))
                    .ok_or_else(|| format!("expected a list such as `[a, b]` behind `in`, found `{right}`"))?;
                list.split(',').map(|element| operand(element.trim())).collect()
            }
            _ => vec![operand(right)],
        };
        let left = operand(left);
        let is_axis = |operand: &Operand| matches!(operand, Operand::Axis(_));
        if !is_axis(&left) && !right.iter().any(is_axis) {
            return Err(format!("`{}` names no axis; axes are {}", text.trim(), sim_scenarios::wording::every(axes.iter().copied())));
        }
        Ok(Self { left, operator, right })
    }

    fn holds<'a>(&self, value: &impl Fn(usize) -> Option<&'a str>) -> bool {
        let with = |operand: &Operand, then: &dyn Fn(&str) -> bool| match operand {
            Operand::Axis(axis) => value(*axis).is_some_and(then),
            Operand::Literal(text) => then(text),
        };
        with(&self.left, &|left| {
            self.right.iter().any(|right| {
                with(right, &|right| match (self.operator, compare(left, right)) {
                    (Operator::Equal | Operator::In, Some(order)) => order == Ordering::Equal,
                    (Operator::NotEqual, Some(order)) => order != Ordering::Equal,
                    (Operator::Less, Some(order)) => order == Ordering::Less,
                    (Operator::AtMost, Some(order)) => order != Ordering::Greater,
                    (Operator::Greater, Some(order)) => order == Ordering::Greater,
                    (Operator::AtLeast, Some(order)) => order != Ordering::Less,
                    (Operator::Equal | Operator::In, None) => left == right,
                    (Operator::NotEqual, None) => left != right,
                    (_, None) => false,
                })
            })
        })
    }
}

/// Numbers, quantities and durations are compared by what they mean, everything else has no order.
fn compare(left: &str, right: &str) -> Option<Ordering> {
    if let (Ok(left), Ok(right)) = (left.parse::<f64>(), right.parse::<f64>()) {
        return left.partial_cmp(&right);
    }
    // `5m` is five minutes beside `30s` and five thousandths beside `1`.
    if let (Ok(left), Ok(right)) = (left.parse::<Span>(), right.parse::<Span>()) {
        return Some(left.cmp(&right));
    }
    if let (Ok(left), Ok(right)) = (left.parse::<Quantity>(), right.parse::<Quantity>()) {
        return Some(left.cmp(&right));
    }
    let number = |text: &str| text.parse::<crate::decimal::Decimal>().ok();
    let (left, right) = (number(left)?, number(right)?);
    (left.unit == right.unit).then(|| left.as_f64().partial_cmp(&right.as_f64())).flatten()
}

#[cfg(test)]
mod tests {
    use super::Condition;

    #[test]
    fn conditions_compare_what_values_mean() {
        let axes = ["min", "max", "tier", "delay", "cpu"];
        let values = [Some("20"), Some("100"), Some("eci"), Some("90s"), Some("500m")];
        for (text, expected) in [
            ("min < max", true),
            ("min>max", false),
            ("min <= 20", true),
            ("tier == eci and max >= 100", true),
            ("tier == eci and max > 100", false),
            ("tier != ecs", true),
            ("tier in [idc, eci]", true),
            ("tier in [idc, ecs]", false),
            ("delay > 1m", true),
            ("delay == 1m30s", true),
            ("cpu < 1", true),
            ("tier > ecs", false),
        ] {
            assert_eq!(Condition::parse(text, &axes).unwrap().holds(|axis| values[axis]), expected, "{text}");
        }
        assert!(!Condition::parse("min < max", &axes).unwrap().holds(|axis| (axis == 0).then_some("20")), "nothing holds of what does not apply");
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for text in ["", "min", "min max", "3 < 4", "tier in eci"] {
            assert!(Condition::parse(text, &["min", "tier"]).is_err(), "{text}");
        }
    }
}
