//! Services that call each other, against networks of queues whose answers are known.

use super::super::chain::Chain;
use super::{Endpoint, RequestKernel, Slot, check, exponential, requests, t};
use crate::id::Id;
use crate::plan::{Call, Callee, Calls, Curve, Requests, Retries, Users};
use crate::random::{Distribution, Streams};
use crate::traffic::Meter;
use crate::units::{Span, Time};

/// A call of the `to`-th member.
fn call(to: usize) -> Call {
    Call { to: Callee::Service(Id::new(to)), probability: 1.0, timeout: None, retries: None, is_optional: false }
}

/// Members with these steps of calls.
fn calling(requests: Requests, steps: Vec<Vec<Call>>) -> Requests {
    Requests { calls: Calls { steps, hold_worker: false }, ..requests }
}

/// A service that is only called.
fn called(service: Distribution, workers: u32) -> Requests {
    Requests::new(service, workers)
}

/// A chain in the making.
struct Run {
    chain: Chain,
    kernels: Vec<RequestKernel>,
    slots: Vec<Vec<Slot>>,
}

impl Run {
    /// Members with so many pods.
    fn new(members: &[(Requests, usize)], seed: u64) -> Self {
        let names = ["a", "b", "c", "d"];
        let all: Vec<(&str, &Requests)> = names.iter().copied().zip(members.iter().map(|(requests, _)| requests)).collect();
        let place = |callee: Callee| if let Callee::Service(id) = callee { id.index() } else { panic!("no backends here") };
        let chain = Chain::among(&all, place, Streams::new(seed));
        let mut kernels: Vec<RequestKernel> = all.iter().map(|(name, requests)| RequestKernel::in_chain(requests, Streams::new(seed), name)).collect();
        let slots = kernels.iter_mut().zip(members).map(|(kernel, (_, pods))| (0..*pods).map(|_| kernel.add_endpoint(Endpoint::PLAIN)).collect()).collect();
        Self { chain, kernels, slots }
    }

    fn advance(&mut self, until: Time) {
        self.chain.advance(&mut self.kernels.iter_mut().collect::<Vec<_>>(), until);
    }

    fn release(&mut self, member: usize, pod: usize, now: Time) -> u64 {
        self.chain.release(&mut self.kernels.iter_mut().collect::<Vec<_>>(), member, self.slots[member][pod], now)
    }

    /// Ends the window of every member, which checks that nothing was lost.
    fn windows(&mut self) -> Vec<Meter> {
        self.kernels.iter_mut().map(|kernel| kernel.take_window().clone()).collect()
    }

    fn all(members: &[(Requests, usize)], seed: u64, until: u64) -> (Self, Vec<Meter>) {
        let mut run = Self::new(members, seed);
        run.advance(t(until));
        let windows = run.windows();
        for call in run.chain.figures() {
            assert_eq!(call.meter.offered, call.meter.settled() + call.in_flight, "calls were lost or counted twice");
        }
        (run, windows)
    }
}

/// Mean and standard error over replications of what a run shows.
fn replicated(members: &[(Requests, usize)], until: u64, figure: impl Fn(&Run, &[Meter]) -> f64) -> (f64, f64) {
    let values: Vec<f64> = (0..20)
        .map(|seed| {
            let mut run = Run::new(members, seed);
            run.advance(t(until / 10));
            run.windows();
            run.advance(t(until));
            let windows = run.windows();
            figure(&run, &windows)
        })
        .collect();
    let mean = values.iter().sum::<f64>() / 20.0;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / 19.0;
    (mean, (variance / 20.0).sqrt())
}

#[test]
fn a_tandem_has_the_sum_of_the_sojourns_of_its_stations() {
    // Jackson 1957: M/M/1 with 5 and 8 a second at 4 a second, then M/M/3 with 2 a second each: 1, 0.25 and 0.7222 s.
    let members = [
        (calling(requests(4.0, exponential(0.2), 1), vec![vec![call(1)]]), 1),
        (calling(called(exponential(0.125), 1), vec![vec![call(2)]]), 1),
        (called(exponential(0.5), 3), 1),
    ];
    check("tandem", replicated(&members, 10_000, |_, windows| windows[0].latency.mean() / 1e9), 1.0 + 0.25 + 0.722_222, 0.02);
    check("second station", replicated(&members, 10_000, |_, windows| windows[2].latency.mean() / 1e9), 0.722_222, 0.02);
}

#[test]
fn the_parts_of_latency_add_up() {
    let members = [(calling(requests(4.0, exponential(0.2), 1), vec![vec![call(1)]]), 1), (called(exponential(0.125), 1), 1)];
    let (run, windows) = Run::all(&members, 1, 2000);
    let causes = windows[0].causes.as_ref().unwrap();
    assert_eq!(windows[0].latency.sum(), causes.queue.sum() + causes.retry.sum() + windows[0].service.sum() + causes.calls.sum());
    // What the first waits for is what the second takes, but for calls in flight.
    assert!((causes.calls.mean() / windows[1].latency.mean() - 1.0).abs() < 0.01);
    assert_eq!(run.kernels[1].entries().offered, 0);
    assert_eq!(run.kernels[0].entries().offered, windows[0].offered);
}

#[test]
fn calls_made_together_take_as_long_as_the_longest() {
    // The largest of three exponentials with mean 1: 1 + 1/2 + 1/3. One after the other: 3.
    let leaf = || (called(exponential(1.0), 10_000), 1);
    let caller = |steps| calling(requests(10.0, Distribution::Constant(0.0), 1000), steps);
    let together = [(caller(vec![vec![call(1), call(2), call(3)]]), 1), leaf(), leaf(), leaf()];
    check("together", replicated(&together, 2000, |_, windows| windows[0].latency.mean() / 1e9), 11.0 / 6.0, 0.01);
    let in_turn = [(caller(vec![vec![call(1)], vec![call(2)], vec![call(3)]]), 1), leaf(), leaf(), leaf()];
    check("in turn", replicated(&in_turn, 2000, |_, windows| windows[0].latency.mean() / 1e9), 3.0, 0.01);
}

#[test]
fn a_share_of_a_poisson_stream_is_one() {
    // 30 % of 20 a second are an M/M/1 with 6 of 10 a second: 0.25 s; the others go on at once.
    let share = Call { probability: 0.3, ..call(1) };
    let members = [(calling(requests(20.0, Distribution::Constant(0.0), 1000), vec![vec![share]]), 1), (called(exponential(0.1), 1), 1)];
    check("rate", replicated(&members, 5000, |_, windows| windows[1].offered as f64 / 4500.0), 6.0, 0.01);
    check("sojourn", replicated(&members, 5000, |_, windows| windows[1].latency.mean() / 1e9), 0.25, 0.02);
}

#[test]
fn workers_that_wait_for_a_backend_bound_what_gets_through() {
    // Ten workers that each keep one request, of 0.1 s here and a queue of one worker of 0.05 s there: at most 20 a second get through the backend, whatever
    // the number of pods; and with two workers only, what two circulating requests bring through, which is a closed network.
    let caller = |workers| {
        let mut requests = calling(requests(100.0, exponential(0.1), workers), vec![vec![call(1)]]);
        (requests.calls.hold_worker, requests.queue_limit) = (true, Some(5));
        requests
    };
    let members = |workers, pods| [(caller(workers), pods), (called(exponential(0.05), 1), 1)];
    check("saturated", replicated(&members(10, 1), 2000, |_, windows| windows[0].completed as f64 / 1800.0), 20.0, 0.01);
    check("saturated, more pods", replicated(&members(10, 50), 2000, |_, windows| windows[0].completed as f64 / 1800.0), 20.0, 0.01);
    // Two customers, a station without a queue (0.1 s each) and a queue (0.05 s). With n at the queue, (2 - n) 10 a second come there: p = (2, 2, 1) / 5.
    check("two workers", replicated(&members(2, 1), 2000, |_, windows| windows[0].completed as f64 / 1800.0), 20.0 * 3.0 / 5.0, 0.02);
}

#[test]
fn a_worker_that_holds_nothing_is_free_for_the_next() {
    let members = |hold_worker| {
        let mut caller = calling(requests(5.0, Distribution::Constant(0.01), 1), vec![vec![call(1)]]);
        (caller.calls.hold_worker, caller.queue_limit) = (hold_worker, Some(0));
        [(caller, 1), (called(Distribution::Constant(1.0), 1000), 1)]
    };
    let (_, free) = Run::all(&members(false), 3, 1000);
    let (_, held) = Run::all(&members(true), 3, 1000);
    // Erlang's loss with loads of 0.05 and 5.05.
    let lost = |windows: &[Meter]| windows[0].rejected as f64 / windows[0].offered as f64;
    assert!((lost(&free) - 0.05 / 1.05).abs() < 0.01 && (lost(&held) - 5.05 / 6.05).abs() < 0.01, "{} {}", lost(&free), lost(&held));
}

#[test]
fn time_outs_with_retries_multiply_calls() {
    // With enough workers, a call takes its work, which is the same each time: it is longer than 1 s with probability exp(-1), and then sent 4 times.
    let retries = Retries { attempts: 4, initial: Span::from_millis(100), max: Span::from_millis(100), jitter: 0.0, budget: None, anew: false };
    let patient = Call { timeout: Some(Span::from_secs(1)), retries: Some(retries), ..call(1) };
    let members =
        |call: &Call| [(calling(requests(20.0, Distribution::Constant(0.0), 1000), vec![vec![call.clone()]]), 1), (called(exponential(1.0), 10_000), 1)];
    let share = crate::math::exp(-1.0);
    let amplification = |_: &Run, windows: &[Meter]| (windows[1].offered + windows[1].retried) as f64 / windows[1].offered as f64;
    check("amplification", replicated(&members(&patient), 1000, amplification), 1.0 + 3.0 * share, 0.01);
    let failed = |_: &Run, windows: &[Meter]| windows[0].failed as f64 / (windows[0].completed + windows[0].failed) as f64;
    check("failures", replicated(&members(&patient), 1000, failed), share, 0.01);
    // Where each attempt is work anew, the third and fourth are rarer still.
    let all_four = share * share * share * share;
    let anew = Call { retries: Some(Retries { anew: true, ..retries }), ..patient.clone() };
    check("amplification anew", replicated(&members(&anew), 1000, amplification), (1.0 - all_four) / (1.0 - share), 0.01);
    check("failures anew", replicated(&members(&anew), 1000, failed), all_four, 0.03);
    // A budget of a tenth bounds that, and a call that is not needed fails nobody.
    let tight = Call { retries: Some(Retries { budget: Some(0.1), ..retries }), is_optional: true, ..patient };
    let (run, windows) = Run::all(&members(&tight), 1, 1000);
    let most = windows[1].offered / 10 + u64::from(Retries::SAVED);
    assert!(windows[1].retried <= most && windows[1].retried > most / 2 && windows[0].failed == 0 && windows[0].completed > 19_000);
    assert_eq!(run.chain.figures().map(|call| call.meter.timed_out).sum::<u64>(), windows[1].timed_out);
}

#[test]
fn users_of_a_chain_are_a_closed_network() {
    // Ten users, think 1 s, 0.1 s at one worker and 0.05 s at the next: exact mean value analysis.
    let users = Users { count: vec![(Time::ZERO, 10)], think: exponential(1.0) };
    let caller = Requests { rate: Curve::default(), users: Some(users), ..requests(0.0, exponential(0.1), 1) };
    let members = [(calling(caller, vec![vec![call(1)]]), 1), (called(exponential(0.05), 1), 1)];
    let (mut at, mut throughput) = ([0.0, 0.0], 0.0);
    for n in 1..=10 {
        let sojourn = [0.1 * (1.0 + at[0]), 0.05 * (1.0 + at[1])];
        throughput = f64::from(n) / (1.0 + sojourn[0] + sojourn[1]);
        at = sojourn.map(|sojourn| throughput * sojourn);
    }
    check("throughput", replicated(&members, 3000, |_, windows| windows[0].completed as f64 / 2700.0), throughput, 0.01);
}

#[test]
fn a_pod_that_is_lost_fails_its_requests_and_frees_those_who_wait() {
    let mut caller = calling(requests(10.0, exponential(0.05), 4), vec![vec![call(1)]]);
    caller.calls.hold_worker = true;
    let retries = Retries { attempts: 2, initial: Span::from_millis(1), max: Span::from_millis(1), jitter: 0.0, budget: None, anew: false };
    let again = Call { retries: Some(retries), ..call(1) };
    for (call, fails) in [(call(1), true), (again, false)] {
        let caller = calling(caller.clone(), vec![vec![call]]);
        let mut run = Run::new(&[(Requests { calls: Calls { hold_worker: true, ..caller.calls.clone() }, ..caller }, 3), (called(exponential(0.2), 4), 2)], 9);
        run.advance(t(100));
        let lost = run.release(1, 0, t(100));
        assert!(lost > 0);
        run.advance(t(101));
        let windows = run.windows();
        assert_eq!((windows[1].failed > 0, windows[0].failed > 0), (fails, fails));
        // Those at the caller go too, with what they wait for.
        assert!(run.release(0, 0, t(101)) > 0);
        run.release(0, 1, t(101));
        run.release(0, 2, t(101));
        run.release(1, 1, t(101));
        run.advance(t(200));
        let windows = run.windows();
        assert_eq!(run.kernels.iter().map(RequestKernel::in_flight).sum::<u64>(), 0);
        assert!(windows[0].rejected > 900 && windows[1].offered <= windows[0].offered);
    }
}

#[test]
fn where_a_run_is_cut_changes_nothing() {
    let mut caller = calling(requests(20.0, exponential(0.05), 2), vec![vec![Call { timeout: Some(Span::from_millis(200)), ..call(1) }, call(2)]]);
    (caller.calls.hold_worker, caller.timeout, caller.queue_limit) = (true, Some(Span::from_secs(1)), Some(20));
    let members = [(caller, 2), (calling(called(exponential(0.1), 3), vec![vec![call(2)]]), 2), (called(exponential(0.02), 1), 1)];
    let (whole, expected) = Run::all(&members, 5, 300);
    let mut cut = Run::new(&members, 5);
    (1..=3000).for_each(|tenth| cut.advance(Time::from_nanos(tenth * 100_000_000)));
    let windows = cut.windows();
    assert!(expected.iter().all(|window| window.completed > 100) && expected[0].timed_out > 0 && expected[1].timed_out > 0);
    assert_eq!(windows, expected);
    for (whole, cut) in whole.kernels.iter().zip(&cut.kernels) {
        assert_eq!(whole.in_flight(), cut.in_flight());
    }
}
