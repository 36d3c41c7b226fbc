//! Users and retries.

use super::{assert_near, run};
use crate::plan::{Curve, Fidelity, Requests, Retries, Users};
use crate::random::{Distribution, Streams};
use crate::traffic::{Endpoint, Plane};
use crate::units::{Span, Time};

/// Share of requests answered after a stall of ten seconds, from 200 s on: capacity 100 a second, 95 offered, timeout 1 s, three retries.
fn after_a_stall(fidelity: Fidelity, budget: Option<f64>) -> f64 {
    let retries = Retries { attempts: 4, initial: Span::from_millis(100), max: Span::from_millis(1000), jitter: 0.5, budget, anew: false };
    let plan = Requests {
        rate: Curve::constant(95.0),
        timeout: Some(Span::from_secs(1)),
        retries: Some(retries),
        ..Requests::new(Distribution::Exponential { mean: 0.1 }, 10)
    };
    let mut kernel = Plane::new(fidelity, &plan, Streams::new(2), "web");
    let slot = kernel.add_endpoint(Endpoint::PLAIN);
    kernel.advance(Time::from_secs(60));
    // The stall: for ten seconds only a pod of a hundredth of the speed is there.
    kernel.remove_endpoint(slot);
    let slow = kernel.add_endpoint(Endpoint { speed: 0.01, ..Endpoint::PLAIN });
    kernel.advance(Time::from_secs(70));
    kernel.release(slow, Time::from_secs(70));
    kernel.add_endpoint(Endpoint::PLAIN);
    kernel.advance(Time::from_secs(200));
    kernel.take_window();
    kernel.advance(Time::from_secs(400));
    let window = kernel.take_window();
    window.completed as f64 / window.offered as f64
}

#[test]
fn a_retry_storm_outlives_its_cause_unless_there_is_a_budget() {
    for fidelity in [Fidelity::Request, Fidelity::Flow] {
        let (storm, calm) = (after_a_stall(fidelity, None), after_a_stall(fidelity, Some(0.02)));
        eprintln!("{fidelity:?}: {storm} {calm}");
        assert!(storm < 0.3 && calm > 0.8, "{fidelity:?}: {storm} {calm}");
    }
}

#[test]
fn users_of_several_pods_ask_as_fast_as_they_are_answered() {
    for (users, think) in [(50, 1.0), (300, 1.0), (100, 0.0)] {
        let count = vec![(Time::ZERO, users), (Time::from_secs(500), users * 2)];
        let plan = Requests {
            users: Some(Users { count, think: Distribution::Exponential { mean: f64::max(think, 1e-9) } }),
            ..Requests::new(Distribution::lognormal(0.1, 1.0), 4)
        };
        let [request, flow] = [Fidelity::Request, Fidelity::Flow].map(|fidelity| run(fidelity, &plan, 5, 100, 1000));
        assert_near(&format!("requests of {users}"), flow.0.completed as f64, request.0.completed as f64, 0.03);
        assert_near("busy", flow.1, request.1, 0.03);
        assert_near("mean", flow.0.latency.mean(), request.0.latency.mean(), 0.08);
    }
}
