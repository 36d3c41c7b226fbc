//! The requests that come, before anything becomes of them.

use crate::plan::{Balancing, Requests};
use crate::random::{Distribution, Stream, Streams};
use crate::traffic::{ArrivalProcess, round};

/// Requests drawn at once: enough to spread the costs of a batch, few enough to stay in the first-level cache.
pub(super) const BATCH: usize = 128;

/// Draws requests in order of arrival.
///
/// Each takes one draw for its gap, one for its service time and one for its pod, each from a stream of its own, whatever becomes of it: variants of a
/// scenario that share a seed meet the same customers. As nothing else uses these streams, a batch can be drawn ahead, one stream
/// at a time, which keeps the generator in registers and looks at the kind of distribution once.
#[derive(Clone, Debug)]
pub(super) struct Customers {
    arrivals: ArrivalProcess,
    service_time: Distribution,
    services: Stream,
    /// For the choice of the pod, if it is random.
    choices: Option<Stream>,
    batch: Box<Batch>,
    next: usize,
}

#[derive(Clone, Debug)]
struct Batch {
    arrivals: [u64; BATCH],
    services: [u64; BATCH],
    choices: [u64; BATCH],
}

/// Some requests that arrive one after the other.
#[derive(Clone, Copy)]
pub(super) struct Arrived<'a> {
    /// When, in nanoseconds.
    pub(super) arrivals: &'a [u64],
    /// The work of each, in nanoseconds of a worker.
    pub(super) services: &'a [u64],
    /// A random word for each, to choose the pod with.
    pub(super) choices: &'a [u64],
}

impl Customers {
    pub(super) fn new(plan: &Requests, streams: Streams, name: &str) -> Self {
        let mut customers = Self {
            arrivals: ArrivalProcess::new(&plan.rate, plan.arrivals, streams.stream(&format!("{name}/arrivals"))),
            service_time: plan.service_time.clone(),
            services: streams.stream(&format!("{name}/service")),
            choices: (plan.balancing == Balancing::Random).then(|| streams.stream(&format!("{name}/balancer"))),
            batch: Box::new(Batch { arrivals: [0; BATCH], services: [0; BATCH], choices: [0; BATCH] }),
            next: 0,
        };
        customers.draw();
        customers
    }

    /// When the next one arrives; `u64::MAX` if none does.
    pub(super) const fn next(&self) -> u64 {
        self.batch.arrivals[self.next]
    }

    /// Those of the batch that arrive before `until`.
    pub(super) fn before(&self, until: u64) -> Arrived<'_> {
        let rest = &self.batch.arrivals[self.next..];
        let count = if rest[rest.len() - 1] < until { rest.len() } else { rest.partition_point(|&arrival| arrival < until) };
        let range = self.next..self.next + count;
        Arrived { arrivals: &rest[..count], services: &self.batch.services[range.clone()], choices: &self.batch.choices[range] }
    }

    /// Goes past the next `count` requests of the batch.
    pub(super) fn pass(&mut self, count: usize) {
        self.next += count;
        if self.next == BATCH {
            self.draw();
        }
    }

    fn draw(&mut self) {
        self.next = 0;
        let batch = &mut *self.batch;
        self.arrivals.fill(&mut batch.arrivals);
        let mut seconds = [0.0; BATCH];
        self.service_time.fill(&mut self.services, &mut seconds);
        for (service, seconds) in batch.services.iter_mut().zip(&seconds) {
            *service = round(seconds * 1e9);
        }
        if let Some(choices) = &mut self.choices {
            let mut stream = choices.clone();
            for choice in &mut batch.choices {
                *choice = rand::Rng::next_u64(&mut stream);
            }
            *choices = stream;
        }
    }
}
