//! Pods that come and go.

use super::{Endpoint, exponential, kernel, requests, t};
use crate::plan::{Arrivals, Balancing, Curve, Requests};
use crate::random::Distribution;
use crate::traffic::Meter;
use crate::units::Time;

/// One request a second from 1 s on, each 10 s of work, pods in turn.
fn evenly() -> Requests {
    let mut plan = requests(1.0, Distribution::Constant(10.0), 2);
    plan.arrivals = Arrivals::Constant;
    plan.balancing = Balancing::RoundRobin;
    plan
}

#[test]
fn a_lost_pod_fails_exactly_what_it_had_not_finished() {
    let (mut kernel, slots) = kernel(&evenly(), 1, 2);
    kernel.advance(t(13));
    // The first pod got 1, 3, 5, 7, 9, 11 s and has finished the first, and the second at 13 s.
    assert_eq!(kernel.release(slots[0], t(13)), 4);
    let meter = kernel.take_window();
    assert_eq!((meter.offered, meter.completed, meter.failed, kernel.in_flight()), (12, 3, 4, 5));
    // All further requests go to the other pod; its work goes on.
    kernel.advance(t(14));
    assert_eq!(kernel.take_window().completed, 1);
}

#[test]
fn a_drained_pod_finishes_its_requests_and_takes_no_more() {
    let (mut kernel, slots) = kernel(&evenly(), 1, 2);
    kernel.advance(t(8));
    // The first pod has 1 and 3 s in work, 5 and 7 s waiting for 11 and 13 s.
    assert_eq!(kernel.remove_endpoint(slots[0]), t(23));
    kernel.advance(t(22));
    assert_eq!((kernel.busy(slots[0], t(22)), kernel.busy(slots[0], t(100))), (39_000_000_000, 40_000_000_000));
    assert_eq!(kernel.clone().release(slots[0], t(22)), 1);
    kernel.advance(t(23));
    assert_eq!(kernel.release(slots[0], t(23)), 0);

    // The slot is given to another pod, which starts with nothing.
    let again = kernel.add_endpoint(Endpoint::PLAIN);
    assert_eq!((again, kernel.busy(again, t(23))), (slots[0], 0));
    assert_eq!(kernel.remove_endpoint(again), Time::ZERO);
    assert_eq!(kernel.release(again, t(23)), 0);
}

#[test]
fn without_pods_every_request_is_rejected() {
    let mut plan = evenly();
    plan.rate = Curve::steps(&[(t(0), 1.0), (t(10), 0.0)]);
    let (mut kernel, _) = kernel(&plan, 1, 0);
    assert_eq!(kernel.next_arrival(), t(1));
    kernel.advance(t(5));
    let slot = kernel.add_endpoint(Endpoint::PLAIN);
    kernel.advance(t(100));
    assert_eq!((kernel.next_arrival(), kernel.in_flight()), (Time::MAX, 0));
    let meter = kernel.take_window();
    assert_eq!((meter.offered, meter.rejected, meter.completed), (9, 4, 5));
    assert_eq!(kernel.busy(slot, t(100)), 50_000_000_000);
}

#[test]
fn other_policies_and_pods_leave_the_customers_alone() {
    // One kernel has three pods all the time, the other one pod in the second hour, without a queue: the requests offered and their work are the same.
    let plan = requests(50.0, exponential(0.05), 4);
    let (mut always, _) = kernel(&plan, 9, 3);
    let (mut late, _) = kernel(&Requests { balancing: Balancing::RoundRobin, queue_limit: Some(0), concurrency: 64, ..plan }, 9, 0);
    always.advance(t(3600));
    late.advance(t(3600));
    assert_eq!((always.take_window().offered, always.next_arrival()), (late.take_window().offered, late.next_arrival()));
    late.add_endpoint(Endpoint::PLAIN);
    for second in 3601..7200 {
        always.advance(t(second));
        late.advance(t(second));
        assert_eq!(always.next_arrival(), late.next_arrival());
    }
    let (a, b) = (always.take_window().clone(), late.take_window());
    assert_eq!((a.offered, b.rejected, b.wait.max()), (b.offered, 0, 0));
    // Latency less wait is the work; the few requests across the ends of the hour are not the same.
    let work = |meter: &Meter| (meter.latency.sum() - meter.wait.sum()) as f64;
    assert!((work(&a) / work(b) - 1.0).abs() < 1e-4);
}

#[test]
fn work_without_end_keeps_workers_busy_and_requests_in_flight() {
    for workers in [3, 20] {
        let mut plan = requests(1.0, Distribution::Constant(1e300), workers);
        plan.arrivals = Arrivals::Constant;
        let (mut kernel, slots) = kernel(&plan, 1, 1);
        kernel.advance(t(100));
        // Workers start at 1 s, 2 s, ...; all later requests wait for ever.
        let busy: u64 = (1..=u64::from(workers)).map(|start| 100 - start).sum();
        assert_eq!((kernel.busy(slots[0], t(100)), kernel.in_flight()), (busy * 1_000_000_000, 99));
        kernel.advance(t(1000));
        assert_eq!(kernel.release(slots[0], t(1000)), 999);
        let meter = kernel.take_window();
        assert_eq!((meter.offered, meter.failed, meter.completed), (999, 999, 0));
    }
}
