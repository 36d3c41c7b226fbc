//! Pods that differ, warm up, sleep, or do not listen yet.

use super::{Endpoint, RequestKernel, check, exponential, replicate, requests, t};
use crate::plan::{Arrivals, Requests, WarmUp};
use crate::random::{Distribution, Streams};
use crate::units::Span;

#[test]
fn a_worker_that_sleeps_when_idle_adds_a_set_up_to_each_busy_period() {
    // M/M/1 with set-up times D (Welch 1964): T = 1 / (mu - lambda) + (2 E[D] + lambda E[D^2]) / (2 (1 + lambda E[D])).
    for (name, rate, wake_up, expected) in [
        ("exponential, 2 s", 2.0, Distribution::Exponential { mean: 2.0 }, 2.125),
        ("constant, 2 s", 2.0, Distribution::Constant(2.0), 1.325),
        ("exponential, 30 s", 5.0, Distribution::Exponential { mean: 30.0 }, 30.2),
    ] {
        let plan = Requests { wake_up: Some(wake_up), ..requests(rate, exponential(0.1), 1) };
        let [time] = replicate(&plan, 1, Span::from_secs(60_000), |_, _, measured| [measured.meter.latency.mean() / 1e9]);
        check(name, time, expected, 0.05);
    }
}

#[test]
fn slow_and_cold_pods_take_longer() {
    let mut plan = requests(1.0, Distribution::Constant(0.2), 1);
    plan.arrivals = Arrivals::Constant;
    plan.warm_up = Some(WarmUp { length: Span::from_secs(5), speed: 0.5 });
    plan.listens_after = Span::from_secs(2);
    plan.speed = vec![0.8];
    let mut kernel = RequestKernel::new(&plan, Streams::new(1), "web");
    kernel.advance(t(10));
    kernel.take_window();
    let slot = kernel.add_endpoint(Endpoint { ready: 10_000_000_000, warm: false, speed: 0.8, ..Endpoint::PLAIN });
    let mut latencies = Vec::new();
    for second in 11..=19 {
        kernel.advance(crate::units::Time::from_nanos(second * 1_000_000_000 + 900_000_000));
        let window = kernel.take_window();
        latencies.push((window.rejected, window.latency.max() / 1_000_000));
    }
    // Those at 10 and 11 s are refused; 0.2 / 0.8 s of a warm pod, twice that until 15 s.
    assert_eq!(latencies, [(2, 0), (0, 500), (0, 500), (0, 500), (0, 250), (0, 250), (0, 250), (0, 250), (0, 250)]);
    assert_eq!(kernel.busy(slot, t(20)), 2_750_000_000);
}
