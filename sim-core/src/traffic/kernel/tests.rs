//! The kernel against queueing theory and against a plain model of the same rules.

mod chains;
mod closed;
mod endpoints;
mod limits;
mod model;
mod pulling;
mod queues;
mod retries;
mod sharing;
mod shedding;
mod traits;

use super::{Endpoint, RequestKernel, Slot};
use crate::plan::{Curve, Requests};
use crate::random::{Distribution, Streams};
use crate::units::{Span, Time};

/// A Poisson stream of requests for pods with `workers` workers; times in seconds.
fn requests(rate: f64, service_time: Distribution, workers: u32) -> Requests {
    Requests { rate: Curve::constant(rate), ..Requests::new(service_time, workers) }
}

fn exponential(mean: f64) -> Distribution {
    Distribution::Exponential { mean }
}

/// A kernel with this many pods from the start.
fn kernel(plan: &Requests, seed: u64, pods: usize) -> (RequestKernel, Vec<Slot>) {
    let mut kernel = RequestKernel::new(plan, Streams::new(seed), "web");
    let slots = (0..pods).map(|_| kernel.add_endpoint(Endpoint::PLAIN)).collect();
    (kernel, slots)
}

fn t(s: u64) -> Time {
    Time::from_secs(s)
}

/// What one replication gives: the sums of some figures and the number of requests that they are over.
type Figures<const N: usize> = [f64; N];

/// Mean and standard error of some figures over independent replications, each of which starts empty and is measured after a tenth of `span`.
fn replicate<const N: usize>(plan: &Requests, pods: usize, span: Span, figures: impl Fn(&RequestKernel, &[Slot], Measured) -> Figures<N>) -> [(f64, f64); N] {
    const REPLICATIONS: u64 = 20;
    let mut values = [const { Vec::new() }; N];
    for seed in 0..REPLICATIONS {
        let (mut kernel, slots) = kernel(plan, seed, pods);
        let (from, to) = (Time::from_nanos(span.as_nanos() / 10), Time::ZERO + span);
        kernel.advance(from);
        kernel.take_window();
        let before = slots.iter().map(|&slot| kernel.busy(slot, from)).sum::<u64>();
        kernel.advance(to);
        let busy = (slots.iter().map(|&slot| kernel.busy(slot, to)).sum::<u64>() - before) as f64 / 1e9;
        let meter = kernel.take_window().clone();
        let measured = Measured { meter, busy, seconds: to.since(from).as_secs_f64() };
        for (value, values) in figures(&kernel, &slots, measured).into_iter().zip(&mut values) {
            values.push(value);
        }
    }
    values.map(|values| {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
        (mean, (variance / n).sqrt())
    })
}

/// What was measured in a replication.
struct Measured {
    meter: crate::traffic::Meter,
    /// Worker-seconds.
    busy: f64,
    seconds: f64,
}

/// Checks an estimate against the exact value: within four standard errors, which must themselves be small, so that the check means something.
fn check(name: &str, (mean, error): (f64, f64), exact: f64, precision: f64) {
    assert!((mean - exact).abs() <= 4.0 * error + 1e-9, "{name}: {mean} +- {error} for {exact}");
    assert!(error <= precision * exact, "{name}: an error of {error} is too much to tell {exact}");
}
