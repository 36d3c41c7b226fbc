//! Requests in a queue that no pod takes from: they wait until one comes.

use std::collections::VecDeque;

use crate::plan::Requests;
use crate::units::Span;

/// Requests that wait for a pod, the oldest first.
#[derive(Clone, Debug)]
pub(super) struct Parked {
    /// Instant of arrival in nanoseconds, and how many.
    requests: VecDeque<(u64, f64)>,
    count: f64,
    room: f64,
    timeout: u64,
}

/// Those who do not wait any more.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parting {
    /// Clients have given them up.
    pub(super) expired: f64,
    /// There was no room.
    pub(super) refused: f64,
}

/// Instants that are told apart.
const INSTANTS: usize = 64;

impl Parked {
    pub(super) fn new(plan: &Requests) -> Self {
        Self {
            requests: VecDeque::new(),
            count: 0.0,
            room: plan.queue_limit.map_or(f64::INFINITY, f64::from),
            timeout: plan.timeout.map_or(u64::MAX, Span::as_nanos),
        }
    }

    /// How many there are.
    pub(super) const fn count(&self) -> f64 {
        self.count
    }

    /// Adds requests that are there at `now`.
    pub(super) fn add(&mut self, requests: f64, now: u64) {
        if requests <= 0.0 {
            return;
        }
        self.count += requests;
        self.requests.push_back((now, requests));
        if self.requests.len() > 2 * INSTANTS {
            let pairs: Vec<(u64, f64)> = self.requests.drain(..).collect();
            self.requests.extend(pairs.chunks(2).map(|pair| {
                let sum: f64 = pair.iter().map(|one| one.1).sum();
                let at: f64 = pair.iter().map(|one| one.0 as f64 * one.1).sum::<f64>() / sum;
                (at as u64, sum)
            }));
        }
    }

    /// Lets so many arrive in the next `seconds`; returns those who leave meanwhile.
    pub(super) fn wait(&mut self, requests: f64, now: u64, seconds: f64) -> Parting {
        let length = (seconds * 1e9) as u64;
        let until = now + length;
        let mut expired = 0.0;
        while let Some((at, count)) = self.requests.front().copied().filter(|first| until.saturating_sub(first.0) >= self.timeout) {
            debug_assert!(at <= until, "requests that are still to come");
            self.requests.pop_front();
            self.count -= count;
            expired += count;
        }
        let taken = requests.min(self.room - self.count).max(0.0);
        self.add(taken, now + length / 2);
        self.count = self.count.max(0.0);
        Parting { expired, refused: requests - taken }
    }

    /// Takes all of them: how long they have waited, in nanoseconds, times how many, and how many.
    pub(super) fn take(&mut self, now: u64) -> Vec<(f64, f64)> {
        self.count = 0.0;
        self.requests.drain(..).map(|(at, count)| (now.saturating_sub(at) as f64 * count, count)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Parked;
    use crate::plan::Requests;
    use crate::random::Distribution;
    use crate::units::Span;

    #[test]
    fn requests_wait_up_to_their_timeout_and_no_more_than_there_is_room_for() {
        let plan = Requests { timeout: Some(Span::from_secs(10)), queue_limit: Some(50), ..Requests::new(Distribution::Constant(1.0), 1) };
        let mut parked = Parked::new(&plan);
        let (mut expired, mut refused) = (0.0, 0.0);
        for second in 0..20 {
            let parting = parked.wait(4.0, second * 1_000_000_000, 1.0);
            (expired, refused) = (expired + parting.expired, refused + parting.refused);
        }
        assert!((parked.count() + expired + refused - 80.0).abs() < 1e-9);
        assert!((parked.count() - 40.0).abs() <= 4.0 && refused == 0.0, "{} {refused}", parked.count());
        assert!(parked.wait(100.0, 20_000_000_000, 1.0).refused > 80.0);
        let waited = parked.take(21_000_000_000);
        let all: f64 = waited.iter().map(|waited| waited.1).sum();
        assert!((all - 50.0).abs() < 1e-9 && parked.count() == 0.0, "{all}");
    }
}
