//! Promotions, and classes that start at fixed times.

use std::f64::consts::PI;

use sim_core::math;
use sim_core::plan::Curve;
use sim_core::units::{Span, Time};

use super::shapes::fits;
use crate::check::limits::PIECES_MAX;
use crate::check::{Context, code, distribution};
use crate::issue::Path;
use crate::spec::{ClassStart, Promotion};

/// Straight lines that a soft edge is drawn with.
const LINES: u64 = 24;
const DAY: u64 = 86_400_000_000_000;

/// Up and down in half cosine waves, with a rush at the opening.
pub(super) fn promotion(cx: &mut Context<'_>, written: &Promotion, path: &Path) -> Curve {
    let parts = [(written.at, "at"), (written.ramp_up, "rampUp"), (written.hold, "hold"), (written.decay, "decay")];
    if !parts.map(|(span, key)| fits(cx, span.0, &path.key(key))).iter().all(|fits| *fits) {
        return Curve::default();
    }
    if written.ramp_up.0.is_zero() && written.hold.0.is_zero() && written.decay.0.is_zero() {
        cx.issues.error(code::TOO_SMALL, path, "a promotion takes some time").on_key().with_help("give `rampUp`, `hold` or `decay`");
        return Curve::default();
    }
    if written.at.0 >= cx.duration {
        cx.issues.warning(code::NO_EFFECT, path.key("at"), "this promotion comes after the end of the run");
    }
    let rate = written.rate.0.0;
    let opening = distribution::number(cx, written.opening.unwrap_or(1.0), 1.0, 100.0, &path.key("opening"));
    let start = Time::ZERO + written.at.0;
    let top = start + written.ramp_up.0;
    let fall = top + written.hold.0;
    let mut points = vec![(start, 0.0)];
    points.extend(edge(start, written.ramp_up.0, |share| rate * opening * share));
    if opening > 1.0 {
        points.push((top, rate * opening));
        points.push((top + Span::from_nanos(written.hold.0.as_nanos() / 10), rate));
    }
    points.push((top.max(points[points.len() - 1].0), if opening > 1.0 { rate } else { rate * opening }));
    points.push((fall, rate));
    points.extend(edge(fall, written.decay.0, |share| rate * (1.0 - share)));
    points.push((fall + written.decay.0, 0.0));
    Curve::through(&points)
}

/// The points inside a soft edge, by how much of it is done.
fn edge(start: Time, length: Span, value: impl Fn(f64) -> f64) -> Vec<(Time, f64)> {
    let at = |line: u64| start + Span::from_nanos((u128::from(length.as_nanos()) * u128::from(line) / u128::from(LINES)) as u64);
    (1..LINES).map(|line| (at(line), value((1.0 - math::cos(PI * line as f64 / LINES as f64)) / 2.0))).collect()
}

/// A triangle at each start.
pub(super) fn class_start(cx: &mut Context<'_>, written: &ClassStart, path: &Path) -> Curve {
    if !fits(cx, written.early.0, &path.key("early")) || !fits(cx, written.late.0, &path.key("late")) {
        return Curve::default();
    }
    let (early, late) = (written.early.0.as_nanos(), written.late.0.as_nanos());
    if early + late == 0 || early + late > DAY {
        cx.issues.error(code::TOO_SMALL, path.key("early"), "students come over more than 0 and at most one day");
        return Curve::default();
    }
    if written.at.is_empty() {
        cx.issues.error(code::EMPTY, path.key("at"), "at least one time of day is needed");
    }
    let requests = f64::from(written.students) * distribution::number(cx, written.requests, 0.0, 1e6, &path.key("requests"));
    let height = 2.0 * requests / ((early + late) as f64 / 1e9);
    let days = (cx.duration.as_nanos() + cx.time_of_day.as_nanos()).div_ceil(DAY) + 1;
    if days * written.at.len() as u64 * 3 > PIECES_MAX {
        cx.issues.error(code::TOO_LARGE, path, format!("more than {} class starts are too many", PIECES_MAX / 3)).on_key();
        return Curve::default();
    }
    let midnight = i128::from(cx.time_of_day.as_nanos());
    let starts = (0..=days).flat_map(|day| written.at.iter().map(move |at| i128::from(day * DAY + at.0.0.as_nanos()) - midnight));
    let triangles: Vec<Curve> = starts.filter_map(|start| triangle(start, i128::from(early), i128::from(late), height)).collect();
    sum(&triangles)
}

/// Up to `height` at `peak` and down again, as far as it lies in the run.
fn triangle(peak: i128, early: i128, late: i128, height: f64) -> Option<Curve> {
    let end = u64::try_from(peak + late).ok().filter(|end| *end > 0)?;
    let time = |ns: i128| Time::from_nanos(ns.max(0) as u64);
    // The value at the start of the run, if that lies in the triangle.
    let first = match peak - early {
        start if start >= 0 => 0.0,
        _ if peak > 0 => height * (early - peak) as f64 / early as f64,
        _ => height * (peak + late) as f64 / late as f64,
    };
    let mut points = vec![(time(peak - early), first)];
    if peak > 0 {
        points.push((time(peak), height));
    }
    if late == 0 {
        points.push((time(peak), 0.0));
    }
    points.push((Time::from_nanos(end), 0.0));
    points.dedup();
    Some(Curve::through(&points))
}

/// The sum of many curves, halves first, so that each piece is added a few times only.
fn sum(curves: &[Curve]) -> Curve {
    match curves {
        [] => Curve::default(),
        [one] => one.clone(),
        _ => {
            let (left, right) = curves.split_at(curves.len() / 2);
            sum(left).plus(&sum(right))
        }
    }
}
