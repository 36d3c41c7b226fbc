//! How many users there are, how long they think, and what work they ask for.

use super::draws::Draws;
use super::instant::NEVER;
use crate::plan::{Requests, Users as Plan};
use crate::random::Stream;

/// Users are all alike, so that they are only counted.
#[derive(Clone, Debug)]
pub(super) struct Users {
    changes: Vec<(u64, u32)>,
    /// Changes so far.
    done: usize,
    wanted: u32,
    present: u32,
    think: Draws,
    works: Draws,
}

impl Users {
    pub(super) fn new(users: &Plan, plan: &Requests, think: Stream, service: Stream) -> Self {
        Self {
            changes: users.count.iter().map(|&(at, count)| (at.as_nanos().min(NEVER), count)).collect(),
            done: 0,
            wanted: 0,
            present: 0,
            think: Draws::new(users.think.clone(), think),
            works: Draws::new(plan.service_time.clone(), service),
        }
    }

    /// When the number of users changes next; `u64::MAX` if it does not.
    pub(super) fn next_change(&self) -> u64 {
        self.changes.get(self.done).map_or(u64::MAX, |change| change.0)
    }

    /// Makes the next change and returns how many users come. Those who have not left yet stay instead.
    pub(super) fn change(&mut self) -> u32 {
        self.wanted = self.changes[self.done].1;
        self.done += 1;
        let coming = self.wanted.saturating_sub(self.present);
        self.present += coming;
        coming
    }

    /// The work of the request that a user sends now; none if the user leaves instead.
    pub(super) fn send(&mut self) -> Option<u64> {
        if self.present > self.wanted {
            self.present -= 1;
            return None;
        }
        Some(self.works.take())
    }

    /// How long a user thinks.
    pub(super) fn think(&mut self) -> u64 {
        self.think.take()
    }
}
