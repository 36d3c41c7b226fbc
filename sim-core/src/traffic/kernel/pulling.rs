//! Pods that take requests from one queue, as consumers of Kafka, `RabbitMQ` or SQS do.
//!
//! Requests wait in front of all pods, in order of arrival, and whoever has a free worker takes the first one: M/G/c, with a number of workers that changes
//! as pods come and go. Without pods they just wait. What a pod had in work when it went is in the queue again, at its old place.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::customers::Customers;
use super::instant::NEVER;
use super::traits::Endpoint;
use crate::plan::Requests;
use crate::traffic::meter::Recorder;
use crate::traffic::round;

/// The queue and its pods.
#[derive(Clone, Debug)]
pub(super) struct Pulling {
    workers: u32,
    timeout: u64,
    /// Most requests that wait.
    room: usize,
    queue: VecDeque<Message>,
    pods: Vec<Pod>,
    unused: Vec<u32>,
    /// Pods of free workers, those that have been free for longest first.
    free: VecDeque<u32>,
    /// By the end of the work, then by when it began.
    in_work: BinaryHeap<Reverse<Work>>,
    begun: u64,
    at: u64,
}

/// A request that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Message {
    arrival: u64,
    work: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Work {
    finish: u64,
    sequence: u64,
    start: u64,
    slot: u32,
    message: Message,
}

#[derive(Clone, Copy, Debug, Default)]
struct Pod {
    takes: bool,
    speed: f64,
    busy_workers: u32,
    /// Time that workers have spent on what is done.
    done: u64,
    /// Sum of the instants at which what is in work began.
    started: u128,
}

impl Pulling {
    pub(super) fn new(plan: &Requests) -> Self {
        Self {
            workers: plan.concurrency,
            timeout: plan.timeout.map_or(NEVER, |timeout| timeout.as_nanos().min(NEVER)),
            room: plan.queue_limit.map_or(usize::MAX, |limit| limit as usize),
            queue: VecDeque::new(),
            pods: Vec::new(),
            unused: Vec::new(),
            free: VecDeque::new(),
            in_work: BinaryHeap::new(),
            begun: 0,
            at: 0,
        }
    }

    /// Adds a pod, which takes what waits.
    pub(super) fn add(&mut self, endpoint: Endpoint) -> u32 {
        let slot = self.unused.pop().unwrap_or_else(|| {
            self.pods.push(Pod::default());
            (self.pods.len() - 1) as u32
        });
        self.pods[slot as usize] = Pod { takes: true, speed: endpoint.speed, ..Pod::default() };
        self.free.extend(std::iter::repeat_n(slot, self.workers as usize));
        self.hand_out();
        slot
    }

    /// Lets a pod take nothing more.
    pub(super) fn remove(&mut self, slot: u32) {
        self.pods[slot as usize].takes = false;
        self.free.retain(|other| *other != slot);
    }

    /// Lets a pod take requests again that was taken out; it still has what it had in work.
    pub(super) fn restore(&mut self, slot: u32) {
        self.remove(slot);
        let pod = &mut self.pods[slot as usize];
        pod.takes = true;
        let free = self.workers - pod.busy_workers;
        self.free.extend(std::iter::repeat_n(slot, free as usize));
        self.hand_out();
    }

    /// Takes a pod away: what it had in work waits again.
    pub(super) fn release(&mut self, slot: u32) {
        self.remove(slot);
        let mut again: Vec<Message> = Vec::new();
        self.in_work.retain(|Reverse(work)| {
            if work.slot == slot {
                again.push(work.message);
            }
            work.slot != slot
        });
        again.sort_unstable();
        for message in again.into_iter().rev() {
            // Those in front are at most as many as there are workers that went at one instant.
            let place = self.queue.partition_point(|other| *other < message);
            self.queue.insert(place, message);
        }
        self.unused.push(slot);
        self.hand_out();
    }

    /// When a pod will have finished what it has in work; zero if it has nothing.
    pub(super) fn last_finish(&self, slot: u32) -> u64 {
        self.in_work.iter().filter(|Reverse(work)| work.slot == slot).map(|Reverse(work)| work.finish).max().unwrap_or(0)
    }

    /// Time that a pod's workers have spent.
    pub(super) fn busy(&self, slot: u32, at: u64) -> u64 {
        let pod = &self.pods[slot as usize];
        pod.done + (u128::from(pod.busy_workers) * u128::from(at) - pod.started) as u64
    }

    /// Requests of which nothing has become yet.
    pub(super) fn in_flight(&self) -> u64 {
        (self.queue.len() + self.in_work.len()) as u64
    }

    /// Requests that wait.
    pub(super) fn waiting(&self) -> u64 {
        self.queue.len() as u64
    }

    /// Requests in work, by slot.
    pub(super) fn outstanding(&self) -> Vec<u32> {
        self.pods.iter().map(|pod| pod.busy_workers).collect()
    }

    /// Lets everything happen up to `until`; requests that arrive at that instant are left.
    pub(super) fn advance(&mut self, customers: &mut Customers, until: u64, recorder: &mut Recorder) {
        loop {
            let (arrival, finish) = (customers.next(), self.in_work.peek().map_or(u64::MAX, |Reverse(work)| work.finish));
            if finish <= until && finish <= arrival {
                self.finish(recorder);
            } else if arrival < until {
                let (arrival, work) = customers.take();
                self.at = arrival;
                recorder.counts().offered += 1;
                self.expire(recorder);
                if self.free.is_empty() && self.queue.len() >= self.room {
                    recorder.counts().rejected += 1;
                    continue;
                }
                self.queue.push_back(Message { arrival, work });
                self.hand_out();
            } else {
                break;
            }
        }
        self.at = until;
        self.expire(recorder);
    }

    /// The next work that ends.
    fn finish(&mut self, recorder: &mut Recorder) {
        let Some(Reverse(work)) = self.in_work.pop() else { return };
        self.at = work.finish;
        let pod = &mut self.pods[work.slot as usize];
        pod.busy_workers -= 1;
        pod.done += work.finish - work.start;
        pod.started -= u128::from(work.start);
        if pod.takes {
            self.free.push_back(work.slot);
        }
        let mut page = recorder.page();
        // Whoever has given up meanwhile is counted when the worker is done.
        if work.finish - work.message.arrival <= self.timeout {
            page.complete(work.finish - work.message.arrival, work.start - work.message.arrival, work.slot);
        } else {
            page.time_out();
        }
        page.close();
        self.expire(recorder);
        self.hand_out();
    }

    /// Gives what waits to free workers.
    fn hand_out(&mut self) {
        while !self.queue.is_empty() {
            let Some(slot) = self.free.pop_front() else { return };
            let Some(message) = self.queue.pop_front() else { return };
            let pod = &mut self.pods[slot as usize];
            let lasts = if pod.speed == 1.0 { message.work } else { round(message.work as f64 / pod.speed) };
            let start = self.at;
            pod.busy_workers += 1;
            pod.started += u128::from(start);
            self.in_work.push(Reverse(Work { finish: start.saturating_add(lasts).min(NEVER), sequence: self.begun, start, slot, message }));
            self.begun += 1;
        }
    }

    /// Drops what has waited for longer than its sender does.
    fn expire(&mut self, recorder: &mut Recorder) {
        while self.queue.front().is_some_and(|message| self.at - message.arrival >= self.timeout) {
            self.queue.pop_front();
            let mut page = recorder.page();
            page.time_out();
            page.close();
        }
    }
}
