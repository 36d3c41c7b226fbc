//! Machines of pools that come from the spot market: told of their end, emptied and taken back.

use super::Simulation;
use super::nodes::RECLAIMED;
use crate::cluster::NodeStatus;
use crate::engine::{Event, MachineEvent};
use crate::id::Id;
use crate::observe::Decision;
use crate::plan::{Node, NodePool, SpotTerms};
use crate::random::exp1;
use crate::supply::end_of;
use crate::units::Time;

impl Simulation<'_> {
    /// Schedules what is known ahead about spot machines: the ends of those that are there at the start, and changes of stock.
    pub(super) fn start_spot_machines(&mut self) {
        for life in 0..self.fleet.lives.len() as u32 {
            let Some(pool) = self.fleet.pool_of(self.fleet.lives[life as usize].node) else { continue };
            let name = format!("{}/spot-at-start", self.plan.pools[pool].name);
            self.plan_machine_end(life, &name, u64::from(life));
        }
        for (id, pool) in self.plan.pools.iter().filter(|(_, pool)| pool.spot.is_some()) {
            let mut changes: Vec<Time> = pool.offers.iter().flat_map(|offer| offer.stock.iter().map(|level| level.0)).collect();
            changes.sort_unstable();
            changes.dedup();
            for at in changes {
                self.push_in_run(at, Event::Machine(MachineEvent::Stock(id.index() as u32)));
            }
        }
    }

    fn spot_terms(&self, node: Id<Node>) -> Option<SpotTerms> {
        self.plan.pools[self.fleet.pool_of(node)?].spot
    }

    /// Plans the end of a machine that was just asked for, if it is a spot machine: the `number`-th draw of a stream says what chance does.
    pub(super) fn plan_machine_end(&mut self, life: u32, stream: &str, number: u64) {
        let machine = self.fleet.lives[life as usize];
        let Some(terms) = self.spot_terms(machine.node) else { return };
        let plan = self.plan;
        let pools = plan.pools.values();
        let Some(offer) = pools.flat_map(|pool| &pool.offers).find(|offer| offer.places.contains(&machine.node.index())) else { return };
        let chance = exp1(&mut self.streams.indexed(stream, number));
        if let Some(end) = end_of(&offer.spot_steps(), &terms, machine.asked, chance) {
            self.push_in_run(end.notice, Event::Machine(MachineEvent::Notice(life)));
            self.push_in_run(end.at, Event::Machine(MachineEvent::Reclaim(life)));
        }
    }

    /// A machine learns of its end: its node takes no more pods, and those that it has are moved as far as budgets and time allow. One that is no ready node
    /// yet is given back at once.
    pub(super) fn machine_noticed(&mut self, node: Id<Node>) {
        let Some(terms) = self.spot_terms(node) else { return };
        self.decide(Decision::Node { node, what: "SpotToBeReleased", reason: format!("the spot market takes it back in {}", terms.notice) });
        match self.nodes[node.index()].status {
            NodeStatus::Ready => {
                self.try_to_empty(node, self.now.saturating_add(terms.notice));
                self.begin_release(node, "the spot market takes it back".to_owned());
            }
            // Nobody waits for a machine whose end is known.
            NodeStatus::Provisioning | NodeStatus::NotReady => {
                self.release_node(node, RECLAIMED, "the spot market takes it back before it is ready".to_owned());
            }
            NodeStatus::Absent | NodeStatus::Leaving => {}
        }
    }

    /// The market has fewer or more machines: what it has no longer is taken back, the longest running first, but nothing within its protection. If only that
    /// is left, the market is looked at again when the first of it may go.
    pub(super) fn pool_stock_changed(&mut self, id: Id<NodePool>) {
        let pool = &self.plan.pools[id];
        let Some(terms) = pool.spot else { return };
        let mut again = None;
        for offer in &pool.offers {
            let Some(stock) = offer.stock_at(self.now) else { continue };
            let lives = offer.nodes().filter_map(|node| self.fleet.life_of(node)).map(|life| (self.fleet.lives[life as usize].asked, life));
            // Those that an earlier change doomed go anyway.
            let mut staying: Vec<(Time, u32)> = lives.filter(|(_, life)| !self.fleet.lives[*life as usize].is_doomed).collect();
            staying.sort_unstable();
            let mut surplus = staying.len().saturating_sub(stock as usize);
            for (asked, life) in staying {
                let safe_until = asked.saturating_add(terms.protection);
                if surplus == 0 {
                    break;
                }
                if safe_until > self.now.saturating_add(terms.notice) {
                    again = again.into_iter().chain([safe_until]).min();
                    continue;
                }
                surplus -= 1;
                self.fleet.lives[life as usize].is_doomed = true;
                self.push_in_run(self.now, Event::Machine(MachineEvent::Notice(life)));
                self.push_in_run(self.now.saturating_add(terms.notice).max(safe_until), Event::Machine(MachineEvent::Reclaim(life)));
            }
        }
        if let Some(at) = again {
            self.push_in_run(Time::from_nanos(at.as_nanos() - terms.notice.as_nanos()), Event::Machine(MachineEvent::Stock(id.index() as u32)));
        }
    }
}
