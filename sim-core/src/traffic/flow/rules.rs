//! What is the same for all pods of a service.

use super::grid::Grid;
use super::group::{Capacity, Kind};
use super::law::{Law, normal};
use crate::math;
use crate::plan::{Balancing, Discipline, Requests, Shedding};
use crate::traffic::kernel::Endpoint;
use crate::units::Span;

/// What is the same for all pods of a service.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) law: Law,
    /// Requests that a pod works on at once.
    pub(super) workers: u32,
    discipline: Discipline,
    /// Most requests waiting at a pod.
    room: Option<f64>,
    /// Seconds until a client gives up.
    pub(super) timeout: Option<f64>,
    /// Squared coefficient of variation of the gaps between all arrivals.
    variation: f64,
    /// Whether requests come in turn.
    in_turn: bool,
    /// Whether all pods are one station: each request goes where fewest are.
    pub(super) pooled: bool,
    /// Whether pods take requests from one queue, in which these wait for a pod too.
    pub(super) pulls: bool,
    /// A pod refuses what would wait for longer than so many seconds, and what finds so many requests there.
    shed_wait: Option<f64>,
    shed_inside: Option<f64>,
    /// Whether the better of two pods gets a request.
    pub(super) two_choices: bool,
    /// Squared coefficient of variation of a step of the queue.
    ladder: f64,
    warm_up: Option<(u64, f64)>,
    listens_after: u64,
    /// Mean seconds that an idle worker needs to wake up.
    pub(super) wake_up: f64,
}

/// By node, what becomes of requests that find a station there.
#[derive(Clone, Debug)]
pub(super) struct Fates {
    /// The share of those taken that are answered in time; empty for all.
    in_time: Vec<f64>,
    /// The same where clients' patience decides on who joins the queue.
    pressed: Vec<f64>,
    /// The first node at which clients give up before a worker is free.
    pub(super) patience: usize,
    /// The share that is shed; empty for none.
    shed: Vec<f64>,
}

/// Shares of waits and where they are, in standard normal quantiles.
pub(super) const POINTS: usize = 15;

impl Rules {
    pub(super) fn new(plan: &Requests, variation: f64) -> Self {
        let pulls = plan.balancing == Balancing::Queue;
        let shedding = plan.shedding.filter(|_| !pulls).unwrap_or(Shedding { wait: None, utilization: None });
        let workers = f64::from(plan.concurrency);
        let most = shedding.utilization.map(|share| (share * workers).ceil().max(1.0));
        let law = Law::new(&plan.service_time);
        // The more workers, the more the end of the first of their services is without memory.
        let ladder = 1.0 + (law.residual_scv() - 1.0) / workers;
        Self {
            ladder,
            pulls,
            shed_wait: shedding.wait.map(Span::as_secs_f64),
            // Workers that are first come, first served count requests in work only.
            shed_inside: most.filter(|most| *most <= workers || plan.discipline != Discipline::FirstComeFirstServed),
            law,
            workers: plan.concurrency,
            discipline: plan.discipline,
            room: plan.queue_limit.map(f64::from),
            timeout: plan.timeout.map(Span::as_secs_f64),
            variation,
            in_turn: plan.balancing == Balancing::RoundRobin,
            pooled: matches!(plan.balancing, Balancing::LeastOutstanding | Balancing::Queue),
            two_choices: plan.balancing == Balancing::PowerOfTwo,
            warm_up: plan.warm_up.map(|warm_up| (warm_up.length.as_nanos(), warm_up.speed)),
            listens_after: plan.listens_after.as_nanos(),
            wake_up: plan.wake_up.as_ref().map_or(0.0, |sleep| Law::new(sleep).mean),
        }
    }

    /// The grid of a station if there are this many pods.
    pub(super) fn grid(&self, pods: u32) -> Grid {
        let stations = if self.pooled { 1 } else { pods.max(1) };
        // A random part of a process is more like a Poisson process, each n-th arrival less variable.
        let arrivals = if self.in_turn { self.variation / f64::from(stations) } else { 1.0 + (self.variation - 1.0) / f64::from(stations) };
        let step = f64::midpoint(arrivals, if self.shares() { 1.0 } else { self.law.scv });
        let servers = if self.pooled { f64::from(pods.max(1)) } else { 1.0 };
        let grid = Grid::new(f64::from(self.workers) * servers, step, self.room.map(|room| if self.pulls { room } else { room * servers }));
        match self.discipline {
            // Requests that only wait for others do not queue for cores: nothing is known of how evenly they come.
            Discipline::ProcessorSharing { cores, waiting: 0.0 } => grid.queueing_from(cores * servers),
            _ => grid,
        }
    }

    /// Whether the grid differs much from one for this many pods.
    pub(super) fn outgrows(&self, grid: &Grid, pods: u32) -> bool {
        !self.pooled && (self.in_turn || self.variation != 1.0) && {
            let step = self.grid(pods).step;
            (step / grid.step - 1.0).abs() > 0.1
        }
    }

    /// Whether pods share their cores among requests.
    pub(super) const fn shares(&self) -> bool {
        matches!(self.discipline, Discipline::ProcessorSharing { .. })
    }

    /// Pods at one station.
    pub(super) fn each(&self, grid: &Grid) -> f64 {
        grid.x[grid.full] / f64::from(self.workers)
    }

    /// How fast a station of this many pods is.
    pub(super) fn capacity(&self, grid: &Grid, pods: u32) -> Capacity {
        let pods = if self.pooled { f64::from(pods.max(1)) } else { 1.0 };
        let mean = self.law.mean.max(1e-9);
        let each = |x: f64| match self.discipline {
            Discipline::FirstComeFirstServed => x / mean,
            Discipline::ProcessorSharing { cores, waiting } => shared(x, cores, waiting, mean),
        };
        let mut departures: Vec<f64> = grid.x[..=grid.full].iter().map(|x| pods * each(x / pods)).collect();
        let work: Vec<f64> = departures.iter().map(|rate| rate * mean).collect();
        if self.wake_up > 0.0 {
            // A worker that was idle wakes first.
            departures[..grid.full].iter_mut().for_each(|rate| *rate *= mean / (mean + self.wake_up));
        }
        Capacity { departures, work }
    }

    /// What kind of pod this is at `now`, and when that changes.
    pub(super) fn kind(&self, endpoint: &Endpoint, weight: f64, now: u64) -> (Kind, Option<u64>) {
        let after = |span: u64| if endpoint.warm { 0 } else { endpoint.ready.saturating_add(span) };
        let warm_from = after(self.warm_up.map_or(0, |warm_up| warm_up.0));
        let listens_from = after(self.listens_after);
        let cold = if now < warm_from { self.warm_up.map_or(1.0, |warm_up| warm_up.1) } else { 1.0 };
        let kind = Kind { slow: 1.0 / (endpoint.speed * cold), weight, deaf: now < listens_from, is_new: now < warm_from.max(listens_from) };
        (kind, [warm_from, listens_from].into_iter().filter(|at| *at > now).min())
    }

    /// What becomes of requests by the node that they find.
    pub(super) fn fates(&self, grid: &Grid, capacity: &Capacity, slow: f64) -> Fates {
        let speed = capacity.departures[grid.full] / slow;
        let (in_time, patience) = self.patience(grid, speed, slow);
        let timeout = self.timeout.unwrap_or(f64::INFINITY);
        let at_wait = |node: usize, wait: f64| self.law.cdf((timeout - wait - self.wake_up) / (slow * self.stretch(self.beside(grid, node))));
        // Whoever joins gets to a worker in time: the wait is the queue's, without a variation of its own.
        let pressed = (0..in_time.len()).map(|node| at_wait(node, wait(grid, speed, node).min(timeout))).collect();
        Fates { in_time, pressed, patience, shed: self.shed(grid, speed) }
    }

    /// By node, the share of requests that are shed.
    fn shed(&self, grid: &Grid, speed: f64) -> Vec<f64> {
        if self.shed_wait.is_none() && self.shed_inside.is_none() {
            return Vec::new();
        }
        let pods = self.each(grid);
        let waits = |node: usize, longest: f64| match node.checked_sub(grid.full) {
            None => 0.0,
            Some(queued) if queued > 40 => f64::from(u8::from(wait(grid, speed, node) > longest)),
            Some(_) => self.waits(grid, speed, node).filter(|(wait, _)| *wait > longest).map(|(_, share)| share).sum(),
        };
        let share = |node: usize| {
            if self.shed_inside.is_some_and(|most| grid.x[node] / pods >= most) { 1.0 } else { self.shed_wait.map_or(0.0, |longest| waits(node, longest)) }
        };
        (0..grid.x.len()).map(share).collect()
    }

    /// By node, the share of requests that are answered in time, and the first node at which none gets to a worker in time.
    fn patience(&self, grid: &Grid, speed: f64, slow: f64) -> (Vec<f64>, usize) {
        let Some(timeout) = self.timeout else { return (Vec::new(), usize::MAX) };
        let patience = (grid.full..grid.x.len()).find(|node| *node > grid.full && grid.waiting(*node) >= timeout * speed).unwrap_or(usize::MAX);
        let end = patience.min(grid.x.len());
        if self.shares() {
            let in_time = (0..end).map(|node| self.law.cdf((timeout - wait(grid, speed, node)) / (slow * self.stretch(self.beside(grid, node))))).collect();
            return (in_time, patience);
        }
        let at_once = self.law.cdf((timeout - self.wake_up) / slow);
        let in_time = (0..end).map(|node| match node.checked_sub(grid.full) {
            None => at_once,
            Some(queued) if queued > 40 => self.law.cdf((timeout - wait(grid, speed, node)) / slow),
            Some(_) => self.waits(grid, speed, node).map(|(wait, share)| share * self.law.cdf((timeout - wait) / slow)).sum(),
        });
        (in_time.collect(), patience)
    }

    /// How long requests wait that find a station at this node, with their shares. So many steps of the queue have to be worked off, and the one that has
    /// begun: the ladder heights of Pollaczek and Khinchine, each as what is left of a service. Their sum is taken for a gamma distribution, by Wilson and
    /// Hilferty's approximation, or for a lognormal one if single ones vary more than that.
    pub(super) fn waits(&self, grid: &Grid, speed: f64, node: usize) -> impl Iterator<Item = (f64, f64)> + Clone + use<> {
        let steps = grid.waiting(node) / grid.step + 1.0;
        let mean = grid.step / speed * steps;
        let scv = self.ladder / steps;
        let (is_heavy, sigma) = (self.ladder > 1.0, math::ln(1.0 + scv).sqrt());
        points().map(move |(z, share)| {
            if is_heavy {
                return (mean * math::exp(sigma * z - sigma * sigma / 2.0), share);
            }
            let root = 1.0 - scv / 9.0 + z * scv.sqrt() / 3.0;
            (mean * root.max(0.0) * root * root, share)
        })
    }

    /// Whether a pod refuses what would wait for so long.
    pub(super) fn sheds(&self, wait: f64) -> bool {
        self.shed_wait.is_some_and(|longest| wait > longest)
    }

    /// Requests at the pod that one goes to which finds a station at this node.
    pub(super) fn beside(&self, grid: &Grid, node: usize) -> f64 {
        if self.pooled { (grid.x[node] / self.each(grid)).floor() } else { grid.x[node] }
    }

    /// How many times longer a request with processor sharing takes that finds this many others, if they stay as many.
    pub(super) fn stretch(&self, others: f64) -> f64 {
        let Discipline::ProcessorSharing { cores, waiting } = self.discipline else { return 1.0 };
        let inside = (others + 1.0).min(f64::from(self.workers));
        // Of those inside, some wait for others than the CPU.
        let rate = shared(inside, cores, waiting, 1.0);
        (inside / rate.max(1e-12)).max(1.0 + waiting)
    }

    /// Seconds in which a station forgets how many requests it had, for processor sharing at this utilisation.
    pub(super) fn memory(&self, utilisation: f64) -> f64 {
        let Discipline::ProcessorSharing { cores, .. } = self.discipline else { return 0.0 };
        let gap = 1.0 - utilisation.clamp(0.0, 0.999).sqrt();
        self.law.mean / (cores * gap * gap)
    }

    /// Of requests that are given up before a worker is free: the share that finds the queue full, if `rate` arrive a second at a station of so many workers.
    pub(super) fn turned_away(&self, rate: f64, workers: f64) -> f64 {
        let (Some(room), Some(timeout)) = (self.room, self.timeout) else { return 0.0 };
        let pods = if self.pulls { 1.0 } else { workers / f64::from(self.workers) };
        // Each stays until its client gives up.
        let admitted = room * pods / timeout;
        let served = workers / self.law.mean.max(1e-9);
        ((rate - admitted) / (rate - served).max(1e-9)).clamp(0.0, 1.0)
    }
}

impl Fates {
    /// The share that is answered in time, if patience decides in the share `pressed` of all cases.
    pub(super) fn in_time_at(&self, node: usize, pressed: f64) -> f64 {
        let at = |list: &[f64]| list.get(node).copied().unwrap_or(1.0);
        if pressed > 0.0 { at(&self.in_time) * (1.0 - pressed) + at(&self.pressed) * pressed } else { at(&self.in_time) }
    }

    pub(super) fn shed_at(&self, node: usize) -> f64 {
        self.shed.get(node).copied().unwrap_or(0.0)
    }
}

/// The mean seconds that a request waits which finds a station at this node, of which `speed` requests leave a second when all are busy.
fn wait(grid: &Grid, speed: f64, node: usize) -> f64 {
    if node < grid.full { 0.0 } else { (grid.waiting(node) + grid.step) / speed }
}

/// Departures a second of a pod with processor sharing and `x` requests inside.
///
/// With waiting beside the CPU time, that is the throughput of a closed network of a processor-sharing station and a delay, by its product form (Baskett,
/// Chandy, Muntz, Palacios 1975): given how many are at the station, neighbouring probabilities have the ratio of the rates in and out.
fn shared(x: f64, cores: f64, waiting: f64, mean: f64) -> f64 {
    if waiting == 0.0 || x < 1.0 {
        return x.min(cores) / (mean * if x < 1.0 { 1.0 + waiting } else { 1.0 });
    }
    let inside = x as u32;
    let (mut p, mut sum, mut rate) = (1.0_f64, 1.0_f64, 0.0);
    for at in 1..=inside {
        p *= f64::from(inside - at + 1) / waiting / f64::from(at).min(cores);
        sum += p;
        rate += p * f64::from(at).min(cores);
        if sum > 1e200 {
            (p, sum, rate) = (p / 1e200, sum / 1e200, rate / 1e200);
        }
    }
    rate / sum / mean
}

/// Places in a standard normal distribution with their shares.
fn points() -> impl Iterator<Item = (f64, f64)> + Clone {
    const FROM: f64 = -2.6;
    const STEP: f64 = 0.4;
    (0..POINTS).map(|index| {
        let lower = FROM + STEP * index as f64;
        let below = if index == 0 { 0.0 } else { normal(lower) };
        let above = if index + 1 == POINTS { 1.0 } else { normal(lower + STEP) };
        (lower + STEP / 2.0, above - below)
    })
}

#[cfg(test)]
mod tests {
    use super::{points, shared};

    #[test]
    fn points_are_standard_normal() {
        let mass: f64 = points().map(|point| point.1).sum();
        let variance: f64 = points().map(|(z, share)| z * z * share).sum();
        assert!((mass - 1.0).abs() < 1e-12 && (variance - 1.0).abs() < 0.02, "{mass} {variance}");
    }

    #[test]
    fn throughput_with_waiting_is_that_of_the_closed_network() {
        // One core, as much waiting as CPU time (one second each): with two inside, mean value analysis gives 0.8 a second.
        assert!((shared(2.0, 1.0, 1.0, 1.0) - 0.8).abs() < 1e-12);
        assert!((shared(1.0, 1.0, 1.0, 1.0) - 0.5).abs() < 1e-12);
        assert!((shared(3.0, 2.0, 0.0, 0.5) - 4.0).abs() < 1e-12);
    }
}
