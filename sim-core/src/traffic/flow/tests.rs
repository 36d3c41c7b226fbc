mod against_requests;
mod clients;
mod formulas;
mod laws;

use super::FlowKernel;
use crate::plan::{Fidelity, Requests};
use crate::random::Streams;
use crate::traffic::{Endpoint, Meter, Plane, Slot};
use crate::units::Time;

/// Runs a kernel with these pods from `from` to `to` seconds and counts from `from`; windows of 10 s, segments of 5 s.
fn run(fidelity: Fidelity, plan: &Requests, pods: usize, from: u64, to: u64) -> (Meter, f64) {
    let mut kernel = Plane::new(fidelity, plan, Streams::new(7), "web");
    let slots: Vec<Slot> = (0..pods).map(|_| kernel.add_endpoint(Endpoint::PLAIN)).collect();
    let busy = |kernel: &Plane, at: Time| slots.iter().map(|slot| kernel.busy(*slot, at) as f64).sum::<f64>();
    let mut before = 0.0;
    for at in (0..=to).step_by(5) {
        let now = Time::from_secs(at);
        kernel.advance(now);
        if at % 10 == 0 || at == from {
            kernel.take_window();
        }
        if at == from {
            kernel.restart();
            before = busy(&kernel, now);
        }
    }
    let used = (busy(&kernel, Time::from_secs(to)) - before) / 1e9 / (to - from) as f64;
    (kernel.total().clone(), used)
}

fn ms(meter: &Meter, quantile: f64) -> f64 {
    meter.latency.quantile(quantile) as f64 / 1e6
}

fn assert_near(what: &str, got: f64, expected: f64, share: f64) {
    eprintln!("{what}: {got} for {expected}: {:+.2} %", 100.0 * (got / expected - 1.0));
    assert!((got - expected).abs() <= share * expected.abs(), "{what}: {got} for {expected}");
}
