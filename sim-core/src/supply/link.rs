//! A registry's link: concurrent pulls share its bandwidth evenly (processor sharing), each up to its own limit.
//!
//! All pulls go at the same rate, so each ends when the bytes that *any* pull has received since the start of time reach the count at its own start plus
//! its size. Those counts never change, so the next pull to end is the first in a sorted map, however often the rate changes.

use std::collections::BTreeMap;

use crate::units::{Bytes, Span, Time};

/// A pull under way: its place in the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pull {
    /// Bits of the count at which it ends; counts are positive, and so sort as their bits do.
    end: u64,
    sequence: u64,
}

/// The link of a registry.
#[derive(Clone, Debug)]
pub struct Link<T> {
    bandwidth: f64,
    per_pull: f64,
    /// The part of both that is there.
    share: f64,
    /// Bytes that a pull has received that goes on since the start of time.
    received: f64,
    as_of: Time,
    pulls: BTreeMap<Pull, T>,
    started: u64,
    version: u32,
}

impl<T> Link<T> {
    /// An idle link; `None` is no limit.
    pub fn new(bandwidth: Option<f64>, per_pull: Option<f64>) -> Self {
        Self {
            bandwidth: bandwidth.unwrap_or(f64::INFINITY),
            per_pull: per_pull.unwrap_or(f64::INFINITY),
            share: 1.0,
            received: 0.0,
            as_of: Time::ZERO,
            pulls: BTreeMap::new(),
            started: 0,
            version: 0,
        }
    }

    /// Bytes a second that each pull gets now.
    fn rate(&self) -> f64 {
        if self.share <= 0.0 {
            return 0.0;
        }
        self.share * self.per_pull.min(self.bandwidth / self.pulls.len().max(1) as f64)
    }

    fn advance(&mut self, now: Time) {
        let elapsed = now.since(self.as_of).as_secs_f64();
        let rate = self.rate();
        if elapsed > 0.0 && rate.is_finite() && !self.pulls.is_empty() {
            self.received += rate * elapsed;
        }
        self.as_of = now;
    }

    /// Starts a pull.
    pub fn start(&mut self, now: Time, size: Bytes, what: T) -> Pull {
        self.advance(now);
        if self.pulls.is_empty() {
            // Counts start again while nobody pulls, so that they stay small and exact.
            self.received = 0.0;
        }
        let pull = Pull { end: (self.received + size.0 as f64).to_bits(), sequence: self.started };
        self.started += 1;
        self.version += 1;
        self.pulls.insert(pull, what);
        pull
    }

    /// Gives a pull up.
    pub fn cancel(&mut self, now: Time, pull: Pull) {
        self.advance(now);
        self.version += 1;
        self.pulls.remove(&pull);
    }

    /// Leaves only a part of the link, in 0..=1.
    pub fn set_share(&mut self, now: Time, share: f64) {
        self.advance(now);
        self.version += 1;
        self.share = share;
    }

    /// Gives all pulls up, and returns what they were for.
    pub fn stop_all(&mut self, now: Time) -> Vec<T> {
        self.advance(now);
        self.version += 1;
        std::mem::take(&mut self.pulls).into_values().collect()
    }

    /// When the next pull ends, with a version that tells whether this still holds by then; none while nobody pulls or nothing flows.
    pub fn next_end(&self) -> Option<(Time, u32)> {
        let (first, _) = self.pulls.first_key_value()?;
        let left = (f64::from_bits(first.end) - self.received).max(0.0);
        let rate = self.rate();
        if rate <= 0.0 {
            return None;
        }
        let seconds = if rate.is_finite() { left / rate } else { 0.0 };
        Some((self.as_of.saturating_add(Span::from_secs_f64(seconds)), self.version))
    }

    /// Ends the next pull, and those that end with it, if nothing has changed since `version`.
    pub fn end(&mut self, now: Time, version: u32) -> Vec<T> {
        if version != self.version {
            return Vec::new();
        }
        self.advance(now);
        let Some((first, _)) = self.pulls.first_key_value() else { return Vec::new() };
        let end = first.end;
        // The count at the end is known exactly; the clock only rounds it.
        self.received = f64::from_bits(end);
        let rest = self.pulls.split_off(&Pull { end: end + 1, sequence: 0 });
        self.version += 1;
        std::mem::replace(&mut self.pulls, rest).into_values().collect()
    }

    /// Pulls under way.
    pub fn len(&self) -> usize {
        self.pulls.len()
    }

    /// Whether nobody pulls.
    pub fn is_empty(&self) -> bool {
        self.pulls.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Link;
    use crate::units::{Bytes, Span, Time};

    /// When each pull ends, by plain simulation of the link.
    fn ends(link: &mut Link<usize>, starts: &[(f64, u64)]) -> Vec<f64> {
        let at = |s: f64| Time::ZERO + Span::from_secs_f64(s);
        let mut ends = vec![0.0; starts.len()];
        let mut next = 0;
        loop {
            let end = link.next_end();
            let start = starts.get(next).map(|(s, _)| at(*s));
            match (start, end) {
                (Some(start), None) => {
                    link.start(start, Bytes(starts[next].1), next);
                    next += 1;
                }
                (Some(start), Some((end, _))) if start <= end => {
                    link.start(start, Bytes(starts[next].1), next);
                    next += 1;
                }
                (_, Some((end, version))) => {
                    let ended = link.end(end, version);
                    assert!(!ended.is_empty());
                    for pull in ended {
                        ends[pull] = end.as_secs_f64();
                    }
                }
                (None, None) => return ends,
            }
        }
    }

    /// Golden case G22: a pull of 336,066,994 bytes took 12.951 s, which is 25.95 MB/s; 386.26 MB at 7.7 MB/s take 50 s.
    #[test]
    fn one_pull_takes_its_size_over_its_rate() {
        let seconds = |size: u64, rate: f64| ends(&mut Link::new(None, Some(rate)), &[(3.0, size)])[0] - 3.0;
        assert!((seconds(336_066_994, 25.9e6) - 12.9756).abs() < 1e-3);
        assert!((seconds(386_260_000, 7.7e6) - 50.16).abs() < 0.01);
    }

    /// Two of 100 bytes over a link of 10 bytes a second: the first alone for 5 s, both at half the rate for 10 s, the second alone for 5 s.
    #[test]
    fn concurrent_pulls_share_the_link() {
        assert_eq!(ends(&mut Link::new(Some(10.0), None), &[(0.0, 100), (5.0, 100)]), [15.0, 20.0]);
        // With a limit of 4 for each, the link is wide enough for both.
        assert_eq!(ends(&mut Link::new(Some(10.0), Some(4.0)), &[(0.0, 100), (5.0, 100)]), [25.0, 30.0]);
        // Work is conserved: n equal pulls at once end together when the link has carried all.
        assert_eq!(ends(&mut Link::new(Some(10.0), None), &[(0.0, 50); 6]), [30.0; 6]);
        assert_eq!(ends(&mut Link::new(None, None), &[(1.0, 100), (5.0, 100)]), [1.0, 5.0]);
    }

    #[test]
    fn a_cancelled_pull_gives_its_share_back() {
        let mut link = Link::new(Some(10.0), None);
        let first = link.start(Time::ZERO, Bytes(100), 0);
        link.start(Time::ZERO, Bytes(100), 1);
        link.cancel(Time::from_secs(10), first);
        let (end, version) = link.next_end().unwrap();
        assert_eq!(end, Time::from_secs(15));
        assert_eq!(link.end(end, version), [1]);
        link.set_share(end, 0.0);
        link.start(end, Bytes(1), 2);
        assert_eq!(link.next_end(), None);
    }
}
