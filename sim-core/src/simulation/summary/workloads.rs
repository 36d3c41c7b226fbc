//! What a run says of its workloads: services, jobs, their pods and who still waits.

use std::collections::BTreeMap;

use super::super::measuring::since;
use super::super::windows::throttled;
use super::super::workload::{Meter as Load, ServiceState, Spike, WorkloadState};
use super::super::{Simulation, place, rollouts};
use crate::cluster::{Phase, Pod};
use crate::id::Id;
use crate::plan::{Job, Service, Tier};
use crate::record::{
    HpaBounds, JobSummary, LatencyCauses, LatencySummary, MeanMax, PendingSummary, PendingTimes, ReplicaSummary, RequestCounts, ServiceSeries, SpikeSummary,
    TierPods, WorkloadSummary,
};
use crate::traffic::{Histogram, Meter};
use crate::units::Time;

impl Simulation<'_> {
    /// What a service did; `nothing` is the meter of one without requests.
    pub(super) fn workload_summary(&self, index: usize, nothing: &Meter) -> WorkloadSummary {
        let state = &self.services[index];
        let service = &self.plan.services[Id::new(index)];
        let (meter, unserved) = match &state.meter {
            Load::None => (nothing, 0.0),
            Load::Requests(kernel) => (kernel.total(), 0.0),
            Load::Demand(demand) => (nothing, demand.total().unserved),
        };
        let request_cores = service.template.requests.cpu.0 as f64 / 1000.0;
        let (cpu, ready_s) = (self.cpu_counter(index) - state.before.cpu, (state.ready_ns - state.before.ready_ns) as f64 / 1e9);
        let used_core_s = throttled(service, cpu as f64 / (state.cpu_scale as f64 * 1e12), ready_s);
        let requested_core_s = ready_s * request_cores;
        let mean = if requested_core_s > 0.0 { used_core_s / requested_core_s } else { 0.0 };
        WorkloadSummary {
            requests: request_counts(meter, in_flight(state), self.measured_s()),
            latency_ms: latency(&meter.latency),
            wait_ms: latency(&meter.wait),
            waited_share: 1.0 - meter.queue().share_of_zeros(),
            latency_causes_ms: latency_causes(meter),
            latency_by_tier_ms: self.latency_by_tier(index),
            cpu_utilization: MeanMax { mean, max: state.cpu.max },
            cpu_unserved_core_s: unserved,
            replicas: replica_summary(&since(&state.steps, self.measured_from()), self.measured_from(), self.plan.end()),
            pods: self.pods_by_tier(index),
            pending_s: self.pending_times(index),
            start_up: self.start_ups.0[index],
            cpu_request_milli: service.template.requests.cpu.0,
            restarts: self.pods_of(index).map(|pod| u64::from(pod.interruptions.restarts)).sum(),
            oom_kills: state.oom_kills,
            rollouts: state.deployment.rollouts.iter().map(rollouts::Rollout::summary).collect(),
            hpa: state.hpa.as_ref().map(|hpa| HpaBounds { min: hpa.min, max: hpa.max }),
        }
    }

    fn latency_by_tier(&self, index: usize) -> BTreeMap<String, LatencySummary> {
        let Load::Requests(kernel) = &self.services[index].meter else { return BTreeMap::new() };
        let of = |tier: Id<Tier>| kernel.latency_in(kernel.total(), tier.index()).filter(|latency| !latency.is_empty());
        self.plan.tiers.iter().filter_map(|(id, tier)| Some((tier.name.clone(), latency(of(id)?)))).collect()
    }

    pub(super) fn job_summary(&self, job: Id<Job>) -> JobSummary {
        let state = &self.jobs[job.index()];
        let place = self.plan.services.len() + job.index();
        let makespan = state.first_submission.zip(state.last_completion).map_or(0.0, |(first, last)| (last - first).as_secs_f64());
        JobSummary {
            submitted: u64::from(state.submitted),
            completed: state.completed,
            failed: state.failed,
            skipped: state.skipped,
            replaced: state.replaced,
            pods_failed: state.pods_failed,
            oom_kills: state.oom_kills,
            restarts: self.pods_of(place).map(|pod| u64::from(pod.interruptions.restarts)).sum(),
            unfinished: state.running.len() as u64,
            makespan_s: makespan,
            wait_s: self.pending_times(place),
            start_up: self.start_ups.0[place],
            pods: self.pods_by_tier(place),
        }
    }

    pub(super) fn pods_of(&self, place: usize) -> impl Iterator<Item = &Pod> {
        self.pods_by_workload[place].iter().map(|id| &self.pods[*id])
    }

    pub(super) fn pods_by_tier(&self, place: usize) -> BTreeMap<String, TierPods> {
        let mut tiers: Vec<TierPods> =
            self.workloads[place].in_tier.iter().map(|(bound, peak)| TierPods { peak: *peak, pod_seconds: 0.0, r#final: *bound }).collect();
        let mut bound_ns = vec![0u128; tiers.len()];
        for pod in self.pods_of(place) {
            if let (Some(node), Some(scheduled)) = (pod.node, pod.scheduled) {
                let from = self.measured_from();
                let until = pod.ended.unwrap_or(self.plan.end()).max(from);
                bound_ns[self.plan.nodes[node].tier.index()] += u128::from((until - scheduled.max(from)).as_nanos());
            }
        }
        for (tier, ns) in tiers.iter_mut().zip(bound_ns) {
            tier.pod_seconds = ns as f64 / 1e9;
        }
        self.plan.tiers.values().zip(tiers).filter(|(_, pods)| pods.peak > 0).map(|(tier, pods)| (tier.name.clone(), pods)).collect()
    }

    /// Times from creation to ready over pods that were created in the run. A pod that still waits at the end has waited until then.
    pub(super) fn pending_times(&self, place: usize) -> PendingTimes {
        let still_waiting = |pod: &Pod| matches!(pod.phase, Phase::Pending | Phase::Scheduled | Phase::Starting).then_some(self.plan.end());
        let until = |pod: &Pod| pod.ready.or_else(|| still_waiting(pod));
        let created = self.pods_of(place).filter(|pod| !pod.preexisting && pod.created >= self.measured_from());
        let mut waits: Vec<f64> = created.filter_map(|pod| Some((until(pod)? - pod.created).as_secs_f64())).collect();
        waits.sort_by(f64::total_cmp);
        let at = |q: f64| waits.get(((waits.len() as f64 * q).ceil() as usize).saturating_sub(1)).copied().unwrap_or(0.0);
        PendingTimes { p50: at(0.5), p99: at(0.99), max: waits.last().copied().unwrap_or(0.0) }
    }

    pub(super) fn pending_summaries(&self) -> Vec<PendingSummary> {
        let waiting = self.workloads.iter().enumerate().filter(|(_, state)| state.count(Phase::Pending) > 0);
        let summary = |(place, state): (usize, &WorkloadState)| PendingSummary {
            workload: self.plan.workload_name(place).to_owned(),
            pods: state.count(Phase::Pending),
            reason: self.why_refused(place),
        };
        waiting.map(summary).collect()
    }

    /// Why pods of a workload are Pending.
    pub(super) fn why_refused(&self, place: usize) -> String {
        let mut classes = (0..self.plan.class_count()).filter(|class| self.plan.workload_of(*class) == place);
        classes.find_map(|class| self.refused[class].clone()).unwrap_or_default()
    }

    pub(super) fn service_series(&self) -> BTreeMap<String, ServiceSeries> {
        let mut all: BTreeMap<String, ServiceSeries> = self.plan.services.values().map(|service| (service.name.clone(), ServiceSeries::default())).collect();
        for row in &self.workload_rows {
            if let Some(series) = all.get_mut(&row.workload) {
                series.t.push(row.t);
                series.success_rate.push(row.success_rate);
                series.throughput_per_s.push(row.throughput_per_s);
                series.concurrency.push(row.concurrency);
            }
        }
        all
    }

    pub(super) fn spike_summaries(&self) -> Vec<SpikeSummary> {
        let of_service = |(service, state): (&Service, &ServiceState)| {
            let name = service.name.clone();
            let summary = move |spike: &Spike| SpikeSummary {
                workload: name.clone(),
                at_s: spike.at.as_secs_f64(),
                from_ready: spike.from_ready,
                to_replicas: spike.to,
                time_to_capacity_s: spike.reached.map(|reached| (reached - spike.at).as_secs_f64()),
            };
            state.spikes.iter().map(summary).collect::<Vec<_>>()
        };
        self.plan.services.values().zip(&self.services).flat_map(of_service).collect()
    }

    pub(super) fn pods_by_namespace(&self) -> BTreeMap<String, BTreeMap<String, u32>> {
        let mut namespaces = BTreeMap::<String, BTreeMap<String, u32>>::new();
        for pod in self.pods.values().filter(|pod| pod.ended.is_none()) {
            let namespace = self.plan.template(place(self.plan, pod)).namespace.clone();
            let node = pod.node.map_or_else(|| "<none>".to_owned(), |node| self.plan.nodes[node].name.clone());
            *namespaces.entry(namespace).or_default().entry(node).or_default() += 1;
        }
        namespaces
    }
}

/// Requests of a service's own load that have not ended.
pub(super) fn entries_in_flight(service: &ServiceState) -> u64 {
    if let Load::Requests(kernel) = &service.meter { kernel.entries_in_flight() } else { 0 }
}

fn in_flight(service: &ServiceState) -> u64 {
    if let Load::Requests(kernel) = &service.meter { kernel.in_flight() } else { 0 }
}

pub(in super::super) fn request_counts(meter: &Meter, in_flight: u64, seconds: f64) -> RequestCounts {
    assert_eq!(meter.offered, meter.settled() + in_flight, "requests were lost or counted twice");
    RequestCounts {
        offered: meter.offered,
        completed: meter.completed,
        timed_out: meter.timed_out,
        rejected: meter.rejected,
        failed: meter.failed,
        retried: meter.retried,
        in_flight,
        success_rate: if meter.settled() == 0 { 1.0 } else { meter.completed as f64 / meter.settled() as f64 },
        throughput_per_s: meter.completed as f64 / seconds,
    }
}

pub(in super::super) fn latency(histogram: &Histogram) -> LatencySummary {
    if histogram.is_empty() {
        return LatencySummary::default();
    }
    let ms = |q: f64| histogram.quantile(q) as f64 / 1e6;
    LatencySummary {
        mean: histogram.mean() / 1e6,
        p50: ms(0.5),
        p90: ms(0.9),
        p95: ms(0.95),
        p99: ms(0.99),
        p999: ms(0.999),
        p9999: ms(0.9999),
        max: histogram.max() as f64 / 1e6,
    }
}

fn latency_causes(meter: &Meter) -> LatencyCauses {
    let (retry, calls) = meter.causes.as_deref().map(|causes| (latency(&causes.retry), latency(&causes.calls))).unwrap_or_default();
    LatencyCauses { waiting: latency(meter.queue()), service: latency(&meter.service), retry, calls }
}

pub(super) fn replica_summary(steps: &[(Time, u32)], from: Time, end: Time) -> ReplicaSummary {
    let until = |i: usize| steps.get(i + 1).map_or(end, |next| next.0);
    let replica_s: f64 = steps.iter().enumerate().map(|(i, (at, n))| f64::from(*n) * until(i).since(*at).as_secs_f64()).sum();
    let counts = || steps.iter().map(|step| step.1);
    ReplicaSummary {
        min: counts().min().unwrap_or(0),
        mean: replica_s / (end - from).as_secs_f64(),
        max: counts().max().unwrap_or(0),
        r#final: counts().next_back().unwrap_or(0),
        steps: steps.iter().map(|(at, n)| (at.as_secs_f64(), *n)).collect(),
    }
}
