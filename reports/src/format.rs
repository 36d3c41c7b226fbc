//! Numbers as people read them: thousands separators, a unit that fits the size, no more digits than mean something.
//!
//! Files keep full precision; these functions are for eyes.

use sim_core::units::Money;

/// An integer with thousands separators: `48,123,456`.
pub fn count(n: u64) -> String {
    separated(&n.to_string())
}

/// A number with about three significant digits, at least the whole part: `0.034`, `3.14`, `58.2`, `20,000`.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return "-".to_owned();
    }
    let size = value.abs();
    let decimals = match size {
        s if s >= 100.0 || s == 0.0 => 0,
        s if s >= 10.0 => 1,
        s if s >= 1.0 => 2,
        s if s >= 0.1 => 3,
        _ => 4,
    };
    let text = format!("{value:.decimals$}");
    separated(if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text })
}

/// A number with a fixed number of decimals, for columns: `1,234.0`.
pub fn fixed(value: f64, decimals: usize) -> String {
    separated(&format!("{value:.decimals$}"))
}

/// A latency given in milliseconds: `0.85 ms`, `42.5 ms`, `4.92 s`.
pub fn latency(ms: f64) -> String {
    match ms {
        ms if ms < 999.95 => format!("{} ms", number(ms)),
        ms if ms < 100_000.0 => format!("{:.2} s", ms / 1000.0),
        _ => duration(ms / 1000.0),
    }
}

/// A length of time given in seconds, in its two largest units: `350 ms`, `1.84 s`, `4 min 20 s`, `2 h`, `3 d 4 h`.
pub fn duration(s: f64) -> String {
    if s > 0.0 && s < 0.9995 {
        return format!("{} ms", number(s * 1000.0));
    }
    if s < 119.95 {
        return format!("{} s", number(s));
    }
    let whole = s.round() as u64;
    let (large, small) = match whole {
        0..3600 => ((whole / 60, "min"), (whole % 60, "s")),
        3600..172_800 => ((whole / 3600, "h"), (whole % 3600 / 60, "min")),
        _ => ((whole / 86_400, "d"), (whole % 86_400 / 3600, "h")),
    };
    let large = format!("{} {}", count(large.0), large.1);
    if small.0 == 0 { large } else { format!("{large} {} {}", small.0, small.1) }
}

/// An instant of the run as on a clock that started with it: `0:01:24`, `1:00:00`, `3 d 04:00:00`.
pub fn clock(s: f64) -> String {
    let whole = s.max(0.0).floor() as u64;
    let (days, hours, minutes, seconds) = (whole / 86_400, whole % 86_400 / 3600, whole % 3600 / 60, whole % 60);
    if days > 0 { format!("{days} d {hours:02}:{minutes:02}:{seconds:02}") } else { format!("{hours}:{minutes:02}:{seconds:02}") }
}

/// A share as a percentage. What is not everything is never rounded to 100 %, and what is not nothing never to 0 %.
pub fn percent(share: f64) -> String {
    let digits = format!("{:.2}", share * 100.0);
    match digits.as_str() {
        "100.00" if share < 1.0 => "> 99.99 %".to_owned(),
        "0.00" if share > 0.0 => "< 0.01 %".to_owned(),
        _ => format!("{} %", digits.trim_end_matches('0').trim_end_matches('.')),
    }
}

/// An amount of money without its currency: two decimals, or two significant digits if it is less than a tenth: `63.50`, `0.0043`.
pub fn money(amount: Money) -> String {
    significant(amount, 2)
}

/// A unit price without its currency: like an amount, with at least four significant digits: `2.70`, `0.8154`, `0.000049`.
pub fn price(amount: Money) -> String {
    significant(amount, 4)
}

/// At least two decimals and at least `digits` significant digits, without zeros beyond the second decimal.
fn significant(amount: Money, digits: u32) -> String {
    // Position of the first significant digit: 0 is the first decimal, negative ones stand before the point.
    let first = 11 - amount.as_pico().unsigned_abs().checked_ilog10().map_or(11, |log| log as i32);
    let places = (first + digits as i32).clamp(2, 12) as usize;
    let text = format!("{amount:.places$}");
    let end = text.find('.').map_or(text.len(), |point| text.trim_end_matches('0').len().max(point + 3));
    separated(&text[..end])
}

/// An amount of money with its currency: `63.52 CNY`.
pub fn money_in(amount: Money, currency: &str) -> String {
    if currency.is_empty() { money(amount) } else { format!("{} {currency}", money(amount)) }
}

/// A figure of the summary by the kind that its path tells: a latency, a share, an amount, or a plain number.
pub fn figure(path: &str, value: f64) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    let size = value.abs();
    let last = path.rsplit('.').next().unwrap_or(path);
    let text = match last {
        _ if path.contains("latency_ms") || path.contains("wait_ms") => latency(size),
        "met" if size == 1.0 => "yes".to_owned(),
        "met" if size == 0.0 => "no".to_owned(),
        "success_rate" | "attained" | "met" | "waited_share" => percent(size),
        _ if path.starts_with("cost") || last.ends_with("cost") => amount(size),
        _ => number(size),
    };
    format!("{sign}{text}")
}

/// An amount that is a mean and no sum of an invoice: two decimals, or two significant digits of a small one.
fn amount(value: f64) -> String {
    if value >= 0.1 || value == 0.0 { fixed(value, 2) } else { number(value) }
}

/// Memory in the binary unit that fits: `512 MiB`, `61.2 GiB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [(&str, u64); 4] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    UNITS.iter().find(|(_, size)| n >= *size).map_or_else(|| format!("{n} B"), |(unit, size)| format!("{} {unit}", number(n as f64 / *size as f64)))
}

/// `one pod`, `3 pods`: a count with its noun.
pub fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// Inserts thousands separators into the whole part of a decimal.
fn separated(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = digits.find('.').map_or((digits, ""), |point| digits.split_at(point));
    let mut out = String::from(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + fraction
}

#[cfg(test)]
mod tests {
    use super::{bytes, clock, count, duration, fixed, latency, money, number, percent, price};

    #[test]
    fn numbers_keep_what_means_something() {
        assert_eq!([count(0), count(999), count(1000), count(48_123_456)], ["0", "999", "1,000", "48,123,456"]);
        assert_eq!([number(0.034), number(2.34567), number(58.25), number(20000.4), number(-1234.5)], ["0.034", "2.35", "58.2", "20,000", "-1,234"]);
        assert_eq!([fixed(1234.0, 1), fixed(0.25, 2)], ["1,234.0", "0.25"]);
        assert_eq!([number(100.0), number(0.0), number(1.0), number(f64::NAN)], ["100", "0", "1", "-"]);
    }

    #[test]
    fn times_choose_their_unit() {
        assert_eq!([latency(0.85), latency(42.5), latency(999.97), latency(5000.0)], ["0.85 ms", "42.5 ms", "1.00 s", "5.00 s"]);
        assert_eq!([duration(0.35), duration(84.0), duration(260.0), duration(3600.0), duration(7200.0)], ["350 ms", "84 s", "4 min 20 s", "1 h", "2 h"]);
        assert_eq!([duration(0.0), duration(273_600.0)], ["0 s", "3 d 4 h"]);
        assert_eq!([clock(84.0), clock(3600.0), clock(273_600.0)], ["0:01:24", "1:00:00", "3 d 04:00:00"]);
    }

    #[test]
    fn a_percentage_does_not_claim_all_or_nothing() {
        assert_eq!(
            [percent(1.0), percent(0.999_999), percent(0.9921), percent(0.5), percent(0.0), percent(1e-7)],
            ["100 %", "> 99.99 %", "99.21 %", "50 %", "0 %", "< 0.01 %"]
        );
    }

    #[test]
    fn money_has_the_decimals_that_matter() {
        let show = |text: &str| money(text.parse().unwrap());
        assert_eq!(
            [show("1630.795"), show("63.5"), show("0.9"), show("0.0425"), show("0.000049"), show("0"), show("-2.34567")],
            ["1,630.80", "63.50", "0.90", "0.043", "0.000049", "0.00", "-2.35"]
        );
        let unit = |text: &str| price(text.parse().unwrap());
        assert_eq!(
            [unit("2.7"), unit("0.00123456"), unit("0.815397"), unit("0.000049"), unit("1234.5678")],
            ["2.70", "0.001235", "0.8154", "0.000049", "1,234.57"]
        );
        assert_eq!([bytes(512 << 20), bytes(61_203_283_968), bytes(12)], ["512 MiB", "57 GiB", "12 B"]);
    }
}
