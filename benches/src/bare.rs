//! The least work that a queue can be simulated with: what the kernel's speed is compared with.

use sim_core::random::{Distribution, Stream, Streams, below, exp1};
use sim_core::traffic::Histogram;

/// First come, first served pods with `C` workers each, chosen at random; exponential gaps and service times in nanoseconds. Returns the sum of the
/// latencies.
pub fn pods<const C: usize>(streams: Streams, pods: usize, requests: u64, gap: f64, service: f64) -> u64 {
    pods_with::<C>(streams, pods, requests, gap, |services| service * exp1(services))
}

/// The same with service times from a distribution, in seconds.
pub fn pods_of<const C: usize>(streams: Streams, pods: usize, requests: u64, gap: f64, service: &Distribution) -> u64 {
    let mut batch = [0.0; 256];
    let mut next = batch.len();
    pods_with::<C>(streams, pods, requests, gap, |services| {
        if next == batch.len() {
            service.fill(services, &mut batch, |seconds| seconds * 1e9);
            next = 0;
        }
        next += 1;
        batch[next - 1]
    })
}

#[inline(always)]
fn pods_with<const C: usize>(streams: Streams, pods: usize, requests: u64, gap: f64, mut service: impl FnMut(&mut Stream) -> f64) -> u64 {
    let (mut gaps, mut services, mut choices) = (streams.stream("web/arrivals"), streams.stream("web/service"), streams.stream("web/balancer"));
    let mut free = vec![[0_u64; C]; pods];
    let (mut clock, mut sum) = (0.0, 0);
    for _ in 0..requests {
        clock += gap * exp1(&mut gaps);
        let arrival = clock as u64;
        let work = service(&mut services) as u64;
        let workers = &mut free[below(&mut choices, pods as u64) as usize];
        let (mut earliest, mut worker) = (workers[0], 0);
        for (index, &free) in workers.iter().enumerate().skip(1) {
            (earliest, worker) = if free < earliest { (free, index) } else { (earliest, worker) };
        }
        let finish = earliest.max(arrival) + work;
        workers[worker] = finish;
        sum += finish - arrival;
    }
    sum
}

/// One queue for `workers` servers (Kiefer and Wolfowitz 1955), over a binary heap of the times when they get free, with a histogram of waits.
pub fn kiefer_wolfowitz(streams: Streams, workers: usize, requests: u64, gap: f64, service: f64) -> Histogram {
    let (mut gaps, mut services) = (streams.stream("web/arrivals"), streams.stream("web/service"));
    let mut free = vec![0_u64; workers];
    let mut waits = Histogram::new();
    let mut clock = 0.0;
    for _ in 0..requests {
        clock += gap * exp1(&mut gaps);
        let arrival = clock as u64;
        let start = free[0].max(arrival);
        waits.record(start - arrival);
        replace_top(&mut free, start + (service * exp1(&mut services)) as u64);
    }
    waits
}

/// Replaces the least of a binary heap, choosing the child without a branch.
#[inline(always)]
fn replace_top(heap: &mut [u64], value: u64) {
    let (mut hole, mut child) = (0, 1);
    while child + 1 < heap.len() {
        child += usize::from(heap[child + 1] < heap[child]);
        if value <= heap[child] {
            heap[hole] = value;
            return;
        }
        heap[hole] = heap[child];
        hole = child;
        child = 2 * hole + 1;
    }
    if child < heap.len() && heap[child] < value {
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = value;
}
