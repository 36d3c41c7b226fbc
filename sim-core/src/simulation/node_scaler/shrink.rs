//! Pools shrink by nodes that nobody needs.

use super::super::Simulation;
use super::super::fleet::PoolState;
use super::Unneeded;
use super::snapshot::Snapshot;
use crate::autoscaling::nodes::{Removable, Removal, cooldown, removals, utilization};
use crate::cluster::{NodeStatus, Pod};
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{Node, NodeKind, PoolShrink};
use crate::units::Resources;

impl Simulation<'_> {
    /// Finds out which nodes nobody needs, and releases those that have not been needed for long enough.
    pub(super) fn shrink_pools(&mut self) {
        self.find_unneeded();
        let rules = &self.plan.node_scaling.shrink;
        let scaler = &self.node_scaler;
        if cooldown(rules, self.now, scaler.added, scaler.deleted, scaler.failed).is_some() {
            return;
        }
        let mut nodes: Vec<(Id<Node>, Removable)> = Vec::new();
        for (node, unneeded) in &scaler.unneeded {
            let (Some(pool), NodeKind::Machine(machine)) = (self.fleet.pool_of(*node), &self.plan.nodes[*node].kind) else { continue };
            let is_ready = !self.is_down(*node);
            let removable = Removable { pool: pool.index(), is_empty: unneeded.is_empty, is_ready, since: unneeded.since, capacity: machine.capacity };
            nodes.push((*node, removable));
        }
        nodes.sort_by_key(|(node, removable)| (removable.since, *node));
        if nodes.is_empty() {
            return;
        }
        let (plan, states) = (self.plan.pools.values(), &self.fleet.pools);
        // What is still on its way may fail: a pool has its minimum without it.
        let size = |state: &PoolState| state.count(NodeStatus::Ready);
        let pools: Vec<(PoolShrink, u32, u32)> = plan.zip(states).map(|(pool, state)| (pool.shrink, size(state), pool.min)).collect();
        let on_their_way = states.iter().map(|state| state.count(NodeStatus::Leaving)).sum();
        let (cpu, memory) = self.installed();
        let (least_cpu, least_memory) = (self.plan.node_scaling.cpu_milli.0, self.plan.node_scaling.memory_bytes.0);
        let spare = (cpu.saturating_sub(least_cpu), memory.saturating_sub(least_memory));
        let views: Vec<Removable> = nodes.iter().map(|entry| entry.1).collect();
        let verdicts = removals(rules, &views, &pools, (on_their_way, scaler.drains.len() as u32), spare, self.now);
        for ((node, removable), verdict) in nodes.into_iter().zip(verdicts) {
            if verdict == Removal::Goes {
                self.release_unneeded(node, removable);
            }
        }
    }

    fn release_unneeded(&mut self, node: Id<Node>, removable: Removable) {
        let wait = self.now.since(removable.since);
        let reason = match (removable.is_ready, removable.is_empty) {
            (false, _) => format!("not ready for {wait}"),
            (true, true) => format!("empty, and not needed for {wait}"),
            (true, false) => format!("not needed for {wait}: its pods fit elsewhere"),
        };
        self.node_scaler.deleted = Some(self.now);
        self.node_scaler.unneeded.remove(&node);
        if !removable.is_ready {
            return self.release_node(node, "unready", reason);
        }
        if !removable.is_empty {
            let until = self.now.saturating_add(self.plan.node_scaling.shrink.eviction_time);
            self.node_scaler.drains.insert(node, until);
        }
        self.begin_release(node, reason);
    }

    /// Brings the list of nodes that nobody needs up to date.
    fn find_unneeded(&mut self) {
        let now = self.now;
        let is_due = self.node_scaler.recheck.values().any(|until| *until <= now);
        // Nothing has changed that could make a difference.
        if self.node_scaler.seen == Some(self.node_changes.now()) && !is_due && self.plan.disruption_budgets.is_empty() {
            return;
        }
        self.node_scaler.seen = Some(self.node_changes.now());
        self.node_scaler.recheck.retain(|_, until| *until > now);
        let mut found: Vec<(Id<Node>, bool)> = Vec::new();
        let mut recheck = Vec::new();
        {
            let mut snapshot = self.snapshot();
            let mut left: Vec<i64> = self.disruptions_allowed().into_iter().map(i64::from).collect();
            let (empty, held) = self.shrink_candidates(&snapshot);
            for node in empty {
                snapshot.open(node, false);
                found.push((node, true));
            }
            let limit = self.plan.node_scaling.shrink.candidates as usize;
            let mut taken = 0;
            for node in held {
                if taken >= limit {
                    break;
                }
                if self.can_empty(&mut snapshot, &mut left, node) {
                    found.push((node, false));
                    taken += 1;
                } else {
                    recheck.push(node);
                }
            }
        }
        let until = now.saturating_add(self.plan.node_scaling.shrink.recheck);
        self.node_scaler.recheck.extend(recheck.into_iter().map(|node| (node, until)));
        let before = std::mem::take(&mut self.node_scaler.unneeded);
        for (node, is_empty) in found {
            let since = before.get(&node).map_or(now, |known| known.since);
            if !before.contains_key(&node) {
                let reason = if is_empty { "no pods" } else { "little is requested of it, and its pods fit elsewhere" };
                self.decide(Decision::Node { node, what: "unneeded", reason: reason.to_owned() });
            }
            self.node_scaler.unneeded.insert(node, Unneeded { since, is_empty });
        }
    }

    /// Nodes that may be unneeded: those without pods, and those of which little is requested, known ones first.
    fn shrink_candidates(&self, snapshot: &Snapshot<'_>) -> (Vec<Id<Node>>, Vec<Id<Node>>) {
        let rules = &self.plan.node_scaling.shrink;
        let gpu = self.plan.extended_resources.iter().position(|name| name.ends_with("/gpu"));
        let (mut empty, mut held) = (Vec::new(), Vec::new());
        for pool in self.plan.pools.values().filter(|pool| !pool.shrink.disabled) {
            for node in pool.offers.iter().flat_map(crate::plan::Offer::nodes) {
                let state = &self.nodes[node.index()];
                let is_down = self.is_down(node);
                if state.status != NodeStatus::Ready || is_down && !rules.unready || self.node_scaler.recheck.contains_key(&node) {
                    continue;
                }
                let NodeKind::Machine(machine) = &self.plan.nodes[node].kind else { continue };
                let daemons = if rules.ignores_daemons { machine.daemons.requests } else { Resources::default() };
                let allocatable = state.allocatable.unwrap_or_default().saturating_sub(daemons);
                let is_low = is_down || utilization(snapshot.requested(node).saturating_sub(daemons), allocatable, gpu).is_low(&pool.shrink);
                if !is_low {
                    continue;
                }
                if is_down || self.movable(node).next().is_none() { empty.push(node) } else { held.push(node) }
            }
        }
        let is_new = |node: &Id<Node>| !self.node_scaler.unneeded.contains_key(node);
        held.sort_by_key(|node| (is_new(node), *node));
        let known = held.iter().filter(|node| !is_new(node)).count();
        let all = held.len() as f64;
        let more = ((all * rules.pool_ratio).ceil() as usize).max(rules.pool_minimum as usize);
        held.truncate(known + more);
        (empty, held)
    }

    /// Pods of a node that have to go elsewhere before it is released.
    fn movable(&self, node: Id<Node>) -> impl Iterator<Item = (Id<Pod>, &Pod)> {
        let cutoff = self.plan.node_scaling.expendable_below;
        let pods = self.fleet.pods_on(node).iter().map(|id| (*id, &self.pods[*id]));
        pods.filter(move |(_, pod)| pod.is_active() && self.plan.template(pod.class).priority >= cutoff)
    }

    /// Whether all pods of a node may move and find room elsewhere; then the snapshot has them there, and the node takes no others.
    fn can_empty(&self, snapshot: &mut Snapshot<'_>, left: &mut Vec<i64>, node: Id<Node>) -> bool {
        let pods: Vec<(Id<Pod>, usize)> = self.movable(node).map(|(id, pod)| (id, pod.class)).collect();
        let mut budgets = left.clone();
        if pods.iter().any(|(pod, _)| !self.may_move(*pod, &mut budgets)) {
            return false;
        }
        snapshot.open(node, false);
        for (_, class) in &pods {
            snapshot.take(*class, node);
        }
        let mut moved = Vec::new();
        for (_, class) in &pods {
            let elsewhere = self.plan.nodes.ids().find(|other| self.nodes[other.index()].status.takes_pods() && snapshot.fits(*class, *other));
            let Some(other) = elsewhere else {
                for (class, other) in moved {
                    snapshot.take(class, other);
                }
                for (_, class) in &pods {
                    snapshot.place(*class, node);
                }
                snapshot.open(node, true);
                return false;
            };
            snapshot.place(*class, other);
            moved.push((*class, other));
        }
        *left = budgets;
        true
    }

    /// Whether a pod may be moved to release its node; takes its share of the budgets that cover it.
    fn may_move(&self, id: Id<Pod>, left: &mut [i64]) -> bool {
        let rules = &self.plan.node_scaling.shrink;
        let pod = &self.pods[id];
        let template = self.plan.template(pod.class);
        let mut is_covered = false;
        for (budget, left) in self.plan.disruption_budgets.iter().zip(left) {
            if self.is_covered(budget, pod) {
                is_covered = true;
                *left -= 1;
                if *left < 0 {
                    return false;
                }
            }
        }
        match template.moving.safe_to_evict {
            Some(is_safe) => is_safe,
            None => {
                !(rules.keeps_local_storage && template.moving.local_storage) && (is_covered || !rules.keeps_system_pods || template.namespace != "kube-system")
            }
        }
    }
}
