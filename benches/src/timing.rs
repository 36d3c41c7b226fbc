//! Timing on a machine that has other things to do.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A named piece of work, and how many requests it does each time.
pub struct Case<'a> {
    /// What it is.
    pub name: &'a str,
    /// Requests a round.
    pub requests: u64,
    /// Does it once.
    pub run: Box<dyn FnMut() + 'a>,
}

impl<'a> Case<'a> {
    /// A case.
    pub fn new(name: &'a str, requests: u64, run: impl FnMut() + 'a) -> Self {
        Self { name, requests, run: Box::new(run) }
    }
}

/// Runs the cases in turn, `rounds` times, and prints a table (Markdown): the CPU nanoseconds a request of the fastest round of each, and how many times the first
/// one's that is.
///
/// Other work on the machine can only add time, so the minimum is the figure least disturbed, and taking turns lets a busy minute meet all of them.
pub fn compare(title: &str, rounds: u32, mut cases: Vec<Case<'_>>) {
    let mut best = vec![f64::INFINITY; cases.len()];
    for _ in 0..rounds {
        for (case, best) in cases.iter_mut().zip(&mut best) {
            let start = cpu();
            (case.run)();
            *best = best.min(cpu().checked_sub(start).expect("time goes on").as_nanos() as f64 / case.requests as f64);
        }
    }
    println!("| {title:<88} | ns a request | ratio |\n|{:-<90}|-------------:|------:|", "");
    for (case, ns) in cases.iter().zip(&best) {
        println!("| {:<88} | {ns:12.1} | {:5.2} |", case.name, ns / best[0]);
    }
    println!();
}

/// CPU time of this process.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
