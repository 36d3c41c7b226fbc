//! One pod that shares its cores.

use std::collections::VecDeque;

use super::super::instant::NEVER;
use super::super::serve::Limits;
use super::Ended;
use super::line::Line;

/// What is the same for all pods of a service.
#[derive(Clone, Debug)]
pub(in super::super) struct Rules {
    pub(in super::super) cores: f64,
    /// The part of a core that each of so many running requests has at an even flow.
    pub(in super::super) shares: Shares,
    /// Waiting time of a request besides its CPU time, as a share of that.
    pub(in super::super) waiting: f64,
    /// Most requests in work at once.
    pub(in super::super) workers: usize,
    /// The pod may use its cores' time of each period as fast as it can; none for an even flow.
    pub(in super::super) period: Option<u64>,
    pub(in super::super) limits: Limits,
    /// Whether a worker that has done its work waits until it is told to go on.
    pub(in super::super) holds_worker: bool,
}

/// Parts of a core by number of requests: the first ones are kept, because a division takes longer.
#[derive(Clone, Debug)]
pub(in super::super) struct Shares {
    cores: f64,
    first: [f64; 32],
}

impl Shares {
    /// Shares of so many cores.
    pub(in super::super) fn of(cores: f64) -> Self {
        Self { cores, first: std::array::from_fn(|requests| share(cores, requests)) }
    }

    #[inline(always)]
    fn among(&self, requests: usize) -> f64 {
        self.first.get(requests).copied().unwrap_or_else(|| share(self.cores, requests))
    }
}

fn share(cores: f64, requests: usize) -> f64 {
    (cores / requests as f64).min(1.0)
}

/// A whole number below 2^63 as a float, for which plain x86-64 has an instruction.
#[inline(always)]
const fn float(x: u64) -> f64 {
    x as i64 as f64
}

/// Work below this many nanoseconds is done.
const DONE: f64 = 1e-3;

/// The requests at a pod: what most of them need lies together, in three lines of the cache.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(super) struct Pod {
    /// Its place among the pods.
    pub(super) slot: u32,
    /// Requests of which nothing has become yet.
    pub(super) live: u32,
    /// Up to when the rest is true.
    pub(super) at: u64,
    /// Speed of a core when warm.
    pub(super) speed: f64,
    /// Until when it is slower, and how fast it is then.
    pub(super) cold: (u64, f64),
    /// Until when it wakes.
    pub(super) awake_from: u64,
    /// CPU time spent so far, in nanoseconds of a core.
    pub(super) done: f64,
    /// Workers that have done their work and wait.
    pub(super) held: u32,
    /// Jobs in the queue whose clients still wait.
    queued: u32,
    /// Service that each request in work has got since the pod was idle, in nanoseconds.
    attained: f64,
    /// On a core: the attained service at which each is done, as bits, which are ordered as the numbers are.
    running: Line,
    /// When the next of them is done or the rate changes, as seen from `at`; [`UNKNOWN`] if that has to be found out.
    next_done: u64,
    /// When the first that has no core is done, and when the first client gives up: [`UNKNOWN`] if there is none.
    next_waited: u64,
    next_deadline: u64,
    jobs: Vec<Job>,
    /// The place for the next job, if one has become free: each knows the one before it.
    free: u32,
    sequence: u32,
    /// Requests in work without a core.
    off_core: u32,
    rest: Box<Rest>,
}

/// What many pods do not have.
#[derive(Clone, Debug, Default)]
struct Rest {
    /// In work without a core: until when.
    waiting: Line,
    /// Not in work yet.
    queue: VecDeque<u32>,
    /// When clients give up, in order, with the job and its sequence number.
    deadlines: VecDeque<(u64, u32, u32)>,
    /// The period of the quota that was last used, by its number, and how much of it.
    period: u64,
    used: f64,
}

/// An instant that is not known, or does not come.
const UNKNOWN: u64 = u64::MAX;

/// No place is free.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Job {
    arrival: u64,
    start: u64,
    work: u64,
    /// Who sent it; of a free place, the one that became free before.
    client: u32,
    sequence: u32,
    /// Whether its client has given up.
    is_given_up: bool,
    is_queued: bool,
}

impl Default for Pod {
    fn default() -> Self {
        Self {
            slot: 0,
            live: 0,
            at: 0,
            speed: 1.0,
            cold: (0, 1.0),
            awake_from: 0,
            done: 0.0,
            held: 0,
            queued: 0,
            attained: 0.0,
            running: Line::default(),
            next_done: UNKNOWN,
            next_waited: UNKNOWN,
            next_deadline: UNKNOWN,
            jobs: Vec::new(),
            free: NONE,
            sequence: 0,
            off_core: 0,
            rest: Box::default(),
        }
    }
}

impl Pod {
    pub(super) fn has_work(&self) -> bool {
        !self.running.is_empty() || self.off_core > 0 || !self.rest.queue.is_empty()
    }

    /// Reads what the next request will need.
    #[inline(always)]
    pub(super) fn read_ahead(&self) -> u64 {
        let job = |job: u32| self.jobs.get(job as usize).map_or(0, |job| job.arrival);
        let first = self.running.first().map_or(0, |(bits, first)| bits ^ job(first));
        first ^ job(self.free) ^ self.at ^ u64::from(self.live) ^ self.attained.to_bits() ^ u64::from(self.off_core)
    }

    /// Requests in work and in the queue.
    pub(super) fn outstanding(&self) -> usize {
        self.in_work() + self.queued as usize
    }

    /// Requests that have a worker.
    #[inline(always)]
    fn in_work(&self) -> usize {
        self.running.len() + self.off_core as usize + self.held as usize
    }

    /// Requests in the queue.
    pub(super) const fn waiting(&self) -> usize {
        self.queued as usize
    }

    /// Requests that somebody waits for: client, arrival and work.
    pub(super) fn awaited(&self) -> Vec<(u32, u64, u64)> {
        let present = self.running.jobs().chain(self.rest.waiting.jobs()).chain(self.rest.queue.iter().copied());
        let mut jobs: Vec<Job> = present.map(|job| self.jobs[job as usize]).filter(|job| !job.is_given_up).collect();
        jobs.sort_unstable_by_key(|job| job.sequence);
        jobs.iter().map(|job| (job.client, job.arrival, job.work)).collect()
    }

    /// Drops all requests.
    pub(super) fn clear(&mut self) {
        let (done, at, slot) = (self.done, self.at, self.slot);
        *self = Self { slot, at, done, ..Self::default() };
    }

    /// Takes a request that arrives now, and returns its place; none if the queue is full.
    pub(super) fn offer(&mut self, now: u64, work: u64, client: u32, rules: &Rules) -> Option<u32> {
        let has_room = self.in_work() < rules.workers;
        if (!has_room && rules.limits.queue.is_some_and(|limit| self.queued as usize >= limit)) || self.sheds(now, rules) {
            return None;
        }
        self.sequence = self.sequence.wrapping_add(1);
        let job = Job { arrival: now, start: now, work, client, sequence: self.sequence, is_given_up: false, is_queued: !has_room };
        let place = self.free;
        let place = if let Some(free) = self.jobs.get_mut(place as usize) {
            self.free = free.client;
            *free = job;
            place
        } else {
            self.jobs.push(job);
            (self.jobs.len() - 1) as u32
        };
        self.live += 1;
        if let Some(timeout) = rules.limits.timeout {
            self.rest.deadlines.push_back(((now + timeout).min(NEVER), place, self.sequence));
            self.note_deadline();
        }
        if has_room {
            self.start(place);
        } else {
            self.rest.queue.push_back(place);
            self.queued += 1;
        }
        Some(place)
    }

    /// Takes a request out of the queue whose client has given up; false if it is in work.
    pub(super) fn leave_queue(&mut self, job: u32) -> bool {
        let state = &mut self.jobs[job as usize];
        if state.is_queued {
            // Its place in the queue is skipped when its turn comes.
            state.is_given_up = true;
            self.queued -= 1;
            self.live -= 1;
        }
        self.jobs[job as usize].is_queued
    }

    /// A worker that waited takes the next request.
    pub(super) fn free_worker(&mut self) {
        self.held -= 1;
        self.take_next();
    }

    /// Whether the pod refuses a request although its queue has room.
    fn sheds(&self, now: u64, rules: &Rules) -> bool {
        let waits_since = || self.rest.queue.iter().map(|job| self.jobs[*job as usize]).find(|job| !job.is_given_up).map(|job| job.arrival);
        rules.limits.busy.is_some_and(|most| self.outstanding() >= most)
            || rules.limits.wait.is_some_and(|longest| waits_since().is_some_and(|since| now - since > longest))
    }

    fn start(&mut self, job: u32) {
        if self.running.is_empty() {
            self.attained = 0.0;
        }
        let state = &mut self.jobs[job as usize];
        (state.start, state.is_queued) = (self.at, false);
        self.running.push((self.attained + float(state.work)).to_bits(), job);
        self.next_done = UNKNOWN;
    }

    /// Notes who gives up first.
    fn note_deadline(&mut self) {
        self.next_deadline = self.rest.deadlines.front().map_or(UNKNOWN, |deadline| deadline.0);
    }

    /// Notes who waits without a core.
    fn note_waiting(&mut self) {
        self.next_waited = self.rest.waiting.first().map_or(UNKNOWN, |first| first.0);
        self.off_core = self.rest.waiting.len() as u32;
    }

    /// The part of a core that each running request has now, how fast that is, and until when this holds.
    fn share(&self, rules: &Rules) -> (f64, f64, u64) {
        if self.at < self.awake_from {
            return (0.0, 0.0, self.awake_from);
        }
        let (share, until) = match rules.period {
            None => (rules.shares.among(self.running.len()), u64::MAX),
            Some(period) => self.quota(rules.cores, period),
        };
        if self.at < self.cold.0 { (share, self.cold.1, self.cold.0.min(until)) } else { (share, self.speed, until) }
    }

    /// The same where the kernel enforces a quota by period: all run until it is used up.
    fn quota(&self, cores: f64, period: u64) -> (f64, u64) {
        let (elapsed, quota) = (self.at % period, cores * period as f64);
        let end = self.at - elapsed + period;
        let used = if self.rest.period == self.at / period { self.rest.used } else { 0.0 };
        let left = quota - used;
        if left < 1.0 {
            return (0.0, end);
        }
        (1.0, end.min(self.at + (left / self.running.len() as f64).ceil() as u64))
    }

    /// When something happens next, if nothing arrives: [`NEVER`] if nothing does.
    pub(super) fn next_event(&mut self, rules: &Rules) -> u64 {
        self.next_done(rules).min(self.next_waited).min(self.next_deadline).min(NEVER)
    }

    /// When the next running request is done, or the rate changes before.
    #[inline(always)]
    fn next_done(&mut self, rules: &Rules) -> u64 {
        if self.next_done == UNKNOWN {
            self.next_done = self.find_next_done(rules);
        }
        self.next_done
    }

    fn find_next_done(&self, rules: &Rules) -> u64 {
        let Some((bits, _)) = self.running.first() else { return NEVER };
        let (share, speed, until) = self.share(rules);
        let rest = (f64::from_bits(bits) - self.attained).max(0.0);
        if share == 0.0 && rest <= DONE {
            // Its last bit used up the quota.
            return self.at;
        }
        let left = rest / (share * speed);
        // A request is done at the first whole nanosecond at which it has got its work.
        if left < float(NEVER - self.at) { (self.at + ceil(left)).min(until) } else { until.min(NEVER) }
    }

    /// Whether nothing happens up to and including `until`, where that is seen without a division; with a margin that is more than rounding.
    #[inline(always)]
    fn is_quiet(&self, until: u64, rules: &Rules) -> bool {
        if self.off_core > 0 || rules.period.is_some() || self.at < self.awake_from.max(self.cold.0) {
            return false;
        }
        let is_working_on = self.running.first().is_none_or(|(bits, _)| {
            let rest = f64::from_bits(bits) - self.attained;
            rest * (1.0 - 1e-9) > (float(until - self.at) + 2.0) * (rules.shares.among(self.running.len()) * self.speed)
        });
        is_working_on && self.next_deadline > until
    }

    /// Lets everything happen up to and including `until`.
    pub(super) fn advance(&mut self, until: u64, rules: &Rules, ended: &mut Vec<Ended>) {
        while until >= self.at && !self.is_quiet(until, rules) {
            let done = self.next_done(rules);
            let next = done.min(self.next_waited).min(self.next_deadline);
            if next > until || next >= NEVER {
                break;
            }
            self.pass_to(next, rules);
            if done == next {
                self.end_of_work(rules, ended);
            } else if self.next_waited == next {
                let Some((_, job)) = self.rest.waiting.pop() else { continue };
                self.note_waiting();
                self.finish(job, rules, ended);
            } else {
                self.give_up(ended);
            }
        }
        if until > self.at {
            self.pass_to(until, rules);
        }
    }

    /// Time goes by in which nothing happens.
    #[inline(always)]
    fn pass_to(&mut self, at: u64, rules: &Rules) {
        if at != self.at {
            self.next_done = UNKNOWN;
        }
        if at > self.at && !self.running.is_empty() {
            let (share, speed, _) = self.share(rules);
            let cpu = float(at - self.at) * share;
            if let Some(period) = rules.period {
                let now = self.at / period;
                self.rest.used = if self.rest.period == now { self.rest.used } else { 0.0 } + cpu * float(self.running.len() as u64);
                self.rest.period = now;
            }
            self.attained += cpu * speed;
            self.done += cpu * float(self.running.len() as u64);
        }
        self.at = at;
    }

    /// The running request that needs least has got its work, or the rate has changed.
    #[inline(always)]
    fn end_of_work(&mut self, rules: &Rules, ended: &mut Vec<Ended>) {
        let Some((bits, job)) = self.running.first() else { return };
        if f64::from_bits(bits) - self.attained > DONE {
            return;
        }
        self.running.pop();
        self.next_done = UNKNOWN;
        let rest = float(self.jobs[job as usize].work) * rules.waiting;
        if rest >= 1.0 {
            self.rest.waiting.push((self.at + rest as u64).min(NEVER), job);
            self.note_waiting();
        } else {
            self.finish(job, rules, ended);
        }
    }

    /// A request leaves, and the next one in the queue takes its place.
    #[inline(always)]
    fn finish(&mut self, job: u32, rules: &Rules, ended: &mut Vec<Ended>) {
        let state = self.jobs[job as usize];
        if !state.is_given_up {
            self.live -= 1;
            ended.push(Ended { at: self.at, arrival: state.arrival, wait: Some(state.start - state.arrival), slot: self.slot, client: state.client });
        }
        self.forget(job);
        if rules.holds_worker {
            self.held += 1;
        } else {
            self.take_next();
        }
    }

    /// Starts the next request of the queue.
    fn take_next(&mut self) {
        while let Some(next) = self.rest.queue.pop_front() {
            if self.jobs[next as usize].is_given_up {
                self.forget(next);
            } else {
                self.queued -= 1;
                self.start(next);
                break;
            }
        }
    }

    /// Frees the place of a job; a deadline that still names it finds another sequence number.
    #[inline(always)]
    fn forget(&mut self, job: u32) {
        let state = &mut self.jobs[job as usize];
        (state.sequence, state.client) = (0, self.free);
        self.free = job;
        if self.next_deadline == UNKNOWN {
            return;
        }
        let (deadlines, jobs) = (&mut self.rest.deadlines, &self.jobs);
        while deadlines.front().is_some_and(|&(_, job, sequence)| jobs[job as usize].sequence != sequence) {
            deadlines.pop_front();
        }
        self.note_deadline();
    }

    /// The client whose patience ends first gives up. Its request leaves the queue; one that is in work goes on.
    fn give_up(&mut self, ended: &mut Vec<Ended>) {
        let Some((at, job, sequence)) = self.rest.deadlines.pop_front() else { return };
        self.note_deadline();
        let state = &mut self.jobs[job as usize];
        if state.sequence != sequence || state.is_given_up {
            return;
        }
        state.is_given_up = true;
        self.live -= 1;
        self.queued -= u32::from(state.is_queued);
        ended.push(Ended { at, arrival: state.arrival, wait: None, slot: self.slot, client: state.client });
    }
}

/// The least whole number that is not below `x`, which is at least 0 and below 2^63; without a call, as the rounding of plain x86-64 is one.
#[inline(always)]
fn ceil(x: f64) -> u64 {
    let below = x as i64;
    (below + i64::from((below as f64) < x)) as u64
}
