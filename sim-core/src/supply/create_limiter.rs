//! How fast a provider accepts creation calls, over a whole account.

use crate::plan::CreateLimit;
use crate::units::{Span, Time};

/// Accepts creation calls in the order in which they are made, each as early as the limit allows.
#[derive(Clone, Debug)]
pub struct CreateLimiter {
    limit: CreateLimit,
    /// Token bucket: when the bucket is full again. Smooth: when the latest call was accepted. Fixed window: when the current window starts.
    horizon: Time,
    /// Fixed window: calls accepted in the current window. Token bucket: calls since it was last full. Smooth: calls since the queue was last empty.
    calls: u64,
    /// Token bucket: the first call after it was last full. Smooth: when the queue was last empty.
    since: Time,
}

impl CreateLimiter {
    /// A limiter that has not been used.
    pub const fn new(limit: CreateLimit) -> Self {
        Self { limit, horizon: Time::ZERO, calls: 0, since: Time::ZERO }
    }

    /// Accepts a call made at `now` if the limit allows it at once.
    pub fn try_accept(&mut self, now: Time) -> bool {
        if let CreateLimit::Smooth { calls, per } = self.limit {
            let is_free = self.calls == 0 || self.horizon.saturating_add(Span::from_nanos(per.as_nanos().div_ceil(u64::from(calls)))) <= now;
            if is_free {
                (self.horizon, self.calls) = (now, 1);
            }
            return is_free;
        }
        let mut tried = self.clone();
        let is_free = tried.accept(now) == now;
        if is_free {
            *self = tried;
        }
        is_free
    }

    /// When a call made at `now` is accepted.
    pub fn accept(&mut self, now: Time) -> Time {
        match self.limit {
            CreateLimit::Unlimited => now,
            CreateLimit::TokenBucket { burst, per_second } => {
                // The n-th call since the bucket was full takes a token that is there `n - burst` refills later: counted, because rounded refills would add up.
                let refills = |tokens: u64| Span::from_secs_f64(tokens as f64 / per_second);
                if now >= self.horizon {
                    (self.since, self.calls) = (now, 0);
                }
                self.calls += 1;
                self.horizon = self.since.saturating_add(refills(self.calls));
                now.max(self.since.saturating_add(refills(self.calls.saturating_sub(u64::from(burst)))))
            }
            CreateLimit::Smooth { calls, per } => {
                // The n-th call of a queue comes n gaps after its start, exactly: rounded gaps would let one call too many into some windows.
                if now > self.horizon || self.calls == 0 {
                    (self.since, self.calls) = (now.max(self.horizon), 0);
                }
                self.calls += 1;
                let waited = (u128::from(per.as_nanos()) * u128::from(self.calls)).div_ceil(u128::from(calls));
                self.horizon = self.since.saturating_add(Span::from_nanos(u64::try_from(waited).unwrap_or(u64::MAX)));
                self.horizon
            }
            CreateLimit::FixedWindow { calls, per } => {
                let window = Time::from_nanos(now.as_nanos() / per.as_nanos() * per.as_nanos());
                if window > self.horizon {
                    (self.horizon, self.calls) = (window, 0);
                }
                if self.calls == u64::from(calls) {
                    (self.horizon, self.calls) = (self.horizon + per, 0);
                }
                self.calls += 1;
                now.max(self.horizon)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CreateLimiter;
    use crate::plan::CreateLimit;
    use crate::units::{Span, Time};

    /// Golden case G07: the time of the n-th of calls that are all made at zero.
    #[test]
    fn a_thousand_pods_a_minute() {
        let minute = Span::from_secs(60);
        let limits = [
            CreateLimit::Smooth { calls: 1000, per: minute },
            CreateLimit::FixedWindow { calls: 1000, per: minute },
            CreateLimit::TokenBucket { burst: 100, per_second: 20.0 },
        ];
        for (n, expected_s) in [
            (8, [0.48, 0.0, 0.0]),
            (78, [4.68, 0.0, 0.0]),
            (100, [6.0, 0.0, 0.0]),
            (1000, [60.0, 0.0, 45.0]),
            (3000, [180.0, 120.0, 145.0]),
            (10000, [600.0, 540.0, 495.0]),
        ] {
            for (limit, expected) in limits.iter().zip(expected_s) {
                let mut limiter = CreateLimiter::new(*limit);
                let last = (0..n).map(|_| limiter.accept(Time::ZERO)).last().unwrap();
                assert_eq!(last, Time::ZERO + Span::from_secs_f64(expected), "{limit:?}, call {n}");
            }
        }
    }

    /// Rates whose refills are no whole number of nanoseconds.
    #[test]
    fn refills_of_a_bucket_do_not_drift() {
        for (burst, per_second) in [(5, 3.0), (1, 1000.0 / 60.0), (50, 7.0)] {
            let mut limiter = CreateLimiter::new(CreateLimit::TokenBucket { burst, per_second });
            let calls: Vec<Time> = (0..20_000).map(|_| limiter.accept(Time::from_secs(9))).collect();
            let closed_form = |n: u32| Time::from_secs(9) + Span::from_secs_f64(f64::from(n.saturating_sub(burst)) / per_second);
            assert!((1..).zip(&calls).all(|(n, at)| *at == closed_form(n)), "{burst} and {per_second} a second");
            let in_a_minute = |first: usize| calls[first..].iter().take_while(|at| **at < calls[first] + Span::from_secs(60)).count();
            let most = (0..calls.len()).step_by(97).map(in_a_minute).max().unwrap();
            assert!(most as f64 <= f64::from(burst) + 60.0 * per_second, "{most} calls in a minute");
        }
    }

    #[test]
    fn an_idle_bucket_fills_up_again() {
        let mut limiter = CreateLimiter::new(CreateLimit::TokenBucket { burst: 2, per_second: 1.0 });
        let accepted: Vec<u64> = [0, 0, 0, 10, 10, 10].map(|s| limiter.accept(Time::from_secs(s)).as_nanos() / 1_000_000_000).to_vec();
        assert_eq!(accepted, [0, 0, 1, 10, 10, 11]);
    }
}
