//! Users: every form of their number becomes a list of changes.

use sim_core::plan::Users as Plan;
use sim_core::units::{Span, Time};

use super::shapes;
use crate::check::limits::{PIECES_MAX, USERS_MAX};
use crate::check::{Context, code, distribution};
use crate::issue::Path;
use crate::spec::{UserStage, Users};

/// The plan's users.
pub(super) fn read(cx: &mut Context<'_>, written: &Users, path: &Path) -> Plan {
    let think = distribution::read(cx, &written.think, false, &path.key("think"));
    let count = match (&written.steps, &written.stages, written.count) {
        (None, None, Some(count)) => ramp_up(cx, count, written.ramp_up.map_or(Span::ZERO, |span| span.0), path),
        (None, Some(list), start) => stages(cx, start.unwrap_or(0), list, &path.key("stages")),
        (Some(list), None, None) => {
            let points: Vec<_> = list.iter().map(|&(at, count)| (at.0, f64::from(count))).collect();
            shapes::ordered(cx, &points, true, &path.key("steps"));
            list.iter().map(|&(at, count)| (Time::ZERO.saturating_add(at.0), count)).collect()
        }
        (None, None, None) => {
            cx.issues.error(code::MISSING, path, "users need a number: `count`, `steps` or `stages`").on_key();
            Vec::new()
        }
        (Some(_), _, _) => {
            cx.issues.error(code::CONFLICT, path.key("steps"), "the number of users is given by `steps` alone, or by `count`, or by `stages`").on_key();
            Vec::new()
        }
    };
    if written.ramp_up.is_some() && (written.steps.is_some() || written.stages.is_some()) {
        cx.issues.error(code::CONFLICT, path.key("rampUp"), "`rampUp` is for `count`").on_key().with_help("`stages` has ramps of its own");
    }
    if count.iter().any(|change| change.1 > USERS_MAX) {
        cx.issues.error(code::TOO_LARGE, path, format!("at most {USERS_MAX} users are possible")).on_key();
    }
    Plan { count, think }
}

fn ramp_up(cx: &mut Context<'_>, count: u32, ramp: Span, path: &Path) -> Vec<(Time, u32)> {
    let mut changes = Vec::new();
    if shapes::fits(cx, ramp, &path.key("rampUp")) && count <= USERS_MAX {
        go(&mut changes, Time::ZERO, ramp, 0, count);
    }
    changes
}

fn stages(cx: &mut Context<'_>, start: u32, list: &[UserStage], path: &Path) -> Vec<(Time, u32)> {
    let mut changes = vec![(Time::ZERO, start)];
    if list.is_empty() {
        cx.issues.error(code::EMPTY, path, "at least one stage is needed");
    }
    let (mut time, mut count) = (Time::ZERO, start);
    for (i, stage) in list.iter().enumerate() {
        let (length, place) = (stage.duration.0, path.index(i));
        if !shapes::fits(cx, length, &place.key("duration")) {
            break;
        }
        if changes.len() as u64 + u64::from(count.abs_diff(stage.target)) > PIECES_MAX {
            cx.issues.error(code::TOO_LARGE, place.key("target"), format!("users come and leave too often: at most {PIECES_MAX} times"));
            break;
        }
        go(&mut changes, time, length, count, stage.target);
        time = time.saturating_add(length);
        count = stage.target;
    }
    changes
}

/// Goes from one number to the other, one user at a time: each comes when the straight line gets to a whole number, and so they leave.
fn go(changes: &mut Vec<(Time, u32)>, start: Time, length: Span, from: u32, to: u32) {
    if length.is_zero() || from == to {
        changes.push((start.saturating_add(length), to));
        return;
    }
    let steps = u64::from(from.abs_diff(to));
    changes.extend((1..=steps).map(|step| {
        let offset = u128::from(length.as_nanos()) * u128::from(step) / u128::from(steps);
        let count = if from < to { from + step as u32 } else { from - step as u32 };
        (start.saturating_add(Span::from_nanos(offset as u64)), count)
    }));
}
