//! Cron schedules.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use sim_core::units::Span;
use sim_scenarios::calendar::{Bounds, Cron, Field, FieldSet, Pattern, Recurrence, Timestamp, Zone, Zoned};

use crate::report::{Difference, contains, same};

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FieldsJson {
    Standard,
    Seconds,
    SecondsOptional,
}

impl FieldsJson {
    fn read(self, text: &str) -> Result<Cron, String> {
        let fields = match self {
            Self::Standard => FieldSet::Standard,
            Self::Seconds => FieldSet::Seconds,
            Self::SecondsOptional => FieldSet::SecondsOptional,
        };
        Cron::parse(text, fields)
    }
}

#[derive(Deserialize)]
pub(crate) struct Expression {
    expr: String,
    fields: FieldsJson,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parsed {
    schedule: Option<ScheduleJson>,
    every_s: Option<u64>,
    #[serde(default)]
    error: bool,
    message: Option<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct ScheduleJson {
    second: Value,
    minute: Value,
    hour: Value,
    dom: Value,
    month: Value,
    dow: Value,
    zone: Option<String>,
}

impl ScheduleJson {
    fn of(pattern: &Pattern, zone: Option<&Zone>) -> Self {
        let field = |field: Field| if field.is_star() { Value::from("*") } else { field.values().collect() };
        Self {
            second: field(pattern.second),
            minute: field(pattern.minute),
            hour: field(pattern.hour),
            dom: field(pattern.day),
            month: field(pattern.month),
            dow: field(pattern.weekday),
            zone: zone.map(Zone::to_string),
        }
    }
}

pub(crate) fn parse(input: &Expression, expect: &Parsed) -> Result<(), Difference> {
    let Some(cron) = read(input.fields.read(&input.expr), expect.error, expect.message.as_deref())? else { return Ok(()) };
    let (schedule, every) = match cron.recurrence() {
        Recurrence::Pattern(pattern) => (Some(ScheduleJson::of(pattern, cron.zone())), None),
        Recurrence::Every(span) => (None, Some(*span)),
    };
    same("schedule", &schedule, &expect.schedule)?;
    same("interval", &every, &expect.every_s.map(Span::from_secs))
}

/// What was read; none if it had to fail and did.
fn read<T: std::fmt::Debug>(read: Result<T, String>, error: bool, message: Option<&str>) -> Result<Option<T>, Difference> {
    match read {
        Ok(_) if error => Err(Difference::new("parsing", "an error", "none")),
        Ok(value) => Ok(Some(value)),
        Err(found) if error => contains(&found, message.unwrap_or_default()).map(|()| None),
        Err(found) => Err(Difference::new("parsing", "no error", found)),
    }
}

#[derive(Deserialize)]
pub(crate) struct OneField {
    expr: String,
    min: u8,
    max: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Matched {
    values: Option<Vec<u8>>,
    star: Option<bool>,
    #[serde(default)]
    error: bool,
    message: Option<String>,
}

impl OneField {
    fn bounds(&self) -> Bounds {
        Bounds { min: self.min, max: self.max, names: &[] }
    }
}

impl Matched {
    fn agree(&self, field: Result<Field, String>) -> Result<(), Difference> {
        let Some(field) = read(field, self.error, self.message.as_deref())? else { return Ok(()) };
        same("values", &Some(field.values().collect()), &self.values)?;
        self.star.map_or(Ok(()), |star| same("star", &field.is_star(), &star))
    }
}

pub(crate) fn range(input: &OneField, expect: &Matched) -> Result<(), Difference> {
    expect.agree(Field::parse_range(&input.expr, input.bounds()))
}

pub(crate) fn field(input: &OneField, expect: &Matched) -> Result<(), Difference> {
    expect.agree(Field::parse(&input.expr, input.bounds()))
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    expr: String,
    fields: FieldsJson,
    time: String,
    zone: String,
}

impl Asked {
    fn cron(&self) -> Result<Cron, Difference> {
        self.fields.read(&self.expr).map_err(|error| Difference::new("parsing", "no error", error))
    }

    fn time(&self) -> Result<Zoned, Difference> {
        time(&format!("{}[{}]", self.time, self.zone))
    }
}

fn time<T: FromStr<Err: Display>>(text: &str) -> Result<T, Difference> {
    text.parse().map_err(|error| Difference::new("input", "a time", format!("`{text}`: {error}")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Next {
    next: Option<String>,
}

pub(crate) fn next(input: &Asked, expect: &Next) -> Result<(), Difference> {
    let expected = expect.next.as_deref().map(time::<Timestamp>).transpose()?;
    same("next time", &input.cron()?.next(&input.time()?).map(|at| at.timestamp()), &expected)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Activates {
    activates: bool,
}

pub(crate) fn activates(input: &Asked, expect: &Activates) -> Result<(), Difference> {
    let time = input.time()?;
    let before = time.checked_sub(Duration::from_secs(1)).map_err(|error| Difference::new("input", "a time with one before it", error.to_string()))?;
    same("activates", &(input.cron()?.next(&before) == Some(time)), &expect.activates)
}
