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
    stages: [(u128, u64); 10],
    totals: Vec<u64>,
}

impl Sums {
    fn add(&mut self, stages: [Span; 10]) {
        self.pods += 1;
        self.totals.push(stages[0].as_nanos());
        for ((sum, max), span) in self.stages.iter_mut().zip(stages) {
            *sum += u128::from(span.as_nanos());
            *max = (*max).max(span.as_nanos());
        }
    }

    fn summary(mut self) -> StartUpSummary {
        let pods = self.pods.max(1) as f64;
        let [total, pending, scheduling, creation, sandbox, pull, application, readiness, load_balancer, unsplit] =
            self.stages.map(|(sum, max)| StageSummary { mean: sum as f64 / 1e9 / pods, max: max as f64 / 1e9 });
        let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|q: f64| {
            let rank = ((self.totals.len() as f64 * q).ceil() as usize).saturating_sub(1);
            if self.totals.is_empty() { 0.0 } else { *self.totals.select_nth_unstable(rank).1 as f64 / 1e9 }
        });
        StartUpSummary { pods: self.pods, total, p50, p95, p99, pending, scheduling, creation, sandbox, pull, application, readiness, load_balancer, unsplit }
    }
}

impl Simulation<'_> {
    /// Where scale-out time went: by workload, then by tier.
    pub(super) fn start_up_summaries(&self) -> (Vec<StartUpSummary>, Vec<StartUpSummary>) {
        let mut by_workload = vec![Sums::default(); self.workloads.len()];
        let mut by_tier = vec![Sums::default(); self.plan.tiers.len()];
        for (id, pod) in self.pods.iter().filter(|(_, pod)| !pod.preexisting) {
            let (Some(node), Some(scheduled), Some(starting), Some(ready)) = (pod.node, pod.scheduled, pod.starting, pod.ready) else { continue };
            let stages = split(pod, self.supply.instances.get(&id).map(|instance| instance.stages), scheduled, starting, ready);
            by_workload[place(self.plan, pod)].add(stages);
            by_tier[self.plan.nodes[node].tier.index()].add(stages);
        }
        (by_workload.into_iter().map(Sums::summary).collect(), by_tier.into_iter().map(Sums::summary).collect())
    }
}

/// The total, then what it consists of. What no stage accounts for is unsplit, so that the parts add up.
fn split(pod: &Pod, times: Option<StageTimes>, scheduled: Time, starting: Time, ready: Time) -> [Span; 10] {
    let times = times.unwrap_or_default();
    let after_binding = starting - scheduled;
    // A machine starts a pod when it binds it, and the kubelet's delay comes after; a virtual node calls its provider after that delay.
    let creation = Span::from_nanos(after_binding.as_nanos().saturating_sub(times.scheduling.as_nanos()));
    let parts = [scheduled - pod.created, times.scheduling, creation, times.sandbox, times.pull, times.application, times.readiness, times.load_balancer];
    let known: u64 = parts.iter().map(|part| part.as_nanos()).sum();
    let total = ready - pod.created;
    let unsplit = Span::from_nanos(total.as_nanos().saturating_sub(known));
    let [pending, scheduling, creation, sandbox, pull, application, readiness, load_balancer] = parts;
    [total, pending, scheduling, creation, sandbox, pull, application, readiness, load_balancer, unsplit]
}
