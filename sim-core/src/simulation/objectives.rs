//! Objectives, which are judged window by window, and what their breaches are charged to.

use std::collections::BTreeMap;

use super::Simulation;
use super::blame::Blame;
use super::workload::Meter as Load;
use crate::observe::attribution::{Bottleneck, Charges};
use crate::plan::{LatencyPart, Objective, ObjectiveTarget};
use crate::traffic::{Histogram, Meter};
use crate::units::{Span, Time};

/// How an objective has fared so far.
#[derive(Clone, Debug, Default)]
pub(super) struct ObjectiveState {
    /// Windows with requests.
    pub windows: u64,
    /// Those in which it held.
    pub held: u64,
    pub breaches: Vec<BreachState>,
}

/// A stretch of windows in which an objective did not hold.
#[derive(Clone, Debug)]
pub(super) struct BreachState {
    pub from: Time,
    pub to: Time,
    /// What held capacity back most.
    pub cause: Bottleneck,
    /// What its time is charged to.
    pub parts: Charges,
    /// Nanoseconds of it by the service or backend that lacked capacity, as in [`Blame`].
    pub members: BTreeMap<usize, u64>,
}

impl BreachState {
    /// Adds a stretch that follows.
    fn extend(&mut self, to: Time, parts: &Charges, members: BTreeMap<usize, u64>) {
        self.to = to;
        self.parts.merge(parts);
        for (member, ns) in members {
            *self.members.entry(member).or_default() += ns;
        }
    }
}

impl Simulation<'_> {
    /// Judges the window that was just taken.
    pub(super) fn judge(&mut self) {
        if self.plan.objectives.is_empty() {
            return;
        }
        let short = self.note_shortages();
        for (index, objective) in self.plan.objectives.iter().enumerate() {
            let held = if let ObjectiveTarget::Part { part, quantile, below } = objective.target {
                self.part_holds(objective, part, quantile, below)
            } else if let Some(service) = objective.service {
                self.services[service.index()].meter.last_window().and_then(|window| holds(objective, window))
            } else {
                let mut all = Meter::default();
                for window in self.services.iter().filter_map(|service| service.meter.last_window()) {
                    all.merge(window);
                }
                holds(objective, &all)
            };
            let Some(held) = held else { continue };
            let state = &mut self.objectives[index];
            state.windows += 1;
            state.held += u64::from(held);
            if !held {
                self.charge(index, &short);
            }
        }
        for (place, short) in short.iter().enumerate() {
            let concerns = |objective: &Objective| objective.service.is_none_or(|service| service.index() == place);
            let states = self.plan.objectives.iter().zip(&self.objectives);
            let is_breached =
                states.filter(|(objective, _)| concerns(objective)).any(|(_, state)| state.breaches.last().is_some_and(|breach| breach.to == self.now));
            self.forget_window(place, short.is_none() && !is_breached);
        }
    }

    /// Whether a part of the latency of completed requests held in the window that was just taken; none if there are none.
    fn part_holds(&self, objective: &Objective, part: LatencyPart, quantile: f64, below: Span) -> Option<bool> {
        let mut all = Histogram::new();
        let of_services = objective.service.map_or(0..self.services.len(), |service| service.index()..service.index() + 1);
        for state in &self.services[of_services] {
            let Load::Requests(kernel) = &state.meter else { continue };
            let window = kernel.last_window();
            let histogram = match part {
                LatencyPart::Tier(tier) => kernel.latency_in(window, tier.index()),
                LatencyPart::Waiting => Some(window.queue()),
                LatencyPart::Service => Some(&window.service),
                LatencyPart::Retry => window.causes.as_ref().map(|causes| &causes.retry),
                LatencyPart::Calls => window.causes.as_ref().map(|causes| &causes.calls),
            };
            if let Some(histogram) = histogram {
                all.merge(histogram);
            }
        }
        (!all.is_empty()).then(|| at(&all, quantile) <= below.as_nanos())
    }

    /// Charges the window that was just taken to what held capacity back, for an objective that did not hold in it.
    fn charge(&mut self, index: usize, short: &[Option<Blame>]) {
        let objective = &self.plan.objectives[index];
        let places = objective.service.map_or(0..self.services.len(), |service| service.index()..service.index() + 1);
        let mut blame = Blame::default();
        for place in places.clone() {
            match (&short[place], self.saturated_backend(place)) {
                (Some(short), _) => blame.merge(short),
                (None, Some(backend)) => blame.merge(&self.weigh_member(backend)),
                // Where enough pods are ready, requests wait for what an earlier shortage left behind.
                (None, None) => blame.merge(&self.services[place].shortage.debt),
            }
        }
        if blame.is_nothing() {
            // Nobody is short: of all services, those that the objective does not hold for.
            let window = |place: &usize| self.services[*place].meter.last_window();
            let is_late = |place: &usize| window(place).and_then(|window| holds(objective, window)) == Some(false);
            let late: Vec<usize> = places.clone().filter(is_late).collect();
            for place in if late.is_empty() { places.collect() } else { late } {
                blame.merge(&self.weigh_busiest(place));
            }
        }
        let (from, to, cause) = (self.window_start, self.now, blame.largest());
        let (parts, members) = blame.split(self.now.since(self.window_start));
        let breaches = &mut self.objectives[index].breaches;
        match breaches.last_mut().filter(|breach| breach.to == from && breach.cause == cause) {
            Some(breach) => breach.extend(to, &parts, members),
            None => breaches.push(BreachState { from, to, cause, parts, members }),
        }
    }
}

/// A quantile of a histogram; the largest value is exact.
fn at(histogram: &Histogram, quantile: f64) -> u64 {
    if quantile >= 1.0 { histogram.max() } else { histogram.quantile(quantile) }
}

/// Whether an objective held in a window; none if nothing ended in it.
///
/// A request that was not answered counts as slower than any bound.
fn holds(objective: &Objective, meter: &Meter) -> Option<bool> {
    let settled = meter.settled();
    if settled == 0 {
        return None;
    }
    Some(match objective.target {
        ObjectiveTarget::Latency { quantile, below } => {
            let needed = quantile * settled as f64;
            needed <= meter.completed as f64 && at(&meter.latency, needed / meter.completed.max(1) as f64) <= below.as_nanos()
        }
        ObjectiveTarget::Part { .. } => return None,
        ObjectiveTarget::Errors { below } => (settled - meter.completed) as f64 <= below * settled as f64,
    })
}
