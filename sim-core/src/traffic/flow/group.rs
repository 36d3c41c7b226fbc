//! Stations that are alike: pods that get the same share of requests and are equally fast.
//!
//! What a chain says of one pod is linear in where it starts, so pods that start at different times need no chains of their own: their common one is the
//! mixture over them.

use super::chain::{Chain, Rates, Scratch};
use super::grid::Grid;
use super::rules::Fates;

/// From this share of clients on who give up before a worker is free, patience decides.
const PRESSED: f64 = 0.1;

/// What stations of a group have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Kind {
    /// Time that a unit of work takes, relative to the service time as written.
    pub(super) slow: f64,
    /// Their share of requests, relative to others.
    pub(super) weight: f64,
    /// Whether they refuse connections.
    pub(super) deaf: bool,
    /// Whether they are cold or refuse connections.
    pub(super) is_new: bool,
}

/// Stations of one kind.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) kind: Kind,
    /// How many stations there are.
    pub(super) stations: f64,
    pub(super) chain: Chain,
    pub(super) scratch: Scratch,
    /// Arrivals a second at each station, as of the last step.
    pub(super) rate: f64,
    /// By node: how many times the mean rate of arrivals; empty for alike.
    pub(super) bias: Vec<f64>,
    /// What follows from the chain.
    pub(super) moments: Moments,
    /// Worker-nanoseconds of one station since the start.
    pub(super) busy: f64,
    /// Worker-seconds of one station in the present slice.
    pub(super) worked: f64,
    /// By node: requests that found it and will be answered, since they were last taken.
    pub(super) found: Vec<f64>,
    /// Arrivals that are not among them yet.
    pub(super) owed: f64,
    /// What becomes of requests by the node that they find.
    pub(super) fates: Fates,
    /// How far clients' patience decides on who joins the queue: from 0 to 1 for often.
    pub(super) pressed: f64,
    /// How many times as much work attempts are as requests.
    pub(super) heavy: f64,
    /// How many times as many of them are answered.
    pub(super) answered: f64,
    /// Pods by tier.
    pub(super) tiers: Vec<f64>,
}

/// What follows from a distribution: shares are of arrivals at a station.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moments {
    /// Requests at a station.
    pub(super) inside: f64,
    /// Requests that wait at a station.
    pub(super) waiting: f64,
    /// Busy workers: seconds of work done a second.
    pub(super) work: f64,
    /// Probability that a worker is idle.
    pub(super) idle: f64,
    /// Share of arrivals that are answered in time.
    pub(super) answered: f64,
    /// Share that are served, but too late.
    pub(super) late: f64,
    /// Share that find clients' patience at an end before a worker is free.
    pub(super) hopeless: f64,
    /// Share that find the queue full or are shed.
    pub(super) refused: f64,
}

/// How fast stations are, by node, at full speed.
#[derive(Clone, Debug, Default)]
pub(super) struct Capacity {
    /// Departures a second up to the node at which all workers are busy.
    pub(super) departures: Vec<f64>,
    /// Busy workers, up to there.
    pub(super) work: Vec<f64>,
}

/// The rates of a group while it makes a step.
struct View<'a> {
    group: &'a Group,
    grid: &'a Grid,
    capacity: &'a Capacity,
}

impl Rates for View<'_> {
    fn arrivals(&self, node: usize) -> f64 {
        let group = self.group;
        if node >= group.fates.patience { 0.0 } else { group.rate * group.bias_at(node) * (1.0 - group.fates.shed_at(node)) }
    }

    fn departures(&self, node: usize) -> f64 {
        self.capacity.departures[node.min(self.grid.full)] / (self.group.kind.slow * self.group.heavy)
    }
}

impl Group {
    /// No stations yet.
    pub(super) fn new(kind: Kind, grid: &Grid, fates: Fates) -> Self {
        Self {
            kind,
            stations: 0.0,
            chain: Chain::idle(grid),
            scratch: Scratch::default(),
            rate: 0.0,
            bias: Vec::new(),
            moments: Moments::default(),
            busy: 0.0,
            worked: 0.0,
            found: vec![0.0; grid.x.len()],
            owed: 0.0,
            fates,
            pressed: 0.0,
            heavy: 1.0,
            answered: 1.0,
            tiers: Vec::new(),
        }
    }

    /// Counts pods of a tier that come or go.
    pub(super) fn count_tier(&mut self, tier: u16, pods: f64) {
        let place = usize::from(tier);
        if place >= self.tiers.len() {
            self.tiers.resize(place + 1, 0.0);
        }
        self.tiers[place] = (self.tiers[place] + pods).max(0.0);
    }

    pub(super) fn bias_at(&self, node: usize) -> f64 {
        self.bias.get(node).copied().unwrap_or(1.0)
    }

    /// Finds the next step at this rate of arrivals, and by how much the distribution would change.
    pub(super) fn try_step(&mut self, grid: &Grid, capacity: &Capacity, rate: f64, dt: f64) -> f64 {
        self.rate = rate;
        let mut scratch = std::mem::take(&mut self.scratch);
        let change = self.chain.step(grid, &View { group: self, grid, capacity }, dt, &mut scratch);
        self.scratch = scratch;
        change
    }

    /// Requests at a station after the step that was found last.
    pub(super) fn inside_next(&self, grid: &Grid) -> f64 {
        self.scratch.next.iter().zip(&grid.x[self.scratch.low..]).map(|(p, x)| p * x).sum()
    }

    /// Makes that step.
    pub(super) fn take_step(&mut self, grid: &Grid, capacity: &Capacity) {
        self.settle();
        let scratch = std::mem::take(&mut self.scratch);
        self.chain.take(&scratch);
        self.scratch = scratch;
        self.refresh(grid, capacity);
    }

    /// Works out what follows from the distribution.
    pub(super) fn refresh(&mut self, grid: &Grid, capacity: &Capacity) {
        let mut moments = Moments::default();
        let top = grid.top();
        for node in self.chain.low..=self.chain.high {
            let p = self.chain.p[node];
            moments.inside += p * grid.x[node];
            moments.work += p * capacity.work[node.min(grid.full)];
            if node < grid.full {
                moments.idle += p;
            } else {
                moments.waiting += p * grid.waiting(node);
            }
            let all = p * self.bias_at(node);
            let shed = all * self.fates.shed_at(node);
            moments.refused += shed;
            let arrivals = all - shed;
            if node >= self.fates.patience {
                moments.hopeless += arrivals;
            } else if node == top {
                moments.refused += arrivals;
            } else {
                let answered = arrivals * self.fates.in_time_at(node, self.pressed);
                moments.answered += answered;
                moments.late += arrivals - answered;
            }
        }
        self.moments = moments;
        self.pressed = (moments.hopeless / PRESSED).min(1.0);
    }

    /// Arrivals by the present distribution.
    pub(super) fn arrive(&mut self, requests: f64) {
        self.owed += requests;
    }

    /// Divides the arrivals so far among the nodes that they found.
    pub(super) fn settle(&mut self) {
        if self.owed == 0.0 {
            return;
        }
        let end = self.fates.patience.min(self.chain.p.len() - 1);
        for node in self.chain.low..=self.chain.high.min(end) {
            if node < end {
                let taken = self.owed * self.chain.p[node] * self.bias_at(node) * (1.0 - self.fates.shed_at(node));
                self.found[node] += taken * self.answered * self.fates.in_time_at(node, self.pressed);
            }
        }
        self.owed = 0.0;
    }
}
