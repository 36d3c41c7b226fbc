//! Every request of one service, pushed through its pods.
//!
//! A pod is first come, first served with *c* workers, so it is no more than the *c* instants when its workers get free: a request starts at
//! the later of its arrival and the earliest of these. What will become of a request is thus known when it arrives, and nothing but the loss
//! of its pod can change it; what happens before the end of the segment is recorded at once, the rest is carried over.

mod alias;
mod balancer;
mod carry;
mod chain;
mod changes;
mod customers;
mod draws;
mod feedback;
mod fewest;
mod instant;
mod member;
mod outstanding;
mod pick;
mod pods;
mod pulling;
mod retries;
mod ring;
mod rings;
mod serve;
mod sharing;
mod site;
mod traits;
mod turn;
mod users;

#[cfg(test)]
mod tests;

use crate::plan::{Balancing, Discipline, Requests};
use crate::random::Streams;
use crate::traffic::arrivals::path;
use crate::traffic::meter::Recorder;
use crate::traffic::{Histogram, Meter};
use crate::units::Time;
use balancer::Balancer;
use carry::Carry;
use changes::Changes;
use customers::Customers;
use feedback::Feedback;
use instant::NEVER;
use member::Member;
use pods::Pods;
use pulling::Pulling;
use retries::Retries;
use serve::{Limits, Segment};
use sharing::{Shares, Sharing, SharingRules};
use site::Site;
use traits::Traits;
use users::Users;

pub(crate) use chain::{CallFigures, Chain};
pub(super) use ring::Ring;
pub use traits::Endpoint;

/// The place of a pod in its service's kernel, given back when the pod is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u32);

impl Slot {
    /// The place with this number.
    pub(super) const fn at(index: u32) -> Self {
        Self(index)
    }

    /// Its place in lists by slot.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The requests of one service and the pods that serve them.
///
/// Each request takes one draw for its gap, one for its service time and one for its pod, each from a stream of its own and in the order of
/// arrival, whatever becomes of it: variants of a scenario that share a seed meet the same customers. Users draw their thinking from a stream of their
/// own as well, and retries their delays; each attempt takes a draw for its pod.
#[derive(Clone, Debug)]
pub struct RequestKernel {
    customers: Customers,
    /// Clients whose requests depend on what became of earlier ones, if there are any.
    feedback: Option<Box<Feedback>>,
    balancer: Balancer,
    pods: Pods,
    /// The pods instead, if they share their cores among requests.
    sharing: Option<Box<Sharing>>,
    /// Changes of the pods of which not all know yet, if that takes time.
    changes: Option<Box<Changes>>,
    /// What it counts besides if its service is in a chain.
    member: Option<Box<Member>>,
    /// The queue and the pods instead, if pods take requests from one.
    pulling: Option<Box<Pulling>>,
    limits: Limits,
    carry: Carry,
    /// The current window, the one before it, and all before the current one.
    window: Box<Recorder>,
    taken: Meter,
    total: Meter,
    /// Attempts that a restart took from the total.
    forgotten: u64,
}

impl RequestKernel {
    /// The kernel of a service without pods, at time zero. It draws from the streams `{name}/arrivals`, `{name}/service` and `{name}/balancer`,
    /// for users and retries from `{name}/users` and `{name}/retries`, and for
    /// modulated rates from `{name}/modulation/0` and so on.
    pub fn new(plan: &Requests, streams: Streams, name: &str) -> Self {
        Self::build(plan, streams, name, false)
    }

    fn build(plan: &Requests, streams: Streams, name: &str, in_chain: bool) -> Self {
        let stream = |purpose: &str| streams.stream(&format!("{name}/{purpose}"));
        let rate = plan
            .modulated
            .iter()
            .enumerate()
            .fold(plan.rate.clone(), |rate, (index, modulated)| rate.plus(&path(modulated, &mut stream(&format!("modulation/{index}")))));
        assert!(plan.users.is_none() || (rate.pieces().is_empty() && plan.recorded.is_empty()), "requests come at a rate or from users");
        let users = plan.users.as_ref().filter(|_| !in_chain).map(|users| Users::new(users, plan, stream("users"), stream("service")));
        let retries = plan.retries.filter(|_| !in_chain).map(|retries| Retries::new(retries, &plan.service_time, stream));
        let has_causes = in_chain || retries.is_some();
        let limits = Limits::of(plan);
        let mut traits = Traits::of(plan, stream("wake-up"));
        let (cores, waiting) = match plan.discipline {
            // Workers that are first come, first served are cores that no two requests share.
            Discipline::FirstComeFirstServed => (f64::from(plan.concurrency), 0.0),
            Discipline::ProcessorSharing { cores, waiting } => (cores, waiting),
        };
        let period = plan.cfs_period.map(|period| period.as_nanos().max(1)).filter(|_| plan.discipline != Discipline::FirstComeFirstServed);
        let in_batches = users.is_none() && retries.is_none() && !plan.balancing.looks_at_pods();
        let sharing = (in_chain || plan.discipline != Discipline::FirstComeFirstServed).then(|| {
            let timeout = limits.timeout.filter(|_| !in_chain);
            let holds_worker = in_chain && plan.calls.hold_worker;
            let limits = Limits { timeout, ..limits };
            let rules = SharingRules { cores, shares: Shares::of(cores), waiting, period, workers: plan.concurrency as usize, limits, holds_worker };
            Box::new(Sharing::new(rules, traits.take(), in_chain || users.is_some() || retries.is_some()))
        });
        Self {
            customers: Customers::new(plan, &rate, stream("arrivals"), stream("service")),
            feedback: (users.is_some() || retries.is_some()).then(|| Box::new(Feedback::new(users, retries))),
            balancer: Balancer::new(plan.balancing.clone(), stream("balancer")),
            pods: Pods::new(plan.concurrency as usize, traits, in_batches.then_some(limits)),
            sharing,
            changes: Changes::of(plan.endpoint_delay),
            member: None,
            pulling: (plan.balancing == Balancing::Queue).then(|| Box::new(Pulling::new(plan))),
            limits,
            carry: Carry::default(),
            window: Box::new(Recorder::new(has_causes)),
            taken: Meter { causes: has_causes.then(Box::default), ..Meter::default() },
            total: Meter::default(),
            forgotten: 0,
        }
    }

    /// Adds a pod that takes requests from now on.
    pub fn add_endpoint(&mut self, endpoint: Endpoint) -> Slot {
        if let Some(pulling) = &mut self.pulling {
            return Slot(pulling.add(endpoint));
        }
        let slot = match &mut self.sharing {
            Some(sharing) => sharing.add(endpoint),
            None => self.pods.add(endpoint),
        };
        if let Some(first) = self.window.set_tier(slot, endpoint.tier) {
            self.taken.split(first);
            self.total.split(first);
        }
        self.join(slot, endpoint);
        Slot(slot)
    }

    /// Lets a pod that was taken out take requests again; it still has those that it accepted before.
    pub fn restore_endpoint(&mut self, slot: Slot, endpoint: Endpoint) {
        if let Some(pulling) = &mut self.pulling {
            return pulling.restore(slot.0);
        }
        if self.changes.is_none() {
            self.balancer.remove(slot.0);
        }
        self.join(slot.0, endpoint);
    }

    /// Lets the pod take no more requests. Returns when it will have finished those that it accepted; [`Time::ZERO`] if it never had one.
    pub fn remove_endpoint(&mut self, slot: Slot) -> Time {
        if let Some(pulling) = &mut self.pulling {
            pulling.remove(slot.0);
        } else {
            self.leave(slot.0);
        }
        Time::from_nanos(self.last_finish(slot.0))
    }

    fn last_finish(&self, slot: u32) -> u64 {
        if let Some(pulling) = &self.pulling {
            return pulling.last_finish(slot);
        }
        self.sharing.as_ref().map_or_else(|| self.pods.last_finish(slot), |sharing| sharing.last_finish(slot))
    }

    /// Advances to `now` and takes the pod away: what it has accepted and not finished by then fails, or is sent again where clients do so. Returns how
    /// much that was. The slot can be given to another pod.
    pub fn release(&mut self, slot: Slot, now: Time) -> u64 {
        self.advance(now);
        if let Some(pulling) = &mut self.pulling {
            pulling.release(slot.0);
            return 0;
        }
        self.leave(slot.0);
        let is_known = self.is_still_known(slot.0);
        let now = now.as_nanos().min(NEVER - 1);
        let lost = if let Some(sharing) = &mut self.sharing {
            let lost = sharing.release(slot.0, now);
            self.lose_shared(&lost, now)
        } else {
            // Most pods have drained when they go, and then there is nothing to look for.
            let lost = if self.pods.last_finish(slot.0) > now { self.lose(slot.0, now) } else { 0 };
            self.pods.clear(slot.0);
            lost
        };
        if is_known {
            self.balancer.touch(slot.0);
        } else {
            self.give_back(slot.0);
        }
        lost
    }

    /// Ends the requests at a pod with processor sharing that is gone, and returns how many they are.
    fn lose_shared(&mut self, lost: &[(u32, u64, u64)], now: u64) -> u64 {
        let count = lost.len() as u64;
        match self.with_feedback(now) {
            Some((feedback, _, mut site)) => feedback.lose_shared(lost, now, &mut site),
            None => self.window.counts().failed += count,
        }
        count
    }

    /// Ends the requests at a pod that is gone, and returns how many they are.
    fn lose(&mut self, slot: u32, now: u64) -> u64 {
        let carried = self.carry.remove_all_of(slot);
        let Some((feedback, _, mut site)) = self.with_feedback(now) else {
            self.window.counts().failed += carried.len() as u64;
            return carried.len() as u64;
        };
        feedback.lose(slot, now, &carried, &mut site)
    }

    /// The clients that come one by one, if there are any, the others, and what serves them.
    fn with_feedback(&mut self, until: u64) -> Option<(&mut Feedback, &mut Customers, Site<'_>)> {
        let feedback = self.feedback.as_mut()?;
        let (balancer, pods, window, carry) = (&mut self.balancer, &mut self.pods, &mut *self.window, &mut self.carry);
        let sharing = self.sharing.as_deref_mut();
        Some((feedback, &mut self.customers, Site { balancer, pods, sharing, limits: self.limits, window, carry, until }))
    }

    /// Consumes every arrival from the previous call's `until` to just before this one's, and records everything that happens up to and including
    /// `until`. Costs next to nothing when nothing happens.
    pub fn advance(&mut self, until: Time) {
        assert!(self.member.is_none(), "services of a chain are advanced together");
        let until = until.as_nanos().min(NEVER - 1);
        if let Some(pulling) = &mut self.pulling {
            return pulling.advance(&mut self.customers, until, &mut self.window);
        }
        while let Some(at) = self.next_change(until) {
            self.advance_to(at);
            self.learn(at);
        }
        self.advance_to(until);
        self.learn(until);
    }

    fn advance_to(&mut self, until: u64) {
        self.carry.settle(until, &mut self.window);
        if let Some((feedback, customers, mut site)) = self.with_feedback(until) {
            feedback.advance(customers, &mut site);
        } else {
            while self.customers.next() < until {
                self.serve_batch(until);
            }
        }
        if let Some(sharing) = &mut self.sharing {
            sharing.settle(until, &mut self.window);
        }
    }

    /// Consumes the next arrivals before `until`, as many as are drawn.
    fn serve_batch(&mut self, until: u64) {
        let arrived = self.customers.before(until);
        let count = arrived.arrivals.len();
        self.window.counts().offered += count as u64;
        match (&mut self.sharing, self.balancer.choose(count)) {
            (_, None) => self.window.counts().rejected += count as u64,
            (None, Some(choice)) => {
                self.pods.serve(Segment { arrived, limits: self.limits, until, recorder: &mut self.window, carry: &mut self.carry }, choice);
            }
            (Some(sharing), Some(mut choice)) => {
                for (index, (&arrival, &work)) in arrived.arrivals.iter().zip(arrived.services).enumerate() {
                    sharing.read_ahead(&choice, index);
                    let slot = sharing.pick(&mut choice, index, arrival, &mut self.window);
                    if sharing.offer(slot, arrival, work, 0, &mut self.window).is_none() {
                        self.window.counts().rejected += 1;
                    }
                }
            }
        }
        self.customers.pass(count);
    }

    /// Nanoseconds that the pod's workers have been busy, summed over them, from when it was added until `at`: the instant of the last advance, or
    /// later if nothing arrives before. Times the CPU that a busy worker uses, that is what the pod has consumed.
    ///
    /// Exact: all work accepted so far less the work still to be done. A worker that is busy at `at` stays so without a gap until it gets free.
    pub fn busy(&self, slot: Slot, at: Time) -> u64 {
        if let Some(pulling) = &self.pulling {
            return pulling.busy(slot.0, at.as_nanos());
        }
        self.sharing.as_ref().map_or_else(|| self.pods.busy(slot.0, at.as_nanos()), |sharing| sharing.busy(slot.0))
    }

    /// Requests that have arrived and of which nothing has become yet, those that wait to be sent again included.
    pub fn in_flight(&self) -> u64 {
        if let Some(member) = &self.member {
            return member.in_flight();
        }
        let of_clients = match (&self.feedback, &self.sharing) {
            (Some(feedback), _) => feedback.in_flight(),
            (None, Some(sharing)) => sharing.in_flight(),
            (None, None) => 0,
        };
        self.carry.len() + of_clients + self.pulling.as_ref().map_or(0, |pulling| pulling.in_flight())
    }

    /// When the next request of the open loop arrives; [`Time::MAX`] if none does.
    pub const fn next_arrival(&self) -> Time {
        Time::from_nanos(self.customers.next())
    }

    /// Ends the window: what was recorded since the last call. Checks that no request was lost or counted twice since the start.
    pub fn take_window(&mut self) -> &Meter {
        let in_flight = self.in_flight();
        let window = self.window.meter();
        self.total.merge(window);
        assert_eq!(self.total.offered, self.total.settled() + in_flight, "requests offered are not those settled and in flight");
        std::mem::swap(window, &mut self.taken);
        window.clear();
        if let Some(member) = &mut self.member {
            member.take_window();
        }
        &self.taken
    }

    /// Forgets all windows taken. Requests in flight count as offered again, so that what becomes of them can be counted.
    pub fn restart(&mut self) {
        let attempts = self.attempts();
        self.total = Meter { offered: self.in_flight(), ..Meter::default() };
        self.forgotten += attempts - self.attempts();
        if let Some(member) = &mut self.member {
            member.restart();
        }
    }

    /// The latencies of a meter of this kernel in one tier; none if it never had a pod there.
    pub fn latency_in<'a>(&self, meter: &'a Meter, tier: usize) -> Option<&'a Histogram> {
        match self.window.only_tier() {
            Some(only) => (usize::from(only) == tier).then_some(&meter.latency),
            None => meter.by_tier.get(tier),
        }
    }

    /// The window that was taken last.
    pub const fn last_window(&self) -> &Meter {
        &self.taken
    }

    /// The sum of all windows taken.
    pub const fn total(&self) -> &Meter {
        &self.total
    }
}
