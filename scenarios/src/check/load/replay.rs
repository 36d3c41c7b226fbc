//! Recordings of requests per interval.

pub(super) mod rows;

use sim_core::plan::Curve;
use sim_core::units::{Span, Time};

use self::rows::{Clock, Columns, Rows};
use crate::check::limits::{PIECES_MAX, SPAN_MAX};
use crate::check::{Context, code};
use crate::issue::Path;
use crate::spec::{Offset, Replay};

/// The recording as steps, from where the run starts in it.
pub(in crate::check) fn curve(cx: &mut Context<'_>, written: &Replay, path: &Path) -> Curve {
    let interval = written.interval.0;
    if interval.is_zero() || interval > SPAN_MAX {
        cx.issues.error(code::TOO_SMALL, path.key("interval"), "an interval is longer than 0 and at most 10 years");
        return Curve::default();
    }
    if !(written.scale.is_finite() && written.scale >= 0.0) {
        cx.issues.error(code::TOO_SMALL, path.key("scale"), "a scale is not negative");
        return Curve::default();
    }
    let located = match cx.files.locate(&path.key("file"), &written.file) {
        Ok(located) => located,
        Err(problem) => {
            problem.report(cx.issues, path.key("file"));
            return Curve::default();
        }
    };
    let columns = Columns {
        file: &written.file,
        time: ("timeColumn", written.time_column.as_deref()),
        count: Some(("column", written.column.as_deref())),
        interval,
        unit: Span::from_secs(1),
    };
    let rows = match Rows::open(&located.path, &columns) {
        Ok(rows) => rows,
        Err(problem) => {
            problem.report(cx, path);
            return Curve::default();
        }
    };
    match steps(cx, written, rows, path) {
        Ok(points) => Curve::steps(&points),
        Err(problem) => {
            problem.report(cx, path);
            Curve::default()
        }
    }
}

fn steps(cx: &mut Context<'_>, written: &Replay, rows: Rows, path: &Path) -> Result<Vec<(Time, f64)>, rows::Problem> {
    let interval = i128::from(written.interval.0.as_nanos());
    let wanted = written.length.map_or(cx.duration, |length| length.0.min(cx.duration));
    let until = i128::from(wanted.as_nanos());
    let per_count = written.scale / written.interval.0.as_secs_f64();
    let mut origin = None;
    let mut points: Vec<(Time, f64)> = Vec::new();
    // Time of the run at which the last row ended.
    let mut covered: Option<i128> = None;
    for row in rows {
        let row = row?;
        let zero = match origin {
            Some(zero) => zero,
            None => *origin.insert(origin_of(written.from.as_ref().map(|from| &from.0), &row.clock)?),
        };
        let start = row.clock.nanos() - zero;
        if covered.is_none() && start > 0 {
            return Err(rows::Problem::at("from", "the recording starts later than this"));
        }
        if covered.is_some_and(|covered| start < covered) {
            return Err(rows::Problem::at("interval", format!("line {}: this row starts before the interval of the one before is over", row.line)));
        }
        if start >= until {
            covered = Some(until);
            break;
        }
        let end = start + interval;
        if end > 0 {
            if let Some(gap) = covered.filter(|covered| *covered < start && *covered >= 0) {
                points.push((Time::from_nanos(gap as u64), 0.0));
            }
            points.push((Time::from_nanos(start.max(0) as u64), row.count * per_count));
        }
        covered = Some(end);
        if points.len() as u64 > PIECES_MAX {
            return Err(rows::Problem::at("file", format!("more than {PIECES_MAX} intervals of the recording fall into the run")));
        }
    }
    let Some(covered) = covered.filter(|covered| *covered > 0) else {
        return Err(rows::Problem::at("from", "the recording ends before this"));
    };
    if covered < until {
        let end = Time::from_nanos(covered as u64);
        cx.issues.warning(code::SHORT_RECORDING, path.key("file"), format!("the recording ends {end} after the start of the run; no load follows"));
    }
    points.push((Time::from_nanos(covered.min(until) as u64), 0.0));
    Ok(points)
}

/// The recording's time at which the run starts, in the nanoseconds of its own clock.
pub(super) fn origin_of(from: Option<&Offset>, first: &Clock) -> Result<i128, rows::Problem> {
    match (from, first) {
        (None, first) => Ok(first.nanos()),
        (Some(Offset::After(span)), first) => Ok(first.nanos() + i128::from(span.as_nanos())),
        (Some(Offset::Date(date)), Clock::Date(_)) => Ok(rows::nanos_of(date.civil)),
        (Some(Offset::Date(_)), Clock::Number(_)) => {
            Err(rows::Problem::at("from", "the recording has no dates, so it cannot be entered at one; give a time after its first row"))
        }
    }
}
