//! Round values for axes, and their labels.

use crate::clock::{Clock, day};
use crate::format::{fixed, number};
use crate::lang::Lang;

use super::spec::Unit;

/// Lengths of time that people count in, in seconds.
const TIME_STEPS: [f64; 27] = [
    0.1,
    0.2,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    15.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    900.0,
    1800.0,
    3600.0,
    7200.0,
    10_800.0,
    21_600.0,
    43_200.0,
    86_400.0,
    172_800.0,
    604_800.0,
    1_209_600.0,
    2_592_000.0,
    5_184_000.0,
    7_776_000.0,
];

/// Ticks of a time axis from zero to `end_s`, at most `most` intervals, and the axis' title in English.
pub(super) fn time(end_s: f64, most: usize, clock: &Clock, lang: Lang) -> (Vec<(f64, String)>, &'static str) {
    let fits = |step: f64| end_s / step <= most as f64;
    let step = TIME_STEPS.iter().copied().find(|step| fits(*step)).unwrap_or_else(|| nice_at_least(end_s / most as f64 / 86_400.0) * 86_400.0);
    if clock.at(0.0).is_some() {
        return wall(end_s, step, clock, lang);
    }
    let (label, title): (fn(f64) -> String, _) = match step {
        s if s < 60.0 && end_s <= 180.0 => (seconds, "time since the start"),
        s if s < 60.0 => (minutes_seconds, "time since the start (min:s)"),
        s if s < 3600.0 && end_s <= 5400.0 => (minutes, "time since the start"),
        s if s < 3600.0 => (hours_minutes, "time since the start (h:min)"),
        _ => (days_hours, "time since the start"),
    };
    let label = |t: f64| match lang {
        Lang::En => label(t),
        Lang::Zh => label(t).replace(" min", " 分").replace(" d", " 天").replace(" h", " 小时").replace(" s", " 秒"),
    };
    let count = (end_s / step + 1e-9).floor() as u64;
    ((0..=count).map(|i| i as f64 * step).map(|t| (t, label(t))).collect(), title)
}

/// Ticks at round times of the day, or at midnights.
fn wall(end_s: f64, step: f64, clock: &Clock, lang: Lang) -> (Vec<(f64, String)>, &'static str) {
    // Steps of a day and more count from the first midnight, shorter ones from the last before the start.
    let first = if step > 86_400.0 { (86_400.0 - clock.since_midnight()) % 86_400.0 } else { (step - clock.since_midnight() % step) % step };
    let label = |t: f64| {
        let Some(at) = clock.at(t) else { return String::new() };
        let is_midnight = (at.hour(), at.minute(), at.second()) == (0, 0, 0);
        match step {
            s if s >= 86_400.0 => day(at, lang),
            _ if is_midnight && end_s > 86_400.0 => day(at, lang),
            s if s < 1.0 => format!("{:02}:{:02}:{:02}.{}", at.hour(), at.minute(), at.second(), at.subsec_nanosecond() / 100_000_000),
            s if s < 60.0 => format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second()),
            _ => format!("{:02}:{:02}", at.hour(), at.minute()),
        }
    };
    let count = ((end_s - first) / step + 1e-9).floor().max(0.0) as u64;
    let ticks = (0..=count).map(|i| first + i as f64 * step).map(|t| (t, label(t))).collect();
    (ticks, if step >= 86_400.0 { "date" } else { "time of day" })
}

/// Ticks of a linear axis from zero that covers `largest`; the last tick is the top.
pub(super) fn linear(largest: f64, unit: Unit, most: usize) -> Vec<(f64, String)> {
    let largest = if largest > 0.0 { largest } else { 1.0 };
    let mut step = nice_at_least(largest / most as f64);
    if unit == Unit::Count {
        step = step.max(1.0).ceil();
    }
    let decimals = (0..9).find(|d| (step * 10f64.powi(*d) - (step * 10f64.powi(*d)).round()).abs() < 1e-6).unwrap_or(9) as usize;
    let count = (largest / step - 1e-9).ceil() as u64;
    let label = |value: f64| if unit == Unit::Milliseconds { milliseconds(value) } else { fixed(value, decimals) };
    (0..=count).map(|i| i as f64 * step).map(|value| (value, label(value))).collect()
}

/// Ticks of a logarithmic axis that covers `smallest` to `largest`, both positive; the first and the last are its ends.
pub(super) fn log(smallest: f64, largest: f64, unit: Unit) -> Vec<(f64, String)> {
    // Over many decades there is room for powers of ten only.
    let digits: &[f64] = if largest / smallest > 3000.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let exponents = smallest.log10().floor() as i32 - 1..=largest.log10().ceil() as i32 + 1;
    let round: Vec<f64> = exponents.flat_map(|exponent| digits.iter().map(move |digit| digit * 10f64.powi(exponent))).collect();
    let first = round.iter().rposition(|value| *value <= smallest).unwrap_or(0);
    let last = round.iter().position(|value| *value >= largest && *value > smallest).unwrap_or(round.len() - 1);
    let ticks = &round[first..=last];
    let label = |value: f64| if unit == Unit::Milliseconds { milliseconds(value) } else { number(value) };
    ticks.iter().map(|value| (*value, label(*value))).collect()
}

/// The smallest of 1, 2, 2.5, 5 and 10 times a power of ten that is at least `value`.
fn nice_at_least(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|digit| digit * power).find(|nice| *nice >= value * (1.0 - 1e-9)).unwrap_or(power * 10.0)
}

fn milliseconds(ms: f64) -> String {
    if ms >= 1000.0 { format!("{} s", number(ms / 1000.0)) } else { format!("{} ms", number(ms)) }
}

fn seconds(t: f64) -> String {
    format!("{} s", number(t))
}

fn minutes(t: f64) -> String {
    format!("{} min", t as u64 / 60)
}

fn minutes_seconds(t: f64) -> String {
    format!("{}:{:02}", t as u64 / 60, t as u64 % 60)
}

fn hours_minutes(t: f64) -> String {
    format!("{}:{:02}", t as u64 / 3600, t as u64 % 3600 / 60)
}

fn days_hours(t: f64) -> String {
    match (t as u64 / 86_400, t as u64 % 86_400 / 3600) {
        (0, hours) => format!("{hours} h"),
        (days, 0) => format!("{days} d"),
        (days, hours) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Lang, Unit, linear, log, time};

    fn labels(ticks: &[(f64, String)]) -> String {
        ticks.iter().map(|(_, label)| label.as_str()).collect::<Vec<_>>().join(" | ")
    }

    #[track_caller]
    fn check_time(end_s: f64, expected: &str, title: &str) {
        let (ticks, axis) = time(end_s, 8, &Clock::default(), Lang::En);
        assert_eq!((labels(&ticks).as_str(), axis), (expected, title));
    }

    #[test]
    fn time_is_counted_as_people_do() {
        let plain = "time since the start";
        check_time(0.7, "0 s | 0.1 s | 0.2 s | 0.3 s | 0.4 s | 0.5 s | 0.6 s | 0.7 s", plain);
        check_time(100.0, "0 s | 15 s | 30 s | 45 s | 60 s | 75 s | 90 s", plain);
        check_time(240.0, "0:00 | 0:30 | 1:00 | 1:30 | 2:00 | 2:30 | 3:00 | 3:30 | 4:00", "time since the start (min:s)");
        check_time(3060.0, "0 min | 10 min | 20 min | 30 min | 40 min | 50 min", plain);
        check_time(7200.0, "0:00 | 0:15 | 0:30 | 0:45 | 1:00 | 1:15 | 1:30 | 1:45 | 2:00", "time since the start (h:min)");
        check_time(86_400.0, "0 h | 3 h | 6 h | 9 h | 12 h | 15 h | 18 h | 21 h | 1 d", plain);
        check_time(4.0 * 86_400.0, "0 h | 12 h | 1 d | 1 d 12 h | 2 d | 2 d 12 h | 3 d | 3 d 12 h | 4 d", plain);
        check_time(365.0 * 86_400.0, "0 h | 60 d | 120 d | 180 d | 240 d | 300 d | 360 d", plain);
    }

    #[test]
    fn clocks_on_the_wall_have_their_own_round_times() {
        let at = |start: &str, end_s: f64, lang: Lang| {
            let (ticks, title) = time(end_s, 8, &Clock::new(start, end_s), lang);
            (labels(&ticks), ticks[0].0, title)
        };
        let day = "00:00 | 03:00 | 06:00 | 09:00 | 12:00 | 15:00 | 18:00 | 21:00 | 00:00";
        assert_eq!(at("2026-11-11", 86_400.0, Lang::En), (day.to_owned(), 0.0, "time of day"));
        assert_eq!(
            at("2026-11-10T19:50:00", 7200.0, Lang::En),
            ("20:00 | 20:15 | 20:30 | 20:45 | 21:00 | 21:15 | 21:30 | 21:45".to_owned(), 600.0, "time of day")
        );
        assert_eq!(at("2026-11-10T20:00:00+08:00", 108_000.0, Lang::Zh), ("11月11日 | 06:00 | 12:00 | 18:00 | 11月12日".to_owned(), 14_400.0, "time of day"));
        let week = "Nov 10 | Nov 11 | Nov 12 | Nov 13 | Nov 14 | Nov 15 | Nov 16";
        assert_eq!(at("2026-11-09T20:00:00", 604_800.0, Lang::En), (week.to_owned(), 14_400.0, "date"));
    }

    #[test]
    fn values_get_round_ticks_with_the_same_decimals() {
        assert_eq!(labels(&linear(18_419.0, Unit::Number, 5)), "0 | 5,000 | 10,000 | 15,000 | 20,000");
        assert_eq!(labels(&linear(11.0, Unit::Number, 5)), "0.0 | 2.5 | 5.0 | 7.5 | 10.0 | 12.5");
        assert_eq!(labels(&linear(0.034, Unit::Number, 5)), "0.00 | 0.01 | 0.02 | 0.03 | 0.04");
        assert_eq!(labels(&linear(3.0, Unit::Count, 5)), "0 | 1 | 2 | 3");
        assert_eq!(labels(&linear(0.0, Unit::Count, 5)), "0 | 1");
    }

    #[test]
    fn a_logarithmic_axis_starts_and_ends_at_a_round_value() {
        assert_eq!(labels(&log(58.0, 4800.0, Unit::Milliseconds)), "50 ms | 100 ms | 200 ms | 500 ms | 1 s | 2 s | 5 s");
        assert_eq!(labels(&log(0.3, 9000.0, Unit::Milliseconds)), "0.1 ms | 1 ms | 10 ms | 100 ms | 1 s | 10 s");
        assert_eq!(labels(&log(100.0, 100.0, Unit::Milliseconds)), "100 ms | 200 ms");
    }
}
