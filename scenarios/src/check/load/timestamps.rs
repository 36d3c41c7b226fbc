//! Recordings of single requests.

use sim_core::units::{Span, Time};

use super::replay::origin_of;
use super::replay::rows::{Columns, Problem, Rows};
use crate::check::limits::INSTANTS_MAX;
use crate::check::{Context, code, distribution};
use crate::issue::Path;
use crate::spec::Timestamps;

/// When requests arrive, in ascending order.
pub(super) fn read(cx: &mut Context<'_>, written: &Timestamps, path: &Path) -> Vec<Time> {
    let speed = distribution::number(cx, written.speed, 1e-6, 1e6, &path.key("speed"));
    if written.unit.0.is_zero() || written.unit.0 > Span::from_secs(86_400) {
        cx.issues.error(code::TOO_SMALL, path.key("unit"), "a unit of time is longer than 0 and at most a day");
        return Vec::new();
    }
    let located = match cx.files.locate(&path.key("file"), &written.file) {
        Ok(located) => located,
        Err(problem) => {
            problem.report(cx.issues, path.key("file"));
            return Vec::new();
        }
    };
    let columns = Columns { file: &written.file, time: ("column", written.column.as_deref()), count: None, interval: Span::from_secs(1), unit: written.unit.0 };
    let instants = Rows::open(&located.path, &columns).and_then(|rows| instants(cx, written, rows, speed, path));
    instants.unwrap_or_else(|problem| {
        problem.report(cx, path);
        Vec::new()
    })
}

fn instants(cx: &mut Context<'_>, written: &Timestamps, rows: Rows, speed: f64, path: &Path) -> Result<Vec<Time>, Problem> {
    let wanted = written.length.map_or(cx.duration, |length| length.0.min(cx.duration));
    let mut origin = None;
    let mut instants = Vec::new();
    let mut latest = i128::MIN;
    for row in rows {
        let row = row?;
        let zero = match origin {
            Some(zero) => zero,
            None => *origin.insert(origin_of(written.from.as_ref().map(|from| &from.0), &row.clock)?),
        };
        let recorded = row.clock.nanos();
        if recorded < latest {
            return Err(Problem::at("column", format!("line {}: this request came before the one above it", row.line)));
        }
        latest = recorded;
        let at = ((recorded - zero) as f64 / speed).round();
        if at < 0.0 {
            continue;
        }
        if at > wanted.as_nanos() as f64 {
            return Ok(instants);
        }
        instants.push(Time::from_nanos(at as u64));
        if instants.len() as u64 > INSTANTS_MAX {
            return Err(Problem::at("file", format!("more than {INSTANTS_MAX} recorded requests fall into the run")));
        }
    }
    match instants.last() {
        None => Err(Problem::at("from", "the recording ends before this")),
        Some(last) => {
            if *last < Time::ZERO + wanted {
                cx.issues.warning(code::SHORT_RECORDING, path.key("file"), format!("the recording ends {last} after the start of the run; no load follows"));
            }
            Ok(instants)
        }
    }
}
