//! Pods that share their cores among the requests they work on.
//!
//! All requests in work at a pod progress at one rate, so what each has got since the pod became busy is one number, the *attained service*; a request
//! is done when that reaches its value at the start plus its work. A heap of these values gives the next one that is done, however the rate changes
//! meanwhile: with the number of requests, with a pod that warms up, or with one that wakes.

mod line;
mod pod;
mod soonest;

use std::hint::black_box;

use super::instant::NEVER;
use super::pick::Choice;
use super::traits::{Endpoint, Traits};
use crate::traffic::meter::{PAGE, Page, Recorder};
use pod::{Pod, Rules};
use soonest::Soonest;

/// Requests whose pods are read before the first of them is served.
const AHEAD: usize = 16;

/// Pods that are more than the nearest cache holds.
const FAR: usize = 48;

/// The pods of a service with processor sharing.
#[derive(Clone, Debug)]
pub(super) struct Sharing {
    rules: Rules,
    pods: Vec<Pod>,
    unused: Vec<u32>,
    traits: Option<Box<Traits>>,
    /// When something happens next at which pod, for clients who wait for it.
    next: Option<Soonest>,
    ended: Vec<Ended>,
}

/// What became of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) at: u64,
    pub(super) arrival: u64,
    /// How long it waited; none if its client has given up.
    pub(super) wait: Option<u64>,
    /// The pod.
    pub(super) slot: u32,
    /// Who sent it.
    pub(super) client: u32,
}

impl Ended {
    /// Records a request of the open loop.
    fn record(self, page: &mut Page<'_>) {
        match self.wait {
            Some(wait) => page.complete(self.at - self.arrival, wait, self.slot),
            None => page.time_out(),
        }
    }
}

impl Sharing {
    /// Pods with these rules. With `is_awaited`, clients ask when something happens next.
    pub(super) fn new(rules: Rules, traits: Option<Traits>, is_awaited: bool) -> Self {
        Self { rules, pods: Vec::new(), unused: Vec::new(), traits: traits.map(Box::new), next: is_awaited.then(Soonest::default), ended: Vec::new() }
    }

    pub(super) fn add(&mut self, endpoint: Endpoint) -> u32 {
        let slot = self.unused.pop().unwrap_or_else(|| {
            self.pods.push(Pod::default());
            (self.pods.len() - 1) as u32
        });
        if let Some(traits) = &mut self.traits {
            traits.add(slot, endpoint);
        }
        let pod = &mut self.pods[slot as usize];
        pod.clear();
        (pod.at, pod.done, pod.slot) = (endpoint.ready, 0.0, slot);
        (pod.speed, pod.cold) = self.traits.as_ref().map_or((1.0, (0, 1.0)), |traits| {
            let of = traits.of_pod(slot);
            (1.0 / of.slowness, (of.warm_from, 1.0 / of.cold_slowness))
        });
        slot
    }

    /// Takes the pod away, and returns who had requests there that were still awaited, with their arrivals and work.
    pub(super) fn release(&mut self, slot: u32, now: u64) -> Vec<(u32, u64, u64)> {
        self.settle_pod(slot, now);
        let pod = &mut self.pods[slot as usize];
        let lost = pod.awaited();
        pod.clear();
        if let Some(traits) = &mut self.traits {
            traits.close(slot);
        }
        self.announce(slot);
        lost
    }

    /// Gives the slot of a pod that is gone back.
    pub(super) fn give_back(&mut self, slot: u32) {
        self.unused.push(slot);
    }

    /// When the pod will have done all that it accepted, if nothing comes any more; zero if it has nothing to do.
    pub(super) fn last_finish(&self, slot: u32) -> u64 {
        let mut alone = self.pods[slot as usize].clone();
        let mut ended = Vec::new();
        while alone.has_work() {
            let at = alone.next_event(&self.rules);
            if at >= NEVER {
                return NEVER;
            }
            alone.advance(at, &self.rules, &mut ended);
        }
        alone.at
    }

    /// CPU time spent until `at`, the instant of the last settlement, in nanoseconds of a core.
    pub(super) fn busy(&self, slot: u32) -> u64 {
        self.pods[slot as usize].done as u64
    }

    /// Requests of which nothing has become yet.
    pub(super) fn in_flight(&self) -> u64 {
        self.pods.iter().map(|pod| u64::from(pod.live)).sum()
    }

    /// Requests at each pod, by slot.
    pub(super) fn outstanding_of_all(&self) -> Vec<u32> {
        self.pods.iter().map(|pod| pod.outstanding() as u32).collect()
    }

    /// Requests that wait for a worker.
    pub(super) fn waiting(&self) -> u64 {
        self.pods.iter().map(|pod| pod.waiting() as u64).sum()
    }

    /// Reads the pods that the next requests may go to, [`AHEAD`] at a time: they come from far, and this way all are on their way at once.
    #[inline(always)]
    pub(super) fn read_ahead(&self, choice: &Choice<'_>, index: usize) {
        if !index.is_multiple_of(AHEAD) || self.pods.len() < FAR {
            return;
        }
        let slots = match choice {
            Choice::Given(slots) => &slots[index..],
            Choice::Pairs(pairs) => pairs[index..].as_flattened(),
            Choice::Least(_) => return,
        };
        black_box(slots.iter().take(AHEAD).fold(0, |seen, &slot| seen ^ self.pods[slot as usize].read_ahead()));
    }

    /// The pod of a request that arrives at `at`.
    pub(super) fn pick(&mut self, choice: &mut Choice<'_>, index: usize, at: u64, recorder: &mut Recorder) -> u32 {
        match choice {
            Choice::Given(slots) => slots[index],
            Choice::Pairs(pairs) => {
                let [first, second] = pairs[index];
                let loads = [first, second].map(|slot| self.outstanding(slot, at, recorder));
                if loads[1] < loads[0] { second } else { first }
            }
            Choice::Least(fewest) => fewest.pick(at, |slot| {
                let count = self.outstanding(slot, at, recorder);
                (count as u32, self.pods[slot as usize].next_event(&self.rules))
            }),
        }
    }

    fn outstanding(&mut self, slot: u32, at: u64, recorder: &mut Recorder) -> usize {
        self.settle_and_record(slot, at, recorder);
        self.pods[slot as usize].outstanding()
    }

    /// Gives a request to a pod, which is brought up to `at`, and returns its place there; none if its queue is full or it does not listen yet.
    pub(super) fn offer(&mut self, slot: u32, at: u64, work: u64, client: u32, recorder: &mut Recorder) -> Option<u32> {
        self.settle_and_record(slot, at, recorder);
        let pod = &mut self.pods[slot as usize];
        if let Some(traits) = &mut self.traits {
            if !traits.listens(slot, at) {
                return None;
            }
            if traits.sleeps() && !pod.has_work() {
                pod.awake_from = at + traits.wake_up();
            }
        }
        let taken = pod.offer(at, work, client, &self.rules);
        self.announce(slot);
        taken
    }

    /// Brings every pod up to `until` and records what happens.
    pub(super) fn settle(&mut self, until: u64, recorder: &mut Recorder) {
        for slot in 0..self.pods.len() as u32 {
            if self.pods[slot as usize].at < until {
                self.settle_and_record(slot, until, recorder);
            }
        }
    }

    /// When something happens next that a client waits for.
    pub(super) fn next_event(&self) -> u64 {
        let Some(next) = &self.next else { return u64::MAX };
        self.ended.first().map_or_else(|| next.at(), |first| first.at)
    }

    /// Lets happen what [`Self::next_event`] announced, and returns what ended.
    pub(super) fn take_event(&mut self) -> Vec<Ended> {
        let mut ended = Vec::new();
        self.take_event_into(&mut ended);
        ended
    }

    /// The same at the end of a list that is there.
    pub(super) fn take_event_into(&mut self, ended: &mut Vec<Ended>) {
        if self.ended.is_empty()
            && let Some(next) = self.next.as_ref().filter(|next| next.at() < NEVER)
        {
            let (at, slot) = (next.at(), next.slot());
            self.settle_pod(slot, at);
            self.announce(slot);
        }
        ended.append(&mut self.ended);
    }

    /// Takes a request out of the queue of its pod, whose client has given up; false if it is in work.
    pub(super) fn leave_queue(&mut self, slot: u32, job: u32) -> bool {
        self.pods[slot as usize].leave_queue(job)
    }

    /// Lets a worker take the next request that has waited for others since it had done its work.
    pub(super) fn free_worker(&mut self, slot: u32, at: u64) {
        self.settle_pod(slot, at);
        self.pods[slot as usize].free_worker();
        self.announce(slot);
    }

    /// Whether a pod has requests, or workers that wait for others.
    pub(super) fn has_work(&self, slot: u32) -> bool {
        let pod = &self.pods[slot as usize];
        pod.has_work() || pod.held > 0
    }

    /// Brings a pod up to `at`. In the open loop, what ends is recorded; what clients wait for stays until it is taken.
    fn settle_and_record(&mut self, slot: u32, at: u64, recorder: &mut Recorder) {
        self.settle_pod(slot, at);
        if self.next.is_some() {
            return;
        }
        for some in self.ended.chunks(PAGE) {
            let mut page = recorder.page();
            for ended in some {
                ended.record(&mut page);
            }
            page.close();
        }
        self.ended.clear();
    }

    fn settle_pod(&mut self, slot: u32, at: u64) {
        self.pods[slot as usize].advance(at, &self.rules, &mut self.ended);
    }

    /// Says when something happens next at a pod.
    fn announce(&mut self, slot: u32) {
        let Some(next) = &mut self.next else { return };
        let at = self.pods[slot as usize].next_event(&self.rules);
        next.set(slot, if at < NEVER { at } else { u64::MAX });
    }
}

pub(super) use pod::{Rules as SharingRules, Shares};
