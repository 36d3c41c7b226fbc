//! Rates that change at random.

use sim_core::plan::Modulated as Plan;
use sim_core::units::Time;

use super::shapes;
use crate::check::limits::{PIECES_MAX, RATE_MAX};
use crate::check::{Context, code};
use crate::issue::Path;
use crate::spec::{Modulated, ShortOr, State};

/// The plan's modulated rate; none if it makes no sense.
pub(super) fn read(cx: &mut Context<'_>, written: &ShortOr<Vec<State>, Modulated>, path: &Path) -> Option<Plan> {
    let (states, start, path) = match written {
        ShortOr::Short(states) => (states, Time::ZERO, path.clone()),
        ShortOr::Full(full) => {
            shapes::fits(cx, full.start.0, &path.key("start"));
            (&full.states, Time::ZERO.saturating_add(full.start.0), path.key("states"))
        }
    };
    if states.len() < 2 {
        cx.issues.error(code::EMPTY, &path, "a modulated rate has at least two states");
        return None;
    }
    let found = cx.issues.len();
    for (i, state) in states.iter().enumerate() {
        if state.mean.0.is_zero() {
            cx.issues.error(code::TOO_SMALL, path.index(i).key("mean"), "a state lasts longer than 0");
        }
        shapes::fits(cx, state.mean.0, &path.index(i).key("mean"));
        if state.rate.0.0 > RATE_MAX {
            cx.issues.error(code::TOO_LARGE, path.index(i).key("rate"), format!("at most {RATE_MAX:.0} requests per second are possible"));
        }
    }
    if cx.issues.len() > found {
        return None;
    }
    // Each state is visited equally often.
    let mean = states.iter().map(|state| state.mean.0.as_secs_f64()).sum::<f64>() / states.len() as f64;
    let changes = cx.duration.as_secs_f64() / mean;
    if changes > PIECES_MAX as f64 {
        cx.issues.error(code::TOO_LARGE, &path, format!("about {changes:.0} changes of the rate are too many: at most {PIECES_MAX} are possible"));
        return None;
    }
    cx.pieces += changes as u64;
    let states = states.iter().map(|state| (state.rate.0.0, state.mean.0.as_secs_f64())).collect();
    Some(Plan { states, start, until: Time::ZERO + cx.duration })
}
