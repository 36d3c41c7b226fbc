//! Times of day and dates.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use jiff::tz::Offset;
use sim_core::units::Span;

use super::{Bare, Unit};

/// A time of day, as the time since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOfDay(pub Span);

impl FromStr for TimeOfDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a time of day; expected hours and minutes in quotes, such as `\"20:00\"`");
        let parts: Vec<&str> = text.trim().split(':').collect();
        if !(2..=3).contains(&parts.len()) {
            return Err(wrong());
        }
        let mut seconds = 0;
        for (part, limit) in parts.iter().zip([24, 60, 60]) {
            let number: u64 = part.parse().ok().filter(|number| part.len() <= 2 && *number < limit).ok_or_else(wrong)?;
            seconds = seconds * 60 + number;
        }
        Ok(Self(Span::from_secs(if parts.len() == 2 { seconds * 60 } else { seconds })))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.0.as_nanos() / 60_000_000_000;
        write!(f, "{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl Unit for TimeOfDay {
    const NAME: &'static str = "TimeOfDay";
    const EXPECTED: &'static str = "a time of day such as `\"20:00\"`";
    const DESCRIPTION: &'static str = "A time of day in quotes: hours and minutes, optionally seconds.";
    const PATTERN: &'static str = r"^[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?$";
    const EXAMPLES: &'static [&'static str] = &["20:00", "09:30"];
    const BARE: Bare = Bare::Never;
}

/// A civil date and time, with an offset from UTC if one is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateTime {
    /// As written.
    pub text: String,
    /// What a clock on the wall shows.
    pub civil: civil::DateTime,
    /// How far that clock is ahead of UTC; only schedules in a time zone need it.
    pub offset: Option<Offset>,
}

impl DateTime {
    /// The day.
    pub(crate) fn date(&self) -> civil::Date {
        self.civil.date()
    }

    /// Time since midnight.
    pub fn time_of_day(&self) -> Span {
        Span::from_nanos(self.civil.duration_since(self.civil.date().to_datetime(civil::Time::midnight())).as_nanos().unsigned_abs() as u64)
    }
}

impl FromStr for DateTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a date and time; expected RFC 3339 such as `2026-11-11T00:00:00+08:00`, or without the offset");
        // A trailing Z is an offset too.
        let pieces = jiff::fmt::temporal::Pieces::parse(text.trim()).map_err(|_| wrong())?;
        let time = pieces.time().unwrap_or(civil::Time::midnight());
        Ok(Self { text: text.trim().to_owned(), civil: pieces.date().to_datetime(time), offset: pieces.to_numeric_offset() })
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Unit for DateTime {
    const NAME: &'static str = "DateTime";
    const EXPECTED: &'static str = "a date and time such as `2026-11-11T00:00:00`";
    const DESCRIPTION: &'static str = "A date and time as in RFC 3339; the offset can be left out.";
    const PATTERN: &'static str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$";
    const EXAMPLES: &'static [&'static str] = &["2026-11-11T00:00:00+08:00", "2026-11-11 20:00:00"];
    const BARE: Bare = Bare::Never;
}

#[cfg(test)]
mod tests {
    use super::{DateTime, TimeOfDay};
    use sim_core::units::Span;

    #[test]
    fn clocks_are_read() {
        assert_eq!("20:00".parse(), Ok(TimeOfDay(Span::from_secs(72000))));
        assert_eq!("9:05:30".parse(), Ok(TimeOfDay(Span::from_secs(9 * 3600 + 330))));
        for text in ["", "24:00", "12:60", "1200", "12:0:0:0", "-1:00", "001:00"] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
        }
        for text in ["2026-11-11T08:30:00+08:00", "2026-11-11T08:30:00Z", "2026-11-11 08:30:00", "2026-11-11T08:30"] {
            assert_eq!(text.parse::<DateTime>().unwrap().time_of_day(), Span::from_secs(8 * 3600 + 1800), "{text}");
        }
        assert_eq!("2026-11-11".parse::<DateTime>().unwrap().time_of_day(), Span::ZERO);
        assert!("11.11.2026".parse::<DateTime>().is_err());
    }
}
