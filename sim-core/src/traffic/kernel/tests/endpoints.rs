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

#[test]
fn changes_of_the_pods_are_known_later() {
    use crate::plan::EndpointDelay;
    use crate::units::Span;
    // One request a millisecond, in turn: half of them go to a pod as long as it is known.
    let ms = |ms: u64| Time::from_nanos(ms * 1_000_000);
    for sharing in [false, true] {
        let mut plan = requests(1000.0, Distribution::Constant(0.0005), 1);
        (plan.arrivals, plan.balancing) = (Arrivals::Constant, Balancing::RoundRobin);
        plan.endpoint_delay = EndpointDelay { add: Span::from_millis(100), remove: Span::from_millis(300) };
        if sharing {
            plan.discipline = crate::plan::Discipline::ProcessorSharing { cores: 1.0, waiting: 0.0 };
        }
        let (mut kernel, _) = kernel(&plan, 1, 1);
        kernel.advance(ms(1000));
        let late = Endpoint { ready: ms(1000).as_nanos(), warm: false, ..Endpoint::PLAIN };
        let second = kernel.add_endpoint(late);
        kernel.advance(ms(1100));
        assert_eq!(kernel.busy(second, ms(1100)), 0, "nobody knows of it");
        kernel.advance(ms(1300));
        assert_eq!(kernel.busy(second, ms(1300)), 50_000_000, "a hundred requests in 200 ms");
        // It terminates, and serves for another 100 ms; then it is gone, and refuses what comes in the 200 ms until all know.
        kernel.remove_endpoint(second);
        kernel.advance(ms(1400));
        assert_eq!(kernel.busy(second, ms(1400)), 75_000_000);
        assert_eq!(kernel.take_window().rejected, 0);
        kernel.release(second, ms(1400));
        kernel.advance(ms(2000));
        let window = kernel.take_window();
        assert!(window.rejected.abs_diff(100) <= 1 && window.rejected + window.completed >= 598, "{window:?}");
        // Its slot is free again, and a pod that comes back before all know was never away.
        let third = kernel.add_endpoint(Endpoint { ready: ms(2000).as_nanos(), ..late });
        assert_eq!(third, second);
        kernel.advance(ms(2200));
        kernel.remove_endpoint(third);
        kernel.advance(ms(2300));
        kernel.restore_endpoint(third, Endpoint { ready: ms(2300).as_nanos(), ..late });
        kernel.advance(ms(3000));
        assert_eq!((kernel.take_window().rejected, kernel.busy(third, ms(3000))), (0, 225_000_000));
    }
}

#[test]
fn a_crash_loses_the_queue_and_clients_send_again() {
    use crate::plan::{EndpointDelay, Retries};
    use crate::units::Span;
    // Two pods at 90 %; one crashes with its queue. Until that is known, half of all requests meet a dead pod, and are sent again.
    let retries = Retries { attempts: 4, initial: Span::from_millis(10), max: Span::from_millis(10), jitter: 0.0, budget: None, anew: false };
    for (retries, remove) in [(None, 0), (Some(retries), 0), (Some(retries), 2)] {
        let delay = EndpointDelay { add: Span::ZERO, remove: Span::from_secs(remove) };
        let plan = Requests { retries, endpoint_delay: delay, ..requests(18.0, Distribution::Exponential { mean: 0.1 }, 1) };
        let (mut kernel, slots) = kernel(&plan, 4, 2);
        kernel.advance(t(100));
        let lost = kernel.release(slots[0], t(100));
        assert!(lost > 1, "a request in work and some in the queue");
        kernel.advance(t(103));
        let window = kernel.take_window();
        assert_eq!(window.failed, if retries.is_some() { 0 } else { lost });
        match (retries.is_some(), remove) {
            (false, _) => assert_eq!(window.retried, 0),
            (true, 0) => assert_eq!(window.retried, lost),
            (true, _) => assert!(window.retried > lost + 15, "{window:?}"),
        }
    }
}

#[test]
fn latency_is_told_apart_by_tier() {
    // In the first 10 s one pod of 1 s in the second tier; then another one of 3 s in the third as well, in turn.
    let mut plan = requests(1.0, Distribution::Constant(1.0), 10);
    (plan.arrivals, plan.balancing, plan.speed) = (Arrivals::Constant, Balancing::RoundRobin, vec![1.0, 1.0, 1.0 / 3.0]);
    let (mut kernel, _) = kernel(&plan, 1, 0);
    kernel.add_endpoint(Endpoint { tier: 1, ..Endpoint::PLAIN });
    kernel.advance(t(10));
    assert_eq!(kernel.take_window().latency.count(), 9);
    assert!(kernel.latency_in(kernel.total(), 0).is_none());
    assert_eq!(kernel.latency_in(kernel.total(), 1), Some(&kernel.total().latency));
    kernel.add_endpoint(Endpoint { tier: 2, speed: 1.0 / 3.0, ..Endpoint::PLAIN });
    for until in [20, 30, 40] {
        kernel.advance(t(until));
        kernel.take_window();
    }
    let total = kernel.total();
    let [second, third] = [1, 2].map(|tier| kernel.latency_in(total, tier).unwrap());
    assert_eq!((second.max(), third.max(), third.quantile(0.0)), (1_000_000_000, 3_000_000_000, 3_000_000_000));
    assert_eq!(second.count() + third.count(), total.completed);
    assert_eq!(total.latency.sum(), second.sum() + third.sum());
    let window = kernel.last_window();
    assert_eq!((window.latency.count(), kernel.latency_in(window, 2).unwrap().count()), (10, 5));
}
