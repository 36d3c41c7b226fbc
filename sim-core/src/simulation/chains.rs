//! Services that call each other: their requests are brought up to now together.

use super::workload::Meter as Load;
use super::{ServiceState, Simulation};
use crate::id::Id;
use crate::plan::{ChainMembers, Plan, Service};
use crate::random::Streams;
use crate::record::{BackendSummary, CallSummary};
use crate::traffic::{CallFigures, Chain, Meter, Plane, RequestKernel, Slot};
use crate::units::Time;

/// All chains of a run.
#[derive(Clone, Debug)]
pub(super) struct Chains {
    list: Vec<OneChain>,
    /// By service: the chain it is in, and its place there.
    of_service: Vec<Option<(usize, usize)>>,
    backends: Vec<RequestKernel>,
}

#[derive(Clone, Debug)]
struct OneChain {
    members: ChainMembers,
    chain: Chain,
    advanced_to: Time,
}

impl Chains {
    pub(super) fn new(plan: &Plan, streams: Streams) -> Self {
        let mut of_service = vec![None; plan.services.len()];
        let chains = plan.chains();
        for (index, members) in chains.iter().enumerate() {
            members.services.iter().enumerate().for_each(|(place, service)| of_service[service.index()] = Some((index, place)));
        }
        let with_state = |members: ChainMembers| OneChain { chain: Chain::new(plan, &members, streams), members, advanced_to: Time::ZERO };
        Self {
            list: chains.into_iter().map(with_state).collect(),
            of_service,
            backends: plan.backends.values().map(|backend| Chain::backend(backend, streams)).collect(),
        }
    }

    /// What became of requests at backends in the last window, in their order.
    pub(super) fn backend_windows(&self) -> impl Iterator<Item = &Meter> {
        self.backends.iter().map(RequestKernel::last_window)
    }

    /// Whether a service calls others or is called.
    pub(super) fn has(&self, service: Id<Service>) -> bool {
        self.of_service[service.index()].is_some()
    }
}

impl OneChain {
    /// The kernels of its members, in their order.
    fn kernels<'a>(&self, services: &'a mut [ServiceState], backends: &'a mut [RequestKernel]) -> Vec<&'a mut RequestKernel> {
        let of_services = services.iter_mut().enumerate().filter(|(place, _)| self.members.services.contains(&Id::new(*place)));
        let of_services =
            of_services.filter_map(|(_, state)| if let Load::Requests(Plane::Request(kernel)) = &mut state.meter { Some(&mut **kernel) } else { None });
        let of_backends = backends.iter_mut().enumerate().filter(|(place, _)| self.members.backends.contains(&Id::new(*place))).map(|(_, kernel)| kernel);
        of_services.chain(of_backends).collect()
    }
}

impl Simulation<'_> {
    /// Advances the chain of a service to now.
    pub(super) fn advance_chain(&mut self, service: Id<Service>) {
        let Some((index, _)) = self.chains.of_service[service.index()] else { return };
        let one = &mut self.chains.list[index];
        if one.advanced_to < self.now {
            one.advanced_to = self.now;
            let mut kernels = one.kernels(&mut self.services, &mut self.chains.backends);
            one.chain.advance(&mut kernels, self.now);
        }
    }

    /// Takes a pod of a service in a chain away with the requests that it has. The chain has been advanced to now.
    pub(super) fn release_in_chain(&mut self, service: Id<Service>, slot: Slot) {
        let Some((index, place)) = self.chains.of_service[service.index()] else { return };
        let one = &mut self.chains.list[index];
        let mut kernels = one.kernels(&mut self.services, &mut self.chains.backends);
        one.chain.release(&mut kernels, place, slot, self.now);
    }

    /// Ends the window of every backend, and checks that no request was lost there.
    pub(super) fn close_backends(&mut self) {
        for kernel in &mut self.chains.backends {
            kernel.take_window();
        }
    }

    /// Forgets what backends and calls counted so far.
    pub(super) fn restart_chains(&mut self) {
        self.chains.backends.iter_mut().for_each(RequestKernel::restart);
        self.chains.list.iter_mut().for_each(|one| one.chain.restart());
    }

    /// What became of calls, by chain and caller.
    pub(super) fn call_summaries(&self) -> Vec<CallSummary> {
        let of_chain = |one: &OneChain| {
            let services = one.members.services.iter().map(|id| self.plan.services[*id].name.clone());
            let names: Vec<String> = services.chain(one.members.backends.iter().map(|id| self.plan.backends[*id].name.clone())).collect();
            let summary = |call: CallFigures<'_>| CallSummary {
                from: names[call.from].clone(),
                to: names[call.to].clone(),
                requests: super::summary::request_counts(call.meter, call.in_flight, self.measured_s()),
                latency_ms: super::summary::latency(&call.meter.latency),
            };
            one.chain.figures().map(summary).collect::<Vec<_>>()
        };
        self.chains.list.iter().flat_map(of_chain).collect()
    }

    /// What became of requests at backends, by name.
    pub(super) fn backend_summaries(&self) -> Vec<(String, BackendSummary)> {
        let summary = |(place, (backend, kernel)): (usize, (&crate::plan::Backend, &RequestKernel))| {
            let meter = kernel.total();
            let capacity_per_s = self.pace.each(self.services.len() + place);
            let requests = super::summary::request_counts(meter, kernel.in_flight(), self.measured_s());
            let utilization = if capacity_per_s > 0.0 { requests.throughput_per_s / capacity_per_s } else { 0.0 };
            let [latency_ms, wait_ms] = [&meter.latency, &meter.wait].map(super::summary::latency);
            (backend.name.clone(), BackendSummary { requests, latency_ms, wait_ms, capacity_per_s, utilization })
        };
        self.plan.backends.values().zip(&self.chains.backends).enumerate().map(summary).collect()
    }
}
