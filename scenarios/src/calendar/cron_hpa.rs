//! Schedules of kubernetes-cronhpa-controller: six fields with seconds in front, descriptors, and single dates.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use sim_core::units::{Span, Time};

use super::{Cron, FieldSet, Zone, instants, origin};
use crate::text::{Bare, DateTime, Unit};
use crate::wording::quote;

/// A schedule of a CronHPA job, or a date on which it does nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum CronHpaSchedule {
    /// Whenever the clock on the wall matches.
    Cron(Cron),
    /// Once: `@date 2020-10-27 21:54:00`.
    Date(civil::DateTime),
}

impl CronHpaSchedule {
    /// When it fires before `until`, counted from the start of a run; see [`instants`] for zones.
    pub fn instants(&self, zone: Option<&Zone>, start: Option<&DateTime>, until: Span) -> Box<dyn Iterator<Item = Time>> {
        match self {
            Self::Cron(cron) => Box::new(instants(cron, zone, start, Span::ZERO, until).collect::<Vec<_>>().into_iter()),
            Self::Date(date) => Box::new(date_of_run(*date, zone, start).filter(|at| at.since(Time::ZERO) < until).into_iter()),
        }
    }

    /// Whether it does not repeat every day, so that it means nothing without a date.
    pub const fn needs_date(&self) -> bool {
        match self {
            Self::Cron(cron) => !cron.is_daily(),
            Self::Date(_) => true,
        }
    }

    /// Whether it fires at some time of the day in which the run is at `at`.
    pub fn is_on_day_of(&self, at: Time, zone: Option<&Zone>, start: Option<&DateTime>) -> bool {
        let cron_zone = if let Self::Cron(cron) = self { cron.zone() } else { None };
        let now = origin(zone.or(cron_zone), start).and_then(|origin| origin.checked_add(jiff::SignedDuration::from_nanos(at.as_nanos() as i64)).ok());
        let Some(now) = now else { return false };
        match self {
            Self::Date(date) => date.date() == now.date(),
            Self::Cron(cron) => {
                let before = now.start_of_day().ok().and_then(|midnight| midnight.checked_sub(jiff::SignedDuration::from_nanos(1)).ok());
                before.and_then(|before| cron.next(&before)).is_some_and(|next| next.date() == now.date())
            }
        }
    }
}

/// When it is that date on the run's clock; none before the run.
fn date_of_run(date: civil::DateTime, zone: Option<&Zone>, start: Option<&DateTime>) -> Option<Time> {
    let origin = origin(zone, start)?;
    let at = date.to_zoned(origin.time_zone().clone()).ok()?;
    u64::try_from(at.timestamp().as_nanosecond() - origin.timestamp().as_nanosecond()).ok().map(Time::from_nanos)
}

impl FromStr for CronHpaSchedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(date) = text.strip_prefix("@date ") else { return Cron::parse(text, FieldSet::Seconds).map(Self::Cron) };
        let wrong = |_| format!("{} is not a date; expected `@date 2020-10-27 21:54:00`", quote(text));
        date.trim().parse().map(Self::Date).map_err(wrong)
    }
}

impl fmt::Display for CronHpaSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cron(cron) => cron.fmt(f),
            Self::Date(date) => write!(f, "@date {} {}", date.date(), date.time()),
        }
    }
}

impl Unit for CronHpaSchedule {
    const NAME: &'static str = "CronHpaSchedule";
    const EXPECTED: &'static str = "a cron schedule with seconds such as `\"0 30 8 * * *\"`";
    const DESCRIPTION: &'static str = "A schedule of a CronHPA in quotes: second, minute, hour, day of month, month, day of week (0 to 6 from Sunday). Also \
        `@hourly`, `@daily`, `@every 90s` and `@date 2020-10-27 21:54:00`.";
    const PATTERN: &'static str = r"^((CRON_)?TZ=\S+ +)?(@\S+( \S+){0,2}|\S+( +\S+){4,5})$";
    const EXAMPLES: &'static [&'static str] = &["0 30 8 * * *", "0 0 20 * * 1-5", "@date 2026-11-11 00:00:00"];
    const BARE: Bare = Bare::Never;
}

#[cfg(test)]
mod tests {
    use super::CronHpaSchedule;
    use crate::text::DateTime;
    use sim_core::units::{Span, Time};

    const HOUR: u64 = 3600;

    fn fires(schedule: &str, start: &str, hours: u64) -> Vec<f64> {
        let (schedule, start) = (schedule.parse::<CronHpaSchedule>().unwrap(), start.parse::<DateTime>().ok());
        schedule.instants(None, start.as_ref(), Span::from_secs(hours * HOUR)).map(|at| at.since(Time::ZERO).as_secs_f64() / HOUR as f64).collect()
    }

    #[test]
    fn seconds_come_first_and_dates_fire_once() {
        assert_eq!(fires("0 0 20 * * *", "2026-11-10T18:00:00", 48), [2.0, 26.0]);
        assert_eq!(fires("@date 2026-11-11 00:00:00", "2026-11-10T18:00:00", 48), [6.0]);
        assert_eq!(fires("@date 2026-11-01 00:00:00", "2026-11-10T18:00:00", 48), [0.0; 0]);
        assert_eq!(fires("@every 45m", "", 3), [0.75, 1.5, 2.25]);
        for text in ["0 20 * *", "61 0 20 * * *", "@date tomorrow", "0 0 20 * * 7"] {
            assert!(text.parse::<CronHpaSchedule>().is_err(), "{text}");
        }
    }

    #[test]
    fn excluded_dates_are_whole_days() {
        let start = "2026-11-14T12:00:00".parse::<DateTime>().unwrap();
        let excluded = |text: &str, hour: u64| text.parse::<CronHpaSchedule>().unwrap().is_on_day_of(Time::from_secs(hour * HOUR), None, Some(&start));
        // 15 November 2026 is a Sunday; the run enters it after 12 hours.
        for text in ["* * * 15 11 *", "* * * * * 0", "0 0 6 15 11 *", "@date 2026-11-15 08:00:00"] {
            let days: Vec<bool> = [0, 11, 12, 35, 36].map(|hour| excluded(text, hour)).to_vec();
            assert_eq!(days, [false, false, true, true, false], "{text}");
        }
    }
}
