//! What pods use: what a scrape finds, and how much memory a pod has now.

use super::Simulation;
use super::workload::{Meter, ServiceState};
use crate::cluster::{Owner, Phase, Pod};
use crate::id::Id;
use crate::metrics::{self, Note, REQUEST};
use crate::plan::{MemoryUse, PodUsage, Service};
use crate::units::{Bytes, Span, Time};

impl Simulation<'_> {
    /// The memory that a pod needs now: of its containers that run, its requests in flight, and what it has gathered. It may be more than its limit: that is
    /// when it is killed. None if its workload's memory is not simulated.
    ///
    /// Looks at every request in flight of its service, which has to be brought up to now before.
    pub(super) fn memory_demand(&self, id: Id<Pod>) -> Option<Bytes> {
        let pod = &self.pods[id];
        let Owner::Service(service) = pod.owner else { return None };
        let memory = self.plan.services[service].usage.memory.as_ref()?;
        let in_flight = match (&self.services[service.index()].meter, pod.slot, memory.per_request.0) {
            (_, _, 0) | (_, None, _) | (Meter::None | Meter::Demand(_), ..) => 0,
            (Meter::Requests(kernel), Some(slot), _) => u64::from(kernel.outstanding_of(slot, self.now)),
        };
        Some(self.memory_of(service, memory, pod, in_flight))
    }

    /// The memory of a pod with this many requests.
    fn memory_of(&self, service: Id<Service>, memory: &MemoryUse, pod: &Pod, in_flight: u64) -> Bytes {
        let usage = &self.plan.services[service].usage;
        match pod.phase {
            Phase::Ready | Phase::Unready | Phase::Terminating => {
                let ready_for = pod.ready_since.map_or(Span::ZERO, |ready| self.now.since(ready));
                let pods = self.workloads[service.index()].count(Phase::Ready).max(1);
                let shared = memory.shared.as_ref().map_or(0.0, |shared| shared.at(self.now) / f64::from(pods));
                Bytes(memory.ready(in_flight, ready_for, shared).saturating_add(usage.fixed_memory()))
            }
            Phase::Starting if pod.counters.get().running_from.is_some_and(|from| from <= self.now) => {
                Bytes(memory.base.0.saturating_add(usage.fixed_memory()))
            }
            _ => Bytes(0),
        }
    }

    /// Reads the counters of every pod of a service that runs, and what it holds.
    pub(super) fn scrape_service(&mut self, id: Id<Service>) {
        self.catch_up(id);
        let usage = &self.plan.services[id].usage;
        let state = &self.services[id.index()];
        let in_flight = if let Meter::Requests(kernel) = &state.meter
            && (self.watches_requests[id.index()] || usage.memory.as_ref().is_some_and(|memory| memory.per_request.0 > 0))
        {
            kernel.outstanding(self.now)
        } else {
            Vec::new()
        };
        let few = self.note_alike(id);
        for place in 0..few.as_ref().map_or_else(|| self.services[id.index()].active.len(), Vec::len) {
            let state = &self.services[id.index()];
            let pod_id = few.as_ref().map_or_else(|| state.active[place], |few| few[place]);
            let pod = &self.pods[pod_id];
            if self.faults.is_silent(pod_id) {
                // The metrics server forgets what it cannot read.
                self.pods[pod_id].scrapes.clear();
                continue;
            }
            let answers = pod.phase == Phase::Unready && pod.runs_unready && pod.slot.is_some();
            let runs =
                pod.phase == Phase::Ready || answers || (pod.phase == Phase::Starting && pod.counters.get().running_from.is_some_and(|from| from <= self.now));
            if !runs {
                continue;
            }
            let outstanding = pod.slot.and_then(|slot| in_flight.get(slot.index()).copied()).unwrap_or(0);
            let memory = usage.memory.as_ref().map_or(Bytes(0), |memory| {
                let demand = self.memory_of(id, memory, pod, u64::from(outstanding));
                // Nobody ever measures more than the limit.
                usage.memory_limit.map_or(demand, |limit| demand.min(limit))
            });
            let requests = match pod.phase {
                Phase::Ready => state.requests_each - pod.counters.get().requests_base,
                Phase::Unready => pod.counters.get().requests_base,
                _ => 0,
            };
            let cpu = state.counter(usage, pod, self.now);
            metrics::note(self.pods[pod_id].scrapes.list(), &self.plan.metrics, Note { at: self.now, cpu, memory, requests, in_flight: outstanding });
        }
    }
}

impl ServiceState {
    /// A pod's CPU counter at `now`, in milliCPU-nanoseconds times `cpu_scale`: what its requests caused and what its start and its containers use anyway.
    pub(super) fn counter(&self, usage: &PodUsage, pod: &Pod, now: Time) -> u128 {
        let of_requests = match (&self.meter, pod.phase) {
            (Meter::Requests(kernel), _) => pod.slot.map_or(0, |slot| u128::from(kernel.busy(slot, now)) * self.cpu_per_worker),
            (Meter::Demand(demand), Phase::Ready) => demand.accumulated() - pod.counters.get().demand_base,
            (Meter::None | Meter::Demand(_), _) => 0,
        };
        of_requests + self.own_counter(usage, pod, now)
    }

    /// The part of a pod's CPU counter that does not depend on requests.
    pub(super) fn own_counter(&self, usage: &PodUsage, pod: &Pod, now: Time) -> u128 {
        if usage.start_up.is_none() && usage.fixed_cpu() == 0 {
            return 0;
        }
        let from = pod.counters.get().running_from.or(pod.ready_since);
        let Some(from) = from.filter(|from| *from < now) else { return 0 };
        let starting = usage.start_up.filter(|_| !pod.preexisting).map_or(0, |start| {
            let ready = if pod.interruptions.restarts == 0 { pod.ready } else { pod.ready_since };
            let until = ready.map_or(now, |ready| now.min(ready.saturating_add(start.after_ready)));
            u128::from(until.since(from).as_nanos()) * u128::from(start.cpu.0)
        });
        let fixed = u128::from(now.since(from).as_nanos()) * u128::from(usage.fixed_cpu());
        (starting + fixed) * self.cpu_scale
    }

    /// Counts the requests since the last call for each of `ready` pods, an even part for each: what a pod's own counter shows on average.
    pub(super) fn share_requests(&mut self, ready: u32) {
        let Meter::Requests(kernel) = &self.meter else { return };
        let attempts = kernel.attempts();
        if ready > 0 {
            self.requests_each += u128::from(attempts - self.requests_shared) * REQUEST / u128::from(ready);
        }
        self.requests_shared = attempts;
    }
}

/// When the containers of a pod begin to run that starts now and is ready at `ready`.
pub(super) fn running_from(usage: &PodUsage, now: Time, ready: Time) -> Option<Time> {
    let start = usage.start_up?;
    let lasts = ready.since(now);
    let lasts = start.before_ready.map_or(lasts, |before| lasts.min(before));
    Some(Time::from_nanos(ready.as_nanos() - lasts.as_nanos()))
}
