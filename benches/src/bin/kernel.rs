//! The request kernel beside the bare recursion: what exact accounting, percentiles and windows cost.

use std::hint::black_box;

use benches::bare;
use benches::timing::{Case, compare};
use sim_core::plan::{Balancing, Curve, Discipline, Requests, Retries, Users};
use sim_core::random::{Distribution, Streams};
use sim_core::traffic::{Endpoint, Meter, RequestKernel, Slot};
use sim_core::units::{Span, Time};

const ROUNDS: u32 = 9;

fn main() {
    fleet();
    pool();
    backlog();
    idle();
    balancing();
    sharing();
    clients();
}

/// Many pods, each with a queue of its own.
fn fleet() {
    let (pods, rate, service, seconds) = (1000, 32_000.0, 0.1, 300);
    let plan = requests(rate, service, 4);
    let reference = kernel(&plan, pods, seconds, 15_000);
    let offered = reference.offered;
    let bare = || bare::pods::<4>(Streams::new(1), pods, offered, 1e9 / rate, service * 1e9);
    let mean = bare() as f64 / offered as f64;
    assert!((reference.latency.mean() / mean - 1.0).abs() < 1e-3, "the two do not simulate the same: {} and {mean}", reference.latency.mean());
    let mut cases = vec![Case::new("bare recursion, a checksum", || {
        black_box(bare());
    })];
    for (name, segment_ms) in [
        ("kernel: CPU, latency, wait, windows; segments of 15 s", 15_000),
        ("kernel, segments of 1 s", 1000),
        ("kernel, segments of 100 ms", 100),
        ("kernel, segments of 10 ms", 10),
        ("kernel, segments of 1 ms", 1),
    ] {
        let plan = &plan;
        cases.push(Case::new(name, move || {
            black_box(kernel(plan, pods, seconds, segment_ms));
        }));
    }
    compare("1,000 pods x 4 workers, random choice, exponential service, utilisation 0.8", offered, ROUNDS, cases);
}

/// One queue for many workers.
fn pool() {
    let seconds = 250_000;
    let plan = requests(40.0, 1.0, 50);
    let reference = kernel(&plan, 1, seconds, 15_000);
    let bare = || bare::kiefer_wolfowitz(Streams::new(1), 50, reference.offered, 1e9 / 40.0, 1e9);
    let mean = bare().mean();
    assert!((reference.wait.mean() / mean - 1.0).abs() < 1e-3, "the two do not simulate the same: {} and {mean}", reference.wait.mean());
    let mut cases = vec![Case::new("bare Kiefer-Wolfowitz recursion, a histogram of waits", || {
        black_box(bare());
    })];
    for (name, segment_ms) in [("kernel: CPU, latency, wait, windows; segments of 15 s", 15_000), ("kernel, segments of 1 s", 1000)] {
        let plan = &plan;
        cases.push(Case::new(name, move || {
            black_box(kernel(plan, 1, seconds, segment_ms));
        }));
    }
    compare("M/M/50, utilisation 0.8", reference.offered, ROUNDS, cases);
}

/// An overloaded pod: what is in flight grows to a million requests.
fn backlog() {
    let plan = requests(2000.0, 0.004, 4);
    let cases = [("kernel, segments of 1 s", 1000), ("kernel, segments of 1 ms: a million of them", 1)].map(|(name, segment_ms)| {
        let plan = &plan;
        Case::new(name, move || {
            black_box(kernel(plan, 1, 1000, segment_ms));
        })
    });
    compare("1 pod at twice its capacity, a backlog of 1,000,000", 2_000_000, ROUNDS, cases.into());
}

/// Choices that depend on how many requests pods have.
fn balancing() {
    let cases =
        [("random", Balancing::Random), ("power of two", Balancing::PowerOfTwo), ("least outstanding", Balancing::LeastOutstanding)].map(|(name, policy)| {
            let plan = Requests { balancing: policy, ..requests(32_000.0, 0.1, 4) };
            Case::new(name, move || {
                black_box(kernel(&plan, 1000, 60, 1000));
            })
        });
    compare("1,000 pods x 4 workers, utilisation 0.8, segments of 1 s", 32_000 * 60, ROUNDS, cases.into());
}

/// Requests that share the cores of their pod.
fn sharing() {
    let discipline = Discipline::ProcessorSharing { cores: 4.0, waiting: 0.0 };
    let shared = Requests { discipline, ..requests(32_000.0, 0.1, 1000) };
    let cases = [("first come, first served", requests(32_000.0, 0.1, 4)), ("processor sharing", shared)].map(|(name, plan)| {
        Case::new(name, move || {
            black_box(kernel(&plan, 1000, 60, 1000));
        })
    });
    compare("1,000 pods x 4 cores, random choice, utilisation 0.8, segments of 1 s", 32_000 * 60, ROUNDS, cases.into());
}

/// Clients whose next request depends on what became of the last one.
fn clients() {
    let users = Users { count: vec![(Time::ZERO, 1000)], think: Distribution::Exponential { mean: 0.9 } };
    let closed = Requests { rate: Curve::default(), users: Some(users), ..requests(0.0, 0.1, 4) };
    let open = requests(1000.0, 0.1, 4);
    let retries = Retries { attempts: 3, initial: Span::from_millis(100), max: Span::from_secs(2), jitter: 0.5, budget: Some(0.1) };
    let retried = Requests { timeout: Some(Span::from_millis(300)), retries: Some(retries), ..open.clone() };
    let cases = [("open loop", open), ("open loop, a fifteenth timed out and sent again", retried), ("1,000 users who think", closed)].map(|(name, plan)| {
        Case::new(name, move || {
            black_box(kernel(&plan, 40, 1000, 1000));
        })
    });
    compare("40 pods x 4 workers, 1,000 requests a second, utilisation 0.6", 1_000_000, ROUNDS, cases.into());
}

/// Segments in which nothing happens.
fn idle() {
    let segments = 10_000_000_u64;
    let case = Case::new("an advance over nothing", || {
        let mut kernel = RequestKernel::new(&requests(1e-9, 1.0, 4), Streams::new(1), "web");
        for ns in 0..segments {
            kernel.advance(Time::from_nanos(black_box(ns)));
        }
        black_box(kernel.in_flight());
    });
    compare("no requests; per segment", segments, ROUNDS, vec![case]);
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
