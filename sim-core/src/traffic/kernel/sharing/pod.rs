//! One pod that shares its cores.

use std::collections::VecDeque;

use super::super::instant::NEVER;
use super::super::serve::Limits;
use super::Ended;
use super::line::Line;

/// What is the same for all pods of a service.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Rules {
    pub(in super::super) cores: f64,
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

/// Work below this many nanoseconds is done.
const DONE: f64 = 1e-3;

/// The requests at a pod.
#[derive(Clone, Debug)]
pub(super) struct Pod {
    /// Its place among the pods.
    pub(super) slot: u32,
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
    /// Requests of which nothing has become yet.
    pub(super) live: u32,
    /// Workers that have done their work and wait.
    pub(super) held: usize,
    /// The period of the quota that was last used, by its number, and how much of it.
    period: u64,
    used: f64,
    /// Service that each request in work has got since the pod was idle, in nanoseconds.
    attained: f64,
    /// On a core: the attained service at which each is done, as bits, which are ordered as the numbers are.
    running: Line,
    /// The part of a core that each of them has at an even flow.
    even_share: f64,
    /// When the next of them is done or the rate changes, as seen from `at`; none if that has to be found out.
    next_done: Option<u64>,
    /// In work without a core: until when.
    waiting: Line,
    /// Not in work yet.
    queue: VecDeque<u32>,
    /// Jobs in the queue whose clients still wait.
    queued: usize,
    /// When clients give up, in order, with the job and its sequence number.
    deadlines: VecDeque<(u64, u32, u32)>,
    jobs: Vec<Job>,
    free: Vec<u32>,
    sequence: u32,
}

#[derive(Clone, Copy, Debug)]
struct Job {
    arrival: u64,
    start: u64,
    work: u64,
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
            at: 0,
            speed: 1.0,
            cold: (0, 1.0),
            awake_from: 0,
            done: 0.0,
            live: 0,
            held: 0,
            period: 0,
            used: 0.0,
            attained: 0.0,
            running: Line::default(),
            even_share: 1.0,
            next_done: None,
            waiting: Line::default(),
            queue: VecDeque::new(),
            queued: 0,
            deadlines: VecDeque::new(),
            jobs: Vec::new(),
            free: Vec::new(),
            sequence: 0,
        }
    }
}

impl Pod {
    pub(super) fn has_work(&self) -> bool {
        !self.running.is_empty() || !self.waiting.is_empty() || !self.queue.is_empty()
    }

    /// Requests in work and in the queue.
    pub(super) fn outstanding(&self) -> usize {
        self.running.len() + self.waiting.len() + self.held + self.queued
    }

    /// Requests in the queue.
    pub(super) const fn waiting(&self) -> usize {
        self.queued
    }

    /// Requests that somebody waits for: client, arrival and work.
    pub(super) fn awaited(&self) -> Vec<(u32, u64, u64)> {
        let present = self.running.jobs().chain(self.waiting.jobs()).chain(self.queue.iter().copied());
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
        let has_room = self.running.len() + self.waiting.len() + self.held < rules.workers;
        if (!has_room && rules.limits.queue.is_some_and(|limit| self.queued >= limit)) || self.sheds(now, rules) {
            return None;
        }
        self.sequence = self.sequence.wrapping_add(1);
        let job = Job { arrival: now, start: now, work, client, sequence: self.sequence, is_given_up: false, is_queued: !has_room };
        let place = self.free.pop().unwrap_or_else(|| {
            self.jobs.push(job);
            (self.jobs.len() - 1) as u32
        });
        self.jobs[place as usize] = job;
        self.live += 1;
        if let Some(timeout) = rules.limits.timeout {
            self.deadlines.push_back(((now + timeout).min(NEVER), place, self.sequence));
        }
        if has_room {
            self.start(place, rules);
        } else {
            self.queue.push_back(place);
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
    pub(super) fn free_worker(&mut self, rules: &Rules) {
        self.held -= 1;
        self.take_next(rules);
    }

    /// Whether the pod refuses a request although its queue has room.
    fn sheds(&self, now: u64, rules: &Rules) -> bool {
        let waits_since = || self.queue.iter().map(|job| self.jobs[*job as usize]).find(|job| !job.is_given_up).map(|job| job.arrival);
        rules.limits.busy.is_some_and(|most| self.outstanding() >= most)
            || rules.limits.wait.is_some_and(|longest| waits_since().is_some_and(|since| now - since > longest))
    }

    fn start(&mut self, job: u32, rules: &Rules) {
        if self.running.is_empty() {
            self.attained = 0.0;
        }
        let state = &mut self.jobs[job as usize];
        (state.start, state.is_queued) = (self.at, false);
        self.running.push((self.attained + state.work as f64).to_bits(), job);
        self.share_anew(rules);
    }

    /// Notes that another number of requests share the cores.
    fn share_anew(&mut self, rules: &Rules) {
        self.even_share = (rules.cores / self.running.len() as f64).min(1.0);
        self.next_done = None;
    }

    /// The part of a core that each running request has now, how fast that is, and until when this holds.
    fn share(&self, rules: &Rules) -> (f64, f64, u64) {
        if self.at < self.awake_from {
            return (0.0, 0.0, self.awake_from);
        }
        let (share, until) = match rules.period {
            None => (self.even_share, u64::MAX),
            Some(period) => self.quota(rules.cores, period),
        };
        if self.at < self.cold.0 { (share, self.cold.1, self.cold.0.min(until)) } else { (share, self.speed, until) }
    }

    /// The same where the kernel enforces a quota by period: all run until it is used up.
    fn quota(&self, cores: f64, period: u64) -> (f64, u64) {
        let (elapsed, quota) = (self.at % period, cores * period as f64);
        let end = self.at - elapsed + period;
        let used = if self.period == self.at / period { self.used } else { 0.0 };
        let left = quota - used;
        if left < 1.0 {
            return (0.0, end);
        }
        (1.0, end.min(self.at + (left / self.running.len() as f64).ceil() as u64))
    }

    /// When something happens next, if nothing arrives: [`NEVER`] if nothing does.
    pub(super) fn next_event(&mut self, rules: &Rules) -> u64 {
        let waited = self.waiting.first().map_or(NEVER, |first| first.0);
        let deadline = self.deadlines.front().map_or(NEVER, |deadline| deadline.0);
        self.next_done(rules).min(waited).min(deadline)
    }

    /// When the next running request is done, or the rate changes before.
    fn next_done(&mut self, rules: &Rules) -> u64 {
        let next = self.next_done.unwrap_or_else(|| self.find_next_done(rules));
        self.next_done = Some(next);
        next
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
        if left < (NEVER - self.at) as f64 { (self.at + ceil(left)).min(until) } else { until.min(NEVER) }
    }

    /// Whether nothing happens up to and including `until`, where that is seen without a division; with a margin that is more than rounding.
    #[inline(always)]
    fn is_quiet(&self, until: u64, rules: &Rules) -> bool {
        if !self.waiting.is_empty() || rules.period.is_some() || self.at < self.awake_from.max(self.cold.0) {
            return false;
        }
        let is_working_on = self.running.first().is_none_or(|(bits, _)| {
            let rest = f64::from_bits(bits) - self.attained;
            rest * (1.0 - 1e-9) > ((until - self.at) as f64 + 2.0) * (self.even_share * self.speed)
        });
        is_working_on && self.deadlines.front().is_none_or(|deadline| deadline.0 > until)
    }

    /// Lets everything happen up to and including `until`.
    pub(super) fn advance(&mut self, until: u64, rules: &Rules, ended: &mut Vec<Ended>) {
        while until >= self.at && !self.is_quiet(until, rules) {
            let done = self.next_done(rules);
            let waited = self.waiting.first().map_or(NEVER, |first| first.0);
            let deadline = self.deadlines.front().map_or(NEVER, |deadline| deadline.0);
            let next = done.min(waited).min(deadline);
            if next > until || next >= NEVER {
                break;
            }
            self.pass_to(next, rules);
            if done == next {
                self.end_of_work(rules, ended);
            } else if waited == next {
                let Some((_, job)) = self.waiting.pop() else { continue };
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
    fn pass_to(&mut self, at: u64, rules: &Rules) {
        if at != self.at {
            self.next_done = None;
        }
        if at > self.at && !self.running.is_empty() {
            let (share, speed, _) = self.share(rules);
            let cpu = (at - self.at) as f64 * share;
            if let Some(period) = rules.period {
                let now = self.at / period;
                self.used = if self.period == now { self.used } else { 0.0 } + cpu * self.running.len() as f64;
                self.period = now;
            }
            self.attained += cpu * speed;
            self.done += cpu * self.running.len() as f64;
        }
        self.at = at;
    }

    /// The running request that needs least has got its work, or the rate has changed.
    fn end_of_work(&mut self, rules: &Rules, ended: &mut Vec<Ended>) {
        let Some((bits, job)) = self.running.first() else { return };
        if f64::from_bits(bits) - self.attained > DONE {
            return;
        }
        self.running.pop();
        self.share_anew(rules);
        let rest = self.jobs[job as usize].work as f64 * rules.waiting;
        if rest >= 1.0 {
            self.waiting.push((self.at + rest as u64).min(NEVER), job);
        } else {
            self.finish(job, rules, ended);
        }
    }

    /// A request leaves, and the next one in the queue takes its place.
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
            self.take_next(rules);
        }
    }

    /// Starts the next request of the queue.
    fn take_next(&mut self, rules: &Rules) {
        while let Some(next) = self.queue.pop_front() {
            if self.jobs[next as usize].is_given_up {
                self.forget(next);
            } else {
                self.queued -= 1;
                self.start(next, rules);
                break;
            }
        }
    }

    /// Frees the place of a job; a deadline that still names it finds another sequence number.
    fn forget(&mut self, job: u32) {
        self.jobs[job as usize].sequence = 0;
        self.free.push(job);
        while self.deadlines.front().is_some_and(|&(_, job, sequence)| self.jobs[job as usize].sequence != sequence) {
            self.deadlines.pop_front();
        }
    }

    /// The client whose patience ends first gives up. Its request leaves the queue; one that is in work goes on.
    fn give_up(&mut self, ended: &mut Vec<Ended>) {
        let Some((at, job, sequence)) = self.deadlines.pop_front() else { return };
        let state = &mut self.jobs[job as usize];
        if state.sequence != sequence || state.is_given_up {
            return;
        }
        state.is_given_up = true;
        self.live -= 1;
        self.queued -= usize::from(state.is_queued);
        ended.push(Ended { at, arrival: state.arrival, wait: None, slot: self.slot, client: state.client });
    }
}

/// The least whole number that is not below `x`, which is at least 0 and below 2^63; without a call, as the rounding of plain x86-64 is one.
#[inline(always)]
fn ceil(x: f64) -> u64 {
    let below = x as i64;
    (below + i64::from((below as f64) < x)) as u64
}
