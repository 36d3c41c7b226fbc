//! A pool that could not grow is left alone for a while.

use crate::plan::BackoffRules;
use crate::units::{Span, Time};

/// What is remembered of a pool's failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Until when it is left alone.
    pub until: Time,
    /// How long the last pause was.
    pub pause: Span,
    /// The last failure.
    pub failed: Time,
}

impl Backoff {
    /// The pause after a failure `now`: twice the last one, unless that is long ago. A failure within a pause changes nothing.
    pub fn after(before: Option<Self>, rules: BackoffRules, now: Time) -> Self {
        let pause = match before {
            Some(before) if now < before.until => return Self { failed: now, ..before },
            Some(before) if now.since(before.failed) < rules.reset => (before.pause * 2).min(rules.max),
            _ => rules.initial,
        };
        Self { until: now.saturating_add(pause), pause, failed: now }
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;
    use crate::plan::BackoffRules;
    use crate::units::{Span, Time};

    #[test]
    fn pauses_double_from_five_minutes_to_half_an_hour_and_start_over_after_three_hours() {
        let rules = BackoffRules::default();
        let mut state = None;
        let mut now = Time::ZERO;
        let mut pauses = Vec::new();
        for _ in 0..5 {
            let next = Backoff::after(state, rules, now);
            pauses.push(next.pause);
            state = Some(next);
            now = next.until;
        }
        assert_eq!(pauses, [300, 600, 1200, 1800, 1800].map(Span::from_secs));
        assert_eq!(Backoff::after(state, rules, now + rules.reset).pause, rules.initial);
        let within = Backoff::after(state, rules, Time::from_nanos(state.unwrap().until.as_nanos() - 1));
        assert_eq!(within.until, state.unwrap().until);
    }
}
