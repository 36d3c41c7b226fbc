//! Metrics of the simulation itself, for autoscalers that look beyond the pods of their service.

use std::collections::VecDeque;

use super::Simulation;
use super::workload::Meter;
use crate::cluster::Phase;
use crate::id::Id;
use crate::plan::{Activation, MetricSource, Plan, Scaling, Service};
use crate::units::{Span, Time};

impl Simulation<'_> {
    /// The value of a metric now; none if there is nothing to read yet.
    pub(super) fn metric(&mut self, source: &MetricSource) -> Option<f64> {
        Some(match source {
            MetricSource::RequestRate { service, window } => {
                let notes = &self.services[service.index()].request_notes;
                let last = *notes.iter().rfind(|note| note.0 + self.plan.metrics.delay <= self.now)?;
                let first = *notes.iter().find(|note| last.0.since(note.0) <= *window)?;
                if first.0 >= last.0 {
                    return None;
                }
                (last.1 - first.1) as f64 / last.0.since(first.0).as_secs_f64()
            }
            MetricSource::InFlight(service) => {
                self.catch_up(*service);
                if let Meter::Requests(kernel) = &self.services[service.index()].meter { kernel.in_flight() as f64 } else { 0.0 }
            }
            MetricSource::QueueLength(service) => {
                self.catch_up(*service);
                if let Meter::Requests(kernel) = &self.services[service.index()].meter { kernel.waiting(self.now) as f64 } else { 0.0 }
            }
            MetricSource::UnfinishedJobs(job) => self.jobs[job.index()].running.len() as f64,
            MetricSource::PendingPods(place) => {
                let state = &self.workloads[*place];
                f64::from(state.count(Phase::Pending) + state.count(Phase::Scheduled) + state.count(Phase::Starting))
            }
            MetricSource::Given(curve) => curve.at(self.now),
        })
    }

    /// Notes how many requests a service has had, if somebody asks for its rate.
    pub(super) fn note_requests(&mut self, service: Id<Service>) {
        let Some(window) = self.rate_windows[service.index()] else { return };
        self.catch_up(service);
        let state = &mut self.services[service.index()];
        let Meter::Requests(kernel) = &state.meter else { return };
        note(&mut state.request_notes, self.now, kernel.attempts(), window + self.plan.metrics.delay + self.plan.metrics.scrape_interval);
    }

    /// Whether the API server does not answer now.
    pub(super) fn api_is_down(&self) -> bool {
        self.plan.api_outages.iter().any(|(from, until)| *from <= self.now && self.now < *until)
    }
}

fn note(notes: &mut VecDeque<(Time, u64)>, now: Time, requests: u64, horizon: Span) {
    notes.push_back((now, requests));
    while notes.len() > 2 && now.since(notes[1].0) >= horizon {
        notes.pop_front();
    }
}

/// All sources that the autoscaling of a service reads.
fn sources_of(scaling: &Scaling) -> impl Iterator<Item = &MetricSource> {
    let of_triggers = scaling.keda.iter().flat_map(|keda| &keda.triggers).filter_map(|trigger| match &trigger.activation {
        Activation::Above { source, .. } => Some(source),
        Activation::During(_) => None,
    });
    scaling.sources.iter().flatten().chain(of_triggers)
}

/// By service: over how long somebody averages its rate of requests; none if nobody does.
pub(super) fn rate_windows(plan: &Plan) -> Vec<Option<Span>> {
    let mut windows = vec![None; plan.services.len()];
    for source in plan.services.values().flat_map(|service| sources_of(&service.scaling)) {
        if let MetricSource::RequestRate { service, window } = source {
            let longest: &mut Option<Span> = &mut windows[service.index()];
            *longest = Some(longest.map_or(*window, |other| other.max(*window)));
        }
    }
    windows
}

/// By service: whether its autoscaler asks how many requests its pods have.
pub(super) fn watches_requests(plan: &Plan) -> Vec<bool> {
    plan.services.values().map(|service| sources_of(&service.scaling).any(|source| matches!(source, MetricSource::InFlight(_)))).collect()
}
