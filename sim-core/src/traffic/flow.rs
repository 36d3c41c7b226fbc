//! The requests of one service as rates: what `flow` fidelity has in the place of the request kernel.
//!
//! Each group of pods that are alike has the probabilities of how many requests a pod has ([`chain`]), which are followed from one control event to the
//! next. Everything else follows from them: CPU time, waits, rejections, timeouts. Their stationary state is Erlang's M/M/c, with the mean wait of Allen and
//! Cunneen for other service times, and M/G/1-PS's for processor sharing; in an overload they move as the fluid does. Counts get the chance that Poisson
//! arrivals have, because autoscalers react to it.

mod books;
mod chain;
mod grid;
mod group;
mod law;
mod load;
mod noise;
mod parked;
mod retries;
mod rules;
mod shares;
mod spectrum;
mod stations;
mod users;
mod waits;

#[cfg(test)]
mod tests;

use super::arrivals::path;
use super::kernel::{Endpoint, Slot};
use super::{Histogram, Meter};
use crate::plan::Requests;
use crate::random::Streams;
use crate::units::Time;
use books::{Books, Settled};
use load::Load;
use noise::Noise;
use parked::{Parked, Parting};
use retries::{Failed, Retries, Sent};
use rules::Rules;
use shares::Shares;
use stations::{Flows, Stations};
use users::Users;
use waits::Waits;

/// The requests of one service, as rates.
///
/// It draws from the same streams as the request kernel: `{name}/arrivals` and `{name}/service` for the chance in counts and in work, and
/// `{name}/modulation/0` and so on for the same paths of modulated rates; and from `{name}/drain` for what pods have when they go.
#[derive(Clone, Debug)]
pub struct FlowKernel {
    stations: Stations,
    load: Load,
    noise: Noise,
    users: Option<Users>,
    retries: Option<Retries>,
    books: Books,
    waits: Waits,
    /// Requests in a queue that no pod takes from.
    parked: Parked,
    now: u64,
    /// Length of the next step in seconds.
    pace: f64,
    /// Seconds for which the present state may be taken for the stationary one.
    coast: f64,
    /// First attempts a second in the last step.
    fresh: f64,
    /// First attempts of users in the present slice.
    sent: f64,
    /// Worker-seconds by which requests are more work than the mean, still to be done.
    excess: f64,
    /// What was settled when the last window ended.
    before: Settled,
    taken: Meter,
    total: Meter,
    /// Attempts that a restart took from the total.
    forgotten: u64,
    /// Fractions of requests that were lost with their pods.
    lost_part: f64,
    tiers: Tiers,
}

/// Tiers of all pods so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tiers {
    None,
    One(u16),
    /// Several, up to this one.
    Several(u16),
}

/// A step changes probabilities by at most this much, as a sum.
const CHANGE: f64 = 0.1;
/// A step that changes them by less than this ends in the stationary state.
const STEADY: f64 = 1e-4;
/// The rate may differ by this share from that of the stationary state.
const SAME: f64 = 0.003;
/// Shortest step in seconds, relative to the mean service time.
const SHORTEST: f64 = 1e-3;
/// How many times as long as the last step the stationary state is taken for granted.
const COAST: f64 = 20.0;
/// Seconds after which users who were refused send again, at least.
const REFUSAL: f64 = 0.001;

impl FlowKernel {
    /// The kernel of a service without pods, at time zero.
    pub fn new(plan: &Requests, streams: Streams, name: &str) -> Self {
        let stream = |purpose: &str| streams.stream(&format!("{name}/{purpose}"));
        let modulated = plan.modulated.iter().enumerate();
        let rate = modulated.fold(plan.rate.clone(), |rate, (index, modulated)| rate.plus(&path(modulated, &mut stream(&format!("modulation/{index}")))));
        let noise = Noise::new(plan, stream("arrivals"), stream("service"));
        let rules = Rules::new(plan, if plan.users.is_some() { 1.0 } else { noise.variation });
        let users = plan.users.as_ref().map(|users| Users::new(users, rules.law.mean));
        let retries = plan.retries.as_ref().map(|retries| Retries::new(retries, rules.timeout, &rules.law));
        Self {
            load: Load::new(plan, rate),
            stations: Stations::new(rules, Shares::new(&plan.balancing), stream("drain")),
            noise,
            users,
            retries,
            books: Books::default(),
            waits: Waits::default(),
            parked: Parked::new(plan),
            now: 0,
            pace: 1.0,
            coast: 0.0,
            fresh: 0.0,
            sent: 0.0,
            excess: 0.0,
            before: Settled::default(),
            taken: Meter { causes: plan.retries.map(|_| Box::default()), ..Meter::default() },
            total: Meter::default(),
            forgotten: 0,
            lost_part: 0.0,
            tiers: Tiers::None,
        }
    }

    /// Adds a pod that takes requests from now on.
    pub fn add_endpoint(&mut self, endpoint: Endpoint) -> Slot {
        self.coast = 0.0;
        self.note_tier(endpoint.tier);
        let slot = self.stations.add(endpoint, self.now);
        self.take_parked();
        Slot::at(slot)
    }

    /// Begins to tell tiers apart when there is more than one.
    fn note_tier(&mut self, tier: u16) {
        self.tiers = match self.tiers {
            Tiers::None => Tiers::One(tier),
            Tiers::One(only) if only == tier => return,
            Tiers::One(only) => {
                self.taken.split(only);
                self.total.split(only);
                Tiers::Several(tier.max(only))
            }
            Tiers::Several(last) => Tiers::Several(last.max(tier)),
        };
    }

    /// Lets pods have what waited for one.
    fn take_parked(&mut self) {
        let waited = self.parked.take(self.now);
        if waited.is_empty() {
            return;
        }
        self.coast = 0.0;
        for (number, (age, requests)) in waited.iter().enumerate() {
            self.waits.note_age(number, *age, *requests);
        }
        let all: f64 = waited.iter().map(|waited| waited.1).sum();
        self.stations.burst(all);
        self.waits.note(all, self.stations.waiting(), &mut self.stations);
        self.waits.close(&mut self.stations);
    }

    /// Lets a pod that was removed take requests again; it keeps those that it still has.
    pub fn restore_endpoint(&mut self, slot: Slot, endpoint: Endpoint) {
        self.coast = 0.0;
        self.stations.restore(slot.index() as u32, endpoint, self.now);
        self.take_parked();
    }

    /// Lets the pod take no more requests. Returns when it will have finished those that it accepted, on average.
    pub fn remove_endpoint(&mut self, slot: Slot) -> Time {
        self.coast = 0.0;
        let until = self.stations.remove(slot.index() as u32, self.now);
        self.parked.add(self.stations.take_left_behind(), self.now);
        Time::from_nanos(until)
    }

    /// Advances to `now` and takes the pod away: what it has accepted and not finished by then fails, or is sent again where clients do so. Returns how much
    /// that was.
    pub fn release(&mut self, slot: Slot, now: Time) -> u64 {
        self.advance(now);
        self.coast = 0.0;
        let lost = self.stations.release(slot.index() as u32, self.now);
        if self.stations.rules.pulls {
            // What a pod took from a queue is there again.
            self.parked.add(self.stations.take_left_behind() + lost, self.now);
            if !self.stations.is_empty() {
                self.take_parked();
            }
            self.settle();
            return 0;
        }
        self.books.failed += self.retries.as_mut().map_or(lost, |retries| retries.lose(lost));
        self.settle();
        self.lost_part += lost;
        let whole = self.lost_part as u64;
        self.lost_part -= whole as f64;
        whole
    }

    /// Lets everything happen up to `until`.
    pub fn advance(&mut self, until: Time) {
        let until = until.as_nanos();
        while self.now < until {
            self.change_users();
            if self.stations.change_kinds(self.now) {
                self.coast = 0.0;
            }
            let slice = self.load.slice(self.now, until.min(self.stations.next_change().max(self.now + 1)));
            let seconds = (slice.until - self.now) as f64 / 1e9;
            let expected = slice.expected + slice.recorded as f64;
            let come = self.noise.count(slice.expected) + slice.recorded;
            self.books.offer(come as f64);
            let more = if expected > 0.0 { come as f64 / expected } else { 1.0 };
            self.pass(expected / seconds, more, seconds);
            self.now = slice.until;
            if self.users.is_some() {
                let sent = std::mem::replace(&mut self.sent, 0.0);
                let beyond = self.noise.more(sent);
                self.chance(beyond, sent, seconds);
            } else {
                self.chance(come as f64 - expected, come as f64, seconds);
            }
        }
        self.settle();
    }

    /// Lets users come and go.
    fn change_users(&mut self) {
        let Some((wanted, users)) = self.load.users(self.now).zip(self.users.as_mut()) else { return };
        let coming = f64::from(wanted) - users.present;
        users.present = f64::from(wanted);
        self.coast = 0.0;
        if coming > 0.0 && !self.stations.is_empty() {
            // They send at once.
            self.books.offer(coming);
            self.waits.note(coming, 0.0, &mut self.stations);
            self.stations.burst(coming);
        }
    }

    /// Lets `seconds` go by at a rate of first attempts, `more` times as many as expected.
    fn pass(&mut self, rate: f64, more: f64, seconds: f64) {
        let mut left = seconds;
        while left > 0.0 {
            let dt = self.step(rate, more, left);
            left = if dt >= left { 0.0 } else { left - dt };
        }
    }

    /// Makes one step of at most `left` seconds and returns its length.
    fn step(&mut self, rate: f64, more: f64, left: f64) -> f64 {
        let left = self.retries.as_ref().filter(|retries| !retries.is_idle()).map_or(left, |retries| left.min(retries.longest_step()));
        let elsewhere = self.retries.as_ref().map_or(0.0, Retries::waiting);
        let again = |kernel: &Self, dt: f64| kernel.retries.as_ref().map_or(0.0, |retries| retries.due(dt)) / dt;
        if self.stations.is_empty() {
            let fresh = self.users.as_ref().map_or(rate, |users| users.rate(elsewhere).min(users.present / REFUSAL));
            let all = (fresh * more + again(self, left)) * left;
            if self.stations.rules.pulls {
                let Parting { expired, refused } = self.parked.wait(all, self.now, left);
                self.account(left, more, fresh, Flows { arrived: all, rejected: refused, timed_out: expired, ..Flows::default() });
                return left;
            }
            self.account(left, more, fresh, Flows { arrived: all, rejected: all, ..Flows::default() });
            return left;
        }
        if self.coast > 0.0 {
            let dt = left.min(self.coast);
            let resent = again(self, dt);
            let fresh = if self.users.is_some() { self.fresh } else { rate };
            if self.stations.drift(fresh + resent) < SAME {
                self.coast -= dt;
                let flows = self.stations.pass(fresh + resent, dt, together(fresh, resent, more));
                self.account(dt, more, fresh, flows);
                return dt;
            }
        }
        let shortest = self.stations.rules.law.mean * SHORTEST;
        let mut dt = left.min(self.pace);
        loop {
            let resent = again(self, dt);
            let stations = &mut self.stations;
            let fresh = match &self.users {
                None => rate,
                Some(users) if stations.is_one() => users.rate(elsewhere + stations.inside(self.now)),
                Some(users) => users.balance(elsewhere, |fresh| {
                    stations.try_step(fresh + resent, dt, Some((users.think, users.present)));
                    stations.inside_next()
                }),
            };
            let change = stations.try_step(fresh + resent, dt, self.users.as_ref().map(|users| (users.think, users.present)));
            if change > CHANGE && dt > shortest {
                dt = (dt * (0.8 * CHANGE / change).clamp(0.05, 0.5)).max(shortest);
                self.pace = dt;
                continue;
            }
            stations.take_step();
            let flows = stations.pass(fresh + resent, dt, together(fresh, resent, more));
            if change < CHANGE / 3.0 && dt >= 0.99 * self.pace {
                self.pace = dt * if change < STEADY { 8.0 } else { 2.0 };
            }
            self.coast = if change < STEADY { COAST * dt } else { 0.0 };
            self.fresh = fresh;
            self.account(dt, more, fresh, flows);
            return dt;
        }
    }

    /// Takes down what became of the attempts of a step.
    fn account(&mut self, dt: f64, more: f64, fresh: f64, mut flows: Flows) {
        let fresh = fresh * dt * more;
        if self.users.is_some() {
            self.books.offer(fresh);
            self.sent += fresh;
        }
        let mut over = Failed { refused: flows.rejected, given_up: flows.timed_out };
        if let Some(retries) = &mut self.retries {
            let sent = retries.send(dt, fresh);
            let all: f64 = sent.iter().map(|sent| sent.requests).sum();
            let (answered, heavy) = retries.mixture();
            let late = flows.answered * (1.0 - answered);
            flows.answered -= late;
            flows.timed_out += late;
            if self.stations.weigh(heavy, answered) > SAME {
                self.coast = 0.0;
            }
            let sent = retries.sent();
            self.books.retried += all - fresh;
            let others: f64 = sent.iter().map(Sent::others).sum();
            if others > 0.0 {
                for (attempt, sent) in sent.iter().enumerate() {
                    self.waits.note_age(attempt, sent.age * 1e9, flows.answered * sent.others() / others);
                }
            }
            over = retries.fail(Failed { refused: flows.rejected, given_up: flows.timed_out });
        }
        self.books.rejected += over.refused;
        self.books.timed_out += over.given_up;
        self.waits.note(flows.answered, self.stations.waiting(), &mut self.stations);
    }

    /// The chance in the work of requests that came, `beyond` more than expected.
    fn chance(&mut self, beyond: f64, come: f64, seconds: f64) {
        if self.stations.is_empty() {
            self.excess = 0.0;
            self.stations.work_more(0.0);
            return;
        }
        let law = &self.stations.rules.law;
        let (mean, deviation) = (law.mean, law.mean * law.scv.sqrt());
        let (idle, lost) = self.stations.room();
        // Where requests find no room, more of them are no more work; where workers are hardly ever idle, it is done later.
        let taken = idle / (idle + lost).max(1e-9);
        let lasts = law.residual() / (idle * idle).max(1e-4);
        self.excess += taken * (beyond * mean + self.noise.excess(come) * deviation);
        self.excess -= self.stations.work_more(self.excess * seconds / (seconds + lasts));
    }

    fn settle(&mut self) {
        self.books.settle(self.inside());
    }

    /// Requests of which nothing has become yet.
    fn inside(&self) -> f64 {
        self.stations.inside(self.now) + self.parked.count() + self.retries.as_ref().map_or(0.0, Retries::waiting)
    }

    /// Nanoseconds that the pod's workers have been busy, summed over them, from when it was added until `at`: the instant of the last advance, or later for
    /// a pod that finishes its requests. Pods that are alike have worked alike.
    pub fn busy(&self, slot: Slot, at: Time) -> u64 {
        self.stations.busy(slot.index() as u32, at.as_nanos())
    }

    /// Worker-nanoseconds that a pod has spent on average since the start.
    pub fn mean_busy(&self) -> u64 {
        self.stations.mean_busy() as u64
    }

    /// Requests that have arrived and of which nothing has become yet, those that wait to be sent again included.
    pub const fn in_flight(&self) -> u64 {
        self.books.in_flight()
    }

    /// Attempts so far, that is requests and every further time that one was sent.
    pub const fn attempts(&self) -> u64 {
        let settled = self.books.settled();
        self.forgotten + self.total.offered + self.total.retried + (settled.offered - self.before.offered) + (settled.retried - self.before.retried)
    }

    /// Requests that wait at each pod or are in work there, by slot.
    pub fn outstanding(&self) -> Vec<u32> {
        self.stations.outstanding(self.now)
    }

    /// Requests that wait for a worker.
    pub fn waiting(&self) -> u64 {
        (self.stations.waiting() + self.parked.count() + 0.5) as u64
    }

    /// The latencies of a meter of this kernel in one tier; none if it never had a pod there.
    pub fn latency_in<'a>(&self, meter: &'a Meter, tier: usize) -> Option<&'a Histogram> {
        match self.tiers {
            Tiers::None => None,
            Tiers::One(only) => (usize::from(only) == tier).then_some(&meter.latency),
            Tiers::Several(_) => meter.by_tier.get(tier),
        }
    }

    /// Whether a pod has work at `now`: one that finishes its requests, until then.
    pub(crate) fn has_work(&self, slot: Slot, now: Time) -> bool {
        self.stations.has_work(slot.index() as u32, now.as_nanos())
    }

    /// Ends the window: what was recorded since the last call.
    pub fn take_window(&mut self) -> &Meter {
        let settled = self.books.settled();
        let mut window = settled.since(self.before);
        self.before = settled;
        window.causes = self.taken.causes.take().map(|_| Box::default());
        if let Tiers::Several(last) = self.tiers {
            window.by_tier.resize_with(usize::from(last) + 1, Histogram::new);
        }
        let inside = self.stations.inside(self.now);
        self.waits.count(window.completed, inside, &mut self.stations, &mut window);
        self.total.merge(&window);
        assert_eq!(self.total.offered, self.total.settled() + self.in_flight(), "requests offered are not those settled and in flight");
        self.taken = window;
        &self.taken
    }

    /// Forgets all windows taken. Requests in flight count as offered again, so that what becomes of them can be counted.
    pub fn restart(&mut self) {
        let attempts = self.attempts();
        self.total = Meter { offered: self.in_flight(), ..Meter::default() };
        self.forgotten += attempts - self.attempts();
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

/// How many times as many attempts come as expected, if that holds for first ones only.
fn together(fresh: f64, resent: f64, more: f64) -> f64 {
    if fresh > 0.0 { (fresh * more + resent) / (fresh + resent) } else { 1.0 }
}
