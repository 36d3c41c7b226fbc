//! Requests that are to be sent again, as a fluid: by attempt, how many there are, and how long ago they were first sent.
//!
//! What is sent again adds to what makes attempts fail, which is sent again: with enough of it, an overload outlives its cause.

use super::law::Law;
use crate::math;
use crate::plan::Retries as Plan;

/// Requests between two attempts.
#[derive(Clone, Debug)]
pub(super) struct Retries {
    /// By attempts so far, less one.
    stages: Vec<Stage>,
    /// Seconds until a client notices that it got no answer.
    timeout: f64,
    /// What a request earns, and what is there.
    budget: Option<(f64, f64)>,
    /// The share of requests that are more work than clients have patience for, and how many times as much work these are as others on average. Where
    /// a request that is sent again is the same work, they are never answered.
    long: (f64, f64),
    sent: Vec<Sent>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Stage {
    /// Seconds of the pause.
    pause: f64,
    /// Requests that were refused, and those that were given up.
    refused: Pool,
    given_up: Pool,
}

/// Requests that wait, and the sum of their ages in seconds when they will be sent.
#[derive(Clone, Copy, Debug, Default)]
struct Pool {
    requests: f64,
    ages: f64,
    /// Those that are more work than clients have patience for.
    long: f64,
}

/// Attempts of a step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sent {
    /// How many.
    pub(super) requests: f64,
    /// Their mean age in seconds.
    pub(super) age: f64,
    /// Those that are too much work.
    long: f64,
}

impl Sent {
    /// Those that are not too much work.
    pub(super) fn others(&self) -> f64 {
        (self.requests - self.long).max(0.0)
    }
}

/// Attempts that failed in a step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Failed {
    pub(super) refused: f64,
    pub(super) given_up: f64,
}

/// Fewer requests than this do not matter.
const NOTHING: f64 = 1e-6;
/// No step is shorter than this because of retries, in seconds.
const SHORTEST: f64 = 0.005;

impl Retries {
    pub(super) fn new(plan: &Plan, timeout: Option<f64>, law: &Law) -> Self {
        let pause = |attempts: u32| {
            let full = plan.initial.as_secs_f64() * math::pow(2.0, f64::from(attempts.min(60)));
            full.min(plan.max.as_secs_f64()) * (1.0 - plan.jitter / 2.0)
        };
        let stages = (0..plan.attempts.saturating_sub(1)).map(|attempts| Stage { pause: pause(attempts).max(0.001), ..Stage::default() }).collect();
        let budget = plan.budget.map(|share| (share, f64::from(Plan::SAVED)));
        // Where each attempt is work anew, one is as long as the other.
        let long = timeout.filter(|_| !plan.anew).map_or((0.0, 1.0), |timeout| law.above(timeout));
        Self { stages, timeout: timeout.unwrap_or(0.0), budget, long, sent: Vec::new() }
    }

    /// Requests that wait to be sent again.
    pub(super) fn waiting(&self) -> f64 {
        self.stages.iter().map(|stage| stage.refused.requests + stage.given_up.requests).sum()
    }

    /// Whether there are none.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting() < NOTHING
    }

    /// The longest step in which the pauses are told apart, in seconds.
    pub(super) fn longest_step(&self) -> f64 {
        let shortest = |stage: &Stage| {
            let refused = if stage.refused.requests > NOTHING { stage.pause } else { f64::INFINITY };
            let given_up = if stage.given_up.requests > NOTHING { stage.pause + self.timeout } else { f64::INFINITY };
            refused.min(given_up)
        };
        self.stages.iter().map(shortest).fold(f64::INFINITY, f64::min).max(2.0 * SHORTEST) / 2.0
    }

    /// Attempts that would be made in the next `dt` seconds.
    pub(super) fn due(&self, dt: f64) -> f64 {
        let of = |pool: &Pool, pause: f64| pool.requests * gone(dt, pause);
        self.stages.iter().map(|stage| of(&stage.refused, stage.pause) + of(&stage.given_up, stage.pause + self.timeout)).sum()
    }

    /// Makes the attempts of the next `dt` seconds: by attempts before, after the `fresh` ones.
    pub(super) fn send(&mut self, dt: f64, fresh: f64) -> &[Sent] {
        self.sent.clear();
        self.sent.push(Sent { requests: fresh, age: 0.0, long: fresh * self.long.0 });
        let timeout = self.timeout;
        for stage in &mut self.stages {
            let (first, second) = (stage.refused.take(gone(dt, stage.pause)), stage.given_up.take(gone(dt, stage.pause + timeout)));
            let requests = first.requests + second.requests;
            let age = if requests > 0.0 { (first.ages + second.ages) / requests } else { 0.0 };
            self.sent.push(Sent { requests, age, long: first.long + second.long });
        }
        &self.sent
    }

    /// Of the attempts that were sent last: how many times as many of those that are answered if all are like first ones will be, and how many times as much
    /// work they are.
    pub(super) fn mixture(&self) -> (f64, f64) {
        let (all, long) = self.sent.iter().fold((0.0, 0.0), |sum, sent| (sum.0 + sent.requests, sum.1 + sent.long));
        let (share, factor) = self.long;
        if all <= 0.0 || share <= 0.0 || share >= 1.0 {
            return (1.0, 1.0);
        }
        let others = (1.0 - share * factor) / (1.0 - share);
        let now = (long / all).min(1.0);
        ((1.0 - now) / (1.0 - share), now * factor + (1.0 - now) * others)
    }

    /// The attempts that were sent last, by attempts before.
    pub(super) fn sent(&self) -> &[Sent] {
        &self.sent
    }

    /// Takes back what failed of the attempts that were sent last; returns what is not sent again.
    pub(super) fn fail(&mut self, failed: Failed) -> Failed {
        let (all, all_long) = self.sent.iter().fold((0.0, 0.0), |sum, sent| (sum.0 + sent.requests, sum.1 + sent.long));
        if all <= 0.0 {
            return failed;
        }
        // Those that are too much work are given up unless they are refused; the others share what is left.
        let taken = (1.0 - failed.refused / all).max(0.0);
        let long = (all_long * taken).min(failed.given_up);
        let (of_long, of_others) = (if all_long > 0.0 { long / all_long } else { 0.0 }, (failed.given_up - long) / (all - all_long).max(1e-12));
        let mut share = 1.0;
        let mut over = Failed::default();
        if let Some((earned, there)) = &mut self.budget {
            *there = (*there + *earned * self.sent[0].requests).min(f64::from(Plan::SAVED));
            let last = self.stages.len();
            let asked: f64 = self.sent[..last].iter().map(|sent| sent.requests).sum::<f64>() / all * (failed.refused + failed.given_up);
            let allowed = asked.min(*there);
            *there -= allowed;
            share = if asked > 0.0 { allowed / asked } else { 1.0 };
        }
        for (attempt, sent) in self.sent.iter().enumerate() {
            let refused = failed.refused * sent.requests / all;
            let long = of_long * sent.long;
            let given_up = long + of_others * (sent.requests - sent.long);
            let Some(stage) = self.stages.get_mut(attempt) else {
                over.refused += refused;
                over.given_up += given_up;
                continue;
            };
            over.refused += refused * (1.0 - share);
            over.given_up += given_up * (1.0 - share);
            stage.refused.put(refused * share, sent.age + stage.pause, refused * share * sent.long / sent.requests.max(1e-12));
            stage.given_up.put(given_up * share, sent.age + stage.pause + self.timeout, long * share);
        }
        over
    }

    /// Takes in requests whose pod was lost in their first attempt; returns those that are not sent again.
    pub(super) fn lose(&mut self, requests: f64) -> f64 {
        let Some(stage) = self.stages.first_mut() else { return requests };
        let allowed = self.budget.as_mut().map_or(requests, |(_, there)| {
            let allowed = requests.min(*there);
            *there -= allowed;
            allowed
        });
        stage.refused.put(allowed, stage.pause, allowed * self.long.0);
        requests - allowed
    }
}

/// The share of requests that are sent within `dt` of a pause.
fn gone(dt: f64, pause: f64) -> f64 {
    1.0 - math::exp(-dt / pause)
}

impl Pool {
    fn put(&mut self, requests: f64, age: f64, long: f64) {
        self.requests += requests;
        self.ages += requests * age;
        self.long += long;
    }

    fn take(&mut self, share: f64) -> Self {
        let taken = Self { requests: self.requests * share, ages: self.ages * share, long: self.long * share };
        self.requests -= taken.requests;
        self.ages -= taken.ages;
        self.long -= taken.long;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::{Failed, Law, Retries};
    use crate::plan;
    use crate::random::Distribution;
    use crate::units::Span;

    fn plan(budget: Option<f64>) -> plan::Retries {
        plan::Retries { attempts: 3, initial: Span::from_millis(100), max: Span::from_millis(1000), jitter: 0.0, budget, anew: false }
    }

    fn law() -> Law {
        Law::new(&Distribution::Constant(0.1))
    }

    #[test]
    fn what_is_too_much_work_is_sent_as_often_as_allowed() {
        // One in e^2 takes longer than the timeout, and three times as long as the mean.
        let mut retries = Retries::new(&plan(None), Some(2.0), &Law::new(&Distribution::Exponential { mean: 1.0 }));
        let (mut attempts, mut work) = (0.0, 0.0);
        for _ in 0..4000 {
            let sent: f64 = retries.send(0.1, 1.0).iter().map(|sent| sent.requests).sum();
            let (answered, heavy) = retries.mixture();
            (attempts, work) = (sent, heavy * sent);
            let share = 0.135_335_3;
            retries.fail(Failed { refused: 0.0, given_up: sent * (1.0 - (1.0 - share) * answered) });
        }
        assert!((attempts - 1.2707).abs() < 0.01 && (work - (1.0 + 2.0 * 0.1353 * 3.0)).abs() < 0.03, "{attempts} {work}");
    }

    #[test]
    fn requests_are_sent_as_often_as_allowed() {
        let mut retries = Retries::new(&plan(None), Some(1.0), &law());
        let (mut attempts, mut over) = (0.0, 0.0);
        for step in 0..2000 {
            let sent: f64 = retries.send(0.05, if step == 0 { 100.0 } else { 0.0 }).iter().map(|sent| sent.requests).sum();
            attempts += sent;
            over += retries.fail(Failed { refused: 0.0, given_up: sent }).given_up;
        }
        assert!((attempts - 300.0).abs() < 1e-3 && (over - 100.0).abs() < 1e-3, "{attempts} {over}");
    }

    #[test]
    fn a_budget_allows_a_share() {
        let mut retries = Retries::new(&plan(Some(0.1)), Some(1.0), &law());
        let mut attempts = 0.0;
        for _ in 0..1000 {
            let sent: f64 = retries.send(0.1, 10.0).iter().map(|sent| sent.requests).sum();
            attempts += sent;
            retries.fail(Failed { refused: 0.0, given_up: sent });
        }
        assert!((attempts / 10_000.0 - 1.1).abs() < 0.01, "{attempts}");
    }
}
