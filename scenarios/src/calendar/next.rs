//! When a pattern matches next.
//!
//! Between two changes of a zone's clocks, these run evenly. So the search goes from change to change, and within each such stretch it looks for the first
//! matching date and time on the wall: what a change skips is in no stretch, and what it repeats is in two.

use jiff::civil::{self, Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::Pattern;

/// Whole years after the current one in which a match is looked for.
const YEARS: i16 = 5;

impl Pattern {
    /// The first matching second of the Unix clock that is not before `from`.
    pub(super) fn next(&self, mut from: i64, zone: &TimeZone) -> Option<i64> {
        let mut limit = None;
        loop {
            let start = Timestamp::from_second(from).ok()?;
            let offset = zone.to_offset(start);
            let wall = offset.to_datetime(start);
            let limit = *limit.get_or_insert_with(|| last_second_of(wall.year().saturating_add(YEARS)));
            let change = zone.following(start).next().map(|change| change.timestamp());
            let last = change.and_then(|change| offset.to_datetime(change).checked_sub(1.second()).ok()).map_or(limit, |last| last.min(limit));
            if let Some(found) = self.first_on_the_wall(wall, last) {
                return offset.to_timestamp(found).ok().map(Timestamp::as_second);
            }
            if last == limit {
                return None;
            }
            from = change?.as_second();
        }
    }

    /// The first matching date and time between two, both included.
    fn first_on_the_wall(&self, from: DateTime, last: DateTime) -> Option<DateTime> {
        let (mut date, mut time) = (from.date(), from.time());
        while date <= last.date() {
            let found = if self.matches(date) { self.time_from(time) } else { None };
            if let Some(found) = found {
                return Some(date.to_datetime(found)).filter(|found| *found <= last);
            }
            let month_is_over = !self.month.has(date.month() as u8);
            date = if month_is_over { date.last_of_month().tomorrow() } else { date.tomorrow() }.ok()?;
            time = civil::Time::midnight();
        }
        None
    }

    fn matches(&self, date: Date) -> bool {
        let day = self.day.has(date.day() as u8);
        let weekday = self.weekday.has(date.weekday().to_sunday_zero_offset() as u8);
        let days = if self.day.is_star() || self.weekday.is_star() { day && weekday } else { day || weekday };
        days && self.month.has(date.month() as u8)
    }

    /// The first matching time of a day that is not before `from`.
    fn time_from(&self, from: civil::Time) -> Option<civil::Time> {
        let mut hour = self.hour.at_least(from.hour() as u8)?;
        let mut rest = if hour == from.hour() as u8 { self.minute_from(from.minute() as u8, from.second() as u8) } else { self.minute_from(0, 0) };
        if rest.is_none() {
            hour = self.hour.at_least(hour + 1)?;
            rest = self.minute_from(0, 0);
        }
        let (minute, second) = rest?;
        civil::Time::new(hour as i8, minute as i8, second as i8, 0).ok()
    }

    fn minute_from(&self, minute: u8, second: u8) -> Option<(u8, u8)> {
        let first = self.minute.at_least(minute)?;
        let at = if first == minute { self.second.at_least(second) } else { self.second.at_least(0) };
        match at {
            Some(at) => Some((first, at)),
            None => Some((self.minute.at_least(first + 1)?, self.second.at_least(0)?)),
        }
    }
}

fn last_second_of(year: i16) -> DateTime {
    civil::Date::new(year, 12, 31).unwrap_or(Date::MAX).at(23, 59, 59, 0)
}

#[cfg(test)]
mod tests {
    use crate::calendar::{Cron, Recurrence};
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    /// Clocks change by an hour on Sundays in Berlin, by half an hour on Lord Howe Island, and at midnight in Santiago; Samoa left out a whole day.
    const CHANGES: [(&str, &str); 7] = [
        ("Europe/Berlin", "2026-03-26T00:00:00Z"),
        ("Europe/Berlin", "2026-10-22T00:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-01T00:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-01T00:00:00Z"),
        ("America/Santiago", "2026-09-03T00:00:00Z"),
        ("America/Santiago", "2026-04-02T00:00:00Z"),
        ("Pacific/Apia", "2011-12-28T00:00:00Z"),
    ];

    #[test]
    fn the_search_finds_what_a_look_at_every_minute_finds() {
        for (zone, start) in CHANGES {
            let (zone, start) = (TimeZone::get(zone).unwrap(), start.parse::<Timestamp>().unwrap().as_second());
            for text in ["*/7 * * * *", "30 2 * * *", "0 0 * * *", "59 23 31 * *", "15 */5 1-4 * mon", "0,30 1-3 * * sun", "45 1 30 dec fri"] {
                let cron: Cron = text.parse().unwrap();
                let Recurrence::Pattern(pattern) = cron.recurrence() else { panic!("{text}") };
                let end = start + 8 * 86_400;
                let looked: Vec<i64> = (start..end)
                    .step_by(60)
                    .filter(|second| {
                        let wall = zone.to_datetime(Timestamp::from_second(*second).unwrap());
                        pattern.hour.has(wall.hour() as u8) && pattern.minute.has(wall.minute() as u8) && pattern.matches(wall.date())
                    })
                    .collect();
                let found: Vec<i64> =
                    std::iter::successors(pattern.next(start, &zone), |last| pattern.next(last + 1, &zone)).take_while(|at| *at < end).collect();
                assert_eq!(found, looked, "{text} in {zone:?}");
            }
        }
    }
}
