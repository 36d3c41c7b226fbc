//! What always holds.

use proptest::prelude::*;

use super::{FlowKernel, ms, run};
use crate::plan::{Balancing, Curve, Fidelity, Requests, Retries};
use crate::random::{Distribution, Streams};
use crate::traffic::Endpoint;
use crate::units::{Span, Time};

#[test]
fn more_load_never_makes_requests_faster() {
    let p99 = |rate: f64| {
        let plan = Requests { rate: Curve::constant(rate), queue_limit: Some(100), ..Requests::new(Distribution::lognormal(0.05, 1.0), 4) };
        ms(&run(Fidelity::Flow, &plan, 10, 100, 1000).0, 0.99)
    };
    let p99: Vec<f64> = [100.0, 300.0, 500.0, 600.0, 700.0, 750.0, 800.0, 1000.0].map(p99).to_vec();
    assert!(p99.windows(2).all(|pair| pair[1] > 0.99 * pair[0]), "{p99:?}");
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let plan = Requests { rate: Curve::constant(300.0), ..Requests::new(Distribution::lognormal(0.05, 1.0), 4) };
    assert_eq!(run(Fidelity::Flow, &plan, 5, 100, 1000), run(Fidelity::Flow, &plan, 5, 100, 1000));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    /// Each window checks that no request is lost or counted twice; here pods come and go, drain, crash and never work backwards.
    #[test]
    fn requests_are_conserved(
        steps in prop::collection::vec((0..4_u8, 0..2000_u32, 1..3_000_u64), 1..25),
        policy in 0..4_u8,
        timeout in prop::option::of(200..2000_u64),
        limit in prop::option::of(0..30_u32),
        again: bool,
    ) {
        let mut at = Time::ZERO;
        let points: Vec<(Time, f64)> = steps.iter().map(|step| { at += Span::from_millis(step.2); (at, f64::from(step.1)) }).collect();
        let plan = Requests {
            rate: Curve::steps(&points),
            timeout: timeout.map(Span::from_millis),
            queue_limit: limit,
            balancing: [Balancing::Random, Balancing::PowerOfTwo, Balancing::LeastOutstanding, Balancing::Local][policy as usize].clone(),
            retries: again.then_some(Retries { attempts: 3, initial: Span::from_millis(50), max: Span::from_millis(500), jitter: 0.5, budget: None, anew: false }),
            ..Requests::new(Distribution::lognormal(0.03, 1.0), 2)
        };
        let mut kernel = FlowKernel::new(&plan, Streams::new(1), "web");
        let mut slots = Vec::new();
        let mut at = Time::ZERO;
        for (number, (what, _, after)) in steps.into_iter().enumerate() {
            at += Span::from_millis(after);
            let before: Vec<u64> = slots.iter().map(|slot| kernel.busy(*slot, at)).collect();
            kernel.advance(at);
            for (slot, before) in slots.iter().zip(before) {
                prop_assert!(kernel.busy(*slot, at) >= before);
            }
            match what {
                0 | 1 => slots.push(kernel.add_endpoint(Endpoint { node: number as u32 % 3, ..Endpoint::PLAIN })),
                2 => {
                    if let Some(slot) = slots.pop() {
                        kernel.release(slot, at);
                    }
                }
                _ => {
                    if let Some(slot) = slots.pop() {
                        let until = kernel.remove_endpoint(slot);
                        kernel.release(slot, until.max(at));
                    }
                }
            }
            let window = kernel.take_window();
            prop_assert_eq!(window.latency.count(), window.completed);
            prop_assert_eq!(window.wait.count(), window.completed);
        }
    }
}
