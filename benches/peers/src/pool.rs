//! Fifty workers and a queue, and who comes to them: what every engine has in common.

use std::collections::VecDeque;

use rand_distr::{Distribution, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

pub const WORKERS: usize = 50;
const GAP: f64 = 1.0 / 40.0;

/// Mean and 99th percentile of waits, in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer {
    pub mean: f64,
    pub p99: f64,
}

/// The state of the queue.
#[derive(Debug)]
pub struct Pool {
    gaps: Xoshiro256PlusPlus,
    works: Xoshiro256PlusPlus,
    busy: usize,
    /// Arrival and work of those who wait.
    queue: VecDeque<(f64, f64)>,
    pub waits: Vec<f64>,
    pub left: u64,
}

impl Default for Pool {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Pool {
    /// A pool to which so many customers will come.
    pub fn new(customers: u64) -> Self {
        Self {
            gaps: Xoshiro256PlusPlus::seed_from_u64(1),
            works: Xoshiro256PlusPlus::seed_from_u64(2),
            busy: 0,
            queue: VecDeque::new(),
            waits: Vec::with_capacity(customers as usize),
            left: customers,
        }
    }

    /// The time until the next customer; none if there is no further one.
    pub fn gap(&mut self) -> Option<f64> {
        self.left = self.left.checked_sub(1)?;
        let gap: f64 = Exp1.sample(&mut self.gaps);
        Some(gap * GAP)
    }

    /// A customer comes. Returns the work that begins now.
    pub fn arrive(&mut self, now: f64) -> Option<f64> {
        let work: f64 = Exp1.sample(&mut self.works);
        if self.busy < WORKERS {
            self.busy += 1;
            self.waits.push(0.0);
            return Some(work);
        }
        self.queue.push_back((now, work));
        None
    }

    /// A worker gets free. Returns the work that begins now.
    pub fn depart(&mut self, now: f64) -> Option<f64> {
        let Some((arrival, work)) = self.queue.pop_front() else {
            self.busy -= 1;
            return None;
        };
        self.waits.push(now - arrival);
        Some(work)
    }

    /// What the waits were.
    pub fn answer(&mut self) -> Answer {
        answer(&mut self.waits)
    }
}

/// Mean and nearest-rank 99th percentile.
pub fn answer(waits: &mut [f64]) -> Answer {
    let mean = waits.iter().sum::<f64>() / waits.len() as f64;
    let rank = (waits.len() as f64 * 0.99).ceil() as usize - 1;
    let (_, p99, _) = waits.select_nth_unstable_by(rank, f64::total_cmp);
    Answer { mean, p99: *p99 }
}
