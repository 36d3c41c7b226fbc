//! Clients whose next request depends on what became of the last one: users who wait for an answer, and requests that are sent again.
//!
//! Each of them stands in one binary heap with the next thing that it does, and the heap is merged with the arrivals in order of time. Only
//! services with such clients pay for it; the pods serve them by the same rules as all others.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use super::carry::{Pending, TIMED_OUT};
use super::customers::Customers;
use super::instant::NEVER;
use super::retries::Retries;
use super::site::{Sent, Site};
use super::turn::{Kind, Turn};
use super::users::Users;
use crate::traffic::meter::Parts;

/// How long the answer to a request takes that is refused, at least: users who do not think would ask again without time going by.
pub(super) const REFUSAL: u64 = 1_000_000;

/// The clients of one service.
#[derive(Clone, Debug)]
pub(super) struct Feedback {
    rules: Rules,
    clients: Vec<Client>,
    unused: Vec<u32>,
    /// What each does next.
    turns: BinaryHeap<Reverse<Turn<u32>>>,
    /// Turns so far.
    sequence: u64,
}

/// What clients go by.
#[derive(Clone, Debug)]
struct Rules {
    users: Option<Users>,
    retries: Option<Retries>,
    /// Requests of clients that have not ended.
    in_flight: u64,
}

#[derive(Clone, Copy, Debug)]
struct Client {
    is_user: bool,
    /// When the request was first sent.
    first: u64,
    /// The work of its last attempt, in nanoseconds of a worker; of all, unless retries are work anew.
    work: u64,
    /// When it was last sent.
    sent: u64,
    /// How often it has been sent; zero if the user thinks.
    attempts: u32,
    /// The pod of the last attempt.
    slot: u32,
    /// What becomes of the last attempt.
    end: End,
}

/// What a client does next.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// This, then.
    Turn(u64, Kind),
    /// It waits for its pod, which will say.
    AtPod,
    /// Nothing: it is gone.
    Over,
}

#[derive(Clone, Copy, Debug)]
enum End {
    /// Answered, after a worker took it this long after it was first sent.
    Answered(u64),
    TimedOut,
    Rejected,
    Failed,
}

impl Feedback {
    pub(super) fn new(users: Option<Users>, retries: Option<Retries>) -> Self {
        let rules = Rules { users, retries, in_flight: 0 };
        Self { rules, clients: Vec::new(), unused: Vec::new(), turns: BinaryHeap::new(), sequence: 0 }
    }

    pub(super) const fn in_flight(&self) -> u64 {
        self.rules.in_flight
    }

    /// Adds the requests that are at each pod to its count, by slot.
    pub(super) fn count(&self, counts: &mut [u32]) {
        for Reverse(turn) in self.turns.iter().filter(|Reverse(turn)| turn.kind == Kind::End) {
            let client = &self.clients[turn.of as usize];
            if matches!(client.end, End::Answered(_) | End::TimedOut) {
                counts[client.slot as usize] += 1;
            }
        }
    }

    /// Does everything that begins before the end of the segment or ends up to it.
    pub(super) fn advance(&mut self, customers: &mut Customers, site: &mut Site<'_>) {
        loop {
            let arrival = (customers.next(), Kind::Arrival);
            let change = (self.rules.users.as_ref().map_or(u64::MAX, Users::next_change), Kind::Change);
            let turn = self.turns.peek().map_or(arrival, |Reverse(turn)| (turn.at, turn.kind));
            let end = (site.next_end(), Kind::End);
            let (at, kind) = turn.min(change).min(arrival).min(end);
            if (at, kind) >= (site.until, Kind::Change) {
                return;
            }
            match kind {
                Kind::End if (at, kind) == end => self.take_ends(site),
                Kind::End | Kind::Send => self.take_turn(site),
                Kind::Change => self.change_users(at),
                Kind::Arrival => {
                    let (first, work) = customers.take();
                    let number = self.admit(Client::new(first, work, false));
                    self.rules.begin(site);
                    let next = self.rules.attempt(&mut self.clients[number as usize], number, first, site);
                    self.go_on(number, next);
                }
            }
        }
    }

    /// Takes the earliest turn and puts the client's next one in its place.
    fn take_turn(&mut self, site: &mut Site<'_>) {
        let Some(mut top) = self.turns.peek_mut() else { return };
        let Turn { at, kind, of: number, .. } = top.0;
        let client = &mut self.clients[number as usize];
        let next = if kind == Kind::End { self.rules.end(client, at, site) } else { self.rules.send(client, number, at, site) };
        if let Next::Turn(at, kind) = next {
            self.sequence += 1;
            *top = Reverse(Turn { at, kind, sequence: self.sequence, of: number });
        } else {
            PeekMut::pop(top);
            self.go_on(number, next);
        }
    }

    /// Lets requests end that only the pods know of.
    fn take_ends(&mut self, site: &mut Site<'_>) {
        for ended in site.take_end() {
            let client = &mut self.clients[ended.client as usize];
            let sent = ended.arrival - client.first;
            client.end = ended.wait.map_or(End::TimedOut, |wait| End::Answered(sent + wait));
            let next = self.rules.end(client, ended.at, site);
            self.go_on(ended.client, next);
        }
    }

    fn change_users(&mut self, at: u64) {
        let coming = self.rules.users.as_mut().map_or(0, Users::change);
        for _ in 0..coming {
            let number = self.admit(Client::new(at, 0, true));
            self.go_on(number, Next::Turn(at, Kind::Send));
        }
    }

    /// Takes a client in.
    fn admit(&mut self, client: Client) -> u32 {
        let number = self.unused.pop().unwrap_or_else(|| {
            self.clients.push(client);
            (self.clients.len() - 1) as u32
        });
        self.clients[number as usize] = client;
        number
    }

    /// Notes what a client does next.
    fn go_on(&mut self, client: u32, next: Next) {
        match next {
            Next::Turn(at, kind) => {
                self.sequence += 1;
                self.turns.push(Reverse(Turn { at, kind, sequence: self.sequence, of: client }));
            }
            Next::AtPod => {}
            Next::Over => self.unused.push(client),
        }
    }

    /// Ends at `at` the attempts at a pod with processor sharing that is gone: clients, arrivals and works.
    pub(super) fn lose_shared(&mut self, lost: &[(u32, u64, u64)], at: u64, site: &mut Site<'_>) {
        for &(number, ..) in lost {
            let client = &mut self.clients[number as usize];
            client.end = End::Failed;
            let next = self.rules.end(client, at, site);
            self.go_on(number, next);
        }
    }

    /// Ends at `at` the attempts at a pod that is gone, those given from the open loop included, and returns how many they are.
    pub(super) fn lose(&mut self, slot: u32, at: u64, carried: &[Pending], site: &mut Site<'_>) -> u64 {
        let clients = &self.clients;
        let is_lost = |turn: &Turn<u32>| turn.kind == Kind::End && clients[turn.of as usize].slot == slot;
        let mut lost: Vec<Turn<u32>> = self.turns.iter().map(|turn| turn.0).filter(is_lost).collect();
        if !lost.is_empty() {
            self.turns.retain(|turn| !is_lost(&turn.0));
        }
        // In the order in which they were sent.
        lost.sort_unstable_by_key(|turn| turn.sequence);
        for turn in &lost {
            let client = &mut self.clients[turn.of as usize];
            client.end = End::Failed;
            let next = self.rules.end(client, at, site);
            self.go_on(turn.of, next);
        }
        for pending in carried {
            let mut client = Client::new(pending.arrival, pending.outcome - pending.arrival - pending.wait, false);
            (client.attempts, client.end) = (pending.attempts, End::Failed);
            self.rules.in_flight += 1;
            let number = self.admit(client);
            let next = self.rules.end(&mut self.clients[number as usize], at, site);
            self.go_on(number, next);
        }
        (lost.len() + carried.len()) as u64
    }
}

impl Rules {
    /// Counts a request that is sent for the first time.
    fn begin(&mut self, site: &mut Site<'_>) {
        site.window.counts().offered += 1;
        self.in_flight += 1;
        if let Some(retries) = &mut self.retries {
            retries.earn();
        }
    }

    /// Sends a client's request, a new one if the client is a user who has thought.
    fn send(&mut self, client: &mut Client, number: u32, at: u64, site: &mut Site<'_>) -> Next {
        if client.attempts == 0 {
            let Some(work) = self.users.as_mut().and_then(Users::send) else { return Next::Over };
            (client.first, client.work) = (at, work);
            self.begin(site);
        } else {
            site.window.counts().retried += 1;
            client.work = self.retries.as_mut().and_then(Retries::work).unwrap_or(client.work);
        }
        self.attempt(client, number, at, site)
    }

    fn attempt(&mut self, client: &mut Client, number: u32, at: u64, site: &mut Site<'_>) -> Next {
        client.attempts += 1;
        client.sent = at;
        let Some((slot, sent)) = site.send(at, client.work, number) else {
            client.end = End::Rejected;
            return Next::Turn(at, Kind::End);
        };
        client.slot = slot;
        let Sent::Known(fate) = sent else { return Next::AtPod };
        let (outcome, wait) = (fate.outcome, fate.wait.saturating_add(at - client.first));
        client.end = if fate.wait == TIMED_OUT { End::TimedOut } else { End::Answered(wait) };
        if client.is_user || client.attempts > 1 || fate.wait == TIMED_OUT {
            return Next::Turn(outcome, Kind::End);
        }
        // Nobody waits for this answer, so that it needs no turn.
        self.in_flight -= 1;
        site.answer(Pending { outcome, arrival: client.first, wait, slot, attempts: client.attempts });
        Next::Over
    }

    /// Ends an attempt: the request is sent again, or this is what becomes of it.
    fn end(&mut self, client: &mut Client, at: u64, site: &mut Site<'_>) -> Next {
        let again = match (client.end, &mut self.retries) {
            (End::Answered(_), _) | (_, None) => None,
            (_, Some(retries)) => retries.delay(client.attempts),
        };
        if let Some(delay) = again {
            return Next::Turn((at + delay).min(NEVER), Kind::Send);
        }
        self.in_flight -= 1;
        match client.end {
            End::Answered(wait) => {
                let retry = client.sent - client.first;
                site.window.complete(Parts { retry, queue: wait - retry, service: at - client.first - wait, calls: 0 }, client.slot);
            }
            End::TimedOut => site.window.counts().timed_out += 1,
            End::Rejected => site.window.counts().rejected += 1,
            End::Failed => site.window.counts().failed += 1,
        }
        let Some(users) = self.users.as_mut().filter(|_| client.is_user) else { return Next::Over };
        client.attempts = 0;
        let think = users.think();
        let pause = if matches!(client.end, End::Rejected) { think.max(REFUSAL) } else { think };
        Next::Turn((at + pause).min(NEVER), Kind::Send)
    }
}

impl Client {
    const fn new(first: u64, work: u64, is_user: bool) -> Self {
        Self { is_user, first, work, sent: first, attempts: 0, slot: 0, end: End::Rejected }
    }
}
