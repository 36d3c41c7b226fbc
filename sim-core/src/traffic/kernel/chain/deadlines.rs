//! When clients give up attempts.

use std::collections::VecDeque;

/// The end of somebody's patience with an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deadline {
    pub(super) at: u64,
    /// Its place in the order of all turns.
    pub(super) sequence: u64,
    /// A request, as it was: sent so many times.
    pub(super) request: u32,
    pub(super) version: u32,
    pub(super) attempts: u32,
}

/// Deadlines in order of time. Those of one rule have the same timeout, so that they come in the order in which they are made: a queue for each rule.
#[derive(Clone, Debug)]
pub(super) struct Deadlines {
    queues: Vec<VecDeque<Deadline>>,
    /// The first one of all, with its rule.
    first: Option<(u64, u64, usize)>,
}

impl Deadlines {
    /// None, of so many rules.
    pub(super) fn new(rules: usize) -> Self {
        Self { queues: vec![VecDeque::new(); rules], first: None }
    }

    /// Instant and place in the order of the first; `u64::MAX` if there is none.
    pub(super) fn first(&self) -> (u64, u64) {
        self.first.map_or((u64::MAX, u64::MAX), |(at, sequence, _)| (at, sequence))
    }

    /// Adds one, which is not before the others of its rule.
    pub(super) fn push(&mut self, rule: usize, deadline: Deadline) {
        let key = (deadline.at, deadline.sequence, rule);
        self.queues[rule].push_back(deadline);
        self.first = Some(self.first.map_or(key, |first| first.min(key)));
    }

    /// Takes the first one out.
    pub(super) fn pop(&mut self) -> Option<Deadline> {
        let (.., rule) = self.first?;
        let deadline = self.queues[rule].pop_front();
        self.find_first();
        deadline
    }

    /// Takes those out that are first of their rules and for which this does not hold.
    pub(super) fn drop_first_unless(&mut self, holds: impl Fn(&Deadline) -> bool) {
        for queue in &mut self.queues {
            while queue.front().is_some_and(|deadline| !holds(deadline)) {
                queue.pop_front();
            }
        }
        self.find_first();
    }

    fn find_first(&mut self) {
        let fronts = self.queues.iter().enumerate().filter_map(|(rule, queue)| queue.front().map(|deadline| (deadline.at, deadline.sequence, rule)));
        self.first = fronts.min();
    }
}

#[cfg(test)]
mod tests {
    use super::{Deadline, Deadlines};

    #[test]
    fn deadlines_of_several_timeouts_come_in_order_of_time_and_then_as_made() {
        let timeouts = [30, 10, 10];
        let mut deadlines = Deadlines::new(3);
        let made: Vec<Deadline> = (0..60)
            .map(|sequence| {
                let rule = (sequence * sequence % 7 % 3) as usize;
                let deadline = Deadline { at: sequence / 2 + timeouts[rule], sequence, request: sequence as u32 % 5, version: 0, attempts: 1 };
                deadlines.push(rule, deadline);
                deadline
            })
            .collect();
        let mut expected: Vec<Deadline> = made.into_iter().filter(|deadline| deadline.request != 3 || deadline.at > 12).collect();
        expected.sort_by_key(|deadline| (deadline.at, deadline.sequence));
        let mut got = Vec::new();
        while let Some(deadline) = deadlines.pop() {
            got.push(deadline);
            deadlines.drop_first_unless(|deadline| deadline.request != 3 || deadline.at > 12);
        }
        got.retain(|deadline| deadline.request != 3 || deadline.at > 12);
        assert_eq!(got, expected);
        assert_eq!(deadlines.first(), (u64::MAX, u64::MAX));
    }
}
