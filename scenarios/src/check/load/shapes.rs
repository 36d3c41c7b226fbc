//! Profiles made of steps and straight lines.

use sim_core::plan::Curve;
use sim_core::units::{Span, Time};

use crate::check::limits::{PIECES_MAX, SPAN_MAX};
use crate::check::{Context, code, distribution};
use crate::issue::Path;
use crate::spec::{Crawler, FlashSale, ShortOr, Stage, Stages, Surge};

/// Values that hold from one time to the next.
pub(in crate::check) fn steps(cx: &mut Context<'_>, points: &[(Span, f64)], path: &Path) -> Curve {
    if !ordered(cx, points, true, path) {
        return Curve::default();
    }
    Curve::steps(&points.iter().map(|&(at, value)| (Time::ZERO + at, value)).collect::<Vec<_>>())
}

/// Straight lines between points.
pub(in crate::check) fn linear(cx: &mut Context<'_>, points: &[(Span, f64)], path: &Path) -> Curve {
    if !ordered(cx, points, false, path) {
        return Curve::default();
    }
    Curve::through(&points.iter().map(|&(at, value)| (Time::ZERO + at, value)).collect::<Vec<_>>())
}

/// Whether times ascend.
pub(super) fn ordered(cx: &mut Context<'_>, points: &[(Span, f64)], strictly: bool, path: &Path) -> bool {
    if points.is_empty() {
        cx.issues.error(code::EMPTY, path, "at least one point is needed");
    }
    let found = cx.issues.len();
    for (i, pair) in points.windows(2).enumerate() {
        let (before, after) = (pair[0].0, pair[1].0);
        if after < before || (strictly && after == before) {
            cx.issues.error(code::ORDER, path.index(i + 1).index(0), format!("{after} comes behind {before}: times are in ascending order"));
        }
    }
    cx.issues.len() == found
}

/// Ramps, as in k6.
pub(super) fn stages(cx: &mut Context<'_>, written: &ShortOr<Vec<Stage>, Stages>, path: &Path) -> Curve {
    let (start_rate, at, list, path) = match written {
        ShortOr::Short(list) => (0.0, Span::ZERO, list, path.clone()),
        ShortOr::Full(full) => (full.start_rate.0.0, full.at.0, &full.stages, path.key("stages")),
    };
    if list.is_empty() {
        cx.issues.error(code::EMPTY, &path, "at least one stage is needed");
        return Curve::default();
    }
    let mut time = Time::ZERO.saturating_add(at);
    let mut points = vec![(Time::ZERO, start_rate), (time, start_rate)];
    for (i, stage) in list.iter().enumerate() {
        if !fits(cx, stage.duration.0, &path.index(i).key("duration")) {
            return Curve::default();
        }
        time = time.saturating_add(stage.duration.0);
        points.push((time, stage.target.0.0));
    }
    Curve::through(&points)
}

/// Up, constant, down.
pub(super) fn flash_sale(cx: &mut Context<'_>, sale: &FlashSale, path: &Path) -> Curve {
    let parts = [(sale.at, "at"), (sale.ramp_up, "rampUp"), (sale.hold, "hold"), (sale.decay, "decay")];
    if !parts.map(|(span, key)| fits(cx, span.0, &path.key(key))).iter().all(|fits| *fits) {
        return Curve::default();
    }
    if sale.ramp_up.0.is_zero() && sale.hold.0.is_zero() && sale.decay.0.is_zero() {
        cx.issues.error(code::TOO_SMALL, path, "a flash sale takes some time").on_key().with_help("give `rampUp`, `hold` or `decay`");
    }
    if sale.at.0 >= cx.duration {
        cx.issues.warning(code::NO_EFFECT, path.key("at"), "this rush comes after the end of the run");
    }
    let peak = sale.peak.0.0;
    let start = Time::ZERO + sale.at.0;
    let top = start + sale.ramp_up.0;
    let fall = top + sale.hold.0;
    Curve::through(&[(start, 0.0), (top, peak), (fall, peak), (fall + sale.decay.0, 0.0)])
}

/// The factor of a surge: 1 before and after.
pub(super) fn surge(cx: &mut Context<'_>, surge: &Surge, path: &Path) -> Curve {
    let parts = [(surge.at, "at"), (surge.ramp_up, "rampUp"), (surge.hold, "hold"), (surge.decay, "decay")];
    let factor = distribution::number(cx, surge.factor, 0.0, 10_000.0, &path.key("factor"));
    if !parts.map(|(span, key)| fits(cx, span.0, &path.key(key))).iter().all(|fits| *fits) {
        return Curve::constant(1.0);
    }
    if surge.at.0 >= cx.duration {
        cx.issues.warning(code::NO_EFFECT, path.key("at"), "this surge comes after the end of the run");
    }
    let start = Time::ZERO + surge.at.0;
    let top = start + surge.ramp_up.0;
    let fall = top + surge.hold.0;
    Curve::through(&[(Time::ZERO, 1.0), (start, 1.0), (top, factor), (fall, factor), (fall + surge.decay.0, 1.0)])
}

/// On and off.
pub(super) fn crawler(cx: &mut Context<'_>, crawler: &Crawler, path: &Path) -> Curve {
    let parts = [(crawler.on, "on"), (crawler.off, "off"), (crawler.start, "start")];
    if !parts.map(|(span, key)| fits(cx, span.0, &path.key(key))).iter().all(|fits| *fits) {
        return Curve::default();
    }
    let (on, off, start) = (crawler.on.0, crawler.off.0, crawler.start.0);
    if on.is_zero() {
        cx.issues.error(code::TOO_SMALL, path.key("on"), "a burst is longer than 0");
        return Curve::default();
    }
    if start >= cx.duration {
        cx.issues.warning(code::NO_EFFECT, path.key("start"), "the first burst comes after the end of the run");
        return Curve::default();
    }
    let rate = crawler.rate.0.0;
    if off.is_zero() {
        return Curve::steps(&[(Time::ZERO + start, rate)]);
    }
    let bursts = (cx.duration.as_nanos() - start.as_nanos()).div_ceil((on + off).as_nanos());
    if bursts > PIECES_MAX / 2 {
        cx.issues.error(code::TOO_LARGE, path, format!("{bursts} bursts are too many: at most {} are possible", PIECES_MAX / 2)).on_key();
        return Curve::default();
    }
    let points: Vec<(Time, f64)> = (0..bursts)
        .flat_map(|i| {
            let begin = Time::ZERO + start + (on + off) * i;
            [(begin, rate), (begin + on, 0.0)]
        })
        .collect();
    Curve::steps(&points)
}

/// Whether a time is not too long.
pub(super) fn fits(cx: &mut Context<'_>, span: Span, path: &Path) -> bool {
    if span > SPAN_MAX {
        cx.issues.error(code::TOO_LARGE, path, "a time of at most 10 years is possible");
    }
    span <= SPAN_MAX
}
