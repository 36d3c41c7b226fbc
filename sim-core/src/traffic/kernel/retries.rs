//! Whether and when a request is sent again.

use super::draws::Draws;
use super::instant::NEVER;
use crate::plan::Retries as Plan;
use crate::random::{Distribution, Stream, unit};

/// Parts of a retry that the budget is counted in: an integer does not drift.
const ONE: u64 = 1_000_000_000;

/// Exponential backoff with jitter, and a budget.
#[derive(Clone, Debug)]
pub(super) struct Retries {
    plan: Plan,
    stream: Stream,
    /// What a request earns, and what is there; none for no limit.
    budget: Option<(u64, u64)>,
    /// The work of further attempts, where each is a new draw.
    works: Option<Draws>,
}

impl Retries {
    /// Retries of requests with this service time. Delays come from the stream `retries`, new draws of work from `retries/work`.
    pub(super) fn new(plan: Plan, service_time: &Distribution, stream: impl Fn(&str) -> Stream) -> Self {
        let works = plan.anew.then(|| Draws::new(service_time.clone(), stream("retries/work")));
        let budget = plan.budget.map(|share| ((share * ONE as f64 + 0.5) as u64, u64::from(Plan::SAVED) * ONE));
        Self { plan, stream: stream("retries"), budget, works }
    }

    /// The work of a request that is sent again; none if it is the same as before.
    pub(super) fn work(&mut self) -> Option<u64> {
        self.works.as_mut().map(Draws::take)
    }

    /// Notes that a request is sent for the first time.
    pub(super) fn earn(&mut self) {
        if let Some((earned, there)) = &mut self.budget {
            *there = (*there + *earned).min(u64::from(Plan::SAVED) * ONE);
        }
    }

    /// How long to wait before a request that was sent `attempts` times is sent again; none if it is not.
    pub(super) fn delay(&mut self, attempts: u32) -> Option<u64> {
        if attempts >= self.plan.attempts {
            return None;
        }
        if let Some((_, there)) = &mut self.budget {
            *there = there.checked_sub(ONE)?;
        }
        let doubled = self.plan.initial.as_nanos().saturating_mul(1_u64.checked_shl(attempts - 1).unwrap_or(u64::MAX));
        let full = doubled.min(self.plan.max.as_nanos()).min(NEVER);
        // Without jitter too, one draw a retry.
        Some(full - (full as f64 * self.plan.jitter * unit(&mut self.stream)) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::Retries;
    use crate::plan;
    use crate::random::{Distribution, Streams};
    use crate::units::Span;

    fn retries(jitter: f64, budget: Option<f64>) -> Retries {
        let plan = plan::Retries { attempts: 6, initial: Span::from_millis(100), max: Span::from_millis(1000), jitter, budget, anew: false };
        Retries::new(plan, &Distribution::Constant(1.0), |purpose| Streams::new(1).stream(&format!("web/{purpose}")))
    }

    #[test]
    fn delays_double_up_to_the_longest() {
        let mut plain = retries(0.0, None);
        let delays: Vec<_> = (1..=6).map(|attempts| plain.delay(attempts).map(|ns| ns / 1_000_000)).collect();
        assert_eq!(delays, [Some(100), Some(200), Some(400), Some(800), Some(1000), None]);
        let mut jittered = retries(0.5, None);
        let delays: Vec<u64> = (0..1000).map(|_| jittered.delay(2).unwrap()).collect();
        let mean = delays.iter().sum::<u64>() as f64 / 1e9;
        assert!(delays.iter().all(|&ns| (100_000_000..=200_000_000).contains(&ns)) && (mean - 150.0).abs() < 5.0, "{mean}");
    }

    #[test]
    fn a_budget_allows_what_it_saved_and_then_a_share() {
        let mut tenth = retries(0.0, Some(0.1));
        assert_eq!((0..20).filter(|_| tenth.delay(1).is_some()).count(), plan::Retries::SAVED as usize);
        let mut sent = 0;
        for _ in 0..1000 {
            tenth.earn();
            sent += usize::from(tenth.delay(1).is_some());
        }
        assert_eq!(sent, 100);
        (0..1000).for_each(|_| tenth.earn());
        assert_eq!((0..20).filter(|_| tenth.delay(1).is_some()).count(), plan::Retries::SAVED as usize);
    }
}
