//! From the state at the end of a run to its record.

use std::collections::BTreeMap;

use super::measuring::since;
use super::windows::throttled;
use super::workload::Meter as Load;
use super::{Simulation, place};
use crate::billing::{self, Basis, Class, Hours, Invoice};
use crate::cluster::{Owner, Phase, Pod};
use crate::id::Id;
use crate::ledger::{About, Ledger};
use crate::observe::Decision;
use crate::observe::attribution::Charges;
use crate::plan::{Market, NodeKind, ObjectiveTarget, Tier};
use crate::record::{
    Breach, DecisionRow, HpaBounds, JobSummary, LatencySummary, MeanMax, NodeRow, ObjectiveSummary, PendingSummary, PendingTimes, PodRow, Record,
    ReplicaSummary, RequestCounts, ServiceSeries, SpikeSummary, StageCell, StageTimes, Summary, TierPods, TierSummary, WorkloadSummary,
};
use crate::traffic::{Histogram, Meter};
use crate::units::{Money, Span, Time};

impl Simulation<'_> {
    /// Ends the run: closes the last window and the ledger, and writes everything down.
    pub(super) fn finish(mut self) -> Record {
        self.window_end();
        self.pods_by_workload = vec![Vec::new(); self.workloads.len()];
        for (id, pod) in self.pods.iter() {
            self.pods_by_workload[place(self.plan, pod)].push(id);
        }
        self.start_ups = self.start_up_summaries();
        let plan = self.plan;
        let ledger = Ledger::of_run(plan, &self.pods, |id| self.about(id)).since(self.measured_from());
        let mut all = Meter::default();
        for service in &self.services {
            if let Load::Requests(kernel) = &service.meter {
                all.merge(kernel.total());
            }
        }
        let in_flight = self.services.iter().map(in_flight).sum();
        let basis = self.basis();
        let invoice = priced(Invoice::of(&ledger, &basis, Hours::Together));
        self.fill_costs(&ledger, &basis, &invoice);
        let cost = priced(billing::summarize(&ledger, &basis, &invoice));
        self.fold_results(&all, &invoice);
        let summary = Summary {
            schema: "overspill.summary/1".to_owned(),
            scenario: plan.name.clone(),
            seed: self.seed,
            fidelity: "request".to_owned(),
            simulated_s: plan.duration.as_secs_f64(),
            warm_up_s: plan.warm_up.as_secs_f64(),
            wall_s: 0.0,
            simulated_to_wall: 0.0,
            events: self.digest.events(),
            digest: self.digest.hex(),
            requests: request_counts(&all, in_flight, self.measured_s()),
            latency_ms: latency(&all.latency),
            workloads: plan.services.iter().map(|(id, service)| (service.name.clone(), self.workload_summary(id.index()))).collect(),
            jobs: plan.jobs.iter().map(|(id, job)| (job.name.clone(), self.job_summary(id))).collect(),
            tiers: plan.tiers.iter().map(|(id, tier)| (tier.name.clone(), self.tier_summary(id, &invoice))).collect(),
            pods_by_namespace: self.pods_by_namespace(),
            nodes: plan.nodes.iter().map(|(id, node)| (node.name.clone(), self.node_row(id))).collect(),
            pending: self.pending_summaries(),
            cost,
            objectives: self.objective_summaries(),
            spikes: self.spike_summaries(),
            series: self.service_series(),
            warnings: Vec::new(),
        };
        let pods = self.pods.iter().map(|(id, pod)| self.pod_row(id, pod)).collect();
        let nodes = plan.nodes.ids().map(|node| self.node_row(node)).collect();
        let decisions = self.decisions.iter().map(|(at, decision)| self.decision_row(*at, decision)).collect();
        Record { summary, workload_series: self.workload_rows, tier_series: self.tier_rows, pods, nodes, decisions, ledger, basis }
    }

    /// Folds what no event shows into the digest: what became of requests, and the bill.
    fn fold_results(&mut self, all: &Meter, invoice: &Invoice) {
        for word in [all.offered, all.completed, all.timed_out, all.rejected, all.failed] {
            self.digest.word(word);
        }
        // A run without retries keeps the digest that it had before there were any.
        if all.retried > 0 {
            self.digest.word(all.retried);
        }
        for histogram in [&all.latency, &all.wait] {
            for word in [histogram.sum() as u64, histogram.max(), histogram.quantile(0.5), histogram.quantile(0.99)] {
                self.digest.word(word);
            }
        }
        for line in &invoice.lines {
            self.digest.word(line.amount.as_pico() as u64);
        }
    }

    /// What the ledger says of a pod that its record does not.
    fn about(&self, id: Id<Pod>) -> About {
        let pod = &self.pods[id];
        let workload = place(self.plan, pod);
        let used_milli_ns = match pod.owner {
            // A job's pod works all the time.
            Owner::Job { .. } => pod.ready.map_or(0, |ready| u128::from(self.plan.template(pod.class).requests.cpu.0) * nanos(pod, ready, self.plan.end())),
            Owner::Service(service) => {
                let state = &self.services[service.index()];
                let is_running = matches!(pod.phase, Phase::Starting | Phase::Ready | Phase::Terminating);
                let since = if is_running { state.counter(&self.plan.services[service].usage, pod, self.now) } else { 0 };
                (pod.cpu_used + since) / state.cpu_scale
            }
        };
        let spot = if pod.market == Market::Spot { self.supply.wish(pod.class, pod.created).spot } else { None };
        About { workload, name: self.pod_name(pod), used_milli_ns, zone: self.zone_of(id).to_owned(), spot }
    }

    /// What the bill is made of besides the ledger.
    fn basis(&self) -> Basis {
        let mut basis = Basis::of(self.plan);
        for (service, workload) in self.services.iter().zip(&mut basis.workloads) {
            workload.completed = if let Load::Requests(kernel) = &service.meter { kernel.total().completed } else { 0 };
        }
        for (job, workload) in self.jobs.iter().zip(&mut basis.workloads[self.services.len()..]) {
            workload.succeeded = job.completed;
        }
        basis.attained = self.objective_summaries().into_iter().map(|objective| (objective.name, objective.attained)).collect();
        basis
    }

    fn fill_costs(&mut self, ledger: &Ledger, basis: &Basis, invoice: &Invoice) {
        let tiers = self.plan.tiers.len();
        if tiers == 0 {
            return;
        }
        let ends: Vec<Time> = self.tier_rows.chunks(tiers).skip(1).map(|rows| rows[0].t).chain([self.plan.duration.as_secs_f64()]).map(seconds).collect();
        let costs = priced(billing::accrue(ledger, basis, invoice, &ends));
        let total: Money = costs.last().into_iter().flat_map(BTreeMap::values).copied().sum();
        assert!(total == invoice.total() || self.tier_rows.is_empty(), "the running cost does not end at the invoice");
        for (rows, costs) in self.tier_rows.chunks_mut(tiers).zip(costs) {
            for row in rows {
                row.cost = costs.get(&row.tier).copied().unwrap_or_default();
            }
        }
    }

    fn workload_summary(&self, index: usize) -> WorkloadSummary {
        let state = &self.services[index];
        let service = &self.plan.services[Id::new(index)];
        let empty = Meter::default();
        let (meter, unserved) = match &state.meter {
            Load::None => (&empty, 0.0),
            Load::Requests(kernel) => (kernel.total(), 0.0),
            Load::Demand(demand) => (&empty, demand.total().unserved),
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
            cpu_utilization: MeanMax { mean, max: state.cpu.max },
            cpu_unserved_core_s: unserved,
            replicas: replica_summary(&since(&state.steps, self.measured_from()), self.measured_from(), self.plan.end()),
            pods: self.pods_by_tier(index),
            pending_s: self.pending_times(index),
            start_up: self.start_ups.0[index],
            cpu_request_milli: service.template.requests.cpu.0,
            restarts: self.pods_of(index).map(|pod| u64::from(pod.restarts)).sum(),
            oom_kills: state.oom_kills,
            rollouts: state.deployment.rollouts.iter().map(super::rollouts::Rollout::summary).collect(),
            hpa: state.hpa.as_ref().map(|hpa| HpaBounds { min: hpa.min, max: hpa.max }),
        }
    }

    fn job_summary(&self, job: Id<crate::plan::Job>) -> JobSummary {
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
            restarts: self.pods_of(place).map(|pod| u64::from(pod.restarts)).sum(),
            unfinished: state.running.len() as u64,
            makespan_s: makespan,
            wait_s: self.pending_times(place),
            start_up: self.start_ups.0[place],
            pods: self.pods_by_tier(place),
        }
    }

    fn service_series(&self) -> BTreeMap<String, ServiceSeries> {
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

    fn pods_of(&self, place: usize) -> impl Iterator<Item = &Pod> {
        self.pods_by_workload[place].iter().map(|id| &self.pods[*id])
    }

    fn pods_by_tier(&self, place: usize) -> BTreeMap<String, TierPods> {
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
    fn pending_times(&self, place: usize) -> PendingTimes {
        let still_waiting = |pod: &Pod| matches!(pod.phase, Phase::Pending | Phase::Scheduled | Phase::Starting).then_some(self.plan.end());
        let until = |pod: &Pod| pod.ready.or_else(|| still_waiting(pod));
        let created = self.pods_of(place).filter(|pod| !pod.preexisting && pod.created >= self.measured_from());
        let mut waits: Vec<f64> = created.filter_map(|pod| Some((until(pod)? - pod.created).as_secs_f64())).collect();
        waits.sort_by(f64::total_cmp);
        let at = |q: f64| waits.get(((waits.len() as f64 * q).ceil() as usize).saturating_sub(1)).copied().unwrap_or(0.0);
        PendingTimes { p50: at(0.5), p99: at(0.99), max: waits.last().copied().unwrap_or(0.0) }
    }

    fn tier_summary(&self, tier: Id<Tier>, invoice: &Invoice) -> TierSummary {
        let places = 0..self.workloads.len();
        let name = &self.plan.tiers[tier].name;
        let pod_seconds = places.filter_map(|place| self.pods_by_tier(place).get(name).map(|pods| pods.pod_seconds)).fold(0.0, |sum, s| sum + s);
        let machines = self.plan.nodes.values().filter(|node| node.tier == tier && matches!(node.kind, NodeKind::Machine(_))).count();
        let cells = || invoice.lines.iter().flat_map(|line| &line.cells).filter(|cell| cell.tier == *name);
        TierSummary {
            nodes: self.plan.nodes.values().filter(|node| node.tier == tier).count() as u32,
            peak_pods: self.tiers[tier.index()].peak,
            pod_seconds,
            node_seconds: machines as f64 * self.measured_s(),
            cost: cells().map(|cell| cell.amount).sum(),
            idle_cost: cells().filter(|cell| matches!(cell.class, Class::Unallocated | Class::CommitmentIdle)).map(|cell| cell.amount).sum(),
            start_up: self.start_ups.1[tier.index()],
        }
    }

    fn pods_by_namespace(&self) -> BTreeMap<String, BTreeMap<String, u32>> {
        let mut namespaces = BTreeMap::<String, BTreeMap<String, u32>>::new();
        for pod in self.pods.values().filter(|pod| pod.ended.is_none()) {
            let namespace = self.plan.template(place(self.plan, pod)).namespace.clone();
            let node = pod.node.map_or_else(|| "<none>".to_owned(), |node| self.plan.nodes[node].name.clone());
            *namespaces.entry(namespace).or_default().entry(node).or_default() += 1;
        }
        namespaces
    }

    fn pending_summaries(&self) -> Vec<PendingSummary> {
        let waiting = self.workloads.iter().enumerate().filter(|(_, state)| state.count(Phase::Pending) > 0);
        let summary = |(place, state): (usize, &super::WorkloadState)| PendingSummary {
            workload: self.plan.workload_name(place).to_owned(),
            pods: state.count(Phase::Pending),
            reason: self.why_refused(place),
        };
        waiting.map(summary).collect()
    }

    /// Why pods of a workload are Pending.
    fn why_refused(&self, place: usize) -> String {
        let mut classes = (0..self.plan.class_count()).filter(|class| self.plan.workload_of(*class) == place);
        classes.find_map(|class| self.refused[class].clone()).unwrap_or_default()
    }

    fn objective_summaries(&self) -> Vec<ObjectiveSummary> {
        let summary = |(objective, state): (&crate::plan::Objective, &super::ObjectiveState)| {
            let attained = if state.windows == 0 { 1.0 } else { state.held as f64 / state.windows as f64 };
            let (quantile, bound) = match objective.target {
                ObjectiveTarget::Latency { quantile, below } => (Some(quantile), below.as_secs_f64() * 1000.0),
                ObjectiveTarget::Errors { below } => (None, below),
            };
            let mut parts = Charges::default();
            state.breaches.iter().for_each(|breach| parts.merge(&breach.parts));
            ObjectiveSummary {
                name: objective.name.clone(),
                workload: objective.service.map(|service| self.plan.services[service].name.clone()),
                quantile,
                bound,
                target: objective.attain,
                attained,
                met: attained >= objective.attain,
                breaches: state.breaches.iter().map(breach_row).collect(),
                attribution: in_seconds(&parts),
            }
        };
        self.plan.objectives.iter().zip(&self.objectives).map(summary).collect()
    }

    fn spike_summaries(&self) -> Vec<SpikeSummary> {
        let of_service = |(service, state): (&crate::plan::Service, &super::ServiceState)| {
            let name = service.name.clone();
            let summary = move |spike: &super::workload::Spike| SpikeSummary {
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

    fn pod_name(&self, pod: &Pod) -> String {
        let name = self.plan.workload_name(place(self.plan, pod));
        match pod.owner {
            Owner::Service(_) => format!("{name}-{}", pod.number),
            Owner::Job { run, .. } => format!("{name}-{run}-{}", pod.number),
        }
    }

    fn pod_row(&self, id: Id<Pod>, pod: &Pod) -> PodRow {
        let workload = place(self.plan, pod);
        let node = pod.node.map(|node| &self.plan.nodes[node]);
        let at = |time: Option<Time>| time.map(Time::as_secs_f64);
        let times = self.supply.instances.get(&id).filter(|instance| instance.is_staged && pod.ready.is_some()).map(|instance| instance.stages);
        let stage = |of: fn(&StageTimes) -> Span| times.as_ref().map_or_else(StageCell::default, |times| StageCell::of(of(times)));
        let reason = match pod.phase {
            Phase::Pending => self.refused[pod.class].clone().unwrap_or_default(),
            _ => pod.cause.map_or_else(String::new, |cause| cause.name().to_owned()),
        };
        PodRow {
            pod: self.pod_name(pod),
            workload: self.plan.workload_name(workload).to_owned(),
            namespace: self.plan.template(workload).namespace.clone(),
            node: node.map_or_else(String::new, |node| node.name.clone()),
            tier: node.map_or_else(String::new, |node| self.plan.tiers[node.tier].name.clone()),
            zone: self.zone_of(id).to_owned(),
            spec: self.spec_name(pod),
            phase: pod.phase.name().to_owned(),
            created: pod.created.as_secs_f64(),
            scheduled: at(pod.scheduled),
            starting: at(pod.starting),
            ready: at(pod.ready),
            terminating: at(pod.terminating),
            ended: at(pod.ended),
            reason,
            scheduling_s: stage(|times| times.scheduling),
            sandbox_s: stage(|times| times.sandbox),
            pull_s: stage(|times| times.pull),
            application_s: stage(|times| times.application),
            readiness_s: stage(|times| times.readiness),
            load_balancer_s: stage(|times| times.load_balancer),
        }
    }

    /// What a pod's instance is called.
    fn spec_name(&self, pod: &Pod) -> String {
        match (pod.spec, pod.node.map(|node| &self.plan.nodes[node].kind)) {
            (Some(spec), Some(NodeKind::Virtual(node))) => self.plan.providers[node.provider].spec_name(spec),
            _ => String::new(),
        }
    }

    fn node_row(&self, id: Id<crate::plan::Node>) -> NodeRow {
        let (node, state) = (&self.plan.nodes[id], &self.nodes[id.index()]);
        let allocatable = state.allocatable.unwrap_or_default();
        NodeRow {
            node: node.name.clone(),
            tier: self.plan.tiers[node.tier].name.clone(),
            zone: node.zone.clone(),
            pods: state.pods,
            peak_pods: state.peak_pods,
            cpu_requested_milli: state.requested.cpu.0,
            cpu_allocatable_milli: allocatable.cpu.0,
            cpu_requested_percent: percent(state.requested.cpu.0, allocatable.cpu.0),
            memory_requested: state.requested.memory.0,
            memory_allocatable: allocatable.memory.0,
            memory_requested_percent: percent(state.requested.memory.0, allocatable.memory.0),
        }
    }

    fn decision_row(&self, at: Time, decision: &Decision) -> DecisionRow {
        let plan = self.plan;
        let (controller, action, subject, object, reason) = match decision {
            Decision::Placed { pod, node, unit, passed } => {
                let template = plan.template(self.pods[*pod].class);
                let reason = match &template.placement {
                    crate::plan::Placement::Weights if *unit == 0 => "highest weight of preferred affinity".to_owned(),
                    crate::plan::Placement::Weights => "next lower weight of preferred affinity: nodes of higher weight have no room".to_owned(),
                    crate::plan::Placement::Scheduler | crate::plan::Placement::Subsets(_) => "highest score among the nodes that fit".to_owned(),
                    crate::plan::Placement::Prefer { policy, units, .. } => {
                        let name = |unit: usize| format!("unit {} ({})", unit + 1, plan.tiers[units[unit].tier].name);
                        let why = passed.map_or_else(String::new, |passed| format!(": {} was {}", name(unit - 1), passed.words()));
                        format!("{} of {policy}{why}", name(*unit))
                    }
                };
                ("scheduler", "placed", self.pod_name(&self.pods[*pod]), plan.nodes[*node].name.clone(), reason)
            }
            Decision::Refused { pod, reason } => ("scheduler", "refused", self.pod_name(&self.pods[*pod]), String::new(), reason.clone()),
            Decision::Waited { pod, until } => {
                ("provider", "waited", self.pod_name(&self.pods[*pod]), format!("{until}"), "creation limit: its turn has not come".to_owned())
            }
            Decision::Scaled { service, controller, from, to, reason } => {
                (*controller, "scaled", plan.services[*service].name.clone(), format!("{from} -> {to}"), reason.clone())
            }
            Decision::Protected { pod, budget } => {
                ("drain", "refused", self.pod_name(&self.pods[*pod]), String::new(), format!("the disruption budget {budget} allows no eviction now"))
            }
            Decision::JobEnded { job, run, what, reason } => ("job", *what, format!("{}-{run}", plan.jobs[*job].name), String::new(), (*reason).to_owned()),
            Decision::Restarted { pod, cause, pause } => {
                ("kubelet", "restarted", self.pod_name(&self.pods[*pod]), format!("after {pause}"), cause.name().to_owned())
            }
            Decision::Resized { service, revision, from, to, reason } => {
                ("deployment", "scaled", format!("{} revision {revision}", plan.services[*service].name), format!("{from} -> {to}"), (*reason).to_owned())
            }
            Decision::RolledOut { service, revision, what, reason } => {
                ("deployment", *what, plan.services[*service].name.clone(), format!("revision {revision}"), (*reason).to_owned())
            }
            Decision::Noted { service, controller, action, object, reason } => {
                (*controller, *action, plan.services[*service].name.clone(), object.clone(), reason.clone())
            }
            Decision::Kept { service, reason } => ("hpa", "kept", plan.services[*service].name.clone(), String::new(), reason.clone()),
            Decision::Nominated { pod, node, victims } => {
                let priority = plan.template(self.pods[*pod].class).priority;
                let reason = format!("preempts {victims} pods of a priority below {priority}");
                ("scheduler", "nominated", self.pod_name(&self.pods[*pod]), plan.nodes[*node].name.clone(), reason)
            }
            Decision::Evicted { pod, cause } => (cause.controller(), "evicted", self.pod_name(&self.pods[*pod]), String::new(), cause.name().to_owned()),
            Decision::Lost { pod, cause } => (cause.controller(), "lost", self.pod_name(&self.pods[*pod]), String::new(), cause.name().to_owned()),
            Decision::Policy { workload, what, reason } => ("policy", "policy", plan.workload_name(*workload).to_owned(), what.clone(), reason.clone()),
            Decision::Changed { verb, subject, what } => ("kubectl", *verb, subject.clone(), what.clone(), String::new()),
            Decision::Supply { pod, note } => {
                let pod = &self.pods[*pod];
                let node = pod.node.map_or_else(String::new, |node| plan.nodes[node].name.clone());
                ("provider", note.event(), self.pod_name(pod), node, note.reason().to_owned())
            }
            Decision::Reloaded { place } => {
                let reload = &plan.supply.reloads[*place as usize];
                let (action, reason) = match &reload.error {
                    None => ("reloaded", "counts for pods created from now on".to_owned()),
                    Some(error) => ("malformed", format!("the old values stay: {error}")),
                };
                ("virtual-kubelet", action, "eci-profile".to_owned(), String::new(), reason)
            }
            Decision::Submitted { job, run } => {
                ("job", "submitted", format!("{}-{run}", plan.jobs[*job].name), format!("{} pods", plan.jobs[*job].pods), String::new())
            }
            Decision::Completed { job, run } => ("job", "completed", format!("{}-{run}", plan.jobs[*job].name), String::new(), String::new()),
        };
        DecisionRow { t: at.as_secs_f64(), controller: controller.into(), action: action.into(), subject, object, reason }
    }
}

fn breach_row(breach: &super::windows::BreachState) -> Breach {
    Breach { from: breach.from.as_secs_f64(), to: breach.to.as_secs_f64(), cause: breach.cause.words().to_owned(), attribution: in_seconds(&breach.parts) }
}

fn in_seconds(parts: &Charges) -> BTreeMap<String, f64> {
    parts.entries().map(|(name, time)| (name.to_owned(), time.as_secs_f64())).collect()
}

fn in_flight(service: &super::ServiceState) -> u64 {
    if let Load::Requests(kernel) = &service.meter { kernel.in_flight() } else { 0 }
}

fn request_counts(meter: &Meter, in_flight: u64, seconds: f64) -> RequestCounts {
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

fn latency(histogram: &Histogram) -> LatencySummary {
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
        max: histogram.max() as f64 / 1e6,
    }
}

fn replica_summary(steps: &[(Time, u32)], from: Time, end: Time) -> ReplicaSummary {
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

/// A plan has a price for everything in it, which its checks made sure of.
fn priced<T>(result: Result<T, Vec<billing::Missing>>) -> T {
    result.unwrap_or_else(|missing| unreachable!("{}", missing[0]))
}

/// How long a pod worked.
fn nanos(pod: &Pod, ready: Time, end: Time) -> u128 {
    u128::from(pod.ended.unwrap_or(end).since(ready).as_nanos())
}

/// `part` of `whole` in percent with two decimals, rounded half up in integers; empty without a whole.
fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return String::new();
    }
    let hundredths = (u128::from(part) * 20_000 + u128::from(whole)) / (2 * u128::from(whole));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn seconds(s: f64) -> Time {
    Time::ZERO + crate::units::Span::from_secs_f64(s)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn percentages_round_half_up_as_in_golden_case_g20() {
        assert_eq!([percent(1125, 4000), percent(1425, 4000), percent(2250, 8000), percent(2850, 8000)], ["28.13", "35.63", "28.13", "35.63"]);
        assert_eq!([percent(0, 4000), percent(4000, 4000), percent(1, 3), percent(5, 0)], ["0.00", "100.00", "33.33", ""]);
    }
}
