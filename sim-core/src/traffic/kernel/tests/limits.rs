//! Full queues and impatient clients in closed form.

use super::{check, exponential, kernel, replicate, requests, t};
use crate::plan::Arrivals;
use crate::random::Distribution;
use crate::units::{Span, Time};

/// The share of requests that find M/M/c/K full: p(n) is proportional to the product of lambda / (mu min(i, c)).
fn blocking(c: u32, room: u32, load: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for n in 1..=c + room {
        term *= load / f64::from(n.min(c));
        sum += term;
    }
    term / sum
}

#[test]
fn full_queues_reject_the_share_that_theory_gives() {
    // Without room to wait, Erlang's B: published values.
    for (load, c, loss) in [(10.0, 14, 0.056_819_143_4), (40.0, 45, 0.054_301_409_8), (5.0, 5, 0.284_867_821)] {
        assert!((blocking(c, 0, load) - loss).abs() < 1e-8);
    }
    for (load, c, room) in [(10.0, 14, 0), (40.0, 45, 0), (5.0, 5, 0), (0.9, 1, 3), (4.5, 4, 6), (60.0, 50, 10)] {
        let mut plan = requests(load, exponential(1.0), c);
        plan.queue_limit = Some(room);
        let [rejected, completed] = replicate(&plan, 1, Span::from_secs_f64(60_000.0 / load), |_, _, measured| {
            [measured.meter.rejected as f64 / measured.meter.offered as f64, measured.meter.completed as f64 / measured.seconds]
        });
        let loss = blocking(c, room, load);
        check(&format!("M/M/{c}/{} loss", c + room), rejected, loss, 0.03);
        check(&format!("M/M/{c}/{} throughput", c + room), completed, load * (1.0 - loss), 0.01);
    }
}

#[test]
fn impatient_clients_of_a_single_worker_leave_as_theory_says() {
    // M/M/1 where a request leaves the queue after T, and counts as lost if it is not answered by T. By level crossings of the work in the
    // system: P0 = 1 / (1 + lambda (1 - x) / (mu - lambda) + rho x) with x = exp(-(mu - lambda) T); the worker never sees the share rho x P0, and
    // the share (1 + rho) x P0 is not answered in time.
    for (rate, patience_ms) in [(0.8, 3000), (0.5, 500), (1.5, 4000)] {
        let mut plan = requests(rate, exponential(1.0), 1);
        plan.timeout = Some(Span::from_millis(patience_ms));
        let [timed_out, busy] = replicate(&plan, 1, Span::from_secs_f64(60_000.0 / rate), |_, _, measured| {
            assert!(measured.meter.latency.max() <= patience_ms * 1_000_000);
            [measured.meter.timed_out as f64 / measured.meter.offered as f64, measured.busy / measured.seconds]
        });
        let x = crate::math::exp(-(1.0 - rate) * patience_ms as f64 / 1e3);
        let idle = 1.0 / (1.0 + rate * (1.0 - x) / (1.0 - rate) + rate * x);
        check(&format!("lost at rate {rate}"), timed_out, (1.0 + rate) * x * idle, 0.03);
        check(&format!("busy at rate {rate}"), busy, 1.0 - idle, 0.01);
    }
}

#[test]
fn a_time_out_counts_when_the_client_gives_up() {
    // Arrivals at 1 s, 2 s, ...; each takes 2.5 s of the only worker, and clients wait for 3 s.
    let mut plan = requests(1.0, Distribution::Constant(2.5), 1);
    plan.arrivals = Arrivals::Constant;
    plan.timeout = Some(Span::from_secs(3));
    let (mut kernel, slots) = kernel(&plan, 1, 1);
    let mut seen = Vec::new();
    for half in 1..=16 {
        let now = Time::from_nanos(half * 500_000_000);
        kernel.advance(now);
        let meter = kernel.take_window();
        if meter.completed + meter.timed_out > 0 {
            seen.push((half, meter.completed, meter.timed_out));
        }
    }
    // 1: 1.0-3.5. 2: 3.5-6.0, given up at 5. 3: would start at 6, given up then. 4: 6.0-8.5, given up at 7. 5: would start at 8.5, given up at 8.
    assert_eq!(seen, [(7, 1, 0), (10, 0, 1), (12, 0, 1), (14, 0, 1), (16, 0, 1)]);
    assert_eq!(kernel.busy(slots[0], t(8)), 7_000_000_000);
    assert_eq!((kernel.total().offered, kernel.in_flight()), (7, 2));
}

#[test]
fn clients_that_give_up_make_room_in_the_queue() {
    // One worker busy for 100 s with the first; one place to wait, which every client leaves after 2.5 s.
    let mut plan = requests(1.0, Distribution::Constant(100.0), 1);
    plan.arrivals = Arrivals::Constant;
    plan.timeout = Some(Span::from_millis(2500));
    plan.queue_limit = Some(1);
    let (mut kernel, _) = kernel(&plan, 1, 1);
    kernel.advance(Time::from_nanos(20_100_000_000));
    let meter = kernel.take_window();
    // The second waits until 4.5 s, while the third and fourth are refused; then the fifth, and so on: every third gets in.
    assert_eq!((meter.offered, meter.rejected, meter.timed_out, kernel.in_flight()), (20, 12, 7, 1));
}
