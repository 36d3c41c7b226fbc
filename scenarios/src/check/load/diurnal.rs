//! Days and nights.
//!
//! The rate is `trough + (peak - trough) * ((1 + cos x) / 2)^k`, where x goes around once a day and is 0 at the peak. With k = 1 this is a sine wave; a larger
//! k makes the peak narrower, so that any ratio of peak to mean can be met. The mean of the power is `gamma(k + 1/2) / (sqrt(pi) * gamma(k + 1))`.

use std::f64::consts::{PI, TAU};

use sim_core::math;
use sim_core::plan::Curve;
use sim_core::units::{Span, Time};

use crate::check::{Context, code, distribution};
use crate::issue::Path;
use crate::spec::{Diurnal, Weekly};

const DAY: u64 = 86_400;
const YEAR: Span = Span::from_secs(366 * DAY);
/// Narrowest and widest peaks: the mean of the power, with room for the search for k.
const SHARE: (f64, f64) = (0.05, 0.95);

/// The same wave every day.
pub(super) fn curve(cx: &mut Context<'_>, written: &Diurnal, path: &Path) -> Curve {
    if written.peak_to_mean == 1.0 {
        return Curve::constant(written.mean.0.0);
    }
    wave(cx, written, |_| 1.0, path)
}

/// The wave times the factor of each day, which changes in the minute before midnight.
pub(super) fn weekly(cx: &mut Context<'_>, written: &Weekly, path: &Path) -> Curve {
    let mut factors = [1.0; 7];
    for (day, factor) in &written.days {
        let path = path.key("days").key(format!("{day:?}").to_lowercase());
        factors[*day as usize] = distribution::number(cx, *factor, 0.0, 1000.0, &path);
    }
    let first = cx.start.map_or(0, |start| start.civil.date().weekday().to_monday_zero_offset() as u64);
    let elapsed = cx.time_of_day.as_nanos() / 1_000_000_000;
    let day = Diurnal { mean: written.mean, peak_at: written.peak_at, peak_to_mean: written.peak_to_mean, trough: written.trough };
    wave(cx, &day, |second| factors[((first + (elapsed + second) / DAY) % 7) as usize], path)
}

/// The wave as straight lines, with the factor of each second.
fn wave(cx: &mut Context<'_>, written: &Diurnal, factor: impl Fn(u64) -> f64, path: &Path) -> Curve {
    let ratio = distribution::number(cx, written.peak_to_mean, 1.0, 10.0, &path.key("peakToMean"));
    let mean = written.mean.0.0;
    let peak = mean * ratio;
    let trough = written.trough.map_or(f64::max(0.0, 2.0 * mean - peak), |trough| trough.0.0);
    if trough > mean {
        cx.issues.error(code::ORDER, path.key("trough"), "the lowest rate of the day is at most the mean");
        return Curve::default();
    }
    let is_flat = peak <= mean || mean <= 0.0;
    let share = if is_flat { 0.5 } else { (mean - trough) / (peak - trough) };
    if !(SHARE.0..=SHARE.1).contains(&share) {
        cx.issues
            .error(code::CONFLICT, path.key("trough"), "no daily wave has this mean, peak and trough")
            .with_help("the mean lies between 5 % and 95 % of the way from the trough to the peak");
        return Curve::default();
    }
    let exponent = exponent_for(share);
    let step = if cx.duration > YEAR { 300 } else { 60 };
    let offset = (DAY as i64 + cx.time_of_day.as_nanos() as i64 / 1_000_000_000 - (written.peak_at.0.0.as_nanos() / 1_000_000_000) as i64) as u64;
    let points: Vec<(Time, f64)> = (0..=cx.duration.as_nanos().div_ceil(step * 1_000_000_000))
        .map(|i| {
            let angle = TAU * (((offset + i * step) % DAY) as f64 / DAY as f64);
            let wave = f64::midpoint(1.0, math::cos(angle)).max(0.0);
            let height = if exponent == 1.0 { wave } else { math::pow(wave, exponent) };
            let value = if is_flat { mean } else { trough + (peak - trough) * height };
            (Time::from_secs(i * step), value * factor(i * step))
        })
        .collect();
    Curve::through(&points)
}

/// The k whose power has this mean.
fn exponent_for(share: f64) -> f64 {
    if (share - 0.5).abs() < 1e-12 {
        return 1.0;
    }
    let mean_of = |k: f64| math::gamma(k + 0.5) / (PI.sqrt() * math::gamma(k + 1.0));
    let (mut low, mut high) = (1e-3, 160.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if mean_of(middle) > share {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}
