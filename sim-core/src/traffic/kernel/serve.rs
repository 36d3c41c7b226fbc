//! The loop that every request passes through.

use std::collections::VecDeque;
use std::hint::black_box;

use super::carry::{Carry, Pending, TIMED_OUT};
use super::customers::Arrived;
use super::instant::{NEVER, earlier, later};
use super::pick::{Choice, Given, Least, Pairs, Pick, leave};
use super::pods::{Blocks, Queues};
use super::rings::{Endless, Rings, Room};
use super::traits::Traits;
use crate::plan::{Requests, Shedding};
use crate::traffic::meter::Recorder;
use crate::units::Span;

/// What ends a request other than its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The client gives up after this long.
    pub(super) timeout: Option<u64>,
    /// Most requests waiting at a pod; queues are kept if there is a limit.
    pub(super) queue: Option<usize>,
    /// Requests that would wait longer are refused.
    pub(super) wait: Option<u64>,
    /// Requests that would find as many workers busy are refused.
    pub(super) busy: Option<usize>,
}

impl Limits {
    /// The limits of a plan.
    pub(super) fn of(plan: &Requests) -> Self {
        let nanos = |span: Span| span.as_nanos().min(NEVER);
        let shedding = plan.shedding.unwrap_or(Shedding { wait: None, utilization: None });
        Self {
            timeout: plan.timeout.map(nanos),
            queue: plan.queue_limit.map(|limit| limit as usize).or(plan.balancing.looks_at_pods().then_some(usize::MAX)),
            wait: shedding.wait.map(nanos),
            busy: shedding.utilization.map(|share| (share * f64::from(plan.concurrency)).ceil().max(1.0) as usize),
        }
    }

    /// Whether a pod may refuse a request, or its client give it up.
    const fn any(self) -> bool {
        self.timeout.is_some() || self.queue.is_some() || self.wait.is_some() || self.busy.is_some()
    }

    /// The length of queues if all that is asked of them is whether they are full.
    pub(super) fn ring(self) -> Option<usize> {
        self.queue.filter(|limit| (1..=Rings::LONGEST).contains(limit) && !self.sheds_any())
    }

    /// Whether a pod may refuse a request although its queue is not full.
    const fn sheds_any(self) -> bool {
        self.wait.is_some() || self.busy.is_some()
    }

    /// Whether a pod sheds a request that would start at `start`.
    #[inline(always)]
    fn sheds(self, workers: &[u64], arrival: u64, start: u64) -> bool {
        self.wait.is_some_and(|longest| start - arrival > longest)
            || self.busy.is_some_and(|most| workers.iter().filter(|&&free| free > arrival && free != NEVER).count() >= most)
    }
}

/// Requests on their way to the pods.
pub(super) struct Segment<'a> {
    pub(super) arrived: Arrived<'a>,
    pub(super) limits: Limits,
    /// Outcomes up to this instant are recorded at once.
    pub(super) until: u64,
    pub(super) recorder: &'a mut Recorder,
    pub(super) carry: &'a mut Carry,
}

impl Segment<'_> {
    /// Serves the requests.
    pub(super) fn serve<B: Blocks>(self, choice: Choice<'_>, pods: B, queues: Queues<'_>, workers: usize, traits: Option<&mut Traits>) {
        let Queues { lines: queues, rings } = queues;
        if let Some(traits) = traits {
            return match choice {
                Choice::Given(slots) => self.serve_with_traits(Given(slots), pods, queues, workers, traits),
                Choice::Pairs(pairs) => self.serve_with_traits(Pairs(pairs), pods, queues, workers, traits),
                Choice::Least(fewest) => self.serve_with_traits(Least(fewest), pods, queues, workers, traits),
            };
        }
        match choice {
            Choice::Given(slots) if !self.limits.any() => self.serve_all(slots, pods),
            Choice::Given(slots) if !self.limits.sheds_any() && (rings.is_some() || self.limits.queue.is_none()) => match rings {
                Some(rings) => self.serve_queues(slots, pods, rings),
                None => self.serve_queues(slots, pods, &mut Endless),
            },
            Choice::Given(slots) => self.serve_within_limits(Given(slots), pods, queues, workers),
            Choice::Pairs(pairs) => self.serve_within_limits(Pairs(pairs), pods, queues, workers),
            Choice::Least(fewest) => self.serve_within_limits(Least(fewest), pods, queues, workers),
        }
    }

    /// For patient clients and queues of any length.
    fn serve_all<B: Blocks>(self, slots: &[u32], mut pods: B) {
        let mut page = self.recorder.page();
        for (arrived, slots) in self.arrived.chunks(AHEAD).zip(slots.chunks(AHEAD)) {
            read_ahead(arrived.arrivals, slots, &mut pods, &Endless);
            for ((&arrival, &service), &slot) in arrived.arrivals.iter().zip(arrived.services).zip(slots) {
                let pod = pods.pod(slot);
                let start = later(pod[1], arrival);
                let finish = (start + service).min(NEVER);
                B::accept(pod, start, finish);
                if finish <= self.until {
                    page.complete(finish - arrival, start - arrival, slot);
                } else {
                    self.carry.push(Pending { outcome: finish, arrival, wait: start - arrival, slot, attempts: 1 });
                }
            }
        }
        page.close();
    }

    /// For clients that give up, and queues that can be full, of which nothing else is asked.
    fn serve_queues<B: Blocks, R: Room>(self, slots: &[u32], mut pods: B, room: &mut R) {
        let timeout = self.limits.timeout.unwrap_or(NEVER);
        let mut page = self.recorder.page();
        for (arrived, slots) in self.arrived.chunks(AHEAD).zip(slots.chunks(AHEAD)) {
            read_ahead(arrived.arrivals, slots, &mut pods, room);
            for ((&arrival, &service), &slot) in arrived.arrivals.iter().zip(arrived.services).zip(slots) {
                let pod = pods.pod(slot);
                let start = later(pod[1], arrival);
                let given_up = (arrival + timeout).min(NEVER);
                if !room.take(slot, arrival, earlier(start, given_up), start > arrival) {
                    page.reject();
                    continue;
                }
                let mut pending = Pending { outcome: given_up, arrival, wait: TIMED_OUT, slot, attempts: 1 };
                if start - arrival < timeout {
                    let finish = (start + service).min(NEVER);
                    B::accept(pod, start, finish);
                    // What most requests come to, in one step.
                    if finish <= earlier(given_up, self.until) {
                        page.complete(finish - arrival, start - arrival, slot);
                        continue;
                    }
                    if finish <= given_up {
                        (pending.outcome, pending.wait) = (finish, start - arrival);
                    }
                }
                if pending.outcome <= self.until {
                    pending.record(&mut page);
                } else {
                    self.carry.push(pending);
                }
            }
        }
        page.close();
    }

    /// For pods that shed, clients that give up, queues that can be full, or choices that depend on the pods.
    fn serve_within_limits<B: Blocks, P: Pick>(self, mut pick: P, mut pods: B, queues: &mut [VecDeque<u64>], workers: usize) {
        let mut page = self.recorder.page();
        for (index, (&arrival, &service)) in self.arrived.arrivals.iter().zip(self.arrived.services).enumerate() {
            let slot = pick.pick(index, &mut pods, queues, workers, arrival);
            let Some(fate) = offer::<B>(pods.pod(slot), &mut queues[slot as usize], self.limits, arrival, service) else {
                page.reject();
                continue;
            };
            let pending = Pending { outcome: fate.outcome, arrival, wait: fate.wait, slot, attempts: 1 };
            if pending.outcome <= self.until {
                pending.record(&mut page);
            } else {
                self.carry.push(pending);
            }
        }
        page.close();
    }

    /// For pods that differ in speed, warm up, or sleep.
    fn serve_with_traits<B: Blocks, P: Pick>(self, mut pick: P, mut pods: B, queues: &mut [VecDeque<u64>], workers: usize, traits: &mut Traits) {
        let mut page = self.recorder.page();
        for (index, (&arrival, &service)) in self.arrived.arrivals.iter().zip(self.arrived.services).enumerate() {
            let slot = pick.pick(index, &mut pods, queues, workers, arrival);
            let pod = pods.pod(slot);
            let Some(fate) = offer_with_traits::<B>(pod, &mut queues[slot as usize], self.limits, (arrival, service), slot, traits) else {
                page.reject();
                continue;
            };
            let pending = Pending { outcome: fate.outcome, arrival, wait: fate.wait, slot, attempts: 1 };
            if pending.outcome <= self.until {
                pending.record(&mut page);
            } else {
                self.carry.push(pending);
            }
        }
        page.close();
    }
}

/// Requests whose pods are read before the first of them is served.
const AHEAD: usize = 64;

/// Reads the pods of the next requests. Each has to come from far where there are many pods, and this way all are on their way at once.
#[inline(always)]
fn read_ahead<B: Blocks>(arrivals: &[u64], slots: &[u32], pods: &mut B, room: &impl Room) {
    if pods.are_far() {
        let mut seen = 0;
        for (&arrival, &slot) in arrivals.iter().zip(slots) {
            let earliest = pods.pod(slot)[1];
            seen ^= earliest ^ room.read_ahead(slot, earliest > arrival);
        }
        black_box(seen);
    }
}

/// Gives a request to a pod with traits; none if its queue is full or it does not listen yet. Waking up keeps the worker busy and counts as waiting.
pub(super) fn offer_with_traits<B: Blocks>(
    pod: &mut [u64],
    queue: &mut VecDeque<u64>,
    limits: Limits,
    (arrival, work): (u64, u64),
    slot: u32,
    traits: &mut Traits,
) -> Option<Fate> {
    if !traits.listens(slot, arrival) {
        return None;
    }
    let start = later(pod[1], arrival);
    let asleep = if traits.sleeps() && pod[1] <= arrival { traits.wake_up() } else { 0 };
    let service = traits.stretched(slot, start, work);
    let mut fate = offer::<B>(pod, queue, limits, arrival, (asleep + service).min(NEVER))?;
    if fate.wait != TIMED_OUT {
        fate.wait += asleep;
    }
    Some(fate)
}

/// What becomes of a request that a pod takes, unless the pod goes before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fate {
    /// When it is answered or given up.
    pub(super) outcome: u64,
    /// How long it waits for a worker; [`TIMED_OUT`] if it is given up.
    pub(super) wait: u64,
}

/// Gives a request to a pod; none if its queue is full.
#[inline(always)]
pub(super) fn offer<B: Blocks>(pod: &mut [u64], queue: &mut VecDeque<u64>, limits: Limits, arrival: u64, service: u64) -> Option<Fate> {
    let timeout = limits.timeout.unwrap_or(NEVER);
    let start = later(pod[1], arrival);
    let given_up = (arrival + timeout).min(NEVER);
    if limits.sheds(&pod[1..], arrival, start) {
        return None;
    }
    if let Some(limit) = limits.queue
        && start > arrival
        && !enqueue(queue, limit, arrival, start.min(given_up))
    {
        return None;
    }
    let mut fate = Fate { outcome: given_up, wait: TIMED_OUT };
    // A request whose client gives up first never gets to a worker; once it has got there, the worker does not notice.
    if start - arrival < timeout {
        let finish = (start + service).min(NEVER);
        B::accept(pod, start, finish);
        if finish - arrival <= timeout {
            fate = Fate { outcome: finish, wait: start - arrival };
        }
    }
    Some(fate)
}

/// Puts a request that has to wait into a queue of at most `limit`, until it leaves for a worker or for good; false if there is no room at `arrival`.
fn enqueue(queue: &mut VecDeque<u64>, limit: usize, arrival: u64, leaves: u64) -> bool {
    leave(queue, arrival);
    let room = queue.len() < limit;
    if room {
        queue.push_back(leaves);
    }
    room
}
