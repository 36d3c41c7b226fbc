//! The request kernel beside the bare recursion: what exact accounting, percentiles and windows cost. With a word as argument, only the tables
//! whose name has it.

use std::hint::black_box;

use benches::bare;
use benches::timing::{Case, compare};
use sim_core::plan::{Balancing, Curve, Discipline, Requests, Retries, Users};
use sim_core::random::{Distribution, Streams};
use sim_core::traffic::{Endpoint, Meter, RequestKernel, Slot};
use sim_core::units::{Span, Time};

const ROUNDS: u32 = 7;

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let tables: [(&str, fn()); 9] = [
        ("pool", pool),
        ("fleet", fleet),
        ("large-fleet", large_fleet),
        ("balancing", balancing),
        ("least", least),
        ("sharing", sharing),
        ("clients", clients),
        ("backlog", backlog),
        ("idle", idle),
    ];
    for (name, table) in tables {
        if name.contains(&wanted) {
            table();
        }
    }
}

/// One queue for many workers.
fn pool() {
    let seconds = 250_000;
    let plan = requests(40.0, 1.0, 50);
    let reference = kernel(&plan, 1, seconds, 15_000);
    let bare = || bare::kiefer_wolfowitz(Streams::new(1), 50, reference.offered, 1e9 / 40.0, 1e9);
    let mean = bare().mean();
    assert!((reference.wait.mean() / mean - 1.0).abs() < 1e-3, "the two do not simulate the same: {} and {mean}", reference.wait.mean());
    let mut cases = vec![Case::new("bare recursion of Kiefer and Wolfowitz, a histogram of waits", reference.offered, || {
        black_box(bare());
    })];
    for (name, segment_ms) in [("kernel: CPU, latency, wait, service, windows; segments of 15 s", 15_000), ("kernel, segments of 1 s", 1000)] {
        let plan = &plan;
        cases.push(Case::new(name, reference.offered, move || {
            black_box(kernel(plan, 1, seconds, segment_ms));
        }));
    }
    compare("M/M/50, utilisation 0.8", ROUNDS, cases);
}

/// Many pods, each with a queue of its own.
fn fleet() {
    let (pods, rate, service, seconds) = (1000, 32_000.0, 0.1, 150);
    let plan = requests(rate, service, 4);
    let reference = kernel(&plan, pods, seconds, 15_000);
    let offered = reference.offered;
    let mean = bare::pods::<4>(Streams::new(1), pods, offered, 1e9 / rate, service * 1e9) as f64 / offered as f64;
    assert!((reference.latency.mean() / mean - 1.0).abs() < 1e-3, "the two do not simulate the same: {} and {mean}", reference.latency.mean());
    let mut cases = vec![bare_pods(pods, offered)];
    for (name, segment_ms) in [
        ("kernel: CPU, latency, wait, service, windows; segments of 15 s", 15_000),
        ("kernel, segments of 1 s", 1000),
        ("kernel, segments of 100 ms", 100),
        ("kernel, segments of 10 ms", 10),
        ("kernel, segments of 1 ms", 1),
    ] {
        let plan = &plan;
        cases.push(Case::new(name, offered, move || {
            black_box(kernel(plan, pods, seconds, segment_ms));
        }));
    }
    compare("1,000 pods x 4 workers, random, utilisation 0.8", ROUNDS, cases);
}

/// As many pods as in `scenarios/gallery/double-eleven.yaml`, and served as there: lognormal service, a limited queue, clients that give up.
fn large_fleet() {
    let (pods, rate, service, seconds) = (10_000, 320_000.0, 0.1, 15);
    let offered = kernel(&requests(rate, service, 4), pods, seconds, 15_000).offered;
    let mut cases = vec![bare_pods(pods, offered)];
    let lognormal = Distribution::lognormal(service, 1.0);
    let plain = requests(rate, service, 4);
    let drawn = Requests { service_time: lognormal.clone(), ..plain.clone() };
    let limited = Requests { queue_limit: Some(100), timeout: Some(Span::from_secs(3)), ..drawn.clone() };
    cases.push(Case::new("bare recursion, lognormal service", offered, move || {
        black_box(bare::pods_of::<4>(Streams::new(1), pods, offered, 1e9 / rate, &lognormal));
    }));
    for (name, plan) in
        [("kernel, segments of 15 s", plain), ("kernel, lognormal service", drawn), ("kernel, with timeouts and limited queues besides", limited)]
    {
        cases.push(Case::new(name, offered, move || {
            black_box(kernel(&plan, pods, seconds, 15_000));
        }));
    }
    compare("10,000 pods x 4 workers, random, utilisation 0.8", ROUNDS, cases);
}

/// Ways to choose a pod.
fn balancing() {
    let policies = [
        ("random", Balancing::Random),
        ("round robin", Balancing::RoundRobin),
        ("weighted", Balancing::Weighted(vec![1.0])),
        ("consistent hash", Balancing::ConsistentHash { keys: 10_000, skew: 0.0 }),
        ("power of two choices", Balancing::PowerOfTwo),
        ("least outstanding", Balancing::LeastOutstanding),
        ("one queue for all", Balancing::Queue),
    ];
    let mut cases = vec![bare_pods(1000, OFFERED)];
    for (name, policy) in policies {
        cases.push(case(name, 1000, Requests { balancing: policy, ..requests(32_000.0, 0.1, 4) }));
    }
    compare("1,000 pods x 4 workers, utilisation 0.8, segments of 1 s", ROUNDS, cases);
}

/// Choices that look at all pods.
fn least() {
    let cases = [("100 pods", 100), ("1,000 pods", 1000), ("10,000 pods", 10_000)].map(|(name, pods)| {
        let plan = Requests { balancing: Balancing::LeastOutstanding, ..requests(32.0 * pods as f64, 0.1, 4) };
        Case::new(name, 32 * pods * (60_000 / pods), move || {
            black_box(kernel(&plan, pods as usize, 60_000 / pods, 1000));
        })
    });
    compare("Least outstanding, 4 workers a pod, utilisation 0.8, segments of 1 s", ROUNDS, cases.into());
}

/// Requests that share the cores of their pod.
fn sharing() {
    let discipline = |waiting| Discipline::ProcessorSharing { cores: 4.0, waiting };
    let shared = Requests { discipline: discipline(0.0), ..requests(32_000.0, 0.1, 1000) };
    let waits = Requests { discipline: discipline(1.0), ..shared.clone() };
    let limited = Requests { timeout: Some(Span::from_secs(2)), queue_limit: Some(10), concurrency: 16, ..shared.clone() };
    let chosen = Requests { balancing: Balancing::PowerOfTwo, ..shared.clone() };
    let least = Requests { balancing: Balancing::LeastOutstanding, ..shared.clone() };
    let throttled = Requests { cfs_period: Some(Span::from_millis(100)), ..shared.clone() };
    let mut cases = vec![bare_pods(1000, OFFERED)];
    for (name, plan) in [
        ("first come, first served", requests(32_000.0, 0.1, 4)),
        ("processor sharing", shared),
        ("processor sharing, half of the time without a core", waits),
        ("processor sharing, 16 workers, timeouts, limited queues", limited),
        ("processor sharing, quota by period of 100 ms", throttled),
        ("processor sharing, power of two choices", chosen),
        ("processor sharing, least outstanding", least),
    ] {
        cases.push(case(name, 1000, plan));
    }
    compare("1,000 pods x 4 cores, random, utilisation 0.8, segments of 1 s", ROUNDS, cases);
}

/// Clients whose next request depends on what became of the last one.
fn clients() {
    let users = Users { count: vec![(Time::ZERO, 1000)], think: Distribution::Exponential { mean: 0.9 } };
    let closed = Requests { rate: Curve::default(), users: Some(users), ..requests(0.0, 0.1, 4) };
    let open = requests(1000.0, 0.1, 4);
    let retries = Retries { attempts: 3, initial: Span::from_millis(100), max: Span::from_secs(2), jitter: 0.5, budget: Some(0.1), anew: false };
    let retried = Requests { timeout: Some(Span::from_millis(300)), retries: Some(retries), ..open.clone() };
    let mut cases = vec![bare_pods(40, 1_000_000)];
    for (name, plan) in [("open loop", open), ("open loop, a fifteenth timed out and sent again", retried), ("1,000 users who think", closed)] {
        cases.push(Case::new(name, 1_000_000, move || {
            black_box(kernel(&plan, 40, 1000, 1000));
        }));
    }
    compare("40 pods x 4 workers, 1,000 requests a second, utilisation 0.6, segments of 1 s", ROUNDS, cases);
}

/// An overloaded pod: what is in flight grows to a million requests.
fn backlog() {
    let plan = requests(2000.0, 0.004, 4);
    let cases = [("kernel, segments of 1 s", 1000), ("kernel, segments of 1 ms: a million of them", 1)].map(|(name, segment_ms)| {
        let plan = &plan;
        Case::new(name, 2_000_000, move || {
            black_box(kernel(plan, 1, 1000, segment_ms));
        })
    });
    compare("1 pod at twice its capacity, a backlog of 1,000,000", ROUNDS, cases.into());
}

/// Segments in which nothing happens.
fn idle() {
    let segments = 10_000_000_u64;
    let case = Case::new("an advance over nothing", segments, || {
        let mut kernel = RequestKernel::new(&requests(1e-9, 1.0, 4), Streams::new(1), "web");
        for ns in 0..segments {
            kernel.advance(Time::from_nanos(black_box(ns)));
        }
        black_box(kernel.in_flight());
    });
    compare("No requests; per segment", ROUNDS, vec![case]);
}

/// Requests of most tables: 32,000 a second for a minute.
const OFFERED: u64 = 32_000 * 60;

/// The least work that pods of four workers can cost at a utilisation of 0.8.
fn bare_pods(pods: usize, requests: u64) -> Case<'static> {
    Case::new("bare recursion, a checksum", requests, move || {
        black_box(bare::pods::<4>(Streams::new(1), pods, requests, 1e8 / (3.2 * pods as f64), 1e8));
    })
}

/// A minute of this plan in segments of a second.
fn case(name: &str, pods: usize, plan: Requests) -> Case<'_> {
    Case::new(name, OFFERED, move || {
        black_box(kernel(&plan, pods, 60, 1000));
    })
}

fn requests(rate: f64, service_s: f64, concurrency: u32) -> Requests {
    Requests { rate: Curve::constant(rate), ..Requests::new(Distribution::Exponential { mean: service_s }, concurrency) }
}

/// Runs the kernel over `seconds` in segments of `segment_ms`, reading the CPU of every pod every 15 s and closing a window every minute.
fn kernel(plan: &Requests, pods: usize, seconds: u64, segment_ms: u64) -> Meter {
    let mut kernel = RequestKernel::new(plan, Streams::new(1), "web");
    let slots: Vec<Slot> = (0..pods).map(|_| kernel.add_endpoint(Endpoint::PLAIN)).collect();
    for ms in (segment_ms..=seconds * 1000).step_by(segment_ms as usize) {
        let now = Time::from_nanos(ms * 1_000_000);
        kernel.advance(now);
        if ms % 15_000 == 0 {
            black_box(slots.iter().map(|&slot| kernel.busy(slot, now)).sum::<u64>());
        }
        if ms % 60_000 == 0 {
            kernel.take_window();
        }
    }
    kernel.take_window();
    kernel.total().clone()
}
