//! Nodes that come and go: the one place where a node's status changes, and the life of a pool's machines.

use super::Simulation;
use crate::autoscaling::nodes::Backoff;
use crate::cluster::{Cause, NodeStatus, Pod};
use crate::engine::{Event, MachineEvent};
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{Node, NodePool};
use crate::random::unit;
use crate::units::{Span, Time};

/// Why a machine went that the spot market took back.
pub(super) const RECLAIMED: &str = "spot reclaim";

impl Simulation<'_> {
    /// Changes a node's status and tells everybody whom it concerns. A node leaves the cluster without pods.
    pub(super) fn set_node_status(&mut self, node: Id<Node>, status: NodeStatus) {
        let before = std::mem::replace(&mut self.nodes[node.index()].status, status);
        if before == status {
            return;
        }
        self.node_changed(node);
        self.fleet.changed(node, before, status, self.now);
        match (before.is_registered(), status.is_registered()) {
            (false, true) => {
                self.registered_nodes += 1;
                self.neighbours.node_came(node);
            }
            (true, false) => {
                self.registered_nodes -= 1;
                self.neighbours.node_left(node);
            }
            _ => {}
        }
        if status.takes_pods() {
            self.wake_scheduler();
        } else {
            self.check_held_places();
        }
    }

    /// Asks the provider for machines of a pool. Gives the number that it has; without the others the pool is left alone for a while.
    pub(super) fn ask_for_machines(&mut self, pool: Id<NodePool>, count: u32) -> u32 {
        let places = self.next_places(pool, count, Some(self.now));
        let found = places.len() as u32;
        for node in places {
            self.ask_for_machine(pool, node);
        }
        if found < count {
            self.fleet.pools[pool.index()].lacking += count - found;
            self.back_off(pool, format!("the provider has {found} of {count} machines"));
        }
        found
    }

    fn ask_for_machine(&mut self, id: Id<NodePool>, node: Id<Node>) {
        let plan = self.plan;
        let pool = &plan.pools[id];
        let number = u64::from(self.fleet.pools[id.index()].asked);
        let life = self.fleet.asked(node, self.now);
        self.set_node_status(node, NodeStatus::Provisioning);
        // A stream per machine: the n-th machine of a pool has the same luck in every variant of a scenario.
        let mut luck = self.streams.indexed(&format!("{}/machine", pool.name), number);
        let fails = unit(&mut luck) < pool.failure_rate;
        let [registered, ready] = [&pool.provisioning, &pool.readiness].map(|time| Span::from_secs_f64(time.sample(&mut luck)));
        if !fails {
            let registered = self.now.saturating_add(registered);
            if ready.is_zero() {
                self.push_in_run(registered, Event::Machine(MachineEvent::Ready(life)));
            } else {
                self.push_in_run(registered, Event::Machine(MachineEvent::Registered(life)));
                self.push_in_run(registered.saturating_add(ready), Event::Machine(MachineEvent::Ready(life)));
            }
        }
        self.plan_machine_end(life, &format!("{}/spot", pool.name), number);
        self.decide(Decision::Node { node, what: "requested", reason: format!("machine {} of {}", number + 1, pool.name) });
    }

    pub(super) fn machine_event(&mut self, event: MachineEvent) {
        let life = match event {
            MachineEvent::Stock(pool) => return self.pool_stock_changed(Id::new(pool as usize)),
            MachineEvent::Registered(life)
            | MachineEvent::Ready(life)
            | MachineEvent::Evict(life)
            | MachineEvent::Notice(life)
            | MachineEvent::Reclaim(life) => life,
        };
        let machine = self.fleet.lives[life as usize];
        let node = machine.node;
        // The machine may have been given up, and its place taken by another.
        if self.fleet.life_of(node) != Some(life) {
            return;
        }
        let status = self.nodes[node.index()].status;
        if matches!(event, MachineEvent::Registered(_) | MachineEvent::Ready(_)) && self.waits_to_be_heard(node, event) {
            return;
        }
        match event {
            MachineEvent::Registered(_) if status == NodeStatus::Provisioning => self.set_node_status(node, NodeStatus::NotReady),
            MachineEvent::Ready(_) if matches!(status, NodeStatus::Provisioning | NodeStatus::NotReady) => {
                self.fleet.upcoming.remove(&life);
                self.fleet.lives[life as usize].ready = Some(self.now);
                let wait = self.now.since(machine.asked);
                if let Some(pool) = self.fleet.pool_of(node) {
                    self.fleet.pools[pool.index()].waits.push((self.now, wait));
                }
                self.decide(Decision::Node { node, what: "ready", reason: format!("{wait} after it was asked for") });
                self.set_node_status(node, NodeStatus::Ready);
            }
            MachineEvent::Evict(_) if status == NodeStatus::Leaving => self.empty_node(node),
            MachineEvent::Notice(_) => self.machine_noticed(node),
            MachineEvent::Reclaim(_) => self.release_node(node, RECLAIMED, "the spot market took it back".to_owned()),
            MachineEvent::Registered(_) | MachineEvent::Ready(_) | MachineEvent::Evict(_) | MachineEvent::Stock(_) => {}
        }
    }

    /// Gives up machines that have not become ready nodes in time.
    pub(super) fn give_up_late_machines(&mut self) {
        let late = |life: &u32| {
            let machine = &self.fleet.lives[*life as usize];
            let wait = self.fleet.pool_of(machine.node).map_or(Span::ZERO, |pool| self.plan.pools[pool].max_provision_time);
            machine.asked.saturating_add(wait) <= self.now
        };
        let late: Vec<u32> = self.fleet.upcoming.iter().copied().filter(late).collect();
        for life in late {
            let node = self.fleet.lives[life as usize].node;
            let Some(pool) = self.fleet.pool_of(node) else { continue };
            self.fleet.pools[pool.index()].failed += 1;
            let wait = self.plan.pools[pool].max_provision_time;
            self.release_node(node, "not ready in time", format!("not ready {wait} after it was asked for"));
            self.back_off(pool, format!("{} did not become ready", self.plan.nodes[node].name));
        }
    }

    fn back_off(&mut self, pool: Id<NodePool>, reason: String) {
        let state = &mut self.fleet.pools[pool.index()];
        let before = state.backoff;
        let after = Backoff::after(before, self.plan.node_scaling.backoff, self.now);
        state.backoff = Some(after);
        if before.is_none_or(|before| before.until != after.until) {
            self.decide(Decision::BackedOff { pool, reason, until: after.until });
        }
    }

    /// Begins to empty a node, which is released when its last pod is gone.
    pub(super) fn begin_release(&mut self, node: Id<Node>, reason: String) {
        self.set_node_status(node, NodeStatus::Leaving);
        if self.fleet.pods_on(node).is_empty() {
            self.release_node(node, "scale-in", reason);
        } else {
            self.decide(Decision::Node { node, what: "drained", reason });
            self.empty_node(node);
        }
    }

    /// Evicts what is left on a node, and comes back for what budgets protect now.
    fn empty_node(&mut self, node: Id<Node>) {
        /// How long cluster-autoscaler waits between two attempts.
        const RETRY: Span = Span::from_secs(10);
        let left: Vec<Id<Pod>> = self.fleet.pods_on(node).iter().copied().filter(|pod| self.pods[*pod].is_active()).collect();
        let mut refused = None;
        for pod in left {
            match self.protected_by(pod) {
                None => self.evict(pod, Cause::NodeScaleIn),
                Some(budget) => refused = refused.or(Some(budget)),
            }
        }
        let (Some(budget), Some(life)) = (refused, self.fleet.life_of(node)) else { return };
        if self.drain_gave_up(node) {
            self.decide(Decision::Node { node, what: "kept", reason: format!("the disruption budget {budget} allowed no eviction in time") });
            self.set_node_status(node, NodeStatus::Ready);
        } else {
            self.push_in_run(self.now + RETRY, Event::Machine(MachineEvent::Evict(life)));
        }
    }

    /// Releases a node that was being emptied, once it is.
    pub(super) fn release_if_empty(&mut self, node: Id<Node>) {
        if self.nodes[node.index()].status == NodeStatus::Leaving && self.fleet.pods_on(node).is_empty() {
            self.release_node(node, "scale-in", "its pods are gone".to_owned());
        }
    }

    /// Gives a machine back. Whatever is still on it is lost.
    pub(super) fn release_node(&mut self, node: Id<Node>, went: &'static str, reason: String) {
        let Some(life) = self.fleet.life_of(node) else { return };
        // From here on the node is on its way whatever happens to its pods.
        self.fleet.lives[life as usize].released = Some(self.now);
        self.fleet.lives[life as usize].went = went;
        self.fleet.upcoming.remove(&life);
        let cause = if went == RECLAIMED { Cause::SpotReclaim } else { Cause::NodeFailure };
        for pod in self.fleet.pods_on(node).to_vec() {
            self.lose(pod, cause);
        }
        if let Some(pool) = self.fleet.pool_of(node) {
            self.fleet.pools[pool.index()].released += 1;
        }
        self.node_released(node);
        self.decide(Decision::Node { node, what: "released", reason });
        self.set_node_status(node, NodeStatus::Absent);
        self.forget_machine(node);
        let images: Vec<(Id<Node>, u32)> = self.supply.images.range((node, 0)..=(node, u32::MAX)).map(|entry| *entry.0).collect();
        for image in images {
            self.supply.images.remove(&image);
        }
        // The next machine in its place is new.
        let fresh = &self.plan.nodes[node];
        if self.node_objects[node].unschedulable != fresh.unschedulable || self.node_objects[node].labels != fresh.labels {
            self.node_objects.to_mut()[node] = fresh.clone();
            self.nodes_changed();
        }
    }

    /// Since when a machine is on its way that a pod of a class could go to; none if there is none.
    pub(super) fn awaited_since(&self, class: usize) -> Option<Time> {
        let lives = self.fleet.upcoming.iter().map(|life| &self.fleet.lives[*life as usize]);
        lives.filter(|life| self.candidates[class].holds(life.node)).map(|life| life.asked).min()
    }
}
