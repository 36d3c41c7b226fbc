//! What happens in a chain, one thing after the other.

use super::super::RequestKernel;
use super::super::feedback::REFUSAL;
use super::super::instant::NEVER;
use super::super::turn::Kind;
use super::super::users::Users;
use super::{Attempt, By, Chain, Deadline, End, Parts, Request, Reverse, What};
use crate::units::Time;

/// The next thing that happens, with the member if it is not a turn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Next {
    at: u64,
    kind: Kind,
    /// Pods come first, then turns and deadlines.
    of: Of,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Pods(usize),
    Turns,
    Deadlines,
    Users(usize),
    Load(usize),
}

impl Chain {
    /// Does everything that begins before `until` or ends up to it.
    pub(crate) fn advance(&mut self, kernels: &mut [&mut RequestKernel], until: Time) {
        let until = until.as_nanos().min(NEVER - 1);
        while let Some(at) = kernels.iter().filter_map(|kernel| kernel.next_change(until)).min() {
            self.advance_to(kernels, at);
            for kernel in kernels.iter_mut() {
                kernel.learn(at);
            }
        }
        self.advance_to(kernels, until);
        for kernel in kernels.iter_mut() {
            kernel.learn(until);
        }
    }

    fn advance_to(&mut self, kernels: &mut [&mut RequestKernel], until: u64) {
        let mut ended = Vec::new();
        while let Some(next) = self.next(kernels).filter(|next| (next.at, next.kind) < (until, Kind::Change)) {
            match next.of {
                Of::Pods(member) => {
                    kernels[member].take_ends(&mut ended);
                    for end in ended.drain(..) {
                        self.work_ends(kernels, end.client, end.at, end.arrival + end.wait.unwrap_or(0));
                    }
                }
                Of::Turns => self.take_turn(kernels),
                Of::Deadlines => self.take_deadline(kernels),
                Of::Users(member) => {
                    let coming = self.members[member].users.as_mut().map_or(0, Users::change);
                    (0..coming).for_each(|_| self.turn(next.at, Kind::Send, What::User(member as u32)));
                }
                Of::Load(member) => {
                    let (first, work) = kernels[member].take_arrival();
                    self.begin(kernels, By::Load, member, first, work);
                }
            }
        }
        for kernel in kernels.iter_mut() {
            kernel.settle_pods(until);
        }
    }

    fn next(&self, kernels: &mut [&mut RequestKernel]) -> Option<Next> {
        // Turns and deadlines of one instant come in the order in which they were made.
        let (deadline, sequence) = self.deadlines.first();
        let mut next = Some(Next { at: deadline, kind: Kind::End, of: Of::Deadlines });
        if let Some(Reverse(turn)) = self.turns.peek()
            && (turn.at, turn.kind, turn.sequence) < (deadline, Kind::End, sequence)
        {
            next = Some(Next { at: turn.at, kind: turn.kind, of: Of::Turns });
        }
        let mut offer = |other: Next| next = Some(next.map_or(other, |next| next.min(other)));
        for (member, kernel) in kernels.iter_mut().enumerate() {
            offer(Next { at: kernel.next_end(), kind: Kind::End, of: Of::Pods(member) });
            offer(Next { at: kernel.next_arrival().as_nanos(), kind: Kind::Arrival, of: Of::Load(member) });
            if let Some(users) = &self.members[member].users {
                offer(Next { at: users.next_change(), kind: Kind::Change, of: Of::Users(member) });
            }
        }
        next
    }

    fn take_turn(&mut self, kernels: &mut [&mut RequestKernel]) {
        let Some(Reverse(turn)) = self.turns.pop() else { return };
        match turn.of {
            What::User(member) => {
                let work = self.members[member as usize].users.as_mut().and_then(Users::send);
                if let Some(work) = work {
                    self.begin(kernels, By::User, member as usize, turn.at, work);
                }
            }
            What::Again { request } => {
                let Request { by, member, .. } = *self.requests.get(request);
                let retries = match by {
                    By::Load | By::User => &mut self.members[member as usize].retries,
                    By::Call { call, .. } => &mut self.calls[call as usize].retries,
                };
                if let Some(work) = retries.as_mut().and_then(super::super::Retries::work) {
                    self.requests.get(request).work = work;
                }
                kernels[member as usize].count_retry(!matches!(by, By::Call { .. }));
                if let By::Call { call, .. } = by {
                    self.calls[call as usize].meter.retried += 1;
                }
                self.send(kernels, request, turn.at);
            }
            What::Refused { request } => self.resolve(kernels, request, turn.at, End::Rejected),
        }
    }

    /// Lets the client give up whose deadline is first, if it still waits for that attempt.
    fn take_deadline(&mut self, kernels: &mut [&mut RequestKernel]) {
        let Some(deadline) = self.deadlines.pop() else { return };
        let requests = &self.requests;
        let is_open =
            |deadline: &Deadline| requests.version(deadline.request) == deadline.version && requests.peek(deadline.request).attempts == deadline.attempts;
        let is_missed = is_open(&deadline);
        // Most requests have ended long before.
        self.deadlines.drop_first_unless(is_open);
        if is_missed {
            self.give_up(kernels, deadline.request, deadline.at);
        }
    }

    /// Sends a new request.
    fn begin(&mut self, kernels: &mut [&mut RequestKernel], by: By, member: usize, at: u64, work: u64) {
        kernels[member].count_offered(!matches!(by, By::Call { .. }));
        let retries = match by {
            By::Load | By::User => &mut self.members[member].retries,
            By::Call { call, .. } => {
                let call = &mut self.calls[call as usize];
                call.meter.offered += 1;
                call.in_flight += 1;
                &mut call.retries
            }
        };
        retries.iter_mut().for_each(super::super::Retries::earn);
        let request = self.requests.insert(Request { by, member: member as u32, first: at, sent: at, work, attempts: 0, attempt: None });
        self.send(kernels, request, at);
    }

    /// Sends a request to a pod, for the first time or again.
    fn send(&mut self, kernels: &mut [&mut RequestKernel], index: u32, at: u64) {
        let request = self.requests.get(index);
        request.attempts += 1;
        request.sent = at;
        let Request { by, member, work, attempts, .. } = *request;
        let attempt = Attempt { request: index, member, slot: 0, job: 0, is_awaited: true, is_calling: false, started: at, worked: at, step: 0, open: 0 };
        let number = self.attempts.insert(attempt);
        let Some((slot, job)) = kernels[member as usize].offer(at, work, number) else {
            self.attempts.remove(number);
            return self.turn(at, Kind::End, What::Refused { request: index });
        };
        let attempt = self.attempts.get(number);
        (attempt.slot, attempt.job) = (slot, job);
        self.requests.get(index).attempt = Some(number);
        let (timeout, rule) = match by {
            By::Load | By::User => (self.members[member as usize].timeout, member as usize),
            By::Call { call, .. } => (self.calls[call as usize].timeout, self.members.len() + call as usize),
        };
        if let Some(timeout) = timeout {
            let version = self.requests.version(index);
            self.sequence += 1;
            let deadline = Deadline { at: (at + timeout).min(NEVER), sequence: self.sequence, request: index, version, attempts };
            self.deadlines.push(rule, deadline);
        }
    }

    /// The client of a request gives up its last attempt. If that was still in the queue, it leaves; else it goes on for nobody.
    fn give_up(&mut self, kernels: &mut [&mut RequestKernel], request: u32, at: u64) {
        let Some(number) = self.requests.get(request).attempt else { return };
        let attempt = self.attempts.get(number);
        attempt.is_awaited = false;
        if !attempt.is_calling && kernels[attempt.member as usize].leave_queue(attempt.slot, attempt.job) {
            self.attempts.remove(number);
        }
        self.resolve(kernels, request, at, End::TimedOut);
    }

    /// A pod has done the work of an attempt: now its calls.
    fn work_ends(&mut self, kernels: &mut [&mut RequestKernel], number: u32, at: u64, started: u64) {
        let attempt = self.attempts.get(number);
        (attempt.is_calling, attempt.started, attempt.worked) = (true, started, at);
        self.call(kernels, number, at);
    }

    /// Makes the calls of the next step that has any; without one, the attempt is done.
    fn call(&mut self, kernels: &mut [&mut RequestKernel], number: u32, at: u64) {
        let version = self.attempts.version(number);
        let member = self.attempts.get(number).member as usize;
        loop {
            let attempt = self.attempts.get(number);
            let step = attempt.step as usize;
            let Some(count) = self.members[member].steps.get(step).map(Vec::len) else {
                return self.finish(kernels, number, at, true);
            };
            attempt.step += 1;
            for place in 0..count {
                let call = self.members[member].steps[step][place];
                let rule = &mut self.calls[call as usize];
                if rule.is_made() {
                    let (to, work) = (rule.to, rule.work());
                    self.attempts.get(number).open += 1;
                    self.begin(kernels, By::Call { call, attempt: number, version }, to, at, work);
                }
            }
            if self.attempts.get(number).open > 0 {
                return;
            }
        }
    }

    /// An attempt is over.
    fn finish(&mut self, kernels: &mut [&mut RequestKernel], number: u32, at: u64, is_answered: bool) {
        let attempt = self.attempts.remove(number);
        let member = attempt.member as usize;
        if self.members[member].holds_worker {
            kernels[member].free_worker(attempt.slot, at);
        }
        if attempt.is_awaited {
            let end = if is_answered {
                let Request { first, sent, .. } = *self.requests.get(attempt.request);
                let Attempt { started, worked, .. } = attempt;
                End::Answered(Parts { retry: sent - first, queue: started - sent, service: worked - started, calls: at - worked })
            } else {
                End::Failed
            };
            // Whoever waits for it needs to know which pod answered.
            self.requests.get(attempt.request).attempt = None;
            self.settle(kernels, attempt.request, at, end, attempt.slot);
        }
    }

    /// An attempt was not answered.
    pub(super) fn resolve(&mut self, kernels: &mut [&mut RequestKernel], request: u32, at: u64, end: End) {
        self.requests.get(request).attempt = None;
        self.settle(kernels, request, at, end, 0);
    }

    /// The last attempt of a request has ended: it is sent again, or this is what becomes of it.
    fn settle(&mut self, kernels: &mut [&mut RequestKernel], index: u32, at: u64, end: End, slot: u32) {
        let request = *self.requests.get(index);
        let member = request.member as usize;
        let caller = if let By::Call { attempt, version, .. } = request.by { (self.attempts.version(attempt) == version).then_some(attempt) } else { None };
        if !matches!(end, End::Answered(_)) {
            let retries = match request.by {
                By::Load | By::User => self.members[member].retries.as_mut(),
                // Nobody sends again what nobody waits for.
                By::Call { call, .. } => self.calls[call as usize].retries.as_mut().filter(|_| caller.is_some()),
            };
            if let Some(delay) = retries.and_then(|retries| retries.delay(request.attempts)) {
                return self.turn((at + delay).min(NEVER), Kind::Send, What::Again { request: index });
            }
        }
        self.requests.remove(index);
        kernels[member].count_end(end, slot, !matches!(request.by, By::Call { .. }));
        match request.by {
            By::Load => {}
            By::User => {
                let think = self.members[member].users.as_mut().map_or(0, Users::think);
                let pause = if end == End::Rejected { think.max(REFUSAL) } else { think };
                self.turn((at + pause).min(NEVER), Kind::Send, What::User(member as u32));
            }
            By::Call { call, .. } => {
                let rule = &mut self.calls[call as usize];
                rule.in_flight -= 1;
                end.count(&mut rule.meter);
                let is_optional = rule.is_optional;
                let Some(number) = caller else { return };
                if matches!(end, End::Answered(_)) || is_optional {
                    let attempt = self.attempts.get(number);
                    attempt.open -= 1;
                    if attempt.open == 0 {
                        self.call(kernels, number, at);
                    }
                } else {
                    self.finish(kernels, number, at, false);
                }
            }
        }
    }
}
