//! Overspill's kernel, and the least that the work can cost.

use rand_distr::{Distribution as _, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use sim_core::plan::{Curve, Requests};
use sim_core::random::{Distribution, Streams};
use sim_core::traffic::{Endpoint, RequestKernel};
use sim_core::units::Time;

use crate::pool::{Answer, WORKERS, answer};

/// The request kernel with percentiles on, completions recorded and windows of 1,000 s. It has streams of its own.
pub fn kernel(customers: u64) -> Answer {
    let plan = Requests { rate: Curve::constant(40.0), ..Requests::new(Distribution::Exponential { mean: 1.0 }, WORKERS as u32) };
    let mut kernel = RequestKernel::new(&plan, Streams::new(1), "pool");
    kernel.add_endpoint(Endpoint::PLAIN);
    for window in 1..=(customers / 40_000).max(1) {
        kernel.advance(Time::from_secs(window * 1000));
        kernel.take_window();
    }
    let waits = &kernel.total().wait;
    Answer { mean: waits.mean() / 1e9, p99: waits.quantile(0.99) as f64 / 1e9 }
}

/// Kiefer and Wolfowitz's recursion over the instants when workers get free, with the streams of the other engines and all waits kept.
pub fn recursion(customers: u64) -> Answer {
    let (mut gaps, mut works) = (Xoshiro256PlusPlus::seed_from_u64(1), Xoshiro256PlusPlus::seed_from_u64(2));
    let mut free = [0.0_f64; WORKERS];
    let mut waits = Vec::with_capacity(customers as usize);
    let mut now = 0.0;
    for _ in 0..customers {
        let (gap, work): (f64, f64) = (Exp1.sample(&mut gaps), Exp1.sample(&mut works));
        now += gap / 40.0;
        let start = free[0].max(now);
        waits.push(start - now);
        replace_first(&mut free, start + work);
    }
    answer(&mut waits)
}

/// Puts another value in the place of the least of a binary heap.
fn replace_first(heap: &mut [f64; WORKERS], value: f64) {
    let mut hole = 0;
    while 2 * hole + 1 < WORKERS {
        let left = 2 * hole + 1;
        let child = left + usize::from(left + 1 < WORKERS && heap[left + 1] < heap[left]);
        if value <= heap[child] {
            break;
        }
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = value;
}
