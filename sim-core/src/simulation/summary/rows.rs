//! Pods and nodes as rows of the record.

use super::super::{Simulation, place};
use crate::cluster::{Cause, NodeStatus, Owner, Phase, Pod};
use crate::id::Id;
use crate::ledger::{Life, Names};
use crate::plan::{Node, NodeKind};
use crate::record::{NodeRow, StageCell, StageTimes};
use crate::units::{Resources, Span};

impl Simulation<'_> {
    pub(in crate::simulation) fn pod_name(&self, pod: &Pod) -> String {
        let name = self.plan.workload_name(place(self.plan, pod));
        match pod.owner {
            Owner::Service(_) => format!("{name}-{}", pod.number),
            Owner::Job { run, .. } => format!("{name}-{run}-{}", pod.number),
        }
    }

    /// A pod's life, now that it is over.
    pub(super) fn life(&self, id: Id<Pod>, pod: &Pod, names: &mut Names) -> Life {
        let times = self.supply.instances.get(&id).filter(|instance| instance.is_staged && pod.ready.is_some()).map(|instance| &instance.stages);
        let provisioning = self.provisioning_of(pod).map_or_else(StageCell::default, StageCell::of);
        let stages = (times.is_some() || provisioning != StageCell::default()).then(|| {
            let stage = |of: fn(&StageTimes) -> Span| times.map_or_else(StageCell::default, |times| StageCell::of(of(times)));
            let [scheduling, sandbox, pull] = [stage(|times| times.scheduling), stage(|times| times.sandbox), stage(|times| times.pull)];
            let [application, readiness] = [stage(|times| times.application), stage(|times| times.readiness)];
            Box::new([scheduling, sandbox, pull, application, readiness, stage(|times| times.load_balancer), provisioning])
        });
        let run = if let Owner::Job { run, .. } = pod.owner { Some(run) } else { None };
        let used = self.used_milli_ns(pod);
        Life {
            used_milli_ns: [(used >> 64) as u64, used as u64],
            workload: place(self.plan, pod) as u32,
            run,
            number: pod.number,
            class: pod.class as u32,
            node: pod.node,
            zone: names.keep(self.zone_of(pod)),
            spec: names.keep(&self.spec_name(pod)),
            reason: match pod.phase {
                Phase::Pending => names.keep(self.refused[pod.class].as_deref().unwrap_or_default()),
                _ => names.keep(pod.cause.map_or("", Cause::name)),
            },
            phase: pod.phase,
            preexisting: pod.preexisting,
            cause: pod.cause,
            created: pod.created,
            scheduled: pod.scheduled,
            starting: pod.starting,
            ready: pod.ready,
            terminating: pod.terminating,
            ended: pod.ended,
            stopped: self.faults.stopped.get(&id).copied(),
            stages,
        }
    }

    /// What a pod's instance is called.
    pub(super) fn spec_name(&self, pod: &Pod) -> String {
        match (pod.spec.as_deref(), pod.node.map(|node| &self.plan.nodes[node].kind)) {
            (Some(spec), Some(NodeKind::Virtual(node))) => self.plan.providers[node.provider].spec_name(*spec),
            _ => String::new(),
        }
    }

    /// The condition of a node, as `kubectl get nodes` shows it.
    fn status_of(&self, id: Id<Node>) -> String {
        match self.nodes[id.index()].status {
            NodeStatus::NotReady | NodeStatus::Ready => {}
            other => return other.name().to_owned(),
        }
        let is_silent = self.faults.nodes.get(id.index()).is_some_and(|health| health.not_ready);
        let is_registered = if let NodeKind::Virtual(node) = &self.plan.nodes[id].kind { node.from <= self.now } else { true };
        let condition = match (is_registered, is_silent) {
            (false, _) => return "NotRegistered".to_owned(),
            (true, false) if self.nodes[id.index()].status == NodeStatus::Ready => "Ready",
            (true, _) => "NotReady",
        };
        if self.node_objects[id].unschedulable { format!("{condition},SchedulingDisabled") } else { condition.to_owned() }
    }

    pub(super) fn node_row(&self, id: Id<Node>) -> NodeRow {
        let (node, state) = (&self.plan.nodes[id], &self.nodes[id.index()]);
        let allocatable = state.allocatable.unwrap_or_default();
        // What DaemonSets request of a place without a machine is nothing yet, or nothing any more.
        let (pods, requested) = if state.status.is_registered() { (state.pods, state.requested) } else { (0, Resources::default()) };
        NodeRow {
            node: node.name.clone(),
            tier: self.plan.tiers[node.tier].name.clone(),
            zone: node.zone.clone(),
            pods,
            peak_pods: state.peak_pods,
            cpu_requested_milli: requested.cpu.0,
            cpu_allocatable_milli: allocatable.cpu.0,
            cpu_requested_percent: percent(requested.cpu.0, allocatable.cpu.0),
            memory_requested: requested.memory.0,
            memory_allocatable: allocatable.memory.0,
            memory_requested_percent: percent(requested.memory.0, allocatable.memory.0),
            status: self.status_of(id),
            pool: self.fleet.pool_of(id).map_or_else(String::new, |pool| self.plan.pools[pool].name.clone()),
            machines: self.fleet.machines_of(id),
        }
    }
}

/// `part` of `whole` in percent with two decimals, rounded half up in integers; empty without a whole.
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return String::new();
    }
    let hundredths = (u128::from(part) * 20_000 + u128::from(whole)) / (2 * u128::from(whole));
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
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
