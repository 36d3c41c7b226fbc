//! Against closed forms.

use super::{FlowKernel, assert_near, run};
use crate::plan::{Curve, Discipline, Fidelity, Requests, Users};
use crate::random::{Distribution, Streams};
use crate::traffic::Endpoint;
use crate::units::{Span, Time};

fn one(service_time: Distribution, workers: u32, rate: f64) -> Requests {
    Requests { rate: Curve::constant(rate), ..Requests::new(service_time, workers) }
}

/// Mean and p99 of the wait in M/M/c, in milliseconds, by Erlang's formula.
fn erlang(workers: u32, rate: f64, mean: f64) -> (f64, f64) {
    let load = rate * mean;
    let blocking = (1..=workers).fold(1.0, |b, n| load * b / (f64::from(n) + load * b));
    let servers = f64::from(workers);
    let waits = servers * blocking / (servers - load * (1.0 - blocking));
    let drain = (servers - load) / mean;
    (1000.0 * waits / drain, if waits > 0.01 { 1000.0 * crate::math::ln(waits / 0.01) / drain } else { 0.0 })
}

#[test]
fn waits_of_exponential_servers_are_erlangs() {
    for (workers, rate) in [(1, 0.5), (1, 0.9), (4, 3.2), (8, 7.2), (50, 40.0)] {
        let (meter, used) = run(Fidelity::Flow, &one(Distribution::Exponential { mean: 1.0 }, workers, rate), 1, 1000, 20_000);
        let (mean, p99) = erlang(workers, rate, 1.0);
        assert_near(&format!("mean wait of {workers} at {rate}"), meter.wait.mean() / 1e6, mean, 0.02);
        assert_near(&format!("p99 wait of {workers} at {rate}"), meter.wait.quantile(0.99) as f64 / 1e6, p99, 0.03);
        // As many requests come as chance brings, and they are as much work: four standard errors.
        assert_near("busy workers", used, rate, 4.0 * (2.0 / (rate * 19_000.0)).sqrt());
    }
}

#[test]
fn mean_waits_of_one_server_are_pollaczeks_and_khinchines() {
    for (cv, squared) in [(0.0, 0.0), (1.5, 2.25), (3.0, 9.0)] {
        let (meter, _) = run(Fidelity::Flow, &one(Distribution::lognormal(1.0, cv), 1, 0.8), 1, 4000, 30_000);
        let expected = 1000.0 * 0.8 * (1.0 + squared) / 2.0 / 0.2;
        assert_near(&format!("mean wait of M/G/1 with cv {cv}"), meter.wait.mean() / 1e6, expected, 0.03);
    }
}

#[test]
fn a_limited_queue_loses_what_erlang_says() {
    // M/M/2/5: three places to wait; the probability of 5 in the system at a load of 1.5 erlang each.
    let plan = Requests { queue_limit: Some(3), ..one(Distribution::Exponential { mean: 1.0 }, 2, 3.0) };
    let (meter, _) = run(Fidelity::Flow, &plan, 1, 100, 10_000);
    let terms = [1.0, 3.0, 4.5, 6.75, 10.125, 15.1875];
    assert_near("loss of M/M/2/5", meter.rejected as f64 / meter.offered as f64, terms[5] / terms.iter().sum::<f64>(), 0.01);
}

#[test]
fn an_overload_is_a_fluid() {
    let t = Time::from_secs;
    let rate = Curve::steps(&[(t(0), 1500.0), (t(100), 500.0)]);
    let plan = Requests { rate, ..Requests::new(Distribution::Exponential { mean: 0.01 }, 10) };
    let mut kernel = FlowKernel::new(&plan, Streams::new(1), "web");
    kernel.add_endpoint(Endpoint::PLAIN);
    for (at, backlog) in [(40, 20_000.0), (100, 50_000.0), (150, 25_000.0)] {
        kernel.advance(t(at));
        assert_near("backlog", kernel.waiting() as f64, backlog, 0.01);
    }
    // 50,000 at 500 a second; the chain spreads a long queue a little.
    kernel.advance(t(190));
    assert!(kernel.waiting() > 4000, "{}", kernel.waiting());
    kernel.advance(t(210));
    assert!(kernel.waiting() < 2000, "{}", kernel.waiting());
    kernel.advance(t(240));
    assert!(kernel.waiting() < 100, "{}", kernel.waiting());
    kernel.take_window();
    assert_near("longest wait", kernel.total().wait.quantile(0.995) as f64 / 1e9, 50.0, 0.15);
}

#[test]
fn processor_sharing_does_not_care_about_the_distribution() {
    for service_time in [Distribution::Constant(0.1), Distribution::Exponential { mean: 0.1 }, Distribution::lognormal(0.1, 2.0)] {
        let mut plan = one(service_time, 1000, 7.0);
        plan.discipline = Discipline::ProcessorSharing { cores: 1.0, waiting: 0.0 };
        let (meter, _) = run(Fidelity::Flow, &plan, 1, 100, 10_000);
        assert_near("mean of M/G/1-PS", meter.latency.mean() / 1e6, 100.0 / 0.3, 0.04);
    }
}

#[test]
fn a_closed_loop_is_a_machine_repairman() {
    // 20 users who think for a second, 2 workers of 100 ms: by the formula of the M/M/2//20 queue.
    let users = Users { count: vec![(Time::ZERO, 20)], think: Distribution::Exponential { mean: 1.0 } };
    let plan = Requests { users: Some(users), rate: Curve::ZERO, ..one(Distribution::Exponential { mean: 0.1 }, 2, 0.0) };
    let (meter, used) = run(Fidelity::Flow, &plan, 1, 100, 5000);
    let mut terms = vec![1.0];
    for n in 1..=20 {
        let last = terms[n - 1];
        terms.push(last * (21.0 - n as f64) / (10.0 * (n as f64).min(2.0)));
    }
    let sum: f64 = terms.iter().sum();
    let inside: f64 = terms.iter().enumerate().map(|(n, term)| n as f64 * term).sum::<f64>() / sum;
    let busy: f64 = terms.iter().enumerate().map(|(n, term)| (n as f64).min(2.0) * term).sum::<f64>() / sum;
    assert_near("busy workers", used, busy, 0.01);
    assert_near("mean response", meter.latency.mean() / 1e9, inside / (busy * 10.0), 0.03);
}

#[test]
fn timeouts_cut_waits_off() {
    let plan = Requests { timeout: Some(Span::from_millis(500)), ..one(Distribution::Exponential { mean: 0.1 }, 1, 20.0) };
    let (meter, used) = run(Fidelity::Flow, &plan, 1, 100, 5000);
    assert!(meter.latency.max() <= 500_000_000 && meter.timed_out > meter.offered / 2, "{meter:?}");
    assert_near("busy workers", used, 1.0, 0.02);
}
