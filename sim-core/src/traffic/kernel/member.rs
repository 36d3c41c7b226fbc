//! A kernel whose service is in a chain: the chain says what happens when, and the kernel has the pods and the figures.

use super::chain::End;
use super::instant::NEVER;
use super::sharing::Ended;
use super::{RequestKernel, Slot};
use crate::plan::Requests;
use crate::random::Streams;
use crate::traffic::Meter;
use crate::traffic::meter::Recorder;
use crate::units::Time;

/// What a kernel in a chain counts besides its service's requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Member {
    /// Requests that have not ended.
    in_flight: u64,
    /// The same for the service's own load, without calls.
    entries_in_flight: u64,
    /// Its own load: the current window, and all before.
    window: Box<Recorder>,
    total: Meter,
    /// Its requests in the window that was taken last.
    taken: u64,
}

impl Member {
    pub(super) const fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// Ends the window.
    pub(super) fn take_window(&mut self) {
        let window = self.window.meter();
        self.taken = window.offered;
        self.total.merge(window);
        window.clear();
        assert_eq!(self.total.offered, self.total.settled() + self.entries_in_flight, "requests of the load are not those settled and in flight");
    }

    pub(super) fn restart(&mut self) {
        self.total = Meter { offered: self.entries_in_flight, ..Meter::default() };
    }
}

impl RequestKernel {
    /// The kernel of a service in a chain. It draws from the same streams as [`Self::new`].
    pub(crate) fn in_chain(plan: &Requests, streams: Streams, name: &str) -> Self {
        let mut kernel = Self::build(plan, streams, name, true);
        kernel.member = Some(Box::default());
        kernel
    }

    /// What became of requests of the service's load, without calls by other services.
    pub fn entries(&self) -> &Meter {
        self.member.as_ref().map_or(&self.total, |member| &member.total)
    }

    /// Requests of the service's load in the window that was taken last.
    pub fn entries_taken(&self) -> u64 {
        self.member.as_ref().map_or(self.taken.offered, |member| member.taken)
    }

    /// Requests of the service's load of which nothing has become yet.
    pub fn entries_in_flight(&self) -> u64 {
        self.member.as_ref().map_or_else(|| self.in_flight(), |member| member.entries_in_flight)
    }

    /// Whether the pod has work at `now`, as far as is known: workers that wait for other services have.
    pub(crate) fn has_work(&self, slot: Slot, now: Time) -> bool {
        self.sharing.as_ref().map_or_else(|| self.last_finish(slot.0) > now.as_nanos(), |sharing| sharing.has_work(slot.0))
    }

    /// When the next pod ends a piece of work; `u64::MAX` if none does.
    pub(super) fn next_end(&self) -> u64 {
        self.sharing.as_ref().map_or(u64::MAX, |sharing| sharing.next_event())
    }

    /// Lets that happen.
    pub(super) fn take_ends(&mut self, ended: &mut Vec<Ended>) {
        if let Some(sharing) = &mut self.sharing {
            sharing.take_event_into(ended);
        }
    }

    /// The arrival and the work of the next request of the load.
    pub(super) fn take_arrival(&mut self) -> (u64, u64) {
        self.customers.take()
    }

    /// Gives an attempt to a pod: its slot and its place there; none if there is no pod or it is refused.
    pub(super) fn offer(&mut self, at: u64, work: u64, attempt: u32) -> Option<(u32, u32)> {
        let (mut choice, sharing) = (self.balancer.choose(1)?, self.sharing.as_mut()?);
        let slot = sharing.pick(&mut choice, 0, at, &mut self.window);
        sharing.offer(slot, at, work, attempt, &mut self.window).map(|job| (slot, job))
    }

    /// Takes an attempt out of a pod's queue; false if a worker has taken it.
    pub(super) fn leave_queue(&mut self, slot: u32, job: u32) -> bool {
        self.balancer.touch(slot);
        self.sharing.as_mut().is_some_and(|sharing| sharing.leave_queue(slot, job))
    }

    /// A worker that waited for other services gets free.
    pub(super) fn free_worker(&mut self, slot: u32, at: u64) {
        if let Some(sharing) = &mut self.sharing {
            sharing.free_worker(slot, at);
        }
        self.balancer.touch(slot);
    }

    /// Brings the pods up to `until`.
    pub(super) fn settle_pods(&mut self, until: u64) {
        if let Some(sharing) = &mut self.sharing {
            sharing.settle(until, &mut self.window);
        }
    }

    /// Takes a pod away with all that it has.
    pub(super) fn take_pod(&mut self, slot: Slot, now: u64) {
        self.leave(slot.0);
        let is_known = self.is_still_known(slot.0);
        if let Some(sharing) = &mut self.sharing {
            sharing.release(slot.0, now.min(NEVER - 1));
        }
        if is_known {
            self.balancer.touch(slot.0);
        } else {
            self.give_back(slot.0);
        }
    }

    pub(super) fn count_offered(&mut self, is_entry: bool) {
        self.window.counts().offered += 1;
        if let Some(member) = &mut self.member {
            member.in_flight += 1;
            if is_entry {
                member.entries_in_flight += 1;
                member.window.counts().offered += 1;
            }
        }
    }

    pub(super) fn count_retry(&mut self, is_entry: bool) {
        self.window.counts().retried += 1;
        if let Some(member) = self.member.as_mut().filter(|_| is_entry) {
            member.window.counts().retried += 1;
        }
    }

    pub(super) fn count_end(&mut self, end: End, slot: u32, is_entry: bool) {
        end.record(&mut self.window, slot);
        if let Some(member) = &mut self.member {
            member.in_flight -= 1;
            if is_entry {
                member.entries_in_flight -= 1;
                end.record(&mut member.window, 0);
            }
        }
    }
}

impl End {
    /// Records what became of a request that the pod in this slot had last.
    fn record(self, recorder: &mut Recorder, slot: u32) {
        match self {
            Self::Answered(parts) => recorder.complete(parts, slot),
            Self::TimedOut => recorder.counts().timed_out += 1,
            Self::Rejected => recorder.counts().rejected += 1,
            Self::Failed => recorder.counts().failed += 1,
        }
    }

    /// The same in a meter that is not written often.
    pub(super) fn count(self, meter: &mut Meter) {
        match self {
            Self::Answered(parts) => {
                meter.completed += 1;
                meter.latency.record(parts.latency());
            }
            Self::TimedOut => meter.timed_out += 1,
            Self::Rejected => meter.rejected += 1,
            Self::Failed => meter.failed += 1,
        }
    }
}
