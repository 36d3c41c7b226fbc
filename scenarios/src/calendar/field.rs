//! One field of a cron pattern: `*/15`, `9-17`, `mon,wed,fri`.

use crate::wording::quote;

/// The values that a field can have.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Smallest.
    pub min: u8,
    /// Largest; less than 64.
    pub max: u8,
    /// Names of the values from the smallest on, in lower case.
    pub names: &'static [&'static str],
}

/// The values that a field matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    bits: u64,
    star: bool,
}

impl Field {
    /// Every value: `*`.
    pub(super) const fn all(bounds: Bounds) -> Self {
        Self { bits: (u64::MAX << bounds.min) & (u64::MAX >> (63 - bounds.max)), star: true }
    }

    /// One value.
    pub(super) const fn only(value: u8) -> Self {
        Self { bits: 1 << value, star: false }
    }

    /// Reads a list of ranges, such as `1,5-7/2`.
    pub fn parse(text: &str, bounds: Bounds) -> Result<Self, String> {
        let ranges = text.split(',').filter(|range| !range.is_empty()).map(|range| Self::parse_range(range, bounds));
        let joined = ranges.reduce(|joined, range| {
            let (joined, range) = (joined?, range?);
            Ok(Self { bits: joined.bits | range.bits, star: joined.star || range.star })
        });
        joined.unwrap_or_else(|| Err(format!("a list holds at least one value: {}", quote(text))))
    }

    /// Reads one range: `*`, `5`, `5-7`, each perhaps with a step.
    pub fn parse_range(text: &str, bounds: Bounds) -> Result<Self, String> {
        let problem = |what: String| Err(format!("{what}: {}", quote(text)));
        let (range, step) = match text.split('/').collect::<Vec<_>>()[..] {
            [range] => (range, None),
            [range, step] => (range, Some(step)),
            _ => return problem("too many slashes".to_owned()),
        };
        let ends: Vec<&str> = range.split('-').collect();
        let any = matches!(ends[0], "*" | "?");
        let (start, mut end) = match ends[..] {
            _ if any => (u64::from(bounds.min), u64::from(bounds.max)),
            [only] => (value(only, bounds)?, value(only, bounds)?),
            [start, end] => (value(start, bounds)?, value(end, bounds)?),
            _ => return problem("too many hyphens".to_owned()),
        };
        // `5/15` means from 5 on, every 15.
        if step.is_some() && ends.len() == 1 {
            end = u64::from(bounds.max);
        }
        let step = step.map_or(Ok(1), number)?;
        if start < u64::from(bounds.min) {
            return problem(format!("beginning of range ({start}) below minimum ({})", bounds.min));
        }
        if end > u64::from(bounds.max) {
            return problem(format!("end of range ({end}) above maximum ({})", bounds.max));
        }
        if start > end {
            return problem(format!("beginning of range ({start}) beyond end of range ({end})"));
        }
        if step == 0 {
            return problem("step of range should be a positive number".to_owned());
        }
        let bits = (start..=end).step_by(step as usize).fold(0, |bits, value| bits | 1 << value);
        // `*/2` is a restriction, `*/1` is none: that decides how days of month and week go together.
        Ok(Self { bits, star: any && step == 1 })
    }

    /// The values, in ascending order.
    pub fn values(self) -> impl Iterator<Item = u8> {
        (0..64).filter(move |value| self.has(*value))
    }

    /// Whether the field is no restriction.
    pub const fn is_star(self) -> bool {
        self.star
    }

    /// Whether the field matches a value.
    pub(super) const fn has(self, value: u8) -> bool {
        self.bits & (1 << value) != 0
    }

    /// The smallest value that is not below `least`, which is at most 63.
    pub(super) const fn at_least(self, least: u8) -> Option<u8> {
        let left = self.bits & (u64::MAX << least);
        if left == 0 { None } else { Some(left.trailing_zeros() as u8) }
    }
}

fn value(text: &str, bounds: Bounds) -> Result<u64, String> {
    let named = bounds.names.iter().position(|name| name.eq_ignore_ascii_case(text));
    named.map_or_else(|| number(text), |place| Ok(u64::from(bounds.min) + place as u64))
}

fn number(text: &str) -> Result<u64, String> {
    match text.parse::<i64>() {
        Ok(number) => u64::try_from(number).map_err(|_| format!("negative number ({number}) not allowed: {}", quote(text))),
        Err(_) => Err(format!("failed to parse int from {}", quote(text))),
    }
}
