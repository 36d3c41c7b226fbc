//! Pods that take requests from one queue.

use super::super::Endpoint;
use super::{RequestKernel, exponential, kernel, requests};
use crate::plan::{Arrivals, Balancing, Curve, Requests};
use crate::random::Distribution;
use crate::traffic::Meter;
use crate::units::{Span, Time};

fn secs(s: f64) -> Time {
    Time::ZERO + Span::from_secs_f64(s)
}

/// One request a second, each of which takes `work` seconds.
fn clockwork(work: f64) -> Requests {
    Requests {
        rate: Curve::steps(&[(Time::ZERO, 1.0)]),
        arrivals: Arrivals::Constant,
        balancing: Balancing::Queue,
        ..Requests::new(Distribution::Constant(work), 1)
    }
}

fn totals(kernel: &mut RequestKernel) -> Meter {
    kernel.take_window();
    kernel.total().clone()
}

#[test]
fn one_queue_serves_as_one_pod_with_all_workers() {
    let plan = |balancing, concurrency| Requests { concurrency, balancing, ..requests(9.0, exponential(1.0), 1) };
    let run = |plan: &Requests, pods: usize| {
        let (mut kernel, _) = kernel(plan, 7, pods);
        for second in 1..=2000 {
            kernel.advance(Time::from_secs(second));
        }
        (totals(&mut kernel), kernel.in_flight())
    };
    let (pulled, left) = run(&plan(Balancing::Queue, 2), 5);
    let (one, left_at_one) = run(&plan(Balancing::Random, 10), 1);
    assert!(pulled.completed > 15_000);
    assert_eq!((pulled.offered, pulled.completed, left), (one.offered, one.completed, left_at_one));
    assert_eq!((pulled.wait.sum(), pulled.latency.sum(), pulled.latency.max()), (one.wait.sum(), one.latency.sum(), one.latency.max()));
}

#[test]
fn nothing_is_lost_while_there_is_no_pod() {
    let (mut held, _) = kernel(&clockwork(0.5), 1, 0);
    held.advance(secs(10.25));
    assert_eq!((held.waiting(secs(10.25)), held.in_flight(), totals(&mut held).rejected), (10, 10, 0));
    // The first pod works through what waits: at 10.25 s there are ten, of 0.5 s each.
    held.add_endpoint(Endpoint { ready: secs(10.25).as_nanos(), ..Endpoint::PLAIN });
    held.advance(secs(12.3));
    assert_eq!((totals(&mut held).completed, held.waiting(secs(12.3))), (4, 7));
    assert_eq!(totals(&mut held).wait.max() / 100_000_000, 92, "the first one waited since 1 s");
    // Without a queue they are refused.
    let (mut refused, _) = kernel(&Requests { balancing: Balancing::Random, ..clockwork(0.5) }, 1, 0);
    refused.advance(secs(10.25));
    assert_eq!((totals(&mut refused).rejected, refused.waiting(secs(10.25))), (10, 0));
}

#[test]
fn what_a_pod_had_in_work_is_done_by_another() {
    let (mut kernel, slots) = kernel(&clockwork(3.0), 1, 1);
    let first = slots[0];
    kernel.advance(secs(2.5));
    let (busy, arrived) = (kernel.busy(first, secs(2.5)), totals(&mut kernel).offered);
    assert_eq!(kernel.release(first, secs(2.5)), 0, "nothing fails");
    assert_eq!((kernel.waiting(secs(2.5)), kernel.in_flight()), (arrived, arrived));
    assert!(busy > 1_000_000_000 && busy <= 2_500_000_000, "what it did is spent");
    kernel.add_endpoint(Endpoint { ready: secs(2.5).as_nanos(), ..Endpoint::PLAIN });
    kernel.advance(secs(5.6));
    let done = totals(&mut kernel);
    assert_eq!((done.completed, done.failed), (1, 0));
    assert_eq!(done.latency.max() / 100_000_000, done.wait.max() / 100_000_000 + 30, "all of its work again");
}

#[test]
fn a_pod_that_drains_takes_nothing_more() {
    let (mut kernel, slots) = kernel(&clockwork(3.0), 1, 1);
    let first = slots[0];
    kernel.advance(secs(1.5));
    let finished = kernel.remove_endpoint(first);
    assert!(kernel.has_work(first, secs(1.5)));
    kernel.advance(secs(9.5));
    assert!(!kernel.has_work(first, secs(9.5)));
    assert!(finished > secs(1.5) && finished < secs(4.1));
    assert_eq!(totals(&mut kernel).completed, 1);
    assert_eq!(kernel.outstanding(secs(9.5)), [0]);
}

#[test]
fn a_queue_can_be_full_and_messages_expire() {
    let (mut full, _) = kernel(&Requests { queue_limit: Some(4), ..clockwork(0.5) }, 1, 0);
    full.advance(secs(10.25));
    assert_eq!((full.waiting(secs(10.25)), totals(&mut full).rejected), (4, 6));
    let (mut impatient, _) = kernel(&Requests { timeout: Some(Span::from_secs(3)), ..clockwork(0.5) }, 1, 0);
    impatient.advance(secs(10.25));
    assert_eq!((impatient.waiting(secs(10.25)), totals(&mut impatient).timed_out), (3, 7));
}
