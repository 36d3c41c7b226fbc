//! Where scale-out time went, by workload and by tier.

use super::{Simulation, place};
use crate::cluster::Pod;
use crate::record::{StageSummary, StageTimes, StartUpSummary};
use crate::units::{Span, Time};

/// Times of many pods, stage by stage.
#[derive(Clone, Default)]
struct Sums {
    pods: u64,
    /// Sum and maximum in nanoseconds: total, then the stages in the order of [`StartUpSummary`].
    stages: [(u128, u64); 11],
    totals: Vec<u64>,
}

impl Sums {
    fn add(&mut self, stages: [Span; 11]) {
        self.pods += 1;
        self.totals.push(stages[0].as_nanos());
        for ((sum, max), span) in self.stages.iter_mut().zip(stages) {
            *sum += u128::from(span.as_nanos());
            *max = (*max).max(span.as_nanos());
        }
    }

    fn summary(mut self) -> StartUpSummary {
        let pods = self.pods.max(1) as f64;
        let [total, pending, provisioning, scheduling, creation, sandbox, pull, application, readiness, load_balancer, unsplit] =
            self.stages.map(|(sum, max)| StageSummary { mean: sum as f64 / 1e9 / pods, max: max as f64 / 1e9 });
        let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|q: f64| {
            let rank = ((self.totals.len() as f64 * q).ceil() as usize).saturating_sub(1);
            if self.totals.is_empty() { 0.0 } else { *self.totals.select_nth_unstable(rank).1 as f64 / 1e9 }
        });
        StartUpSummary {
            pods: self.pods,
            total,
            p50,
            p95,
            p99,
            pending,
            provisioning,
            scheduling,
            creation,
            sandbox,
            pull,
            application,
            readiness,
            load_balancer,
            unsplit,
        }
    }
}

impl Simulation<'_> {
    /// Where scale-out time went: by workload, then by tier.
    pub(super) fn start_up_summaries(&self) -> (Vec<StartUpSummary>, Vec<StartUpSummary>) {
        let mut by_workload = vec![Sums::default(); self.workloads.len()];
        let mut by_tier = vec![Sums::default(); self.plan.tiers.len()];
        for (id, pod) in self.pods.iter().filter(|(_, pod)| !pod.preexisting) {
            let (Some(node), Some(scheduled), Some(starting), Some(ready)) = (pod.node, pod.scheduled, pod.starting, pod.ready) else { continue };
            let stages = split(
                pod,
                self.supply.instances.get(&id).map(|instance| instance.stages),
                self.provisioning_of(pod).unwrap_or_default(),
                (scheduled, starting, ready),
            );
            by_workload[place(self.plan, pod)].add(stages);
            by_tier[self.plan.nodes[node].tier.index()].add(stages);
        }
        (by_workload.into_iter().map(Sums::summary).collect(), by_tier.into_iter().map(Sums::summary).collect())
    }
}

impl Simulation<'_> {
    /// How long a pod waited for its node while the node's machine was being provisioned; none on a node of no pool.
    pub(super) fn provisioning_of(&self, pod: &Pod) -> Option<Span> {
        let life = pod.node.zip(pod.scheduled).and_then(|(node, scheduled)| self.fleet.life_at(node, scheduled));
        let (asked, ready) = life.and_then(|life| Some((life.asked, life.ready?)))?;
        Some(ready.since(asked.max(pod.created)))
    }
}

/// The total, then what it consists of. What no stage accounts for is unsplit, so that the parts add up.
fn split(pod: &Pod, times: Option<StageTimes>, provisioning: Span, (scheduled, starting, ready): (Time, Time, Time)) -> [Span; 11] {
    let times = times.unwrap_or_default();
    let after_binding = starting - scheduled;
    // A machine starts a pod when it binds it, and the kubelet's delay comes after; a virtual node calls its provider after that delay.
    let creation = Span::from_nanos(after_binding.as_nanos().saturating_sub(times.scheduling.as_nanos()));
    let pending = Span::from_nanos((scheduled - pod.created).as_nanos().saturating_sub(provisioning.as_nanos()));
    let parts = [pending, provisioning, times.scheduling, creation, times.sandbox, times.pull, times.application, times.readiness, times.load_balancer];
    let known: u64 = parts.iter().map(|part| part.as_nanos()).sum();
    let total = ready - pod.created;
    let unsplit = Span::from_nanos(total.as_nanos().saturating_sub(known));
    let [pending, provisioning, scheduling, creation, sandbox, pull, application, readiness, load_balancer] = parts;
    [total, pending, provisioning, scheduling, creation, sandbox, pull, application, readiness, load_balancer, unsplit]
}
