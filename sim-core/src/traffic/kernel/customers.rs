//! The requests that come, before anything becomes of them.

use super::instant::NEVER;
use crate::plan::{Curve, Requests};
use crate::random::{Distribution, Stream};
use crate::traffic::arrivals::Recorded;
use crate::traffic::{ArrivalProcess, round};

/// Requests drawn at once: enough to spread the costs of a batch, few enough to stay in the first-level cache.
pub(super) const BATCH: usize = 256;

/// Draws requests in order of arrival.
///
/// As nothing else uses its streams, a batch can be drawn ahead, one stream at a time. That keeps a generator in registers, and the kind of
/// distribution is looked at once a batch.
#[derive(Clone, Debug)]
pub(super) struct Customers {
    process: Process,
    service_time: Distribution,
    stream: Stream,
    batch: Box<Batch>,
    next: usize,
}

/// Where arrivals come from.
#[derive(Clone, Debug)]
enum Process {
    /// A rate.
    Drawn(ArrivalProcess),
    /// A recording, and a rate if there is one.
    Recorded(Box<Recorded>),
}

#[derive(Clone, Debug)]
struct Batch {
    arrivals: [u64; BATCH],
    services: [u64; BATCH],
}

/// Some requests that arrive one after the other.
#[derive(Clone, Copy)]
pub(super) struct Arrived<'a> {
    /// When, in nanoseconds.
    pub(super) arrivals: &'a [u64],
    /// The work of each, in nanoseconds of a worker.
    pub(super) services: &'a [u64],
}

impl Arrived<'_> {
    /// The same, so many at a time.
    pub(super) fn chunks(self, count: usize) -> impl Iterator<Item = Self> {
        self.arrivals.chunks(count).zip(self.services.chunks(count)).map(|(arrivals, services)| Self { arrivals, services })
    }
}

impl Customers {
    /// Customers at this rate, and as recorded in the plan.
    pub(super) fn new(plan: &Requests, rate: &Curve, arrivals: Stream, services: Stream) -> Self {
        let drawn = ArrivalProcess::new(rate, plan.arrivals.clone(), arrivals);
        let mut customers = Self {
            process: if plan.recorded.is_empty() {
                Process::Drawn(drawn)
            } else {
                let instants = plan.recorded.iter().map(|at| at.as_nanos().min(NEVER)).collect();
                Process::Recorded(Box::new(Recorded::new(instants, drawn)))
            },
            service_time: plan.service_time.clone(),
            stream: services,
            batch: Box::new(Batch { arrivals: [0; BATCH], services: [0; BATCH] }),
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
        Arrived { arrivals: &rest[..count], services: &self.batch.services[self.next..][..count] }
    }

    /// Goes past the next `count` requests of the batch.
    pub(super) fn pass(&mut self, count: usize) {
        self.next += count;
        if self.next == BATCH {
            self.draw();
        }
    }

    /// The arrival and the work of the next one, which is gone past; there must be one.
    pub(super) fn take(&mut self) -> (u64, u64) {
        let next = (self.batch.arrivals[self.next], self.batch.services[self.next]);
        self.pass(1);
        next
    }

    fn draw(&mut self) {
        self.next = 0;
        match &mut self.process {
            Process::Drawn(process) => process.fill(&mut self.batch.arrivals),
            Process::Recorded(process) => process.fill(&mut self.batch.arrivals),
        }
        self.service_time.fill(&mut self.stream, &mut self.batch.services, |seconds| round(seconds * 1e9).min(NEVER));
    }
}
