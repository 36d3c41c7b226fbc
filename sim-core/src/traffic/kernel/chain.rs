//! Services that call each other, and what they call, in one order of time.
//!
//! What becomes of a request that asks others is not known when it arrives, and a worker that waits for an answer gets free when somebody else is done.
//! So the services of a chain are simulated event by event: one heap for what clients do, and each service's own next end of work. Services
//! without calls are in no chain and do not pay for this.
//!
//! A *request* is what somebody waits for: a client of the load, a user, or a caller. Each time that it is sent there is an *attempt* at a pod. An attempt
//! does its own work first, then its calls, step by step; when the last one is answered, so is the attempt. A pod does not notice that nobody waits any
//! more: an attempt that has been given up goes on, unless it was still in the queue.

mod advance;
mod deadlines;
mod rules;
mod slab;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::instant::NEVER;
use super::turn::{Kind, Turn};
use super::{RequestKernel, Slot};
use crate::plan::{Backend, Callee, ChainMembers, Plan, Requests, Traffic};
use crate::random::Streams;
use crate::traffic::Meter;
use crate::traffic::meter::Parts;
use crate::units::Time;
use deadlines::{Deadline, Deadlines};
use rules::{CallRule, MemberRules};
use slab::Slab;

/// The requests of services that call each other. Their pods and figures are in their kernels, which are given in the order of the chain's members.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    members: Vec<MemberRules>,
    calls: Vec<CallRule>,
    requests: Slab<Request>,
    attempts: Slab<Attempt>,
    turns: BinaryHeap<Reverse<Turn<What>>>,
    deadlines: Deadlines,
    /// Turns and deadlines so far.
    sequence: u64,
}

/// What somebody waits for.
#[derive(Clone, Copy, Debug)]
struct Request {
    by: By,
    member: u32,
    /// When it was first sent, and last.
    first: u64,
    sent: u64,
    /// The work of its last attempt, in nanoseconds of a worker; of all, unless retries are work anew.
    work: u64,
    /// How often it has been sent.
    attempts: u32,
    /// The last attempt, if it goes on.
    attempt: Option<u32>,
}

/// Who waits for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// A client of the open loop.
    Load,
    /// A user.
    User,
    /// This attempt, if it still goes on, by this call.
    Call { call: u32, attempt: u32, version: u32 },
}

/// A request at a pod.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    request: u32,
    member: u32,
    slot: u32,
    /// Its place at the pod, while that works on it.
    job: u32,
    /// Whether the request still waits for this attempt.
    is_awaited: bool,
    /// Whether its own work is done.
    is_calling: bool,
    /// When a worker took it, and when its own work was done.
    started: u64,
    worked: u64,
    /// The step of its calls, and how many of that are not answered yet.
    step: u32,
    open: u32,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// A user of this member, who has thought.
    User(u32),
    Refused {
        request: u32,
    },
    Again {
        request: u32,
    },
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Answered(Parts),
    TimedOut,
    Rejected,
    Failed,
}

/// What became of the calls of one service to another.
#[derive(Clone, Debug)]
pub(crate) struct CallFigures<'a> {
    /// Members of the chain: the caller and who is called.
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) meter: &'a Meter,
    pub(crate) in_flight: u64,
}

impl Chain {
    /// The chain of these members. It draws from the streams `{caller}/calls/{n}/choice`, `.../service` and `.../retries` for the n-th call of a service, and
    /// for those who use a member directly from `{member}/users` and `{member}/retries`.
    pub(crate) fn new(plan: &Plan, members: &ChainMembers, streams: Streams) -> Self {
        let services = members.services.iter().map(|id| match &plan.services[*id].traffic {
            Traffic::Requests(requests) => (plan.services[*id].name.as_str(), requests),
            Traffic::None | Traffic::CpuDemand { .. } => unreachable!("whoever calls or is called serves requests"),
        });
        let backends = members.backends.iter().map(|id| (plan.backends[*id].name.as_str(), &plan.backends[*id].requests));
        let all: Vec<(&str, &Requests)> = services.chain(backends).collect();
        let place = |callee: Callee| match callee {
            Callee::Service(id) => members.services.iter().position(|member| *member == id),
            Callee::Backend(id) => members.backends.iter().position(|member| *member == id).map(|place| members.services.len() + place),
        };
        Self::among(&all, |callee| place(callee).expect("whoever is called is in the chain"), streams)
    }

    /// The chain of these names and plans, with a place among them for each that is called.
    pub(super) fn among(all: &[(&str, &Requests)], place: impl Fn(Callee) -> usize, streams: Streams) -> Self {
        let (members, calls) = rules::of(all, place, streams);
        let deadlines = Deadlines::new(members.len() + calls.len());
        Self { members, calls, requests: Slab::default(), attempts: Slab::default(), turns: BinaryHeap::new(), deadlines, sequence: 0 }
    }

    /// Ends what was at a pod that is gone, or sends it again where clients do so; returns how much that was. The chain has been advanced to `now`.
    pub(crate) fn release(&mut self, kernels: &mut [&mut RequestKernel], member: usize, slot: Slot, now: Time) -> u64 {
        let now = now.as_nanos().min(NEVER - 1);
        kernels[member].take_pod(slot, now);
        let at_pod = |attempt: &Attempt| attempt.member as usize == member && attempt.slot == slot.0;
        let lost: Vec<u32> = self.attempts.iter().filter(|(_, attempt)| at_pod(attempt)).map(|(index, _)| index).collect();
        let mut count = 0;
        let attempts: Vec<Attempt> = lost.iter().map(|&index| self.attempts.remove(index)).collect();
        for attempt in attempts.into_iter().filter(|attempt| attempt.is_awaited) {
            count += 1;
            self.resolve(kernels, attempt.request, now, End::Failed);
        }
        count
    }

    /// What became of calls, in the order of callers and of their calls.
    pub(crate) fn figures(&self) -> impl Iterator<Item = CallFigures<'_>> {
        self.calls.iter().map(|call| CallFigures { from: call.from, to: call.to, meter: &call.meter, in_flight: call.in_flight })
    }

    /// Forgets what was counted so far. Calls in flight count as offered again.
    pub(crate) fn restart(&mut self) {
        for call in &mut self.calls {
            call.meter = Meter { offered: call.in_flight, ..Meter::default() };
        }
    }

    /// The kernel of a backend: one pod that is always there.
    pub(crate) fn backend(backend: &Backend, streams: Streams) -> RequestKernel {
        let mut kernel = RequestKernel::in_chain(&backend.requests, streams, &backend.name);
        kernel.add_endpoint(super::Endpoint::PLAIN);
        kernel
    }

    fn turn(&mut self, at: u64, kind: Kind, what: What) {
        self.sequence += 1;
        self.turns.push(Reverse(Turn { at: at.min(NEVER), kind, sequence: self.sequence, of: what }));
    }
}
