//! Pods that look the same to an autoscaler: those that share a demand for CPU evenly, and in flow fidelity those of one kind.
//!
//! They have worked alike, so those that have been ready for long are counted instead of looked at one by one: a sync costs as much as there are pods that
//! are not like the others yet, whatever the number of replicas.

use std::collections::VecDeque;

use super::Simulation;
use super::workload::Meter;
use crate::autoscaling::hpa::{MetricSpec, PodView};
use crate::cluster::{Phase, Pod};
use crate::id::Id;
use crate::metrics::{self, Note};
use crate::plan::{Balancing, Plan, Requests, Service, Traffic};
use crate::units::{Bytes, Span, Time};

/// The pods of a service by whether they look the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Alike {
    /// How long a pod has to be ready until it looks like the others; none if pods never do.
    age: Option<Span>,
    /// Whether the rest is true.
    is_known: bool,
    /// Until when it is.
    until: Time,
    /// How many look the same, and one of them.
    settled: u32,
    one: Option<Id<Pod>>,
    /// The others.
    others: Vec<Id<Pod>>,
    /// What scrapes found at one that looks the same.
    notes: VecDeque<Note>,
}

impl Alike {
    /// Notes that a pod has changed.
    pub(super) const fn forget(&mut self) {
        self.is_known = false;
    }

    /// One of the pods, and how many they are, if all look the same.
    pub(super) fn all(&self) -> Option<(Id<Pod>, u32)> {
        self.one.filter(|_| self.age.is_some() && self.is_known && self.others.is_empty()).map(|one| (one, self.settled))
    }

    /// What scrapes found at one that looks the same.
    pub(super) const fn notes(&self) -> &VecDeque<Note> {
        &self.notes
    }

    /// For a service of a plan; `follows_rates` tells that its requests are not followed one by one.
    pub(super) fn of(plan: &Plan, service: &Service, follows_rates: bool) -> Self {
        Self { age: settles_after(plan, service, follows_rates), ..Self::default() }
    }
}

/// How long a pod has to be ready until it looks like the others; none if pods never do.
fn settles_after(plan: &Plan, service: &Service, follows_rates: bool) -> Option<Span> {
    let warm = match &service.traffic {
        Traffic::CpuDemand { .. } => Span::ZERO,
        Traffic::Requests(requests) if follows_rates && is_even(requests) => {
            requests.warm_up.map_or(Span::ZERO, |warm_up| warm_up.length).max(requests.listens_after)
        }
        Traffic::Requests(_) | Traffic::None => return None,
    };
    let only_cpu = service.hpa.as_ref()?.metrics.iter().all(|metric| matches!(metric, MetricSpec::Resource { .. }));
    let plain = service.usage.memory.is_none() && service.usage.containers.is_empty() && plan.faults.list.is_empty() && plan.faults.instances.is_empty();
    if !only_cpu || !plain {
        return None;
    }
    let metrics = &plan.metrics;
    let seen = metrics.window + metrics.delay + metrics.scrape_interval + metrics.scrape_interval;
    let started = service.usage.start_up.map_or(Span::ZERO, |start| start.after_ready);
    Some(seen + started.max(warm))
}

impl Simulation<'_> {
    /// Counts the pods of a service that look the same, unless that is known.
    pub(super) fn count_alike(&mut self, service: Id<Service>) {
        let state = &self.services[service.index()];
        let Some(age) = state.alike.age else { return };
        if state.alike.is_known && self.now < state.alike.until {
            return;
        }
        let mut found = Alike { age: Some(age), is_known: true, until: Time::MAX, ..Alike::default() };
        for id in &state.active {
            let pod = &self.pods[*id];
            let settles = pod.ready_since.filter(|_| pod.phase == Phase::Ready).map(|since| since.saturating_add(age));
            let asks_as_much = |one: &Id<Pod>| {
                let [one, pod] = [self.pods[*one].class, pod.class].map(|class| self.plan.template(class));
                one.requests == pod.requests && one.cpu_limit == pod.cpu_limit
            };
            if settles.is_some_and(|at| at <= self.now) && found.one.as_ref().is_none_or(asks_as_much) {
                found.settled += 1;
                found.one = Some(*id);
            } else {
                found.until = found.until.min(settles.unwrap_or(Time::MAX));
                found.others.push(*id);
            }
        }
        let alike = &mut self.services[service.index()].alike;
        found.notes = std::mem::take(&mut alike.notes);
        *alike = found;
    }

    /// Scrapes all pods that look the same at once, and returns the others; none if every pod has to be looked at.
    pub(super) fn note_alike(&mut self, service: Id<Service>) -> Option<Vec<Id<Pod>>> {
        self.services[service.index()].alike.age?;
        self.count_alike(service);
        let state = &mut self.services[service.index()];
        let cpu = match &state.meter {
            Meter::Demand(demand) => demand.accumulated(),
            Meter::Requests(plane) => u128::from(plane.mean_busy()?) * state.cpu_per_worker,
            Meter::None => return None,
        };
        metrics::note(&mut state.alike.notes, &self.plan.metrics, Note { at: self.now, cpu, memory: Bytes(0), requests: 0, in_flight: 0 });
        Some(state.alike.others.clone())
    }

    /// The pods of a service as its HPA sees them, those that look the same as one; none if every pod has to be looked at.
    pub(super) fn alike_views(&self, service: Id<Service>) -> Option<Vec<PodView<'_>>> {
        let state = &self.services[service.index()];
        state.alike.age?;
        let mut views: Vec<PodView<'_>> = state.alike.others.iter().map(|pod| self.hpa_view(service, *pod, &[])).collect();
        if let Some(one) = state.alike.one {
            let sample = metrics::sample(&state.alike.notes, &self.plan.metrics, self.now, state.cpu_scale);
            views.push(PodView { alike: state.alike.settled - 1, ..self.view_of(service, one, sample, &[]) });
        }
        Some(views)
    }
}

/// Whether all warm pods get the same share of requests and are equally fast.
fn is_even(requests: &Requests) -> bool {
    let balancing = matches!(requests.balancing, Balancing::Random | Balancing::RoundRobin | Balancing::PowerOfTwo | Balancing::LeastOutstanding);
    balancing && requests.speed.windows(2).all(|pair| pair[0] == pair[1])
}
