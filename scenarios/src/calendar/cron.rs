//! Cron schedules as robfig/cron v3 reads them: `0 2 * * *`, `@hourly`, `@every 90s`, with an optional zone in front.

use std::fmt;
use std::str::FromStr;

use jiff::Zoned;
use sim_core::units::Span;

use super::{Bounds, Field, Zone};
use crate::text::{Bare, Unit};
use crate::wording::quote;

pub(super) const SECONDS: Bounds = Bounds { min: 0, max: 59, names: &[] };
const MINUTES: Bounds = SECONDS;
const HOURS: Bounds = Bounds { min: 0, max: 23, names: &[] };
const DAYS: Bounds = Bounds { min: 1, max: 31, names: &[] };
const MONTHS: Bounds = Bounds { min: 1, max: 12, names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] };
const WEEKDAYS: Bounds = Bounds { min: 0, max: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

/// A schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct Cron {
    text: String,
    zone: Option<Zone>,
    recurrence: Recurrence,
}

/// How a schedule recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recurrence {
    /// So long after the last time, in whole seconds.
    Every(Span),
    /// Whenever the clock on the wall matches.
    Pattern(Pattern),
}

/// What the clock on the wall has to show.
///
/// If neither days of month nor days of week are `*`, either of them suffices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Seconds, 0 to 59.
    pub second: Field,
    /// Minutes, 0 to 59.
    pub minute: Field,
    /// Hours, 0 to 23.
    pub hour: Field,
    /// Days of the month, 1 to 31.
    pub day: Field,
    /// Months, 1 to 12.
    pub month: Field,
    /// Days of the week, 0 to 6 from Sunday.
    pub weekday: Field,
}

/// Which fields a pattern is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldSet {
    /// Minute, hour, day of month, month, day of week: CronJobs and KEDA.
    Standard,
    /// Seconds in front; the day of week can be left out.
    Seconds,
    /// Seconds in front, which can be left out.
    SecondsOptional,
}

impl Cron {
    /// Reads a schedule.
    pub fn parse(text: &str, fields: FieldSet) -> Result<Self, String> {
        let wrong = |why: String| format!("{} is not a cron schedule: {why}", quote(text));
        let (zone, rest) = split_zone(text).map_err(wrong)?;
        let recurrence = match rest.strip_prefix('@') {
            Some(name) => descriptor(name).map_err(wrong)?,
            None => Recurrence::Pattern(pattern(rest, fields).map_err(wrong)?),
        };
        Ok(Self { text: text.to_owned(), zone, recurrence })
    }

    /// How it recurs.
    pub const fn recurrence(&self) -> &Recurrence {
        &self.recurrence
    }

    /// The zone whose clocks count, if the schedule names one.
    pub const fn zone(&self) -> Option<&Zone> {
        self.zone.as_ref()
    }

    /// Whether it is the same on every day, so that no date matters.
    pub const fn is_daily(&self) -> bool {
        match &self.recurrence {
            Recurrence::Every(_) => true,
            Recurrence::Pattern(pattern) => pattern.day.is_star() && pattern.month.is_star() && pattern.weekday.is_star(),
        }
    }

    /// When it fires next, strictly after an instant, by the clocks of its own zone or else of the instant's; none within the next five years.
    pub fn next(&self, after: &Zoned) -> Option<Zoned> {
        let second = after.timestamp().as_nanosecond().div_euclid(1_000_000_000) as i64;
        let clocks = self.zone.as_ref().map_or(after.time_zone(), Zone::time_zone);
        let next = match &self.recurrence {
            Recurrence::Every(span) => second.checked_add_unsigned(span.as_nanos() / 1_000_000_000)?,
            Recurrence::Pattern(pattern) => pattern.next(second + 1, clocks)?,
        };
        Some(jiff::Timestamp::from_second(next).ok()?.to_zoned(after.time_zone().clone()))
    }
}

/// `TZ=Zone ` or `CRON_TZ=Zone ` in front of a schedule, and the schedule.
fn split_zone(text: &str) -> Result<(Option<Zone>, &str), String> {
    let Some(zone) = text.strip_prefix("TZ=").or_else(|| text.strip_prefix("CRON_TZ=")) else { return Ok((None, text)) };
    let (zone, rest) = zone.split_once(' ').unwrap_or((zone, ""));
    Ok((Some(zone.parse()?), rest.trim()))
}

fn descriptor(name: &str) -> Result<Recurrence, String> {
    let midnight = Pattern {
        second: Field::only(0),
        minute: Field::only(0),
        hour: Field::only(0),
        day: Field::all(DAYS),
        month: Field::all(MONTHS),
        weekday: Field::all(WEEKDAYS),
    };
    Ok(Recurrence::Pattern(match name {
        "yearly" | "annually" => Pattern { day: Field::only(1), month: Field::only(1), ..midnight },
        "monthly" => Pattern { day: Field::only(1), ..midnight },
        "weekly" => Pattern { weekday: Field::only(0), ..midnight },
        "daily" | "midnight" => midnight,
        "hourly" => Pattern { hour: Field::all(HOURS), ..midnight },
        _ => match name.strip_prefix("every ") {
            Some(span) => return every(span),
            None => return Err(format!("unrecognized descriptor: {}", quote(&format!("@{name}")))),
        },
    }))
}

/// Whole seconds, at least one.
fn every(text: &str) -> Result<Recurrence, String> {
    // Go, whose durations these are, knows no unit above the hour.
    let span = text.parse::<Span>().ok().filter(|_| !text.contains(['d', 'w', 'i']));
    let seconds = span.ok_or_else(|| format!("failed to parse duration {}", quote(text)))?.as_nanos() / 1_000_000_000;
    Ok(Recurrence::Every(Span::from_secs(seconds.max(1))))
}

fn pattern(text: &str, fields: FieldSet) -> Result<Pattern, String> {
    let mut parts: Vec<&str> = text.split_whitespace().collect();
    match (fields, parts.len()) {
        (_, 0) => return Err("empty spec string".to_owned()),
        (FieldSet::Standard | FieldSet::SecondsOptional, 5) => parts.insert(0, "0"),
        (FieldSet::Seconds, 5) => parts.push("*"),
        (FieldSet::Standard, found) => return Err(format!("expected exactly 5 fields, found {found}")),
        _ => {}
    }
    let [second, minute, hour, day, month, weekday] = parts[..] else { return Err(format!("expected 5 to 6 fields, found {}", parts.len())) };
    Ok(Pattern {
        second: Field::parse(second, SECONDS)?,
        minute: Field::parse(minute, MINUTES)?,
        hour: Field::parse(hour, HOURS)?,
        day: Field::parse(day, DAYS)?,
        month: Field::parse(month, MONTHS)?,
        weekday: Field::parse(weekday, WEEKDAYS)?,
    })
}

impl FromStr for Cron {
    type Err = String;

    /// Reads a schedule of a CronJob.
    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text, FieldSet::Standard)
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Unit for Cron {
    const NAME: &'static str = "Cron";
    const EXPECTED: &'static str = "a cron schedule such as `\"0 2 * * *\"`";
    const DESCRIPTION: &'static str = "A cron schedule in quotes, as a CronJob has it: minute, hour, day of month, month, day of week (0 to 6 from Sunday). \
        Also `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`, `@every 90s`.";
    const PATTERN: &'static str = r"^((CRON_)?TZ=\S+ +)?(@\S+( \S+)?|\S+( +\S+){4})$";
    const EXAMPLES: &'static [&'static str] = &["0 2 * * *", "*/15 9-17 * * mon-fri", "@hourly"];
    const BARE: Bare = Bare::Never;
}
