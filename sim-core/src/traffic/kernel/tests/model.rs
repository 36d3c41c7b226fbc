//! The same rules, written down plainly and slowly, on random plans and histories of pods.

use super::super::Endpoint;
use super::{RequestKernel, Slot, kernel, requests};
use crate::plan::{Arrivals, Balancing, Curve, Requests};
use crate::random::{Distribution, Stream, Streams, below};
use crate::traffic::{ArrivalProcess, Meter, round};
use crate::units::{Span, Time};
use proptest::prelude::*;

/// A request of the model.
struct Request {
    pod: usize,
    arrival: u64,
    /// When it leaves the queue.
    leaves: u64,
    /// Its work, if it gets to a worker.
    work: Option<(u64, u64)>,
    outcome: u64,
    answered: bool,
}

struct Pod {
    workers: Vec<u64>,
    gone: Option<u64>,
}

/// All that happens, kept as lists.
struct Model {
    plan: Requests,
    arrivals: ArrivalProcess,
    pending: Option<Time>,
    services: Stream,
    choices: Stream,
    pods: Vec<Pod>,
    endpoints: Vec<usize>,
    turn: usize,
    offered: u64,
    rejected: u64,
    requests: Vec<Request>,
}

impl Model {
    fn new(plan: &Requests, seed: u64) -> Self {
        let streams = Streams::new(seed);
        let mut arrivals = ArrivalProcess::new(&plan.rate, plan.arrivals.clone(), streams.stream("web/arrivals"));
        Self {
            pending: arrivals.next(),
            arrivals,
            services: streams.stream("web/service"),
            choices: streams.stream("web/balancer"),
            plan: plan.clone(),
            pods: Vec::new(),
            endpoints: Vec::new(),
            turn: 0,
            offered: 0,
            rejected: 0,
            requests: Vec::new(),
        }
    }

    fn add(&mut self) {
        self.endpoints.push(self.pods.len());
        self.pods.push(Pod { workers: vec![0; self.plan.concurrency as usize], gone: None });
    }

    fn remove(&mut self, pod: usize) {
        if let Some(index) = self.endpoints.iter().position(|&endpoint| endpoint == pod) {
            self.endpoints.remove(index);
            if index < self.turn {
                self.turn -= 1;
            }
        }
    }

    fn advance(&mut self, until: Time) {
        while let Some(arrival) = self.pending.filter(|&arrival| arrival < until) {
            self.pending = self.arrivals.next();
            self.arrive(arrival.as_nanos());
        }
    }

    fn arrive(&mut self, arrival: u64) {
        self.offered += 1;
        let service = round(self.plan.service_time.sample(&mut self.services) * 1e9);
        let pods = self.endpoints.len();
        let random = below(&mut self.choices, pods.max(1) as u64) as usize;
        let mut other = if self.plan.balancing == Balancing::PowerOfTwo { below(&mut self.choices, pods.max(2) as u64 - 1) as usize } else { 0 };
        other += usize::from(pods > 1 && other >= random);
        if self.endpoints.is_empty() {
            self.rejected += 1;
            return;
        }
        let index = match self.plan.balancing {
            Balancing::RoundRobin => {
                let turn = if self.turn >= self.endpoints.len() { 0 } else { self.turn };
                self.turn = turn + 1;
                turn
            }
            Balancing::PowerOfTwo if self.outstanding(other, arrival) < self.outstanding(random, arrival) => other,
            Balancing::Random | Balancing::PowerOfTwo => random,
            Balancing::LeastOutstanding => {
                let turn = if self.turn >= pods { 0 } else { self.turn };
                let index = (turn..pods).chain(0..turn).min_by_key(|&index| self.outstanding(index, arrival)).unwrap();
                self.turn = index + 1;
                index
            }
            Balancing::Weighted(_) | Balancing::Local | Balancing::ConsistentHash { .. } | Balancing::Queue => unreachable!("the plans have none of these"),
        };
        let number = self.endpoints[index];
        let workers = &mut self.pods[number].workers;
        let worker = (0..workers.len()).min_by_key(|&worker| workers[worker]).unwrap();
        let start = workers[worker].max(arrival);
        let patience = self.plan.timeout.map_or(u64::MAX, |timeout| arrival + timeout.as_nanos());
        let waiting = self.requests.iter().filter(|request| request.pod == number && request.leaves > arrival).count();
        if start > arrival && self.plan.queue_limit.is_some_and(|limit| waiting >= limit as usize) {
            self.rejected += 1;
            return;
        }
        let work = (start < patience).then_some((start, start + service));
        if let Some((_, finish)) = work {
            workers[worker] = finish;
        }
        let answered = work.is_some_and(|(_, finish)| finish <= patience);
        let outcome = work.map_or(patience, |(_, finish)| finish.min(patience));
        self.requests.push(Request { pod: number, arrival, leaves: start.min(patience), work, outcome, answered });
    }

    /// Requests at an endpoint that have come and that are waiting or in work at `at`.
    fn outstanding(&self, index: usize, at: u64) -> usize {
        let is_there = |request: &&Request| request.leaves > at || request.work.is_some_and(|(_, finish)| finish > at);
        self.requests.iter().filter(|request| request.pod == self.endpoints[index]).filter(is_there).count()
    }

    /// Everything that has happened up to `now`.
    fn meter(&self, now: u64) -> (Meter, u64) {
        let mut meter = Meter { offered: self.offered, rejected: self.rejected, ..Meter::default() };
        let mut in_flight = 0;
        for request in &self.requests {
            let gone = self.pods[request.pod].gone.filter(|&gone| gone < request.outcome);
            if gone.is_some() {
                meter.failed += 1;
            } else if request.outcome > now {
                in_flight += 1;
            } else if request.answered {
                meter.completed += 1;
                meter.latency.record(request.outcome - request.arrival);
                meter.wait.record(request.leaves - request.arrival);
            } else {
                meter.timed_out += 1;
            }
        }
        (meter, in_flight)
    }

    fn busy(&self, pod: usize, now: u64) -> u64 {
        let works = self.requests.iter().filter(|request| request.pod == pod).filter_map(|request| request.work);
        works.map(|(start, finish)| finish.min(now) - start.min(now)).sum()
    }
}

/// A change of the pods, or a look at the meters.
#[derive(Clone, Copy, Debug)]
enum Step {
    Add,
    Remove(prop::sample::Index),
    Release(prop::sample::Index),
    Window,
}

fn steps() -> impl Strategy<Value = Vec<(u64, Step)>> {
    let step = prop_oneof![
        3 => Just(Step::Add),
        1 => any::<prop::sample::Index>().prop_map(Step::Remove),
        1 => any::<prop::sample::Index>().prop_map(Step::Release),
        2 => Just(Step::Window),
    ];
    prop::collection::vec((prop_oneof![0..50_000_000_u64, 0..2_000_000_000_u64], step), 1..25)
}

fn plans() -> impl Strategy<Value = Requests> {
    let service = prop_oneof![
        Just(Distribution::Exponential { mean: 0.2 }),
        Just(Distribution::Constant(0.25)),
        Just(Distribution::lognormal(0.2, 2.0)),
        Just(Distribution::Pareto { min: 0.05, alpha: 1.2 }),
        Just(Distribution::Constant(0.0)),
    ];
    let balancings = prop::sample::select(vec![Balancing::Random, Balancing::RoundRobin, Balancing::PowerOfTwo, Balancing::LeastOutstanding]);
    let limits = (prop::option::of(0..6_u32), prop::option::of(0..800_u64));
    (service, 1..20_u32, limits, (any::<bool>(), balancings)).prop_map(|(service, workers, (queue_limit, timeout), (even, balancing))| Requests {
        rate: Curve::through(&[
            (Time::ZERO, 5.0),
            (Time::from_secs(5), 60.0),
            (Time::from_secs(9), 60.0),
            (Time::from_secs(9), 0.0),
            (Time::from_secs(12), 90.0),
        ]),
        arrivals: if even { Arrivals::Constant } else { Arrivals::Poisson },
        queue_limit,
        timeout: timeout.map(Span::from_millis),
        balancing,
        ..requests(1.0, service, workers)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_kernel_does_what_the_model_does(plan in plans(), seed in 0..1000_u64, steps in steps()) {
        let (mut kernel, _) = kernel(&plan, seed, 0);
        let mut model = Model::new(&plan, seed);
        // Slots of pods that are there, by their number in the model.
        let mut alive: Vec<(usize, Slot)> = Vec::new();
        let mut now = Time::ZERO;
        for (gap, step) in steps {
            now += Span::from_nanos(gap);
            kernel.advance(now);
            model.advance(now);
            match step {
                Step::Add => {
                    alive.push((model.pods.len(), kernel.add_endpoint(Endpoint::PLAIN)));
                    model.add();
                }
                Step::Remove(index) if !alive.is_empty() => {
                    let (pod, slot) = alive[index.index(alive.len())];
                    model.remove(pod);
                    prop_assert_eq!(kernel.remove_endpoint(slot).as_nanos(), model.pods[pod].workers.iter().copied().max().unwrap());
                }
                Step::Release(index) if !alive.is_empty() => {
                    let (pod, slot) = alive.swap_remove(index.index(alive.len()));
                    let (before, _) = model.meter(now.as_nanos());
                    model.remove(pod);
                    model.pods[pod].gone = Some(now.as_nanos());
                    let (after, _) = model.meter(now.as_nanos());
                    prop_assert_eq!(kernel.release(slot, now), after.failed - before.failed);
                }
                _ => drop(kernel.take_window()),
            }
            for &(pod, slot) in &alive {
                prop_assert_eq!(kernel.busy(slot, now), model.busy(pod, now.as_nanos()), "busy time of {:?} at {}", slot, now);
            }
            prop_assert_eq!(kernel.next_arrival(), model.pending.unwrap_or(Time::MAX));
            prop_assert_eq!(kernel.in_flight(), model.meter(now.as_nanos()).1);
        }
        kernel.take_window();
        let mut expected = model.meter(now.as_nanos()).0;
        // Without retries, what is not waiting is work.
        prop_assert_eq!(kernel.total().service.sum(), expected.latency.sum() - expected.wait.sum());
        expected.service = kernel.total().service.clone();
        prop_assert_eq!(kernel.total(), &expected);
    }

    #[test]
    fn where_the_run_is_cut_changes_nothing(
        plan in plans(),
        seed in 0..1000_u64,
        pods in 1..4_usize,
        cuts in prop::collection::btree_set(0..20_000_000_000_u64, 0..60),
        windows in prop::collection::btree_set(0..20_000_000_000_u64, 0..10),
    ) {
        let end = Time::from_secs(20);
        let (mut whole, slots) = kernel(&plan, seed, pods);
        let mut cut: RequestKernel = whole.clone();
        whole.advance(end);
        whole.take_window();
        for &ns in cuts.union(&windows) {
            cut.advance(Time::from_nanos(ns));
            if windows.contains(&ns) {
                cut.take_window();
            }
        }
        cut.advance(end);
        cut.take_window();
        prop_assert_eq!(whole.total(), cut.total());
        prop_assert_eq!(whole.in_flight(), cut.in_flight());
        for slot in slots {
            prop_assert_eq!(whole.busy(slot, end), cut.busy(slot, end));
        }
    }
}
