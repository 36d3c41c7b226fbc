//! Users who wait for answers and think, as a number that flows between thinking and the pods.

use super::law::Law;
use crate::plan;

/// A closed loop.
#[derive(Clone, Debug)]
pub(super) struct Users {
    /// How many there are.
    pub(super) present: f64,
    /// Mean seconds between an answer and the next request.
    pub(super) think: f64,
}

impl Users {
    /// Nobody yet. Users who do not think at all think for a fraction of a service time.
    pub(super) fn new(plan: &plan::Users, service: f64) -> Self {
        Self { present: 0.0, think: Law::new(&plan.think).mean.max(service / 100.0).max(1e-6) }
    }

    /// Requests a second if so many are at the pods or between attempts.
    pub(super) fn rate(&self, busy: f64) -> f64 {
        ((self.present - busy) / self.think).max(0.0)
    }

    /// The rate at which as many users come back to think as send, where `busy` says how many are at the pods at a rate: a fixed point, found by the
    /// Illinois rule.
    pub(super) fn balance(&self, elsewhere: f64, mut busy: impl FnMut(f64) -> f64) -> f64 {
        let mut excess = |rate: f64| rate * self.think + busy(rate) + elsewhere - self.present;
        let (mut low, mut high) = (0.0, self.rate(elsewhere));
        let (mut at_low, mut at_high) = (excess(low), excess(high));
        if at_low >= 0.0 {
            return 0.0;
        }
        let mut middle = high;
        for _ in 0..30 {
            if at_high <= 0.0 || high - low <= 1e-7 * high {
                break;
            }
            middle = (low * at_high - high * at_low) / (at_high - at_low);
            let at = excess(middle);
            if at.abs() <= 1e-6 * self.present {
                break;
            }
            if at > 0.0 {
                (high, at_high) = (middle, at);
                at_low /= 2.0;
            } else {
                (low, at_low) = (middle, at);
                at_high /= 2.0;
            }
        }
        middle
    }
}
