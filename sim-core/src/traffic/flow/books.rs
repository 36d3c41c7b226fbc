//! What became of requests, in whole numbers that add up.

use crate::traffic::Meter;

/// Counts of requests since the start.
#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    /// Whole requests offered.
    pub(super) offered: u64,
    /// Fractions of requests that are not among them yet.
    offered_part: f64,
    pub(super) rejected: f64,
    pub(super) timed_out: f64,
    pub(super) failed: f64,
    pub(super) retried: f64,
    /// The same in whole numbers, as far as they are settled.
    settled: Settled,
}

/// What became of requests.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Settled {
    pub(super) offered: u64,
    pub(super) completed: u64,
    pub(super) rejected: u64,
    pub(super) timed_out: u64,
    pub(super) failed: u64,
    pub(super) retried: u64,
}

impl Books {
    /// Requests that come.
    pub(super) fn offer(&mut self, requests: f64) {
        self.offered_part += requests;
        let whole = self.offered_part as u64;
        self.offered += whole;
        self.offered_part -= whole as f64;
    }

    /// Settles all but those that are in flight: what did not end otherwise is completed. No count ever falls.
    pub(super) fn settle(&mut self, in_flight: f64) {
        let settled = &mut self.settled;
        let before = settled.completed + settled.rejected + settled.timed_out + settled.failed;
        let mut new = self.offered.saturating_sub((in_flight + 0.5) as u64).saturating_sub(before);
        let mut take = |wanted: f64, count: &mut u64| {
            let more = ((wanted + 1e-6) as u64).saturating_sub(*count).min(new);
            *count += more;
            new -= more;
        };
        take(self.rejected, &mut settled.rejected);
        take(self.timed_out, &mut settled.timed_out);
        take(self.failed, &mut settled.failed);
        settled.completed += new;
        settled.offered = self.offered;
        settled.retried = self.retried as u64;
    }

    /// What is settled.
    pub(super) const fn settled(&self) -> Settled {
        self.settled
    }

    /// Whole requests of which nothing has become yet.
    pub(super) const fn in_flight(&self) -> u64 {
        let settled = &self.settled;
        self.offered - (settled.completed + settled.rejected + settled.timed_out + settled.failed)
    }
}

impl Settled {
    /// What was settled since `before`, without times.
    pub(super) fn since(self, before: Self) -> Meter {
        Meter {
            offered: self.offered - before.offered,
            completed: self.completed - before.completed,
            timed_out: self.timed_out - before.timed_out,
            rejected: self.rejected - before.rejected,
            failed: self.failed - before.failed,
            retried: self.retried - before.retried,
            ..Meter::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Books;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whole_numbers_add_up_and_never_fall(steps in prop::collection::vec((0.0..50.0_f64, 0.0..20.0_f64, 0.0..5.0_f64, 0.0..60.0_f64), 1..50)) {
            let mut books = Books::default();
            let mut last = books.settled();
            for (offered, rejected, late, in_flight) in steps {
                books.offer(offered);
                books.rejected += rejected;
                books.timed_out += late;
                books.settle(in_flight);
                let now = books.settled();
                let window = now.since(last);
                prop_assert_eq!(now.offered, now.completed + now.rejected + now.timed_out + now.failed + books.in_flight());
                prop_assert_eq!(window.settled(), now.completed + now.rejected + now.timed_out - last.completed - last.rejected - last.timed_out);
                last = now;
            }
        }
    }
}
