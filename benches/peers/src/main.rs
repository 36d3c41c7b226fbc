//! The same M/M/50 (40 customers a second, one second each) in several simulators, side by side: `cargo run --release`.
//!
//! Every engine records the wait of every customer and reports mean and 99th percentile. Engines in Rust draw the same customers, so their answers agree to
//! six digits; the others agree within chance. Times are CPU times of the process, because a busy machine does not change them much; rounds take turns, and
//! the fastest counts. What counts is the ratio, to Overspill's kernel.

mod desque_engine;
mod nexosim_engine;
mod overspill;
mod pool;
mod python;
mod simcore_engine;

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use pool::Answer;

/// What is run: its name, how many customers, and the engine.
type Case = (&'static str, u64, fn(u64) -> Answer);

const ROUNDS: u32 = 5;

fn main() {
    eprintln!("needs nothing but time, and Python 3 with venv, pip and its package registry for SimPy and Ciw (left out without)");
    let customers: u64 = std::env::args().nth(1).map_or(1_000_000, |text| text.parse().expect("the number of customers"));
    let cases: [Case; 5] = [
        ("overspill kernel", customers, overspill::kernel),
        ("bare recursion", customers, overspill::recursion),
        ("desque 0.4.0", customers, desque_engine::run),
        ("simcore 0.1.0", customers, simcore_engine::run),
        ("nexosim 1.0.0", customers / 4, nexosim_engine::run),
    ];
    let mut best = [f64::INFINITY; 5];
    let mut answers = [Answer::default(); 5];
    for _ in 0..ROUNDS {
        for (index, (_, count, run)) in cases.iter().enumerate() {
            let start = cpu();
            answers[index] = run(*count);
            best[index] = best[index].min((cpu() - start).as_nanos() as f64 / *count as f64);
        }
    }
    println!("M/M/50 at 80 %; by Erlang's formula: mean wait 8.6953 ms, 99th percentile 216.28 ms\n");
    println!("| {:<18} | {:>10} | {:>12} | {:>8} | {:>12} | {:>11} |", "engine", "customers", "ns each", "ratio", "mean wait ms", "p99 wait ms");
    println!("|{:-<20}|{:->11}:|{:->13}:|{:->9}:|{:->13}:|{:->12}:|", "", "", "", "", "", "");
    let row = |name: &str, count: u64, ns: f64, answer: Answer| {
        println!("| {name:<18} | {count:>10} | {ns:>12.1} | {:>8.1} | {:>12.4} | {:>11.2} |", ns / best[0], answer.mean * 1e3, answer.p99 * 1e3);
    };
    for (index, (name, count, _)) in cases.iter().enumerate() {
        row(name, *count, best[index], answers[index]);
    }
    for (name, count, ns, answer) in python::all(customers / 5) {
        row(&name, count, ns, answer);
    }
}

/// CPU time of this process.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
