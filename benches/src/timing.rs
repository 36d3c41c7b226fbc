//! Timing on a machine that has other things to do.

use std::time::Instant;

/// A named piece of work that does the same number of requests each time.
pub struct Case<'a> {
    /// What it is.
    pub name: &'a str,
    /// Does it once.
    pub run: Box<dyn FnMut() + 'a>,
}

impl<'a> Case<'a> {
    /// A case.
    pub fn new(name: &'a str, run: impl FnMut() + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// Runs the cases in turn, `rounds` times, and prints the nanoseconds a request of the fastest round of each and how many times the first one's that is.
///
/// Other work on the machine can only add time, so the minimum is the figure least disturbed, and taking turns lets a busy minute meet all of them.
pub fn compare(title: &str, requests: u64, rounds: u32, mut cases: Vec<Case<'_>>) {
    let mut best = vec![f64::INFINITY; cases.len()];
    for _ in 0..rounds {
        for (case, best) in cases.iter_mut().zip(&mut best) {
            let start = Instant::now();
            (case.run)();
            *best = best.min(start.elapsed().as_nanos() as f64 / requests as f64);
        }
    }
    println!("{title}: {requests} requests, best of {rounds}");
    for (case, ns) in cases.iter().zip(&best) {
        println!("  {:<64} {ns:6.1} ns a request  {:5.2} x", case.name, ns / best[0]);
    }
}
