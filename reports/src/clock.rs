//! Instants of a run as people read them: on the clock of the wall where the scenario says when it starts, else since the start.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;
use sim_core::record::Record;

use crate::format::clock;
use crate::lang::{Both, Lang};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What turns seconds of a run into words.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    start: Option<DateTime>,
    /// As the scenario writes it.
    text: String,
    /// Whether all of the run is on one day.
    one_day: bool,
}

impl Clock {
    /// The clock of a run. Records of older programs have its start beside the prices only.
    pub fn of(record: &Record) -> Self {
        let text = record.summary.start.as_deref().unwrap_or(&record.basis.terms.calendar.origin);
        Self::new(text, record.summary.simulated_s)
    }

    /// The clock of a run that starts at a date and time, RFC 3339 with or without an offset, and has a length. Without a date there is none.
    pub(crate) fn new(text: &str, length_s: f64) -> Self {
        let Ok(pieces) = Pieces::parse(text) else { return Self::default() };
        let start = pieces.date().to_datetime(pieces.time().unwrap_or_default());
        let clock = Self { start: Some(start), text: text.replace('T', " "), one_day: false };
        // The end of the last day is still that day.
        let last = clock.at((length_s - 1e-3).max(0.0));
        Self { one_day: last.is_some_and(|last| last.date() == start.date()), ..clock }
    }

    /// The start as the scenario writes it; empty without one.
    pub fn start(&self) -> &str {
        &self.text
    }

    /// What the clock on the wall shows.
    pub(crate) fn at(&self, s: f64) -> Option<DateTime> {
        self.start?.checked_add(SignedDuration::from_nanos((s * 1e9).round() as i64)).ok()
    }

    /// Seconds from midnight to the start, which the ticks of an axis follow.
    pub(crate) fn since_midnight(&self) -> f64 {
        self.start.map_or(0.0, |start| f64::from(start.hour()) * 3600.0 + f64::from(start.minute()) * 60.0 + f64::from(start.second()))
    }

    /// The start in milliseconds since 1970, as if it were in UTC; the page's script counts on from there.
    pub(crate) fn millis(&self) -> Option<i64> {
        Some(self.start?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
    }

    /// An instant: `Nov 11 00:05:20` or, within one day, `00:05:20`; without a start `0:05:20` since it.
    pub(crate) fn instant(&self, s: f64, lang: Lang) -> String {
        let Some(at) = self.at(s) else { return if lang == Lang::Zh { clock(s).replace(" d ", " 天 ") } else { clock(s) } };
        let time = format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second());
        if self.one_day { time } else { format!("{} {time}", day(at, lang)) }
    }

    /// Seconds from the start to a date and time as a user writes it; none without a start.
    pub fn since_start(&self, text: &str) -> Option<f64> {
        let pieces = Pieces::parse(text).ok()?;
        let asked = pieces.date().to_datetime(pieces.time()?);
        Some(asked.duration_since(self.start?).as_secs_f64())
    }

    /// An instant in both languages.
    pub(crate) fn both(&self, s: f64) -> Both {
        Both::new(self.instant(s, Lang::En), self.instant(s, Lang::Zh))
    }
}

/// A day without its year: `Nov 11`, `11月11日`.
pub(crate) fn day(at: DateTime, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{} {}", MONTHS[usize::from(at.month().unsigned_abs()) - 1], at.day()),
        Lang::Zh => format!("{}月{}日", at.month(), at.day()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Lang};

    #[test]
    fn instants_are_those_of_the_wall() {
        let week = Clock::new("2026-11-09T20:00:00+08:00", 604_800.0);
        assert_eq!([week.instant(0.0, Lang::En), week.instant(4.0 * 3600.0 + 320.0, Lang::En)], ["Nov 9 20:00:00", "Nov 10 00:05:20"]);
        assert_eq!((week.instant(14_720.0, Lang::Zh).as_str(), week.since_midnight()), ("11月10日 00:05:20", 72_000.0));
        let day = Clock::new("2026-11-09 08:00:00", 57_600.0);
        assert_eq!((day.instant(60.0, Lang::Zh).as_str(), day.start()), ("08:01:00", "2026-11-09 08:00:00"));
        assert_eq!(Clock::new("2026-11-09", 86_400.0).instant(3599.0, Lang::En), "00:59:59");
        assert_eq!((day.since_start("2026-11-09 08:01"), day.since_start("8:01")), (Some(60.0), None));
        let none = Clock::new("", 86_400.0);
        assert_eq!([none.instant(273_600.0, Lang::En), none.instant(273_600.0, Lang::Zh)], ["3 d 04:00:00", "3 天 04:00:00"]);
    }
}
