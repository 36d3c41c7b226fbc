//! Users who wait for answers: golden case G26, queueing theory, and conservation.

use super::{check, exponential, kernel, replicate, requests, t};
use crate::plan::{Curve, Requests, Users};
use crate::random::Distribution;
use crate::units::{Span, Time};

/// This many users from the start, for one pod with `workers` workers; times in seconds.
fn users(count: u32, think: Distribution, service_time: Distribution, workers: u32) -> Requests {
    Requests { rate: Curve::default(), users: Some(Users { count: vec![(Time::ZERO, count)], think }), ..requests(0.0, service_time, workers) }
}

#[test]
fn users_slow_down_where_a_rate_does_not_as_in_golden_case_g26() {
    // Capacity 100 a second, 0.9 s of thinking. Little's law: as many requests a second as users over the time they go around in.
    for (count, throughput, latency) in [(50, 50, 100), (100, 100, 100), (200, 100, 1100)] {
        let (mut kernel, _) = kernel(&users(count, Distribution::Constant(0.9), Distribution::Constant(0.1), 10), 1, 1);
        kernel.advance(t(10));
        kernel.take_window();
        kernel.advance(t(110));
        let meter = kernel.take_window();
        assert_eq!((meter.completed, meter.latency.mean(), meter.latency.max()), (throughput * 100, latency as f64 * 1e6, latency * 1_000_000));
    }
    // A rate of 150 a second: 50 a second wait.
    let mut plan = requests(150.0, Distribution::Constant(0.1), 10);
    plan.arrivals = crate::plan::Arrivals::Constant;
    let (mut kernel, _) = kernel(&plan, 1, 1);
    kernel.advance(t(60));
    assert!((3000..=3010).contains(&kernel.in_flight()), "{}", kernel.in_flight());
}

/// Throughput and mean time in the system of M/M/c with N sources that wait for the exponential time `think`: p(n) is proportional to the product of
/// (N - n + 1) / think over min(n, c) / service.
fn sources(count: u32, think: f64, service: f64, c: u32) -> (f64, f64) {
    let (mut term, mut sum, mut busy, mut inside) = (1.0, 1.0, 0.0, 0.0);
    for n in 1..=count {
        term *= f64::from(count - n + 1) / think / (f64::from(n.min(c)) / service);
        sum += term;
        busy += term * f64::from(n.min(c));
        inside += term * f64::from(n);
    }
    let throughput = busy / sum / service;
    (throughput, inside / sum / throughput)
}

#[test]
fn the_formula_is_mean_value_analysis() {
    // Exact mean value analysis of one worker, from no user on.
    let (mut waiting, mut throughput, mut time) = (0.0, 0.0, 0.0);
    for n in 1..=30 {
        time = 0.1 * (1.0 + waiting);
        throughput = f64::from(n) / (2.0 + time);
        waiting = throughput * time;
    }
    let (x, r) = sources(30, 2.0, 0.1, 1);
    assert!((x / throughput - 1.0).abs() < 1e-9 && (r / time - 1.0).abs() < 1e-9, "{x} {throughput} {r} {time}");
}

#[test]
fn throughput_and_latency_are_those_of_theory() {
    for (count, think, service, workers) in [(30, 2.0, 0.1, 1), (10, 2.0, 0.1, 1), (60, 1.0, 0.1, 4), (100, 2.0, 0.5, 20)] {
        let plan = users(count, exponential(think), exponential(service), workers);
        let [throughput, latency] = replicate(&plan, 1, Span::from_secs(2000), |_, _, measured| {
            [measured.meter.completed as f64 / measured.seconds, measured.meter.latency.mean() / 1e9]
        });
        let (x, r) = sources(count, think, service, workers);
        check(&format!("throughput of {count} users"), throughput, x, 0.005);
        check(&format!("latency of {count} users"), latency, r, 0.02);
    }
}

#[test]
fn users_come_and_leave_after_their_request() {
    // PTS: 100 users, 100 more a minute up to 1000; then 10.
    let mut plan = users(0, Distribution::Constant(0.9), Distribution::Constant(0.1), 1000);
    let mut count: Vec<(Time, u32)> = (0..10).map(|step| (t(60 * step), 100 * (step as u32 + 1))).collect();
    count.push((t(600), 10));
    // Back before anyone has left: nobody comes.
    count.extend([(t(700), 0), (t(700), 10)]);
    plan.users = Some(Users { count, think: Distribution::Constant(0.9) });
    let (mut kernel, _) = kernel(&plan, 1, 1);
    for minute in 0..10_u64 {
        kernel.advance(t(60 * minute + 60));
        assert_eq!(kernel.take_window().offered, 6000 * (minute + 1), "minute {minute}");
    }
    // All send at whole seconds, so that the 990 who have to go do so before they send again.
    kernel.advance(t(800));
    let meter = kernel.take_window();
    assert_eq!((meter.offered, meter.completed, kernel.in_flight()), (2000, 2000, 0));
}

#[test]
fn a_refused_user_comes_back_and_a_lost_pod_frees_its_users() {
    let mut plan = users(5, Distribution::Constant(0.0), Distribution::Constant(10.0), 1);
    plan.queue_limit = Some(1);
    let (mut kernel, slots) = kernel(&plan, 1, 1);
    kernel.advance(Time::from_nanos(10_500_000));
    // One in work, one waiting, three refused at 0 ms, 1 ms, ..., 10 ms.
    let meter = kernel.take_window();
    assert_eq!((meter.offered, meter.rejected, kernel.in_flight()), (35, 33, 2));
    assert_eq!(kernel.release(slots[0], t(1)), 2);
    let meter = kernel.take_window();
    assert_eq!((meter.failed, kernel.in_flight()), (2, 0));
    kernel.advance(t(2));
    let meter = kernel.take_window();
    assert_eq!((meter.offered, meter.rejected), (5000, 5000));
}

#[test]
fn where_the_run_is_cut_changes_nothing() {
    let mut plan = users(40, exponential(0.3), exponential(0.1), 2);
    (plan.timeout, plan.queue_limit) = (Some(Span::from_millis(400)), Some(6));
    let (mut whole, _) = kernel(&plan, 3, 2);
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
    assert!(whole.total().timed_out > 0 && whole.total().rejected > 0);
}
