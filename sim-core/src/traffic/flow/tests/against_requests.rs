//! Against the request kernel, on loads that have no formula.

use super::{assert_near, ms, run};
use crate::plan::{Arrivals, Balancing, Curve, Discipline, Fidelity, Requests, WarmUp};
use crate::random::{Distribution, Streams};
use crate::traffic::{Endpoint, Meter, Plane};
use crate::units::{Span, Time};

fn both(name: &str, plan: &Requests, pods: usize, seconds: u64, bounds: (f64, f64)) -> [Meter; 2] {
    let [request, flow] = [Fidelity::Request, Fidelity::Flow].map(|fidelity| run(fidelity, plan, pods, 100, seconds));
    eprintln!("{name}");
    assert_near("  mean latency", flow.0.latency.mean(), request.0.latency.mean(), bounds.0);
    assert_near("  p50", ms(&flow.0, 0.5), ms(&request.0, 0.5), bounds.1);
    assert_near("  p99", ms(&flow.0, 0.99), ms(&request.0, 0.99), bounds.1);
    assert_near("  busy", flow.1, request.1, 0.02);
    assert_near("  completed", flow.0.completed as f64, request.0.completed as f64, 0.02);
    [request.0, flow.0]
}

fn plan(workers: u32, rate: f64, cv: f64) -> Requests {
    Requests { rate: Curve::constant(rate), ..Requests::new(Distribution::lognormal(0.05, cv), workers) }
}

#[test]
fn random_pods() {
    both("random, 10 x 4 at 0.6", &plan(4, 480.0, 1.0), 10, 2000, (0.05, 0.08));
    both("random, 10 x 4 at 0.9", &plan(4, 720.0, 1.0), 10, 4000, (0.1, 0.12));
    both("random, 5 x 8 at 0.95, limited", &Requests { queue_limit: Some(50), ..plan(8, 760.0, 1.5) }, 5, 4000, (0.12, 0.15));
}

#[test]
fn other_balancers() {
    for (name, balancing, bound) in [
        ("power of two", Balancing::PowerOfTwo, 0.15),
        ("least outstanding", Balancing::LeastOutstanding, 0.15),
        ("round robin", Balancing::RoundRobin, 0.2),
        ("hashed", Balancing::ConsistentHash { keys: 1000, skew: 0.5 }, 0.2),
    ] {
        let rate = if matches!(balancing, Balancing::ConsistentHash { .. }) { 300.0 } else { 680.0 };
        both(name, &Requests { balancing, ..plan(4, rate, 1.0) }, 10, 2000, (bound, bound));
    }
}

#[test]
fn other_disciplines_and_arrivals() {
    let shared = Requests { discipline: Discipline::ProcessorSharing { cores: 2.0, waiting: 0.0 }, concurrency: 1000, ..plan(1, 240.0, 1.0) };
    both("processor sharing", &shared, 10, 2000, (0.06, 0.15));
    let waiting = Requests { discipline: Discipline::ProcessorSharing { cores: 1.0, waiting: 1.0 }, concurrency: 20, ..plan(1, 160.0, 1.0) };
    both("processor sharing with waiting", &waiting, 10, 2000, (0.1, 0.15));
    let bursty = Requests { arrivals: Arrivals::Renewal(Distribution::gamma(1.0, 3.0)), ..plan(4, 68.0, 1.0) };
    both("bursty", &bursty, 1, 10_000, (0.25, 0.4));
}

#[test]
fn overload_with_a_limit_and_a_timeout() {
    let limited = Requests { queue_limit: Some(60), timeout: Some(Span::from_secs(2)), ..plan(4, 1200.0, 1.0) };
    let [request, flow] = both("overloaded, limited", &limited, 10, 1000, (0.05, 0.05));
    assert_near("rejected", flow.rejected as f64, request.rejected as f64, 0.03);
    let impatient = Requests { timeout: Some(Span::from_secs(1)), ..plan(4, 1200.0, 1.0) };
    // How many get their answer at the last moment depends on fluctuations that the chain does not have: the documentation says so.
    let [request, flow] = [Fidelity::Request, Fidelity::Flow].map(|fidelity| run(fidelity, &impatient, 10, 100, 1000));
    assert_near("timed out", flow.0.timed_out as f64, request.0.timed_out as f64, 0.1);
    assert_near("busy", flow.1, request.1, 0.02);
}

#[test]
fn warm_up_and_speed() {
    let slow = Requests { speed: vec![0.5], warm_up: Some(WarmUp { length: Span::from_secs(300), speed: 0.5 }), ..plan(4, 100.0, 1.0) };
    let meters = [Fidelity::Request, Fidelity::Flow].map(|fidelity| {
        let mut kernel = Plane::new(fidelity, &slow, Streams::new(3), "web");
        (0..5).for_each(|_| {
            kernel.add_endpoint(Endpoint { warm: false, speed: 0.8, ..Endpoint::PLAIN });
        });
        for at in (0..1000).step_by(5).map(Time::from_secs) {
            kernel.advance(at);
            kernel.take_window();
        }
        kernel.total().clone()
    });
    assert_near("mean", meters[1].latency.mean(), meters[0].latency.mean(), 0.05);
    assert_near("p99", ms(&meters[1], 0.99), ms(&meters[0], 0.99), 0.1);
}

#[test]
fn a_rush_that_pods_follow() {
    let t = Time::from_secs;
    let rate = Curve::through(&[(t(0), 300.0), (t(100), 300.0), (t(105), 3000.0), (t(400), 3000.0), (t(600), 300.0)]);
    let plan = Requests { rate, queue_limit: Some(200), timeout: Some(Span::from_secs(5)), ..Requests::new(Distribution::lognormal(0.04, 1.0), 4) };
    let meters = [Fidelity::Request, Fidelity::Flow].map(|fidelity| {
        let mut kernel = Plane::new(fidelity, &plan, Streams::new(3), "web");
        let mut slots: Vec<_> = (0..6).map(|_| kernel.add_endpoint(Endpoint::PLAIN)).collect();
        for at in 1..900 {
            kernel.advance(t(at));
            if (130..190).contains(&at) {
                slots.push(kernel.add_endpoint(Endpoint::PLAIN));
            }
            if (600..660).contains(&at) {
                let slot = slots.pop().unwrap();
                let until = kernel.remove_endpoint(slot).max(t(at));
                kernel.release(slot, until.min(t(at + 1)));
            }
            if at % 10 == 0 {
                kernel.take_window();
            }
        }
        kernel.total().clone()
    });
    let [request, flow] = &meters;
    assert_near("completed", flow.completed as f64, request.completed as f64, 0.02);
    assert_near("rejected", flow.rejected as f64, request.rejected as f64, 0.05);
    assert_near("mean", flow.latency.mean(), request.latency.mean(), 0.06);
    for quantile in [0.5, 0.9, 0.99] {
        assert_near("quantile", ms(flow, quantile), ms(request, quantile), 0.12);
    }
}
