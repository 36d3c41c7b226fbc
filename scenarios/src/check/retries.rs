//! What clients do about requests that were not answered.

use sim_core::plan::Retries;

use super::limits::{ATTEMPTS_MAX, SPAN_MAX};
use super::{Context, code};
use crate::issue::Path;
use crate::spec;

/// The plan's retries.
pub(super) fn read(cx: &mut Context<'_>, written: &spec::Retries, path: &Path) -> Retries {
    let backoff = &written.backoff;
    if !(1..=ATTEMPTS_MAX).contains(&written.attempts) {
        let code = if written.attempts == 0 { code::TOO_SMALL } else { code::TOO_LARGE };
        cx.issues.error(code, path.key("attempts"), format!("a request is sent 1 to {ATTEMPTS_MAX} times"));
    }
    let place = path.key("backoff");
    if backoff.max.0 > SPAN_MAX {
        cx.issues.error(code::TOO_LARGE, place.key("max"), "a time of at most 10 years is possible");
    }
    if backoff.initial.0 > backoff.max.0 {
        cx.issues.error(code::ORDER, place.key("initial"), format!("the first delay is longer than the longest, which is {}", backoff.max.0));
    }
    Retries {
        attempts: written.attempts,
        initial: backoff.initial.0,
        max: backoff.max.0,
        jitter: backoff.jitter.0.0,
        budget: written.budget.map(|share| share.0.0),
        anew: written.work == Some(spec::AttemptWork::Anew),
    }
}
