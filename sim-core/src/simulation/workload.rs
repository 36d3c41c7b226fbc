//! State of services and jobs.

use std::collections::VecDeque;

use super::alike::Alike;
use super::attribution::Shortage;
use super::hpa::Said;
use super::rollouts::DeploymentState;
use super::windows::CpuGauge;
use crate::autoscaling::hpa::{HpaMemory, HpaSpec};
use crate::cluster::{Phase, Pod};
use crate::id::Id;
use crate::plan::{Plan, Service, Traffic};
use crate::random::{Family, Streams};
use crate::traffic::{DemandMeter, Plane, RequestKernel};
use crate::units::Time;

/// What services and jobs have in common: their pods.
#[derive(Clone, Debug)]
pub(super) struct WorkloadState {
    /// Pods ever created.
    pub created: u32,
    /// Pods now in each phase, by [`Phase`].
    pub in_phase: [u32; Phase::COUNT],
    /// Pods bound in each tier, and the most there were.
    pub in_tier: Vec<(u32, u32)>,
    /// By pod: what stands for its uid, and how long it takes to start.
    pub uids: Family,
    pub start_ups: Family,
}

impl WorkloadState {
    pub(super) fn new(plan: &Plan, place: usize, streams: Streams) -> Self {
        let family = |purpose: &str| streams.family(&format!("{}/{purpose}", plan.workload_name(place)));
        Self { created: 0, in_phase: [0; Phase::COUNT], in_tier: vec![(0, 0); plan.tiers.len()], uids: family("uid"), start_ups: family("start-up") }
    }

    pub(super) const fn count(&self, phase: Phase) -> u32 {
        self.in_phase[phase as usize]
    }
}

/// What turns load into CPU use and latency.
#[derive(Clone, Debug)]
pub(super) enum Meter {
    None,
    Requests(Plane),
    Demand(DemandMeter),
}

impl Meter {
    pub(super) fn advance(&mut self, until: Time) {
        match self {
            Self::None => {}
            Self::Requests(kernel) => kernel.advance(until),
            Self::Demand(demand) => demand.advance(until),
        }
    }

    /// What became of requests in the last window.
    pub(super) const fn last_window(&self) -> Option<&crate::traffic::Meter> {
        match self {
            Self::Requests(kernel) => Some(kernel.last_window()),
            Self::None | Self::Demand(_) => None,
        }
    }
}

/// Parts of a milliCPU in which the CPU counters of request-serving pods are kept.
const MICRO: f64 = 1_000_000.0;

#[derive(Clone, Debug)]
pub(super) struct ServiceState {
    pub meter: Meter,
    /// Replicas asked for.
    pub desired: u32,
    /// Times that a pod used more memory than its limit.
    pub oom_kills: u64,
    /// Its `ReplicaSet`s.
    pub deployment: DeploymentState,
    /// Pods that its controllers count, oldest first.
    pub active: Vec<Id<Pod>>,
    /// Pods that finish their requests.
    pub draining: Vec<Id<Pod>>,
    /// Every change of `desired`.
    pub steps: Vec<(Time, u32)>,
    /// Its HPA, whose bounds a `CronHPA` and a forecast may move.
    pub hpa: Option<HpaSpec>,
    pub hpa_memory: HpaMemory,
    /// By job of its `CronHPA`: whether it has succeeded.
    pub cron_done: Vec<bool>,
    /// When KEDA last saw a trigger active.
    pub keda_last_active: Option<Time>,
    /// What a forecast asked for when that was last said.
    #[expect(clippy::option_option, reason = "nothing said yet is not the same as a forecast without an answer")]
    pub predicted: Option<Option<u32>>,
    /// Requests so far at the latest scrapes, oldest first.
    pub request_notes: VecDeque<(Time, u64)>,
    /// What its HPA said last.
    pub said: Said,
    /// Rises of the replica count and how long readiness took to follow.
    pub spikes: Vec<Spike>,
    /// CPU that a busy worker uses, in 10^-6 milliCPU.
    pub cpu_per_worker: u128,
    /// What CPU counters are multiples of: this many to a milliCPU-nanosecond.
    pub cpu_scale: u128,
    /// Requests so far for each pod that was there from the start, in parts of [`crate::metrics::REQUEST`], and requests that are part of it.
    pub requests_each: u128,
    pub requests_shared: u64,
    /// CPU counters of pods that are gone, summed.
    pub cpu_retired: u128,
    /// Up to when its requests have been pushed through its pods.
    pub caught_up: Time,
    /// The integral of ready pods over time, in pod-nanoseconds.
    pub ready_ns: u128,
    pub cpu: CpuGauge,
    /// What was used before the summary counts.
    pub before: Baseline,
    pub shortage: Shortage,
    pub alike: Alike,
}

/// Counters at the end of the warm-up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Baseline {
    /// The CPU counter.
    pub cpu: u128,
    /// The integral of ready pods.
    pub ready_ns: u128,
}

/// A rise of the replica count.
#[derive(Clone, Debug)]
pub(super) struct Spike {
    pub at: Time,
    pub from_ready: u32,
    pub to: u32,
    /// When as many pods were ready.
    pub reached: Option<Time>,
    /// Whether it still goes on.
    pub open: bool,
}

impl ServiceState {
    pub(super) fn new(plan: &Plan, id: Id<Service>, streams: Streams, in_chain: bool) -> Self {
        let service = &plan.services[id];
        let (meter, cpu_per_worker, cpu_scale) = match &service.traffic {
            Traffic::None => (Meter::None, 0, 1),
            Traffic::Requests(requests) => {
                let kernel = if in_chain {
                    Plane::Request(Box::new(RequestKernel::in_chain(requests, streams, &service.name)))
                } else {
                    Plane::new(plan.fidelity_of(service), requests, streams, &service.name)
                };
                (Meter::Requests(kernel), (requests.cpu_per_worker * MICRO + 0.5) as u128, MICRO as u128)
            }
            Traffic::CpuDemand { demand, cap_per_pod } => (Meter::Demand(DemandMeter::new(demand, *cap_per_pod)), 0, DemandMeter::SCALE),
        };
        let follows_rates = matches!(meter, Meter::Requests(Plane::Flow(_)));
        Self {
            meter,
            desired: service.replicas,
            oom_kills: 0,
            deployment: DeploymentState::new(service, id.index()),
            active: Vec::new(),
            draining: Vec::new(),
            steps: vec![(Time::ZERO, service.replicas)],
            hpa: service.hpa.clone(),
            hpa_memory: HpaMemory::default(),
            cron_done: vec![false; service.scaling.cron.as_ref().map_or(0, |cron| cron.jobs.len())],
            keda_last_active: None,
            predicted: None,
            request_notes: VecDeque::new(),
            said: Said::default(),
            spikes: Vec::new(),
            before: Baseline::default(),
            cpu_per_worker,
            cpu_scale,
            requests_each: 0,
            requests_shared: 0,
            cpu_retired: 0,
            caught_up: Time::ZERO,
            ready_ns: 0,
            cpu: CpuGauge::default(),
            shortage: Shortage::default(),
            alike: Alike::of(plan, service, follows_rates),
        }
    }

    /// Notes a change of the number of ready pods for the spikes that go on.
    pub(super) fn note_ready(&mut self, ready: u32, now: Time) {
        if let Some(spike) = self.spikes.last_mut().filter(|spike| spike.open) {
            if ready >= spike.to {
                spike.reached = Some(now);
                spike.open = false;
            } else if ready >= self.desired {
                spike.open = false;
            }
        }
    }

    /// Notes a change of the replica count to `desired` while `ready` pods are ready.
    pub(super) fn note_desired(&mut self, desired: u32, ready: u32, now: Time) {
        let open = self.spikes.last_mut().filter(|spike| spike.open);
        match open {
            Some(spike) => spike.to = spike.to.max(desired),
            None if desired > ready => self.spikes.push(Spike { at: now, from_ready: ready, to: desired, reached: None, open: true }),
            None => {}
        }
        self.note_ready(ready, now);
    }
}
