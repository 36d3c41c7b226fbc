//! From the state at the end of a run to its record.

mod decisions;
mod pools;
mod rows;
mod workloads;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::objectives::BreachState;
use super::workload::Meter as Load;
use super::{Simulation, place};
use crate::billing::{self, Basis, Class, Hours, Invoice};
use crate::cluster::{Owner, Phase, Pod};
use crate::id::Id;
use crate::ledger::{About, Entry, Ledger, Life, Lives, Names, of_pod};
use crate::observe::Wording;
use crate::observe::attribution::Charges;
use crate::plan::{Market, ObjectiveTarget, Tier};
use crate::record::{Breach, ObjectiveSummary, Record, Rows, Summary, TierPods, TierSummary};
use crate::traffic::{Histogram, Meter};
use crate::units::{Money, Span, Time};
use workloads::entries_in_flight;
pub(super) use workloads::{latency, request_counts};

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
        let mut all = Meter::default();
        let workloads: Vec<_> = plan.services.iter().map(|(id, service)| (service.name.clone(), self.workload_summary(id.index(), &all))).collect();
        let jobs: Vec<_> = plan.jobs.iter().map(|(id, job)| (job.name.clone(), self.job_summary(id))).collect();
        let pods_by_namespace = self.pods_by_namespace();
        let pod_seconds = pod_seconds(workloads.iter().map(|(_, workload)| &workload.pods).chain(jobs.iter().map(|(_, job)| &job.pods)));
        let (lives, instances) = self.end_of_lives();
        let ledger = Ledger::of_lives(plan, &self.fleet.lives, Arc::clone(&lives), instances, self.measured_from());
        for service in &self.services {
            if let Load::Requests(kernel) = &service.meter {
                all.merge(kernel.entries());
            }
        }
        let in_flight = self.services.iter().map(entries_in_flight).sum();
        let basis = self.basis();
        let invoice = priced(Invoice::of(&ledger, &basis, Hours::Together));
        self.fill_costs(&ledger, &basis, &invoice);
        let cost = priced(billing::summarize(&ledger, &basis, &invoice));
        self.fold_results(&all, &invoice);
        let summary = Summary {
            schema: "overspill.summary/1".to_owned(),
            scenario: plan.name.clone(),
            seed: self.seed,
            start: plan.origin.clone(),
            fidelity: plan.fidelity.name().to_owned(),
            simulated_s: plan.duration.as_secs_f64(),
            warm_up_s: plan.warm_up.as_secs_f64(),
            wall_s: 0.0,
            simulated_to_wall: 0.0,
            events: self.digest.events(),
            digest: self.digest.hex(),
            requests: request_counts(&all, in_flight, self.measured_s()),
            latency_ms: latency(&all.latency),
            workloads: workloads.into_iter().collect(),
            jobs: jobs.into_iter().collect(),
            tiers: plan.tiers.iter().map(|(id, tier)| (tier.name.clone(), self.tier_summary(id, &pod_seconds, &invoice))).collect(),
            pools: self.pool_summaries(),
            pods_by_namespace,
            nodes: plan.nodes.iter().filter(|(id, _)| self.was_there(*id)).map(|(id, node)| (node.name.clone(), self.node_row(id))).collect(),
            pending: self.pending_summaries(),
            cost,
            calls: self.call_summaries(),
            backends: self.backend_summaries().into_iter().collect(),
            objectives: self.objective_summaries(),
            faults: self.faults.rows.clone(),
            spikes: self.spike_summaries(),
            series: self.service_series(),
            warnings: Vec::new(),
        };
        let nodes = plan.nodes.ids().filter(|node| self.was_there(*node)).map(|node| self.node_row(node)).collect();
        let mut log = std::mem::take(&mut self.log);
        log.tell(|at, decision| self.decision_row(&lives, at, decision));
        let (wording, decided) = (Wording::of(plan), Arc::clone(&lives));
        Record {
            summary,
            workload_series: self.workload_rows,
            tier_series: self.tier_rows,
            pool_series: self.pool_rows,
            pods: Rows::later(move || lives.rows()),
            nodes,
            decisions: Rows::later(move || log.rows(&decided, &wording)),
            ledger,
            basis,
        }
    }

    /// What pods leave now that the run is over, and the entries of those that were instances, each with its pod's place. The pods themselves are gone.
    fn end_of_lives(&mut self) -> (Arc<Lives>, Vec<(u32, Entry)>) {
        let mut names = Names::of(self.plan);
        let mut instances = Vec::new();
        let pods = std::mem::take(&mut self.pods);
        let end = |(place, pod): (usize, Pod)| {
            let id = Id::new(place);
            if pod.node.is_some_and(|node| names.nodes[node.index()].is_virtual) {
                instances.extend(of_pod(self.plan, &pod, self.about(id, &pod)).map(|entry| (place as u32, entry)));
            }
            self.life(id, &pod, &mut names)
        };
        // A life is smaller than a pod and laid out alike, so that each takes the place of its pod.
        const { assert!(size_of::<Life>() <= size_of::<Pod>() && align_of::<Life>() == align_of::<Pod>()) };
        let mut pods: Vec<Life> = pods.into_values().enumerate().map(end).collect();
        pods.shrink_to_fit();
        (Arc::new(Lives { pods, names }), instances)
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
        for call in self.call_summaries() {
            for word in [call.requests.offered, call.requests.completed, call.requests.retried, (call.latency_ms.mean * 1e6) as u64] {
                self.digest.word(word);
            }
        }
        for line in &invoice.lines {
            self.digest.word(line.amount.as_pico() as u64);
        }
    }

    /// What the ledger says of a pod that its record does not.
    pub(super) fn about(&self, id: Id<Pod>, pod: &Pod) -> About {
        let spot = if pod.market == Market::Spot { self.supply.wish(pod.class, pod.created).spot } else { None };
        About {
            workload: place(self.plan, pod),
            name: self.pod_name(pod),
            used_milli_ns: self.used_milli_ns(pod),
            zone: self.zone_of(pod).to_owned(),
            spot,
            stopped: self.faults.stopped.get(&id).copied(),
        }
    }

    /// CPU that a pod has used, in milliCPU-nanoseconds.
    fn used_milli_ns(&self, pod: &Pod) -> u128 {
        match pod.owner {
            // A job's pod works all the time.
            Owner::Job { .. } => pod.ready.map_or(0, |ready| u128::from(self.plan.template(pod.class).requests.cpu.0) * nanos(pod, ready, self.plan.end())),
            Owner::Service(service) => {
                let state = &self.services[service.index()];
                let is_running = matches!(pod.phase, Phase::Starting | Phase::Ready | Phase::Terminating) || pod.runs_unready;
                let since = if is_running { state.counter(&self.plan.services[service].usage, pod, self.now) } else { 0 };
                (pod.counters.get().cpu_used + since) / state.cpu_scale
            }
        }
    }

    /// What the bill is made of besides the ledger.
    pub(super) fn basis(&self) -> Basis {
        let mut basis = Basis::of(self.plan);
        for (service, workload) in self.services.iter().zip(&mut basis.workloads) {
            workload.completed = if let Load::Requests(kernel) = &service.meter { kernel.entries().completed } else { 0 };
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

    fn tier_summary(&self, tier: Id<Tier>, pod_seconds: &BTreeMap<String, f64>, invoice: &Invoice) -> TierSummary {
        let name = &self.plan.tiers[tier].name;
        let pod_seconds = pod_seconds.get(name).copied().unwrap_or_default();
        let (node_seconds, nodes, peak_nodes) = self.machines_of_tier(tier);
        let answered = self.latency_of_tier(tier.index(), |kernel| kernel.total());
        let cells = || invoice.lines.iter().flat_map(|line| &line.cells).filter(|cell| cell.tier == *name);
        TierSummary {
            nodes,
            peak_nodes,
            peak_pods: self.tiers[tier.index()].peak,
            pod_seconds,
            node_seconds,
            cost: cells().map(|cell| cell.amount).sum(),
            idle_cost: cells().filter(|cell| matches!(cell.class, Class::Unallocated | Class::CommitmentIdle)).map(|cell| cell.amount).sum(),
            start_up: self.start_ups.1[tier.index()],
            completed: answered.as_ref().map_or(0, Histogram::count),
            latency_ms: answered.as_ref().map(latency).unwrap_or_default(),
        }
    }

    fn objective_summaries(&self) -> Vec<ObjectiveSummary> {
        let summary = |(objective, state): (&crate::plan::Objective, &super::ObjectiveState)| {
            let attained = if state.windows == 0 { 1.0 } else { state.held as f64 / state.windows as f64 };
            let (quantile, bound) = match objective.target {
                ObjectiveTarget::Latency { quantile, below } | ObjectiveTarget::Part { quantile, below, .. } => (Some(quantile), below.as_secs_f64() * 1000.0),
                ObjectiveTarget::Errors { below } => (None, below),
            };
            let mut parts = Charges::default();
            let mut members = BTreeMap::new();
            for breach in &state.breaches {
                parts.merge(&breach.parts);
                breach.members.iter().for_each(|(member, ns)| *members.entry(*member).or_default() += ns);
            }
            ObjectiveSummary {
                name: objective.name.clone(),
                workload: objective.service.map(|service| self.plan.services[service].name.clone()),
                quantile,
                bound,
                target: objective.attain,
                attained,
                met: attained >= objective.attain,
                breaches: state.breaches.iter().map(|breach| self.breach_row(breach)).collect(),
                attribution: in_seconds(&parts),
                bottlenecks: self.by_name(&members),
            }
        };
        self.plan.objectives.iter().zip(&self.objectives).map(summary).collect()
    }

    fn breach_row(&self, breach: &BreachState) -> Breach {
        Breach {
            from: breach.from.as_secs_f64(),
            to: breach.to.as_secs_f64(),
            cause: breach.cause.words().to_owned(),
            attribution: in_seconds(&breach.parts),
            bottlenecks: self.by_name(&breach.members),
        }
    }

    /// Seconds by the name of the service or backend.
    fn by_name(&self, members: &BTreeMap<usize, u64>) -> BTreeMap<String, f64> {
        let services = self.plan.services.len();
        let name = |member: usize| match member.checked_sub(services) {
            None => self.plan.services[Id::new(member)].name.clone(),
            Some(backend) => self.plan.backends[Id::new(backend)].name.clone(),
        };
        members.iter().map(|(member, ns)| (name(*member), Span::from_nanos(*ns).as_secs_f64())).collect()
    }
}

/// Pod-seconds by tier, over workloads.
fn pod_seconds<'a>(workloads: impl Iterator<Item = &'a BTreeMap<String, TierPods>>) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::<String, f64>::new();
    for (tier, pods) in workloads.flatten() {
        *sums.entry(tier.clone()).or_default() += pods.pod_seconds;
    }
    sums
}

fn in_seconds(parts: &Charges) -> BTreeMap<String, f64> {
    parts.entries().map(|(name, time)| (name.to_owned(), time.as_secs_f64())).collect()
}

/// A plan has a price for everything in it, which its checks made sure of.
fn priced<T>(result: Result<T, Vec<billing::Missing>>) -> T {
    result.unwrap_or_else(|missing| unreachable!("{}", missing[0]))
}

/// How long a pod worked.
fn nanos(pod: &Pod, ready: Time, end: Time) -> u128 {
    u128::from(pod.ended.unwrap_or(end).since(ready).as_nanos())
}

fn seconds(s: f64) -> Time {
    Time::ZERO + Span::from_secs_f64(s)
}
