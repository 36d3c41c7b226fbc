//! Requests that are sent again: counts, latencies, and the storm that outlives its cause.

use super::{Endpoint, exponential, kernel, requests, t};
use crate::plan::{Arrivals, Balancing, Curve, Fidelity, Requests, Retries, Users};
use crate::random::{Distribution, Streams};
use crate::traffic::Plane;
use crate::units::{Span, Time};

fn retries(attempts: u32, budget: Option<f64>) -> Retries {
    Retries { attempts, initial: Span::from_millis(100), max: Span::from_secs(2), jitter: 0.0, budget, anew: false }
}

/// One request a second from 1 s on.
fn evenly(service_time: Distribution, workers: u32) -> Requests {
    Requests { arrivals: Arrivals::Constant, ..requests(1.0, service_time, workers) }
}

#[test]
fn a_retried_request_counts_once_and_from_its_first_attempt() {
    // Without a pod until 1.25 s: refused at 1 s and 1.1 s; the third attempt at 1.3 s is answered 0.2 s later.
    let plan = Requests { retries: Some(retries(3, None)), ..evenly(Distribution::Constant(0.2), 1) };
    let (mut kernel, _) = kernel(&plan, 1, 0);
    kernel.advance(Time::from_nanos(1_250_000_000));
    assert_eq!(kernel.in_flight(), 1);
    kernel.add_endpoint(Endpoint::PLAIN);
    kernel.advance(t(2));
    let meter = kernel.take_window();
    assert_eq!((meter.offered, meter.completed, meter.rejected, meter.retried), (1, 1, 0, 2));
    assert_eq!((meter.latency.max(), meter.wait.max()), (500_000_000, 300_000_000));
}

#[test]
fn the_last_attempt_decides() {
    // Work of 10 s for clients that wait for 1 s, at a pod with room for all: three attempts each, at 1 s, 2.1 s and 3.3 s, given up for good at 4.3 s.
    let mut plan = Requests { retries: Some(retries(3, None)), timeout: Some(Span::from_secs(1)), ..evenly(Distribution::Constant(10.0), 64) };
    plan.rate = Curve::steps(&[(t(0), 1.0), (Time::from_nanos(3_500_000_000), 0.0)]);
    let (mut kernel, slots) = kernel(&plan, 1, 1);
    kernel.advance(Time::from_nanos(4_200_000_000));
    let meter = kernel.take_window();
    assert_eq!((meter.offered, meter.timed_out, meter.retried, kernel.in_flight()), (3, 0, 2 + 1 + 1, 3));
    kernel.advance(t(20));
    let meter = kernel.take_window();
    assert_eq!((meter.offered, meter.timed_out, meter.retried, kernel.in_flight()), (0, 3, 1 + 1, 0));
    // Every attempt kept a worker busy.
    assert_eq!(kernel.busy(slots[0], t(20)), 9 * 10_000_000_000);
}

#[test]
fn another_attempt_is_the_same_work_or_work_anew() {
    // With workers for all, an exponential time is longer than its mean in one case of e: each time for the same requests, or for others.
    let share = crate::math::exp(-1.0);
    for (anew, missed) in [(false, share), (true, share * share)] {
        for (users, fidelity) in [(false, Fidelity::Request), (true, Fidelity::Request), (false, Fidelity::Flow)] {
            let mut plan = Requests { retries: Some(Retries { anew, ..retries(2, None) }), ..requests(100.0, exponential(0.1), 1000) };
            plan.timeout = Some(Span::from_millis(100));
            if users {
                (plan.rate, plan.users) = (Curve::default(), Some(Users { count: vec![(Time::ZERO, 100)], think: exponential(1.0) }));
            }
            let mut plane = Plane::new(fidelity, &plan, Streams::new(7), "web");
            plane.add_endpoint(Endpoint::PLAIN);
            plane.advance(t(2000));
            let meter = plane.take_window();
            let got = meter.timed_out as f64 / meter.offered as f64;
            assert!((got / missed - 1.0).abs() < 0.02, "{fidelity:?}, anew: {anew}, users: {users}: {got} instead of {missed}");
        }
    }
}

#[test]
fn requests_of_a_lost_pod_go_to_another_one() {
    let plan = Requests { retries: Some(retries(2, None)), ..evenly(Distribution::Constant(10.0), 64) };
    let (mut kernel, slots) = kernel(&plan, 1, 1);
    kernel.advance(Time::from_nanos(3_500_000_000));
    assert_eq!(kernel.release(slots[0], Time::from_nanos(3_500_000_000)), 3);
    assert_eq!((kernel.take_window().failed, kernel.in_flight()), (0, 3));
    let second = kernel.add_endpoint(Endpoint::PLAIN);
    kernel.advance(Time::from_nanos(3_900_000_000));
    assert_eq!(kernel.release(second, Time::from_nanos(3_900_000_000)), 3);
    let meter = kernel.take_window();
    assert_eq!((meter.failed, meter.retried, kernel.in_flight()), (3, 3, 0));

    // One that is answered the second time has the same work.
    kernel.add_endpoint(Endpoint::PLAIN);
    kernel.advance(t(30));
    let meter = kernel.take_window();
    assert_eq!(meter.latency.max(), 10_000_000_000);
}

#[test]
fn retries_leave_the_customers_alone() {
    let plain = Requests { timeout: Some(Span::from_millis(150)), ..requests(50.0, exponential(0.1), 4) };
    let again = Requests { retries: Some(Retries { jitter: 0.5, ..retries(3, None) }), ..plain.clone() };
    let ((mut plain, _), (mut again, _)) = (kernel(&plain, 5, 2), kernel(&again, 5, 2));
    for second in 1..600 {
        plain.advance(t(second));
        again.advance(t(second));
        assert_eq!((plain.next_arrival(), plain.take_window().offered), (again.next_arrival(), again.take_window().offered));
    }
    assert!(again.total().retried > 1000 && again.total().completed != plain.total().completed);
}

#[test]
fn one_attempt_is_the_open_loop() {
    for balancing in [Balancing::Random, Balancing::RoundRobin, Balancing::PowerOfTwo, Balancing::LeastOutstanding] {
        let mut plan = Requests { balancing, ..requests(100.0, exponential(0.1), 3) };
        (plan.timeout, plan.queue_limit) = (Some(Span::from_millis(300)), Some(5));
        let once = Requests { retries: Some(retries(1, None)), ..plan.clone() };
        let ((mut plain, slots), (mut once, _)) = (kernel(&plan, 7, 3), kernel(&once, 7, 3));
        for kernel in [&mut plain, &mut once] {
            kernel.release(slots[1], t(50));
            kernel.advance(t(100));
            kernel.take_window();
        }
        let causes = once.total().causes.as_ref().unwrap();
        assert_eq!((&causes.queue, causes.retry.sum()), (&plain.total().wait, 0));
        let alike = crate::traffic::Meter { causes: None, ..once.total().clone() };
        assert_eq!((plain.total(), plain.in_flight()), (&alike, once.in_flight()));
        assert!(plain.total().timed_out > 0 && plain.total().rejected > 0 && plain.total().failed > 0);
    }
}

/// The share of requests that are answered from one minute to two after a stall of ten seconds in which one of two pods is away, at 95 % of the capacity.
fn after_a_stall(retries: Option<Retries>) -> f64 {
    let plan = Requests { timeout: Some(Span::from_secs(1)), retries, balancing: Balancing::RoundRobin, ..requests(95.0, Distribution::Constant(0.1), 5) };
    let (mut kernel, slots) = kernel(&plan, 1, 2);
    kernel.advance(t(60));
    let calm = kernel.take_window();
    assert!(calm.completed as f64 > 0.98 * calm.offered as f64);
    kernel.release(slots[0], t(60));
    kernel.advance(t(70));
    kernel.add_endpoint(Endpoint::PLAIN);
    kernel.advance(t(130));
    kernel.take_window();
    kernel.advance(t(190));
    let meter = kernel.take_window();
    meter.completed as f64 / meter.settled() as f64
}

#[test]
fn a_storm_of_retries_outlives_the_stall_unless_there_is_a_budget() {
    let storm = Retries { attempts: 4, initial: Span::from_millis(100), max: Span::from_secs(2), jitter: 0.5, budget: None, anew: false };
    let (without, budget, none) = (after_a_stall(Some(storm)), after_a_stall(Some(Retries { budget: Some(0.1), ..storm })), after_a_stall(None));
    assert!(without < 0.5 && budget > 0.95 && none > 0.95, "{without} {budget} {none}");
}

#[test]
fn users_send_again_before_they_think() {
    // Refused at 0, 0.1 and 0.3 s, then 0.9 s of thinking.
    let users = Users { count: vec![(Time::ZERO, 1)], think: Distribution::Constant(0.9) };
    let plan = Requests { rate: Curve::default(), users: Some(users), retries: Some(retries(3, None)), ..requests(0.0, Distribution::Constant(0.1), 1) };
    let (mut kernel, _) = kernel(&plan, 1, 0);
    kernel.advance(t(12));
    let meter = kernel.take_window();
    assert_eq!((meter.offered, meter.rejected, meter.retried, kernel.in_flight()), (10, 10, 20, 0));
}

#[test]
fn where_the_run_is_cut_changes_nothing() {
    let mut plan = Requests { retries: Some(Retries { jitter: 1.0, ..retries(4, Some(0.3)) }), ..requests(60.0, exponential(0.1), 2) };
    (plan.timeout, plan.queue_limit) = (Some(Span::from_millis(250)), Some(4));
    let (mut whole, _) = kernel(&plan, 3, 3);
    let mut cut = whole.clone();
    whole.advance(t(60));
    whole.take_window();
    for ms in 1..=60_000 {
        cut.advance(Time::from_nanos(ms * 1_000_000));
        if ms % 977 == 0 {
            cut.take_window();
        }
    }
    cut.take_window();
    assert_eq!((whole.total(), whole.in_flight()), (cut.total(), cut.in_flight()));
    assert!(whole.total().retried > 100);
}
