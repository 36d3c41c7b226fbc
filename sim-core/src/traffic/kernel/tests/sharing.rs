//! Processor sharing against its closed forms.

use super::{Endpoint, RequestKernel, check, exponential, kernel, replicate, requests, t};
use crate::plan::{Arrivals, Balancing, Discipline, Requests, Retries, Users};
use crate::random::{Distribution, Streams};
use crate::units::{Span, Time};

fn shared(rate: f64, service_time: Distribution, cores: f64) -> Requests {
    Requests { discipline: Discipline::ProcessorSharing { cores, waiting: 0.0 }, concurrency: 100_000, ..requests(rate, service_time, 1) }
}

#[test]
fn the_mean_time_of_one_core_does_not_depend_on_the_distribution() {
    // T = E[S] / (1 - rho) = 0.1 / 0.2, whatever the variance.
    for (name, service) in [
        ("M/D/1-PS", Distribution::Constant(0.1)),
        ("M/M/1-PS", exponential(0.1)),
        ("M/G/1-PS, squared variation 4", Distribution::gamma(0.1, 2.0)),
        ("M/H2/1-PS, squared variation 9", Distribution::hyperexponential(0.1, 3.0)),
    ] {
        let [time, wait, busy] = replicate(&shared(8.0, service, 1.0), 1, Span::from_secs(25_000), |_, _, measured| {
            [measured.meter.latency.mean() / 1e9, measured.meter.wait.mean(), measured.busy / measured.seconds]
        });
        check(name, time, 0.5, 0.05);
        check(&format!("{name}: cores busy"), busy, 0.8, 0.02);
        assert_eq!(wait.0, 0.0, "nothing waits for a worker");
    }
}

#[test]
fn several_cores_are_as_many_servers() {
    // With exponential work the number of requests is that of M/M/c: T = 1 / mu + C / (c mu - lambda), C(4, 3.2) = 0.5964.
    let [time] = replicate(&shared(3.2, exponential(1.0), 4.0), 1, Span::from_secs(50_000), |_, _, measured| [measured.meter.latency.mean() / 1e9]);
    check("M/M/4 by sharing", time, 1.0 + 0.596_4 / 0.8, 0.05);
    // Half a core is a core of half the speed.
    let [time] = replicate(&shared(4.0, exponential(0.1), 0.5), 1, Span::from_secs(30_000), |_, _, measured| [measured.meter.latency.mean() / 1e9]);
    check("M/M/1-PS with half a core", time, 0.2 / 0.2, 0.06);
}

#[test]
fn waiting_for_others_holds_no_core() {
    // A delay of three times the CPU time: T = 0.1 / (1 - 0.8) + 0.3.
    let mut plan = shared(8.0, exponential(0.1), 1.0);
    plan.discipline = Discipline::ProcessorSharing { cores: 1.0, waiting: 3.0 };
    let [time, busy] = replicate(&plan, 1, Span::from_secs(25_000), |_, _, measured| [measured.meter.latency.mean() / 1e9, measured.busy / measured.seconds]);
    check("CPU shared, then a delay", time, 0.8, 0.04);
    check("cores busy", busy, 0.8, 0.02);
}

#[test]
fn one_worker_is_first_come_first_served() {
    let plan = Requests { concurrency: 1, timeout: Some(Span::from_millis(700)), queue_limit: Some(6), ..shared(9.0, Distribution::gamma(0.1, 0.5), 1.0) };
    let fifo = Requests { discipline: Discipline::FirstComeFirstServed, ..plan.clone() };
    for balancing in [Balancing::Random, Balancing::RoundRobin, Balancing::PowerOfTwo, Balancing::LeastOutstanding] {
        let runs = [&plan, &fifo].map(|plan| {
            let plan = Requests { balancing: balancing.clone(), rate: plan.rate.scaled(3.0), ..plan.clone() };
            let (mut kernel, slots) = kernel(&plan, 3, 3);
            kernel.advance(t(400));
            let busy: Vec<u64> = slots.iter().map(|&slot| kernel.busy(slot, t(400)) / 100).collect();
            kernel.take_window();
            (kernel.total().clone(), kernel.in_flight(), busy)
        });
        let [(shared, in_flight, busy), (fifo, fifo_in_flight, fifo_busy)] = runs;
        assert_eq!((shared.offered, shared.completed, shared.timed_out), (fifo.offered, fifo.completed, fifo.timed_out), "{balancing:?}");
        assert_eq!((shared.rejected, in_flight), (fifo.rejected, fifo_in_flight));
        assert!(fifo.timed_out > 100 && fifo.rejected > 20, "{fifo:?}");
        assert!((shared.latency.mean() - fifo.latency.mean()).abs() < 10.0 && (shared.wait.mean() - fifo.wait.mean()).abs() < 10.0);
        assert!(busy.iter().zip(&fifo_busy).all(|(a, b)| a.abs_diff(*b) <= 1), "{busy:?} {fifo_busy:?}");
    }
}

#[test]
fn requests_share_as_worked_out_by_hand() {
    // Arrivals at 1, 2, 3, ... s of 1.5 s of work on one core: at 1 alone; from 2 two share, and the first has 0.5 left, done at 3, when the third comes.
    let mut plan = shared(1.0, Distribution::Constant(1.5), 1.0);
    plan.arrivals = Arrivals::Constant;
    let (mut kernel, slots) = kernel(&plan, 1, 1);
    kernel.advance(t(3));
    let meter = kernel.take_window();
    assert_eq!((meter.completed, meter.latency.max()), (1, 2_000_000_000));
    assert_eq!(kernel.busy(slots[0], t(3)), 2_000_000_000);
    // The second has had 0.5; with the third until 4: 0.5 each; with three until 5.5 ...: it needs 0.5 more and gets a third of a core.
    kernel.advance(Time::from_nanos(5_000_000_000));
    assert_eq!(kernel.in_flight(), 3);
    assert_eq!(kernel.remove_endpoint(slots[0]).as_nanos() / 1_000_000, 7000);
    assert_eq!(kernel.release(slots[0], t(6)), 2, "of three, one ends at 5.5 s");
    kernel.take_window();
    assert_eq!((kernel.total().completed, kernel.total().failed, kernel.total().offered), (2, 2, 5));
}

#[test]
fn users_share_pods_as_mean_value_analysis_says() {
    // A closed network of a shared core and a delay, exactly by mean value analysis: R(n) = s (1 + Q(n - 1)), X(n) = n / (R(n) + Z), Q(n) = X(n) R(n).
    let (service, think, users) = (0.1, 0.9, 15);
    let (mut queue, mut throughput, mut time) = (0.0, 0.0, 0.0);
    for n in 1..=users {
        time = service * (1.0 + queue);
        throughput = f64::from(n) / (time + think);
        queue = throughput * time;
    }
    for distribution in [exponential(service), Distribution::Constant(service), Distribution::hyperexponential(service, 2.0)] {
        let mut plan = shared(0.0, distribution.clone(), 1.0);
        plan.rate = crate::plan::Curve::ZERO;
        plan.users = Some(Users { count: vec![(Time::ZERO, users)], think: exponential(think) });
        let [measured_time, measured_rate] = replicate(&plan, 1, Span::from_secs(10_000), |_, _, measured| {
            [measured.meter.latency.mean() / 1e9, measured.meter.completed as f64 / measured.seconds]
        });
        check(&format!("response time with {distribution:?}"), measured_time, time, 0.03);
        check(&format!("throughput with {distribution:?}"), measured_rate, throughput, 0.02);
    }
}

#[test]
fn clients_who_give_up_and_come_again_are_all_accounted_for() {
    let retries = Some(Retries { attempts: 3, initial: Span::from_millis(50), max: Span::from_secs(1), jitter: 0.5, budget: None, anew: false });
    let plan = Requests { timeout: Some(Span::from_millis(400)), retries, queue_limit: Some(10), concurrency: 4, ..shared(30.0, exponential(0.1), 1.0) };
    let mut kernel = RequestKernel::new(&plan, Streams::new(4), "web");
    let slots: Vec<_> = (0..3).map(|_| kernel.add_endpoint(Endpoint::PLAIN)).collect();
    for second in 1..=200 {
        kernel.advance(t(second));
        if second == 100 {
            kernel.remove_endpoint(slots[0]);
            assert!(kernel.release(slots[0], t(second)) > 0);
        }
        kernel.take_window();
    }
    let total = kernel.total();
    assert!(total.retried > 1000 && total.timed_out > 100 && total.completed > 100, "{total:?}");
    let (mut again, mut whole) = (RequestKernel::new(&plan, Streams::new(4), "web"), RequestKernel::new(&plan, Streams::new(4), "web"));
    for kernel in [&mut again, &mut whole] {
        for _ in 0..2 {
            kernel.add_endpoint(Endpoint::PLAIN);
        }
    }
    (1..4000).for_each(|step| again.advance(Time::from_nanos(step * 25_000_000)));
    for kernel in [&mut again, &mut whole] {
        kernel.advance(t(100));
        kernel.take_window();
    }
    assert_eq!((again.total(), again.in_flight()), (whole.total(), whole.in_flight()), "where the run is cut changes nothing");
}
