//! Which member of a chain of calls sets the pace of the others.
//!
//! A request of a service makes so many visits to each service and backend that it reaches. The one with the least capacity for the visits that are asked of it
//! decides how many requests all of them answer (forced flow law and bottleneck law: Denning and Buzen, "The Operational Analysis of Queueing Network
//! Models", 1978). A service without calls is a chain of one.

use std::collections::BTreeMap;

use super::Simulation;
use super::workload::Meter as Load;
use crate::plan::{Callee, Discipline, Plan, Requests, Traffic};
use crate::random::Distribution;
use crate::traffic::{Meter, Plane};

/// Capacity in use from which on a member makes the others wait.
const SATURATED: f64 = 0.9;
/// Part of a latency, or of what is asked for, below which nobody looks for its cause.
const NOTABLE: f64 = 0.1;

/// What is known ahead of services and backends, and what was asked of them in the last window. Places are those of services, then those of backends.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    /// By service: whom a request visits, the service itself among them. Empty for services that neither call nor are called.
    visits: Vec<Vec<Visits>>,
    /// By member: requests a second that a pod, or the backend, serves if nobody whom it calls makes it wait; 0 if that is unknown.
    each: Vec<f64>,
    demand: Vec<Demand>,
}

/// How often a request visits a member on average, attempts after the first apart.
#[derive(Clone, Copy, Debug)]
struct Visits {
    member: usize,
    all: f64,
    /// Without optional calls, which a request succeeds without.
    needed: f64,
}

/// Requests a second.
#[derive(Clone, Copy, Debug, Default)]
struct Demand {
    /// Visits that the requests of the load make if all goes well.
    intended: f64,
    /// What came, with everything that was sent again.
    arrived: f64,
}

impl Demand {
    fn most(self) -> f64 {
        self.intended.max(self.arrived)
    }
}

/// The member that sets the pace of a service's requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Binding {
    pub(super) member: usize,
    /// The part of what is asked of it that it can do, below 1.
    pub(super) part: f64,
}

impl Pace {
    pub(super) fn new(plan: &Plan) -> Self {
        let services = plan.services.len();
        let members: Vec<Option<&Requests>> = plan
            .services
            .values()
            .map(|service| if let Traffic::Requests(requests) = &service.traffic { Some(requests) } else { None })
            .chain(plan.backends.values().map(|backend| Some(&backend.requests)))
            .collect();
        let mut ahead = Ahead { services, held: vec![None; members.len()], visits: vec![None; members.len()], members };
        let each = (0..ahead.members.len()).map(|member| ahead.members[member].map_or(0.0, |requests| capacity_of(requests, ahead.held(member)))).collect();
        let mut visits = vec![Vec::new(); services];
        for place in plan.chains().iter().flat_map(|chain| &chain.services).map(|id| id.index()) {
            visits[place] = ahead.visits(place).iter().map(|(member, (all, needed))| Visits { member: *member, all: *all, needed: *needed }).collect();
        }
        Self { visits, demand: vec![Demand::default(); ahead.members.len()], each }
    }

    /// Requests a second that a pod of a service, or a backend, serves if nobody whom it calls makes it wait; 0 if that is unknown.
    pub(super) fn each(&self, member: usize) -> f64 {
        self.each[member]
    }

    /// Requests a second that were asked of a member in the last window.
    pub(super) fn asked(&self, member: usize) -> f64 {
        self.demand[member].most()
    }

    /// The least part of what is asked of somebody whom a service's requests visit that this one can do.
    fn least(&self, place: usize, counts: impl Fn(&Visits) -> bool, asked: impl Fn(Demand) -> f64, capacity: impl Fn(usize) -> Option<f64>) -> Option<Binding> {
        let visited = self.visits[place].iter().filter(|visits| counts(visits));
        let part = |visits: &Visits| {
            let asked = asked(self.demand[visits.member]);
            capacity(visits.member).filter(|_| asked > 0.0).map(|capacity| Binding { member: visits.member, part: capacity / asked })
        };
        visited.filter_map(part).min_by(|a, b| a.part.total_cmp(&b.part))
    }
}

/// Requests a second that a pod can serve; `held_s` is how long a worker waits for others. 0 if it is unknown.
fn capacity_of(requests: &Requests, held_s: f64) -> f64 {
    let mean = Distribution::mean(&requests.service_time);
    let workers = f64::from(requests.concurrency);
    let rate = |at_once: f64, seconds: f64| if seconds > 0.0 { at_once / seconds } else { f64::INFINITY };
    let rate = match requests.discipline {
        Discipline::FirstComeFirstServed => rate(workers, mean + held_s),
        Discipline::ProcessorSharing { cores, waiting } => rate(cores, mean).min(rate(workers, mean * (1.0 + waiting) + held_s)),
    };
    if rate.is_finite() { rate } else { 0.0 }
}

/// What follows from the plan, worked out once for each member. Calls go in no circle.
struct Ahead<'p> {
    services: usize,
    members: Vec<Option<&'p Requests>>,
    held: Vec<Option<f64>>,
    visits: Vec<Option<BTreeMap<usize, (f64, f64)>>>,
}

impl Ahead<'_> {
    fn place(&self, callee: Callee) -> usize {
        match callee {
            Callee::Service(id) => id.index(),
            Callee::Backend(id) => self.services + id.index(),
        }
    }

    /// Seconds that a worker waits for answers that come at once.
    fn held(&mut self, member: usize) -> f64 {
        let keeps = self.members[member].is_some_and(|requests| requests.calls.hold_worker);
        if keeps { self.calls(member) } else { 0.0 }
    }

    /// Seconds from the end of a member's own work to its answer, if nobody has to wait. Of calls that are made together the longest one counts.
    fn calls(&mut self, member: usize) -> f64 {
        if let Some(known) = self.held[member] {
            return known;
        }
        let mut seconds = 0.0;
        for step in self.members[member].into_iter().flat_map(|requests| &requests.calls.steps) {
            let mut longest = 0.0_f64;
            for call in step {
                let to = self.place(call.to);
                let answer = self.members[to].map_or(0.0, own_s) + self.calls(to);
                longest = longest.max(call.probability * call.timeout.map_or(answer, |timeout| answer.min(timeout.as_secs_f64())));
            }
            seconds += longest;
        }
        self.held[member] = Some(seconds);
        seconds
    }

    /// Visits of a request of a member: all, and those that it needs.
    fn visits(&mut self, member: usize) -> BTreeMap<usize, (f64, f64)> {
        if let Some(known) = &self.visits[member] {
            return known.clone();
        }
        let mut visits = BTreeMap::from([(member, (1.0, 1.0))]);
        for call in self.members[member].into_iter().flat_map(|requests| requests.calls.steps.iter().flatten()) {
            for (visited, (all, needed)) in self.visits(self.place(call.to)) {
                let sum = visits.entry(visited).or_default();
                sum.0 += call.probability * all;
                sum.1 += if call.is_optional { 0.0 } else { call.probability * needed };
            }
        }
        self.visits[member] = Some(visits.clone());
        visits
    }
}

/// Seconds that a request's own work takes alone.
fn own_s(requests: &Requests) -> f64 {
    let mean = Distribution::mean(&requests.service_time);
    match requests.discipline {
        Discipline::FirstComeFirstServed => mean,
        Discipline::ProcessorSharing { waiting, .. } => mean * (1.0 + waiting),
    }
}

impl Simulation<'_> {
    /// Notes what was asked of whom in the window that was just taken.
    pub(super) fn note_demand(&mut self) {
        let length_s = self.now.since(self.window_start).as_secs_f64();
        let pace = &mut self.pace;
        pace.demand.fill(Demand::default());
        for (place, state) in self.services.iter().enumerate() {
            let Load::Requests(plane) = &state.meter else { continue };
            let window = plane.last_window();
            pace.demand[place].arrived = (window.offered + window.retried) as f64 / length_s;
            if let Plane::Request(kernel) = plane {
                for visits in &pace.visits[place] {
                    pace.demand[visits.member].intended += kernel.entries_taken() as f64 / length_s * visits.all;
                }
            }
        }
        for (place, window) in self.chains.backend_windows().enumerate() {
            pace.demand[self.services.len() + place].arrived = (window.offered + window.retried) as f64 / length_s;
        }
    }

    /// Bounds the capacity in the window's rows by what those can do who are called, in the mix of requests that there was.
    pub(super) fn bound_capacities(&mut self) {
        let first = self.workload_rows.len() - self.workloads.len();
        let pace = &self.pace;
        let capacity = |member: usize| {
            let pods = if member < self.services.len() { f64::from(self.workload_rows[first + member].pods_ready) } else { 1.0 };
            Some(pods * pace.each[member]).filter(|_| pace.each[member] > 0.0)
        };
        let bound = |place: usize| {
            let asked = pace.demand[place].intended;
            if asked > 0.0 {
                return pace.least(place, |visits| visits.needed > 0.0, |demand| demand.intended, capacity).map(|binding| binding.part * asked);
            }
            let alone = |visits: &Visits| capacity(visits.member).filter(|_| visits.needed > 0.0).map(|capacity| capacity / visits.needed);
            pace.visits[place].iter().filter_map(alone).reduce(f64::min)
        };
        let bounds: Vec<Option<f64>> = (0..self.services.len()).map(bound).collect();
        for (place, bound) in bounds.into_iter().enumerate() {
            let row = &mut self.workload_rows[first + place];
            row.capacity_per_s = bound.map_or(row.capacity_per_s, |bound| bound.min(row.capacity_per_s));
        }
    }

    /// Requests a second that a member could have served over the last window; none if that is unknown.
    fn capacity_of_window(&self, member: usize) -> Option<f64> {
        let length_ns = self.now.since(self.window_start).as_nanos() as f64;
        let pods = self.services.get(member).map_or(1.0, |service| service.shortage.ready_ns as f64 / length_ns);
        Some(pods * self.pace.each[member]).filter(|_| self.pace.each[member] > 0.0)
    }

    /// Whether a service calls others or is called.
    pub(super) fn has_pace(&self, place: usize) -> bool {
        !self.pace.visits[place].is_empty()
    }

    /// Who could not do what was asked in the last window, of those whom a service's requests visit; of several the one that could do least of it. What the
    /// load asks for counts before what came because requests were sent again, and what requests need before what is optional.
    pub(super) fn binding(&self, place: usize) -> Option<Binding> {
        let capacity = |member: usize| self.capacity_of_window(member);
        [true, false].into_iter().find_map(|is_needed| {
            let counts = move |visits: &Visits| (visits.needed > 0.0) == is_needed;
            let of_load = self.pace.least(place, counts, |demand| demand.intended, capacity).filter(|binding| binding.part < 1.0);
            of_load.or_else(|| self.pace.least(place, counts, Demand::most, capacity).filter(|binding| binding.part < 1.0))
        })
    }

    /// A backend that is busy all the time, and the busiest of those whom a service's requests visit: users who wait for answers, and workers who do, ask for
    /// no more than it can do.
    pub(super) fn saturated_backend(&self, place: usize) -> Option<usize> {
        let member = if self.has_pace(place) { self.busiest(place) } else { place };
        (member >= self.services.len() && self.use_of(member) >= SATURATED).then_some(member)
    }

    /// The part of its capacity that was asked of a member in the last window; 0 if it is unknown.
    fn use_of(&self, member: usize) -> f64 {
        self.capacity_of_window(member).map_or(0.0, |capacity| self.pace.asked(member) / capacity)
    }

    /// The busiest of those whom a service's requests visit and wait for, where nobody was asked for more than it can do; the service itself if that is so
    /// for no other.
    pub(super) fn busiest(&self, place: usize) -> usize {
        let window = |member: usize| match self.services.get(member) {
            Some(service) => service.meter.last_window(),
            None => self.chains.backend_windows().nth(member - self.services.len()),
        };
        let latency = window(place).map_or(0.0, |window| window.latency.mean());
        let is_waited_for = |visits: &&Visits| {
            let makes_wait = window(visits.member).is_some_and(|window: &Meter| {
                visits.all * window.queue().mean() >= NOTABLE * latency || window.rejected as f64 > NOTABLE * window.offered as f64
            });
            visits.member == place || self.use_of(visits.member) >= SATURATED || makes_wait
        };
        let visited = self.pace.visits[place].iter().filter(is_waited_for);
        visited.map(|visits| visits.member).max_by(|a, b| self.use_of(*a).total_cmp(&self.use_of(*b)).then(b.cmp(a))).unwrap_or(place)
    }
}
